"""Organisations and people."""

import time
from itertools import count

from django.test import Client

from tracker.accounts import actions
from tracker.accounts.models import NEEDS_TWO, Membership, Organisation, Role, User

PASSWORD = "a-long-test-password"
_numbers = count(1)


def make_organisation(name: str | None = None, **fields) -> Organisation:
    """A government office. Its two administrators come with the first person who needs them."""
    return actions.create_organisation(
        name=name or f"Ministry {next(_numbers)}", kind=fields.pop("kind", "10"), by=None, **fields
    )


def administrators_of(organisation: Organisation) -> tuple[User, User]:
    """The two administrators of an organisation, appointed when they are first asked for."""
    found = list(
        User.objects.filter(
            memberships__organisation=organisation,
            memberships__role=Role.ADMINISTRATOR,
            memberships__granted_by=None,
        ).order_by("pk")
    )
    while len(found) < 2:
        found.append(
            actions.appoint_first_administrator(
                email=f"admin{next(_numbers)}@example.org",
                name="Administrator",
                password=PASSWORD,
                organisation=organisation,
            )
        )
    return found[0], found[1]


def make_person(
    *roles: str, organisation: Organisation | None = None, program=None, employer=None, name=None
) -> User:
    """Somebody with roles over an organisation, or over a program if one is given."""
    home = employer or organisation or (program.owner if program else make_organisation())
    first, _ = administrators_of(home)
    number = next(_numbers)
    _, secret = actions.invite_person(
        email=f"person{number}@example.org",
        name=name or f"Person {number}",
        organisation=home,
        by=first,
    )
    person = actions.accept_invitation(secret=secret, password=PASSWORD)
    for role in roles:
        if program is not None:
            give_role(person, role, program=program)
        else:
            give_role(person, role, organisation=organisation or home)
    return person


def give_role(person: User, role: str, *, organisation=None, program=None) -> Membership:
    """A role in force, confirmed by a second administrator where that is needed."""
    first, second = administrators_of(program.owner if program else organisation)
    membership = actions.grant_role(
        person=person, role=role, organisation=organisation, program=program, by=first
    )
    if role in NEEDS_TWO:
        membership = actions.confirm_role(membership=membership, by=second)
    return membership


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
