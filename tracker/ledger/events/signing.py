"""What the journal records of who may sign."""

from tracker.journal.kinds import Kind

SIGNING: list[Kind] = [
    Kind(
        "signing_limit",
        (
            *("organisation", "level", "kind", "currency", "up_to", "valid_from", "valid_until"),
            "legal_reference",
        ),
        {
            "create": "A limit was proposed ({level}, up to {up_to} {currency}) by {legal_reference}."
        },
    ),
    Kind(
        "delegation",
        ("organisation", "delegator", "delegate", "valid_from", "valid_until"),
        {"create": "Approving was to be handed over from {valid_from} to {valid_until}."},
    ),
    Kind(
        "delegation_end",
        ("delegation", "ended_on"),
        {"create": "The delegation was ended on {ended_on}."},
    ),
    Kind(
        "signing_decision",
        ("limit", "delegation", "verdict", "reason"),
        {"create": "It was {verdict} by a second person."},
    ),
]
