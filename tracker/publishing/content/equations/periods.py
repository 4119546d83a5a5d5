"""What totals of periods tell of amounts and of days: reports and certifications sum up by day.

A row whose day is withheld is in a period, or it is not: an unknown of 0 or 1, which a sum may tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tracker.ledger.models import TransactionKind
from tracker.publishing.content.cells import is_withheld
from tracker.publishing.content.equations.books import (
    Books,
    books_of,
    counted,
    currency_of,
    hides_what_counts,
)
from tracker.publishing.content.equations.facts import Facts, Ref, RowLike, Sum, cell_of, said
from tracker.shared.money import Money

CERTIFIED = {
    "committed": TransactionKind.COMMITMENT,
    "disbursed": TransactionKind.DISBURSEMENT,
    "refunded": TransactionKind.REFUND,
    "received": TransactionKind.RECEIPT,
    "used": TransactionKind.EXPENDITURE,
    "written_off": TransactionKind.WRITE_OFF,
}


class InPeriod(NamedTuple):
    """1 if the row's day lies in the period, 0 if not."""

    record: str
    first: date
    last: date


class Span(NamedTuple):
    first: date
    last: date


@dataclass
class Sums:
    """The rows of one kind and currency that a period's sum is made of."""

    visible: Fraction = Fraction(0)
    hidden: Sum = field(default_factory=Sum)  # rows that withhold what counts of them, and no day
    undated: list[RowLike] = field(default_factory=list)


def all_equations(facts: Facts) -> None:
    for version in facts.versions:
        books = books_of(version)
        _reports(facts, books)
        _certified(facts, books)
    _told_by_gaps(facts)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _sums(facts: Facts, rows: Iterable[RowLike], span: Span, *, booked: bool) -> Sums:
    found = Sums()
    for row in rows:
        worth = counted(facts, row)
        if worth is None:
            continue
        day = _day((said(row, "booked_on") if booked else None) or said(row, "value_date"))
        if day is None:
            if is_withheld(cell_of(row, "value_date")):
                found.undated.append(row)
        elif span.first <= day <= span.last:
            if worth.terms or hides_what_counts(facts, row):
                found.hidden.add(worth)
            else:
                found.visible += worth.value
    return found


def _of_kind(facts: Facts, books: Books, kind: str, currency: str, purpose: str) -> list[RowLike]:
    return [
        row
        for row in books.rows.values()
        if said(row, "kind") == kind
        and (said(row, "purpose") or "aid") == purpose
        and currency_of(facts, books, row) == currency
    ]


def _reports(facts: Facts, books: Books) -> None:
    """Rows that withhold amount or day are in no sum of a report: where a sum leaves something all the same, it tells."""
    reports = {str(row.subject): row for row in books.version.of("report")}
    for row in books.version.of("report_total"):
        report = reports.get(str(row.subject))
        if report is None:
            continue
        start, end = _day(said(report, "period_start")), _day(said(report, "period_end"))
        if start is None or end is None:
            continue
        rows = _of_kind(facts, books, said(row, "kind"), said(row, "currency") or "", "aid")
        for name, span in (
            ("opening", Span(date.min, start - timedelta(days=1))),
            ("period", Span(start, end)),
            ("closing", Span(date.min, end)),
        ):
            stated = said(row, name)
            if stated is not None:
                what = f"the {name} figure of {said(row, 'kind')}s in the report “{said(report, 'title')}”"
                _tell(facts, rows, span, Fraction(stated["minor"]), what, always=False)


def _certified(facts: Facts, books: Books) -> None:
    """Certified figures hold every row that is booked in their period, whatever is withheld."""
    for row in books.version.of("certification"):
        first, last = _day(said(row, "first_day")), _day(said(row, "last_day"))
        if first is None or last is None:
            continue
        for line in said(row, "figures") or []:
            for name, kind in CERTIFIED.items():
                rows = _of_kind(facts, books, kind, line["currency"], line["purpose"])
                if line.get(name) is None or any("worth" in one.cells for one in rows):
                    continue
                minor = _minor(line[name], line["currency"])
                what = f"the certified figures of {said(row, 'period')}"
                _tell(facts, rows, Span(first, last), minor, what, always=True)


def _minor(value: str | dict, currency: str) -> Fraction:
    if isinstance(value, dict):
        return Fraction(value["minor"])
    return Fraction(Money.of(Decimal(value), currency).minor)


def _tell(
    facts: Facts, rows: list[RowLike], span: Span, minor: Fraction, what: str, *, always: bool
) -> None:
    """`always`: the sum holds withheld rows too. Otherwise it does only if it leaves something."""
    found = _sums(facts, rows, span, booked=always)
    rest = minor - found.visible
    if not rest and not always:
        return
    hidden = Sum().add(found.hidden)
    for row in found.undated:
        worth = counted(facts, row) or Sum()
        if worth.terms:  # neither day nor amount: whatever it adds
            loose = Ref("in_period", f"{row.subject} {span.first} {span.last}", "amount")
            facts.system.within(loose, 0)
            hidden.add(facts.unknown(loose))
        else:
            part = InPeriod(str(row.subject), *span)
            facts.system.within(part, 0, 1)
            hidden.terms[part] = hidden.terms.get(part, Fraction(0)) + worth.value
    if hidden.terms:
        facts.equal(
            hidden, Sum(rest), f"{what}, less the rows that are visible, tells it", always=False
        )


def _told_by_gaps(facts: Facts) -> None:
    """Where the figures of one quarter of a year are withheld and those of others are not, the gap tells the day."""
    undated = [ref for ref in facts.withheld if ref[::2] == ("transaction", "value_date")]
    if not undated:
        return
    open_ones: dict[int, list[RowLike]] = defaultdict(list)
    closed: dict[int, list[RowLike]] = defaultdict(list)
    for row in facts.newest.of("certification"):
        hidden = facts.hides(row, "figures")
        (closed if hidden else open_ones)[said(row, "fiscal_year")].append(row)
    years = {str(r.subject): said(r, "fiscal_year") for r in facts.newest.of("transaction")}
    for ref in undated:
        year = years[ref.record]
        gaps = {(said(row, "first_day"), said(row, "last_day")) for row in closed[year]}
        if len(gaps) == 1 and open_ones[year]:
            remedies = [
                Ref("certification", str(row.subject), "figures") for row in open_ones[year]
            ]
            how = (
                f"of the certified figures of FY{year}, only those of one period are withheld: "
                "the day lies in it"
            )
            facts.tell(ref, how, "narrowed", remedies)


def spans_told(
    facts: Facts, solved: "Iterable[tuple[InPeriod, Fraction]]"
) -> Iterator[tuple[Ref, Span]]:
    """For each withheld day, the shortest span in which sums say that it lies."""
    within: dict[str, list[Span]] = defaultdict(list)
    for part, value in solved:
        if value == 1:
            within[part.record].append(Span(part.first, part.last))
    for record, spans in within.items():
        first, last = max(s.first for s in spans), min(s.last for s in spans)
        ref = Ref("transaction", record, "value_date")
        if ref in facts.withheld and first > date.min:
            yield ref, Span(first, last)
