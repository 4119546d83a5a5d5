"""The value that a withholding is about, as a release would state it: what a stand-in has to contain."""

from collections.abc import Callable, Iterable
from typing import NamedTuple
from uuid import UUID

from tracker.audits.models import Engagement, Finding
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.publishing import standins
from tracker.publishing.content import (
    audit,
    certified,
    discrepancies,
    engagements,
    money,
    programs,
    results,
    valuation,
)
from tracker.publishing.content.cells import NOT_STATED, Row, Withheld, value_of
from tracker.publishing.models import Scope, Withholding
from tracker.publishing.queries.records import records_of

_NOTHING = Withheld([])


class Stated(NamedTuple):
    """A value in the shape in which a release carries it; None where nothing is stated."""

    value: object
    precision: str = "day"


def stated_value(program: Program, kind: str, record: UUID, field: str) -> Stated:
    """As the next release would say it if nothing were withheld."""
    for row in _rows_of(program, kind, record):
        if row.kind == kind and field in row.cells:
            precision = value_of(row.cells.get("date_precision", NOT_STATED))
            return Stated(value_of(row.cells[field]), precision or "day")
    return Stated(None)


def _rows_of(program: Program, kind: str, record: UUID) -> Iterable[Row]:
    found: Iterable[Row]
    if kind == "participant":
        found = programs.participant_rows(program, _NOTHING, organisation=record)
    elif kind in ("finding", "recommendation"):
        found = _of_finding(record)
    elif kind == "engagement":
        looked = Engagement.objects.filter(uid=record).select_related("office").first()
        found = engagements.rows(looked, program.owner.today(), _NOTHING) if looked else iter(())
    elif kind == "transaction":
        found = money.row_of(program, record)
    else:
        found = _OF[kind](program, _NOTHING)
    return (row for row in found if kind == "participant" or row.subject == record)


def _of_finding(record: UUID) -> Iterable[Row]:
    rows = Finding.objects.filter(uid=record) | Finding.objects.filter(recommendations__uid=record)
    finding = rows.select_related("engagement__office").distinct().first()
    if finding is None:
        return iter(())
    return audit.rows(finding, finding.engagement.office.today(), _NOTHING)


_OF: dict[str, Callable[[Program, Withheld], Iterable[Row]]] = {
    "program": programs.rows,
    "objective": programs.rows,
    "indicator": results.rows,
    "measurement": results.rows,
    "target": results.rows,
    "revaluation": valuation.rows,
    "alternative_value": valuation.rows,
    "discrepancy": discrepancies.rows,
    "certification": certified.rows,
}


def coarser_day(
    program: Program, kind: str, record: UUID, field: str, coarser: str
) -> standins.StandIn:
    """The month or the year in which the day of a record lies, as its stand-in."""
    value = stated_value(program, kind, record, field).value
    told = str(value)[: 7 if coarser == "month" else 4] if value else ""
    return {"kind": coarser, "value": told}


def covered_by(withholding: Withholding) -> int | None:
    """How many records a rule is about now; None for what names one."""
    if withholding.scope == Scope.FIELD or withholding.scope == Scope.RECORD:
        return None
    program = withholding.program
    if withholding.scope == Scope.DELAY:
        rows = Transaction.objects.filter(Withheld([withholding]).held_back(), program=program)
        return rows.count()
    return records_of(program, withholding.record_kind).count()


def least_width(program: Program, kind: str, field: str) -> int:
    """How wide a range has to be at least, in percent of its upper end: what a rule in force asks for, if it is more."""
    rules = Withholding.objects.in_force().filter(program=program, scope=Scope.RULE)
    asked = rules.filter(record_kind=kind, field=field).values_list("minimum_percent", flat=True)
    return max(standins.LEAST, *(percent or 0 for percent in asked), 0)


def checked_stand_in(withholding: Withholding) -> standins.StandIn | None:
    """The stand-in of a proposal, as it is kept; refused where it is false today, or tells too much."""
    said, field = withholding.stand_in, withholding.field
    if said is None:
        return None
    if withholding.scope == Scope.RULE:
        least = withholding.minimum_percent or standins.LEAST
        return standins.checked_making(said, field=field, least=least)
    assert withholding.record is not None
    program, kind = withholding.program, withholding.record_kind
    of = stated_value(program, kind, withholding.record, field)
    least = least_width(program, kind, field)
    return standins.checked(said, of.value, field=field, precision=of.precision, least=least)
