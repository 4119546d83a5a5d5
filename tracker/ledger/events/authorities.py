"""What the journal records of authorities."""

from tracker.journal.kinds import Kind
from tracker.ledger.events.names import AVAILABILITY

AUTHORITIES: list[Kind] = [
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
]
