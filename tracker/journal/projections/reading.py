"""Reading rows so that none is lost and nothing is asked twice, and saying their values as entries do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Field, ForeignKey, Model, Q

from tracker.journal.entries import plain
from tracker.journal.models import Entry
from tracker.journal.projections.said import Story, Told
from tracker.shared.errors import Refused
from tracker.shared.money import Money, MoneyField
from tracker.shared.numbers import ScaledField

CHUNK = 1000
REMEMBERED = 50_000
Row = Mapping[str, Any]
LOST = "a row that is not there"


def in_chunks(model: type[Model], columns: Sequence[str]) -> Iterator[list[Row]]:
    """Every row by its key, without joins: a row whose neighbour was deleted by hand is still read."""
    last = 0
    while True:
        rows = read(model, columns, Q(pk__gt=last), CHUNK)
        if not rows:
            return
        yield rows
        last = rows[-1][model._meta.pk.attname]


def read(
    model: type[Model], columns: Sequence[str], where: Q, limit: int | None = None
) -> list[Row]:
    names = [model._meta.pk.attname, *(c for c in columns if c != model._meta.pk.attname)]
    return list(model._base_manager.filter(where).order_by("pk").values(*names)[:limit])


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
            found = model._base_manager.filter(pk__in=wanted).values_list("pk", via)
            known.update({key: plain(name) for key, name in found})

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
    return found


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
