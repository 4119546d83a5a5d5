"""What waits of audits: recommendations to answer and to verify, drafts to finish, findings to publish."""

from datetime import date

from django.db.models import Q
from django.urls import reverse

from tracker.accounts.models import User
from tracker.audits import queries as audits
from tracker.audits.models import (
    Ask,
    CostEvent,
    DraftComment,
    DraftReport,
    Engagement,
    EngagementStatus,
    Finding,
    Recommendation,
    RecommendationQuerySet,
    RecommendationState,
    ReviewNote,
    WorkingPaper,
)
from tracker.audits.queries import (
    comments_to_reply,
    drafts_on,
    drafts_to_comment,
    notes_to_answer,
    owned_by,
    papers_to_review,
    undeclared,
)
from tracker.audits.queries.waiting import TO_ANSWER, TO_CARRY_OUT
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import (
    Group,
    Item,
    days_since,
    due_on,
    group_of,
    say_day,
    short,
    waited,
)
from tracker.publishing.queries import findings_to_publish, findings_with_release

S = RecommendationState
_NOT_STARTED = (EngagementStatus.PLANNED, EngagementStatus.ANNOUNCED)


def _recommendations(
    title: str, verb: str, follows: str, rows: RecommendationQuerySet, day: date
) -> Group:
    def say(row: Recommendation) -> Item:
        office, owner = row.finding.engagement.office, row.owner
        why = f"“{short(row.text)}” · {office.label} asks {owner.label} since {say_day(row.issued_on)} · {follows}"
        where = addresses.of_recommendation(row.uid)
        days = days_since(row.issued_on, day)
        return Item(
            f"{verb} recommendation {row.label}", where, why, *due_on(row.due_on, day), days
        )

    listed = rows.for_table().order_by("due_on", "pk")
    return group_of(title, listed, say, f"{addresses.RECOMMENDATIONS}?state=open")


# --- The officer's ---------------------------------------------------------


def to_answer(user: User, day: date) -> Group:
    rows = owned_by(user).filter(state__in=[*TO_ANSWER, S.OPEN_UNRESOLVED])
    follows = "agree, agree in part or say why not"
    return _recommendations("Recommendations to answer", "Answer", follows, rows, day)


def to_carry_out(user: User, day: date) -> Group:
    rows = owned_by(user).filter(state__in=TO_CARRY_OUT)
    follows = "say with evidence that it is done; the auditors verify"
    return _recommendations("Recommendations to carry out", "Carry out", follows, rows, day)


def to_plan(user: User, day: date) -> Group:
    follows = "state who does what until when; the auditors follow that plan"
    return _recommendations(
        "Corrective action plans to state", "Plan", follows, audits.to_plan(user), day
    )


# --- The approver's --------------------------------------------------------


def to_decide(user: User, day: date) -> Group:
    """Findings on which management has not decided yet; its clock started with the issue."""

    def say(finding: Finding) -> Item:
        days = days_since(finding.issued_on, day)
        why = f"{short(finding.title)} · say whether it is sustained, why, and what will be done"
        where = addresses.of_finding(finding.uid)
        what = f"Decide for management on finding {finding.label}"
        return Item(what, where, why, *due_on(finding.decision_due_on or day, day), days)

    rows = audits.to_decide(user)
    return group_of("Management decisions", rows, say, addresses.FINDINGS)


def to_answer_asks(user: User, day: date) -> Group:
    """Asks for more time, or to accept a risk, that wait for the person's yes or no."""

    def say(ask: Ask) -> Item:
        days = days_since(ask.asked_at, day)
        asks = f"{ask.recommendation.owner.label} asks {ask.get_kind_display()} until {say_day(ask.until)}"
        where = addresses.of_recommendation(ask.recommendation.uid)
        what = f"Answer what is asked for recommendation {ask.recommendation.label}"
        return Item(what, where, f"{asks} · nothing changes before", *waited(days), days)

    rows = audits.asks_waiting(user)
    return group_of("Asks of recommendations' owners", rows, say, addresses.RECOMMENDATIONS)


# --- The auditor's ---------------------------------------------------------


def to_verify(user: User, day: date) -> Group:
    rows = Recommendation.objects.filter(
        finding__engagement__team__person=user, state=S.IMPLEMENTATION_CLAIMED
    )
    follows = "its owner says that it is done: accept it on evidence, or turn it down"
    return _recommendations("Implementation to verify", "Verify", follows, rows, day)


def to_judge(user: User, day: date) -> Group:
    """Claims that a questioned cost is settled; they count once an auditor accepts them."""

    def say(claim: CostEvent) -> Item:
        days = days_since(claim.taken_at, day)
        why = f"{claim.amount} {claim.get_outcome_display()} · accept it, or turn it down with a reason"
        where = addresses.of_finding(claim.finding.uid)
        what = f"Judge what settles a cost of finding {claim.finding.label}"
        return Item(what, where, why, *waited(days), days)

    rows = audits.costs_to_judge(user)
    return group_of("Claims on questioned costs", rows, say, addresses.FINDINGS)


def to_issue(user: User, day: date) -> Group:
    """Findings that the person's team drafted and has not issued."""

    def say(finding: Finding) -> Item:
        why = f"{short(finding.title)} · a draft of your team · once issued, it stands for ever"
        return Item(
            f"Complete and issue finding {finding.label}", addresses.of_finding(finding.uid), why
        )

    return group_of(
        "Drafts of findings", drafts_on(user), say, f"{addresses.FINDINGS}?status=draft"
    )


def to_start(user: User, day: date) -> Group:
    def say(engagement: Engagement) -> Item:
        days = days_since(engagement.created_at, day)
        why = "planned · findings can be written once the fieldwork has started"
        where = engagement.get_absolute_url()
        return Item(f"Start the fieldwork of {engagement}", where, why, *waited(days), days)

    planned = Engagement.objects.filter(team__person=user, status__in=_NOT_STARTED)
    rows = planned.order_by("created_at", "pk")
    return group_of("Engagements to start", rows, say, f"{addresses.AUDITS}?status=planned")


def to_declare(user: User, day: date) -> Group:
    """Engagements for which a member of the team has declared nothing about their independence."""

    def say(engagement: Engagement) -> Item:
        why = (
            "you are on its team · nobody works on it without declarations for the year and for it"
        )
        where = reverse("audits:independence")
        return Item(f"Declare your independence for {engagement}", where, why)

    return group_of(
        "Independence to declare", undeclared(user, day), say, reverse("audits:independence")
    )


def to_reply(user: User, day: date) -> Group:
    def say(comment: DraftComment) -> Item:
        about = f"finding {comment.finding.number}" if comment.finding else "the draft"
        days = days_since(comment.made_at, day)
        what = (
            f"Answer {comment.organisation.label} on {about} of {comment.draft.engagement.number}"
        )
        why = "a comment on the draft · every one is answered before the final report"
        return Item(what, reverse("audits:reply", args=[comment.uid]), why, *waited(days), days)

    return group_of("Comments to answer", comments_to_reply(user), say, addresses.AUDITS)


def to_review_papers(user: User, day: date) -> Group:
    def say(paper: WorkingPaper) -> Item:
        why = "you are its second auditor · the final report waits for what supports a finding"
        what = f"Review working paper {paper.index} of {paper.engagement.number}"
        return Item(what, paper.get_absolute_url(), why)

    return group_of("Working papers to review", papers_to_review(user), say, addresses.AUDITS)


def to_answer_notes(user: User, day: date) -> Group:
    def say(note: ReviewNote) -> Item:
        days = days_since(note.written_at, day)
        paper = note.version.paper
        why = f"{note.written_by} asked · the paper is reviewed afterwards"
        where = paper.get_absolute_url()
        return Item(f"Answer a note on paper {paper.index}", where, why, *waited(days), days)

    return group_of("Review notes to answer", notes_to_answer(user), say, addresses.AUDITS)


def to_comment(user: User, day: date) -> Group:
    """The audited side's: drafts sent to it for comment."""

    def say(draft: DraftReport) -> Item:
        office = draft.engagement.office.label
        why = f"{office} sent it on {say_day(draft.sent_on)}, in confidence · then the auditors answer"
        where = reverse("audits:asked", args=[draft.engagement.uid])
        days = days_since(draft.sent_on, day)
        due = due_on(draft.comments_due_on, day)
        return Item(f"Comment on the draft of {draft.engagement}", where, why, *due, days)

    return group_of(
        "Drafts of auditors to comment on", drafts_to_comment(user, day), say, addresses.AUDITS
    )


def to_publish_findings(user: User, day: date) -> Group:
    """Issued findings that are not public, or whose public state is out of date."""

    def say(finding: Finding) -> Item:
        days = days_since(finding.issued_on, day)
        known = finding.release_number is not None  # type: ignore[attr-defined]
        verb = "Publish the newest state of" if known else "Publish"
        state = "it moved on since it was published" if known else "issued and not public"
        why = f"{short(finding.title)} · {state} · you publish it yourself, nobody can hold it back"
        where = addresses.of_publishing_finding(finding.uid)
        return Item(f"{verb} finding {finding.label}", where, why, *waited(days), days)

    rows = findings_with_release(findings_to_publish(user))
    rows = rows.filter(Q(release_number=None) | Q(moved=True))
    rows = rows.select_related("engagement").order_by("issued_on", "pk")
    return group_of("Findings to publish", rows, say, addresses.PUBLISHING_FINDINGS)
