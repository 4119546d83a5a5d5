"""Checkpoints, cosignatures and proofs that travel: C2SP tlog-checkpoint, tlog-cosignature and tlog-proof.

A checkpoint is the signed statement “this log holds so many entries, and their root is this”. A witness adds when it
saw it. A proof carries a checkpoint and the path from one entry to its root, so that it can be checked off line.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.journal.merkle import HASH, LONGEST_PROOF, inclusion_holds
from tracker.journal.notes import (
    COSIGNATURE,
    BadNote,
    Key,
    Note,
    Signature,
    Verifier,
    decoded,
    encoded,
    signed,
)

_PROOF = "c2sp.org/tlog-proof@v1"


def counted(text: str, what: str) -> int:
    """A decimal as the specifications write it: ASCII digits, no sign, no leading zero."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise BadNote(f"{what} is not a whole number: “{text}”.")
    if len(text) > 19 or int(text) >= 1 << 63:
        raise BadNote(f"{what} is too large.")
    return int(text)


def hashed(line: str, what: str) -> bytes:
    raw = decoded(line, what)
    if len(raw) != HASH:
        raise BadNote(f"{what} does not have 32 bytes.")
    return raw


@dataclass(frozen=True)
class Head:
    """What a checkpoint says: whose log, how many entries, which root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{encoded(self.root)}\n"

    @classmethod
    def read(cls, text: str) -> "Head":
        """tlog-checkpoint: three lines; extension lines, which nobody could audit, are passed over."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines):
            raise BadNote("A checkpoint has an origin, a size and a root.")
        return cls(
            lines[0], counted(lines[1], "The size"), hashed(lines[2], "The root of the checkpoint")
        )


def sign_head(head: Head, key: Key) -> Note:
    return signed(head.text, key)


def read_checkpoint(raw: bytes | str, *log: Verifier) -> tuple[Head, Note]:
    """A checkpoint of this log, signed with one of its keys. Signatures of others are left alone."""
    note = Note.read(raw)
    names = {verifier.name for verifier in note.signed_by(log)}
    head = Head.read(note.text)
    if head.origin not in names:
        raise BadNote(f"The checkpoint is of the log {head.origin}, not of {log[0].name}.")
    return head, note


# --- Cosignatures ----------------------------------------------------------------


@dataclass(frozen=True)
class Cosignature:
    """A witness saw this checkpoint at this time (POSIX seconds), and it grew out of every one it saw before."""

    witness: str
    time: int


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, key: Key, time: int) -> Signature:
    """tlog-cosignature, type 0x04: eight bytes of time, then Ed25519 over time and text."""
    if key.kind != COSIGNATURE:
        raise BadNote(f"{key.name} is not a witness's key.")
    blob = time.to_bytes(8, "big") + key.sign(_cosigned(text, time))
    return Signature(key.name, key.verifier.id, blob)


def cosignatures(note: Note, witnesses: Iterable[Verifier]) -> list[Cosignature]:
    """The cosignatures of known witnesses, each at most once. A known one that does not verify spoils the note."""
    found: dict[str, Cosignature] = {}
    for witness in (w for w in witnesses if w.kind == COSIGNATURE):
        for line in (s for s in note.signatures if s.is_of(witness)):
            time = int.from_bytes(line.blob[:8], "big")
            if len(line.blob) != 72 or not witness.holds(line.blob[8:], _cosigned(note.text, time)):
                raise BadNote(f"The cosignature of {witness.name} does not verify.")
            if time >= 1 << 63:
                raise BadNote(f"The cosignature of {witness.name} states no time that can be.")
            found.setdefault(witness.name, Cosignature(witness.name, time))
    return list(found.values())


# --- Proofs -----------------------------------------------------------------------


@dataclass(frozen=True)
class Proof:
    """A tlog-proof: index, path and checkpoint. `extra` is ours and nobody vouches for it."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        lines = [_PROOF]
        if self.extra is not None:
            lines.append(f"extra {encoded(self.extra)}")
        lines += [f"index {self.index}", *(encoded(one) for one in self.path), "", self.checkpoint]
        return "\n".join(lines)

    @classmethod
    def read(cls, text: str) -> "Proof":
        before, blank, checkpoint = text.partition("\n\n")
        lines = before.split("\n")
        if not blank or lines.pop(0) != _PROOF:
            raise BadNote(f"A proof begins with {_PROOF} and ends with a checkpoint.")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decoded(lines.pop(0).removeprefix("extra "), "The extra of the proof")
        if not lines or not lines[0].startswith("index "):
            raise BadNote("The proof states no index.")
        index = counted(lines.pop(0).removeprefix("index "), "The index")
        if len(lines) > LONGEST_PROOF:
            raise BadNote(f"The proof has more than {LONGEST_PROOF} hashes.")
        path = tuple(hashed(line, "A hash of the proof") for line in lines)
        return cls(index, path, checkpoint, extra)

    def check(self, leaf: bytes, *log: Verifier) -> tuple[Head, Note]:
        """Is this leaf in the log, where the proof says? Raises BadNote with a sentence if not."""
        head, note = read_checkpoint(self.checkpoint, *log)
        if not inclusion_holds(leaf, self.index, head.size, self.path, head.root):
            raise BadNote(f"The entry is not number {self.index} of the log that was signed.")
        return head, note
