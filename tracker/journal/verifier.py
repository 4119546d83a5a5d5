"""What a stranger can check with a file, a proof and our public key: pure functions, no database.

The `extra` of our proofs is the entry as it was hashed, then `~` and a disclosure for every value that is told, in the
order of the entry's slots (names sorted). Whatever is not in exactly that form is refused: RFC 9901 §7.1 wants stray and
repeated disclosures rejected, and one spelling leaves nothing to hide in.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracker.journal.checkpoints import Head, Proof, cosignatures, read_checkpoint
from tracker.journal.entries import canonical
from tracker.journal.kinds import VERSION
from tracker.journal.merkle import inclusion_holds, leaf_hash
from tracker.journal.notes import BadNote, Note, Verifier, encoded
from tracker.journal.tiles import LONGEST_ENTRY

__all__ = ["BadNote", "Check", "Entry", "Keys", "Verdict", "check_checkpoint", "check_proof"]

SEPARATOR = b"~"
LONGEST_PROOF_FILE = 1 << 20
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_SALT = re.compile(r"[A-Za-z0-9_-]{22,}")  # at least 128 bits
_SHAPE = {"_sd_alg", "f", "id", "kind", "op", "prev", "rev", "v"}


# --- Entries -----------------------------------------------------------------------


def _loads(raw: str | bytes, what: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise BadNote(f"{what} names something twice.")
        return found

    try:
        return json.loads(raw, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise BadNote(f"{what} is not JSON.") from None


@dataclass(frozen=True)
class Entry:
    """An entry as it was hashed: a digest in a slot for every field, and the few things that are in clear."""

    body: bytes
    record: str
    kind: str
    op: str
    rev: int
    slots: Mapping[str, str]

    @property
    def leaf(self) -> bytes:
        return leaf_hash(self.body)

    @classmethod
    def read(cls, body: bytes) -> "Entry":
        """Raises BadNote with a sentence where the bytes are no entry in its one canonical spelling."""
        if len(body) > LONGEST_ENTRY:
            raise BadNote("The entry is longer than an entry can be.")
        raw = _loads(body, "The entry")
        if not isinstance(raw, dict) or set(raw) != _SHAPE or not isinstance(raw["f"], dict):
            raise BadNote("The entry does not have the form of an entry.")
        words = [raw[name] for name in ("id", "kind", "op")]
        numbered = type(raw["rev"]) is type(raw["v"]) is int and raw["v"] == VERSION
        numbered &= raw["_sd_alg"] == "sha-256"
        if not numbered or not all(isinstance(word, str) for word in words):
            raise BadNote("The entry does not have the form of an entry.")
        slots = {name: _digest_in(slot) for name, slot in raw["f"].items()}
        if len(set(slots.values())) != len(slots):
            raise BadNote("Two fields of the entry have the same digest.")
        if _canonical(raw) != body:
            raise BadNote("The entry is not in canonical form.")
        return cls(body, raw["id"], raw["kind"], raw["op"], raw["rev"], slots)

    def in_order(self, disclosures: Mapping[str, str]) -> list[str]:
        """Disclosures by field, in the order in which a proof lists them. Each has to be that of its own field."""
        for name, disclosure in disclosures.items():
            if self.slots.get(name) != _digest_of(disclosure):
                raise BadNote(f"The disclosure of {name} is not the one that the entry commits to.")
        return [disclosures[name] for name in sorted(disclosures)]

    def resolve(self, disclosures: Iterable[str]) -> dict[str, Any]:
        """The values that are told, by field. Stray, repeated and exchanged disclosures are refused."""
        by_digest = {digest: name for name, digest in self.slots.items()}
        found: dict[str, Any] = {}
        for disclosure in disclosures:
            name = by_digest.get(_digest_of(disclosure))
            if name is None:
                raise BadNote("A value is told that the entry does not commit to.")
            if name in found:
                raise BadNote(f"The value of {name} is told twice.")
            if found and name < max(found):
                raise BadNote("The values are not told in the order of their fields.")
            found[name] = _value_in(disclosure, name)
        return found


def _canonical(raw: Any) -> bytes:
    try:
        return canonical(raw)
    except (ValueError, RecursionError):
        raise BadNote("The entry is not in canonical form.") from None


def _digest_in(slot: Any) -> str:
    if isinstance(slot, list) and len(slot) == 1 and isinstance(slot[0], dict):
        digest = slot[0].get("...") if len(slot[0]) == 1 else None
        if isinstance(digest, str) and _DIGEST.fullmatch(digest):
            return digest
    raise BadNote("A field of the entry is not a digest in its slot.")


def _digest_of(disclosure: str) -> str:
    raw = hashlib.sha256(disclosure.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _value_in(disclosure: str, name: str) -> Any:
    if not _BASE64URL.fullmatch(disclosure):
        raise BadNote(f"The disclosure of {name} is not base64url.")
    try:
        raw = base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))
    except binascii.Error:
        raise BadNote(f"The disclosure of {name} is not base64url.") from None
    pair = _loads(raw, f"The disclosure of {name}")
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
        raise BadNote(f"The disclosure of {name} is not a salt and a value.")
    if not _SALT.fullmatch(pair[0]):
        raise BadNote(f"The salt of {name} is too short: its value could be guessed.")
    return pair[1]


def packed(body: bytes, disclosures: Mapping[str, str]) -> bytes:
    """The extra of a proof: the entry, then what is told of it. Raises BadNote for a disclosure of another field."""
    told = Entry.read(body).in_order(disclosures)
    return SEPARATOR.join([body, *(one.encode() for one in told)])


def unpacked(extra: bytes) -> tuple[Entry, dict[str, Any]]:
    """The entry in a proof, and the values that are told of it."""
    body, *told = extra.split(SEPARATOR)
    entry = Entry.read(body)
    if len(told) > len(entry.slots):
        raise BadNote("The proof tells more values than the entry has fields.")
    try:
        texts = [one.decode("ascii") for one in told]
    except UnicodeDecodeError:
        raise BadNote("A disclosure in the proof is not base64url.") from None
    return entry, entry.resolve(texts)


# --- Verdicts ----------------------------------------------------------------------


@dataclass(frozen=True)
class Keys:
    """Who signs our log, by size (keys retire), and who witnesses it."""

    of_size: Callable[[int], list[Verifier]]
    witnesses: Collection[Verifier] = ()


@dataclass(frozen=True)
class Check:
    """One check that was made. `passed` is None where it could not be made."""

    what: str
    passed: bool | None


@dataclass
class Verdict:
    """One sentence, and the checks behind it."""

    sentence: str = ""
    holds: bool = False
    alarm: bool = False  # somebody has to be told: we signed what our log does not hold
    checks: list[Check] = field(default_factory=list)
    entry: Entry | None = None
    index: int | None = None
    told: dict[str, Any] = field(default_factory=dict)
    head: Head | None = None
    seen: list[tuple[str, int]] = field(default_factory=list)  # witness, POSIX seconds

    def check(self, what: str, passed: bool | None) -> bool:
        self.checks.append(Check(what, passed))
        return passed is not False

    def fails(self, sentence: str) -> "Verdict":
        self.sentence, self.holds = sentence, False
        return self


# The root of our log over its first entries; None where the log does not hold so many.
RootAt = Callable[[int], bytes | None]


def check_proof(text: str, keys: Keys, root_at: RootAt, digest: str | None = None) -> Verdict:
    """A proof, and the file beside it by its SHA-256 if there is one."""
    verdict = Verdict()
    try:
        proof = Proof.read(text)
        verdict.check("The proof has the form that C2SP tlog-proof gives it.", True)
        entry, told = _read_extra(proof, verdict)
        note = _signed(proof.checkpoint, keys, verdict)
        _included(proof, entry, verdict)
    except BadNote as error:
        verdict.check(str(error), False)
        return verdict.fails(f"The proof does not hold: {error}")
    verdict.entry, verdict.told, verdict.index = entry, told, proof.index
    _witnessed(note, keys, verdict)
    if not _agrees(verdict, root_at):
        return verdict
    if digest is not None and not _is_of_file(verdict, digest):
        return verdict
    verdict.holds = True
    verdict.sentence = _said(verdict, digest)
    return verdict


def _read_extra(proof: Proof, verdict: Verdict) -> tuple[Entry, dict[str, Any]]:
    if proof.extra is None:
        raise BadNote("The proof does not carry its entry.")
    entry, told = unpacked(proof.extra)
    verdict.check(f"It carries an entry: {entry.kind}, {entry.op}, record {entry.record}.", True)
    count = f"Each of the {len(told)} values that it tells matches the digest in the entry."
    verdict.check(count if told else "It tells no value of the entry.", True)
    return entry, told


def _signed(checkpoint: str, keys: Keys, verdict: Verdict) -> Note:
    size = Head.read(Note.read(checkpoint).text).size
    known = keys.of_size(size)
    if not known:
        raise BadNote("No key of this log counts for a checkpoint of this size.")
    verdict.head, note = read_checkpoint(checkpoint, *known)
    verdict.check(f"The checkpoint of {size:,} entries carries the signature of this log.", True)
    return note


def _included(proof: Proof, entry: Entry, verdict: Verdict) -> None:
    head = verdict.head
    assert head is not None
    if not inclusion_holds(entry.leaf, proof.index, head.size, proof.path, head.root):
        raise BadNote(
            f"The path does not lead from this entry at index {proof.index} to the root that was signed."
        )
    verdict.check(f"The path leads from the entry at index {proof.index:,} to that root.", True)


def _witnessed(note: Note, keys: Keys, verdict: Verdict) -> None:
    """Who outside has seen the checkpoint. A bad line of a known witness is a failed check and not our signature's fault."""
    try:
        verdict.seen = [(one.witness, one.time) for one in cosignatures(note, keys.witnesses)]
    except BadNote as error:
        verdict.check(str(error), False)
        return
    names = ", ".join(name for name, _ in verdict.seen)
    if names:
        verdict.check(f"Outside keepers have signed the checkpoint: {names}.", True)
    else:
        verdict.check("No outside keeper that we know has signed the checkpoint.", None)


def _agrees(verdict: Verdict, root_at: RootAt) -> bool:
    """Is the signed checkpoint one of the log that we show today? If not, the signature itself is the evidence."""
    head = verdict.head
    assert head is not None
    ours = root_at(head.size)
    if verdict.check(
        "The log that this site shows today holds that checkpoint.", ours == head.root
    ):
        return True
    verdict.alarm = True
    what = (
        f"counts {head.size:,} entries, which our log does not hold"
        if ours is None
        else f"of {head.size:,} entries has another root than our log"
    )
    verdict.fails(
        f"Keep this file: the checkpoint was signed by us, but is not in our log. It {what}. An entry was changed or "
        "removed after it was signed; tell the audit office, and send a copy."
    )
    return False


def files_in(told: Mapping[str, Any]) -> list[list[Any]]:
    """The files that the entry of a release commits to, each as name, SHA-256 and length."""
    files = told.get("files")
    items = files if isinstance(files, list) else []
    return [item for item in items if isinstance(item, list) and len(item) == 3]


def _is_of_file(verdict: Verdict, digest: str) -> bool:
    entry = verdict.entry
    assert entry is not None
    names = [item[0] for item in files_in(verdict.told) if item[1] == digest]
    known = entry.kind == "release" and bool(names)
    if verdict.check(f"The entry commits to the file with the SHA-256 {digest}.", known):
        return True
    verdict.fails(
        "The proof holds, but not for this file: its bytes are not those that the entry commits to. Was the file saved "
        "again by a program, or does the proof belong to another one?"
    )
    return False


def _said(verdict: Verdict, digest: str | None) -> str:
    assert verdict.entry is not None and verdict.index is not None
    what = "This file is byte for byte what was published" if digest else "The proof holds"
    return (
        f"{what}: entry {verdict.index:,} of the log ({verdict.entry.kind} {verdict.entry.record}) says so, under a "
        "checkpoint that this log has signed and still holds."
    )


def check_checkpoint(text: str, keys: Keys, root_at: RootAt) -> Verdict:
    """A checkpoint that somebody kept, compared with the log of today."""
    verdict = Verdict()
    try:
        note = _signed(text, keys, verdict)
    except BadNote as error:
        verdict.check(str(error), False)
        return verdict.fails(f"The checkpoint is not one of this log: {error}")
    _witnessed(note, keys, verdict)
    if not _agrees(verdict, root_at):
        return verdict
    assert verdict.head is not None
    verdict.holds = True
    verdict.sentence = (
        f"The checkpoint is ours, and the log of today grew out of its {verdict.head.size:,} entries: none of them was "
        f"changed, removed or moved. Root {encoded(verdict.head.root)}."
    )
    return verdict
