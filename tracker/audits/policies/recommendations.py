"""The owner answers and claims; only the auditors, and never the owner's side, verify and close."""

from django.db.models import Q

from tracker.accounts.models import Membership, Role, User
from tracker.accounts.policies import holds
from tracker.audits.models import (
    CLOSED_OTHERWISE,
    OPEN,
    RECOMMENDATION_TRANSITIONS,
    Finding,
    Recommendation,
    RecommendationState,
    RecommendationStep,
    TeamMember,
)
from tracker.audits.policies.engagements import check_on_team, programs_of
from tracker.audits.policies.findings import check_can_change_finding
from tracker.audits.policies.independence import AUDITED_SIDE, check_audits_all, check_independent
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.policies import permits
from tracker.shared.states import check_transition

S = RecommendationState


def check_can_draft_recommendation(user: User, finding: Finding) -> None:
    check_can_change_finding(user, finding)


def check_can_change_recommendation(user: User, recommendation: Recommendation) -> None:
    if recommendation.state != S.DRAFT:
        check_on_team(user, recommendation.finding.engagement, to="write its recommendations")
        raise Refused(
            "An issued recommendation stands as it is: extend its due date or close it with a reason."
        )
    check_can_change_finding(user, recommendation.finding)


def speaks_for_owner(user: User, recommendation: Recommendation) -> bool:
    """An officer of the owner, or of a program of the owner's that the engagement looks at."""
    if holds(user, Role.OFFICER, organisation=recommendation.owner):
        return True
    audited = Program.objects.held_as(user, Role.OFFICER).filter(
        owner=recommendation.owner_id, audited_in__engagement=recommendation.finding.engagement_id
    )
    return audited.exists()


def check_owner(user: User, recommendation: Recommendation, *, to: str) -> None:
    if not speaks_for_owner(user, recommendation):
        raise NotAllowed(
            f"Only a program officer of {recommendation.owner}, which owns the recommendation, may {to}."
        )


def _is_of_the_owner(user: User, recommendation: Recommendation) -> bool:
    """Works for the owner or holds a role on its side. An office that audits its own house is not its owner's side."""
    owner, office = recommendation.owner_id, recommendation.finding.engagement.office_id
    if user.organisation_id == owner and office != owner:
        return True
    held = Membership.objects.in_force().filter(person=user, role__in=AUDITED_SIDE)
    return held.filter(Q(organisation=owner) | Q(program__owner=owner)).exists()


def check_audit_office(user: User, recommendation: Recommendation, *, to: str) -> None:
    """The engagement's team or a colleague of its office who audits everything in scope; never the owner's side."""
    engagement = recommendation.finding.engagement
    on_team = TeamMember.objects.filter(engagement=engagement, person=user).exists()
    if not on_team and user.organisation_id != engagement.office_id:
        raise NotAllowed(f"Only auditors of {engagement.office} may {to}.")
    check_audits_all(user, programs_of(engagement), to=to)
    if _is_of_the_owner(user, recommendation):
        raise NotAllowed(
            f"You are on the side of {recommendation.owner}, which owns the recommendation: "
            f"an auditor who is not may {to}."
        )


def check_can_read_evidence(user: User, recommendation: Recommendation) -> None:
    """The audit's side and the owner's own staff. A recipient's representative reads the words, not the files."""
    programs = programs_of(recommendation.finding.engagement)
    audits = permits(check_audits_all, user, programs, to="read its files")
    if not (audits or _is_of_the_owner(user, recommendation)):
        raise NotAllowed("The files of a recommendation are for its owner and the auditors.")


def check_step(recommendation: Recommendation, target: str) -> None:
    check_transition(RECOMMENDATION_TRANSITIONS, recommendation.state, target)


def check_can_respond(user: User, recommendation: Recommendation) -> None:
    check_owner(user, recommendation, to="respond to it")
    answerable = {S.ISSUED, S.OPEN_UNRESOLVED, S.OPEN_RESOLVED, S.PARTIALLY_ADDRESSED, S.REOPENED}
    if recommendation.state not in answerable:
        raise Refused(
            f"The recommendation is {recommendation.get_state_display()}: there is nothing to respond to now."
        )


def check_can_claim(user: User, recommendation: Recommendation) -> None:
    check_owner(user, recommendation, to="say that it is implemented")
    check_step(recommendation, S.IMPLEMENTATION_CLAIMED)


def check_can_address(user: User, recommendation: Recommendation) -> None:
    check_audit_office(user, recommendation, to="assess it")
    check_step(recommendation, S.PARTIALLY_ADDRESSED)


def check_can_reject(user: User, recommendation: Recommendation) -> None:
    check_audit_office(user, recommendation, to="assess it")
    if recommendation.state != S.IMPLEMENTATION_CLAIMED:
        raise Refused("Nobody says that it is implemented: there is no claim to turn down.")


def check_can_accept(user: User, recommendation: Recommendation) -> None:
    check_audit_office(user, recommendation, to="close it")
    check_independent(user, programs_of(recommendation.finding.engagement))
    _check_not_their_own(user, recommendation, "another auditor verifies it.")
    check_step(recommendation, S.CLOSED_IMPLEMENTED)


def _check_not_their_own(user: User, recommendation: Recommendation, instead: str) -> None:
    """Who proposes that it be closed never closes it, whatever other role they hold by then."""
    claims = RecommendationStep.objects.filter(
        recommendation=recommendation, after=S.IMPLEMENTATION_CLAIMED, taken_by=user
    ).exclude(before=S.IMPLEMENTATION_CLAIMED)  # an extension stays where it is
    if claims.exists():
        raise NotAllowed(f"You said yourself that it is implemented: {instead}")


def check_can_close(user: User, recommendation: Recommendation) -> None:
    """Close it without implementation: for each of those states the way there is the same."""
    check_audit_office(user, recommendation, to="close it")
    _check_not_their_own(user, recommendation, "another auditor closes it.")
    check_step(recommendation, S.CLOSED_NOT_IMPLEMENTED)


def check_closing_state(state: str) -> None:
    if state not in CLOSED_OTHERWISE:
        raise Refused(
            {"state": "Choose why it is closed: not implemented, overtaken or superseded."}
        )


def check_can_reopen(user: User, recommendation: Recommendation) -> None:
    check_audit_office(user, recommendation, to="reopen it")
    check_step(recommendation, S.REOPENED)


def check_can_extend(user: User, recommendation: Recommendation) -> None:
    check_audit_office(user, recommendation, to="extend its due date")
    if recommendation.state not in OPEN:
        raise Refused("Only the due date of an open recommendation can be extended.")
