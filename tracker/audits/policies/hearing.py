"""Whether the audited organisations were heard on the draft: for whom the auditors wait, and until when."""

from django.db.models import QuerySet

from tracker.accounts.models import Organisation
from tracker.audits.models import DraftComment, DraftReport, Engagement, Stance
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused


def newest_draft(engagement: Engagement) -> DraftReport | None:
    return engagement.drafts.order_by("-number").first()


def waited_for(engagement: Engagement) -> list[Organisation]:
    """Who may still comment on the newest draft and has not given its view of the whole. Nobody, once the term ended."""
    draft = newest_draft(engagement)
    if draft is None or not draft.is_open(engagement.office.today()):
        return []
    answered = draft.comments.filter(finding__isnull=True).values("organisation")
    asked = draft.parts.filter(finding__isnull=True).exclude(organisation__in=answered)
    return list(Organisation.objects.filter(pk__in=asked.values("organisation")).order_by("name"))


def check_heard(engagement: Engagement) -> None:
    """A draft was sent, and everybody who was asked has answered or let the term pass; or a reason says why not.

    GAGAS 2018, 9.50-9.55: the report has the views of responsible officials, or says that they gave none.
    """
    if engagement.uncommented_because:
        return
    draft = newest_draft(engagement)
    if draft is None:
        raise Refused(
            "No draft was sent: send it to the audited organisation for comment first, or record why this "
            "engagement reports without comments."
        )
    left = waited_for(engagement)
    if left:
        named = ", ".join(one.label for one in left)
        raise Refused(
            f"{named} may comment until {say_day(draft.comments_due_on)}: wait for the answer or for that day."
        )


def comments_to_answer(engagement: Engagement) -> QuerySet[DraftComment]:
    """Comments on any draft of the engagement that the auditors have not answered."""
    rows = DraftComment.objects.filter(draft__engagement=engagement, reply__isnull=True)
    return rows.exclude(stance=Stance.NO_COMMENT)
