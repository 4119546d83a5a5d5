"""Audits at every stage. The auditors work for an audit office of their own, not for the ministry they audit."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count

from django.core.files.base import ContentFile

from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.ledger import make_disbursement
from tests.factories.programs import make_program
from tracker.accounts.models import Organisation, Role, User
from tracker.audits import actions
from tracker.audits.actions import FindingWords, NewFile, Particulars, Scope
from tracker.audits.models import (
    Engagement,
    EngagementKind,
    EngagementStatus,
    Finding,
    FindingKind,
    Recommendation,
    RecommendationState,
    Severity,
    Standard,
)
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.clock import today
from tracker.shared.money import Money

_numbers = count(1)
NOTHING_MORE = Particulars()
WORDS = FindingWords(
    title="Paid without proof of receipt",
    criteria="Every payment needs a signed receipt (financial regulation, section 12).",
    condition="No receipt is on file.",
    cause="Nobody was made responsible for collecting receipts.",
    effect="Whether the goods arrived cannot be said.",
    severity=Severity.HIGH,
    kind=FindingKind.NO_RECEIPT,
)


def words(**changes: str) -> FindingWords:
    return FindingWords(**{**vars(WORDS), **changes})


def soon(days: int = 180) -> date:
    """A due date that lies ahead."""
    return today() + timedelta(days=days)


def make_office(name: str = "") -> Organisation:
    return make_organisation(name or f"Audit Office {next(_numbers)}")


def make_auditor(*programs: Program, office: Organisation | None = None, name=None) -> User:
    """Somebody of an audit office who holds the auditor's role over the programs and no other."""
    auditor = make_person(employer=office or make_office(), name=name)
    for program in programs:
        give_role(auditor, Role.AUDITOR, program=program)
    return auditor


def make_engagement(
    *programs: Program,
    status: str = EngagementStatus.FIELDWORK,
    lead: User | None = None,
    scope: Sequence[Scope] = (),
    **fields,
) -> Engagement:
    """An engagement on the programs (one of its own without any), in fieldwork if nothing else is said."""
    parts = list(scope) or [Scope(program) for program in programs or [make_program()]]
    lead = lead or make_auditor(*(part.program for part in parts))
    number = next(_numbers)
    defaults = {
        "number": f"2026-{number:03d}",
        "title": f"Receipts of equipment {number}",
        "kind": EngagementKind.PERFORMANCE,
        "standard": Standard.CIGIE,
        "objectives": "Was what was paid for received?",
        "office": lead.organisation,
    }
    engagement = actions.plan_engagement(
        scope=parts, lead=lead, by=fields.pop("by", lead), **(defaults | fields)
    )
    return move_to(engagement, status)


def move_to(engagement: Engagement, status: str) -> Engagement:
    """Walk on to the status; from `planned` or from where it stands."""
    lead = engagement.lead
    if status == EngagementStatus.TERMINATED:
        return actions.terminate_engagement(engagement=engagement, reason="Out of time.", by=lead)
    steps = [
        (EngagementStatus.FIELDWORK, actions.start_fieldwork),
        (EngagementStatus.FINAL, actions.issue_final),
        (EngagementStatus.FOLLOW_UP, actions.begin_follow_up),
        (EngagementStatus.CLOSED, actions.close_engagement),
    ]
    order = [EngagementStatus.PLANNED, *(to for to, _ in steps)]
    for to, step in steps[order.index(engagement.status) : order.index(status)]:
        engagement = step(engagement=engagement, by=lead)
        assert engagement.status == to
    return engagement


def make_finding(
    *transactions: Transaction,
    issued: bool = True,
    engagement: Engagement | None = None,
    questioned: Money | None = None,
    recommendations: int = 0,
    more: Particulars = NOTHING_MORE,
    **changes: str,
) -> Finding:
    """A finding on the payments (one of its own without any), issued with its recommendations or still a draft."""
    payments = list(transactions) or [make_disbursement()]
    programs = list({payment.program for payment in payments})
    engagement = engagement or make_engagement(*programs)
    lead = engagement.lead
    finding = actions.draft_finding(
        engagement=engagement,
        words=words(**changes),
        payments=payments,
        questioned=questioned,
        more=more,
        by=lead,
    )
    for _ in range(recommendations):
        draft_recommendation(finding)
    return actions.issue_finding(finding=finding, by=lead) if issued else finding


def draft_recommendation(finding: Finding, **fields) -> Recommendation:
    """What is asked of the owner of the program that was paid for."""
    payment = finding.links.select_related("transaction__program__owner").first().transaction
    defaults = {
        "text": "Name a person who collects the receipts.",
        "owner": payment.program.owner,
        "due_on": soon(),
        "by": finding.engagement.lead,
    }
    return actions.draft_recommendation(finding=finding, **(defaults | fields))


def owner_officer(recommendation: Recommendation) -> User:
    """An officer of the owner; the same person every time."""
    held = {"memberships__role": Role.OFFICER, "memberships__organisation": recommendation.owner}
    found = User.objects.filter(**held, memberships__status="active").order_by("pk").first()
    return found or make_person(Role.OFFICER, organisation=recommendation.owner)


def proof(text: str = "A signed list of receipts.", name: str = "receipts.txt") -> NewFile:
    return NewFile(ContentFile(text.encode()), name, "text/plain")


def make_recommendation(
    state: str = RecommendationState.ISSUED, finding: Finding | None = None, **fields
) -> Recommendation:
    """A recommendation that walked to the state. `finding`, if given, is a draft."""
    finding = finding or make_finding(issued=False)
    recommendation = draft_recommendation(finding, **fields)
    if state == RecommendationState.DRAFT:
        return recommendation
    actions.issue_finding(finding=finding, by=finding.engagement.lead)
    recommendation.refresh_from_db()
    return walk(recommendation, state)


# Each step to a state: from which state, by which action with which words, and by whom.
STATE = RecommendationState
AUDITORS, OWNER = "auditors", "owner"
STEPS = {
    STATE.OPEN_UNRESOLVED: (
        STATE.ISSUED,
        actions.respond,
        {"response": "non_concur", "note": "The law does not ask for it."},
        OWNER,
    ),
    STATE.OPEN_RESOLVED: (
        STATE.ISSUED,
        actions.respond,
        {"response": "concur", "note": ""},
        OWNER,
    ),
    STATE.PARTIALLY_ADDRESSED: (
        STATE.OPEN_RESOLVED,
        actions.note_partial_progress,
        {"note": "Half of it."},
        AUDITORS,
    ),
    STATE.IMPLEMENTATION_CLAIMED: (
        STATE.OPEN_RESOLVED,
        actions.claim_implementation,
        {"note": "A person is named."},
        OWNER,
    ),
    STATE.CLOSED_IMPLEMENTED: (
        STATE.IMPLEMENTATION_CLAIMED,
        actions.accept_implementation,
        {"note": "We saw the receipts."},
        AUDITORS,
    ),
    STATE.REOPENED: (
        STATE.CLOSED_OVERTAKEN,
        actions.reopen_recommendation,
        {"reason": "It happened again."},
        AUDITORS,
    ),
    **{
        state: (
            STATE.ISSUED,
            actions.close_recommendation,
            {"state": state, "reason": "The law changed."},
            AUDITORS,
        )
        for state in (
            STATE.CLOSED_NOT_IMPLEMENTED,
            STATE.CLOSED_OVERTAKEN,
            STATE.CLOSED_SUPERSEDED,
        )
    },
}


def walk(recommendation: Recommendation, state: str) -> Recommendation:
    """From issued to the state, each step by a person who may take it; a claim brings a file."""
    if recommendation.state == state:
        return recommendation
    before, act, said, who = STEPS[RecommendationState(state)]
    recommendation = walk(recommendation, before)
    by = owner_officer(recommendation)
    if who == AUDITORS:
        by = recommendation.finding.engagement.lead
    file = {"file": proof()} if act is actions.claim_implementation else {}
    recommendation = act(recommendation=recommendation, **said, **file, by=by)
    assert recommendation.state == state
    return recommendation
