"""Recording entrance and exit meetings."""

from datetime import date

from django.db import transaction

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.actions.engagements import lock_engagement
from tracker.audits.models import Engagement, Meeting, MeetingText
from tracker.journal import actions as journal
from tracker.shared.refusals import check_fields


@transaction.atomic
def record_meeting(
    *, engagement: Engagement, kind: str, held_on: date, attended: str, agreed: str, by: User
) -> Meeting:
    """Record that the auditors met the audited side: who attended, by role and organisation, and what was agreed.

    `held_on` is the stated day, not later than today in the office's time zone. It stands: a mistake is said in
    another row.
    """
    engagement = lock_engagement(engagement)
    policies.check_can_record_meeting(by, engagement, held_on)
    text = MeetingText(attended=attended.strip(), agreed=agreed.strip())
    check_fields(text)
    text.save()
    fields = {"engagement": engagement, "kind": kind, "held_on": held_on}
    meeting = Meeting(**fields, text=text, text_digest=text.digest, recorded_by=by)
    check_fields(meeting, exclude=("entry",))
    meeting.entry_id = journal.record(
        "meeting",
        record=meeting,
        op="create",
        by=by,
        fields=fields | {"attended": text.attended, "agreed": text.agreed},
    )
    meeting.save(force_insert=True)
    return meeting
