"""What happens next, who must do it, and what of it waits for a person or keeps them waiting."""

from dataclasses import dataclass
from datetime import date

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.models import (
    OPEN,
    Engagement,
    EngagementStatus,
    Finding,
    FindingStatus,
    Recommendation,
    RecommendationQuerySet,
    RecommendationState,
)
from tracker.audits.queries.findings import drafts_on
from tracker.audits.queries.people import owned_by
from tracker.audits.queries.recommendations import today_for
from tracker.shared.dates import say_day
from tracker.shared.policies import permits

S = RecommendationState
TO_ANSWER = [S.ISSUED, S.REOPENED]
TO_CARRY_OUT = [S.OPEN_RESOLVED, S.PARTIALLY_ADDRESSED]
SHOWN = 20


@dataclass(frozen=True)
class NextStep:
    """For the panel that says what happens next. `mine`: it is the reader's own step."""

    what: str
    who: str = ""
    since: str = ""
    mine: bool = False
    follows: str = ""


@dataclass(frozen=True)
class Waiting:
    """One line of a desk: what, where, why, and by when."""

    what: str
    href: str
    why: str
    due: str = ""
    tone: str = ""


# --- What happens next -----------------------------------------------------


def next_for_engagement(engagement: Engagement, user: User) -> NextStep:
    team = f"the team, led by {engagement.lead}"
    mine = engagement.team.filter(person=user).exists()
    steps = {
        EngagementStatus.PLANNED: (
            "Staff the team and start the fieldwork.",
            "From then on findings can be written.",
        ),
        EngagementStatus.FIELDWORK: (
            "Write findings on exact payments, issue each, then issue the final report.",
            "The owners of the recommendations are asked to respond.",
        ),
        EngagementStatus.FINAL: (
            "Follow up the recommendations, or close the engagement if none is open.",
            "Each is verified when its owner says that it is done.",
        ),
        EngagementStatus.FOLLOW_UP: (
            "Verify what the owners carried out; close the engagement when nothing is open.",
            "",
        ),
    }
    if engagement.status not in steps:
        return NextStep(f"Nothing: the engagement is {engagement.get_status_display()}.")
    what, follows = steps[EngagementStatus(engagement.status)]
    return NextStep(what, team, mine=mine, follows=follows)


def next_for_finding(finding: Finding, user: User) -> NextStep:
    office = str(finding.engagement.office)
    if finding.status == FindingStatus.DROPPED:
        return NextStep("Nothing: this draft was dropped.")
    if finding.status == FindingStatus.DRAFT:
        mine = permits(policies.check_can_change_finding, user, finding)
        follows = "Once issued it is never rewritten, and the owners are asked to respond."
        return NextStep("Complete the draft and issue it.", office, mine=mine, follows=follows)
    left = finding.recommendations.filter(state__in=OPEN).select_related("owner")
    owners = dict.fromkeys(str(r.owner) for r in left.order_by("number") if r.state in _OWNERS)
    if owners:
        return NextStep("Respond to its recommendations and carry them out.", ", ".join(owners))
    if left:
        return NextStep("Verify what the owners say is implemented.", office)
    return NextStep("Nothing: no recommendation of it is open.")


_OWNERS = {*TO_ANSWER, *TO_CARRY_OUT, S.OPEN_UNRESOLVED}
_OWNERS_STEPS = {
    S.ISSUED: "Respond: concur, concur partially, or say why not.",
    S.REOPENED: "Respond again, or say what was done.",
    S.OPEN_UNRESOLVED: "Agree on what will be done, or the auditors close it with a reason.",
    S.OPEN_RESOLVED: "Carry it out and say so, with evidence.",
    S.PARTIALLY_ADDRESSED: "Carry out what is left and say so, with evidence.",
}


def next_for_recommendation(recommendation: Recommendation, user: User) -> NextStep:
    office = str(recommendation.finding.engagement.office)
    state = S(recommendation.state)
    if state == S.DRAFT:
        return NextStep("Issue the finding: this recommendation is issued with it.", office)
    if state in _OWNERS_STEPS:
        follows = "The auditors are told. Only they close it, after verifying."
        mine = policies.speaks_for_owner(user, recommendation)
        return NextStep(_OWNERS_STEPS[state], str(recommendation.owner), mine=mine, follows=follows)
    if state == S.IMPLEMENTATION_CLAIMED:
        mine = permits(policies.check_can_accept, user, recommendation)
        what = "Verify what the owner says: accept it on evidence, or turn it down with a reason."
        return NextStep(what, office, mine=mine)
    if state == S.RISK_ACCEPTED:
        return _while_accepted(recommendation, user)
    return NextStep("Nothing: it is closed. If the problem comes back, the auditors reopen it.")


def _while_accepted(recommendation: Recommendation, user: User) -> NextStep:
    """The owner lives with the risk; on the day after its last it is open again, also before anybody writes it down."""
    owner, until = str(recommendation.owner), say_day(recommendation.accepted_until)
    mine = policies.speaks_for_owner(user, recommendation)
    if recommendation.risk_expired(recommendation.finding.engagement.office.today()):
        what = f"The risk was accepted until {until}: respond again, or say what was done."
        return NextStep(what, owner, mine=mine)
    follows = "It is open and not overdue until then; the day after, it is reopened."
    return NextStep(
        f"The owner lives with the risk until {until}, or carries it out after all.",
        owner,
        mine=mine,
        follows=follows,
    )


# --- What waits ------------------------------------------------------------


def waiting_for(user: User) -> list[Waiting]:
    """What a person must do in audits, the most urgent first. The number of queries does not grow with it."""
    day = today_for(user)
    mine = owned_by(user)
    return [
        *_recommendations(mine.filter(state__in=TO_ANSWER), "Respond to", "asks", day),
        *_recommendations(_claims_on(user), "Verify", "", day),
        *_recommendations(mine.filter(state__in=TO_CARRY_OUT), "Carry out", "asks", day),
        *_recommendations(mine.filter(state=S.OPEN_UNRESOLVED), "Agree on a way for", "asks", day),
        *(
            Waiting(
                f"Complete finding {finding.label} “{finding.title}”",
                finding.get_absolute_url(),
                "A draft of your team. Once issued it stands for ever.",
            )
            for finding in drafts_on(user)[:SHOWN]
        ),
        *(
            Waiting(
                f"Start the fieldwork of {engagement.number} “{engagement.title}”",
                engagement.get_absolute_url(),
                "It is planned; findings can be written once it has started.",
            )
            for engagement in _planned_for(user)[:SHOWN]
        ),
    ]


def waiting_on_others(user: User) -> list[Waiting]:
    """For whom a person waits in audits: owners that have to answer, and auditors that have to verify."""
    day = today_for(user)
    asked = Recommendation.objects.filter(finding__engagement__team__person=user, state__in=_OWNERS)
    claimed = owned_by(user).filter(state=S.IMPLEMENTATION_CLAIMED)
    return [
        *_recommendations(asked, "The owner answers", "", day),
        *_recommendations(claimed, "The auditors verify", "", day),
    ]


def _claims_on(user: User) -> RecommendationQuerySet:
    return Recommendation.objects.filter(
        finding__engagement__team__person=user, state=S.IMPLEMENTATION_CLAIMED
    )


def _planned_for(user: User) -> list[Engagement]:
    planned = Engagement.objects.filter(team__person=user, status=EngagementStatus.PLANNED)
    return list(planned.order_by("number", "pk")[:SHOWN])


def _recommendations(
    rows: RecommendationQuerySet, verb: str, asks: str, day: date
) -> list[Waiting]:
    listed = rows.for_table().order_by("due_on", "pk")[:SHOWN]
    return [_line(row, verb, asks, day) for row in listed]


def _line(recommendation: Recommendation, verb: str, asks: str, day: date) -> Waiting:
    office, owner = recommendation.finding.engagement.office, recommendation.owner
    late = recommendation.days_overdue(day)
    why = (
        f"{office.label} asks {owner.label}" if asks else f"{owner.label}, asked by {office.label}"
    )
    due = (
        f"{late} day{'s' if late != 1 else ''} overdue" if late else f"due {recommendation.due_on}"
    )
    return Waiting(
        f"{verb}: recommendation {recommendation.label}",
        recommendation.get_absolute_url(),
        f"{why}. “{_short(recommendation.text)}”",
        due,
        "bad" if late else "",
    )


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117].rstrip()}…"
