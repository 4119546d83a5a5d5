"""What the journal records of people, organisations and roles."""

from tracker.journal.kinds import Kind

KINDS = [
    Kind(
        "organisation",
        ("name", "short_name", "kind", "identifier", "country", "time_zone", "fiscal_eras"),
        {
            "create": "The organisation {name} was added.",
            "change": "The organisation {name} was changed.",
        },
    ),
    Kind(
        "person",
        ("email", "name", "organisation", "is_active", "sessions_ended"),
        {
            "create": "{name} joined.",
            "deactivate": "{name} can no longer sign in.",
            "reactivate": "{name} can sign in again.",
            "password": "{name} chose a new password.",
        },
    ),
    Kind(
        "invitation",
        ("email", "name", "organisation", "expires_at", "secret_digest"),
        {
            "create": "{name} was invited.",
            "accept": "{name} accepted the invitation.",
            "withdraw": "The invitation of {name} was withdrawn.",
        },
    ),
    Kind(
        "membership",
        (
            "person",
            "role",
            "role_code",
            "organisation",
            "program",
            "status",
            "granted_by",
            "confirmed_by",
        ),
        {
            "create": "The role {role} was granted.",
            "propose": "The role {role} was proposed; it waits for a second administrator.",
            "confirm": "The role {role} was confirmed by a second administrator.",
            "decline": "The proposed role {role} was declined.",
            "end": "The role {role} was ended.",
        },
    ),
]
