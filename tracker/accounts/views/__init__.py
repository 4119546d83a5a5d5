"""The pages about people. Public ones say so; the rest need a sign-in."""

from tracker.accounts.views.own import accept, me, notice_read, notices, notices_read
from tracker.accounts.views.people import (
    deactivate,
    find,
    invitation_withdraw,
    invitations,
    invite,
    organisation_new,
    organisations,
    people,
    person,
    reactivate,
)
from tracker.accounts.views.roles import (
    role_confirm,
    role_decline,
    role_end,
    role_grant,
    roles,
)

__all__ = [
    "accept",
    "deactivate",
    "find",
    "invitation_withdraw",
    "invitations",
    "invite",
    "me",
    "notice_read",
    "notices",
    "notices_read",
    "organisation_new",
    "organisations",
    "people",
    "person",
    "reactivate",
    "role_confirm",
    "role_decline",
    "role_end",
    "role_grant",
    "roles",
]
