"""Money audited and not: what was disbursed, and which part of it lies in an engagement's scope, in a tested sample,
or is linked to a finding. By program, the owner's fiscal year and currency; a query for each figure.

Counted are disbursements of aid that were not reversed, at what they are worth now (without what a report states
beyond what was left). What nobody has valued is in no sum: `unvalued` counts those rows.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from tracker.audits.models import (
    EngagementScope,
    EngagementStatus,
    FindingLink,
    FindingStatus,
    Outcome,
    SampleResult,
)
from tracker.ledger.models import Transaction, TransactionKind
from tracker.ledger.queries.sums import summed
from tracker.programs.models import Program
from tracker.shared.money import Money
from tracker.shared.sealing import Notice, Veil

# An engagement that reached its fieldwork covers what is in its scope; one that was stopped covers nothing.
NOT_REACHED = {EngagementStatus.PLANNED.value, "announced", EngagementStatus.TERMINATED.value}
REACHED: list[str] = [s for s in EngagementStatus.values if s not in NOT_REACHED]
UNDER_WAY = {EngagementStatus.FIELDWORK.value, "draft_issued", "agency_comment"}
REPORTED: list[str] = [s for s in REACHED if s not in UNDER_WAY]

Key = tuple[int, int, str]  # program, fiscal year, currency


class Share(StrEnum):
    """What a part of the money is asked for."""

    SCOPE = "scope"
    REPORTED = "reported"
    SAMPLE = "sample"
    FINDING = "finding"


LABELS = {
    Share.SCOPE: "in the scope of an engagement that reached its fieldwork",
    Share.REPORTED: "in the scope of an engagement whose final report is issued",
    Share.SAMPLE: "in a sample whose item was tested",
    Share.FINDING: "linked to an issued finding",
}


def _in_scope(statuses: Collection[str]) -> Exists:
    day = OuterRef("value_date")
    scopes = EngagementScope.objects.filter(
        Q(period_start=None) | Q(period_start__lte=day),
        Q(period_end=None) | Q(period_end__gte=day),
        program=OuterRef("program"),
        engagement__status__in=statuses,
    )
    return Exists(scopes)


def _found() -> Exists:
    issued = FindingLink.objects.filter(finding__status=FindingStatus.ISSUED)
    return Exists(issued.filter(transaction=OuterRef("pk")))


def _tested() -> Exists:
    """By the newest result of the item. Where a part of it could not be examined, it is not tested: nobody knows."""
    later = SampleResult.objects.filter(item=OuterRef("item"), number__gt=OuterRef("number"))
    results = SampleResult.objects.alias(said=Cast("outcomes", TextField())).filter(
        ~Exists(later), item__transaction=OuterRef("pk"), examined=True
    )
    return Exists(results.exclude(said__contains=f'"{Outcome.NOT_EXAMINED}"'))


ABOUT: dict[str, Callable[[], Any]] = {
    Share.SCOPE: lambda: _in_scope(REACHED),
    Share.REPORTED: lambda: _in_scope(REPORTED),
    Share.SAMPLE: _tested,
    Share.FINDING: _found,
}
"""How each figure picks its rows. A share that is not here is asked of nothing yet, and is shown as not stated."""


TELLING = ("amount", "excess")
NOTHING_SEALED = Veil()


def payments(programs: Any, years: Collection[int]) -> QuerySet[Transaction]:
    """The disbursements that are counted."""
    rows = Transaction.objects.aid().in_force()
    return rows.filter(
        kind=TransactionKind.DISBURSEMENT, program__in=programs, fiscal_year__in=list(years)
    )


def sums(rows: QuerySet[Transaction]) -> dict[Key, int]:
    """What the rows are worth now, in minor units. One query."""
    valued = rows.filter(balance__isnull=False)
    by = ("program", "fiscal_year", "balance__currency")
    return {
        (program, year, currency): minor
        for (program, year, currency), minor in summed(valued, *by, of=F("balance__value")).items()
    }


def part_of(
    share: str, programs: Any, years: Collection[int], veil: Veil = NOTHING_SEALED
) -> dict[Key, int] | None:
    """The part that is asked for; None while nothing can be asked. One query."""
    about = ABOUT.get(share)
    return (
        None
        if about is None
        else sums(veil.without(payments(programs, years).filter(about()), *TELLING))
    )


def percent_of(part: int, whole: int) -> Decimal | None:
    """One decimal, halves to even; None of nothing."""
    if not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Cell:
    """A program's year in one currency: the money, the part of it, and how much that is."""

    year: int
    whole: Money | None
    part: Money | None

    @property
    def percent(self) -> Decimal | None:
        if self.whole is None or self.part is None:
            return None
        return percent_of(self.part.minor, self.whole.minor)

    @property
    def state(self) -> str:
        """nothing: nothing was disbursed; unknown: nobody can say yet; void, partial or complete."""
        if self.whole is None or not self.whole.minor:
            return "nothing"
        if self.part is None:
            return "unknown"
        if not self.part.minor:
            return "void"
        return "complete" if self.part.minor >= self.whole.minor else "partial"

    @property
    def heat(self) -> str:
        """Which of the shades of a heat table: five steps of a part, or none."""
        if self.state != "partial":
            return self.state
        percent = self.percent
        assert percent is not None
        return f"part-{min(int(percent // 25), 3) + 1}"


@dataclass(frozen=True)
class Line:
    """A program's years in one currency."""

    program: Program
    currency: str
    cells: tuple[Cell, ...]
    together: Cell


@dataclass(frozen=True)
class Map:
    """Programs by years, and each currency on its own."""

    years: tuple[int, ...]
    lines: tuple[Line, ...]
    totals: tuple[Line, ...] = field(default=())


def coverage(
    programs: Iterable[Program], years: Collection[int], share: str, veil: Veil = NOTHING_SEALED
) -> Map:
    """The map of one figure: two queries for any number of programs and years. Sealed amounts are in no sum of it."""
    named = {program.pk: program for program in programs}
    whole = sums(veil.without(payments(list(named), years), *TELLING))
    part = part_of(share, list(named), years, veil)
    ordered = tuple(sorted(years))
    found = sorted({(program, currency) for program, _, currency in whole})
    lines = tuple(
        _line(named[program], currency, ordered, whole, part) for program, currency in found
    )
    titled = sorted(lines, key=lambda line: (line.program.title, line.program.pk, line.currency))
    return Map(ordered, tuple(titled))


def _line(
    program: Program,
    currency: str,
    years: tuple[int, ...],
    whole: dict[Key, int],
    part: dict[Key, int] | None,
) -> Line:
    def cell(year: int, keys: list[Key]) -> Cell:
        stated = [whole[key] for key in keys if key in whole]
        if not stated:
            return Cell(year, None, None)
        some = None if part is None else Money(sum(part.get(key, 0) for key in keys), currency)
        return Cell(year, Money(sum(stated), currency), some)

    keys = {year: (program.pk, year, currency) for year in years}
    cells = tuple(cell(year, [keys[year]]) for year in years)
    return Line(program, currency, cells, cell(0, list(keys.values())))


def unvalued_rows(programs: Any, years: Collection[int]) -> int:
    """Disbursements that nobody has valued: they are in no sum and in no share. One query."""
    return payments(programs, years).filter(balance__isnull=True).count()


def sealed_in_coverage(programs: Any, years: Collection[int], veil: Veil) -> Notice | None:
    """What the page says of disbursements whose amount is sealed from the reader: they are in no sum and no share."""
    held = veil.among(payments(programs, years), *TELLING)
    return veil.notice(held, sums="Sums and shares leave these amounts out, here and in the file.")
