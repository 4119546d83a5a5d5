"""What the other rules rest on: the scope, and words that must be said."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import Money


@dataclass(frozen=True)
class Scope:
    """A program to audit and the days of it; a missing day leaves that side open."""

    program: Program
    period_start: date | None = None
    period_end: date | None = None


@dataclass(frozen=True)
class CostLine:
    """A part of a questioned cost: why (`CostKind`), how much is known, of which payment, and what is likely in all."""

    kind: str
    known: Money
    payment: Transaction | None = None
    likely: Money | None = None
    basis: str = ""


@dataclass(frozen=True)
class BetterUseLine:
    """Funds that could be put to better use (`BetterUseKind`), and how the amount was arrived at."""

    kind: str
    amount: Money
    basis: str = ""


def check_scope(scope: Collection[Scope]) -> None:
    if not scope:
        raise Refused("An engagement looks at something: choose at least one program.")
    seen: set[int] = set()
    for part in scope:
        if part.program.pk in seen:
            raise Refused(f"{part.program.title} is in the scope twice: keep one row of it.")
        seen.add(part.program.pk)
        if part.period_start and part.period_end and part.period_end < part.period_start:
            raise Refused(
                f"The period of {part.program.title} ends before it begins: correct one of the dates."
            )


def days_of(day: date, precision: str, program: Program) -> tuple[date, date]:
    """The first and last day on which a payment may have been made, as exactly as that is known."""
    if precision == DatePrecision.MONTH:
        following = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return day.replace(day=1), following - timedelta(days=1)
    if precision == DatePrecision.FISCAL_YEAR:
        year = program.owner.calendar().period_of(day)
        return year.start, year.end
    return day, day


def within(part: Scope, first: date, last: date) -> bool:
    """May something of these days lie in the period? A date known to the month or year is in if any day of it is."""
    too_early = part.period_start is not None and last < part.period_start
    return not (too_early or (part.period_end is not None and first > part.period_end))


def check_in_scope(payment: Transaction, scope: Collection[Scope]) -> None:
    """Of a program in scope, within its period. A date known to the month or year is in if any day of it is."""
    name = payment.text.reference or payment.text.payee or str(payment.uid)
    part = next((p for p in scope if p.program.pk == payment.program_id), None)
    if part is None:
        raise Refused(
            {
                "payments": f"The payment {name} belongs to {payment.program.title}, which is not in the "
                "scope: choose a payment of a program in scope, or widen the scope first."
            }
        )
    assert payment.value_date is not None  # the ledger's own constraint
    if not within(part, *days_of(payment.value_date, payment.date_precision, payment.program)):
        raise Refused(
            {
                "payments": f"The payment {name} lies outside the period in scope of {payment.program.title}: "
                "choose another payment, or widen the period first."
            }
        )


def check_said(text: str, field: str, sentence: str) -> None:
    if not text.strip():
        raise Refused({field: sentence})


def check_due(due_on: date, today: date, what: str = "It") -> None:
    if due_on < today:
        raise Refused(
            {"due_on": f"{what} is due on {due_on}, before the day of issue: set a later due date."}
        )
