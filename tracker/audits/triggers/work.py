"""The work on an engagement: no stage is skipped in silence, who was asked is heard, what was sent or said stays, and a
second auditor reviews."""

from tracker.shared.triggers import Forbid, Trigger, days_after

FINDING = "tracker_finding"
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
