"""What the donor and the recipient certified of a program's closed periods, as public rows.

Both sides stand beside each other in the release, also those that a re-opening superseded. The organisation signs for
the public, not the person. Certified figures are sums: where an amount or a day that they contain is withheld, they
would tell it, and so would their digest to whoever tries out amounts; then both are withheld for the same reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from tracker.ledger.models import Certification, Discrepancy, Period, Transaction
from tracker.ledger.queries import lines_certified
from tracker.programs.models import Program
from tracker.publishing.content.cells import Cell, Row, Withheld, cells_of

TELLING = ("amount", "value_date")  # fields of a transaction that sums by period could tell


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    """In the order of the periods, the donor's side first, an older closing before a newer one."""
    telling = list(_telling(program, withheld))
    found = Certification.objects.filter(program=program).with_superseded()
    found = found.select_related("period__organisation", "organisation")
    for one in found.order_by("period__first_day", "closing", "side", "pk"):
        hidden = next((told.cell for told in telling if told.is_in(one.period)), None)
        yield _row(one, withheld, withheld.of("figures", one.uid) or hidden)


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
    if cell := withheld.of("organisation", one.organisation.uid):
        cells |= {"organisation": cell}
    if hidden is not None:
        cells |= {"figures": hidden, "digest": hidden}
    return Row("certification", one.uid, cells)


@dataclass(frozen=True)
class _Telling:
    """A transaction or discrepancy whose amount or day is withheld, and the days that bring it into a period's sums."""

    cell: Cell
    days: tuple[date, ...]

    def is_in(self, period: Period) -> bool:
        return any(period.holds(day) for day in self.days)


def _telling(program: Program, withheld: Withheld) -> Iterator[_Telling]:
    """A reversal tells what its original withholds, and the other way round; what answers for a payment is in the
    unconfirmed figure of the payment's period."""
    records = withheld.records(*TELLING)
    if not records:
        return
    names = ("uid", "reverses__uid", "reversal__uid")
    among = Q()
    for name in names:
        among |= Q(**{f"{name}__in": records})
    days = ("value_date", "booked_on", "draws_on__value_date", "draws_on__booked_on")
    found = Transaction.objects.filter(among, program=program).order_by("pk")
    for row in found.values_list(*names, *days):
        cell = next(c for name in TELLING if (c := withheld.of(name, *row[:3])))
        yield _Telling(cell, tuple(day for day in row[3:] if day is not None))
    differ = Discrepancy.objects.filter(uid__in=records, about__program=program).order_by("pk")
    for uid, *about in differ.values_list("uid", "about__value_date", "about__booked_on"):
        if hidden := withheld.of("amount", uid):
            yield _Telling(hidden, tuple(day for day in about if day is not None))
