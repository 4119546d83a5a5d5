"""What the journal records of waivers, and of documents that came after the posting."""

from tracker.journal.kinds import Kind

WAIVERS: list[Kind] = [
    Kind(
        "waiver",
        ("voucher", "requirement", "category", "expires_on", "reason"),
        {"create": "A waiver of a required document was asked for until {expires_on}: “{reason}”."},
    ),
    Kind(
        "waiver_decision",
        ("waiver", "verdict", "reason"),
        {"create": "The waiver was {verdict} by a second person."},
    ),
    Kind(
        "supplied_document",
        ("voucher", "file", "document_type", "document_date", "file_name"),
        {"create": "The file {file_name} was supplied after the posting."},
    ),
]
