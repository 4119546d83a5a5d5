"""People, roles and invitations: what the actions do, and what they refuse."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction

from tests.factories.accounts import (
    PASSWORD,
    administrators_of,
    give_role,
    make_organisation,
    make_person,
)
from tests.factories.programs import make_program
from tracker.accounts import actions, policies
from tracker.accounts.models import (
    Invitation,
    Membership,
    MembershipStatus,
    Organisation,
    Role,
    User,
)
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.shared.calendars import Era
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused

GOOD = "correct-horse-battery"


@pytest.fixture
def place():
    return make_organisation()


@pytest.fixture
def two(place):
    return administrators_of(place)


def ops(record):
    return [event.op for event in reversed(history_of(record))]


def break_journal(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("The journal is full.")

    monkeypatch.setattr(journal, "record", fail)


# --- Organisations ---------------------------------------------------------


def test_an_organisation_is_added_with_its_fiscal_years():
    made = make_organisation(fiscal_eras=[Era(database_now().date().replace(day=1), 10)])

    assert made.fiscal_eras.get().start_month == 10
    assert ops(made) == ["create"]


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE, Role.RECIPIENT])
def test_only_administrators_and_officers_add_organisations(role):
    with pytest.raises(NotAllowed, match="may add organisations"):
        actions.create_organisation(name="Another", kind="10", by=make_person(role))


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"time_zone": "Mars/Olympus"}, "This time zone is not known"),
        ({"country": "France"}, "two letters"),
        ({"country": "1A"}, "two letters"),
        ({"kind": "01"}, "is not a valid choice"),
        ({"name": "  "}, "cannot be blank"),
        ({"name": "n" * 201}, "at most 200 characters"),
    ],
)
def test_an_organisation_that_cannot_be_is_refused_with_a_sentence(fields, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.create_organisation(**{"name": "Somewhere", "kind": "10", "by": None} | fields)
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("name", ["Ministry of Aid", "MINISTRY OF AID", "  Ministry  of Aid "])
def test_an_organisation_of_the_same_name_is_refused(name):
    make_organisation("Ministry of Aid")

    with pytest.raises(Refused, match="of this name exists already"):
        make_organisation(name)


def test_an_organisation_of_the_same_identifier_is_refused():
    make_organisation(identifier="US-GOV-11")

    with pytest.raises(Refused, match="Identifier"):
        make_organisation(identifier="US-GOV-11")


# --- The first administrators ----------------------------------------------


def test_the_first_two_administrators_are_appointed_and_not_a_third(place):
    administrators_of(place)

    with pytest.raises(Refused, match="they invite the others"):
        actions.appoint_first_administrator(
            email="third@example.org", name="Third", password=GOOD, organisation=place
        )


def test_when_one_of_two_administrators_is_gone_a_successor_can_be_appointed(place, two):
    actions.deactivate_person(person=two[1], by=two[0])

    successor = actions.appoint_first_administrator(
        email="third@example.org", name="Third", password=GOOD, organisation=place
    )

    assert policies.holds(successor, Role.ADMINISTRATOR, organisation=place)


# --- Invitations -----------------------------------------------------------


def test_an_invitation_becomes_an_account_with_the_chosen_password(place, two):
    invitation, secret = actions.invite_person(
        email=" New.Person@Example.org ", name="New  Person", organisation=place, by=two[0]
    )

    person = actions.accept_invitation(secret=secret, password=GOOD)

    assert (person.email, person.name) == ("new.person@example.org", "New Person")
    assert person.organisation == place and person.check_password(GOOD)
    assert not person.memberships.exists()
    assert ops(invitation) == ["create", "accept"] and ops(person) == ["create"]


def test_the_letter_carries_the_secret_and_the_database_does_not(
    place, two, settings, django_capture_on_commit_callbacks
):
    settings.SITE_URL = "https://countersign.example"

    with django_capture_on_commit_callbacks(execute=True):
        invitation, secret = actions.invite_person(
            email="new@example.org", name="New Person", organisation=place, by=two[0]
        )

    (letter,) = mail.outbox
    assert letter.to == ["new@example.org"]
    assert letter.subject == f"Countersign: you are invited by {place}"
    assert f"https://countersign.example/account/invitation/?code={secret}" in letter.body
    assert secret not in str(vars(invitation)) and invitation.secret_digest not in letter.body


def test_a_letter_that_cannot_be_sent_undoes_nothing(
    place, two, settings, django_capture_on_commit_callbacks, caplog
):
    settings.EMAIL_BACKEND = "tests.accounts.no_such_backend.Backend"

    with django_capture_on_commit_callbacks(execute=True):
        actions.invite_person(email="new@example.org", name="N", organisation=place, by=two[0])

    assert Invitation.objects.filter(email="new@example.org").exists()
    assert "on_commit" in caplog.text


@pytest.mark.parametrize("email", ["", "nobody", "nobody@", "a@b"])
def test_an_invitation_to_what_is_no_address_is_refused(place, two, email):
    with pytest.raises(Refused) as refusal:
        actions.invite_person(email=email, name="N", organisation=place, by=two[0])
    assert list(refusal.value.message_dict) == ["email"]


def test_somebody_who_is_here_is_not_invited_however_the_address_is_written(place, two):
    with pytest.raises(Refused, match="already here"):
        actions.invite_person(email=two[1].email.upper(), name="N", organisation=place, by=two[0])


def test_one_open_invitation_at_a_time(place, two):
    first, _ = actions.invite_person(
        email="new@example.org", name="N", organisation=place, by=two[0]
    )
    with pytest.raises(Refused, match="open already: withdraw it first"):
        actions.invite_person(email="NEW@example.org", name="N", organisation=place, by=two[1])

    actions.withdraw_invitation(invitation=first, by=two[1])

    actions.invite_person(email="new@example.org", name="N", organisation=place, by=two[1])


def test_only_administrators_of_the_organisation_invite(place):
    stranger, _ = administrators_of(make_organisation())
    for person in (stranger, make_person(Role.OFFICER, organisation=place)):
        with pytest.raises(NotAllowed, match="Only an administrator"):
            actions.invite_person(email="new@example.org", name="N", organisation=place, by=person)


def opened(place, by):
    return actions.invite_person(email="new@example.org", name="New", organisation=place, by=by)


def used(invitation, secret, by):
    actions.accept_invitation(secret=secret, password=GOOD)


def expired(invitation, secret, by):
    Invitation.objects.filter(pk=invitation.pk).update(
        expires_at=database_now() - timedelta(seconds=1)
    )


def withdrawn(invitation, secret, by):
    actions.withdraw_invitation(invitation=invitation, by=by)


@pytest.mark.parametrize("spoil", [used, expired, withdrawn])
def test_a_spoilt_invitation_answers_like_one_that_never_was(place, two, spoil):
    invitation, secret = opened(place, two[0])
    spoil(invitation, secret, two[0])

    told = set()
    for code in (secret, "", "never-was", "\x00"):
        with pytest.raises(Refused) as refusal:
            actions.accept_invitation(secret=code, password=GOOD)
        told.add(refusal.value.sentence)

    assert len(told) == 1


def test_an_invitation_is_used_once(place, two):
    _, secret = opened(place, two[0])
    actions.accept_invitation(secret=secret, password=GOOD)

    with pytest.raises(Refused, match="not valid any more"):
        actions.accept_invitation(secret=secret, password="another-good-password")
    assert User.objects.filter(email="new@example.org").count() == 1


def test_two_open_invitations_of_two_organisations_make_one_account(place, two):
    other = make_organisation()
    _, secret = opened(place, two[0])
    _, another = opened(other, administrators_of(other)[0])
    actions.accept_invitation(secret=secret, password=GOOD)

    with pytest.raises(Refused, match="already here"):
        actions.accept_invitation(secret=another, password=GOOD)


@pytest.mark.parametrize(
    "password, sentence",
    [
        ("short", "at least 12 characters"),
        ("1qaz2wsx3edc", "too common"),
        ("135792468135792468", "entirely numeric"),
        ("new@example.org", "too similar"),
    ],
)
def test_a_weak_password_is_refused_with_a_sentence(place, two, password, sentence):
    _, secret = opened(place, two[0])

    with pytest.raises(Refused, match=sentence):
        actions.accept_invitation(secret=secret, password=password)
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_strange_administrator_withdraws_nothing(place, two):
    invitation, _ = opened(place, two[0])

    with pytest.raises(NotAllowed):
        actions.withdraw_invitation(
            invitation=invitation, by=administrators_of(make_organisation())[0]
        )


def test_a_used_invitation_is_not_withdrawn(place, two):
    invitation, secret = opened(place, two[0])
    actions.accept_invitation(secret=secret, password=GOOD)

    with pytest.raises(Refused, match="no longer open"):
        actions.withdraw_invitation(invitation=invitation, by=two[0])


def test_nobody_joins_if_the_journal_cannot_be_written(place, two, monkeypatch):
    _, secret = opened(place, two[0])
    break_journal(monkeypatch)

    with pytest.raises(RuntimeError), transaction.atomic():
        actions.accept_invitation(secret=secret, password=GOOD)
    assert not User.objects.filter(email="new@example.org").exists()


# --- Roles -----------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.DISCLOSURE, Role.RECIPIENT])
def test_a_light_role_is_in_force_at_once(place, two, role):
    person = make_person(organisation=place)

    membership = actions.grant_role(person=person, role=role, organisation=place, by=two[0])

    assert membership.status == MembershipStatus.ACTIVE
    assert policies.holds(person, role, organisation=place)
    assert ops(membership) == ["create"]


@pytest.mark.parametrize("role", [Role.APPROVER, Role.ADMINISTRATOR])
def test_a_role_of_weight_waits_for_a_second_administrator_who_is_told(place, two, role):
    person = make_person(organisation=place)

    membership = actions.grant_role(person=person, role=role, organisation=place, by=two[0])

    assert membership.status == MembershipStatus.PROPOSED
    assert not policies.holds(person, role, organisation=place)
    notice = two[1].notices.get()
    assert f"{person} as {role.label}" in notice.sentence and str(person.uid) in notice.path
    assert not two[0].notices.exists()

    actions.confirm_role(membership=membership, by=two[1])

    assert policies.holds(person, role, organisation=place)
    assert ops(membership) == ["propose", "confirm"]
    assert "confirmed" in two[0].notices.get().sentence


@pytest.fixture
def proposed(place, two):
    person = make_person(organisation=place)
    return actions.grant_role(person=person, role=Role.APPROVER, organisation=place, by=two[0])


def test_who_proposed_a_role_does_not_confirm_it(proposed, two):
    with pytest.raises(NotAllowed, match="somebody else confirms it"):
        actions.confirm_role(membership=proposed, by=two[0])


def test_a_strange_administrator_confirms_nothing(proposed):
    with pytest.raises(NotAllowed, match="Only an administrator"):
        actions.confirm_role(membership=proposed, by=administrators_of(make_organisation())[0])


def test_a_second_administrator_who_is_deactivated_confirms_nothing(place, proposed, two):
    stale = User.objects.get(pk=two[1].pk)
    actions.deactivate_person(person=two[1], by=two[0])

    assert stale.is_active  # as a request that began earlier still believes
    with pytest.raises(NotAllowed):
        actions.confirm_role(membership=proposed, by=stale)


def test_nobody_confirms_their_own_role(place, two):
    third = make_person(organisation=place)
    own = actions.grant_role(person=third, role=Role.ADMINISTRATOR, organisation=place, by=two[0])
    actions.confirm_role(membership=own, by=two[1])
    elsewhere = make_organisation()
    first, _ = administrators_of(elsewhere)
    give_role(third, Role.ADMINISTRATOR, organisation=elsewhere)
    again = Membership(
        person=third,
        role=Role.APPROVER,
        organisation=elsewhere,
        status=MembershipStatus.PROPOSED,
        granted_by=first,
    )
    again.save()

    with pytest.raises(NotAllowed, match="their own role"):
        actions.confirm_role(membership=again, by=third)


def test_the_role_of_somebody_deactivated_is_not_confirmed(place, proposed, two):
    actions.deactivate_person(person=proposed.person, by=two[0])

    with pytest.raises(Refused, match="can no longer sign in"):
        actions.confirm_role(membership=proposed, by=two[1])


@pytest.mark.parametrize(
    "decide, says",
    [
        (actions.confirm_role, "It is declined now"),
        (actions.decline_role, "It is declined already: nothing is left to do"),
    ],
)
def test_what_was_decided_is_not_decided_again(proposed, two, decide, says):
    actions.decline_role(membership=proposed, by=two[1])

    with pytest.raises(Refused, match=says):
        decide(membership=proposed, by=two[1])


def test_who_proposed_a_role_may_take_it_back(proposed, two):
    membership = actions.decline_role(membership=proposed, by=two[0])

    assert membership.status == MembershipStatus.DECLINED
    assert not two[0].notices.exists()


def test_a_declined_role_can_be_proposed_anew(proposed, two):
    actions.decline_role(membership=proposed, by=two[1])

    again = actions.grant_role(
        person=proposed.person, role=Role.APPROVER, organisation=proposed.organisation, by=two[1]
    )

    assert again.pk != proposed.pk


def test_a_proposal_is_not_ended_but_declined(proposed, two):
    with pytest.raises(Refused, match="It is proposed now"):
        actions.end_role(membership=proposed, by=two[1])


@pytest.mark.parametrize(
    "held, wanted",
    [(Role.ADMINISTRATOR, Role.APPROVER), (Role.APPROVER, Role.ADMINISTRATOR)],
)
def test_an_administrator_holds_no_approver_role_in_any_organisation(place, two, held, wanted):
    elsewhere = make_organisation()
    person = make_person(held, organisation=elsewhere)

    with pytest.raises(Refused, match="holds no approver's role"):
        actions.grant_role(person=person, role=wanted, organisation=place, by=two[0])


@pytest.mark.parametrize(
    "first, second",
    [(Role.ADMINISTRATOR, Role.APPROVER), (Role.APPROVER, Role.ADMINISTRATOR)],
)
def test_the_two_are_not_even_proposed_together(place, two, first, second):
    person = make_person(organisation=place)
    actions.grant_role(person=person, role=first, organisation=place, by=two[0])

    with pytest.raises(Refused, match="or proposed as one"):
        actions.grant_role(person=person, role=second, organisation=place, by=two[0])


def test_an_administrator_cannot_hold_an_approver_role_even_if_the_policy_is_not_asked(
    place, two, monkeypatch
):
    person = make_person(Role.ADMINISTRATOR, organisation=place)
    monkeypatch.setattr(policies, "check_admin_and_approver_stay_apart", lambda *a: None)
    proposed = actions.grant_role(person=person, role=Role.APPROVER, organisation=place, by=two[0])

    with pytest.raises(Refused, match="An administrator holds no approver's role"):
        actions.confirm_role(membership=proposed, by=two[1])


def test_nobody_grants_a_role_to_themselves(place, two):
    with pytest.raises(Refused, match="to themselves"):
        actions.grant_role(person=two[0], role=Role.OFFICER, organisation=place, by=two[0])


def test_one_administrator_alone_does_not_make_a_second(place, two):
    actions.deactivate_person(person=two[1], by=two[0])
    puppet = make_person_of(place, two[0])

    proposed = actions.grant_role(
        person=puppet, role=Role.ADMINISTRATOR, organisation=place, by=two[0]
    )

    assert not policies.holds(puppet, Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        actions.confirm_role(membership=proposed, by=two[0])
    with pytest.raises(NotAllowed):
        actions.confirm_role(membership=proposed, by=puppet)


def make_person_of(place, by):
    _, secret = actions.invite_person(
        email="puppet@example.org", name="Puppet", organisation=place, by=by
    )
    return actions.accept_invitation(secret=secret, password=PASSWORD)


def test_a_strange_administrator_grants_nothing(place):
    person = make_person(organisation=place)
    stranger, _ = administrators_of(make_organisation())
    program = make_program(owner=place)

    for where in ({"organisation": place}, {"program": program}):
        with pytest.raises(NotAllowed):
            actions.grant_role(person=person, role=Role.OFFICER, by=stranger, **where)


def test_a_role_needs_a_place_and_only_one(place, two):
    person, program = make_person(organisation=place), make_program(owner=place)

    for where in ({}, {"organisation": place, "program": program}):
        with pytest.raises(Refused, match="over an organisation or over a program"):
            actions.grant_role(person=person, role=Role.OFFICER, by=two[0], **where)


def test_a_role_that_does_not_exist_is_refused(place, two):
    with pytest.raises(Refused, match="There is no role"):
        actions.grant_role(
            person=make_person(organisation=place), role="owner", organisation=place, by=two[0]
        )


def test_no_administrator_of_a_single_program(place, two):
    with pytest.raises(Refused, match="for an organisation, not for a program"):
        actions.grant_role(
            person=make_person(organisation=place),
            role=Role.ADMINISTRATOR,
            program=make_program(owner=place),
            by=two[0],
        )


def test_a_role_is_not_granted_twice(place, two):
    person = make_person(Role.OFFICER, organisation=place)

    with pytest.raises(Refused, match="holds this role already"):
        actions.grant_role(person=person, role=Role.OFFICER, organisation=place, by=two[0])


def test_two_grants_at_the_same_moment_are_refused_by_the_database(place, two, monkeypatch):
    person = make_person(Role.OFFICER, organisation=place)
    monkeypatch.setattr(Membership, "full_clean", lambda *a, **k: None)

    with pytest.raises(Refused, match="holds this role already"):
        actions.grant_role(person=person, role=Role.OFFICER, organisation=place, by=two[0])


def test_nobody_deactivated_gets_a_role(place, two):
    person = make_person(organisation=place)
    actions.deactivate_person(person=person, by=two[0])

    with pytest.raises(Refused, match="reactivate the account first"):
        actions.grant_role(person=person, role=Role.OFFICER, organisation=place, by=two[0])


def test_an_ended_role_is_held_no_longer_and_stays_as_history(place, two):
    person = make_person(Role.OFFICER, organisation=place)
    membership = person.memberships.get()

    actions.end_role(membership=membership, by=two[0])

    assert not policies.holds(person, Role.OFFICER)
    assert person.memberships.get().status == MembershipStatus.ENDED
    assert ops(membership) == ["create", "end"]


def test_no_administrator_ends_their_own_role(place, two):
    with pytest.raises(NotAllowed, match="ask the other administrator"):
        actions.end_role(membership=two[0].memberships.get(), by=two[0])


def test_who_was_ended_a_moment_ago_does_not_end_the_other(place, two):
    mine, theirs = two[0].memberships.get(), two[1].memberships.get()
    actions.end_role(membership=theirs, by=two[0])

    with pytest.raises(NotAllowed):
        actions.end_role(membership=mine, by=two[1])


def test_no_role_changes_if_the_journal_cannot_be_written(place, two, monkeypatch):
    person = make_person(Role.OFFICER, organisation=place)
    break_journal(monkeypatch)

    with pytest.raises(RuntimeError), transaction.atomic():
        actions.end_role(membership=person.memberships.get(), by=two[0])
    assert policies.holds(person, Role.OFFICER, organisation=place)


def test_a_role_over_a_program_reaches_that_program_only(place):
    program, other = make_program(owner=place), make_program(owner=place)
    person = make_person(Role.OFFICER, program=program)

    assert policies.holds(person, Role.OFFICER, program=program)
    assert not policies.holds(person, Role.OFFICER, program=other)
    assert not policies.holds(person, Role.OFFICER, organisation=place)


def test_a_role_over_an_organisation_reaches_its_programs(place):
    program = make_program(owner=place)
    person = make_person(Role.OFFICER, organisation=place)

    assert policies.holds(person, Role.OFFICER, program=program)
    assert not policies.holds(person, Role.OFFICER, program=make_program())


# --- Accounts --------------------------------------------------------------


def test_somebody_deactivated_holds_nothing_and_gets_it_back(place, two):
    person = make_person(Role.OFFICER, organisation=place)

    actions.deactivate_person(person=person, by=two[0])
    assert not policies.holds(person, Role.OFFICER)

    actions.reactivate_person(person=person, by=two[0])
    assert policies.holds(User.objects.get(pk=person.pk), Role.OFFICER)
    assert ops(person) == ["create", "deactivate", "reactivate"]


def test_nobody_switches_off_their_own_account(two):
    with pytest.raises(NotAllowed, match="their own account"):
        actions.deactivate_person(person=two[0], by=two[0])


def test_a_guest_is_switched_off_by_their_own_organisation_only(place, two):
    guest = make_person(organisation=make_organisation())
    give_role(guest, Role.AUDITOR, organisation=place)

    with pytest.raises(NotAllowed):
        actions.deactivate_person(person=guest, by=two[0])


@pytest.mark.parametrize(
    "act, sentence",
    [
        (actions.reactivate_person, "can sign in already"),
        (actions.deactivate_person, "cannot sign in already"),
    ],
)
def test_what_is_so_already_is_refused(place, two, act, sentence):
    person = make_person(organisation=place)
    if act is actions.deactivate_person:
        act(person=person, by=two[0])

    with pytest.raises(Refused, match=sentence):
        act(person=person, by=two[0])


def test_a_new_password_is_in_the_journal_without_the_password(place):
    person = make_person(organisation=place)

    actions.change_password(person=person, password=GOOD)

    event = history_of(person)[0]
    assert event.op == "password" and GOOD not in str(event.values)
    assert User.objects.get(pk=person.pk).check_password(GOOD)


def test_a_changed_password_does_not_bring_back_a_deactivated_account(place, two):
    person = make_person(organisation=place)
    stale = User.objects.get(pk=person.pk)
    actions.deactivate_person(person=person, by=two[0])

    with pytest.raises(Refused, match="deactivated"):
        actions.change_password(person=stale, password=GOOD)
    assert not User.objects.get(pk=person.pk).is_active


# --- Notices ---------------------------------------------------------------


def test_a_notice_is_on_the_desk_and_in_a_letter_with_the_whole_address(
    place, settings, django_capture_on_commit_callbacks
):
    settings.SITE_URL = "https://countersign.example"
    person = make_person(organisation=place)

    with django_capture_on_commit_callbacks(execute=True):
        actions.notify(person=person, sentence="Look\nat this.", path="/desk/people/")

    (letter,) = mail.outbox
    assert letter.subject == "Countersign: Look at this."
    assert "https://countersign.example/desk/people/" in letter.body
    assert person.notices.get().sentence == "Look at this."


def test_a_sentence_that_is_too_long_is_cut_and_not_an_error(place):
    notice = actions.notify(
        person=make_person(organisation=place), sentence="long " * 100, path="/"
    )

    assert len(notice.sentence) == 300 and notice.sentence.endswith("…")


def test_a_notice_is_read_by_its_person_only(place):
    person, other = make_person(organisation=place), make_person(organisation=place)
    notice = actions.notify(person=person, sentence="Look.", path="/")

    with pytest.raises(NotAllowed):
        actions.read_notice(notice=notice, by=other)
    assert actions.read_notices(by=other) == 0

    first = actions.read_notice(notice=notice, by=person).read_at
    assert first is not None
    assert actions.read_notice(notice=notice, by=person).read_at == first
    assert actions.read_notices(by=person) == 0
