"""Two releases of a program side by side: every changed field, and which rows explain the difference of a total.

Reads release tables, and rows that are not stored yet. What counts where, a row says itself: its amount less the excess
of a report in its own fiscal year; where it was revalued, `counted` says what counts in which year.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from tracker.publishing.content.cells import NOT_STATED, Cell, Cells, Row, is_withheld, value_of
from tracker.publishing.models import Release, ReleasedRow, ReleaseItem
from tracker.shared.money import Money

RECKONED = ("total", "withheld", "withheld_summary", "difference")  # made from the other rows
NEW, GONE, CHANGED = "new", "gone", "changed"
NEWLY_WITHHELD, NO_LONGER_WITHHELD = "newly withheld", "no longer withheld"
_ORDER = (GONE, NEWLY_WITHHELD, NO_LONGER_WITHHELD, CHANGED, NEW)
_TOLD_APART = {"participant": ("role", "organisation")}  # rows whose subject is their program
_NAMES = ("title", "label", "organisation", "indicator", "kind")
_AID = "aid"
_CHUNK = 1000


class Place(NamedTuple):
    """Where a total stands. Its words are what an explanation of it is filed under."""

    fiscal_year: int
    kind: str
    currency: str

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.kind} {self.currency}"


class Explaining(NamedTuple):
    """A row by which a total differs, and by how much."""

    what: str
    subject: UUID
    label: str
    delta: Money


class FieldChanged(NamedTuple):
    kind: str
    subject: UUID
    name: str
    field: str
    before: Cell
    after: Cell


class RowMoved(NamedTuple):
    """A row that is new, or gone."""

    kind: str
    subject: UUID
    name: str


@dataclass(frozen=True)
class TotalCompared:
    """A total that differs, or in which a row counts otherwise than before. None: it is not stated there."""

    place: Place
    before: Money | None
    after: Money | None
    rows: list[Explaining]

    @property
    def difference(self) -> Money:
        nothing = Money(0, self.place.currency)
        return (self.after or nothing) - (self.before or nothing)

    @property
    def explained(self) -> bool:
        """Do the rows come to the difference, to the last unit?"""
        return sum(row.delta.minor for row in self.rows) == self.difference.minor

    @property
    def explains_itself(self) -> bool:
        """Only rows that are new: nobody has to say why. Whatever else there is needs a sentence."""
        return self.explained and all(row.what == NEW for row in self.rows)


@dataclass(frozen=True)
class Comparison:
    totals: list[TotalCompared] = field(default_factory=list)
    fields: list[FieldChanged] = field(default_factory=list)
    new: list[RowMoved] = field(default_factory=list)
    gone: list[RowMoved] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.totals or self.fields or self.new or self.gone)

    @property
    def to_explain(self) -> list[TotalCompared]:
        return [total for total in self.totals if not total.explains_itself]


def compare(before: Release | None, after: Release | Iterable[Row]) -> Comparison:
    """What `after` states otherwise than `before`. None: nothing was public before.

    Two releases take four queries, whatever they hold: unchanged rows are shared and not read. Rows that are not stored
    yet pass by once and only what differs is kept.
    """
    if isinstance(after, Release):
        return _compare_stored(before, after)
    return _compare_passing(before, after)


def _compare_stored(before: Release | None, after: Release) -> Comparison:
    gone = list(_only_in(before, after))
    sides = _Sides({row.subject for row in gone})
    sides.take_after(_only_in(after, before))
    sides.take_before(gone)
    return sides.compared(_totals(_totals_of(before)), _totals(_totals_of(after)))


def _compare_passing(before: Release | None, after: Iterable[Row]) -> Comparison:
    stored = _Stored(before)
    sides = _Sides(stored.subjects)
    totals: list[Cells] = []
    sides.take_after(stored.unknown(after, totals))
    sides.take_before(stored.not_seen_again())
    return sides.compared(_totals(_totals_of(before)), _totals(totals))


# --- Which rows differ -------------------------------------------------------


def _items(release: Release) -> QuerySet[ReleaseItem]:
    """A report's rows are frozen with it, and no other release has them."""
    found = ReleaseItem.objects.filter(release=release).exclude(kind__in=RECKONED)
    return found.exclude(kind__startswith="report")


def _only_in(release: Release | None, other: Release | None) -> Iterator[Row]:
    if release is None:
        return
    shared = ReleaseItem.objects.filter(release=other, row=OuterRef("row"))
    items = _items(release).filter(~Exists(shared)).order_by("kind", "position")
    columns = ("row__kind", "row__subject", "row__cells")
    for told in items.values_list(*columns).iterator(chunk_size=_CHUNK):
        yield Row(*told)


def _totals_of(release: Release | None) -> Iterator[Cells]:
    if release is not None:
        found = ReleaseItem.objects.filter(release=release, kind="total")
        yield from found.values_list("row__cells", flat=True).order_by("position")


class _Stored:
    """The rows of a release, by digest alone: their content is read where nothing of it comes again."""

    def __init__(self, release: Release | None):
        self._keys: dict[str, int] = {}
        self.subjects = set()
        if release is not None:
            found = _items(release).values_list("row__digest", "row", "row__subject")
            for digest, key, subject in found.iterator(chunk_size=_CHUNK):
                self._keys[digest] = key
                self.subjects.add(subject)
        self._gone = dict(self._keys)

    def unknown(self, rows: Iterable[Row], totals: list[Cells]) -> Iterator[Row]:
        for row in rows:
            if row.kind == "total":
                totals.append(row.cells)
            elif row.kind in RECKONED or row.kind.startswith("report"):
                continue
            elif row.digest in self._keys:
                self._gone.pop(row.digest, None)
            else:
                yield row

    def not_seen_again(self) -> Iterator[Row]:
        keys = sorted(self._gone.values())
        for at in range(0, len(keys), _CHUNK):
            rows = ReleasedRow.objects.filter(pk__in=keys[at : at + _CHUNK]).order_by("pk")
            yield from (Row(*told) for told in rows.values_list("kind", "subject", "cells"))


# --- What they say -----------------------------------------------------------


@dataclass(slots=True)
class _Said:
    """One side of a row. The cells are kept only where the other side may have the row, too."""

    kind: str
    subject: UUID
    name: str
    counts: dict[Place, int]
    hidden: bool
    cells: Cells | None


class _Sides:
    def __init__(self, subjects: set[UUID]):
        self._subjects = subjects
        self._before: dict[Any, _Said] = {}
        self._after: dict[Any, _Said] = {}

    def take_after(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._after[_key(row, self._after)] = _said(row, row.subject in self._subjects)

    def take_before(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._before[_key(row, self._before)] = _said(row, keep=True)

    def compared(self, before: dict[Place, int], after: dict[Place, int]) -> Comparison:
        rows: dict[Place, list[Explaining]] = defaultdict(list)
        found = Comparison()
        for key in [*self._before, *(key for key in self._after if key not in self._before)]:
            old, new = self._before.get(key), self._after.get(key)
            _list_differences(old, new, found)
            for place, told in _deltas(old, new):
                rows[place].append(told)
        places = {place for place in {*before, *after} if before.get(place) != after.get(place)}
        found.totals.extend(
            TotalCompared(
                place,
                _money(before, place),
                _money(after, place),
                sorted(rows[place], key=lambda row: _ORDER.index(row.what)),
            )
            for place in sorted(places | set(rows))
        )
        return found


def _key(row: Row, taken: dict[Any, _Said]) -> Any:
    """Kind and record; rows that share the subject of their program by what tells them apart, then by their order."""
    names = _TOLD_APART.get(row.kind, ())
    key: tuple[Any, ...] = (row.kind, row.subject, *(str(row.cells.get(name)) for name in names))
    again = 0
    while (*key, again) in taken:
        again += 1
    return (*key, again)


def _said(row: Row, keep: bool) -> _Said:
    counts, hidden = (counts_of(row.cells)) if row.kind == "transaction" else ({}, False)
    cells = row.cells if keep else None
    return _Said(row.kind, row.subject, name_of(row.kind, row.cells), counts, hidden, cells)


def counts_of(cells: Cells) -> tuple[dict[Place, int], bool]:
    """In which totals a released transaction counts, with how much; and whether that is withheld."""
    amount, excess = cells.get("amount", NOT_STATED), cells.get("excess", NOT_STATED)
    if value_of(cells.get("purpose", NOT_STATED)) not in (None, _AID):
        return {}, False
    if is_withheld(amount) or is_withheld(excess):
        return {}, True
    kind, year = value_of(cells["kind"]), value_of(cells["fiscal_year"])
    counted = value_of(cells.get("counted", NOT_STATED))
    if counted is None:
        worth = value_of(cells.get("worth", NOT_STATED))  # of a release from before `counted`
        posted = value_of(amount)
        if worth is None and posted is not None:
            less = value_of(excess)
            worth = posted | {"minor": posted["minor"] - (less["minor"] if less else 0)}
        counted = [] if worth is None else [{"fiscal_year": year, "amount": worth}]
    found: dict[Place, int] = defaultdict(int)
    for one in counted:
        found[Place(one["fiscal_year"], kind, one["amount"]["currency"])] += one["amount"]["minor"]
    return dict(found), False


def name_of(kind: str, cells: Cells) -> str:
    """What a row is called beside a difference: no free text, which may have to be erased one day."""
    if kind != "transaction":
        said = (value_of(cells[name]) for name in _NAMES if name in cells)
        return next((str(text) for text in said if text), kind.replace("_", " "))
    told = str(value_of(cells["kind"])).replace("_", " ")
    day, precision = value_of(cells["value_date"]), value_of(cells["date_precision"])
    year = f"FY{value_of(cells['fiscal_year'])}"
    when = {"day": day, "month": (day or "")[:7]}.get(precision) or year
    return f"{told} {when}, entry {value_of(cells['entry'])}"


def _deltas(old: _Said | None, new: _Said | None) -> Iterator[tuple[Place, Explaining]]:
    said = new or old
    assert said is not None
    was, now = _counts(old, new), new.counts if new else {}
    for place in sorted({*was, *now}):
        delta = now.get(place, 0) - was.get(place, 0)
        if delta:
            what = _what(old, new)
            yield (
                place,
                Explaining(what, said.subject, said.name, Money(delta, place.currency)),
            )


def _counts(old: _Said | None, new: _Said | None) -> dict[Place, int]:
    """A release from before `counted` says what a row is worth and not in which years: if that is the same, these are."""
    if old is None:
        return {}
    if new is not None and old.cells and new.cells and "counted" not in old.cells:
        worth = value_of(old.cells.get("worth", NOT_STATED))
        if worth is not None and worth == value_of(new.cells.get("worth", NOT_STATED)):
            return new.counts
    return old.counts


def _what(old: _Said | None, new: _Said | None) -> str:
    if old is None:
        return NEW
    if new is None:
        return GONE
    if new.hidden and not old.hidden:
        return NEWLY_WITHHELD
    return NO_LONGER_WITHHELD if old.hidden and not new.hidden else CHANGED


def _list_differences(old: _Said | None, new: _Said | None, found: Comparison) -> None:
    if old is None and new is not None:
        found.new.append(RowMoved(new.kind, new.subject, new.name))
    elif old is not None and new is None:
        found.gone.append(RowMoved(old.kind, old.subject, old.name))
    elif old is not None and new is not None and old.cells and new.cells:
        for name in {**old.cells, **new.cells}:
            was, now = old.cells.get(name, NOT_STATED), new.cells.get(name, NOT_STATED)
            if was != now:
                found.fields.append(FieldChanged(new.kind, new.subject, new.name, name, was, now))


def _totals(rows: Iterable[Cells]) -> dict[Place, int]:
    """The amounts that are stated, whatever they came off."""
    found: dict[Place, int] = defaultdict(int)
    for cells in rows:
        amount = value_of(cells["amount"])
        if amount is not None:
            year, kind = value_of(cells["fiscal_year"]), value_of(cells["kind"])
            found[Place(year, kind, amount["currency"])] += amount["minor"]
    return dict(found)


def _money(totals: dict[Place, int], place: Place) -> Money | None:
    return Money(totals[place], place.currency) if place in totals else None
