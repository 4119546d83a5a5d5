"""What happens next, who must do it, and what of it waits for a person or keeps them waiting."""

from datetime import date

from django.urls import reverse

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
from tracker.audits.queries import papers, settling, work
from tracker.audits.queries.findings import drafts_on
from tracker.audits.queries.people import owned_by
from tracker.audits.queries.recommendations import today_for
from tracker.audits.queries.telling import sample_lines
from tracker.audits.queries.waiting_lines import NextStep, Waiting
from tracker.shared.dates import say_day
from tracker.shared.policies import permits

S = RecommendationState
TO_ANSWER = [S.ISSUED, S.REOPENED]
TO_CARRY_OUT = [S.OPEN_RESOLVED, S.PARTIALLY_ADDRESSED]
SHOWN = 20


# --- What happens next -----------------------------------------------------


_NEXT = {
    EngagementStatus.PLANNED: (
        "Staff the team and start the fieldwork.",
        "Announce it first, or say why not; everybody on the team declares independence.",
    ),
    EngagementStatus.ANNOUNCED: (
        "Start the fieldwork, once everybody on the team has declared independence.",
        "From then on findings can be written.",
    ),
    EngagementStatus.FIELDWORK: (
        "Write findings on exact payments, with papers that support them, and send the draft for comment.",
        "The audited organisations comment within a term; then the findings are issued.",
    ),
    EngagementStatus.DRAFT_ISSUED: (
        "Issue the findings: nobody commented within the term.",
        "The final report says that there were no comments.",
    ),
    EngagementStatus.AGENCY_COMMENT: (
        "Answer every comment, correct the findings where they are right, issue them, and then the final report.",
        "The comments stand with the report.",
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


def next_for_engagement(engagement: Engagement, user: User) -> NextStep:
    team = f"the team, led by {engagement.lead}"
    mine = engagement.team.filter(person=user).exists()
    if engagement.status not in _NEXT:
        return NextStep(f"Nothing: the engagement is {engagement.get_status_display()}.")
    asked, draft = policies.waited_for(engagement), policies.newest_draft(engagement)
    if engagement.status == EngagementStatus.DRAFT_ISSUED and asked and draft:
        return NextStep(
            "Comment on the draft, on each finding and on the whole.",
            ", ".join(one.label for one in asked),
            since=f"until {say_day(draft.comments_due_on)}",
            follows="The auditors answer every comment, and then issue the findings.",
        )
    what, follows = _NEXT[EngagementStatus(engagement.status)]
    if engagement.status == EngagementStatus.AGENCY_COMMENT and asked and draft:
        named = ", ".join(one.label for one in asked)
        until = say_day(draft.comments_due_on)
        what = f"Answer the comments that have come in. {named} may comment until {until}."
    if engagement.status == EngagementStatus.FIELDWORK and engagement.uncommented_because:
        what = "Write findings on exact payments, issue each, then issue the final report."
        follows = "The owners of the recommendations are asked to respond."
    return NextStep(what, team, mine=mine, follows=follows)


def next_for_finding(finding: Finding, user: User) -> NextStep:
    office = str(finding.engagement.office)
    if finding.status == FindingStatus.DROPPED:
        return NextStep("Nothing: this draft was dropped.")
    if finding.status == FindingStatus.DRAFT:
        mine = permits(policies.check_can_change_finding, user, finding)
        follows = "Once issued it is never rewritten, and the owners are asked to respond."
        what = "Complete the draft and issue it."
        if finding.engagement.status == EngagementStatus.FIELDWORK and (
            not finding.engagement.uncommented_because
        ):
            what = "Complete the draft; it is sent to the audited organisation for comment, and then issued."
        return NextStep(what, office, mine=mine, follows=follows)
    claimed = settling.to_judge(finding, user)
    if claimed and claimed.mine:
        return claimed
    left = finding.recommendations.filter(state__in=OPEN).select_related("owner")
    owners = dict.fromkeys(str(r.owner) for r in left.order_by("number") if r.state in _OWNERS)
    if owners:
        return NextStep("Respond to its recommendations and carry them out.", ", ".join(owners))
    if left:
        return NextStep("Verify what the owners say is implemented.", office)
    nothing = NextStep("Nothing: no recommendation of it is open, and no cost of it questioned.")
    return claimed or settling.to_settle(finding, user) or nothing


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
    if asked := settling.to_answer(recommendation, user):
        return asked
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
        *_of_the_work(user, day),
        *sample_lines(user),
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


def _of_the_work(user: User, day: date) -> list[Waiting]:
    """Declarations, comments, answers and reviews."""
    lines = [
        Waiting(
            f"Comment on the draft of {draft.engagement}",
            reverse("audits:asked", args=[draft.engagement.uid]),
            f"{draft.engagement.office.label} sent it on {say_day(draft.sent_on)}, in confidence.",
            f"due {draft.comments_due_on}",
        )
        for draft in work.drafts_to_comment(user, day)[:SHOWN]
    ]
    lines += [
        Waiting(
            f"Declare your independence for {engagement}",
            reverse("audits:independence"),
            "You are on its team. Nobody works on it without declarations for the year and for it.",
        )
        for engagement in work.undeclared(user, day)[:SHOWN]
    ]
    lines += [
        Waiting(
            f"Answer a comment of {comment.organisation.label} on the draft of {comment.draft.engagement.number}",
            reverse("audits:reply", args=[comment.uid]),
            "Every comment is answered before the final report.",
        )
        for comment in work.comments_to_reply(user)[:SHOWN]
    ]
    lines += [
        Waiting(
            f"Answer a review note on working paper {note.version.paper.index}",
            note.version.paper.get_absolute_url(),
            f"{note.written_by} asked; the paper is reviewed afterwards.",
        )
        for note in papers.notes_to_answer(user)[:SHOWN]
    ]
    lines += [
        Waiting(
            f"Review working paper {paper.index} of {paper.engagement.number}",
            paper.get_absolute_url(),
            "You are its second auditor: the final report waits for what supports a finding.",
        )
        for paper in papers.papers_to_review(user)[:SHOWN]
    ]
    return lines


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
    planned = Engagement.objects.filter(
        team__person=user, status__in=[EngagementStatus.PLANNED, EngagementStatus.ANNOUNCED]
    )
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
