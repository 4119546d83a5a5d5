"""Every write of this room."""

from tracker.publishing.actions.audit_reports import publish_audit_report, report_as_public
from tracker.publishing.actions.bundle import export_bundle
from tracker.publishing.actions.counts import refresh_unpublished_counts
from tracker.publishing.actions.embargo import lift_due_embargoes
from tracker.publishing.actions.findings import release_finding
from tracker.publishing.actions.glass import break_glass, note_glass, read_through_glass
from tracker.publishing.actions.preparing import (
    drop_preparation,
    explain_difference,
    prepare_release,
    release_prepared,
)
from tracker.publishing.actions.report_parts import (
    add_image,
    comment_on_section,
    settle_comment,
)
from tracker.publishing.actions.reports import (
    HEADINGS,
    accept_report,
    draft_report,
    edit_report,
    return_report,
    submit_report,
)
from tracker.publishing.actions.stream import (
    end_standing_release,
    order_standing_release,
    release_engagement,
    release_what_moved,
)
from tracker.publishing.actions.takedowns import (
    decide_withdrawal,
    decline_withdrawal,
    propose_withdrawal,
    review_takedown,
    take_down,
)
from tracker.publishing.actions.withholding import (
    decide_not_published,
    decide_withholding,
    decline_withholding,
    lift_not_published,
    lift_withholding,
    propose_withholding,
    review_withholding,
)

__all__ = [
    "HEADINGS",
    "accept_report",
    "add_image",
    "break_glass",
    "comment_on_section",
    "decide_not_published",
    "decide_withdrawal",
    "decide_withholding",
    "decline_withdrawal",
    "decline_withholding",
    "draft_report",
    "drop_preparation",
    "edit_report",
    "end_standing_release",
    "explain_difference",
    "export_bundle",
    "lift_due_embargoes",
    "lift_not_published",
    "lift_withholding",
    "note_glass",
    "order_standing_release",
    "prepare_release",
    "propose_withdrawal",
    "propose_withholding",
    "publish_audit_report",
    "read_through_glass",
    "refresh_unpublished_counts",
    "release_engagement",
    "release_finding",
    "release_prepared",
    "release_what_moved",
    "report_as_public",
    "return_report",
    "review_takedown",
    "review_withholding",
    "settle_comment",
    "submit_report",
    "take_down",
]
