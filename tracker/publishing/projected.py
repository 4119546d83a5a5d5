"""How reports, withholdings, orders, broken glass and releases are rebuilt from the journal, row by row."""

from tracker.journal.projections import (
    By,
    First,
    Last,
    Number,
    Occasion,
    Part,
    Projection,
    Side,
    Subject,
    When,
    WhenLast,
)
from tracker.publishing.models import (
    BrokenGlass,
    BundleExport,
    CommentSettled,
    GlassNoted,
    GlassReading,
    GlassText,
    NotPublished,
    Release,
    ReleasedFile,
    Report,
    ReportEdit,
    ReportImage,
    ReportReview,
    ReportSection,
    SectionComment,
    StandingRelease,
    Withholding,
)

RECORDS = [
    Projection(
        "report",
        Report,
        ("report",),
        {
            name: Last(name)
            for name in (
                *("program", "kind", "title", "period_start", "period_end", "status", "release"),
                "engagement",
            )
        }
        | {"drafted_by": By(), "changed_at": WhenLast()},
        parts=(
            Part(
                ReportSection,
                "report",
                (
                    *("position", "heading", "body", "shows", "description", "image"),
                    "image_description",
                ),
                Last("sections"),
                numbered=True,
                later=("", "", None, ""),
            ),
        ),
    ),
    Projection(
        "picture",
        ReportImage,
        ("report_image",),
        {n: First(n) for n in ("report", "sha256", "media", "size", "width", "height")}
        | {"added_by": By(), "entry": Number()},
    ),
    Projection(
        "comment on a section",
        SectionComment,
        ("report_comment",),
        {n: First(n) for n in ("report", "heading", "section_digest", "body")}
        | {"written_by": By(), "written_at": When(), "entry": Number()},
    ),
    Projection(
        "comment settled",
        CommentSettled,
        ("report_comment",),
        {
            "comment": Subject(),
            "followed": Occasion({"follow": True, "decline": False}),
            "note": First("note"),
            "settled_by": By(),
            "settled_at": When(),
        },
        key="entry",
        ops=("follow", "decline"),
    ),
    Projection(
        "hand in a report",
        ReportEdit,
        ("report",),
        {"report": Subject(), "person": By()},
        key="entry",
        ops=("create", "edit"),
    ),
    Projection(
        "review",
        ReportReview,
        ("report",),
        {
            "uid": First("review"),
            "report": Subject(),
            "verdict": Occasion({"accept": "accepted", "return": "returned"}),
            "reason": First("reason"),
            "content_hash": First("content_hash"),
            "reviewed_by": By(),
            "reviewed_at": When(),
        },
        key="entry",
        ops=("accept", "return"),
    ),
    Projection(
        "withholding",
        Withholding,
        ("withholding",),
        {
            name: Last(name)
            for name in (
                *("program", "record", "record_kind", "field", "status", "category"),
                *("legal_basis", "reason", "review_on", "office"),
            )
        }
        | {
            "proposed_by": By(),
            "proposed_at": When(),
            "decided_by": By("decide", "decline"),
            "decided_at": When("decide", "decline"),
            "reviewed_by": By("review"),
            "reviewed_at": When("review"),
            "lifted_by": By("lift"),
            "lifted_at": When("lift"),
        },
    ),
    Projection(
        "decision not to publish",
        NotPublished,
        ("not_published",),
        {name: First(name) for name in ("program", "category", "reason", "review_on")}
        | {
            "decided_by": By(),
            "decided_at": When(),
            "lifted_by": By("lift"),
            "lifted_at": When("lift"),
        },
    ),
    Projection(
        "standing release",
        StandingRelease,
        ("standing_release",),
        {
            "engagement": First("engagement"),
            "reason": Last("reason"),
            "ordered_by": By(),
            "ordered_at": When(),
            "ended_by": By("end"),
            "ended_at": When("end"),
        },
    ),
    Projection(
        "broken glass",
        BrokenGlass,
        ("glass",),
        {n: First(n) for n in ("program", "record_kind", "record", "hours")}
        | {"broken_by": By(), "broken_at": When(), "entry": Number()},
        sides=(Side("text", GlassText, {"reason": First("reason")}),),
    ),
    Projection(
        "reading through broken glass",
        GlassReading,
        ("glass_reading",),
        {"glass": First("glass"), "fields": First("fields"), "read_at": When(), "entry": Number()},
    ),
    Projection(
        "note of broken glass",
        GlassNoted,
        ("glass_noted",),
        {"glass": First("glass"), "noted_by": By(), "noted_at": When(), "entry": Number()},
    ),
    Projection(
        "export of evidence",
        BundleExport,
        ("bundle",),
        {n: First(n) for n in ("engagement", "finding", "manifest", "records", "files")}
        | {"exported_by": By(), "exported_at": When(), "entry": Number()},
    ),
    Projection(
        "release",
        Release,
        ("release",),
        {
            name: First(name)
            for name in (
                *("stream", "subject", "number", "data_until", "journal_size", "manifest"),
            )
        }
        | {"published_at": When(), "entry": Number()},
        parts=(Part(ReleasedFile, "release", ("name", "sha256", "size"), First("files")),),
    ),
]
