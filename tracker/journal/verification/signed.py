"""Every checkpoint and every claim from outside, held against the roots that the entries give."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from tracker.journal import log
from tracker.journal.checkpoints import Head, cosignatures
from tracker.journal.models import Checkpoint, Cosignature
from tracker.journal.notes import BadNote, Note, Signature
from tracker.journal.verification.outside import Claim, Outside
from tracker.journal.verification.rows import as_bytes, who_lies_at
from tracker.journal.verification.tree import Root
from tracker.journal.verification.verdict import Difference, Verdict

_CHUNK = 500
Explained = Callable[[int, int], bool]


@dataclass(frozen=True)
class Kept:
    """A checkpoint's row with those of its cosignatures."""

    size: int
    root: bytes
    note: str
    at: str | None  # as the database writes it: only the order counts
    lines: tuple[tuple[str, int, str], ...]


def kept(upto: int) -> Iterator[Kept]:
    """The checkpoints of the database in the order of their sizes, in chunks."""
    last = -1
    while True:
        rows = Checkpoint.objects.filter(size__gt=last, size__lte=upto).order_by("size")
        told = rows.annotate(told=Cast("at", TextField()))
        chunk = list(told.values_list("size", "root", "note", "told")[:_CHUNK])
        if not chunk:
            return
        lines: dict[int, list[Any]] = {}
        seen = Cosignature.objects.filter(checkpoint__in=[row[0] for row in chunk])
        for size, *line in seen.values_list("checkpoint_id", "witness", "time", "line"):
            lines.setdefault(size, []).append(tuple(line))
        for size, root, note, at in chunk:
            yield Kept(size, as_bytes(root), str(note), at, tuple(lines.get(size, ())))
        last = chunk[-1][0]


class Signed:
    """Waits for the roots of the sizes it asked for."""

    def __init__(self, verdict: Verdict, outside: Outside, size: int) -> None:
        self.verdict = verdict
        self.outside = outside
        self.size = size
        self.explained: Explained = lambda start, end: False
        self._waiting: deque[Kept] = deque()
        self._good = 0  # the largest size whose root was right
        self._shown = 0  # from here up to the size of the last wrong one, the fault has been said
        self._consequences = 0
        self._unknown = 0
        self._latest: str | None = None

    def sizes(self) -> Iterator[int]:
        both = merge(self._rows(), sorted(claim.size for claim in self._claims()))
        return (size for size, _ in groupby(both))

    def _claims(self) -> list[Claim]:
        return [claim for claim in self.outside.claims if claim.size <= self.size]

    def _rows(self) -> Iterator[int]:
        for row in kept(self.size):
            self._waiting.append(row)
            yield row.size

    def on_root(self, root: Root) -> None:
        while self._waiting and self._waiting[0].size == root.size:
            self._checkpoint(self._waiting.popleft(), root)
        for claim in (c for c in self._claims() if c.size == root.size):
            self.verdict.checks["claims from outside"] += 1
            if claim.root != root.root:
                self._wrong(root.size, f"the root that {claim.who} states", always=True)
            else:
                self._good = max(self._good, root.size)

    # --- Our own checkpoints --------------------------------------------------------

    def _checkpoint(self, row: Kept, root: Root) -> None:
        self.verdict.checks["checkpoints"] += 1
        head = self._head(row)
        stated = row.root if head is None else head.root
        if stated != root.root:
            self._wrong(root.size, "the root that was signed for them", always=False)
        elif head is not None:
            self._good = max(self._good, root.size)
        if self._latest is not None and row.at is not None and row.at < self._latest:
            self.verdict.remarks.append(
                f"The checkpoint of {row.size} entries states an earlier time than the one before it: "
                "the clock of the database went back."
            )
        self._latest = row.at

    def _head(self, row: Kept) -> Head | None:
        name = f"The database’s checkpoint of {row.size} entries"
        try:
            head, note = self.outside.keys.read(row.note)
        except BadNote as fault:
            self._differ(f"{name} cannot be believed: {fault}")
            return None
        if (head.size, head.root) != (row.size, row.root):
            self._differ(f"{name} has other columns than its signed note says.")
        for witness, time, line in row.lines:
            self._cosignature(name, note, witness, time, line)
        return head

    def _cosignature(self, name: str, note: Note, witness: str, time: int, line: str) -> None:
        self.verdict.checks["cosignatures"] += 1
        try:
            signature = Signature.read(str(line).removesuffix("\n"))
            seen = cosignatures(Note(note.text, (signature,)), self.outside.policy.verifiers)
        except BadNote as fault:
            self._differ(f"{name} has a cosignature that cannot be believed: {fault}")
            return
        if signature.name != witness or (seen and seen[0].time != time):
            self._differ(f"{name} has a cosignature of {witness} whose columns say something else.")
        self._unknown += not seen

    def _differ(self, what: str) -> None:
        self.verdict.differ(Difference("checkpoints", what))

    # --- What does not fit -----------------------------------------------------------

    def _wrong(self, size: int, root: str, *, always: bool) -> None:
        """Another root. One that follows from a difference already named is counted, not said again."""
        known = self.explained(0, size) or self._shown > self._good
        if known and not always:
            self._consequences += 1
            return
        first = self._good if self._good < size else 0
        where = f"the places {first} to {size - 1}" if size - first > 1 else f"place {first}"
        record, number = who_lies_at(first) if size - first == 1 else (None, None)
        what = f"the first {size} entries do not have {root}: what lies at {where} is not what was signed."
        place = first if record is not None else None
        what = what if record is not None else what[:1].upper() + what[1:]
        self.verdict.differ(Difference("roots", what, record, number, place))
        self._shown = max(self._shown, size)

    def finish(self) -> None:
        """What counts more entries than there are, and what hangs in the air."""
        now = log.size()
        too_large = [
            *(c for c in self.outside.claims if c.size > self.size),
            *(Claim(row.size, row.root, "a checkpoint of its own") for row in self._beyond(now)),
        ]
        for claim in too_large:
            what = (
                f"{claim.who[:1].upper()}{claim.who[1:]} counts {claim.size} entries, the database holds {now}: "
                "it is an older copy, or entries were removed from its end."
            )
            self.verdict.differ(Difference("rollback", what))
        published = self.outside.published
        if published is not None and not Checkpoint.objects.filter(size=published.size).exists():
            self._differ(
                f"The published checkpoint of {published.size} entries is not in the database."
            )
        if self._consequences:
            self.verdict.remarks.append(
                f"{self._consequences} checkpoints do not have the roots of the entries any more, because of the "
                "differences named."
            )
        if self._unknown:
            self.verdict.remarks.append(
                f"{self._unknown} cosignatures are of witnesses whose keys are not in the policy: not verified."
            )

    @staticmethod
    def _beyond(now: int) -> Iterator[Kept]:
        rows = Checkpoint.objects.filter(size__gt=now).order_by("size")[:_CHUNK]
        for size, root in rows.values_list("size", "root"):
            yield Kept(size, as_bytes(root), "", None, ())
