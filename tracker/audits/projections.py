"""How engagements, findings, recommendations and their steps are rebuilt from the journal."""

from django.db.models import Model

from tracker.audits.models import (
    CommentReply,
    CommentText,
    DeclarationText,
    DraftComment,
    DraftPart,
    DraftReport,
    DraftText,
    Engagement,
    EngagementScope,
    Finding,
    FindingLink,
    IndependenceDeclaration,
    Meeting,
    MeetingText,
    NoteText,
    PaperFile,
    PaperLink,
    PaperReview,
    PaperText,
    PaperVersion,
    Recommendation,
    RecommendationStep,
    ReplyText,
    ReviewNote,
    StepText,
    TeamMember,
    WorkingPaper,
)
from tracker.journal.projections import (
    By,
    First,
    Last,
    Number,
    Occasion,
    Part,
    Projection,
    Says,
    Side,
    Subject,
    Through,
    When,
)
from tracker.shared.models import ErasableText

_STEPS = (
    *("issue", "respond", "claim", "address", "reject", "accept", "close", "reopen", "extend"),
)
_MOVES = (
    *("create", "announce", "start", "send_draft", "receive_comment", "finalise"),
    *("follow_up", "close", "terminate"),
)
_TOLD = (
    *("engagement", "number", "title", "criteria", "condition", "cause", "effect"),
    *("blank_reason", "severity", "currency", "questioned", "status"),
)

PROJECTIONS: list[Projection] = [
    Projection(
        "engagement",
        Engagement,
        ("engagement",),
        {
            name: Last(name)
            for name in (
                *("number", "title", "kind", "standard", "status", "office", "objectives", "lead"),
                *("criteria", "announced_on", "unannounced_because", "uncommented_because"),
            )
        }
        | {"created_at": When(), "moved_at": When(*_MOVES)},
        parts=(
            Part(
                EngagementScope,
                "engagement",
                ("program", "period_start", "period_end"),
                Last("scope"),
            ),
            Part(TeamMember, "engagement", ("person",), Last("team")),
        ),
    ),
    Projection(
        "finding",
        Finding,
        ("finding",),
        {name: Last(name) for name in _TOLD}
        | {
            "written_by": By(),
            "issued_by": By("issue"),
            "issued_at": When("issue"),
            "issued_on": Last("issued_on"),
        },
        parts=(Part(FindingLink, "finding", ("transaction",), Last("transactions")),),
    ),
    Projection(
        "recommendation",
        Recommendation,
        ("recommendation",),
        {
            name: Last(name)
            for name in (
                *("finding", "number", "text", "owner", "original_due_on", "due_on", "state"),
                *("response", "native_status", "issued_on"),
            )
        },
        ends=("remove",),
    ),
    Projection(
        "step",
        RecommendationStep,
        ("recommendation",),
        {
            "uid": First("step"),
            "recommendation": Subject(),
            "before": First("before"),
            "after": First("state"),
            "response": Occasion(dict.fromkeys(_STEPS, "") | {"respond": First("response")}),
            "due_on": Occasion(
                dict.fromkeys(_STEPS) | {"issue": First("due_on"), "extend": First("due_on")}
            ),
            "evidence": Through("sha256", First("evidence")),
            "taken_by": By(),
            "taken_at": When(),
        },
        key="entry",
        ops=_STEPS,
        sides=(Side("text", StepText, {n: First(n) for n in ("note", "evidence_name")}),),
    ),
]


def _fact(
    word: str,
    model: type[Model],
    kind: str,
    stated: tuple[str, ...],
    *,
    by: str = "",
    at: str = "",
    text: type[ErasableText] | None = None,
    words: tuple[str, ...] = (),
    parts: tuple[Part, ...] = (),
) -> Projection:
    """A row that one entry of its own kind states whole; its words stand beside it."""
    columns: dict[str, Says] = {name: First(name) for name in stated}
    columns |= {at: When(), "entry": Number()} | ({by: By()} if by else {})
    sides = (Side("text", text, {n: First(n) for n in words}),) if text else ()
    return Projection(word, model, (kind,), columns, sides=sides, parts=parts)


# --- Engagements: independence, meetings, drafts and comments, working papers ----
PROJECTIONS += [
    _fact(
        "declaration of independence",
        IndependenceDeclaration,
        "independence",
        ("person", "engagement", "threat", "organisation", "declared_on", "until"),
        at="declared_at",
        text=DeclarationText,
        words=("note",),
    ),
    _fact(
        "meeting",
        Meeting,
        "meeting",
        ("engagement", "kind", "held_on"),
        by="recorded_by",
        at="recorded_at",
        text=MeetingText,
        words=("attended", "agreed"),
    ),
    _fact(
        "draft report",
        DraftReport,
        "draft_report",
        ("engagement", "number", "sent_on", "term_days", "comments_due_on"),
        by="sent_by",
        at="sent_at",
        text=DraftText,
        words=("message", "content"),
        parts=(Part(DraftPart, "draft", ("organisation", "finding"), First("parts")),),
    ),
    _fact(
        "comment on a draft",
        DraftComment,
        "draft_comment",
        ("draft", "organisation", "finding", "stance"),
        by="made_by",
        at="made_at",
        text=CommentText,
        words=("note",),
    ),
    _fact(
        "reply to a comment",
        CommentReply,
        "comment_reply",
        ("comment", "changed"),
        by="replied_by",
        at="replied_at",
        text=ReplyText,
        words=("note",),
    ),
    _fact(
        "working paper",
        WorkingPaper,
        "working_paper",
        ("engagement", "index"),
        by="begun_by",
        at="begun_at",
    ),
    _fact(
        "version of a working paper",
        PaperVersion,
        "paper_version",
        ("paper", "number"),
        by="prepared_by",
        at="prepared_at",
        text=PaperText,
        words=PaperText.TEXTS,
        parts=(
            Part(PaperFile, "version", ("file",), First("files"), via={"file": "sha256"}),
            Part(PaperLink, "version", ("paper", "finding", "transaction"), First("links")),
        ),
    ),
    _fact(
        "review of a working paper",
        PaperReview,
        "paper_review",
        ("version",),
        by="reviewed_by",
        at="reviewed_at",
    ),
    _fact(
        "review note",
        ReviewNote,
        "review_note",
        ("version", "answers"),
        by="written_by",
        at="written_at",
        text=NoteText,
        words=("note",),
    ),
]
