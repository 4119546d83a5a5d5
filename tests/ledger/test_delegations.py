"""Approving that is handed over: from day to day, confirmed by a third person, and never both of the two."""

from copy import deepcopy
from datetime import timedelta

import pytest

from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import administrators_of, give_role, make_organisation, make_person
from tests.factories.programs import make_program
from tests.ledger.test_database import approve_only, entry_for
from tests.refusals import forbidden, refused_at
from tests.worlds import staffed_program
from tracker.accounts import actions as accounts
from tracker.accounts.models import Notice, Role
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import Delegation, DelegationEnd, SigningDecision, Voucher
from tracker.shared.errors import NotAllowed, Refused


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def office(program):
    return program.owner


@pytest.fixture
def approver(office):
    return sign.make_approver(office, name="Approver")


@pytest.fixture
def colleague(office):
    """An officer of the same organisation who had no hand in the vouchers of these tests."""
    make.person_of(office, Role.OFFICER)
    return make_person(Role.OFFICER, organisation=office, name="Colleague")


def submitted(program, amount="1000.00"):
    return make.submit(make.make_voucher(program, amount=make.money(amount)))


def approve(version, by):
    approval = actions.approve_voucher(version=version, by=by)
    version.voucher.refresh_from_db()
    return approval


# --- Signing under it ------------------------------------------------------


def test_who_stands_in_signs_on_behalf_and_the_row_names_the_delegation(
    program, office, approver, colleague
):
    delegation = sign.delegate(approver, colleague, office)
    version = submitted(program)
    assert version.voucher in queries.waiting_for(colleague)
    assert colleague in queries.approvers_of(version.voucher)

    approval = approve(version, colleague)

    assert (approval.approver, approval.delegation) == (colleague, delegation)
    assert approval.signed_as == Role.APPROVER
    assert version.voucher.status == "posted"


def test_a_senior_approvers_stand_in_signs_as_senior(program, office, colleague):
    sign.set_table(office)
    sign.delegate(sign.make_senior(office), colleague, office)
    version = submitted(program)

    approve(version, colleague)
    approve(version, sign.make_approver(office))

    assert version.voucher.status == "posted"
    assert version.approvals.first().is_senior


def test_an_approver_who_stands_in_for_a_senior_one_signs_as_senior_where_that_is_needed(
    program, office, approver
):
    sign.set_table(office)
    sign.delegate(sign.make_senior(office), approver, office)
    small, large = submitted(program, "300.00"), submitted(program, "1000.00")

    assert approve(small, approver).delegation is None
    assert approve(large, approver).is_senior


def test_before_it_is_confirmed_it_is_nothing(program, office, approver, colleague):
    sign.propose_delegation(approver, colleague, office)
    version = submitted(program)

    assert not queries.waiting_for(colleague).exists()
    with pytest.raises(NotAllowed, match="Only an approver"):
        approve(version, colleague)


def test_a_delegation_that_ended_yesterday_is_refused_with_its_day_and_a_remedy(
    program, office, approver, colleague, monkeypatch
):
    delegation = sign.delegate(approver, colleague, office, valid_until=office.today())
    version = submitted(program)
    sign.days_later(monkeypatch, 1)
    last = f"{delegation.valid_until.day} {delegation.valid_until:%b %Y}"

    with pytest.raises(NotAllowed, match=f"until {last}: that delegation has ended.*confirmed"):
        approve(version, colleague)

    assert not queries.waiting_for(colleague).exists()
    with forbidden("approval_under_its_delegation"):
        approve_only(version, by=colleague, delegation=delegation)


def test_its_first_and_last_day_belong_to_it(program, office, approver, colleague, monkeypatch):
    today = office.today()
    days = {"valid_from": today + timedelta(days=1), "valid_until": today + timedelta(days=2)}
    sign.delegate(approver, colleague, office, **days)
    versions = [submitted(program) for _ in "123"]
    with pytest.raises(NotAllowed):
        approve(versions[0], colleague)
    sign.days_later(monkeypatch, 1)
    approve(versions[1], colleague)
    sign.days_later(monkeypatch, 1)
    approve(versions[2], colleague)
    assert {v.voucher.status for v in versions[1:]} == {"posted"}


def test_one_that_was_ended_counts_no_more_the_same_day(program, office, approver, colleague):
    delegation = sign.delegate(approver, colleague, office)
    version = submitted(program)

    actions.end_delegation(delegation=delegation, by=approver)

    with pytest.raises(NotAllowed, match="that delegation has ended"):
        approve(version, colleague)
    with forbidden("approval_under_its_delegation"):
        approve_only(version, by=colleague, delegation=delegation)
    assert Notice.objects.filter(person=colleague, sentence__contains="was ended by").exists()


def test_a_stand_in_has_no_more_than_whom_they_stand_in_for(program, office, approver, colleague):
    delegation = sign.delegate(approver, colleague, office)
    held = approver.memberships.get(role=Role.APPROVER)
    accounts.end_role(membership=held, by=administrators_of(office)[0])
    version = submitted(program)

    with pytest.raises(NotAllowed):
        approve(version, colleague)
    with forbidden("approval_signed_as_held"):
        approve_only(version, by=colleague, delegation=delegation)


def test_it_counts_for_its_organisation_only(office, approver, colleague):
    sign.delegate(approver, colleague, office)
    elsewhere = make_program()
    give_role(approver, Role.APPROVER, organisation=elsewhere.owner)
    with pytest.raises(NotAllowed):
        approve(submitted(elsewhere), colleague)


# --- Never both ------------------------------------------------------------


@pytest.fixture
def two(program, office, approver, colleague):
    """A delegation, and a version that needs two signatures."""
    sign.set_table(office)
    return sign.delegate(approver, colleague, office), submitted(program, "300.00")


def test_the_approver_does_not_sign_what_their_stand_in_has_signed(two, approver, colleague):
    delegation, version = two
    approve(version, colleague)

    with pytest.raises(NotAllowed, match="on your behalf"):
        approve(version, approver)
    with forbidden("approval_never_for_and_by"):
        approve_only(version, by=approver, level="two")
    assert approver not in queries.signers_missing(version)

    actions.end_delegation(delegation=delegation, by=approver)
    with pytest.raises(NotAllowed, match="on your behalf"):
        approve(version, approver)
    with forbidden("approval_never_for_and_by"):
        approve_only(version, by=approver, level="two")


def test_the_stand_in_does_not_sign_what_the_approver_has_signed(two, approver, colleague):
    delegation, version = two
    approve(version, approver)

    with pytest.raises(NotAllowed, match="You stand in for Approver"):
        approve(version, colleague)
    with forbidden("approval_never_for_and_by"):
        approve_only(version, by=colleague, level="two", delegation=delegation)


def test_two_approvers_do_not_both_sign_while_one_stands_in_for_the_other(
    program, office, approver
):
    sign.set_table(office)
    other = sign.make_approver(office)
    sign.delegate(approver, other, office)
    version = submitted(program, "300.00")
    approve(version, other)

    with pytest.raises(NotAllowed, match="You handed your approving to"):
        approve(version, approver)
    with forbidden("approval_never_for_and_by"):
        approve_only(version, by=approver, level="two")


def test_a_stand_in_who_had_a_hand_in_it_signs_nothing(office, approver, colleague, program):
    delegation = sign.delegate(approver, colleague, office)
    version = make.submit(make.make_voucher(program, by=colleague))

    with pytest.raises(NotAllowed, match="had a hand"):
        approve(version, colleague)
    with forbidden("approval_never_by_an_editor"):
        approve_only(version, by=colleague, delegation=delegation)


def test_nobody_signs_on_behalf_of_who_had_a_hand_in_it(program, office, approver, colleague):
    delegation = sign.delegate(approver, colleague, office)
    give_role(approver, Role.OFFICER, organisation=office)
    version = make.submit(make.make_voucher(program, by=approver))

    with pytest.raises(NotAllowed, match="on behalf of others only"):
        approve(version, colleague)
    with forbidden("approval_never_for_and_by"):
        approve_only(version, by=colleague, delegation=delegation)


# --- Proposing, confirming, ending -----------------------------------------


def test_neither_of_the_two_confirms_it_and_the_database_knows_it(
    office, approver, colleague, monkeypatch
):
    give_role(colleague, Role.APPROVER, organisation=office)
    delegation = sign.propose_delegation(approver, colleague, office)
    for person in (approver, colleague):
        with pytest.raises(NotAllowed, match="a third person"):
            actions.decide_delegation(delegation=delegation, confirm=True, by=person)

    monkeypatch.setattr(policies, "check_can_decide_delegation", lambda *a: None)
    for person in (approver, colleague):
        with pytest.raises(Refused, match="another person decides"):
            actions.decide_delegation(delegation=delegation, confirm=True, by=person)
    assert not SigningDecision.objects.exists()


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SENIOR_APPROVER])
def test_another_approver_confirms_it_once(office, approver, colleague, role):
    third = make_person(role, organisation=office)
    delegation = sign.propose_delegation(approver, colleague, office)
    assert list(queries.delegations_waiting_for(third, office.today())) == [delegation]

    actions.decide_delegation(delegation=delegation, confirm=True, by=third)

    delegation = Delegation.objects.get()
    assert delegation.status == "confirmed"
    with pytest.raises(Refused, match="confirmed already"):
        actions.decide_delegation(delegation=delegation, confirm=True, by=third)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISCLOSURE])
def test_nobody_else_confirms_it(office, approver, colleague, role):
    delegation = sign.propose_delegation(approver, colleague, office)
    for person in (make_person(role, organisation=office), make_person(Role.APPROVER)):
        with pytest.raises(NotAllowed, match="may confirm or decline delegations"):
            actions.decide_delegation(delegation=delegation, confirm=True, by=person)


def test_one_whose_last_day_is_over_is_not_confirmed(office, approver, colleague, monkeypatch):
    delegation = sign.propose_delegation(approver, colleague, office, valid_until=office.today())
    sign.days_later(monkeypatch, 1)
    with pytest.raises(Refused, match="Its last day was"):
        actions.decide_delegation(
            delegation=delegation, confirm=True, by=administrators_of(office)[0]
        )


def test_a_declined_one_keeps_its_reason(office, approver, colleague):
    delegation = sign.propose_delegation(approver, colleague, office)
    by = administrators_of(office)[0]
    with refused_at("reason"):
        actions.decide_delegation(delegation=delegation, confirm=False, by=by)

    actions.decide_delegation(delegation=delegation, confirm=False, reason="Too long.", by=by)

    assert Delegation.objects.get().status == "declined"
    with pytest.raises(Refused, match="It is declined now"):
        actions.end_delegation(delegation=delegation, by=approver)


def test_only_an_approver_hands_over_and_only_what_is_their_own(office, approver, colleague):
    sign.delegate(approver, colleague, office)
    another = make_person(Role.OFFICER, organisation=office)
    with pytest.raises(NotAllowed, match="may hand their approving over"):
        sign.propose_delegation(colleague, another, office)


def test_only_somebody_who_sees_vouchers_and_neither_audits_nor_administrates_stands_in(
    office, approver
):
    audit = make_person(Role.AUDITOR, organisation=office, employer=make_organisation())
    give_role(audit, Role.OFFICER, organisation=office)
    strangers = [
        make_person(employer=office),
        make_person(Role.OFFICER),
        administrators_of(office)[0],
        audit,
        approver,
    ]
    for person in strangers:
        with refused_at("delegate"):
            sign.propose_delegation(approver, person, office)
    assert not Delegation.objects.exists()


def test_days_that_lie_behind_or_end_before_they_begin_are_refused(office, approver, colleague):
    today = office.today()
    with refused_at("valid_from"):
        sign.propose_delegation(approver, colleague, office, valid_from=today - timedelta(days=1))
    with refused_at("valid_until"):
        sign.propose_delegation(approver, colleague, office, valid_until=today - timedelta(days=1))


def test_approving_is_handed_to_one_person_at_a_time(office, approver, colleague):
    first = sign.delegate(approver, colleague, office)
    other = make_person(Role.OFFICER, organisation=office)
    with refused_at("valid_from", "is handed to Colleague already"):
        sign.propose_delegation(approver, other, office)

    actions.end_delegation(delegation=first, by=administrators_of(office)[0])

    sign.propose_delegation(approver, other, office)


def test_only_the_two_or_an_administrator_end_it_once(office, approver, colleague):
    delegation = sign.delegate(approver, colleague, office)
    with pytest.raises(NotAllowed, match="Only the two persons"):
        actions.end_delegation(delegation=delegation, by=sign.make_approver(office))

    actions.end_delegation(delegation=delegation, by=colleague)

    with pytest.raises(Refused, match="ended already"):
        actions.end_delegation(delegation=delegation, by=approver)
    again = DelegationEnd(delegation=delegation, ended_on=office.today(), ended_by=approver)
    again.entry_id = entry_for(again)
    with forbidden("append_only|unique"):
        again.save()


def test_one_that_is_over_is_not_ended_again(office, approver, colleague, monkeypatch):
    delegation = sign.delegate(approver, colleague, office)
    sign.days_later(monkeypatch, 30)
    with pytest.raises(Refused, match="by itself"):
        actions.end_delegation(delegation=delegation, by=approver)


@pytest.mark.parametrize(
    "says, rule",
    [
        ({"delegate": "approver"}, "delegation_to_somebody_else"),
        ({"valid_until": -1}, "delegation_days_fit"),
    ],
)
def test_the_database_keeps_days_and_persons_in_order(office, approver, colleague, says, rule):
    today = office.today()
    says = {k: approver if v == "approver" else today + timedelta(days=v) for k, v in says.items()}
    right = {"delegator": approver, "delegate": colleague, "organisation": office}
    row = Delegation(**right | {"valid_from": today, "valid_until": today} | says)
    row.entry_id = entry_for(row)
    with forbidden(rule):
        row.save()


def test_who_stands_in_returns_vouchers_as_well(program, office, approver, colleague):
    sign.delegate(approver, colleague, office)
    version = submitted(program)
    actions.return_voucher(version=version, reason="Unclear.", by=colleague)
    assert Voucher.objects.get(pk=version.voucher_id).status == "returned"
