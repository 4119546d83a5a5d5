"""Entries as they were hashed, for those who pass them on: with a release, in a proof, in a receipt."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from tracker.journal.models import Entry

_COLUMNS = ("pk", "record", "body", "disclosure__values", "rev", "leaf")


@dataclass(frozen=True)
class Sealed:
    """One entry: its number, its record, its bytes, and the disclosures that are left, by field."""

    number: int
    record: UUID
    body: bytes
    disclosures: dict[str, str]
    rev: int
    leaf: str


def newest_of(records: Collection[UUID]) -> dict[UUID, Sealed]:
    """The newest entry of each record: the state that it is in. One query."""
    later = Entry.objects.filter(record=OuterRef("record"), rev__gt=OuterRef("rev"))
    rows = Entry.objects.filter(~Exists(later), record__in=records).order_by()
    return {row[1]: _sealed(row) for row in rows.values_list(*_COLUMNS)}


def sealed(record: UUID, rev: int) -> Sealed | None:
    """One event of a record's history, counted from 1."""
    row = Entry.objects.filter(record=record, rev=rev).values_list(*_COLUMNS).first()
    return None if row is None else _sealed(row)


def history(record: UUID) -> list[Sealed]:
    """Every event of a record, oldest first. One query."""
    rows = Entry.objects.filter(record=record).order_by("rev")
    return [_sealed(row) for row in rows.values_list(*_COLUMNS)]


def _sealed(row: tuple) -> Sealed:
    number, record, body, values, rev, leaf = row
    return Sealed(number, record, bytes(body), values or {}, rev, leaf)
