"""From the queue to the published log: sequence, sign, ask the witnesses, publish. Every step can be killed and begun again.

The order is what makes it safe (docs/journal.md): an entry has its place before it is counted, the signer's mark is on
disk before the signature exists, the checkpoint is committed before it leaves, the tiles lie there before the
checkpoint that counts them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tracker.journal import log
from tracker.journal.actions import keep_checkpoint, keep_cosignatures, sequence
from tracker.journal.checkpoints import Cosignature, Head
from tracker.journal.files import Different, write_durably
from tracker.journal.models import Checkpoint
from tracker.journal.publication import Publication
from tracker.journal.signer import Mark, Signer, WillNotSign


@dataclass(frozen=True)
class Witnessed:
    """What the witnesses answered: verified lines, a sentence each, whether they suffice, and why to stop if so."""

    lines: tuple[tuple[Cosignature, str], ...] = ()
    said: tuple[str, ...] = ()
    enough: bool = True
    stop: str | None = None


Ask = Callable[[str, Head], Witnessed]  # the signed checkpoint and what it says


def nobody(checkpoint: str, head: Head) -> Witnessed:
    """No witness is configured: the checkpoint is published, and the public page says that nobody outside keeps it."""
    return Witnessed()


@dataclass
class Report:
    """What one round did."""

    sequenced: int = 0
    signed: int | None = None
    published: int | None = None
    said: list[str] = field(default_factory=list)


class Stop:
    """Why nothing is signed any more, in a file beside the signer's mark. Only a person takes it away."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "stopped"

    @property
    def reason(self) -> str | None:
        try:
            return self.file.read_text().strip()
        except FileNotFoundError:
            return None

    def set(self, sentence: str) -> None:
        write_durably(self.file, sentence.encode() + b"\n", 0o600)

    def lift(self) -> None:
        self.file.unlink(missing_ok=True)


class Pipeline:
    """One log's way from the queue to the public. Several may be started; the sequencer's lock lets one through."""

    def __init__(
        self, signer: Signer, publication: Publication, stop: Stop, ask: Ask = nobody
    ) -> None:
        self.signer = signer
        self.publication = publication
        self.stop = stop
        self.ask = ask

    def sequence(self) -> int:
        """Everything that waits gets its place, a batch per transaction."""
        total = 0
        while placed := sequence():
            total += placed
        return total

    def round(self) -> Report:
        """Sequence, sign, have it witnessed, publish. A refusal stops the signing and is said; entries still get places."""
        report = Report(self.sequence())
        reason = self.stop.reason
        if reason is None:
            try:
                self._sign_and_publish(report)
            except (WillNotSign, Different) as refusal:
                reason = str(refusal)
                self.stop.set(reason)
        if reason is not None:
            report.said.append(f"Signing is stopped: {reason}")
        return report

    def _sign_and_publish(self, report: Report) -> None:
        self._compare_with_outside()
        head = log.head(self.signer.origin)
        newest = log.latest_checkpoint()
        if head.size and (newest is None or newest.size < head.size):
            newest = self._sign(head, fresh=newest is None)
            report.signed = newest.size
        if newest is not None:
            self._publish(newest, report)

    def _sign(self, head: Head, *, fresh: bool) -> Checkpoint:
        mark = self.signer.mark()
        old = 0 if mark is None else mark.size
        proof = log.consistency(old, head.size) if old <= head.size else []
        note = self.signer.sign(head, proof, fresh=fresh)
        return keep_checkpoint(head=head, note=note)

    def _publish(self, checkpoint: Checkpoint, report: Report) -> None:
        head = Head(self.signer.origin, checkpoint.size, bytes(checkpoint.root))
        outside = self.ask(checkpoint.note, head)
        report.said += outside.said
        if outside.lines:
            keep_cosignatures(checkpoint=checkpoint, seen=outside.lines)
        if outside.stop is not None:
            raise WillNotSign(outside.stop)
        if not outside.enough:
            report.said.append("Too few witnesses answered: the last published checkpoint stays.")
            return
        self.publication.publish(log.DatabaseTiles(), checkpoint.published)
        report.published = checkpoint.size

    def _compare_with_outside(self) -> None:
        """A larger log outside than inside means an older database; another root means another history."""
        mark, published = self.signer.mark(), self.publication.head()
        for where, found in (("signed", mark), ("published", published)):
            if found is None:
                continue
            self._compare(where, found)

    def _compare(self, where: str, found: Mark | Head) -> None:
        size = log.size()
        if found.size > size:
            raise WillNotSign(
                f"{found.size} entries were already {where}, but the database holds {size}: it is an older copy. "
                "Bring the missing entries back before anything is written."
            )
        if log.root_at(found.size) != found.root:
            raise WillNotSign(
                f"The first {found.size} entries are not the ones that were {where}: an entry was changed, removed or "
                "moved. `journal_verify` names it."
            )

    def adopt(self) -> Mark:
        """Give a signer without memory the last checkpoint of the database, after a person compared it with a copy."""
        newest = log.latest_checkpoint()
        mark = Mark(0, log.root_at(0)) if newest is None else Mark(newest.size, bytes(newest.root))
        known = self.signer.mark()
        if known is not None and known.size > mark.size:
            raise WillNotSign(
                f"The signer remembers {known.size} entries, the database's last checkpoint has {mark.size}: "
                "a memory is never made smaller."
            )
        self.signer.remember(mark)
        return mark
