"""What the journal records of this room."""

from tracker.journal.kinds import Kind

# Who read what is withheld for security, why, and that the owner took note; and who carried evidence away.
GLASS = [
    Kind(
        "glass",
        ("program", "record_kind", "record", "reason", "hours"),
        {
            "create": "An auditor broke the glass over a {record_kind} for {hours} hours: “{reason}”."
        },
    ),
    Kind(
        "glass_reading",
        ("glass", "fields"),
        {"create": "The withheld values of the record were read through broken glass."},
    ),
    Kind(
        "bundle",
        ("engagement", "finding", "manifest", "records", "files"),
        {"create": "A bundle of evidence was exported: {records} records, {files} files."},
    ),
    Kind("glass_noted", ("glass",), {"create": "The owner took note of the broken glass."}),
]

KINDS = [
    *GLASS,
    Kind(
        "report",
        (
            "program",
            "kind",
            "title",
            "period_start",
            "period_end",
            "status",
            "sections",
            "content_hash",
            "review",
            "reason",
            "release",
            "engagement",
        ),
        {
            "create": "The report “{title}” was drafted.",
            "edit": "The report “{title}” was edited.",
            "submit": "The report “{title}” was sent to review.",
            "accept": "The report “{title}” was reviewed and accepted.",
            "return": "The report “{title}” was returned: “{reason}”.",
            "publish": "The report “{title}” was published.",
        },
        later={"engagement": None},
    ),
    Kind(
        "report_image",
        ("report", "sha256", "media", "size", "width", "height"),
        {"create": "A picture was added to the report: {width} × {height}, {media}."},
    ),
    Kind(
        "report_comment",
        ("report", "heading", "section_digest", "body", "followed", "note"),
        {
            "create": "A comment on “{heading}”: “{body}”.",
            "follow": "The comment on “{heading}” was followed.",
            "decline": "The comment on “{heading}” was not followed: “{note}”.",
        },
    ),
    Kind(
        "withholding",
        (
            "program",
            "record",
            "record_kind",
            "field",
            "status",
            "category",
            "legal_basis",
            "reason",
            "review_on",
            "office",
        ),
        {
            "create": "It was proposed to withhold the field {field} of a {record_kind}: “{reason}”.",
            "decide": "The field {field} of a {record_kind} is withheld from now on: “{reason}”.",
            "decline": "The proposal to withhold the field {field} of a {record_kind} was declined.",
            "review": "The field {field} of a {record_kind} stays withheld; the next review is on {review_on}.",
            "lift": "The field {field} of a {record_kind} is no longer withheld.",
        },
    ),
    Kind(
        "not_published",
        ("program", "category", "reason", "review_on"),
        {
            "create": "It was decided not to publish the program until {review_on}: “{reason}”.",
            "lift": "The decision not to publish the program was lifted.",
        },
    ),
    Kind(
        "release",
        (
            *("stream", "subject", "number", "data_until", "journal_size", "manifest", "rows"),
            *("report", "files", "order"),
        ),
        {"create": "Release {number} was published, with {rows} rows as of entry {journal_size}."},
        later={"order": None},
    ),
    Kind(
        "standing_release",
        ("engagement", "reason"),
        {
            "create": "The audit office ordered: every change of the engagement is released as it happens.",
            "end": "The standing order to release changes as they happen was ended: “{reason}”.",
        },
    ),
]
