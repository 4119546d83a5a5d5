"""What an audit office said stands: issued findings, their payments, first due dates, and every step of a recommendation."""

from tracker.shared.triggers import Forbid, Trigger, days_after

FINDING, LINK = "tracker_finding", "tracker_findinglink"
RECOMMENDATION, STEP = "tracker_recommendation", "tracker_recommendationstep"


def _changed(*columns: str) -> str:
    """IS DISTINCT FROM, in words that both engines know."""
    return " OR ".join(
        f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))" for c in columns
    )


def _issued(row: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM {FINDING} f WHERE f.id = {row}.finding_id AND f.status = 'issued')"
    )


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
        + _changed(
            "id",
            "uid",
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
            "issued_on",
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
        _issued("OLD"),
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
        _issued("NEW"),
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
        + _changed("id", "uid", "finding_id", "number", "text", "owner_id", "issued_on")
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
        f"NEW.\"after\" = 'closed_implemented' AND EXISTS (SELECT 1 FROM {STEP} s "
        "WHERE s.recommendation_id = NEW.recommendation_id AND s.taken_by_id = NEW.taken_by_id "
        "AND s.\"after\" = 'implementation_claimed' AND s.\"before\" <> 'implementation_claimed')",
    ),
]

# --- Engagements: independence, drafts and comments, working papers ----------
ENGAGEMENT, MEMBER, DECLARED = (
    *("tracker_engagement", "tracker_teammember"),
    "tracker_independencedeclaration",
)
DRAFT, DRAFT_PART, COMMENT, REPLY = (
    *("tracker_draftreport", "tracker_draftpart", "tracker_draftcomment"),
    "tracker_commentreply",
)
PAPER, VERSION, REVIEW, NOTE = (
    *("tracker_workingpaper", "tracker_paperversion", "tracker_paperreview"),
    "tracker_reviewnote",
)
PAPER_FILE, PAPER_LINK = "tracker_paperfile", "tracker_paperlink"
_BECOMES_FINAL = "NEW.status = 'final' AND OLD.status <> 'final' AND "
# The office's day may be a day ahead of, or behind, the day in UTC.
_TOMORROW, _YESTERDAY = days_after("CURRENT_DATE", 1), days_after("CURRENT_DATE", -1)
_NOT_HEARD = (
    f"EXISTS (SELECT 1 FROM {DRAFT} d JOIN {DRAFT_PART} p ON p.draft_id = d.id "
    "WHERE d.engagement_id = NEW.id AND p.finding_id IS NULL "
    f"AND d.number = (SELECT MAX(n.number) FROM {DRAFT} n WHERE n.engagement_id = NEW.id) "
    f"AND d.comments_due_on > {_TOMORROW} "
    f"AND NOT EXISTS (SELECT 1 FROM {COMMENT} c WHERE c.draft_id = d.id "
    "AND c.organisation_id = p.organisation_id AND c.finding_id IS NULL))"
)


def _stays(table: str, what: str, taken: str) -> list[Trigger]:
    """Rows that are parts of an append-only row: they come with it and stay as they came."""
    name = table.removeprefix("tracker_")
    says = f"{name}_stays: {what}"
    same = f"EXISTS (SELECT 1 FROM {table} o WHERE o.id = NEW.id OR ({taken}))"
    return [
        Forbid(f"{name}_stays", table, says, forbidden="UPDATE"),
        Forbid(f"{name}_never_deleted", table, says, forbidden="DELETE"),
        Forbid(f"{name}_never_replaced", table, says, same),
    ]


ENGAGEMENTS: list[Trigger] = [
    Forbid(
        "engagement_starts_unannounced_for_a_reason",
        ENGAGEMENT,
        "engagement_starts_unannounced_for_a_reason: an announcement is left out for a stated reason",
        "OLD.status = 'planned' AND NEW.status = 'fieldwork' AND NEW.unannounced_because = ''",
        forbidden="UPDATE",
    ),
    Forbid(
        "engagement_reasons_stay",
        ENGAGEMENT,
        "engagement_reasons_stay: why a stage was left out is never rewritten",
        "(OLD.unannounced_because <> '' AND OLD.unannounced_because <> NEW.unannounced_because) "
        "OR (OLD.uncommented_because <> '' AND OLD.uncommented_because <> NEW.uncommented_because)",
        forbidden="UPDATE",
    ),
    Forbid(
        "engagement_final_hears_the_audited",
        ENGAGEMENT,
        "engagement_final_hears_the_audited: the audited organisations comment within their term, "
        "or a reason says why not",
        _BECOMES_FINAL + "NEW.uncommented_because = '' AND ("
        f"NOT EXISTS (SELECT 1 FROM {DRAFT} d WHERE d.engagement_id = NEW.id) OR {_NOT_HEARD})",
        forbidden="UPDATE",
    ),
    Forbid(
        "engagement_final_answers_comments",
        ENGAGEMENT,
        "engagement_final_answers_comments: every comment on a draft is answered",
        _BECOMES_FINAL + f"EXISTS (SELECT 1 FROM {COMMENT} c JOIN {DRAFT} d ON d.id = c.draft_id "
        "WHERE d.engagement_id = NEW.id AND c.stance <> 'no_comment' "
        f"AND NOT EXISTS (SELECT 1 FROM {REPLY} r WHERE r.comment_id = c.id))",
        forbidden="UPDATE",
    ),
    Forbid(
        "engagement_final_needs_reviewed_papers",
        ENGAGEMENT,
        "engagement_final_needs_reviewed_papers: a second auditor reviews what supports a finding",
        _BECOMES_FINAL + f"EXISTS (SELECT 1 FROM {PAPER} p JOIN {VERSION} v ON v.paper_id = p.id "
        f"JOIN {PAPER_LINK} l ON l.version_id = v.id "
        "WHERE p.engagement_id = NEW.id AND l.finding_id IS NOT NULL "
        f"AND v.number = (SELECT MAX(n.number) FROM {VERSION} n WHERE n.paper_id = p.id) "
        f"AND NOT EXISTS (SELECT 1 FROM {REVIEW} r WHERE r.version_id = v.id))",
        forbidden="UPDATE",
    ),
    Forbid(
        "finding_issued_after_comments",
        FINDING,
        "finding_issued_after_comments: a finding was sent for comment, or a reason says why not",
        "NEW.status = 'issued' AND OLD.status = 'draft' "
        f"AND EXISTS (SELECT 1 FROM {ENGAGEMENT} e "
        "WHERE e.id = NEW.engagement_id AND e.uncommented_because = '') "
        f"AND NOT EXISTS (SELECT 1 FROM {DRAFT_PART} p WHERE p.finding_id = NEW.id)",
        forbidden="UPDATE",
    ),
    Forbid(
        "team_member_is_not_impaired",
        MEMBER,
        "team_member_is_not_impaired: whoever declared an impairment is not on the team",
        f"EXISTS (SELECT 1 FROM {DECLARED} d WHERE d.person_id = NEW.person_id "
        "AND d.engagement_id = NEW.engagement_id AND d.threat <> '' "
        f"AND NOT EXISTS (SELECT 1 FROM {DECLARED} n WHERE n.person_id = d.person_id "
        "AND n.engagement_id = d.engagement_id AND n.id > d.id))",
    ),
]

DRAFTS: list[Trigger] = [
    *_stays(
        DRAFT_PART,
        "what was sent, and to whom, stays as it was",
        "o.draft_id = NEW.draft_id AND o.organisation_id = NEW.organisation_id "
        "AND COALESCE(o.finding_id, 0) = COALESCE(NEW.finding_id, 0)",
    ),
    Forbid(
        "draft_comment_is_asked_for",
        COMMENT,
        "draft_comment_is_asked_for: an organisation comments on what was sent to it",
        f"NOT EXISTS (SELECT 1 FROM {DRAFT_PART} p WHERE p.draft_id = NEW.draft_id "
        "AND p.organisation_id = NEW.organisation_id "
        "AND COALESCE(p.finding_id, 0) = COALESCE(NEW.finding_id, 0))",
    ),
    Forbid(
        "draft_comment_keeps_its_term",
        COMMENT,
        "draft_comment_keeps_its_term: comments come within the term and before the final report",
        f"NOT EXISTS (SELECT 1 FROM {DRAFT} d JOIN {ENGAGEMENT} e ON e.id = d.engagement_id "
        "WHERE d.id = NEW.draft_id AND e.status IN ('draft_issued', 'agency_comment') "
        f"AND d.comments_due_on >= {_YESTERDAY})",
    ),
    Forbid(
        "comment_reply_by_another",
        REPLY,
        "comment_reply_by_another: nobody answers their own comment",
        f"EXISTS (SELECT 1 FROM {COMMENT} c "
        "WHERE c.id = NEW.comment_id AND c.made_by_id = NEW.replied_by_id)",
    ),
]

_OF_PAPER = (
    f"FROM {VERSION} mine JOIN {VERSION} v ON v.paper_id = mine.paper_id "
    "WHERE mine.id = NEW.version_id AND "
)
PAPERS: list[Trigger] = [
    *_stays(
        PAPER_FILE,
        "a version keeps its files: another version has others",
        "o.version_id = NEW.version_id AND o.file_id = NEW.file_id",
    ),
    *_stays(
        PAPER_LINK, "a version keeps its references: another version has others", "o.id = NEW.id"
    ),
    Forbid(
        "paper_reviewed_by_another",
        REVIEW,
        "paper_reviewed_by_another: nobody reviews a paper that they prepared",
        f"EXISTS (SELECT 1 {_OF_PAPER} v.prepared_by_id = NEW.reviewed_by_id)",
    ),
    Forbid(
        "paper_review_is_of_the_newest",
        REVIEW,
        "paper_review_is_of_the_newest: the newest version of a paper is reviewed",
        f"EXISTS (SELECT 1 {_OF_PAPER} v.number > mine.number)",
    ),
    Forbid(
        "paper_review_waits_for_answers",
        REVIEW,
        "paper_review_waits_for_answers: every note is answered before the review",
        f"EXISTS (SELECT 1 FROM {VERSION} mine JOIN {VERSION} v ON v.paper_id = mine.paper_id "
        f"JOIN {NOTE} n ON n.version_id = v.id WHERE mine.id = NEW.version_id "
        f"AND n.answers_id IS NULL AND NOT EXISTS (SELECT 1 FROM {NOTE} a WHERE a.answers_id = n.id))",
    ),
]

TRIGGERS: list[Trigger] = [
    *FINDINGS,
    *LINKS,
    *RECOMMENDATIONS,
    *STEPS,
    *ENGAGEMENTS,
    *DRAFTS,
    *PAPERS,
]
