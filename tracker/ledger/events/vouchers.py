"""What the journal records of vouchers, approvals, evidence and transactions."""

from tracker.journal.kinds import Kind
from tracker.ledger.events.names import DETAILS, LATER, TEXTS

VOUCHERS: list[Kind] = [
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
        LATER,
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
            "sums",
            "content_hash",
            "content_form",
        ),
        {"create": "Version {number} was submitted and frozen."},
        LATER | {"sums": [], "content_form": 1},
    ),
    Kind(
        "approval",
        ("version", "number", "content_hash", "level", "signed_as", "signed_on", "delegation"),
        {"create": "Version {number} was approved."},
        {"level": "one", "signed_as": "approver", "signed_on": None, "delegation": None},
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
            "statement",
            "provenance",
            "purpose",
            "import_key",
            "excess",
            *TEXTS,
            *DETAILS,
        ),
        {"create": "The {kind} of {amount} {currency} was posted."},
        LATER | {"excess": None, "statement": None},
    ),
]
