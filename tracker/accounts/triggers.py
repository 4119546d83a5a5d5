"""What must never happen with roles, the database forbids: it holds when somebody bypasses the actions."""

from tracker.shared.triggers import Forbid, Trigger

MEMBERSHIP = "tracker_membership"

_SIGNS = "('approver', 'senior_approver')"
_HOLDS_THE_OTHER = (
    f"NEW.status = 'active' AND EXISTS (SELECT 1 FROM {MEMBERSHIP} other "
    "WHERE other.person_id = NEW.person_id AND other.status = 'active' AND ("
    f"(NEW.role IN {_SIGNS} AND other.role = 'administrator') "
    f"OR (NEW.role = 'administrator' AND other.role IN {_SIGNS})))"
)
_APART = "membership_apart: an administrator holds no approver role"
_MOVED = " OR ".join(
    # IS DISTINCT FROM, in words that both engines know
    f"(OLD.{c} <> NEW.{c} OR (OLD.{c} IS NULL) <> (NEW.{c} IS NULL))"
    for c in ("person_id", "role", "organisation_id", "program_id", "granted_by_id")
)

TRIGGERS: list[Trigger] = [
    Forbid("membership_apart_when_added", MEMBERSHIP, _APART, _HOLDS_THE_OTHER),
    Forbid(
        "membership_apart_when_changed", MEMBERSHIP, _APART, _HOLDS_THE_OTHER, forbidden="UPDATE"
    ),
    Forbid(
        "membership_stays_what_it_is",
        MEMBERSHIP,
        "membership_stays_what_it_is: another person, role or place is another row",
        _MOVED,
        forbidden="UPDATE",
    ),
    Forbid(
        "membership_over_stays_over",
        MEMBERSHIP,
        "membership_over_stays_over: a role that ended or was declined is granted anew",
        "OLD.status IN ('ended', 'declined') AND NEW.status <> OLD.status",
        forbidden="UPDATE",
    ),
    Forbid(
        "membership_never_deleted",
        MEMBERSHIP,
        "membership_never_deleted: a role is ended, not deleted",
        forbidden="DELETE",
    ),
]
