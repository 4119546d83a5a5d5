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

# What is taken back, by whom, and what the public reads in its place.
TAKEDOWNS = [
    Kind(
        "takedown",
        (
            *("program", "release", "status", "category", "legal_basis", "reason"),
            *("review_due_at", "verdict", "tombstone"),
        ),
        {
            "create": "It was proposed to take a release back: “{reason}”.",
            "urgent": "A release was taken down in a hurry: “{reason}”. A second person reviews it.",
            "decide": "A second person decided: the release is taken back.",
            "decline": "A second person declined to take the release back: “{verdict}”.",
            "review": "A second person reviewed the takedown: “{verdict}”.",
        },
    ),
    Kind(
        "tombstone",
        (
            *("release", "urgent", "category", "legal_basis", "reason", "office"),
            "review_due_at",
        ),
        {"create": "A release was taken back, and its tombstone raised: “{reason}”."},
    ),
    Kind(
        "tombstone_verdict",
        ("tombstone", "verdict", "reason", "office"),
        {"create": "What was taken down in a hurry was reviewed, and {verdict}: “{reason}”."},
    ),
]

KINDS = [
    *GLASS,
    *TAKEDOWNS,
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
            *("scope", "stand_in", "minimum_percent", "in_sums", "days", "what"),
        ),
        {
            "create": "It was proposed to withhold {what}: “{reason}”.",
            "decide": "Withheld from now on: {what}: “{reason}”.",
            "decline": "The proposal to withhold {what} was declined.",
            "review": "It stays withheld: {what}; the next review is on {review_on}.",
            "lift": "No longer withheld: {what}.",
        },
        later={
            "scope": "field",
            "stand_in": None,
            "minimum_percent": None,
            "in_sums": False,
            "days": None,
            "what": "a field of a record",
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
            *("report", "files", "order", "public_from"),
        ),
        {"create": "Release {number} was published, with {rows} rows as of entry {journal_size}."},
        later={"order": None, "public_from": None},
    ),
    Kind(
        "preparation",
        (
            *("program", "report", "status", "manifest", "journal_size", "sheet", "public_from"),
            *("reason", "release", "place", "sentence"),
        ),
        {
            "create": "A release of the program was prepared, as of entry {journal_size}.",
            "explain": "Why the total {place} differs was written: “{sentence}”.",
            "release": "What was prepared was released.",
            "drop": "The preparation was given up: “{reason}”.",
        },
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
