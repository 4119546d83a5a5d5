"""How an entry is written down: canonical JSON, one salted digest per field (RFC 8785, RFC 9901)."""

import base64
import hashlib
import json
import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785

from tracker.journal.kinds import VERSION, Kind
from tracker.shared.money import Money

SALT = 16  # bytes: the 128 bits that RFC 9901 recommends
ENVELOPE = ("at", "by")  # they lie in slots like every other field


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# The order matters: a bool is an int, a datetime is a date.
_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((bool, int, type(None)), lambda value: value),
    (str, lambda value: unicodedata.normalize("NFC", value)),
    (Money, lambda value: value.plain),
    (Decimal, lambda value: f"{value:f}"),
    (datetime, _instant),
    (date, date.isoformat),
    (UUID, str),
    (Mapping, lambda value: {str(key): plain(item) for key, item in value.items()}),
    ((list, tuple), lambda value: [plain(item) for item in value]),
)


def plain(value: Any) -> Any:
    """A value as the journal commits to it: no floats, decimals as text, NFC, UTC to the microsecond.

    A row of ours is written as its public identifier.
    """
    for kinds, writer in _WRITERS:
        if isinstance(value, kinds):
            return writer(value)
    if isinstance(getattr(value, "uid", None), UUID):
        return str(value.uid)
    raise TypeError(f"{value!r} ({type(value).__name__}) cannot go into the journal.")


_LARGEST_SAFE = 2**53 - 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical(value: Any) -> bytes:
    """The bytes of RFC 8785 (JCS) for a plain value.

    The C encoder writes the same bytes wherever no float, no large integer and no key beyond ASCII occurs (a test
    compares the two), and many times faster; everything else goes to the library that knows the whole standard.
    """
    return _quick(value) if _is_simple(value) else rfc8785.dumps(value)


def _quick(value: Any) -> bytes:
    return _encode(value).encode()


def _is_simple(value: Any) -> bool:
    if isinstance(value, str) or value is None or value is True or value is False:
        return True
    if isinstance(value, int):
        return -_LARGEST_SAFE <= value <= _LARGEST_SAFE
    if isinstance(value, list):
        return all(map(_is_simple, value))
    if isinstance(value, dict):
        return all(k.isascii() and _is_simple(v) for k, v in value.items())
    return False


@dataclass(frozen=True)
class Written:
    """An entry ready to be stored."""

    body: bytes
    leaf: str
    disclosures: dict[str, str]


def write(
    kind: Kind,
    *,
    record: UUID,
    op: str,
    rev: int,
    prev: str | None,
    fields: Mapping[str, Any],
) -> Written:
    """Commit to every field of the kind, to the time and to the actor, each in its own slot."""
    names = (*ENVELOPE, *kind.fields)
    salts = secrets.token_bytes(SALT * len(names))
    slots, disclosures = {}, {}
    for number, name in enumerate(names):
        salt = _b64(salts[number * SALT : (number + 1) * SALT])
        disclosed = _b64(canonical([salt, plain(fields.get(name))]))
        disclosures[name] = disclosed
        slots[name] = [{"...": _b64(hashlib.sha256(disclosed.encode()).digest())}]
    # Of its members only the fields' names could keep the quick encoder from writing RFC 8785's bytes.
    encode = _quick if all(map(str.isascii, names)) else rfc8785.dumps
    body = encode(
        {
            "_sd_alg": "sha-256",
            "f": slots,
            "id": str(record),
            "kind": kind.name,
            "op": op,
            "prev": prev,
            "rev": rev,
            "v": VERSION,
        }
    )
    leaf = base64.b64encode(hashlib.sha256(b"\x00" + body).digest()).decode()
    return Written(body, leaf, disclosures)


def committed(body: bytes) -> frozenset[str]:
    """The fields that an entry commits to, by its bytes: also those whose disclosure was erased."""
    return frozenset(json.loads(body)["f"])


def disclosed_value(disclosure: str) -> Any:
    """The value inside a disclosure string."""
    padded = disclosure + "=" * (-len(disclosure) % 4)
    return json.loads(base64.urlsafe_b64decode(padded))[1]
