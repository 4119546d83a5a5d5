"""Organisations and people."""

import time
from itertools import count

from django.db import transaction
from django.test import Client

from tracker.accounts import actions
from tracker.accounts.actions.people import create_person
from tracker.accounts.actions.roles import add_membership
from tracker.accounts.models import (
    NEEDS_TWO,
    Membership,
    MembershipStatus,
    Organisation,
    Role,
    User,
)

PASSWORD = "a-long-test-password"
_numbers = count(1)


def make_organisation(name: str | None = None, **fields) -> Organisation:
    """A government office. Its two administrators come with the first people who need them."""
    return actions.create_organisation(
        name=name or f"Ministry {next(_numbers)}", kind=fields.pop("kind", "10"), by=None, **fields
    )


def administrators_of(organisation: Organisation) -> tuple[User, User]:
    """The two administrators of an organisation, appointed when they are first asked for."""
    first, second = _administrators(organisation, 2)
    return first, second


def administrator_of(organisation: Organisation) -> User:
    """The first of the two: a test that needs one does not pay for the other."""
    return _administrators(organisation, 1)[0]


def _administrators(organisation: Organisation, wanted: int) -> list[User]:
    found = list(
        User.objects.filter(
            memberships__organisation=organisation,
            memberships__role=Role.ADMINISTRATOR,
            memberships__granted_by=None,
        ).order_by("pk")[:2]
    )
    while len(found) < wanted:
        found.append(
            actions.appoint_first_administrator(
                email=f"admin{next(_numbers)}@example.org",
                name="Administrator",
                password=PASSWORD,
                organisation=organisation,
            )
        )
    return found


@transaction.atomic
def make_person(
    *roles: str, organisation: Organisation | None = None, program=None, employer=None, name=None
) -> User:
    """Somebody with roles over an organisation, or over a program if one is given.

    The account is set up as the system sets it up: inviting and being granted a role are what `tests/accounts` is about.
    """
    home = employer or organisation or (program.owner if program else make_organisation())
    number = next(_numbers)
    person = create_person(
        email=f"person{number}@example.org",
        name=name or f"Person {number}",
        organisation=home,
        password=PASSWORD,
        by=None,
    )
    for role in roles:
        if program is not None:
            give_role(person, role, program=program)
        else:
            give_role(person, role, organisation=organisation or home)
    return person


@transaction.atomic
def give_role(person: User, role: str, *, organisation=None, program=None) -> Membership:
    """A role in force; where that takes two administrators, proposed by one and confirmed by the other."""
    if role not in NEEDS_TWO:
        active = MembershipStatus.ACTIVE
        return add_membership(person, role, organisation, program, active, by=None)
    first, second = administrators_of(program.owner if program else organisation)
    membership = actions.grant_role(
        person=person, role=role, organisation=organisation, program=program, by=first
    )
    return actions.confirm_role(membership=membership, by=second)


def end(membership: Membership) -> Membership:
    """The role is taken away by an administrator."""
    place = membership.organisation or membership.program.owner
    return actions.end_role(membership=membership, by=administrator_of(place))


def sign_in(client: Client, person: User, *, recently: bool = True) -> Client:
    """Sign a person in. `recently`: they have just typed their password again, as an approval asks for."""
    client.force_login(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": recently}
    ]
    session.save()
    return client
