"""What goods were said to be worth instead, and on other bases, as public rows. Only what two persons confirmed counts."""

from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

from tracker.ledger.models import (
    REPORTED,
    AlternativeValue,
    Revaluation,
    RevaluationLine,
    Transaction,
)
from tracker.programs.models import Program
from tracker.publishing.content.cells import Cells, Row, Withheld, cells_of, withheld_cell
from tracker.publishing.fields import WITHHOLDABLE

# Whoever withholds what a transaction is worth withholds these with it: they tell the same, or let it be reckoned.
_RELATED = ("transaction__reversal", "transaction__reverses", "transaction__draws_on__draws_on")
_TELL_THE_AMOUNT = ("old_amount", "new_amount", "amount", "reason", "citation")


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    yield from _revaluations(program, withheld)
    yield from _alternatives(program, withheld)


def _revaluations(program: Program, withheld: Withheld) -> Iterator[Row]:
    """In the order of the decisions. The day of a decision is public, its moment and its persons are not."""
    related = (*_RELATED, "text", "decision")
    found = Revaluation.objects.confirmed().filter(transaction__program=program)
    found = found.exclude(withheld.held_back("transaction__"))
    zone, partly = ZoneInfo(program.owner.time_zone), _decisions_held_back(program, withheld)
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
        if withheld.delay is not None and one.decision.pk in partly:
            cells["rows"] = withheld_cell(withheld.delay)  # it would count what is held back
        yield Row("revaluation", one.uid, _covered(cells, "revaluation", one, withheld))


def _decisions_held_back(program: Program, withheld: Withheld) -> set[int]:
    """Decisions that moved a payment which is not released yet."""
    if withheld.delay is None:
        return set()
    lines = RevaluationLine.objects.filter(
        withheld.held_back("transaction__"), transaction__program=program
    )
    return set(lines.order_by().values_list("decision", flat=True).distinct())


def _alternatives(program: Program, withheld: Withheld) -> Iterator[Row]:
    found = AlternativeValue.objects.filter(transaction__program=program)
    found = found.exclude(withheld.held_back("transaction__"))
    for one in found.select_related(*_RELATED).order_by("pk"):
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
    cells = withheld.cover(cells, WITHHOLDABLE[kind], one.uid, kind=kind)
    hidden = withheld.of("amount", *_same(one.transaction), kind="transaction")
    if hidden is None:
        return cells
    return cells | {name: hidden for name in _TELL_THE_AMOUNT if name in cells}


def _same(of: Transaction) -> list[UUID]:
    """The transactions whose amount this one's tells: itself, its reversal, and of a report what it answers for."""
    found = [of, of.reverses, getattr(of, "reversal", None)]
    if of.kind in REPORTED and of.draws_on is not None:
        found += [of.draws_on, of.draws_on.draws_on]
    return [one.uid for one in found if one is not None]
