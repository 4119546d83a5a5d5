"""Who may write, review and publish reports, withhold fields, and release.

One hand writes, another publishes: an officer drafts, somebody else reviews, a disclosure officer publishes.
Withholding takes two disclosure officers. Auditors release what they found; nobody else can hold it back.
"""

from tracker.publishing.policies.erasing import (
    ERASABLE,
    check_can_erase,
    check_is_erasable,
    check_not_public,
)
from tracker.publishing.policies.glass import (
    check_can_break_glass,
    check_can_export,
    check_can_note_glass,
    check_can_read_through,
    check_reason,
)
from tracker.publishing.policies.offices import (
    check_can_end_standing_release,
    check_can_order_standing_release,
    check_can_release_engagement,
    check_can_release_finding,
    check_is_auditor_of,
)
from tracker.publishing.policies.releases import (
    check_can_drop,
    check_can_explain,
    check_can_prepare_release,
    check_can_prepare_report,
    check_can_release_prepared,
    check_is_later,
    check_no_review_is_overdue,
)
from tracker.publishing.policies.reports import (
    check_can_accept_report,
    check_can_comment,
    check_can_draft_audit_report,
    check_can_draft_report,
    check_can_edit_report,
    check_can_publish_audit_report,
    check_can_review_report,
    check_can_settle,
    check_can_submit_report,
    check_drafts_reports,
    check_writes_report,
)
from tracker.publishing.policies.takedowns import (
    DOWN_ALREADY,
    NOT_OF_A_PROGRAM,
    check_can_decide_withdrawal,
    check_can_review_takedown,
    check_can_take_back,
    check_can_take_down,
    check_was_not_taken_back,
)
from tracker.publishing.policies.withholding import (
    check_can_decide_not_published,
    check_can_decide_withholding,
    check_can_lift_not_published,
    check_can_lift_withholding,
    check_can_review_withholding,
    check_can_withhold,
    check_reviewed_later,
    check_withholds,
)

__all__ = [
    "DOWN_ALREADY",
    "ERASABLE",
    "NOT_OF_A_PROGRAM",
    "check_can_accept_report",
    "check_can_break_glass",
    "check_can_comment",
    "check_can_decide_not_published",
    "check_can_decide_withdrawal",
    "check_can_decide_withholding",
    "check_can_draft_audit_report",
    "check_can_draft_report",
    "check_can_drop",
    "check_can_edit_report",
    "check_can_end_standing_release",
    "check_can_erase",
    "check_can_explain",
    "check_can_export",
    "check_can_lift_not_published",
    "check_can_lift_withholding",
    "check_can_note_glass",
    "check_can_order_standing_release",
    "check_can_prepare_release",
    "check_can_prepare_report",
    "check_can_publish_audit_report",
    "check_can_read_through",
    "check_can_release_engagement",
    "check_can_release_finding",
    "check_can_release_prepared",
    "check_can_review_report",
    "check_can_review_takedown",
    "check_can_review_withholding",
    "check_can_settle",
    "check_can_submit_report",
    "check_can_take_back",
    "check_can_take_down",
    "check_can_withhold",
    "check_drafts_reports",
    "check_is_auditor_of",
    "check_is_erasable",
    "check_is_later",
    "check_no_review_is_overdue",
    "check_not_public",
    "check_reason",
    "check_reviewed_later",
    "check_was_not_taken_back",
    "check_withholds",
    "check_writes_report",
]
