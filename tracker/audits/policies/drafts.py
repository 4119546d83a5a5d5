"""Who announces, sends a draft, comments on it, and answers a comment."""

from datetime import date

from tracker.accounts.models import Organisation, User
from tracker.audits.models import (
    UNDER_WAY,
    DraftComment,
    DraftPart,
    DraftReport,
    Engagement,
    EngagementStatus,
    Finding,
    Stance,
    officer_for,
)
from tracker.audits.policies.basics import check_said
from tracker.audits.policies.declarations import ENDED, check_declared
from tracker.audits.policies.engagements import check_on_team, programs_of
from tracker.audits.policies.hearing import newest_draft
from tracker.audits.policies.independence import check_independent
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused

LONGEST_TERM = 180
SENDS = (EngagementStatus.FIELDWORK, EngagementStatus.DRAFT_ISSUED, EngagementStatus.AGENCY_COMMENT)
HEARS = (EngagementStatus.DRAFT_ISSUED, EngagementStatus.AGENCY_COMMENT)


def check_can_waive_comments(user: User, engagement: Engagement, reason: str = "-") -> None:
    """Report without comments, for a reason. Once a draft is out, whoever was asked is heard."""
    check_on_team(user, engagement, to="decide on comments")
    if engagement.uncommented_because:
        raise Refused("It is recorded already why this engagement reports without comments.")
    if engagement.status not in UNDER_WAY or newest_draft(engagement) is not None:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: comments can be left out only before a "
            "draft was sent."
        )
    check_said(reason, "reason", "Say why the report is issued without comments.")


def check_can_send_draft(user: User, engagement: Engagement, term_days: int | None = 1) -> None:
    """Send the draft findings, again if they changed. `term_days` is how long the audited side may comment."""
    check_on_team(user, engagement, to="send the draft")
    if engagement.uncommented_because:
        raise Refused(
            "It is recorded that this engagement reports without comments: no draft is sent."
        )
    if engagement.status not in SENDS:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: a draft is sent after fieldwork and "
            "before the final report."
        )
    check_declared(user, engagement)
    check_independent(user, programs_of(engagement))
    if term_days is None or not 1 <= term_days <= LONGEST_TERM:
        raise Refused({"term_days": f"Allow between 1 and {LONGEST_TERM} days for comments."})


def check_can_comment(user: User, draft: DraftReport, organisation: Organisation) -> None:
    """An officer of an organisation that was asked, within the term of the newest draft."""
    asked = DraftPart.objects.filter(officer_for(user), draft=draft, organisation=organisation)
    if not asked.exists():
        raise NotAllowed("Only officers of an organisation that was asked may comment on a draft.")
    engagement = draft.engagement
    if engagement.status not in HEARS:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: comments on its draft are closed."
        )
    if newest_draft(engagement) != draft:
        raise Refused("A newer draft was sent: comment on that one.")
    if not draft.is_open(engagement.office.today()):
        raise Refused(
            f"The term for comments ended on {say_day(draft.comments_due_on)}: ask the auditors to send the "
            "draft again with a new term."
        )


def check_comment(
    draft: DraftReport, organisation: Organisation, finding: Finding | None, stance: str, note: str
) -> None:
    """About something that was sent to the organisation, with a view, and words unless it has nothing to say."""
    if not draft.parts.filter(organisation=organisation, finding=finding).exists():
        raise Refused({"finding": "Choose a finding of the draft that was sent to you."})
    if stance not in Stance.values:
        raise Refused({"stance": "Choose whether your organisation agrees."})
    if stance in (Stance.PARTLY, Stance.DISAGREE):
        check_said(note, "note", "Say what your organisation does not agree with, and why.")
    if stance == Stance.NO_COMMENT and note.strip():
        raise Refused({"note": "“No comment” comes without words: choose another view."})


def check_can_reply(user: User, comment: DraftComment, note: str = "-") -> None:
    """One of the team answers, once, in words."""
    engagement = comment.draft.engagement
    check_on_team(user, engagement, to="answer comments")
    if comment.made_by_id == user.pk:
        raise Refused("You made this comment yourself: another auditor answers it.")
    if hasattr(comment, "reply"):
        raise Refused("This comment is answered already, and the answer stands.")
    if engagement.status not in HEARS:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: its comments are answered before the "
            "final report."
        )
    check_said(note, "note", "Say what the auditors answer.")


def check_can_record_meeting(
    user: User, engagement: Engagement, held_on: date | None = None
) -> None:
    """The team, as long as the engagement lasts, about a day that is not in the future."""
    check_on_team(user, engagement, to="record its meetings")
    if engagement.status in ENDED:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: nothing is recorded in it any more."
        )
    if held_on is not None and held_on > engagement.office.today():
        raise Refused({"held_on": "This day lies ahead: record the meeting once it was held."})
