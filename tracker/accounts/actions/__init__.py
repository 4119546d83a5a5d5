"""Every write about people, organisations and roles."""

from tracker.accounts.actions.invitations import (
    accept_invitation,
    invite_person,
    open_invitation,
    withdraw_invitation,
)
from tracker.accounts.actions.notices import notify, read_notice, read_notices
from tracker.accounts.actions.people import (
    appoint_first_administrator,
    change_password,
    create_organisation,
    deactivate_person,
    reactivate_person,
)
from tracker.accounts.actions.roles import confirm_role, decline_role, end_role, grant_role

__all__ = [
    "accept_invitation",
    "appoint_first_administrator",
    "change_password",
    "confirm_role",
    "create_organisation",
    "deactivate_person",
    "decline_role",
    "end_role",
    "grant_role",
    "invite_person",
    "notify",
    "open_invitation",
    "reactivate_person",
    "read_notice",
    "read_notices",
    "withdraw_invitation",
]
