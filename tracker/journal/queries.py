"""Reading the journal."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from tracker.journal.entries import ENVELOPE, committed, disclosed_value
from tracker.journal.kinds import kind_named
from tracker.journal.models import Entry, EntryQuerySet
from tracker.shared.dates import say_day

DAY = re.compile(r"\d{4}-\d\d-\d\d")  # “draws_on” names a record, not a day
AMOUNT = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Event:
    """One entry as a person reads it. `number` is the entry's id, shown beside the proof mark."""

    number: int
    kind: str
    op: str
    record: UUID
    at: datetime
    actor: UUID | None
    values: dict[str, Any]
    sentence: str


class _Stated(dict[str, Any]):
    """Values for a sentence. A field without a disclosure was erased by a decision; one with null was not stated."""

    def __init__(self, values: dict[str, Any], disclosed: Collection[str]) -> None:
        super().__init__(values)
        self.disclosed = disclosed

    def __missing__(self, key: str) -> str:
        return "not stated" if key in self.disclosed else "(erased)"


def _told(name: str, value: Any) -> Any:
    """A value as a sentence says it: days in words, amounts grouped. Entries keep them as ISO dates and digits."""
    if not isinstance(value, str):
        return value
    if DAY.fullmatch(value) and (name.endswith("_on") or name.startswith("period_")):
        return say_day(date.fromisoformat(value))
    if name.endswith("amount") and AMOUNT.fullmatch(value):
        return f"{Decimal(value):,f}".replace("-", "−")
    return value


def _true_then(entry: Entry, values: Collection[str]) -> dict[str, Any]:
    """What was true of fields that the kind has since: the entry does not commit to them. Others are erased."""
    since = {n: v for n, v in kind_named(entry.kind).later.items() if n not in values}
    if not since:
        return {}
    slots = committed(bytes(entry.body))
    return {name: value for name, value in since.items() if name not in slots}


def _read(entry: Entry) -> Event:
    disclosure = getattr(entry, "disclosure", None)
    raw = {} if disclosure is None else disclosure.values
    values = {name: disclosed_value(text) for name, text in raw.items() if name not in ENVELOPE}
    values |= _true_then(entry, values)
    stated = {k: _told(k, v) for k, v in values.items() if v not in (None, "")}
    told = _Stated(stated, {*raw, *values})
    sentence = kind_named(entry.kind).ops[entry.op].format_map(told)
    return Event(
        entry.pk,
        entry.kind,
        entry.op,
        entry.record,
        entry.at,
        entry.actor,
        values,
        sentence,
    )


def history_of(*records: Any) -> list[Event]:
    """Everything that happened to the given records, newest first. Two queries at most, however long."""
    uids = [getattr(record, "uid", record) for record in records]
    rows = Entry.objects.filter(record__in=uids).select_related("disclosure")
    return [_read(entry) for entry in rows.order_by("-at", "-pk")]


def latest(
    limit: int,
    *,
    records: Iterable[UUID] | None = None,
    actors: Iterable[UUID] | None = None,
) -> list[Event]:
    """The newest events, of some records or by some people."""
    rows = Entry.objects.select_related("disclosure")
    if records is not None:
        rows = rows.filter(record__in=list(records))
    if actors is not None:
        rows = rows.filter(actor__in=list(actors))
    return [_read(entry) for entry in rows.order_by("-pk")[:limit]]


def events_of(sources: Iterable[Any]) -> EntryQuerySet:
    """Entries about records whose identifiers these subqueries give, with their values: filter, sort and page it."""
    found = Q()
    for uids in sources:
        found |= Q(record__in=uids)
    return Entry.objects.filter(found).select_related("disclosure")


def read(entry: Entry) -> Event:
    """An entry as a person reads it. Load `disclosure` with it."""
    return _read(entry)


def fields_of(kind: str) -> tuple[str, ...]:
    """What an entry of the kind commits to."""
    return kind_named(kind).fields


def values_at(numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The values of entries by their numbers; an erased one is missing. One query."""
    rows = Entry.objects.filter(pk__in=list(numbers)).select_related("disclosure")
    return {entry.pk: _read(entry).values for entry in rows}


def newest_values(records: Iterable[UUID]) -> dict[UUID, tuple[int, dict[str, Any]]]:
    """For each record its newest entry and that entry's values. One query."""
    later = Entry.objects.filter(record=OuterRef("record"), rev__gt=OuterRef("rev"))
    rows = Entry.objects.filter(~Exists(later), record__in=list(records))
    found = rows.select_related("disclosure")
    return {entry.record: (entry.pk, _read(entry).values) for entry in found}


def kinds_of(records: Collection[UUID]) -> dict[UUID, str]:
    """Of which kind each record is: that of its first entry."""
    rows = Entry.objects.filter(record__in=records, rev=1)
    return dict(rows.values_list("record", "kind"))


def entries_about(record: Any, *, after: Any) -> EntryQuerySet:
    """Entries about a record after an entry, for subqueries of other rooms. Both may be an OuterRef."""
    return Entry.objects.filter(record=record, pk__gt=after)


def entries_of_op(kind: str, op: str, record: Any) -> EntryQuerySet:
    """When something happened to a record, the first time first, for subqueries. `record` may be an OuterRef."""
    return Entry.objects.filter(kind=kind, op=op, record=record).order_by("pk")


def entries_stating(
    records: Iterable[UUID], fields: Collection[str]
) -> list[tuple[int, str, list[str]]]:
    """Entries of some records that state one of the fields: entry, its kind, and which fields. Oldest first."""
    rows = Entry.objects.filter(record__in=list(records), disclosure__isnull=False)
    found = []
    for entry in rows.select_related("disclosure").order_by("pk"):
        values = entry.disclosure.values
        said = [n for n in fields if n in values and disclosed_value(values[n]) not in (None, "")]
        if said:
            found.append((entry.pk, entry.kind, said))
    return found


def size() -> int:
    """The number of the newest entry: “journal as of entry N”."""
    return Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def body_of(number: int) -> dict[str, Any]:
    """The entry as it was hashed, for those who check the digests."""
    return json.loads(bytes(Entry.objects.get(pk=number).body))
