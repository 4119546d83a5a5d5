"""Transactions as public rows, in chunks, and their totals: the sum of what the rows themselves state."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from tracker.ledger.models import (
    LEAVES,
    REPORTED,
    Purpose,
    RevaluationLine,
    Transaction,
)
from tracker.programs.models import Program
from tracker.publishing.content.cells import (
    Cell,
    Cells,
    Row,
    Withheld,
    bare,
    cells_of,
    is_withheld,
    kept_from_sums,
    stated,
    value_of,
)
from tracker.publishing.content.hidden import Hidden, Said, hidden_row, may_follow
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import ReleasedRow
from tracker.shared.money import Money

CHUNK = 1000
_COLUMNS = (
    *("pk", "uid", "kind", "value_date", "date_precision", "fiscal_year", "amount", "currency"),
    *("text__payee", "provider__name", "receiver__name", "text__description", "text__reference"),
    *("draws_on__uid", "reverses__uid", "reversal__uid", "provenance", "valuation_basis"),
    *("authority__title", "entry_id", "purpose"),
    *("form", "valuation_date", "quantity", "unit", "delivery_point", "booked_on"),
    *("excess", "statement__verdict", "draws_on__kind", "draws_on__draws_on__uid"),
    *("posted_at", "reversal__posted_at"),
)


class Counted(NamedTuple):
    """What the ledger counts of a row now (None where it is unvalued), withheld or not, in which fiscal years, and, of
    what came back or was given up, what it came off.

    The first year is that in which it was counted first. What was revalued after its period was closed counts in the
    year of the decision. `lawful`: sums may contain the amount although it is withheld. `whole`: the counted amount is
    the one that the row states. `held_back`: a delay is in force and the row is not released yet.
    """

    now: Money | None = None
    years: tuple[tuple[int, Money], ...] = ()
    off: str = ""
    lawful: bool = False
    whole: bool = True
    held_back: bool = False


def chunks(program: Program, withheld: Withheld) -> Iterator[list[tuple[Row, Counted]]]:
    """Public rows with what the ledger counts beside each, in the order of posting, two queries per chunk.

    Rows that are `held_back` are among them, to be counted and never released.

    The order is that of the journal, which is public anyway: an order by day or amount would tell what is withheld.
    """
    last = 0
    while True:
        found = list(
            Transaction.objects.filter(program=program, pk__gt=last)
            .order_by("pk")
            .values(*_COLUMNS)[:CHUNK]
        )
        if not found:
            return
        moved = _revalued([row["pk"] for row in found])
        yield [_with_worth(row, moved[row["pk"]], withheld) for row in found]
        last = found[-1]["pk"]


def row_of(program: Program, record: UUID) -> Iterator[Row]:
    """One transaction's row, with nothing withheld."""
    found = Transaction.objects.filter(program=program, uid=record).values(*_COLUMNS).first()
    if found is not None:
        yield _with_worth(found, _revalued([found["pk"]])[found["pk"]], Withheld([]))[0]


def _revalued(keys: list[int]) -> dict[int, list[RevaluationLine]]:
    """By how much they were revalued, the oldest first."""
    found: dict[int, list[RevaluationLine]] = defaultdict(list)
    for line in RevaluationLine.objects.filter(transaction__in=keys).order_by("pk"):
        found[line.transaction_id].append(line)
    return found


def _with_worth(
    row: dict[str, Any], lines: list[RevaluationLine], withheld: Withheld
) -> tuple[Row, Counted]:
    """The newest line says what a row counts as since; each counts in the fiscal year of its booking."""
    worth = lines[-1].now if lines else None
    posted = _counted(row)
    years: dict[int, Money] = {} if posted is None else {row["fiscal_year"]: posted}
    for line in lines:
        if line.delta or line.was is None:
            before = years.get(line.fiscal_year, Money(0, line.currency))
            years[line.fiscal_year] = before + line.delta
    now = posted if worth is None else worth
    off = row["draws_on__kind"] or "" if row["kind"] in LEAVES else ""
    counted = Counted(
        now,
        tuple(years.items()),
        off,
        lawful=withheld.in_sums("amount", *_same(row), *_answered(row), kind="transaction"),
        whole=not lines and row["excess"] is None,
        held_back=withheld.holds_back(row["posted_at"]),
    )
    return _row(row, withheld, worth, counted), counted


def _money(row: dict[str, Any], name: str) -> Money | None:
    return None if row[name] is None else Money(row[name], row["currency"])


def _counted(row: dict[str, Any]) -> Money | None:
    """What totals add up, if nothing was revalued: the amount without the excess of a report; None where it is
    unvalued."""
    amount, excess = _money(row, "amount"), _money(row, "excess")
    return amount if amount is None or excess is None else amount - excess


def _row(row: dict[str, Any], withheld: Withheld, worth: Money | None, counted: Counted) -> Row:
    cells = cells_of(
        kind=row["kind"],
        value_date=row["value_date"],
        date_precision=row["date_precision"],
        fiscal_year=row["fiscal_year"],
        amount=_money(row, "amount"),
        excess=_money(row, "excess"),
        verdict=row["statement__verdict"],
        payee=row["text__payee"],
        provider=row["provider__name"],
        receiver=row["receiver__name"],
        description=row["text__description"],
        reference=row["text__reference"],
        draws_on=row["draws_on__uid"],
        reverses=row["reverses__uid"],
        reversed=row["reversal__uid"] is not None
        and not withheld.holds_back(row["reversal__posted_at"]),
        provenance=row["provenance"],
        form=row["form"],
        quantity=row["quantity"],
        unit=row["unit"] or None,
        delivery_point=row["delivery_point"] or None,
        valuation_basis=row["valuation_basis"],
        valuation_date=row["valuation_date"],
        booked_on=row["booked_on"],
        purpose=row["purpose"],
        authority=row["authority__title"],
        entry=row["entry_id"],
    )
    own, *same = _same(row)
    answers = _answered(row)
    fields = WITHHOLDABLE["transaction"]
    covered = withheld.cover(cells, fields, own, *same, answers=answers, kind="transaction")
    # What was never revalued says no more than before, and stays the row of older releases.
    if worth is not None:
        years = [{"fiscal_year": year, "amount": amount} for year, amount in counted.years]
        hidden = withheld.counted(own, *same, *answers)
        covered |= {"worth": hidden or stated(worth), "counted": hidden or stated(years)}
    return Row("transaction", row["uid"], covered)


def _same(row: dict[str, Any]) -> tuple[UUID | None, ...]:
    """A reversal repeats its original: what one of the two withholds, the other must not tell."""
    return row["uid"], row["reverses__uid"], row["reversal__uid"]


def _answered(row: dict[str, Any]) -> tuple[UUID | None, ...]:
    """What a report answers for: its “confirmed” would tell what the dispatch withholds."""
    if row["kind"] not in REPORTED:
        return ()
    return row["draws_on__uid"], row["draws_on__draws_on__uid"]


def _is_aid(row: Row) -> bool:
    """Replenishment of the donor's own stocks is released row by row, and is in no total of aid.

    Rows of a release that is older than this distinction are aid.
    """
    return row.cells.get("purpose", {}).get("value", Purpose.AID) == Purpose.AID


@dataclass
class Sum:
    """A running total: what is stated is added, what is withheld is counted."""

    minor: int = 0
    rows: int = 0
    partly: int = 0  # of `minor`: in rows that withhold something else
    cell: Cell | None = None  # why amounts are withheld
    is_stated: bool = False
    hidden: Hidden = field(default_factory=Hidden)

    @property
    def withheld_rows(self) -> int:
        return self.hidden.rows

    def add(self, amount: Money, row: Row, counted: Counted, rows: int = 1) -> None:
        """`rows` is 0 for what a row of another year was revalued by."""
        if (cell := kept_from_sums(row.cells)) is not None:
            self.hidden.merge(hidden_row(amount, row, counted.lawful, counted.whole))
            self.cell = bare(cell)
            return
        self.minor += amount.minor
        self.rows += rows
        self.is_stated = True
        if any(map(is_withheld, row.cells.values())):
            self.partly += amount.minor

    def merge(self, other: "Sum") -> None:
        self.minor += other.minor
        self.rows += other.rows
        self.hidden.merge(other.hidden)
        self.partly += other.partly
        self.cell = other.cell or self.cell
        self.is_stated = self.is_stated or other.is_stated


class Place(NamedTuple):
    """Where a total stands; the currency is empty where no amount of the place is stated."""

    fiscal_year: int
    kind: str
    off: str
    currency: str


@dataclass
class Tally:
    """The totals of a release, gathered while its rows are written. `ledger` holds every amount, to reconcile; of it,
    `held_back` those of rows that a delay keeps back. `before` are the sums of withheld amounts that were public.

    `unvalued` counts rows by fiscal year and kind that nobody has valued, `apart` those that are no aid: neither is in
    any sum.
    """

    sums: dict[Place, Sum] = field(default_factory=lambda: defaultdict(Sum))
    ledger: dict[tuple[int, str, str], int] = field(default_factory=lambda: defaultdict(int))
    held_back: dict[tuple[int, str, str], int] = field(default_factory=lambda: defaultdict(int))
    held_back_rows: dict[tuple[int, str, str], int] = field(
        default_factory=lambda: defaultdict(int)
    )
    rows_held_back: int = 0
    before: dict[Place, list[Said]] = field(default_factory=dict)
    unvalued: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    apart: int = 0

    def add(self, row: Row, counted: Counted) -> None:
        """An unvalued row is in no sum: it has nothing to add, and is not 0."""
        self.rows_held_back += counted.held_back
        if not _is_aid(row):
            self.apart += 1
            return
        kind = row.cells["kind"]["value"]
        if counted.now is None:
            self.unvalued[row.cells["fiscal_year"]["value"], kind] += 1
        for later, (year, amount) in enumerate(counted.years):
            self.ledger[year, kind, amount.currency] += amount.minor
            if counted.held_back:
                self.held_back[year, kind, amount.currency] += amount.minor
                self.held_back_rows[year, kind, amount.currency] += not later
                continue
            place = Place(year, kind, counted.off, amount.currency)
            self.sums[place].add(amount, row, counted, rows=0 if later else 1)

    def stated(self) -> list[tuple[Place, Sum]]:
        """Where no amount is stated, the currency is not said either, unless the sum of what is withheld is."""
        merged: dict[Place, Sum] = defaultdict(Sum)
        for place, total in self.sums.items():
            says = total.is_stated or self.may_say(place, total)
            merged[place if says else place._replace(currency="")].merge(total)
        return sorted(merged.items())

    def may_say(self, place: Place, total: Sum) -> bool:
        """May the sum of what is withheld in this place be told?"""
        hidden = total.hidden
        return hidden.may_be_said and may_follow(hidden, self.before.get(place, []))

    def withheld_amount(self, place: Place, total: Sum) -> Money | None:
        """What the rows without their amount come to; None where there are none, or where it is not said."""
        says = bool(place.currency) and self.may_say(place, total)
        return Money(total.hidden.minor, place.currency) if says else None

    def withheld_of(self, kind: str) -> Money | None:
        """The same for all places of a kind, where each of them says it, in one currency."""
        found = [(p, t) for p, t in self.sums.items() if p.kind == kind and t.withheld_rows]
        said = [self.withheld_amount(place, total) for place, total in found]
        if None in said or len({place.currency for place, _ in found}) != 1:
            return None
        return Money(sum(one.minor for one in said if one), found[0][0].currency)


def tally_for(program: Program) -> Tally:
    """An empty tally that knows which sums of withheld amounts were released before, in whatever release. One query."""
    told = {"cells__withheld_amount__state": "stated"}
    before: dict[Place, list[Said]] = defaultdict(list)
    for row in ReleasedRow.objects.filter(kind="total", subject=program.uid, **told):
        said = {name: value_of(cell) for name, cell in row.cells.items()}
        amount = said["withheld_amount"]
        place = Place(said["fiscal_year"], said["kind"], said["off"] or "", amount["currency"])
        before[place].append((said["withheld_rows"], amount["minor"]))
    return Tally(before=before)


def total_rows(program: Program, tally: Tally) -> list[Row]:
    """One row per fiscal year, kind, what it came off, and currency."""
    return [
        Row(
            "total",
            program.uid,
            {
                **cells_of(fiscal_year=place.fiscal_year, kind=place.kind, off=place.off),
                "amount": _sum_cell(total, place.currency),
                **cells_of(rows=total.rows, withheld_rows=total.withheld_rows),
                "partly_withheld": stated(partly_of(total, place.currency)),
                **_withheld_amount(total.withheld_rows, tally.withheld_amount(place, total)),
            },
        )
        for place, total in tally.stated()
    ]


def _withheld_amount(rows: int, amount: Money | None) -> Cells:
    """Nothing where nothing is withheld: such a row stays that of older releases."""
    return {"withheld_amount": stated(amount)} if rows else {}


def _sum_cell(total: Sum, currency: str) -> Cell:
    if total.is_stated:
        return stated(Money(total.minor, currency))
    return total.cell or stated(None)


def partly_of(total: Sum, currency: str) -> Money | None:
    return Money(total.partly, currency) if currency and total.partly else None


class Sums(Protocol):
    """Who knows what rows without their amount come to, where that may be said."""

    def withheld_of(self, kind: str) -> Money | None: ...


@dataclass
class PeriodTally:
    """Opening, movement and closing of a period per kind and currency, for a report."""

    start: date
    end: date
    opening: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    period: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    rows: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    withheld: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def add(self, row: Row, counted: Counted) -> None:
        """A row of which the day is withheld, or what counts of it, belongs to no sum: it is counted as withheld. So does
        an unvalued one, which is counted nowhere."""
        amount = counted.now
        if amount is None or counted.held_back or not _is_aid(row):
            return
        cells = row.cells
        key = (cells["kind"]["value"], amount.currency)
        if kept_from_sums(cells) is not None:
            self.withheld[key[0], ""] += 1
        elif is_withheld(cells["value_date"]):
            self.withheld[key] += 1
        else:
            self._place(key, date.fromisoformat(cells["value_date"]["value"]), amount.minor)

    def _place(self, key: tuple[str, str], day: date, minor: int) -> None:
        if day < self.start:
            self.opening[key] += minor
            self.rows[key] += 0
        elif day <= self.end:
            self.period[key] += minor
            self.rows[key] += 1

    def release_rows(self, report: Any, sums: "Sums | None" = None) -> list[Row]:
        """`rows` counts the transactions of the period; nothing after its end is in any of the numbers. Rows without
        their amount have no day here: what they come to is said of all of them, as far as the totals say it (a sum of
        the period alone would tell, beside theirs, what one of them is)."""
        keys = sorted({*self.rows, *self.withheld})
        return [
            Row(
                "report_total",
                report.uid,
                self._cells(kind, code) | self._hidden(kind, code, sums),
            )
            for kind, code in keys
        ]

    def _hidden(self, kind: str, currency: str, sums: "Sums | None") -> Cells:
        if currency or sums is None:
            return {}
        return _withheld_amount(self.withheld[kind, currency], sums.withheld_of(kind))

    def _cells(self, kind: str, currency: str) -> Cells:
        def money(minor: int) -> Money | None:
            return Money(minor, currency) if currency else None

        opening, period = self.opening[kind, currency], self.period[kind, currency]
        return cells_of(
            kind=kind,
            currency=currency,
            opening=money(opening),
            period=money(period),
            closing=money(opening + period),
            rows=self.rows[kind, currency],
            withheld_rows=self.withheld[kind, currency],
        )
