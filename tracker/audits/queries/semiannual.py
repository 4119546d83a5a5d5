"""The semiannual table of an audit office: what had no management decision at the start of the period (A), what was
issued in it (B), what was decided in it (C), and what has no decision at its end (D = A + B − C, checked).

The table is that of the Inspector General Act of 1978 as amended in 1988 (Pub. L. 100-504, section 5(a)(8) and (9)):
questioned costs, of which unsupported, and recommendations that funds be put to better use. Periods run from
1 October to 31 March and from 1 April to 30 September. Each currency has tables of its own; nothing is added up
across them. A report (an engagement) counts once in a row, however many findings of it stand there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import rfc8785
from django.db.models import Prefetch

from tracker.accounts.models import Organisation
from tracker.audits.models import (
    BetterUse,
    CostKind,
    Finding,
    FindingStatus,
    ManagementDecision,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money


@dataclass(frozen=True)
class Half:
    """A semiannual period; both days belong to it. `due_on`: when its report is due."""

    start: date
    end: date

    @property
    def due_on(self) -> date:
        """30 April or 31 October (section 5(b) of the Act)."""
        return date(self.end.year, 4, 30) if self.end.month == 3 else date(self.end.year, 10, 31)

    @property
    def before(self) -> "Half":
        return half_of(self.start - timedelta(days=1))


def half_of(day: date) -> Half:
    """The semiannual period that contains the day."""
    if 4 <= day.month <= 9:
        return Half(date(day.year, 4, 1), date(day.year, 9, 30))
    start = day.year if day.month >= 10 else day.year - 1
    return Half(date(start, 10, 1), date(start + 1, 3, 31))


def half_ending(day: date) -> Half:
    """The period that ends on the day; refuses a day on which none ends."""
    half = half_of(day)
    if half.end != day:
        raise Refused("A semiannual period ends on 31 March or on 30 September.")
    return half


@dataclass(frozen=True)
class Decided:
    """A management decision: of what was questioned, what is granted to the auditors (disallowed, or agreed to) and
    what is not. Minor units."""

    on: date
    sustained: int
    other: int


@dataclass(frozen=True)
class Amount:
    """What a finding asks about in one currency, and every decision on it, the oldest first."""

    report: Any
    currency: str
    minor: int
    unsupported: int | None  # None: its kind was not stated
    issued_on: date
    decisions: tuple[Decided, ...] = ()

    @property
    def decided_on(self) -> date | None:
        """The first decision counts: a later one revises how, not when."""
        return self.decisions[0].on if self.decisions else None

    def open_on(self, day: date) -> bool:
        """Issued by the end of the day, and not decided by then."""
        decided = self.decided_on
        return self.issued_on <= day and (decided is None or decided > day)

    def as_of(self, day: date) -> Decided | None:
        """The decision that counted at the end of the day."""
        known = [decision for decision in self.decisions if decision.on <= day]
        return known[-1] if known else None


@dataclass(frozen=True)
class Row:
    """A row of the table: reports, and what they come to; `unsupported` null where nobody stated it."""

    letter: str
    label: str
    reports: int
    amount: Money
    unsupported: Money | None

    def said(self) -> dict[str, Any]:
        none = self.unsupported is None
        return {
            "row": self.letter,
            "label": self.label,
            "reports": self.reports,
            "amount": str(self.amount.minor),
            "unsupported": None if none else str(self.unsupported.minor),  # type: ignore[union-attr]
        }


@dataclass(frozen=True)
class Table:
    """The rows of one currency. `balances`: A + B − C is D, reckoned apart, for amounts and for reports."""

    currency: str
    rows: tuple[Row, ...]
    balances: bool

    def row(self, letter: str) -> Row:
        return next(row for row in self.rows if row.letter == letter)

    def said(self) -> dict[str, Any]:
        return {"currency": self.currency, "rows": [row.said() for row in self.rows]}


LETTERS = {
    "A": "no management decision at the start",
    "B": "issued during the period",
    "A+B": "subtotal",
    "C": "decided during the period",
    "D": "no management decision at the end",
}
QUESTIONED = {"C1": "disallowed", "C2": "not disallowed"}
BETTER_USE = {"C1": "agreed to by management", "C2": "not agreed to by management"}


def tables(amounts: Iterable[Amount], half: Half, decided_as: Mapping[str, str]) -> list[Table]:
    """The table of each currency in which something stands, by currency. A pure function of the amounts."""
    by_currency: dict[str, list[Amount]] = {}
    for one in amounts:
        by_currency.setdefault(one.currency, []).append(one)
    found = [
        _table(currency, by_currency[currency], half, decided_as)
        for currency in sorted(by_currency)
    ]
    return [table for table in found if table.row("A+B").reports]


def _table(
    currency: str, amounts: Sequence[Amount], half: Half, decided_as: Mapping[str, str]
) -> Table:
    start = half.start - timedelta(days=1)
    before = [a for a in amounts if a.open_on(start)]
    issued = [a for a in amounts if half.start <= a.issued_on <= half.end]
    left = [a for a in amounts if a.open_on(half.end)]
    both = [*before, *issued]
    decided = [
        a for a in both if a.decided_on is not None and half.start <= a.decided_on <= half.end
    ]
    # A report counts where it first stands, and is decided when nothing of it is left: so reports balance as well.
    old, open_ = {a.report for a in before}, {a.report for a in left}
    new = {a.report for a in issued} - old
    done = (old | new) - open_

    def row(letter: str, label: str, reports: int, of: Sequence[Amount]) -> Row:
        minor = sum(a.minor for a in of)
        return Row(letter, label, reports, Money(minor, currency), _unsupported(of, currency))

    rows = (
        row("A", LETTERS["A"], len(old), before),
        row("B", LETTERS["B"], len(new), issued),
        row("A+B", LETTERS["A+B"], len(old | new), both),
        row("C", LETTERS["C"], len(done), decided),
        *_split(currency, decided, half, decided_as),
        row("D", LETTERS["D"], len(open_), left),
    )
    return Table(currency, rows, _balance(rows))


def _unsupported(amounts: Sequence[Amount], currency: str) -> Money | None:
    stated = [a.unsupported for a in amounts]
    if any(one is None for one in stated):
        return None
    return Money(sum(one for one in stated if one is not None), currency)


def _split(
    currency: str, decided: Sequence[Amount], half: Half, decided_as: Mapping[str, str]
) -> list[Row]:
    """What became of what was decided. A decision does not say which part of a finding is the unsupported one: where
    it grants a part of it only, the unsupported column is not stated. A report can stand in both rows."""
    rows = []
    for letter, label in decided_as.items():
        granted = letter == "C1"
        minor, unsupported, reports = 0, 0, set()
        known = True
        for one in decided:
            decision = one.as_of(half.end)
            assert decision is not None  # it was decided in the period
            part = decision.sustained if granted else decision.other
            minor += part
            if part:
                reports.add(one.report)
            if one.unsupported and part == one.minor:
                unsupported += one.unsupported
            elif one.unsupported is None or (one.unsupported and part):
                known = False
        counted = Money(unsupported, currency) if known else None
        rows.append(Row(letter, label, len(reports), Money(minor, currency), counted))
    return rows


def _balance(rows: Sequence[Row]) -> bool:
    """A + B − C = D, C = C1 + C2, unsupported within the amount."""
    by = {row.letter: row for row in rows}
    a, b, c, d = (by[letter] for letter in "ABCD")
    amounts = a.amount + b.amount - c.amount == d.amount
    reports = a.reports + b.reports - c.reports == d.reports
    parts = by["C1"].amount + by["C2"].amount == c.amount
    subset = all(r.unsupported is None or r.unsupported <= r.amount for r in rows)
    return amounts and reports and parts and subset


@dataclass(frozen=True)
class Semiannual:
    """Both tables of a period."""

    office: Organisation
    half: Half
    questioned: tuple[Table, ...]
    better_use: tuple[Table, ...]

    @property
    def balances(self) -> bool:
        return all(table.balances for table in (*self.questioned, *self.better_use))

    def said(self) -> dict[str, Any]:
        return {
            "office": self.office.name,
            "period_start": self.half.start.isoformat(),
            "period_end": self.half.end.isoformat(),
            "questioned_costs": [table.said() for table in self.questioned],
            "better_use": [table.said() for table in self.better_use],
        }

    def canonical(self) -> str:
        """JSON by RFC 8785, amounts in minor units as text: what an issued report keeps."""
        return rfc8785.dumps(self.said()).decode()


def semiannual(office: Organisation, half: Half, findings: Any = None) -> Semiannual:
    """The tables of an office's issued findings. `findings` narrows them to those that somebody may see."""
    rows = Finding.objects.filter(engagement__office=office, status=FindingStatus.ISSUED)
    if findings is not None:
        rows = rows.filter(pk__in=findings.values("pk"))
    questioned, better = amounts_of(rows.filter(issued_on__lte=half.end))
    return Semiannual(
        office,
        half,
        tuple(tables(questioned, half, QUESTIONED)),
        tuple(tables(better, half, BETTER_USE)),
    )


def amounts_of(findings: Any) -> tuple[list[Amount], list[Amount]]:
    """What issued findings question, and what they say could be put to better use, with the decisions on it.

    Unsupported is the sum of the lines of that kind; a finding without lines does not state it. Four queries.
    """
    decided = ManagementDecision.objects.order_by("pk")
    rows = findings.prefetch_related("lines", "better_use", Prefetch("decisions", decided))
    questioned: list[Amount] = []
    better: list[Amount] = []
    for finding in rows.order_by("pk"):
        if finding.questioned is not None:
            questioned.append(_questioned(finding))
        if lines := list(finding.better_use.all()):
            better.append(_better(finding, lines))
    return questioned, better


def _questioned(finding: Finding) -> Amount:
    lines = list(finding.lines.all())
    unsupported = sum(line.known.minor for line in lines if line.kind == CostKind.UNSUPPORTED)
    assert finding.questioned is not None and finding.issued_on is not None
    return Amount(
        finding.engagement_id,
        finding.questioned.currency,
        finding.questioned.minor,
        unsupported if lines else None,
        finding.issued_on,
        tuple(
            Decided(d.decided_on, d.disallowed.minor, d.allowed.minor)
            for d in finding.decisions.all()
            if d.disallowed is not None and d.allowed is not None
        ),
    )


def _better(finding: Finding, lines: list[BetterUse]) -> Amount:
    assert finding.issued_on is not None
    return Amount(
        finding.engagement_id,
        lines[0].currency,
        sum(line.amount.minor for line in lines),
        0,
        finding.issued_on,
        tuple(
            Decided(d.decided_on, d.agreed.minor, d.not_agreed.minor)
            for d in finding.decisions.all()
            if d.agreed is not None and d.not_agreed is not None
        ),
    )
