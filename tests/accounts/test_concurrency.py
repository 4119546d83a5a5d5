"""Two administrators at the same moment. On PostgreSQL: SQLite lets one writer in at a time anyway."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.factories.accounts import administrators_of, make_organisation, make_person
from tracker.accounts import actions, policies
from tracker.accounts.models import Membership, MembershipStatus, Role, User
from tracker.shared.errors import NotAllowed, Refused

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="one writer at a time anyway"),
]


def at_once(*acts):
    """Run all at the same moment, each on its own connection; returns what they refused with, or None."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            act()
        except (Refused, NotAllowed) as refusal:
            return str(refusal)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("round_", range(5))
def test_two_administrators_who_end_each_other_leave_one(round_):
    place = make_organisation()
    first, second = administrators_of(place)
    mine, theirs = first.memberships.get(), second.memberships.get()

    told = at_once(
        lambda: actions.end_role(membership=theirs, by=first),
        lambda: actions.end_role(membership=mine, by=second),
    )

    assert sum(one is None for one in told) == 1
    assert policies.administrators_in_force(place).count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_two_administrators_who_switch_each_other_off_leave_one(round_):
    place = make_organisation()
    first, second = administrators_of(place)

    told = at_once(
        lambda: actions.deactivate_person(person=second, by=first),
        lambda: actions.deactivate_person(person=first, by=second),
    )

    assert sum(one is None for one in told) == 1
    assert policies.administrators_in_force(place).count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_the_same_role_given_twice_at_once_is_given_once(round_):
    place = make_organisation()
    person = make_person(organisation=place)

    told = at_once(
        *(
            lambda by=by: actions.grant_role(
                person=person, role=Role.OFFICER, organisation=place, by=by
            )
            for by in administrators_of(place)
        )
    )

    assert sum(one is None for one in told) == 1
    assert person.memberships.count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_nobody_becomes_approver_and_administrator_at_once(round_):
    here, there = make_organisation(), make_organisation()
    (first, second), (third, fourth) = administrators_of(here), administrators_of(there)
    person = make_person(organisation=here)
    one = Membership.objects.bulk_create(
        [
            Membership(
                person=person, role=role, organisation=place, status="proposed", granted_by=by
            )
            for role, place, by in (
                (Role.APPROVER, here, first),
                (Role.ADMINISTRATOR, there, third),
            )
        ]
    )

    at_once(
        lambda: actions.confirm_role(membership=one[0], by=second),
        lambda: actions.confirm_role(membership=one[1], by=fourth),
    )

    assert person.memberships.filter(status=MembershipStatus.ACTIVE).count() < 2


@pytest.mark.parametrize("round_", range(5))
def test_a_link_opened_twice_at_once_makes_one_account(round_):
    place = make_organisation()
    _, secret = actions.invite_person(
        email="new@example.org", name="New", organisation=place, by=administrators_of(place)[0]
    )

    told = at_once(
        *[lambda: actions.accept_invitation(secret=secret, password="correct-horse-battery")] * 3
    )

    assert sum(one is None for one in told) == 1
    assert User.objects.filter(email="new@example.org").count() == 1
