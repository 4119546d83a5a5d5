"""What an audit office said stands: issued findings, their payments, first due dates, and every step of a recommendation."""

from tracker.audits.triggers.money import MONEY
from tracker.audits.triggers.office import TRIGGERS as OFFICE
from tracker.audits.triggers.sampling import SAMPLES
from tracker.audits.triggers.words import FINDING, LINK, RECOMMENDATION, STEP, changed, issued
from tracker.audits.triggers.work import DRAFTS, ENGAGEMENTS, PAPERS
from tracker.shared.triggers import Forbid, Trigger

# INSERT OR REPLACE deletes the older row on SQLite without asking its delete trigger: so ask before the insert.
_FINDING_TAKEN = (
    f"EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = NEW.id OR f.uid = NEW.uid "
    "OR (f.engagement_id = NEW.engagement_id AND f.number = NEW.number))"
)
_RECOMMENDATION_TAKEN = (
    f"EXISTS (SELECT 1 FROM {RECOMMENDATION} r WHERE r.id = NEW.id OR r.uid = NEW.uid "
    "OR (r.finding_id = NEW.finding_id AND r.number = NEW.number))"
)

FINDINGS: list[Trigger] = [
    Forbid(
        "finding_issued_stands",
        FINDING,
        "finding_issued_stands: an issued finding is never rewritten",
        "OLD.status = 'issued' AND ("
        + changed(
            "id",
            "uid",
            "engagement_id",
            "number",
            "title",
            "criteria",
            "condition",
            "cause",
            "effect",
            "criteria_blank",
            "condition_blank",
            "cause_blank",
            "effect_blank",
            "kind",
            "kind_words",
            "severity",
            "control_class",
            "materiality_currency",
            "materiality",
            "repeats_id",
            "currency",
            "questioned",
            "status",
            "written_by_id",
            "issued_at",
            "issued_by_id",
            "issued_on",
            "decision_due_on",
            "final_action_due_on",
        )
        + ")",
        forbidden="UPDATE",
    ),
    Forbid(
        "finding_never_deleted",
        FINDING,
        "finding_never_deleted: a finding is dropped with a reason, not deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "finding_never_replaced",
        FINDING,
        "finding_never_replaced: another finding has this number or identifier",
        _FINDING_TAKEN,
    ),
]

LINKS: list[Trigger] = [
    Forbid(
        "finding_link_stays",
        LINK,
        "finding_link_stays: the payments of an issued finding stay linked",
        issued("OLD"),
        forbidden="DELETE",
    ),
    Forbid(
        "finding_link_never_redirected",
        LINK,
        "finding_link_never_redirected: a payment is linked or unlinked, a link is not changed",
        forbidden="UPDATE",
    ),
    Forbid(
        "finding_link_comes_before_issue",
        LINK,
        "finding_link_comes_before_issue: an issued finding gets no further payments",
        issued("NEW"),
    ),
    Forbid(
        "finding_link_never_replaced",
        LINK,
        "finding_link_never_replaced: this payment is linked already",
        f"EXISTS (SELECT 1 FROM {LINK} l WHERE l.id = NEW.id "
        "OR (l.finding_id = NEW.finding_id AND l.transaction_id = NEW.transaction_id))",
    ),
]

RECOMMENDATIONS: list[Trigger] = [
    Forbid(
        "recommendation_original_due_date_stays",
        RECOMMENDATION,
        "recommendation_original_due_date_stays: the first due date is never overwritten",
        "OLD.state <> 'draft' AND OLD.original_due_on <> NEW.original_due_on",
        forbidden="UPDATE",
    ),
    Forbid(
        "recommendation_issued_stands",
        RECOMMENDATION,
        "recommendation_issued_stands: what was recommended, and to whom, is never rewritten",
        "OLD.state <> 'draft' AND ("
        + changed("id", "uid", "finding_id", "number", "text", "owner_id", "issued_on")
        + ")",
        forbidden="UPDATE",
    ),
    Forbid(
        "recommendation_moves_by_steps",
        RECOMMENDATION,
        "recommendation_moves_by_steps: a state changes by a step that says who and why",
        "OLD.state <> NEW.state AND NEW.state <> COALESCE("
        f'(SELECT s."after" FROM {STEP} s WHERE s.recommendation_id = NEW.id '
        "ORDER BY s.id DESC LIMIT 1), '')",
        forbidden="UPDATE",
    ),
    Forbid(
        "recommendation_extended_by_steps",
        RECOMMENDATION,
        "recommendation_extended_by_steps: a due date moves by a step that says who and why",
        "OLD.state <> 'draft' AND OLD.due_on <> NEW.due_on AND NOT EXISTS "
        f"(SELECT 1 FROM {STEP} s WHERE s.recommendation_id = NEW.id AND s.due_on = NEW.due_on)",
        forbidden="UPDATE",
    ),
    Forbid(
        "recommendation_issued_never_deleted",
        RECOMMENDATION,
        "recommendation_issued_never_deleted: what was issued is closed with a reason, not deleted",
        "OLD.state <> 'draft'",
        forbidden="DELETE",
    ),
    Forbid(
        "recommendation_never_replaced",
        RECOMMENDATION,
        "recommendation_never_replaced: another recommendation has this number or identifier",
        _RECOMMENDATION_TAKEN,
    ),
]

STEPS: list[Trigger] = [
    Forbid(
        "step_continues_the_last",
        STEP,
        "step_continues_the_last: a step begins in the state in which its recommendation is",
        f"NOT EXISTS (SELECT 1 FROM {RECOMMENDATION} r "
        'WHERE r.id = NEW.recommendation_id AND r.state = NEW."before")',
    ),
    Forbid(
        "step_nobody_accepts_their_own_claim",
        STEP,
        "step_nobody_accepts_their_own_claim: who says that it is done does not verify it",
        f'NEW."after" LIKE \'closed_%\' AND NEW."after" <> NEW."before" AND EXISTS (SELECT 1 FROM {STEP} s '
        "WHERE s.recommendation_id = NEW.recommendation_id AND s.taken_by_id = NEW.taken_by_id "
        "AND s.\"after\" = 'implementation_claimed' AND s.\"before\" <> 'implementation_claimed')",
    ),
]

TRIGGERS: list[Trigger] = [
    *FINDINGS,
    *LINKS,
    *RECOMMENDATIONS,
    *STEPS,
    *MONEY,
    *OFFICE,
    *ENGAGEMENTS,
    *DRAFTS,
    *PAPERS,
    *SAMPLES,
]
