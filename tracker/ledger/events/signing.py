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
        ("limit", "delegation", "interest_end", "verdict", "reason"),
        {"create": "It was {verdict} by a second person."},
        {"interest_end": None},
    ),
    Kind(
        "interest",
        ("person", "kind", "concerns", "payee", "note"),
        {"create": "An interest was declared, or that there is nothing else to declare."},
    ),
    Kind(
        "interest_end",
        ("declaration", "reason"),
        {"create": "The interest was said to be over."},
    ),
    Kind(
        "emergency_posting",
        ("version", "approval", "review_due_on", "reason"),
        {"create": "It was posted in an emergency: “{reason}”."},
    ),
    Kind(
        "emergency_review",
        ("posting", "verdict", "words"),
        {"create": "The emergency posting was {verdict}: “{words}”."},
    ),
    Kind(
        "refused_attempt",
        ("organisation", "noun", "verb", "what", "sentence"),
        {"create": "An attempt ({noun}: {verb}) was refused."},
    ),
]
