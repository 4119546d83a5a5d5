"""The line and the years: from released totals to what a page draws, one currency at a time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tracker.shared.money import Money
from tracker.shared.way import Way


class Total(NamedTuple):
    """A released total. An amount that is not stated comes with the rows whose amount is withheld.

    `off`: of what came back or was given up, the kind that it came off. `partly`: the part of the amount whose rows
    withhold something else.
    """

    fiscal_year: int
    kind: str
    amount: Money | None
    withheld_rows: int = 0
    off: str = ""
    partly: Money | None = None


@dataclass(frozen=True)
class Line:
    """From promise to use in one currency, and what was disbursed by year."""

    way: Way
    stages: list[dict[str, Any]]
    by_year: list[dict[str, Any]]
    withheld_rows: int

    @property
    def years(self) -> list[dict[str, Any]]:
        """For the chart beside the line: one year alone needs none."""
        return self.by_year if len(self.by_year) > 1 else []

    @property
    def currency(self) -> str:
        return self.way.currency

    @property
    def label(self) -> str:
        return self.way.label

    @property
    def description(self) -> str:
        return self.way.description

    @property
    def notes(self) -> list[str]:
        return self.way.notes

    @property
    def hatched(self) -> Money | None:
        """What the hatched ends of the bars come to."""
        parts = list(self.way.withheld.values())
        return sum(parts[1:], parts[0]) if parts else None


def lines_of(totals: Iterable[Total], href: str = "") -> list[Line]:
    """One line per currency. Currencies are never added up; rows whose amount is withheld are counted."""
    kept = list(totals)
    currencies = sorted({total.amount.currency for total in kept if total.amount})
    lines = [_line(currency, kept, href) for currency in currencies]
    return sorted(lines, key=_size, reverse=True)


def _size(line: Line) -> Decimal:
    """The longest number first. It only orders the page: amounts of two currencies are never compared."""
    return max(
        (stage["amount"].decimal for stage in line.stages if stage["amount"]), default=Decimal(0)
    )


def hidden_rows(totals: Iterable[Total]) -> int:
    """How many released rows state no amount, because it is withheld."""
    return sum(total.withheld_rows for total in totals)


def _line(currency: str, totals: list[Total], href: str) -> Line:
    own = [total for total in totals if total.amount and total.amount.currency == currency]
    years: dict[int, Money] = defaultdict(lambda: Money(0, currency))
    for total in own:
        assert total.amount is not None
        years[total.fiscal_year] += _paid(total, total.amount)
    way = _Sums(currency, own, hidden={t.kind for t in totals if t.withheld_rows}).way()
    return Line(
        way=way,
        stages=way.stages(href),
        by_year=_years(years),
        withheld_rows=hidden_rows(own),
    )


def _paid(total: Total, amount: Money) -> Money:
    """What a total adds to the money that is out: payments, less what came back."""
    if total.kind == "disbursement":
        return amount
    return -amount if total.kind == "refund" else Money(0, amount.currency)


class _Sums:
    """The released totals of one currency by kind. `hidden`: kinds of which a row is public without its amount, in
    whatever currency: what is stuck at a stage next to them cannot be said."""

    def __init__(self, currency: str, totals: list[Total], hidden: set[str]):
        self.currency, self.totals, self.hidden = currency, totals, hidden

    def of(self, kind: str, off: str | None = None) -> Money | None:
        """None where nothing of the kind is stated."""
        found = [
            total.amount
            for total in self.totals
            if total.kind == kind and total.amount and off in (None, total.off)
        ]
        return sum(found[1:], found[0]) if found else None

    def stuck(self, start: Money | None, kinds: str, off: str) -> Money | None:
        """What is left of a stage after the stage behind it, and after what came off it."""
        if start is None or self.hidden & {*kinds.split(), "refund", "write_off"}:
            return None
        for kind in kinds.split()[1:]:
            start -= self.of(kind) or Money(0, self.currency)
        for kind in ("refund", "write_off"):
            start -= self.of(kind, off) or Money(0, self.currency)
        return start

    def way(self) -> Way:
        sent, back = self.of("disbursement"), self.of("refund")
        nothing = Money(0, self.currency)
        net = None if sent is None and back is None else (sent or nothing) - (back or nothing)
        committed, received = self.of("commitment"), self.of("receipt")
        undisbursed = None
        if committed and not self.hidden & {"commitment", "disbursement", "refund"}:
            undisbursed = committed - (net or nothing)
        return Way(
            self.currency,
            promised=self.of("pledge"),
            committed=committed,
            disbursed=net,
            received=received,
            used=self.of("expenditure"),
            paid_back=back,
            written_off=self.of("write_off"),
            undisbursed=undisbursed,
            unconfirmed=self.stuck(sent, "disbursement receipt", "disbursement"),
            unused=self.stuck(received, "receipt expenditure", "receipt"),
            withheld=self.withheld(),
        )

    def withheld(self) -> dict[str, Money]:
        found: dict[str, Money] = defaultdict(lambda: Money(0, self.currency))
        for total in self.totals:
            if total.partly:
                found[total.kind] += total.partly
        return {kind: part for kind, part in found.items() if part.minor > 0}


def _years(years: dict[int, Money]) -> list[dict[str, Any]]:
    """Every year from the first to the last; a year between without a row has no bar and is not zero."""
    span = range(min(years), max(years) + 1) if years else ()
    return [{"label": f"FY{year}", "value": years.get(year)} for year in span]
