"""What is kept apart from the database: keys, the signer's memory, the published log, copies that somebody kept.

Only read here. Whatever is not there is said and not made: a verification never creates a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from tracker.journal import service
from tracker.journal.checkpoints import Head
from tracker.journal.notes import BadNote, Key, Note, Verifier
from tracker.journal.publication import Publication
from tracker.journal.signer import Keyring, Signer, WillNotSign
from tracker.journal.verification.verdict import Difference, Verdict
from tracker.journal.witness.client import monitored
from tracker.journal.witness.policy import Policy, Witness
from tracker.journal.witness.transport import Unreachable

NOBODY = "nobody outside keeps this log yet"


@dataclass(frozen=True)
class Claim:
    """Somebody says that so many entries have this root. `who` completes “… says”."""

    size: int
    root: bytes
    who: str


@dataclass(frozen=True)
class Keys:
    """The log's verification keys, with the size after which a retired one counts no more."""

    origin: str
    known: tuple[tuple[Verifier, int | None], ...] = ()

    @classmethod
    def of(cls, ring: Keyring) -> "Keys":
        if ring.supplied:
            return cls(ring.origin, ((Key.read(ring.supplied).verifier, None),))
        found = []
        for path in sorted(ring.folder.glob("journal-*.vkey")):
            vkey, _, until = path.read_text().strip().partition(" ")
            found.append((Verifier.read(vkey), int(until) if until else None))
        return cls(ring.origin, tuple(found))

    def at(self, size: int) -> list[Verifier]:
        return [key for key, until in self.known if until is None or size <= until]

    def read(self, text: str) -> tuple[Head, Note]:
        """A checkpoint of this log, signed by a key that counts at its size. Without keys only its form is checked."""
        note = Note.read(text)
        head = Head.read(note.text)
        if head.origin != self.origin:
            raise BadNote(f"It is of the log {head.origin}, not of {self.origin}.")
        if self.known:
            note.signed_by(self.at(head.size))
        return head, note


@dataclass
class Outside:
    """Everything that a verification is held against."""

    keys: Keys
    signer: Signer | None = None
    publication: Publication | None = None
    retained: Sequence[Path] = ()
    policy: Policy = field(default_factory=Policy)
    ask: bool = True  # do the witnesses stand at their addresses, or are we off line?
    timeout: float = 5  # seconds
    claims: list[Claim] = field(default_factory=list)
    published: Head | None = None

    def gather(self, verdict: Verdict) -> None:
        """Read every claim before the database is read: what is claimed now, the database must hold later."""
        if not self.keys.known:
            verdict.not_compared.append("signatures of the log: there is no verification key here")
        self._mark(verdict)
        self._publication(verdict)
        for path in self.retained:
            self._file(path, verdict)
        self._witnesses(verdict)

    def _witnesses(self, verdict: Verdict) -> None:
        asked = [witness for witness in self.policy.witnesses.values() if witness.url]
        if not self.policy.witnesses:
            verdict.not_compared.append(f"witnesses: {NOBODY}")
        elif not self.ask:
            verdict.not_compared.append("witnesses: it was not asked for")
        for witness in asked if self.ask else []:
            self._witness(witness, verdict)

    def _claim(self, head: Head, who: str, verdict: Verdict) -> None:
        self.claims.append(Claim(head.size, head.root, who))
        verdict.against.append(f"{who} ({head.size} entries)")

    def _mark(self, verdict: Verdict) -> None:
        try:
            mark = None if self.signer is None else self.signer.mark()
        except (WillNotSign, BadNote, OSError) as fault:
            verdict.differ(Difference("signer", str(fault)))
            return
        if mark is None:
            verdict.not_compared.append("the signer's memory: it is not here")
        else:
            self._claim(
                Head(self.keys.origin, mark.size, mark.root), "the signer’s memory", verdict
            )

    def _publication(self, verdict: Verdict) -> None:
        text = None if self.publication is None else self._text(self.publication, verdict)
        if text is None:
            verdict.not_compared.append("the published log: there is no checkpoint in its folder")
            return
        try:
            self.published, _ = self.keys.read(text)
        except BadNote as fault:
            what = f"The published checkpoint cannot be believed: {fault}"
            verdict.differ(Difference("published", what))
            return
        self._claim(self.published, "the published checkpoint", verdict)

    @staticmethod
    def _text(publication: Publication, verdict: Verdict) -> str | None:
        try:
            text = publication.checkpoint()
        except (OSError, UnicodeDecodeError) as fault:
            verdict.differ(
                Difference("published", f"The published checkpoint cannot be read: {fault}")
            )
            return None
        if text is None and (publication.folder / "tile").exists():
            what = "The published log has tiles, but its checkpoint is gone."
            verdict.differ(Difference("published", what))
        return text

    def _file(self, path: Path, verdict: Verdict) -> None:
        try:
            head, _ = self.keys.read(path.read_text())
        except (OSError, UnicodeDecodeError, BadNote) as fault:
            what = f"The checkpoint in {path.name} cannot be believed: {fault}"
            verdict.differ(Difference("retained", what))
            return
        self._claim(head, f"the checkpoint kept in {path.name}", verdict)

    def _witness(self, witness: Witness, verdict: Verdict) -> None:
        who = f"the witness {witness.name}"
        try:
            text = monitored(witness, self.keys.origin, self.timeout)
        except Unreachable as fault:
            verdict.not_compared.append(f"{who}: it {fault}")
            return
        if text is None:
            verdict.not_compared.append(f"{who}: it has seen no checkpoint yet")
            return
        try:
            head, _ = self.keys.read(text)
        except BadNote as fault:
            what = f"The checkpoint that {who} shows cannot be believed: {fault}"
            verdict.differ(Difference("witnesses", what))
            return
        self._claim(head, who, verdict)


def here(
    *, retained: Sequence[Path] = (), keys: Sequence[Verifier] = (), ask: bool = True
) -> Outside:
    """What this installation has, by its settings, and the copies and keys that were given by hand.

    Keys given by hand replace those of the installation: they came another way than the log. Raises BadNote and
    BadPolicy where a key or the policy cannot be read.
    """
    known = tuple((key, None) for key in keys)
    given = Keys(settings.JOURNAL_ORIGIN, known) if known else Keys.of(service.keyring())
    return Outside(
        keys=given,
        signer=service.signer(),
        publication=service.publication(),
        retained=retained,
        policy=service.policy(),
        ask=ask,
        timeout=settings.WITNESS_SECONDS,
    )
