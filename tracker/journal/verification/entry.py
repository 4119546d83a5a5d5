"""One entry against itself: bytes, hash, columns, slots and disclosures (docs/journal.md, RFC 8785, RFC 9901)."""

import binascii
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from json.scanner import make_scanner
from typing import Any, NoReturn, cast

from tracker.journal.entries import ENVELOPE, canonical, plain
from tracker.journal.kinds import VERSION, Kind, kind_named
from tracker.journal.verification.rows import Told

KEYS = {"_sd_alg", "f", "id", "kind", "op", "prev", "rev", "v"}
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
DIGEST = 43  # characters of 32 bytes in base64url without padding
SALT = 22  # characters of base64url for the 128 bits that RFC 9901 §9.3 asks for
# The last characters whose unused bits are zero, by how many characters stand in the last group of four.
LAST: tuple[frozenset[str] | None, ...] = (
    None,
    frozenset(),
    frozenset("AQgw"),
    frozenset("AEIMQUYcgkosw048"),
)
_TO_URL, _FROM_URL = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")

Decided = Callable[[], set[str]]


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is no value of ours")


_decoder = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float)
_scan = make_scanner(cast(Any, _decoder))
_decode = _decoder.decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def _is_canonical(parsed: Any, text: str) -> bool:
    """RFC 8785. The encoder in C writes the same for everything of ours; what differs goes to the whole standard."""
    return _encode(parsed) == text or canonical(parsed).decode() == text


def unpacked(text: str) -> bytes:
    """base64url without padding in its one spelling; ValueError for anything else."""
    last = LAST[len(text) % 4]
    if not BASE64URL.fullmatch(text) or (last is not None and text[-1] not in last):
        raise ValueError("no base64url, or another spelling of it")
    return binascii.a2b_base64(text.encode().translate(_FROM_URL) + b"=" * (-len(text) % 4))


def digest_of(text: str) -> str:
    """RFC 9901 §4.2.3: SHA-256 over the disclosure as it is written, in base64url."""
    raw = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return binascii.b2a_base64(raw, newline=False).translate(_TO_URL)[:DIGEST].decode()


def parsed(body: bytes) -> dict[str, Any] | str:
    """The entry as canonical JSON of the declared shape, or what is wrong with it."""
    try:
        text = body.decode()
        found = _decode(text)
        good = isinstance(found, dict) and found.keys() == KEYS and _is_canonical(found, text)
    except (ValueError, RecursionError):
        return "its bytes are not canonical JSON (RFC 8785)."
    if not good:
        return "its bytes are not canonical JSON of the declared shape."
    types = {"f": dict, "id": str, "kind": str, "op": str, "prev": str | None, "rev": int}
    if not all(isinstance(found[name], wanted) for name, wanted in types.items()):
        return "its bytes are not canonical JSON of the declared shape."
    if found["_sd_alg"] != "sha-256" or found["v"] != VERSION:
        return "its bytes are of a version that was never written."
    return found


def slots_of(body: Mapping[str, Any]) -> dict[str, str] | str:
    """Digest by field, or what is wrong."""
    found = {}
    for name, slot in body["f"].items():
        inside = slot[0] if type(slot) is list and len(slot) == 1 else None
        digest = inside.get("...") if type(inside) is dict and len(inside) == 1 else None
        if type(digest) is not str or len(digest) != DIGEST:
            return f"its slot {name} is not one digest in RFC 9901's form."
        found[name] = digest
    if len(set(found.values())) != len(found):
        return "two of its slots hold the same digest, which RFC 9901 forbids."
    return found


def of_columns(told: Told, body: Mapping[str, Any]) -> Iterator[str]:
    """The columns say what the bytes say."""
    said = {"kind": told.kind, "op": told.op, "rev": told.rev, "id": str(told.record)}
    for name, column in said.items():
        if body[name] != column or type(body[name]) is not type(column):
            yield f"its column {'record' if name == 'id' else name} says “{column}”, its bytes say “{body[name]}”."
    if not isinstance(told.rev, int):
        return  # said above
    if told.rev == 1:
        if body["prev"] is not None:
            yield "it is the first of its record, and its bytes name one before it."
    elif told.previous is None:
        yield f"revision {told.rev - 1} of the record, which came before it, is gone."
    elif body["prev"] != told.previous:
        yield f"its bytes name another predecessor than revision {told.rev - 1} of the record, as it is now."


def _kind(body: Mapping[str, Any]) -> Kind | None:
    try:
        return kind_named(body["kind"])
    except (KeyError, TypeError):
        return None


def of_kind(body: Mapping[str, Any], slots: Mapping[str, str]) -> Iterator[str]:
    kind = _kind(body)
    if kind is None:
        yield f"nothing declares a kind “{body['kind']}”."
        return
    if body["op"] not in kind.ops:
        yield f"a {kind.name} knows no “{body['op']}”."
    for name in sorted({*slots} - {*ENVELOPE, *kind.fields}):
        yield f"a {kind.name} has no field “{name}”."


def lacks(body: Mapping[str, Any], slots: Mapping[str, str]) -> set[str]:
    """Fields that every entry of its kind has and that it does not commit to."""
    kind = _kind(body)
    return set() if kind is None else {*ENVELOPE, *kind.always} - {*slots}


def values_of(text: str | None) -> dict[str, str] | str:
    """The disclosures beside an entry by field; none are none. Or what is wrong with the whole row."""
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return "the row of its disclosures cannot be read."
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        return "the row of its disclosures is not one text per field."
    return found


def of_disclosures(
    slots: Mapping[str, str], disclosed: Mapping[str, str], decided: Decided
) -> Iterator[str]:
    """Every slot has its own disclosure and no other, unless a decision erased it."""
    owner = {digest: name for name, digest in slots.items()}
    if len(set(disclosed.values())) != len(disclosed):
        yield "the same disclosure lies there twice."
    for name, text in disclosed.items():
        digest = digest_of(text)
        if slots.get(name) == digest:
            continue
        if digest in owner:
            yield f"the disclosure of {owner[digest]} lies there as that of {name}."
        elif name in slots:
            yield f"the disclosure of {name} does not have the digest of its slot: the value or its salt was changed."
        else:
            yield f"a disclosure “{name}” lies there that no slot of it refers to."
    dropped = sorted(slots.keys() - disclosed.keys())
    if dropped:
        undecided = sorted(set(dropped) - decided())
        if undecided:
            yield f"the disclosure of {', '.join(undecided)} is gone, and no decision erased it."


def _is_salt(text: Any) -> bool:
    return type(text) is str and len(text) >= SALT and BASE64URL.fullmatch(text) is not None


def opened_together(disclosed: Mapping[str, str]) -> dict[str, Any] | None:
    """What `opened` says of every disclosure of an entry, many times faster; None where one of them breaks a rule.

    Each text is read by itself; only the writing again is done for all at once.
    """
    insides, found = [], []
    try:
        for text in disclosed.values():
            inside = unpacked(text).decode()
            parts, end = _scan(inside, 0)
            if end != len(inside) or type(parts) is not list or len(parts) != 2:
                return None
            if not _is_salt(parts[0]):
                return None
            insides.append(inside)
            found.append(parts)
        together = ",".join(insides)
        if _encode(found) != f"[{together}]":
            return None
    except (ValueError, RecursionError, StopIteration):
        return None
    if not together.isascii() and not all(unicodedata.is_normalized("NFC", i) for i in insides):
        return None
    return dict(zip(disclosed, (value for _, value in found), strict=True))


def opened(text: str) -> Any:
    """The value of a disclosure by the strict rules of RFC 9901 §4.2.2; ValueError with a clause for anything else."""
    try:
        inside = unpacked(text).decode()
        parts = _decode(inside)
        is_ours = _is_canonical(parts, inside)
    except (ValueError, RecursionError):
        is_ours = False
    if not is_ours:
        raise ValueError("is not base64url of canonical JSON")
    if not (isinstance(parts, list) and len(parts) == 2 and isinstance(parts[0], str)):
        raise ValueError("is not a salt and a value")
    if not _is_salt(parts[0]):
        raise ValueError("has a salt of fewer than 128 bits")
    if not unicodedata.is_normalized("NFC", inside):
        raise ValueError("holds a text that is not in NFC")
    return parts[1]


def of_values(told: Told, disclosed: Mapping[str, str]) -> Iterator[str]:
    """Each disclosure is well formed; the time and the actor beside the entry are the disclosed ones."""
    values = opened_together(disclosed)
    if values is None:
        values = {}
        for name, text in disclosed.items():
            try:
                values[name] = opened(text)
            except ValueError as fault:
                yield f"the disclosure of {name} {fault}."
    for name, column, says in (("at", "at", told.at), ("by", "actor", told.actor)):
        if name in values and values[name] != plain(says):
            yield f"its column {column} says “{plain(says)}”, its disclosure says “{values[name]}”."
