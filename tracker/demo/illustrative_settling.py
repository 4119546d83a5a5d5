"""What became of the illustrative findings: costs settled and claimed, management's decision, a plan, an accepted risk."""

from datetime import timedelta

from django.core.files.base import ContentFile

from tracker.audits import actions
from tracker.audits.actions import Decision, NewFile
from tracker.audits.models import CostEvent, CostOutcome, Finding, Recommendation
from tracker.demo.illustrative_money import Payments
from tracker.demo.people import Cast
from tracker.shared.money import Money


def settle(cast: Cast, receipts: Finding, travel: Finding, payments: Payments) -> None:
    """The double payment came back whole; of the vehicles a part is documented, a part claimed, the rest is open."""
    came_back = actions.claim_cost(
        finding=travel,
        outcome=CostOutcome.REFUNDED,
        amount=Money.of("88120.00", "USD"),
        payment=payments["double"].reversal,
        note="The bank returned the second payment.",
        by=cast.officer,
    )
    actions.accept_cost(claim=came_back, note="Seen on the statement of account.", by=cast.auditor)
    documented = _claim(cast, receipts, "540000.00", CostOutcome.DOCUMENTED, "Eight receipts.")
    actions.accept_cost(
        claim=documented,
        amount=Money.of("480000.00", "USD"),
        note="Seven of the eight receipts are signed.",
        by=cast.auditor,
    )
    _claim(
        cast, receipts, "67000.00", CostOutcome.JUSTIFIED, "Winter tyres are not a luxury there."
    )
    _decide(cast, receipts)
    _plan(cast, receipts)


def _claim(cast: Cast, finding: Finding, amount: str, outcome: str, note: str) -> CostEvent:
    papers = NewFile(
        ContentFile(b"Illustrative scans of receipts.\n"), "receipts.txt", "text/plain"
    )
    return actions.claim_cost(
        finding=finding,
        outcome=outcome,
        amount=Money.of(amount, "USD"),
        note=note,
        file=papers if outcome == CostOutcome.DOCUMENTED else None,
        by=cast.officer,
    )


def _decide(cast: Cast, finding: Finding) -> None:
    actions.decide_finding(
        finding=finding,
        decision=Decision(
            sustained=True,
            reasons="The receipts were not on file when the auditors looked.",
            allowed=Money.of("640000.00", "USD"),
            disallowed=Money.of("172000.00", "USD"),
            agreed=Money.of("100000.00", "USD"),
            not_agreed=Money.of("50000.00", "USD"),
            action="Recover from the supplier what is not documented within six months.",
            timetable="Reviewed each quarter.",
            appeal="To the minister within 30 days.",
            act_by=finding.final_action_due_on,
        ),
        by=cast.senior,
    )


def _plan(cast: Cast, finding: Finding) -> None:
    recommendation = finding.recommendations.order_by("number").first()
    assert recommendation is not None  # drafted with the finding
    actions.state_plan(
        recommendation=recommendation,
        contact="Head of the property office",
        action="Each delivery is receipted within 30 days; a clerk checks it every Friday.",
        anticipated_on=recommendation.due_on,
        by=cast.officer,
    )


def accept_risk(cast: Cast, recommendation: Recommendation) -> None:
    """For half a year the ministry lives with it, because two of its people say so."""
    ask = actions.ask_to_accept_risk(
        recommendation=recommendation,
        until=cast.audit_office.today() + timedelta(days=183),
        reason="The new system is in next year's budget; until then a clerk compares references.",
        by=cast.officer,
    )
    actions.answer_ask(
        ask=ask, grant=True, reason="Accepted until the budget is decided.", by=cast.senior
    )
