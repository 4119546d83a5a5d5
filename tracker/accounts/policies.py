"""Who may do what with people and roles, and the one question every other room asks: does this person hold this role?"""

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from tracker.accounts.models import (
    MEMBERSHIP_TRANSITIONS,
    SIGNERS,
    Invitation,
    Membership,
    MembershipStatus,
    Notice,
    Organisation,
    Role,
    User,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

if TYPE_CHECKING:
    from tracker.programs.models import Program


# --- Roles -----------------------------------------------------------------


def holds(
    user: User,
    *roles: str,
    organisation: Organisation | None = None,
    program: "Program | None" = None,
) -> bool:
    """Does the person hold one of the roles over the organisation, or over the program or its owner?

    Without organisation and program: anywhere at all. Somebody who can no longer sign in holds nothing.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    # Asked of the database, not of `user`: the account may have been switched off since it was read.
    held = Membership.objects.in_force().filter(person=user, role__in=roles)
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
        article = "an" if names[0] in "aeiou" else "a"
        raise NotAllowed(f"Only {article} {names} of this organisation or program may {to}.")


def check_can_administer(user: User, organisation: Organisation) -> None:
    check_holds(
        user, Role.ADMINISTRATOR, organisation=organisation, to="manage its people and roles"
    )


def check_is_administrator(user: User) -> None:
    """For the pages about people: an administrator of some organisation. Which one, the rows decide."""
    if not holds(user, Role.ADMINISTRATOR):
        raise NotAllowed("Only administrators see people, roles and invitations.")


def administrators_in_force(organisation: Organisation) -> QuerySet[User]:
    """Those who can invite, grant and confirm now."""
    held = Membership.objects.in_force().filter(organisation=organisation, role=Role.ADMINISTRATOR)
    return User.objects.filter(pk__in=held.values("person")).order_by("pk")


def administered(organisation: Organisation | None, program: "Program | None") -> Organisation:
    """The organisation whose administrators decide about a role: the program's owner, or the one itself."""
    if program is not None and organisation is None:
        return program.owner
    if organisation is not None and program is None:
        return organisation
    raise Refused("A role is held over an organisation or over a program: choose one of them.")


def check_can_grant(
    user: User,
    *,
    person: User,
    role: str,
    organisation: Organisation | None,
    program: "Program | None",
) -> None:
    check_can_administer(user, administered(organisation, program))
    if role not in Role.values:
        raise Refused({"role": f"There is no role “{role}”: choose one of the list."})
    if person.pk == user.pk:
        raise Refused("Nobody grants a role to themselves: ask another administrator.")
    if not person.is_active:
        raise Refused(f"{person} can no longer sign in: reactivate the account first.")
    if role == Role.ADMINISTRATOR and program is not None:
        raise Refused("An administrator is appointed for an organisation, not for a program.")
    check_admin_and_approver_stay_apart(person, role)


def check_admin_and_approver_stay_apart(person: User, role: str) -> None:
    """Who hands out roles must not approve payments (OVERSIGHT 6.2, segregation of duties)."""
    apart = {Role.ADMINISTRATOR: SIGNERS} | dict.fromkeys(SIGNERS, (Role.ADMINISTRATOR,))
    standing = [MembershipStatus.ACTIVE, MembershipStatus.PROPOSED]
    held = Membership.objects.filter(
        person=person, role__in=apart.get(Role(role), ()), status__in=standing
    )
    if (other := held.first()) is not None:
        raise Refused(
            f"{person} is {other.get_role_display()} or proposed as one: an administrator holds no approver's "
            "role, here or anywhere. End or decline that role first."
        )


def check_can_confirm(user: User, membership: Membership) -> None:
    check_can_administer(user, administered(membership.organisation, membership.program))
    check_is_the_second(user, membership)
    check_transition(MEMBERSHIP_TRANSITIONS, membership.status, MembershipStatus.ACTIVE)
    if not membership.person.is_active:
        raise Refused(f"{membership.person} can no longer sign in: decline, or reactivate first.")
    check_admin_and_approver_stay_apart(membership.person, membership.role)


def check_is_the_second(user: User, membership: Membership) -> None:
    """Neither the one whom the role is for nor the one who proposed it. Asks nothing of the database."""
    if user.pk == membership.person_id:
        raise NotAllowed("Nobody confirms their own role.")
    if user.pk == membership.granted_by_id:
        raise NotAllowed(
            "This role needs a second administrator: you proposed it, somebody else confirms it."
        )


def check_can_decline(user: User, membership: Membership) -> None:
    check_can_administer(user, administered(membership.organisation, membership.program))
    check_transition(MEMBERSHIP_TRANSITIONS, membership.status, MembershipStatus.DECLINED)


def check_can_end(user: User, membership: Membership) -> None:
    check_can_administer(user, administered(membership.organisation, membership.program))
    if user.pk == membership.person_id and membership.role == Role.ADMINISTRATOR:
        raise NotAllowed("Nobody ends their own administrator's role: ask the other administrator.")
    check_transition(MEMBERSHIP_TRANSITIONS, membership.status, MembershipStatus.ENDED)


# --- Organisations and people ----------------------------------------------


def check_can_create_organisation(user: User) -> None:
    check_holds(user, Role.ADMINISTRATOR, Role.OFFICER, to="add organisations")


def check_can_switch_account(user: User, person: User, active: bool) -> None:
    """Deactivate or reactivate: the administrators of the organisation that the person works for."""
    if person.organisation is None:
        raise Refused(f"{person} belongs to no organisation.")
    check_can_administer(user, person.organisation)
    if person.pk == user.pk:
        raise NotAllowed("Nobody switches off their own account: ask the other administrator.")
    if person.is_active == active:
        raise Refused(f"{person} can{'' if active else 'not'} sign in already.")


def check_can_choose_password(person: User) -> None:
    if not person.is_active:
        raise Refused("This account is deactivated: ask your administrator.")


def check_can_read_notice(user: User, notice: Notice) -> None:
    if notice.person_id != user.pk:
        raise NotAllowed("This notice is for somebody else.")


# --- Invitations -----------------------------------------------------------


def check_can_invite(user: User, organisation: Organisation, email: str) -> None:
    check_can_administer(user, organisation)
    if User.objects.filter(email=email).exists():
        raise Refused(
            {
                "email": "Somebody with this e-mail address is already here: give them a role instead."
            }
        )
    if Invitation.objects.open().filter(email=email, organisation=organisation).exists():
        raise Refused(
            {"email": "An invitation to this address is open already: withdraw it first."}
        )


def check_can_withdraw(user: User, invitation: Invitation) -> None:
    check_can_administer(user, invitation.organisation)
    if invitation.accepted_by_id or invitation.withdrawn:
        raise Refused("This invitation is no longer open.")
