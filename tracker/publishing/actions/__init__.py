"""Every write of this room."""

from tracker.publishing.actions.audit_reports import publish_audit_report, report_as_public
from tracker.publishing.actions.bundle import export_bundle
from tracker.publishing.actions.counts import refresh_unpublished_counts
from tracker.publishing.actions.findings import release_finding
from tracker.publishing.actions.glass import break_glass, note_glass, read_through_glass
from tracker.publishing.actions.releases import publish_report, release_program
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
    "decide_withholding",
    "decline_withholding",
    "draft_report",
    "edit_report",
    "end_standing_release",
    "export_bundle",
    "lift_not_published",
    "lift_withholding",
    "note_glass",
    "order_standing_release",
    "propose_withholding",
    "publish_audit_report",
    "publish_report",
    "read_through_glass",
    "refresh_unpublished_counts",
    "release_engagement",
    "release_finding",
    "release_program",
    "release_what_moved",
    "report_as_public",
    "return_report",
    "review_withholding",
    "settle_comment",
    "submit_report",
]
