"""How organisations, people, invitations and roles are rebuilt from the journal."""

from tracker.accounts.models import FiscalEra, Invitation, Membership, Organisation, User
from tracker.journal.projections import (
    Always,
    By,
    First,
    Happened,
    Last,
    Part,
    Projection,
    When,
    WhenLast,
)

SIGN_IN = "sign-in keeps it; who may sign in and as what is compared"

PROJECTIONS = [
    Projection(
        "organisation",
        Organisation,
        ("organisation",),
        {
            name: Last(name)
            for name in ("name", "short_name", "kind", "identifier", "country", "time_zone")
        },
        parts=(
            Part(
                FiscalEra,
                "organisation",
                ("begins_on", "start_month", "named_after_end", "transition"),
                Last("fiscal_eras"),
            ),
        ),
    ),
    Projection(
        "person",
        User,
        ("person",),
        {
            **{name: Last(name) for name in ("email", "name", "organisation")},
            "is_active": Last("is_active"),
            "sessions_ended": Last("sessions_ended"),
            "is_superuser": Always(False),
            "joined_at": When(),
        },
        unmapped={
            "password": "the hasher rewrites it at sign-in when its cost is raised; a new one is recorded as an event",
            "last_login": SIGN_IN,
            "groups": "Django's; we use neither",
            "user_permissions": "Django's; we use neither",
        },
    ),
    Projection(
        "invitation",
        Invitation,
        ("invitation",),
        {
            **{name: First(name) for name in ("email", "name", "organisation", "expires_at")},
            "secret_digest": First("secret_digest"),
            "invited_by": By(),
            "invited_at": When(),
            "accepted_by": By("accept"),
            "withdrawn": Happened("withdraw"),
        },
    ),
    Projection(
        "membership",
        Membership,
        ("membership",),
        {
            "person": First("person"),
            "role": Last("role_code"),
            **{name: Last(name) for name in ("organisation", "program", "status")},
            "granted_by": Last("granted_by"),
            "confirmed_by": Last("confirmed_by"),
            "changed_at": WhenLast(),
        },
    ),
]

NOT_PROJECTED = {"Notice": "a letter to a person; what it tells about has its own entry"}
