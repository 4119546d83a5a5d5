"""Signed notes (C2SP signed-note v1.0.0) and the keys that sign them, Ed25519 only.

A note is a text and signature lines. Lines of keys that the reader does not know are ignored, so that a log may add
kinds of signatures; a line of a known key that does not verify spoils the whole note.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04  # C2SP tlog-cosignature: a time before the text, see checkpoints.py
DASH = "\N{EM DASH} "
MOST_SIGNATURES = 100
_SECRET = "PRIVATE+KEY+"


class BadNote(ValueError):
    """A note, key, checkpoint or proof that cannot be believed. Carries a sentence."""


def decoded(text: str, what: str) -> bytes:
    """Standard base64 with padding, in its one canonical spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote(f"{what} is not base64.") from None
    if base64.b64encode(raw).decode() != text:
        raise BadNote(f"{what} is not base64 in its canonical form.")
    return raw


def encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def check_name(name: str) -> str:
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 for c in name):
        raise BadNote(f"“{name}” cannot be a key's name: no spaces, no “+”, not empty.")
    return name


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """signed-note: the first four bytes of SHA-256(name, newline, type, public key)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class Verifier:
    """A public key with its name and type, as a `vkey` states it."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.kind]) + self.public)}"

    @classmethod
    def read(cls, vkey: str) -> "Verifier":
        """Name, key id and key, parted by the first two “+” (base64 has some of its own)."""
        parts = vkey.strip().split("+", 2)
        if len(parts) != 3:
            raise BadNote("A verification key reads name+id+key.")
        key = decoded(parts[2], "The verification key")
        if len(key) != 33 or key[0] not in (ED25519, COSIGNATURE):
            raise BadNote("The verification key is not an Ed25519 key.")
        found = cls(check_name(parts[0]), key[0], key[1:])
        if found.id.hex() != parts[1]:
            raise BadNote(f"The key of {found.name} does not have the id {parts[1]}.")
        return found

    def holds(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Key:
    """A private key with its name and type."""

    name: str
    kind: int
    seed: bytes

    @classmethod
    def make(cls, name: str, kind: int = ED25519) -> "Key":
        return cls(check_name(name), kind, Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def verifier(self) -> Verifier:
        return Verifier(self.name, self.kind, self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    @property
    def secret(self) -> str:
        """As Go's note tools write a private key down: PRIVATE+KEY+name+id+base64(type, seed)."""
        public = self.verifier
        return f"{_SECRET}{self.name}+{public.id.hex()}+{encoded(bytes([self.kind]) + self.seed)}"

    @classmethod
    def read(cls, secret: str) -> "Key":
        text = secret.strip()
        parts = text.removeprefix(_SECRET).split("+", 2)
        if not text.startswith(_SECRET) or len(parts) != 3:
            raise BadNote(f"A private key reads {_SECRET}name+id+key.")
        raw = decoded(parts[2], "The private key")
        if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise BadNote("The private key is not an Ed25519 key.")
        key = cls(check_name(parts[0]), raw[0], raw[1:])
        if key.verifier.id.hex() != parts[1]:
            raise BadNote(f"The private key of {key.name} does not have the id {parts[1]}.")
        return key


@dataclass(frozen=True)
class Signature:
    """One signature line: who says to have signed, with which key, and what stands behind the key's id."""

    name: str
    id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        return f"{DASH}{self.name} {encoded(self.id + self.blob)}\n"

    @classmethod
    def read(cls, line: str) -> "Signature":
        name, _, blob = line.removeprefix(DASH).partition(" ")
        if not line.startswith(DASH) or not blob:
            raise BadNote("A signature line reads “— name base64”.")
        raw = decoded(blob, f"The signature of {name}")
        if len(raw) < 5:
            raise BadNote(f"The signature of {name} is too short.")
        return cls(check_name(name), raw[:4], raw[4:])

    def is_of(self, verifier: Verifier) -> bool:
        return (self.name, self.id) == (verifier.name, verifier.id)


@dataclass(frozen=True)
class Note:
    """A text, which ends in a newline, and its signature lines."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, raw: bytes | str) -> "Note":
        """Split at the last blank line: the text may hold others."""
        try:
            whole = raw.decode() if isinstance(raw, bytes) else raw
        except UnicodeDecodeError:
            raise BadNote("The note is not UTF-8.") from None
        if any(ord(c) < 0x20 and c != "\n" for c in whole):
            raise BadNote("The note holds a control character.")
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise BadNote("The note has no signatures after a blank line.")
        found = lines.removesuffix("\n").split("\n")
        if len(found) > MOST_SIGNATURES:
            raise BadNote(f"The note has more than {MOST_SIGNATURES} signatures.")
        return cls(text + "\n", tuple(Signature.read(line) for line in found))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(signature.line for signature in self.signatures)

    def signed_by(self, known: Iterable[Verifier]) -> list[Verifier]:
        """The known keys of type Ed25519 that signed. At least one must have, and none may be wrong."""
        found = []
        for verifier in known:
            for signature in (s for s in self.signatures if s.is_of(verifier)):
                if not verifier.holds(signature.blob, self.text.encode()):
                    raise BadNote(f"The signature of {verifier.name} does not verify.")
                if verifier not in found:
                    found.append(verifier)
        if not found:
            raise BadNote("No key that we know signed this.")
        return found


def signature(text: str, key: Key) -> Signature:
    """signed-note: Ed25519 over the text, its final newline included."""
    return Signature(key.name, key.verifier.id, key.sign(text.encode()))


def signed(text: str, key: Key) -> Note:
    if not text.endswith("\n"):
        raise BadNote("The text of a note ends in a newline.")
    return Note(text, (signature(text, key),))
