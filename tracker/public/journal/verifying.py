"""What somebody dropped on the page that verifies, and the verdict. Everything here may be hostile."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from tracker.journal.verifier import (
    LONGEST_PROOF_FILE,
    Verdict,
    check_checkpoint,
    check_proof,
)
from tracker.public.journal import queries
from tracker.public.releases import past
from tracker.publishing import history, released
from tracker.publishing.models import ReleasedFile, Tombstone

LARGEST = 5 * 1024 * 1024
IN_ALL = 2 * LARGEST + 64 * 1024  # two files, and what a browser writes around them
TOO_LARGE = (
    "The file is larger than 5 MB, so it was not read. Take its SHA-256 on your own machine and put that into the field "
    "below, or check it there with its proof."
)
NOTHING = "Nothing to check: choose a file, or paste an identifier or a SHA-256."
UNKNOWN_RECORD = "Nothing with this identifier is public here. It may be mistyped, not published, or not exist: the three answer alike."
UNKNOWN_FILE = (
    "These bytes were not published here: no release that is public has a file with this SHA-256. If a program has saved "
    "the file again, fetch it anew. A list that you took with filters is not a published file."
)
WAITS = (
    "It is public, and its entry is not under a published checkpoint yet. Try again in a minute."
)
_PROOF = b"c2sp.org/tlog-proof@"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Unusable(ValueError):
    """What was brought cannot be checked. Carries the sentence."""


@dataclass(frozen=True)
class Brought:
    """A file that somebody chose: its name, its SHA-256, and its text where it may be a proof or a checkpoint."""

    name: str
    sha256: str
    size: int
    text: bytes | None

    @property
    def is_proof(self) -> bool:
        return self.text is not None and self.text.startswith(_PROOF)

    @property
    def is_checkpoint(self) -> bool:
        text = self.text or b""
        lines = text.split(b"\n", 3)
        return len(lines) == 4 and lines[1].isdigit() and "\n\n\N{EM DASH} ".encode() in text


def verdict_on(files: Iterable[Brought]) -> Verdict:
    """One file, or a file and its proof, in whatever order. Raises Unusable."""
    brought = list(files)
    if not brought:
        raise Unusable(NOTHING)
    if any(one.size == 0 for one in brought):
        raise Unusable("The file is empty: there is nothing in it to check.")
    proofs = [one for one in brought if one.is_proof]
    others = [one for one in brought if not one.is_proof]
    if len(proofs) > 1 or len(others) > 1:
        raise Unusable("Choose one file and one proof: here are two of a kind.")
    if proofs:
        return _on_proof(proofs[0], others[0].sha256 if others else None)
    if others[0].is_checkpoint:
        return check_checkpoint(_text(others[0]), queries.keys(), queries.root_at)
    return verdict_on_digest(others[0].sha256)


def _on_proof(proof: Brought, digest: str | None) -> Verdict:
    verdict = check_proof(_text(proof), queries.keys(), queries.root_at, digest)
    gone = history.stone_of_file(digest) if digest and verdict.holds else None
    if gone is not None and released.file_with(digest or "") is None:
        verdict.sentence = f"{verdict.sentence} It is not public any more. {_gone(gone[0])}"
    return verdict


def _gone(stone: Tombstone) -> str:
    return past.gravestone(stone).sentence


def _text(brought: Brought) -> str:
    try:
        return (brought.text or b"").decode()
    except UnicodeDecodeError:
        raise Unusable(
            f"“{brought.name}” begins like a proof or a checkpoint and is not text (UTF-8)."
        ) from None


def verdict_on_words(words: str) -> Verdict:
    """A record's identifier or a file's SHA-256. Raises Unusable."""
    asked = words.strip().lower()
    if _SHA256.fullmatch(asked):
        return verdict_on_digest(asked)
    try:
        uid = UUID(asked)
    except ValueError:
        raise Unusable(
            "This is neither an identifier (like 3f2c0a9e-…, 36 characters) nor a SHA-256 (64 characters)."
        ) from None
    return verdict_on_record(uid)


def verdict_on_record(uid: UUID) -> Verdict:
    found = released.entry_of(uid)
    if found is None:
        return Verdict().fails(UNKNOWN_RECORD)
    return _on_our_proof(queries.proof_text(found))


def verdict_on_digest(sha256: str) -> Verdict:
    """A file without a proof: its SHA-256 among the files of public releases."""
    file = released.file_with(sha256)
    gone = None if file is not None else history.stone_of_file(sha256)
    if gone is not None:
        return _on_withdrawn(*gone)
    verdict = Verdict()
    known = file is not None
    verdict.check(f"A public release has a file with the SHA-256 {sha256}.", known)
    if file is None:
        return verdict.fails(UNKNOWN_FILE)
    found = _on_our_proof(queries.file_proof(file), sha256)
    found.checks = [*verdict.checks, *found.checks]
    return found


def _on_withdrawn(stone: Tombstone, file: ReleasedFile) -> Verdict:
    """These bytes were published and are taken back: that is said, and nothing of what is in them."""
    verdict = Verdict()
    known = f"A release had a file with the SHA-256 {file.sha256}: “{file.name}” of release {file.release.number}."
    verdict.check(known, True)
    verdict.check("That release is public today.", False)
    return verdict.fails(_gone(stone))


def _on_our_proof(text: str | None, digest: str | None = None) -> Verdict:
    if text is None:
        return Verdict().fails(WAITS)
    return check_proof(text, queries.keys(), queries.root_at, digest)


def longest_text() -> int:
    return LONGEST_PROOF_FILE
