"""Something of everything that the public can see, made through actions, and one program that it cannot see."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.factories import audits, ledger, publishing
from tests.factories.accounts import make_organisation
from tests.factories.programs import make_program
from tracker.audits.models import Finding, RecommendationState
from tracker.ledger.models import Transaction
from tracker.programs import actions as programs
from tracker.programs.models import Program
from tracker.publishing import actions
from tracker.publishing.models import Report
from tracker.results import actions as results
from tracker.shared.clock import today
from tracker.shared.money import Money

SECRET_PAYEE = "A payee whom the public must not read"
SECRET_TITLE = "A program that the public must not read"
YEAR = {"period_start": date(2024, 1, 1), "period_end": date(2024, 12, 31)}


@dataclass(frozen=True)
class World:
    """What tests go and look for."""

    program: Program
    payment: Transaction
    reversed: Transaction
    reversal: Transaction
    finding: Finding
    report: Report
    superseded: Report
    documented: Program
    illustrative: Program
    unpublished: Program


def make_world() -> World:
    program = make_program(
        title="Medical evacuation training",
        summary="So that a wounded person reaches surgery within an hour.",
        owner=make_organisation("Donor State, Ministry of Defence"),
        recipient=make_organisation("Recipient State, General Staff"),
    )
    add_results(program)
    payment, reversed_, reversal = add_money(program)
    publishing.withhold(program, "transaction", "payee", payment.uid)
    unpublished = make_program(title=SECRET_TITLE)
    hidden = ledger.make_disbursement(ledger.make_commitment(unpublished))
    publishing.decide_not_published(unpublished)
    finding = add_finding(payment, hidden)
    superseded = publishing.make_report_at("published", program, title="First half of 2024")
    report = publishing.make_report_at("published", program, title="First half of 2024, corrected")
    return World(
        program, payment, reversed_, reversal, finding, report, superseded,
        documented=add_documented(), illustrative=add_illustrative(), unpublished=unpublished,
    )  # fmt: skip


def add_results(program: Program) -> None:
    by = ledger.officer_of(program)
    outcome = programs.add_objective(
        program=program, level="outcome", title="The wounded reach surgery in time", by=by
    )
    timed = results.add_indicator(
        program=program, objective=outcome, title="Time to surgery", unit="minutes",
        direction="down", by=by,
    )  # fmt: skip
    results.set_baseline(indicator=timed, value=Decimal(128), **YEAR, by=by)
    results.set_target(indicator=timed, value=Decimal(60), **YEAR, by=by)
    results.record_measurement(
        indicator=timed, measured_on=date(2024, 5, 1), value=Decimal(71),
        verification="verified", source="Hospital register", by=by,
    )  # fmt: skip
    trained = results.add_indicator(program=program, title="People trained", unit="people", by=by)
    results.set_target(indicator=trained, value=Decimal(12), **YEAR, by=by)
    results.record_measurement(
        indicator=trained, measured_on=date(2024, 5, 1), value=Decimal(12),
        verification="not_verified", by=by,
    )  # fmt: skip


def add_money(program: Program) -> tuple[Transaction, Transaction, Transaction]:
    """A payment, and another one that was cancelled by its reversal."""
    commitment = ledger.make_commitment(program, "50000.00", description="Obligation for 2024")
    payment = ledger.make_disbursement(
        commitment, "1200.00", description="Simulator", payee=SECRET_PAYEE
    )
    wrong = ledger.make_disbursement(commitment, "300.00", description="Field dressings")
    return payment, wrong, ledger.make_reversal(wrong)


def add_finding(payment: Transaction, hidden: Transaction) -> Finding:
    """Released with one recommendation that is open and one that is closed."""
    finding = audits.make_finding(
        payment, hidden, issued=False, questioned=Money(120000, "USD"),
        title="Paid without proof of receipt",
    )  # fmt: skip
    owner = payment.program.owner
    closed = audits.draft_recommendation(finding, text="Write down who collects them.", owner=owner)
    audits.draft_recommendation(
        finding, text="Collect every receipt.", owner=owner, due_on=today() + timedelta(days=30)
    )
    lead = finding.engagement.lead
    finding = audits.actions.issue_finding(finding=finding, by=lead)
    closed.refresh_from_db()
    audits.walk(closed, RecommendationState.CLOSED_IMPLEMENTED)
    actions.release_engagement(engagement=finding.engagement, standing=False, by=lead)
    actions.release_finding(finding=finding, by=lead)
    return finding


def add_documented() -> Program:
    program = make_program(
        title="Aid after a peace treaty",
        nature="documented",
        gaps=["The record does not state payments by month."],
    )
    programs.record_stated_figure(
        program=program, label="Military aid a year", kind="money", qualifier="about",
        amount=Money.of("1300000000", "USD"), citation="Annual report, page 7", grade="A",
        source_url="https://example.org/report", period_text="each year since 1987",
        by=ledger.officer_of(program),
    )  # fmt: skip
    publishing.publish(program)
    return program


def add_illustrative() -> Program:
    program = make_program(title="An illustration", nature="illustrative")
    ledger.make_commitment(program, "777777.00")
    publishing.publish(program)
    return program
