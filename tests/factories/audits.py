"""Audits at every stage. The auditors work for an audit office of their own, not for the ministry they audit."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count

from django.core.files.base import ContentFile
from django.db.models import Q

from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.ledger import make_disbursement
from tests.factories.programs import make_program
from tracker.accounts.models import Organisation, Role, User
from tracker.audits import actions, policies
from tracker.audits.actions import FindingWords, NewFile, PaperWords, Particulars, Scope
from tracker.audits.models import (
    DraftComment,
    DraftReport,
    Engagement,
    EngagementKind,
    EngagementStatus,
    Finding,
    FindingKind,
    Recommendation,
    RecommendationState,
    Severity,
    Standard,
    WorkingPaper,
)
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.clock import today
from tracker.shared.money import Money

_numbers = count(1)
NOTHING_MORE = Particulars()
WAIVED = "It is a count on the spot that reports the same day."
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
    comments: bool = False,
    **fields,
) -> Engagement:
    """An engagement on the programs (one of its own without any), in fieldwork if nothing else is said.

    It reports without comments, for a reason, so that findings can be issued at once; with `comments` a draft is sent.
    """
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
    if not comments:
        actions.waive_comments(engagement=engagement, reason=WAIVED, by=lead)
    return move_to(engagement, status)


def declare(engagement: Engagement, person: User | None = None) -> None:
    """What the person (all on the team, if nobody is named) has not yet declared, for the year and the engagement."""
    people = [person] if person else [member.person for member in engagement.team.all()]
    known = policies.declared_by(people, (), engagement, engagement.office.today())
    for one in people:
        if not known[one.pk].yearly_in_force:
            actions.declare_independence(by=one)
        if known[one.pk].own is None:
            actions.declare_independence(engagement=engagement, by=one)


def join(engagement: Engagement, person: User | None = None) -> User:
    """Another auditor on the team, who has declared independence."""
    programs = policies.programs_of(engagement)
    person = person or make_auditor(*programs, office=engagement.office)
    actions.add_member(engagement=engagement, person=person, by=engagement.lead)
    declare(engagement, person)
    return person


def start(engagement: Engagement) -> Engagement:
    """Into fieldwork, with everything declared, and unannounced if it was only planned."""
    declare(engagement)
    why = "A count on the spot." if engagement.status == EngagementStatus.PLANNED else ""
    return actions.start_fieldwork(engagement=engagement, unannounced=why, by=engagement.lead)


def officer_audited(engagement: Engagement) -> User:
    """An officer of the first program in scope; the same person every time."""
    program = policies.programs_of(engagement)[0]
    over = Q(memberships__program=program) | Q(memberships__organisation=program.owner_id)
    held = User.objects.filter(over, memberships__role=Role.OFFICER, memberships__status="active")
    return held.order_by("pk").first() or make_person(Role.OFFICER, organisation=program.owner)


def send_draft(engagement: Engagement, **fields) -> DraftReport:
    return actions.send_draft(engagement=engagement, **({"by": engagement.lead} | fields))


def comment(draft: DraftReport, stance: str = "disagree", **fields) -> DraftComment:
    """Of the first organisation that was asked, by its officer; on the whole, unless a finding is named."""
    defaults = {
        "organisation": draft.parts.order_by("pk").first().organisation,
        "note": "" if stance == "no_comment" else "We collected the receipts since.",
        "by": officer_audited(draft.engagement),
    }
    return actions.comment_on_draft(draft=draft, stance=stance, **(defaults | fields))


def hear(engagement: Engagement) -> Engagement:
    """Send the draft, and have everybody say that they have no comment."""
    draft = send_draft(engagement)
    for part in draft.parts.filter(finding=None).select_related("organisation"):
        by = make_person(Role.OFFICER, organisation=part.organisation)
        comment(draft, "no_comment", organisation=part.organisation, by=by)
    engagement.refresh_from_db()
    return engagement


def issue_final(*, engagement: Engagement, by: User) -> Engagement:
    """The whole way: the draft sent and heard, unless it was left out for a reason; its findings issued; final."""
    if not engagement.uncommented_because:
        engagement = hear(engagement)
        for finding in engagement.findings.filter(status="draft"):
            actions.issue_finding(finding=finding, by=by)
    return actions.issue_final(engagement=engagement, by=by)


PAPER = PaperWords(
    title="Receipts of vehicles",
    purpose="To see whether each vehicle that was paid for was received.",
    source="The list of receipts of the General Staff.",
    conclusion="Eleven of twelve receipts are on file.",
)


def make_paper(engagement: Engagement, index: str = "A-1", **fields) -> WorkingPaper:
    """Prepared by the lead, if nobody else is named."""
    defaults = {"words": PAPER, "by": engagement.lead}
    return actions.begin_paper(engagement=engagement, index=index, **(defaults | fields))


def move_to(engagement: Engagement, status: str) -> Engagement:
    """Walk on to the status; from `planned` or from where it stands."""
    lead = engagement.lead
    if status == EngagementStatus.TERMINATED:
        return actions.terminate_engagement(engagement=engagement, reason="Out of time.", by=lead)
    if status == EngagementStatus.ANNOUNCED:
        return actions.announce_engagement(engagement=engagement, by=lead)
    if engagement.status == EngagementStatus.ANNOUNCED:
        engagement = start(engagement)
    steps = [
        (EngagementStatus.FIELDWORK, lambda engagement, by: start(engagement)),
        (EngagementStatus.FINAL, issue_final),
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
    return bring(draft_recommendation(finding, **fields), state)


def bring(draft: Recommendation, state: str) -> Recommendation:
    """Issued with its finding, and walked to the state; unless it shall stay a draft."""
    if state == RecommendationState.DRAFT:
        return draft
    finding = draft.finding
    actions.issue_finding(finding=finding, by=finding.engagement.lead)
    draft.refresh_from_db()
    return walk(draft, state)


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
