"""What the database itself forbids about people and roles, whoever writes."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories.accounts import (
    administrators_of,
    give_role,
    make_organisation,
    make_person,
)
from tests.factories.programs import make_program
from tracker.accounts import actions
from tracker.accounts.models import (
    MEMBERSHIP_TRANSITIONS,
    WHAT_IT_DOES,
    Membership,
    MembershipStatus,
    Organisation,
    Role,
    User,
)

APPROVER, ADMINISTRATOR, OFFICER = Role.APPROVER, Role.ADMINISTRATOR, Role.OFFICER


def refused(rule, act):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        act()


def insert(**fields):
    """Past every action and check: the row as the database gets it."""
    return Membership.objects.bulk_create([Membership(**fields)])[0]


@pytest.fixture
def place():
    return make_organisation()


@pytest.fixture
def two(place):
    return administrators_of(place)


def confirmed(two, **fields):
    return {"status": "active", "granted_by": two[0], "confirmed_by": two[1], **fields}


def test_no_active_approver_is_an_active_administrator_anywhere(place, two):
    elsewhere = make_organisation()
    person = make_person(ADMINISTRATOR, organisation=place)

    refused(
        "membership_apart",
        lambda: insert(person=person, role=APPROVER, organisation=elsewhere, **confirmed(two)),
    )


def test_no_active_administrator_is_an_active_approver_anywhere(place, two):
    person = make_person(APPROVER, program=make_program(owner=place))

    refused(
        "membership_apart",
        lambda: insert(person=person, role=ADMINISTRATOR, organisation=place, **confirmed(two)),
    )


@pytest.mark.parametrize("held, other", [(APPROVER, ADMINISTRATOR), (ADMINISTRATOR, APPROVER)])
def test_a_proposed_role_is_not_made_active_beside_its_opposite(place, two, held, other):
    person = make_person(organisation=place)
    waiting = insert(
        person=person, role=other, organisation=place, status="proposed", granted_by=two[0]
    )
    insert(person=person, role=held, organisation=place, **confirmed(two))

    refused(
        "membership_apart",
        lambda: Membership.objects.filter(pk=waiting.pk).update(
            status="active", confirmed_by=two[1]
        ),
    )


def test_an_ended_role_leaves_the_way_free_for_its_opposite(place, two):
    person = make_person(APPROVER, organisation=place)
    actions.end_role(membership=person.memberships.get(), by=two[0])

    assert give_role(person, ADMINISTRATOR, organisation=place).status == MembershipStatus.ACTIVE


@pytest.mark.parametrize("field", ["person", "role", "organisation", "program", "granted_by"])
def test_a_role_stays_with_its_person_and_place(place, two, field):
    person = make_person(OFFICER, organisation=place)
    change = {
        "person": {"person": two[1]},
        "role": {"role": Role.AUDITOR},
        "organisation": {"organisation": make_organisation()},
        "program": {"program": make_program(owner=place), "organisation": None},
        "granted_by": {"granted_by": two[1]},
    }[field]

    refused("membership_stays_what_it_is", lambda: person.memberships.update(**change))


def test_a_role_that_is_over_stays_over(place, two):
    person = make_person(OFFICER, organisation=place)
    actions.end_role(membership=person.memberships.get(), by=two[0])

    refused("membership_over_stays_over", lambda: person.memberships.update(status="active"))


def test_a_role_is_not_deleted(place):
    person = make_person(OFFICER, organisation=place)

    refused("membership_never_deleted", lambda: person.memberships.all()._raw_delete("default"))


@pytest.mark.parametrize("role", [APPROVER, ADMINISTRATOR])
@pytest.mark.parametrize("confirmed_by", [None, 0])
def test_no_role_of_weight_is_in_force_without_two_administrators(place, two, role, confirmed_by):
    second = None if confirmed_by is None else two[confirmed_by]
    fields = {"status": "active", "granted_by": two[0], "confirmed_by": second}
    person = make_person(organisation=place)

    refused(
        "membership_needs_two_administrators",
        lambda: insert(person=person, role=role, organisation=place, **fields),
    )


def test_an_approver_needs_somebody_who_proposed_them(place, two):
    person = make_person(organisation=place)

    refused(
        "membership_needs_two_administrators",
        lambda: insert(
            person=person, role=APPROVER, organisation=place, status="active", confirmed_by=two[1]
        ),
    )


@pytest.mark.parametrize("whose", ["granted_by", "confirmed_by"])
def test_nobody_proposes_or_confirms_their_own_role(place, two, whose):
    person = make_person(organisation=place)

    refused(
        "membership_nobody_confirms_their_own",
        lambda: insert(
            person=person, role=APPROVER, organisation=place, **confirmed(two, **{whose: person})
        ),
    )


@pytest.mark.parametrize(
    "rule, fields",
    [
        ("membership_role_known", {"role": "owner"}),
        ("membership_status_known", {"status": "perhaps"}),
        ("membership_organisation_xor_program", {"organisation": None}),
    ],
)
def test_a_membership_keeps_its_rules_whoever_writes(place, two, rule, fields):
    person = make_person(organisation=place)
    given = {"person": person, "role": OFFICER, "organisation": place, "status": "active"}

    refused(rule, lambda: insert(**given | fields))


def test_a_role_is_held_once(place, two):
    person = make_person(OFFICER, organisation=place)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(person=person, role=OFFICER, organisation=place, status="active")


def test_two_people_never_share_an_address_in_two_ways_of_writing(place):
    person = make_person(organisation=place)
    twin = User(email=person.email.upper(), name="Twin")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([twin])


def test_an_address_is_kept_in_lower_case(place):
    refused(
        "user_email_in_lower_case",
        lambda: User.objects.bulk_create([User(email="Somebody@Example.org", name="Somebody")]),
    )


def test_two_organisations_never_share_a_name(place):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.bulk_create([Organisation(name=place.name.upper(), kind="10")])


def test_an_organisation_has_a_kind_that_exists():
    refused(
        "organisation_kind_known",
        lambda: Organisation.objects.bulk_create([Organisation(name="Nobody", kind="01")]),
    )


def test_raw_sql_does_not_get_past_the_triggers(place):
    person = make_person(OFFICER, organisation=place)
    number = person.memberships.get().pk

    def move():
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE tracker_membership SET role = 'approver' WHERE id = %s", [number]
            )

    refused("membership_stays_what_it_is", move)


def test_every_state_of_a_role_says_what_may_follow():
    assert set(MEMBERSHIP_TRANSITIONS) == set(MembershipStatus)


def test_every_role_says_what_it_does():
    assert set(WHAT_IT_DOES) == set(Role)
