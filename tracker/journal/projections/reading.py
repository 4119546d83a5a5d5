"""Reading rows so that none is lost and nothing is asked twice, and saying their values as entries do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Field, ForeignKey, Model, Q

from tracker.journal.entries import committed, plain
from tracker.journal.models import Entry, Erasure
from tracker.journal.projections.said import Story, Told
from tracker.shared.errors import Refused
from tracker.shared.money import Money, MoneyField
from tracker.shared.numbers import ScaledField

CHUNK = 1000
REMEMBERED = 50_000
Row = Mapping[str, Any]
LOST = "a row that is not there"


UNREADABLE = (ValueError, TypeError, ArithmeticError)
"""What Django raises for a value that its column cannot hold: SQLite takes anything from who writes by hand."""


def in_chunks(model: type[Model], columns: Sequence[str]) -> Iterator[tuple[list[Row], list[Any]]]:
    """Every row by its key, and the keys of rows that cannot be read.

    No joins: a row whose neighbour was deleted by hand is still read.
    """
    last = 0
    while True:
        keys = list(_after(model, last).values_list("pk", flat=True)[:CHUNK])
        if not keys:
            return
        rows = read(model, columns, Q(pk__gt=last, pk__lte=keys[-1]))
        there = {row[model._meta.pk.attname] for row in rows}
        yield rows, [key for key in keys if key not in there]
        last = keys[-1]


def _after(model: type[Model], last: int) -> Any:
    return model._base_manager.filter(pk__gt=last).order_by("pk")


def read(model: type[Model], columns: Sequence[str], where: Q) -> list[Row]:
    """Rows in the order of their keys. One that cannot be read is left out."""
    names = [model._meta.pk.attname, *(c for c in columns if c != model._meta.pk.attname)]
    rows = model._base_manager.filter(where).order_by("pk")
    try:
        return list(rows.values(*names))
    except UNREADABLE:
        return [
            row for pk in rows.values_list("pk", flat=True) for row in _single(model, names, pk)
        ]


def _single(model: type[Model], names: Sequence[str], pk: Any) -> list[Row]:
    try:
        return list(model._base_manager.filter(pk=pk).values(*names))
    except UNREADABLE:
        return []


class Names:
    """By which name entries know the rows that keys point at. One query per table and chunk, or none."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Model], str], dict[Any, Any]] = {}

    def learn(self, model: type[Model], via: str, keys: Iterable[Any]) -> None:
        if via == "pk":
            return
        known = self._known.setdefault((model, via), {})
        if len(known) > REMEMBERED:
            known.clear()
        wanted = {key for key in keys if key is not None} - known.keys()
        if wanted:
            found = read(model, [via], Q(pk__in=wanted))
            known.update({row[model._meta.pk.attname]: plain(row[via]) for row in found})

    def of(self, model: type[Model], via: str, key: Any) -> Any:
        if key is None or via == "pk":
            return key
        return self._known.get((model, via), {}).get(key, LOST)

    def forget(self) -> None:
        self._known.clear()


def stories_of(kinds: Sequence[str], *, by: str, keys: Iterable[Any]) -> dict[Any, Story]:
    """The histories of some records (`by="record"`) or single entries (`by="pk"`), in one query."""
    rows = Entry.objects.filter(**{f"{by}__in": list(keys)}, kind__in=kinds)
    found: dict[Any, Story] = {}
    columns = (by, "pk", "kind", "op", "record", "disclosure__values")
    for key, *told in rows.order_by("record", "rev", "pk").values_list(*columns).iterator():
        found.setdefault(key, Story()).entries.append(Told(*told))
    _mark_erased(found.values())
    return found


def _mark_erased(stories: Iterable[Story]) -> None:
    """Tell what was erased from what older entries never committed to. One query, where anything is missing."""
    lacking = [
        (story, place, told)
        for story in stories
        for place, told in enumerate(story.entries)
        if told.lacks_later
    ]
    if not lacking:
        return
    decided = Erasure.objects.filter(target__in=[told.pk for _, _, told in lacking])
    rows = Entry.objects.filter(pk__in=decided.values("target"))
    bodies = {pk: committed(bytes(body)) for pk, body in rows.values_list("pk", "body")}
    for story, place, told in lacking:
        if told.pk in bodies:
            story.entries[place] = replace(told, erased=bodies[told.pk])


def attname(field: Field) -> str:
    return str(field.attname)


def value_of(field: Field, row: Row, names: Names, via: str) -> Any:
    """A column as an entry would write it."""
    raw = row[attname(field)]
    if isinstance(field, ForeignKey):
        return names.of(field.related_model, via, raw)
    if isinstance(field, MoneyField) and raw is not None:
        return in_words(raw, row.get(field.currency_field, ""))
    try:
        return plain(raw)
    except TypeError:
        return repr(raw)


def in_words(minor: int, currency: str) -> str:
    try:
        return Money(int(minor), currency).plain
    except (Refused, ValueError):
        return f"{minor} units of an unknown currency"


def equal(field: Field, actual: Any, expected: Any) -> bool:
    if actual == expected:
        return True
    if expected is None and actual == "":
        return True  # a text that is not stated
    if isinstance(field, ScaledField) and None not in (actual, expected):
        try:
            return Decimal(actual) == Decimal(expected)
        except (InvalidOperation, TypeError, ValueError):
            return False
    return False


def shown(value: Any, currency: str = "") -> str:
    """A value in a sentence."""
    if value is None or value == "":
        return "nothing"
    if currency:
        try:
            return f"{Decimal(value):,f} {currency}"
        except (InvalidOperation, TypeError, ValueError):
            pass
    text = str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"
