"""The line and the years: from released totals to what a page draws, one currency at a time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from tracker.public.words import MEANINGS
from tracker.shared.money import Money


class Total(NamedTuple):
    """A released total. An amount that is not stated comes with the rows whose amount is withheld."""

    fiscal_year: int
    kind: str
    amount: Money | None
    withheld_rows: int = 0


@dataclass(frozen=True)
class Line:
    """Committed, disbursed and remaining in one currency, and what was disbursed by year."""

    currency: str
    stages: list[dict[str, Any]]
    years: list[dict[str, Any]]
    refunded: Money | None
    withheld_rows: int

    @property
    def label(self) -> str:
        return f"From commitment to payment, {self.currency}"


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
    sums: dict[str, Money] = {}
    years: dict[int, Money] = defaultdict(lambda: Money(0, currency))
    for total in own:
        assert total.amount is not None
        sums[total.kind] = sums.get(total.kind, Money(0, currency)) + total.amount
        years[total.fiscal_year] += _paid(total, total.amount)
    return Line(
        currency=currency,
        stages=_stages(sums, href),
        years=_years(years),
        refunded=sums.get("refund"),
        withheld_rows=hidden_rows(own),
    )


def _paid(total: Total, amount: Money) -> Money:
    """What a total adds to the money that is out: payments, less what came back."""
    if total.kind == "disbursement":
        return amount
    return -amount if total.kind == "refund" else Money(0, amount.currency)


def _stages(sums: dict[str, Money], href: str) -> list[dict[str, Any]]:
    committed, disbursed = sums.get("commitment"), sums.get("disbursement")
    if disbursed is not None and "refund" in sums:
        disbursed -= sums["refund"]
    paid: dict[str, Any] = {
        "label": "Disbursed",
        "amount": disbursed,
        "term": MEANINGS["Disbursement"],
        "href": f"{href}?kind=disbursement" if href else "",
    }
    promised = {
        "label": "Committed",
        "amount": committed,
        "term": MEANINGS["Commitment"],
        "href": f"{href}?kind=commitment" if href else "",
    }
    if committed is not None and (disbursed is None or disbursed < committed):
        left = committed - disbursed if disbursed is not None else committed
        paid["gap_text"] = f"{left} remaining: committed and not yet paid"
    return [promised, paid]


def _years(years: dict[int, Money]) -> list[dict[str, Any]]:
    """Every year from the first to the last; a year between without a row has no bar and is not zero."""
    if len(years) < 2:
        return []
    span = range(min(years), max(years) + 1)
    return [{"label": f"FY{year}", "value": years.get(year)} for year in span]
