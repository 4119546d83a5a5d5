"""How declarations, meetings, drafts, comments and working papers are rebuilt from the journal."""

from django.db.models import Model

from tracker.audits.models import (
    CommentReply,
    CommentText,
    DeclarationText,
    DraftComment,
    DraftPart,
    DraftReport,
    DraftText,
    IndependenceDeclaration,
    Meeting,
    MeetingText,
    NoteText,
    PaperFile,
    PaperLink,
    PaperReview,
    PaperText,
    PaperVersion,
    ReplyText,
    ReviewNote,
    WorkingPaper,
)
from tracker.journal.projections import By, First, Number, Part, Projection, Says, Side, When
from tracker.shared.models import ErasableText


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


WORK = [
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
