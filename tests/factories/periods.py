"""Periods at every stage, late entries, and the two signatures under a closed quarter."""

from datetime import date

from tests.factories.accounts import give_role, make_person
from tests.factories.ledger import approve, make_voucher, money, person_of, submit
from tracker.accounts.models import Organisation, Role, User
from tracker.ledger import actions, queries
from tracker.ledger.models import (
    Certification,
    CertificationSide,
    Period,
    PeriodChange,
    PeriodDecision,
    Transaction,
)
from tracker.programs.models import ParticipantRole, Program

# Of calendar years, as organisations have them that record no other fiscal year.
Q1 = date(2024, 1, 1)
IN_Q1, IN_Q2, IN_Q3 = date(2024, 3, 15), date(2024, 5, 2), date(2024, 8, 1)


def propose_closing(organisation: Organisation, day: date = IN_Q1, **says) -> PeriodChange:
    """The closing of the day's quarter, which waits for its second person."""
    by = says.pop("by", None) or person_of(organisation, Role.OFFICER)
    return actions.propose_closing(organisation=organisation, day=day, by=by, **says)


def decide(change: PeriodChange, by: User | None = None, **says) -> PeriodDecision:
    """The second person's yes; with `confirm=False` their no."""
    said = {"confirm": True} | says
    by = by or person_of(change.period.organisation, Role.APPROVER)
    return actions.decide_period(change=change, by=by, **said)


def close(organisation: Organisation, *days: date) -> Period:
    """Close the quarters of the days one after the other; the last of them."""
    for day in days or (IN_Q1,):
        decision = decide(propose_closing(organisation, day))
    return Period.objects.select_related("organisation").get(pk=decision.change.period_id)


def propose_reopening(period: Period, reason: str = "An invoice was overlooked.", by=None):
    by = by or person_of(period.organisation, Role.OFFICER)
    return actions.propose_reopening(period=period, reason=reason, by=by)


def reopen(period: Period) -> Period:
    decide(propose_reopening(period))
    return Period.objects.select_related("organisation").get(pk=period.pk)


def make_late_commitment(program: Program, amount="50.00", **says) -> Transaction:
    """Of the first quarter, booked in the second; the first has to be closed."""
    said = {"value_date": IN_Q1, "booked_on": IN_Q2} | says
    return approve(submit(make_voucher(program, "commitment", amount=money(amount), **said)))


def representative_of(program: Program) -> User:
    """Somebody who signs for the program's recipient; the same person every time."""
    part = program.participations.filter(role=ParticipantRole.RECIPIENT).order_by("pk").first()
    return person_of(part.organisation, Role.RECIPIENT)


def certify(
    program: Program, period: Period, side: str = CertificationSide.DONOR, **says
) -> Certification:
    """Signed by somebody of the side who has read the figures as they are."""
    by = says.pop("by", None)
    if by is None:
        donor = side == CertificationSide.DONOR
        by = person_of(program.owner, Role.APPROVER) if donor else representative_of(program)
    seen = says.pop("seen", None) or queries.figures_of(program, period).digest
    return actions.certify_period(
        program=program, period=period, side=side, seen=seen, by=by, **says
    )


def certify_both(program: Program, period: Period) -> list[Certification]:
    return [
        certify(program, period, side)
        for side in (CertificationSide.DONOR, CertificationSide.RECIPIENT)
    ]


def make_both(program: Program) -> User:
    """Somebody who is the owner's approver and the recipient's representative."""
    both = make_person(Role.APPROVER, organisation=program.owner)
    give_role(both, Role.RECIPIENT, organisation=program.recipients[0])
    return both
