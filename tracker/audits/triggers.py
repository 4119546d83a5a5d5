"""An issued finding stands as it is; an original due date never moves; a link of an issued finding stays."""

from tracker.shared.triggers import Forbid, Trigger

_CONTENT = (
    "engagement_id",
    "number",
    "title",
    "criteria",
    "condition",
    "cause",
    "effect",
    "blank_reason",
    "severity",
    "currency",
    "questioned",
    "status",
    "written_by_id",
    "issued_at",
    "issued_by_id",
)
_CHANGED = " OR ".join(
    # IS DISTINCT FROM, in words that both engines know
    f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))"
    for c in _CONTENT
)
_ISSUED = (
    "EXISTS (SELECT 1 FROM tracker_finding f WHERE f.id = {row}.finding_id AND f.status = 'issued')"
)

TRIGGERS: list[Trigger] = [
    Forbid(
        "finding_issued_stands",
        "tracker_finding",
        "finding_issued_stands: an issued finding is never rewritten",
        f"OLD.status = 'issued' AND ({_CHANGED})",
        forbidden="UPDATE",
    ),
    Forbid(
        "finding_never_deleted",
        "tracker_finding",
        "finding_never_deleted: a finding is dropped with a reason, not deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "finding_link_stays",
        "tracker_findinglink",
        "finding_link_stays: the payments of an issued finding stay linked",
        _ISSUED.format(row="OLD"),
        forbidden="DELETE",
    ),
    Forbid(
        "finding_link_comes_before_issue",
        "tracker_findinglink",
        "finding_link_comes_before_issue: an issued finding gets no further payments",
        _ISSUED.format(row="NEW"),
    ),
    Forbid(
        "recommendation_original_due_date_stays",
        "tracker_recommendation",
        "recommendation_original_due_date_stays: the first due date is never overwritten",
        "OLD.state <> 'draft' AND OLD.original_due_on <> NEW.original_due_on",
        forbidden="UPDATE",
    ),
]
