"""When an entry was logged at the latest, and what somebody gets in the hand for it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Min, OuterRef, QuerySet, Subquery

from tracker.journal import log, service
from tracker.journal.checkpoints import Head, Proof
from tracker.journal.models import Checkpoint, Entry, Leaf
from tracker.journal.notes import Note
from tracker.journal.verifier import packed


@dataclass(frozen=True)
class Logged:
    """The oldest checkpoint over an entry: its time by the first witness that saw it, or by ourselves without one."""

    size: int
    no_later_than: datetime
    witnessed: bool


@dataclass(frozen=True)
class Receipt:
    """One entry: which event of which record, its place in the log (None while it waits), and since when at the latest."""

    entry: int
    kind: str
    record: UUID
    rev: int
    actor: UUID | None
    index: int | None = None
    logged: Logged | None = None


def _first_over(place: str) -> Subquery:
    over = Checkpoint.objects.filter(size__gt=OuterRef(place)).order_by("size")
    return Subquery(over.values("size")[:1])


def _logged(sizes: Collection[int | None]) -> dict[int | None, Logged]:
    rows = Checkpoint.objects.filter(size__in=[size for size in sizes if size is not None])
    found = rows.annotate(seen=Min("cosignatures__time")).values_list("size", "at", "seen")
    return {
        size: Logged(size, at if seen is None else _instant(seen), seen is not None)
        for size, at, seen in found
    }


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(min(seconds, 253402300799), UTC)


def receipts(entries: Collection[int]) -> dict[int, Receipt]:
    """The receipts of entries by their numbers. Two queries, however many."""
    rows = Entry.objects.filter(pk__in=entries).annotate(over=_first_over("place__seq")).order_by()
    columns = ("pk", "kind", "record", "rev", "actor", "place__seq", "over")
    found = list(rows.values_list(*columns))
    logged = _logged({row[-1] for row in found})
    return {
        number: Receipt(number, kind, record, rev, actor, index, logged.get(over))
        for number, kind, record, rev, actor, index, over in found
    }


def logged(index: int) -> Logged | None:
    """Since when a place of the log is covered at the latest. Reads no entry."""
    size = Checkpoint.objects.filter(size__gt=index).order_by("size").values("size")[:1]
    return next(iter(_logged(list(size.values_list("size", flat=True))).values()), None)


def published_checkpoints(size: int) -> QuerySet[Checkpoint]:
    """Checkpoints up to the published one, newest first, with who outside has seen them."""
    rows = Checkpoint.objects.filter(size__lte=size).order_by("-size")
    return rows.prefetch_related("cosignatures")


def proof_of(entry: int, body: bytes, disclosed: dict[str, str]) -> Proof | None:
    """The proof that travels: under the published checkpoint, with what may be told. None while the entry waits."""
    index = Leaf.objects.filter(entry_id=entry).values_list("seq", flat=True).first()
    checkpoint = service.publication().checkpoint()
    if index is None or checkpoint is None:
        return None
    if index >= Head.read(Note.read(checkpoint).text).size:
        return None
    return log.prove(index, checkpoint, packed(body, disclosed))
