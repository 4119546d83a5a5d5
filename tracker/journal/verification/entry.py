"""One entry against itself: bytes, hash, columns, slots and disclosures (docs/journal.md, RFC 8785, RFC 9901)."""

import base64
import binascii
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

from tracker.journal.entries import ENVELOPE, canonical, plain
from tracker.journal.kinds import VERSION, Kind, kind_named
from tracker.journal.verification.rows import Told

KEYS = {"_sd_alg", "f", "id", "kind", "op", "prev", "rev", "v"}
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
DIGEST = 43  # characters of 32 bytes in base64url without padding
SALT = 16  # bytes: RFC 9901 §9.3 asks for 128 bits

Decided = Callable[[], set[str]]


def _no_float(text: str) -> NoReturn:
    raise ValueError(f"{text} is no value of ours")


_decode = json.JSONDecoder(parse_float=_no_float, parse_constant=_no_float).decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def _is_canonical(parsed: Any, text: str) -> bool:
    """RFC 8785. The encoder in C writes the same for everything of ours; what differs goes to the whole standard."""
    return _encode(parsed) == text or canonical(parsed).decode() == text


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    """base64url without padding in its one spelling; ValueError for anything else."""
    if not BASE64URL.fullmatch(text):
        raise ValueError("no base64url")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise ValueError("no base64url") from None
    if _b64(raw) != text:
        raise ValueError("another spelling of base64url")
    return raw


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
        match slot:
            case [{"...": str(digest), **more}] if not more and len(digest) == DIGEST:
                found[name] = digest
            case _:
                return f"its slot {name} is not one digest in RFC 9901's form."
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
    """Fields that its kind has today and that it does not commit to."""
    kind = _kind(body)
    return set() if kind is None else {*ENVELOPE, *kind.fields} - {*slots}


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
        digest = _b64(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
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
    try:
        salt = unpacked(parts[0])
    except ValueError:
        salt = b""
    if len(salt) < SALT:
        raise ValueError("has a salt of fewer than 128 bits")
    if not unicodedata.is_normalized("NFC", inside):
        raise ValueError("holds a text that is not in NFC")
    return parts[1]


def of_values(told: Told, disclosed: Mapping[str, str]) -> Iterator[str]:
    """Each disclosure is well formed; the time and the actor beside the entry are the disclosed ones."""
    columns = {"at": told.at, "by": told.actor}
    for name, text in disclosed.items():
        try:
            value = opened(text)
        except ValueError as fault:
            yield f"the disclosure of {name} {fault}."
            continue
        if name in columns and value != plain(columns[name]):
            column = "at" if name == "at" else "actor"
            yield f"its column {column} says “{plain(columns[name])}”, its disclosure says “{value}”."
