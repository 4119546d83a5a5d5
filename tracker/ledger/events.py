"""What the journal records of vouchers, approvals, evidence and transactions."""

from tracker.journal.kinds import Kind

DETAILS = (
    "currency",
    "amount",
    "value_date",
    "date_precision",
    "draws_on",
    "provider",
    "receiver",
    "authority",
    "valuation_basis",
)
AVAILABILITY = ("availability", "available_from", "available_to")
TEXTS = ("payee", "reference", "description")

KINDS: list[Kind] = [
    Kind(
        "authority",
        ("organisation", "title", "legal_basis", "kind", "purpose", "currency", *AVAILABILITY),
        {"create": "The authority {title} ({legal_basis}) was recorded."},
    ),
    Kind(
        "authority_change",
        (
            *("authority", "kind", "fiscal_year", "currency", "amount"),
            *(*AVAILABILITY, "legal_reference", "stated_on", "reason"),
        ),
        {
            "create": "A change was proposed ({kind}; fiscal year {fiscal_year}; {amount} {currency}) "
            "under {legal_reference}: “{reason}”."
        },
    ),
    Kind(
        "authority_decision",
        ("change", "verdict", "reason"),
        {"create": "The change was {verdict} by a second person."},
    ),
    Kind(
        "authority_stage",
        ("authority", "fiscal_year", "stage", "currency", "amount", "stated_on", "citation"),
        {"create": "{citation} states {amount} {currency} {stage} for fiscal year {fiscal_year}."},
    ),
    Kind(
        "evidence_file",
        ("sha256", "size", "content_type", "stored_as"),
        {"create": "A file was received ({size} bytes, SHA-256 {sha256})."},
    ),
    Kind(
        "voucher",
        (
            "organisation",
            "program",
            "number",
            "kind",
            "status",
            "reverses",
            *TEXTS,
            *DETAILS,
            "file",
            "file_name",
            "attachments",
        ),
        {
            "create": "Voucher {number} was drafted.",
            "change": "Voucher {number} was edited.",
            "attach": "The file {file_name} was attached.",
            "remove": "The file {file_name} was taken off.",
            "withdraw": "Voucher {number} was withdrawn.",
        },
    ),
    Kind(
        "voucher_version",
        (
            "voucher",
            "number",
            "kind",
            "program",
            "reverses",
            "batch_digest",
            *TEXTS,
            *DETAILS,
            "evidence",
            "content_hash",
        ),
        {"create": "Version {number} was submitted and frozen."},
    ),
    Kind(
        "approval",
        ("version", "number", "content_hash"),
        {"create": "Version {number} was approved."},
    ),
    Kind(
        "voucher_return",
        ("version", "number", "reason"),
        {"create": "Version {number} was returned because: {reason}."},
    ),
    Kind(
        "transaction",
        (
            "program",
            "kind",
            "fiscal_year",
            "reverses",
            "version",
            "provenance",
            "purpose",
            "import_key",
            *TEXTS,
            *DETAILS,
        ),
        {"create": "The {kind} of {amount} {currency} was posted."},
    ),
]
