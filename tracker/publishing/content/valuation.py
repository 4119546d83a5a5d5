"""What goods were said to be worth instead, and on other bases, as public rows. Only what two persons confirmed counts."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from tracker.ledger.models import AlternativeValue, Revaluation
from tracker.programs.models import Program
from tracker.publishing.content.cells import Cells, Row, Withheld, cells_of
from tracker.publishing.fields import WITHHOLDABLE

# Whoever withholds what a transaction is worth withholds these with it: they tell the same, or let it be reckoned.
_TELL_THE_AMOUNT = ("old_amount", "new_amount", "amount", "reason", "citation")


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    yield from _revaluations(program, withheld)
    yield from _alternatives(program, withheld)


def _revaluations(program: Program, withheld: Withheld) -> Iterator[Row]:
    """In the order of the decisions. The day of a decision is public, its moment and its persons are not."""
    related = ("transaction__reversal", "text", "decision")
    found = Revaluation.objects.confirmed().filter(transaction__program=program)
    zone = ZoneInfo(program.owner.time_zone)
    for one in found.select_related(*related).order_by("decision__pk"):
        cells = cells_of(
            transaction=one.transaction.uid,
            kind=one.transaction.kind,
            old_basis=one.old_basis,
            old_amount=one.old_amount,
            new_basis=one.new_basis,
            new_amount=one.new_amount,
            valuation_date=one.valuation_date,
            method=one.method,
            decided_on=one.decision.decided_at.astimezone(zone).date(),
            rows=one.decision.rows,
            reason=one.text.reason,
        )
        yield Row("revaluation", one.uid, _covered(cells, "revaluation", one, withheld))


def _alternatives(program: Program, withheld: Withheld) -> Iterator[Row]:
    found = AlternativeValue.objects.filter(transaction__program=program)
    for one in found.select_related("transaction__reversal").order_by("pk"):
        cells = cells_of(
            transaction=one.transaction.uid,
            kind=one.transaction.kind,
            basis=one.basis,
            amount=one.amount,
            valuation_date=one.valuation_date,
            citation=one.citation,
        )
        yield Row("alternative_value", one.uid, _covered(cells, "alternative_value", one, withheld))


def _covered(
    cells: Cells, kind: str, one: Revaluation | AlternativeValue, withheld: Withheld
) -> Cells:
    """Its own withholdings, and what follows from those of the transaction that it is about."""
    cells = withheld.cover(cells, WITHHOLDABLE[kind], one.uid)
    of = one.transaction
    reversal = getattr(of, "reversal", None)
    hidden = withheld.of("amount", of.uid, reversal.uid if reversal else None)
    if hidden is None:
        return cells
    return cells | {name: hidden for name in _TELL_THE_AMOUNT if name in cells}
