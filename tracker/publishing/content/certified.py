"""What the donor and the recipient certified of a program's closed periods, as public rows.

Both sides stand beside each other in the release, also those that a re-opening superseded. The organisation signs for
the public, not the person. Certified figures are sums: where an amount or a day that they contain is withheld, they
would tell it, and so would their digest to whoever tries out amounts; then both are withheld for the same reason.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from tracker.ledger.models import (
    Certification,
    Discrepancy,
    Period,
    RevaluationLine,
    Transaction,
)
from tracker.ledger.queries import lines_certified
from tracker.programs.models import Program
from tracker.publishing.content.cells import Cell, Row, Withheld, cells_of, withheld_cell

# fields of a transaction that sums by period could tell
TELLING = ("amount", "excess", "value_date")


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    """In the order of the periods, the donor's side first, an older closing before a newer one."""
    telling, by_rule = list(_telling(program, withheld)), _by_rule(withheld)
    found = Certification.objects.filter(program=program).with_superseded()
    found = found.select_related("period__organisation", "organisation")
    for one in found.order_by("period__first_day", "closing", "side", "pk"):
        hidden = next((told.cell for told in telling if told.is_in(one.period)), by_rule)
        yield _row(one, withheld, withheld.of("figures", one.uid, kind="certification") or hidden)


def _row(one: Certification, withheld: Withheld, hidden: Cell | None) -> Row:
    period, zone = one.period, one.period.organisation.zone()
    superseded = one.superseded_at.astimezone(zone).date() if one.superseded_at else None
    cells = cells_of(
        period=period.name,
        fiscal_year=period.fiscal_year,
        first_day=period.first_day,
        last_day=period.last_day,
        side=one.side,
        organisation=one.organisation.name,
        signed_on=one.signed_at.astimezone(zone).date(),
        superseded_on=superseded,
        figures=list(lines_certified(one).values()),
        digest=one.figures_digest,
    )
    if cell := withheld.of("organisation", one.organisation.uid, kind="participant"):
        cells |= {"organisation": cell}
    if hidden is not None:
        cells |= {"figures": hidden, "digest": hidden}
    return Row("certification", one.uid, cells)


@dataclass(frozen=True)
class _Telling:
    """A transaction or discrepancy that withholds its day or what counts of it, and the days that bring it into a
    period's sums."""

    cell: Cell
    days: tuple[date, ...]

    def is_in(self, period: Period) -> bool:
        return any(period.holds(day) for day in self.days)


def _telling(program: Program, withheld: Withheld) -> Iterator[_Telling]:
    """A reversal tells what its original withholds, and the other way round; what answers for a payment is in the
    unconfirmed figure of the payment's period."""
    yield from _held_back(program, withheld)
    records = withheld.records(*TELLING)
    if not records:
        return
    names = ("uid", "reverses__uid", "reversal__uid")
    among = Q()
    for name in names:
        among |= Q(**{f"{name}__in": records})
    found = Transaction.objects.filter(among, program=program).order_by("pk")
    revalued = _days_of_lines(found.values("pk"))
    for pk, *row in found.values_list("pk", *names, *_DAYS):
        cells = (withheld.of(name, *row[:3], kind="transaction") for name in TELLING)
        if hidden := next((cell for cell in cells if cell), None):
            yield _Telling(hidden, (*(day for day in row[3:] if day is not None), *revalued[pk]))
    differ = Discrepancy.objects.filter(uid__in=records, about__program=program).order_by("pk")
    for uid, *about in differ.values_list("uid", "about__value_date", "about__booked_on"):
        if hidden := withheld.of("amount", uid, kind="discrepancy"):
            yield _Telling(hidden, tuple(day for day in about if day is not None))


_DAYS = ("value_date", "booked_on", "draws_on__value_date", "draws_on__booked_on")


def _held_back(program: Program, withheld: Withheld) -> Iterator[_Telling]:
    """Sums would tell what payments come to that are not released yet."""
    if withheld.delay is None:
        return
    rows = Transaction.objects.filter(withheld.held_back(), program=program).order_by()
    days = {day for row in rows.values_list(*_DAYS).distinct() for day in row if day is not None}
    lines = RevaluationLine.objects.filter(transaction__in=rows.values("pk")).order_by()
    days.update(day for day in lines.values_list("booked_on", flat=True).distinct() if day)
    yield _Telling(withheld_cell(withheld.delay), tuple(sorted(days)))


def _by_rule(withheld: Withheld) -> Cell | None:
    """A rule withholds what every sum of the program contains."""
    asked = (*((name, "transaction") for name in TELLING), ("amount", "discrepancy"))
    return next((cell for name, kind in asked if (cell := withheld.of(name, kind=kind))), None)


def _days_of_lines(keys: QuerySet[Any]) -> dict[int, list[date]]:
    """On which days some transactions were revalued whose own period was closed."""
    found: dict[int, list[date]] = defaultdict(list)
    lines = RevaluationLine.objects.filter(transaction__in=keys, booked_on__isnull=False)
    for pk, day in lines.order_by("pk").values_list("transaction", "booked_on"):
        found[pk] += [day] if day is not None else []
    return found
