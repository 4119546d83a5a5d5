"""The money of findings at every stage: lines, claims, decisions, plans, asks."""

from datetime import date

from tests.factories.accounts import make_person
from tests.factories.audits import make_finding, owner_officer, proof, soon
from tests.factories.ledger import make_disbursement
from tracker.accounts.models import Role, User
from tracker.audits import actions
from tracker.audits.actions import BetterUseLine, CostLine, Decision, Particulars
from tracker.audits.models import (
    Ask,
    AskKind,
    CorrectivePlan,
    CostEvent,
    CostKind,
    CostOutcome,
    Finding,
    ManagementDecision,
    Recommendation,
)
from tracker.audits.policies import programs_about
from tracker.ledger.models import Transaction
from tracker.shared.money import Money


def usd(amount: str) -> Money:
    return Money.of(amount, "USD")


def make_questioned(
    amount: str = "100.00",
    *,
    kind: str = CostKind.UNSUPPORTED,
    payment: Transaction | None = None,
    likely: str = "",
    better: str = "",
    issued: bool = True,
    **fields,
) -> Finding:
    """An issued finding that questions the amount of one payment, in one line."""
    payment = payment or make_disbursement()
    line = CostLine(
        kind, usd(amount), payment, usd(likely) if likely else None, "Sample 1." if likely else ""
    )
    uses = [BetterUseLine("deobligation", usd(better))] if better else []
    more = Particulars(lines=[line], better_use=uses)
    return make_finding(payment, issued=issued, more=more, **fields)


def officer_of(finding: Finding) -> User:
    """An officer of the audited side; the same person every time."""
    (program, *_) = programs_about(finding)
    held = {"memberships__role": Role.OFFICER, "memberships__organisation": program.owner}
    found = User.objects.filter(**held, memberships__status="active").order_by("pk").first()
    return found or make_person(Role.OFFICER, organisation=program.owner)


def manager_of(finding: Finding) -> User:
    """A senior approver of the audited side; another person every time."""
    (program, *_) = programs_about(finding)
    return make_person(Role.SENIOR_APPROVER, organisation=program.owner)


def claim(
    finding: Finding, amount: str, outcome: str = CostOutcome.DOCUMENTED, **fields
) -> CostEvent:
    if outcome == CostOutcome.DOCUMENTED:
        fields = {"file": proof(), **fields}
    defaults = {"note": "It is settled.", "by": officer_of(finding)}
    return actions.claim_cost(
        finding=finding, outcome=outcome, amount=usd(amount), **(defaults | fields)
    )


def accept(claimed: CostEvent, amount: str = "", **fields) -> CostEvent:
    defaults = {"note": "Seen.", "by": claimed.finding.engagement.lead}
    given = {"amount": usd(amount)} if amount else {}
    return actions.accept_cost(claim=claimed, **given, **(defaults | fields))


def settle(finding: Finding, amount: str, outcome: str = CostOutcome.DOCUMENTED, **fields):
    """Claimed and accepted."""
    return accept(claim(finding, amount, outcome, **fields))


def decide(
    finding: Finding, allowed: str = "", disallowed: str = "", **fields
) -> ManagementDecision:
    by = fields.pop("by", None) or manager_of(finding)
    defaults = {
        "sustained": True,
        "reasons": "The auditors are right.",
        "action": "Repay it.",
        "allowed": usd(allowed) if allowed else None,
        "disallowed": usd(disallowed) if disallowed else None,
    }
    decision = Decision(**(defaults | fields))
    return actions.decide_finding(finding=finding, decision=decision, by=by)


def make_plan(recommendation: Recommendation, **fields) -> CorrectivePlan:
    defaults = {
        "contact": "Head of the property office",
        "action": "Receipts are collected each Friday.",
        "anticipated_on": soon(90),
        "by": owner_officer(recommendation),
    }
    return actions.state_plan(recommendation=recommendation, **(defaults | fields))


def ask(
    recommendation: Recommendation,
    kind: str = AskKind.EXTENSION,
    until: date | None = None,
    **fields,
) -> Ask:
    acts = {AskKind.EXTENSION: actions.ask_for_more_time, AskKind.RISK: actions.ask_to_accept_risk}
    defaults = {"reason": "The contract runs longer.", "by": owner_officer(recommendation)}
    return acts[AskKind(kind)](
        recommendation=recommendation, until=until or soon(300), **(defaults | fields)
    )


def answer(asked: Ask, grant: bool = True, **fields):
    recommendation = asked.recommendation
    by = recommendation.finding.engagement.lead
    if asked.kind == AskKind.RISK:
        by = make_person(Role.SENIOR_APPROVER, organisation=recommendation.owner)
    defaults = {"reason": "It is reasonable.", "by": by}
    return actions.answer_ask(ask=asked, grant=grant, **(defaults | fields))


def accept_risk(recommendation: Recommendation, until: date | None = None) -> Recommendation:
    answer(ask(recommendation, AskKind.RISK, until))
    recommendation.refresh_from_db()
    return recommendation
