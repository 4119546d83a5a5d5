"""Reading what is to be verified: in chunks, without trusting that a row is whole or that its neighbours exist."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from tracker.journal.models import Entry, Leaf

CHUNK = 1024  # four tiles
SPOILT = (ValueError, TypeError, OverflowError, DatabaseError)


@dataclass(frozen=True)
class Told:
    """An entry with what lies beside it. `previous` is the hash of the record's revision before this one."""

    pk: int
    kind: str
    record: UUID
    op: str
    rev: int
    actor: UUID | None
    at: datetime
    body: bytes
    leaf: str
    previous: str | None
    values: str | None


@dataclass(frozen=True)
class Place:
    """A row of the log: which entry lies at which place, and the hash beside it."""

    seq: int
    entry: int
    hash: bytes


def as_bytes(value: Any) -> bytes:
    """A binary column. SQLite hands out what somebody wrote, of whatever type."""
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return str(value).encode("utf-8", "surrogatepass")


def _entries(where: Q) -> QuerySet[Any, tuple[Any, ...]]:
    before = Entry.objects.filter(record=OuterRef("record"), rev=OuterRef("rev") - 1)
    columns = ("pk", "kind", "record", "op", "rev", "actor", "at", "body", "leaf")
    return (
        Entry.objects.filter(where)
        .annotate(
            before=Subquery(before.values("leaf")[:1]),
            told=Cast(F("disclosure__values"), TextField()),
        )
        .values_list(*columns, "before", "told")
    )


def _told(row: tuple[Any, ...]) -> Told:
    *columns, body, leaf, previous, values = row
    whole: list[Any] = [*columns, as_bytes(body), leaf, previous, values]
    return Told(*whole)


def entries(numbers: Collection[int], spoilt: Callable[[int], None]) -> dict[int, Told]:
    """Entries by number. One that cannot be read at all is handed to `spoilt` and left out."""
    try:
        return {row[0]: _told(row) for row in _entries(Q(pk__in=numbers))}
    except SPOILT:
        return dict(_one_by_one(numbers, spoilt))


def _one_by_one(
    numbers: Collection[int], spoilt: Callable[[int], None]
) -> Iterator[tuple[int, Told]]:
    for number in numbers:
        try:
            yield from ((row[0], _told(row)) for row in _entries(Q(pk=number)))
        except SPOILT:
            spoilt(number)


def places(below: int) -> Iterator[list[Place]]:
    """The log's rows in order, up to a size, a chunk at a time."""
    last = -1
    while True:
        rows = Leaf.objects.filter(seq__gt=last, seq__lt=below).order_by("seq")
        chunk = [
            Place(seq, entry, as_bytes(found))
            for seq, entry, found in rows.values_list("seq", "entry_id", "hash")[:CHUNK]
        ]
        if not chunk:
            return
        yield chunk
        last = chunk[-1].seq


def without_place() -> Iterator[list[int]]:
    """Numbers of the entries that have no place in the log, a chunk at a time; later ones are left for the next time."""
    placed, last = Exists(Leaf.objects.filter(entry=OuterRef("pk"))), 0
    newest = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    while True:
        rows = Entry.objects.filter(~placed, pk__gt=last, pk__lte=newest).order_by("pk")
        chunk = list(rows.values_list("pk", flat=True)[:CHUNK])
        if not chunk:
            return
        yield chunk
        last = chunk[-1]


def who_lies_at(place: int) -> tuple[UUID | None, int | None]:
    """Record and number of the entry at a place, as far as the rows are there."""
    number = Leaf.objects.filter(seq=place).values_list("entry_id", flat=True).first()
    if number is None:
        return None, None
    try:
        return Entry.objects.filter(pk=number).values_list("record", flat=True).first(), number
    except SPOILT:
        return None, number
