"""Money of several programs: by currency, recipient, year and kind of aid. Natures and currencies stay apart."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from tracker.accounts.models import User
from tracker.dashboards import addresses
from tracker.ledger.queries import (
    MoneyLine,
    by_recipient,
    by_year,
    money_of,
    replenishment_of,
    totals_of,
    ways_of,
)
from tracker.programs.models import KindOfAid, Nature, Program, ProgramQuerySet
from tracker.shared.money import Money
from tracker.shared.way import Way

BARS = 12
ORDER = (Nature.OPERATIONAL, Nature.ILLUSTRATIVE, Nature.DOCUMENTED)


@dataclass(frozen=True)
class Line:
    """The line of one currency, for the component that draws it. Its bars open the rows behind them."""

    way: Way
    rows: str = ""  # the address of the list behind it
    waiting: str = ""  # where one sees which payments wait for a receipt

    @property
    def currency(self) -> str:
        return self.way.currency

    @property
    def label(self) -> str:
        return self.way.label

    @property
    def stages(self) -> list[dict[str, Any]]:
        return self.way.stages(self.rows, self.waiting)

    @property
    def description(self) -> str:
        return self.way.description

    @property
    def notes(self) -> list[str]:
        return self.way.notes


@dataclass(frozen=True)
class Bar:
    """A bar of a chart."""

    label: str
    value: Money | None
    href: str = ""


@dataclass(frozen=True)
class Chart:
    """Bars in one currency, and a sentence that says what they show."""

    title: str
    description: str
    heads: str
    bars: tuple[Bar, ...]
    upright: bool = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [vars(bar) for bar in self.bars]


def lines_of(programs: ProgramQuerySet, only: str = "") -> tuple[Line, ...]:
    """The lines of the programs together. `only` narrows the ledger's lists to their rows; without it no bar opens
    anything, because nothing there would be the same rows."""

    def line(way: Way) -> Line:
        if not only:
            return Line(way)
        same = f"{only}&currency={way.currency}&purpose=aid"
        waiting = f"{addresses.RECONCILIATION}?{same}&show=open"
        return Line(way, f"{addresses.LEDGER}?{same}", waiting)

    return tuple(line(way) for way in ways_of(programs))


# --- Natures ---------------------------------------------------------------


@dataclass(frozen=True)
class NatureCount:
    """How many programs of one nature a person sees."""

    nature: str
    label: str
    programs: int


def natures_seen(user: User) -> list[NatureCount]:
    """The natures of the programs that a person sees: those with a ledger first, the organisation's own before."""
    rows = Program.objects.visible_to(user).order_by().values("nature")
    counted = dict(rows.annotate(n=Count("pk")).values_list("nature", "n"))
    return [NatureCount(n, Nature(n).label, counted[n]) for n in ORDER if n in counted]


# --- The portfolio ---------------------------------------------------------


@dataclass(frozen=True)
class Portfolio:
    """The programs of one nature: all currencies in lines, the charts in the chosen one."""

    programs: int
    without_money: int
    lines: tuple[Line, ...]
    replenishment: tuple[MoneyLine, ...]  # outside every total of aid
    currency: str
    charts: tuple[Chart, ...]


def portfolio_of(programs: ProgramQuerySet, asked: str = "", rows: str = "") -> Portfolio:
    """What the programs come to. `asked` is the currency of the charts, where they have money in it; else the
    one with the most transactions. `rows` narrows the ledger's list to these programs."""
    listed = list(programs.order_by("pk"))
    money = money_of(listed)
    totals = totals_of(listed)
    currency = _currency(totals, asked)
    charts = _charts(listed, money, currency) if currency else ()
    return Portfolio(
        programs=len(listed),
        without_money=sum(program.pk not in money for program in listed),
        lines=lines_of(programs, rows),
        replenishment=tuple(replenishment_of(listed)),
        currency=currency,
        charts=charts,
    )


def _currency(totals: Sequence[MoneyLine], asked: str) -> str:
    known = {total.currency: total.rows for total in totals}
    return asked if asked in known else max(sorted(known), key=lambda c: known[c], default="")


def _charts(
    programs: list[Program], money: dict[int, list[MoneyLine]], currency: str
) -> tuple[Chart, ...]:
    return (
        years_chart(programs, currency),
        _recipients_chart(programs, currency),
        _kinds_chart(programs, money, currency),
    )


def years_chart(programs: Iterable[Program], currency: str) -> Chart:
    """Every year from the first to the last: a year without a row has no bar, which is not zero."""
    found = {
        row.fiscal_year: row.money.disbursed
        for row in by_year(programs)
        if row.money.currency == currency
    }
    span = range(min(found), max(found) + 1) if found else range(0)
    bars = tuple(Bar(f"FY{year}", found.get(year)) for year in span)
    return Chart(
        f"Disbursed by fiscal year, {currency}",
        _most(bars, "No year has a payment in this currency."),
        "Fiscal year|Disbursed",
        bars,
        upright=True,
    )


def _recipients_chart(programs: list[Program], currency: str) -> Chart:
    rows = [row for row in by_recipient(programs) if row.money.currency == currency]
    bars = _largest(
        [
            Bar(
                row.recipient.capitalize() if row.recipient == "not stated" else row.recipient,
                row.money.disbursed,
            )
            for row in rows
        ]
    )
    return Chart(
        f"Disbursed by recipient, {currency}",
        _most(bars, "Nothing was paid in this currency."),
        "Recipient|Disbursed",
        bars,
    )


def _kinds_chart(
    programs: list[Program], money: dict[int, list[MoneyLine]], currency: str
) -> Chart:
    sums: dict[str, Money] = defaultdict(lambda: Money(0, currency))
    for program in programs:
        for line in money.get(program.pk, []):
            if line.currency == currency:
                sums[program.kind_of_aid] += line.disbursed
    bars = _largest(
        [Bar(KindOfAid(k).label.capitalize() if k else "Not stated", v) for k, v in sums.items()]
    )
    return Chart(
        f"Disbursed by kind of aid, {currency}",
        _most(bars, "Nothing was paid in this currency."),
        "Kind of aid|Disbursed",
        bars,
    )


def _minor(bar: Bar) -> int:
    return bar.value.minor if bar.value is not None else 0


def _largest(bars: list[Bar]) -> tuple[Bar, ...]:
    """The largest bars, and all others together as the last one."""
    ordered = sorted(bars, key=lambda bar: (-_minor(bar), bar.label))
    if len(ordered) <= BARS:
        return tuple(ordered)
    rest = ordered[BARS - 1 :]
    total = Money(sum(_minor(bar) for bar in rest), rest[0].value.currency)  # type: ignore[union-attr]
    return (*ordered[: BARS - 1], Bar(f"{len(rest)} others together", total))


def _most(bars: tuple[Bar, ...], nothing: str) -> str:
    """What a reader sees first in the chart."""
    stated = [bar for bar in bars if bar.value is not None]
    largest = max(stated, key=_minor, default=None)
    if largest is None or _minor(largest) <= 0:
        return nothing
    total = sum(_minor(bar) for bar in stated if _minor(bar) > 0)
    share = f", {100 * _minor(largest) // total} % of the whole" if len(stated) > 1 else ""
    return f"{largest.label} is the largest with {largest.value}{share}."


# --- The table of programs -------------------------------------------------


@dataclass(frozen=True)
class ProgramRow:
    """A program and its money in one currency; a program with two currencies has two rows."""

    uid: Any
    title: str
    identifier: str
    recipients: str
    kind_of_aid: str
    status: str
    currency: str
    committed: Money | None
    disbursed: Money | None
    remaining: Money | None

    def _rank(self, amount: Money | None) -> tuple[str, int]:
        """Amounts are compared within their currency; what is not stated comes first."""
        return (self.currency, -(2**63) if amount is None else amount.minor)

    @property
    def by_committed(self) -> tuple[str, int]:
        return self._rank(self.committed)

    @property
    def by_disbursed(self) -> tuple[str, int]:
        return self._rank(self.disbursed)

    @property
    def by_remaining(self) -> tuple[str, int]:
        return self._rank(self.remaining)

    @property
    def by_title(self) -> tuple[str, str, str]:
        return (self.title.casefold(), self.currency, str(self.uid))

    @property
    def href(self) -> str:
        return addresses.of_program(self.uid)


def program_rows(programs: ProgramQuerySet) -> list[ProgramRow]:
    """One row for each program and currency; a program without money has one row that states none."""
    listed = list(programs.for_table().order_by("title", "pk"))
    money = money_of(listed)
    none: list[MoneyLine | None] = [None]
    return [_row(program, line) for program in listed for line in money.get(program.pk, none)]


def _row(program: Program, money: MoneyLine | None) -> ProgramRow:
    return ProgramRow(
        uid=program.uid,
        title=program.title,
        identifier=program.identifier,
        recipients=", ".join(one.label for one in program.recipients),
        kind_of_aid=program.get_kind_of_aid_display(),
        status=program.get_status_display(),
        currency=money.currency if money else "",
        committed=money.stated_committed if money else None,
        disbursed=money.stated_disbursed if money else None,
        remaining=money.stated_remaining if money else None,
    )
