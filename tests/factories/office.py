"""An audit office with its head, and recommendations whose day of issue lies in the past."""

from contextlib import contextmanager
from datetime import date
from unittest import mock

from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.audits import make_auditor, make_engagement, make_finding, words
from tests.factories.ledger import make_commitment, make_disbursement
from tracker.accounts.models import Organisation, Role, User
from tracker.audits import actions
from tracker.audits.models import AuditPlan, Engagement, Finding, ManagementDecision
from tracker.ledger.models import Transaction
from tracker.programs.models import Program

YEAR = 2024  # of the factories' payments


def make_head(office: Organisation) -> User:
    """The head of the audit of an office; the same person every time."""
    held = {"memberships__role": Role.HEAD_OF_AUDIT, "memberships__organisation": office}
    found = User.objects.filter(**held).order_by("pk").first()
    return found or make_person(Role.HEAD_OF_AUDIT, organisation=office)


def make_audited(*programs: Program, **named) -> tuple[Organisation, User, User]:
    """An office, its head and an auditor of the programs."""
    office = make_organisation(**named)
    return office, make_head(office), make_auditor(*programs, office=office)


def pay(program: Program, amount="100.00", **says) -> Transaction:
    """A payment from a commitment of its own."""
    currency = says.pop("currency", "USD")
    from tests.factories.ledger import money

    commitment = make_commitment(program, money("1000000.00", currency))
    return make_disbursement(commitment, amount, **says)


def adopt(office: Organisation, year: int = YEAR, *engagements: Engagement, **says) -> AuditPlan:
    return actions.adopt_plan(
        office=office,
        fiscal_year=year,
        engagements=engagements,
        **{"by": make_head(office)} | says,
    )


@contextmanager
def on_day(day: date):
    """The audit office's calendar says this day: for what is issued or decided in the past."""
    with mock.patch("tracker.accounts.models.today", return_value=day):
        yield


def issued_on(day: date, auditor: User, payment: Transaction, **says) -> Finding:
    """A finding with one recommendation, issued on the day."""
    with on_day(day):
        engagement = says.pop("engagement", None) or make_engagement(payment.program, lead=auditor)
        return make_finding(payment, engagement=engagement, recommendations=1, **says)


def give_auditor(person: User, program: Program) -> User:
    give_role(person, Role.AUDITOR, program=program)
    return person


def question(engagement: Engagement, payment: Transaction, *, issued: bool = True, **particulars):
    """A finding that states more than its words: lines of what it questions, better use, what it repeats."""
    by = engagement.lead
    finding = actions.draft_finding(
        engagement=engagement,
        words=words(),
        payments=[payment],
        more=actions.Particulars(**particulars),
        by=by,
    )
    return actions.issue_finding(finding=finding, by=by) if issued else finding


def decide(finding: Finding, by: User, **says) -> ManagementDecision:
    """Management sustains the finding, if nothing else is said."""
    told = {"sustained": True, "reasons": "It is so.", "action": "Repay."} | says
    return actions.decide_finding(finding=finding, decision=actions.Decision(**told), by=by)
