"""Who may do what with people and roles, and the one question every other room asks: does this person hold this role?"""

from typing import TYPE_CHECKING

from django.db.models import Q

from tracker.accounts.models import (
    MEMBERSHIP_TRANSITIONS,
    Invitation,
    Membership,
    MembershipStatus,
    Organisation,
    Role,
    User,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

if TYPE_CHECKING:
    from tracker.programs.models import Program


def holds(
    user: User,
    *roles: str,
    organisation: Organisation | None = None,
    program: "Program | None" = None,
) -> bool:
    """Does the person hold one of the roles over the organisation, or over the program or its owner?

    Without organisation and program: anywhere at all.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=roles)
    if program is not None:
        held = held.filter(Q(program=program) | Q(organisation=program.owner_id))
    elif organisation is not None:
        held = held.filter(organisation=organisation)
    return held.exists()


def check_holds(
    user: User,
    *roles: str,
    organisation: Organisation | None = None,
    program: "Program | None" = None,
    to: str,
) -> None:
    """Refuse a person without one of the roles. `to` says what they wanted: “approve vouchers”."""
    if not holds(user, *roles, organisation=organisation, program=program):
        names = " or ".join(Role(role).label for role in roles)
        raise NotAllowed(f"Only a {names} of this organisation or program may {to}.")


def check_can_administer(user: User, organisation: Organisation) -> None:
    check_holds(
        user, Role.ADMINISTRATOR, organisation=organisation, to="manage its people and roles"
    )


def _administered(organisation: Organisation | None, program: "Program | None") -> Organisation:
    if (organisation is None) == (program is None):
        raise Refused("A role is held over an organisation or over a program: choose one of them.")
    return program.owner if program is not None else organisation  # type: ignore[return-value]


def check_can_grant(
    user: User,
    *,
    person: User,
    role: str,
    organisation: Organisation | None,
    program: "Program | None",
) -> None:
    check_can_administer(user, _administered(organisation, program))
    if person.pk == user.pk:
        raise Refused("Nobody grants a role to themselves: ask another administrator.")
    if not person.is_active:
        raise Refused(f"{person} can no longer sign in: reactivate the account first.")
    if role == Role.ADMINISTRATOR and program is not None:
        raise Refused("An administrator is appointed for an organisation, not for a program.")
    check_admin_and_approver_stay_apart(person, role)


def check_admin_and_approver_stay_apart(person: User, role: str) -> None:
    """Who hands out roles must not approve payments (OVERSIGHT 6.2, segregation of duties)."""
    apart = {Role.ADMINISTRATOR: Role.APPROVER, Role.APPROVER: Role.ADMINISTRATOR}
    other = apart.get(Role(role))
    standing = [MembershipStatus.ACTIVE, MembershipStatus.PROPOSED]
    if other and Membership.objects.filter(person=person, role=other, status__in=standing).exists():
        raise Refused(
            f"{person} is {other.label}: an administrator holds no approver's role. End that role first."
        )


def check_can_confirm(user: User, membership: Membership) -> None:
    check_can_administer(user, _administered(membership.organisation, membership.program))
    if user.pk == membership.granted_by_id:
        raise Refused("An approver's role needs a second administrator: somebody else confirms it.")
    if user.pk == membership.person_id:
        raise Refused("Nobody confirms their own role.")
    check_transition(MEMBERSHIP_TRANSITIONS, membership.status, MembershipStatus.ACTIVE)


def check_can_end(user: User, membership: Membership) -> None:
    check_can_administer(user, _administered(membership.organisation, membership.program))
    check_transition(MEMBERSHIP_TRANSITIONS, membership.status, MembershipStatus.ENDED)
    if user.pk == membership.person_id and membership.role == Role.ADMINISTRATOR:
        raise Refused("Nobody ends their own administrator's role: ask the other administrator.")


def check_can_switch_account(user: User, person: User) -> None:
    """Deactivate or reactivate: the administrators of the organisation that the person works for."""
    if person.organisation is None:
        raise Refused(f"{person} belongs to no organisation.")
    check_can_administer(user, person.organisation)
    if person.pk == user.pk:
        raise Refused("Nobody switches off their own account: ask the other administrator.")


def check_can_withdraw(user: User, invitation: Invitation) -> None:
    check_can_administer(user, invitation.organisation)
    if invitation.accepted_by_id or invitation.withdrawn:
        raise Refused("This invitation is no longer open.")
