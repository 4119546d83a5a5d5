"""The delegation of authority: how many signatures an amount needs, by whom, and on which day."""

from copy import deepcopy
from datetime import timedelta

import pytest

from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import administrators_of, give_role, make_person
from tests.factories.programs import make_program
from tests.ledger.test_database import approve_only, copy_of
from tests.refusals import forbidden, refused_at
from tracker.accounts import actions as accounts
from tracker.accounts.models import Membership, Notice, Role
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    Approval,
    Return,
    SigningDecision,
    SigningLimit,
    Transaction,
)
from tracker.shared.errors import NotAllowed, Refused

ONE, TWO, WITH_SENIOR = sign.ONE, sign.TWO, sign.WITH_SENIOR


def build():
    return make_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def office(program):
    """The owner, with a table: one up to 100.00, two up to 500.00, with a senior up to 9000.00 USD."""
    sign.set_table(program.owner)
    return program.owner


def submitted(program, amount="1000.00", **says):
    return make.submit(make.make_voucher(program, amount=make.money(amount), **says))


def approve(version, by):
    approval = actions.approve_voucher(version=version, by=by)
    version.voucher.refresh_from_db()
    return approval


def level_of(version) -> str:
    return policies.check_signatures_asked(version).level


# --- How many --------------------------------------------------------------


def test_without_a_table_one_approver_suffices_and_the_reason_says_so(program):
    version = submitted(program, "999999999.00")

    asked = policies.check_signatures_asked(version)

    assert (asked.level, asked.signatures) == (ONE, 1)
    assert "No delegation of authority" in asked.why
    make.approve(version)


@pytest.mark.parametrize(
    "amount, level",
    [("100.00", ONE), ("100.01", TWO), ("500.00", TWO), ("500.01", WITH_SENIOR)],
)
def test_the_limit_belongs_to_its_level_and_a_cent_more_to_the_next(program, office, amount, level):
    assert level_of(submitted(program, amount)) == level


def test_above_the_last_limit_nobody_may_approve(program, office):
    version = submitted(program, "9000.01")

    with pytest.raises(
        Refused, match=r"9,000\.01 USD is more than anybody of .* \(at most 9,000\.00 USD\)"
    ):
        actions.approve_voucher(version=version, by=sign.make_senior(office))


def test_a_level_without_an_upper_limit_bears_everything(program):
    sign.set_limit(program.owner, ONE, None)
    assert level_of(submitted(program, "99999999.00")) == ONE


def test_where_no_level_for_one_is_recorded_two_are_needed(program):
    sign.set_limit(program.owner, TWO, "500.00")
    version = submitted(program, "1.00")
    assert level_of(version) == TWO
    assert "No limit for one approver" in policies.check_signatures_asked(version).why


def test_a_currency_without_a_limit_needs_two_and_a_senior(program, office):
    asked = policies.check_signatures_asked(submitted(program, make.money("1.00", "EUR")))
    assert asked.level == WITH_SENIOR
    assert "no limit in EUR" in asked.why


def test_a_limit_for_one_kind_comes_before_the_limit_for_every_kind(program, office):
    sign.set_limit(office, ONE, "400.00", kind="disbursement")
    commitment = make.make_commitment(program, "90.00")

    payment = submitted(program, "50.00", kind="disbursement", draws_on=commitment)

    assert level_of(payment) == ONE
    table = policies.Table.of(office)
    assert table.asks("disbursement", [make.money("400.00")]).level == ONE
    assert table.asks("commitment", [make.money("400.00")]).level == TWO


def test_the_newest_confirmed_limit_counts(program, office):
    older = sign.propose_limit(office, ONE, "300.00")
    newer = sign.propose_limit(office, ONE, "200.00")
    sign.confirm_limit(newer)
    assert level_of(submitted(program, "250.00")) == TWO

    sign.confirm_limit(older)

    assert level_of(submitted(program, "250.00")) == ONE


def test_a_limit_counts_on_its_days_only(program, office, monkeypatch):
    today = office.today()
    days = {"valid_from": today + timedelta(days=1), "valid_until": today + timedelta(days=2)}
    sign.set_limit(office, ONE, "300.00", **days)
    version = submitted(program, "250.00")
    assert level_of(version) == TWO

    sign.days_later(monkeypatch, 2)
    assert level_of(version) == ONE

    sign.days_later(monkeypatch, 1)
    assert level_of(version) == TWO


def test_a_limit_that_ended_yesterday_names_the_day_and_asks_for_more(program, monkeypatch):
    office = program.owner
    sign.set_limit(office, ONE, "300.00", valid_until=office.today())
    sign.set_limit(office, TWO, "500.00")
    version = submitted(program, "250.00")
    sign.days_later(monkeypatch, 1)

    asked = policies.check_signatures_asked(version)

    assert asked.level == TWO
    assert "The limit for one approver ended on" in asked.why


def test_a_whole_table_that_ended_yesterday_lets_nobody_approve(program, monkeypatch):
    office = program.owner
    sign.set_limit(office, ONE, "300.00", valid_until=office.today())
    version = submitted(program, "250.00")
    sign.days_later(monkeypatch, 1)

    with pytest.raises(Refused, match=r"ended on .*: nobody may approve until two administrators"):
        make.approve(version)
    monkeypatch.setattr(policies.signing, "check_signatures_asked", _one)
    with pytest.raises(Refused, match="asks for other signatures"):
        make.approve(version)


def _one(version, day):
    return policies.Asked(ONE, "nobody asked the table")


def test_a_reversal_is_judged_by_its_absolute_amount(program):
    commitment = make.make_commitment(program, "1000.00")
    sign.set_table(program.owner)
    by = make.officer_of(program)
    reversal = actions.draft_reversal(
        transaction=commitment, reason="Twice.", value_date=make.A_DAY, by=by
    )

    assert level_of(make.submit(reversal)) == WITH_SENIOR


def test_what_is_unvalued_needs_two_and_a_senior_once_there_is_a_table(program, office):
    says = {"form": "goods", "quantity": 4, "unit": "vehicles", "valuation_basis": "unvalued"}
    voucher = make.make_voucher(program, amount=None, **says)
    version = make.submit(voucher)

    assert level_of(version) == WITH_SENIOR
    assert "No value is stated" in policies.check_signatures_asked(version).why
    with forbidden("approval_asks_what_the_table_says"):
        approve_only(version, level=TWO)


def test_the_database_reads_the_table_itself(program, office):
    version = submitted(program, "500.01")
    for level in (ONE, TWO):
        with forbidden("approval_asks_what_the_table_says"):
            approve_only(version, level=level)
    with forbidden("approval_asks_what_the_table_says"):
        approve_only(submitted(program, "9000.01"), level=WITH_SENIOR)
    with forbidden("approval_asks_what_the_table_says"):
        approve_only(submitted(program, make.money("1.00", "EUR")), level=TWO)
    approve_only(version, level=WITH_SENIOR)


def test_without_the_actions_own_check_the_database_still_asks_the_table(
    program, office, monkeypatch
):
    version = submitted(program, "100.01")
    monkeypatch.setattr(policies.signing, "check_signatures_asked", _one)

    with pytest.raises(Refused, match="asks for other signatures"):
        make.approve(version)

    assert not Approval.objects.exists()
    assert not Transaction.objects.exists()


# --- Two signatures --------------------------------------------------------


def test_one_of_two_signatures_posts_nothing_and_the_second_posts(program, office):
    first, second = sign.make_approver(office), sign.make_approver(office)
    version = submitted(program, "300.00")

    approve(version, first)

    assert version.voucher.status == "submitted"
    assert not Transaction.objects.exists()
    found = queries.signatures_of(version.voucher, version)
    assert (found.said, found.complete, found.names) == ("1 of 2 signatures", False, second.name)

    approve(version, second)

    assert version.voucher.status == "posted"
    assert Transaction.objects.get().version == version
    assert queries.signatures_of(version.voucher, version).complete
    assert [a.level for a in version.approvals.order_by("pk")] == [TWO, TWO]


def test_the_others_are_told_that_it_waits_for_them_and_the_makers_how_far_it_is(program, office):
    first, second = sign.make_approver(office), sign.make_approver(office)
    version = submitted(program, "300.00")
    Notice.objects.all().delete()

    approve(version, first)

    told = dict(Notice.objects.values_list("person__name", "sentence"))
    assert "waits for your signature" in told[second.name]
    assert "1 of 2 signatures" in told[version.voucher.created_by.name]
    assert first.name not in told


def test_nobody_signs_twice(program, office):
    first = sign.make_approver(office)
    version = submitted(program, "300.00")
    approve(version, first)

    with pytest.raises(Refused, match="You have signed version 1"):
        approve(version, first)
    with forbidden("approval_once_per_person|append_only"):
        approve_only(version, by=first, level=TWO)


def test_an_editor_never_gives_the_second_signature(program, office):
    maker = make.officer_of(program)
    give_role(maker, Role.APPROVER, organisation=office)
    version = submitted(program, "300.00")
    approve(version, sign.make_approver(office))

    with pytest.raises(NotAllowed, match="had a hand"):
        approve(version, maker)


def test_nothing_is_posted_with_one_of_two_signatures_past_the_actions(program, office):
    version = submitted(program, "300.00")
    approve_only(version, level=TWO)

    with forbidden("transaction_needs_every_signature"):
        copy_of(version).save()
    with pytest.raises(Refused, match="waits for another signature"):
        actions.post_version(version=version, by=make.approver_of(program))


def test_two_ordinary_signatures_do_not_replace_a_senior_one(program, office):
    first, second = sign.make_approver(office), sign.make_approver(office)
    senior = sign.make_senior(office)
    version = submitted(program, "1000.00")
    approve(version, first)

    with pytest.raises(NotAllowed, match="signature of a senior approver"):
        approve(version, second)
    assert list(queries.signers_missing(version)) == [senior]
    assert version.voucher not in queries.waiting_for(second)
    assert version.voucher in queries.waiting_for(senior)

    approve(version, senior)

    assert version.voucher.status == "posted"
    assert version.approvals.get(approver=senior).signed_as == Role.SENIOR_APPROVER


def test_two_ordinary_signatures_past_the_actions_post_nothing_that_needs_a_senior(program, office):
    version = submitted(program, "1000.00")
    for _ in "12":
        approve_only(version, by=sign.make_approver(office), level=WITH_SENIOR)

    with forbidden("transaction_needs_every_signature"):
        copy_of(version).save()


def test_a_senior_signature_may_come_first(program, office):
    version = submitted(program, "1000.00")
    approve(version, sign.make_senior(office))
    approve(version, sign.make_approver(office))
    assert version.voucher.status == "posted"


def test_a_senior_approver_suffices_where_one_does(program, office):
    version = submitted(program, "100.00")
    approve(version, sign.make_senior(office))
    assert version.voucher.status == "posted"


def test_a_role_that_nobody_holds_is_no_signature_past_the_actions(program, office):
    version = submitted(program, "1000.00")
    with forbidden("approval_signed_as_held"):
        approve_only(version, level=WITH_SENIOR, signed_as=Role.SENIOR_APPROVER)
    with forbidden("approval_signed_as_held"):
        approve_only(version, by=make_person(Role.APPROVER), level=WITH_SENIOR)


def test_no_signature_is_added_to_a_version_that_has_all(program):
    version = make.make_commitment(program).version
    with forbidden("approval_not_once_signed"):
        approve_only(version, by=sign.make_approver(program.owner))


def test_a_signature_names_its_day(program):
    version = submitted(program)
    with forbidden("approval_states_its_day"):
        approve_only(version, signed_on=None)


def test_a_table_that_became_stricter_asks_the_second_signer_for_more(program):
    office = program.owner
    sign.set_limit(office, ONE, "100.00")
    sign.set_limit(office, TWO, "2000.00")
    version = submitted(program, "1000.00")
    approve(version, sign.make_approver(office))
    sign.set_limit(office, TWO, "500.00")

    with pytest.raises(NotAllowed, match="senior approver"):
        approve(version, sign.make_approver(office))

    approve(version, sign.make_senior(office))
    assert version.voucher.status == "posted"


def test_a_table_that_became_milder_lets_the_next_signature_post(program, office):
    version = submitted(program, "300.00")
    approve(version, sign.make_approver(office))
    sign.set_limit(office, ONE, "1000.00")

    approve(version, sign.make_approver(office))

    assert version.voucher.status == "posted"


# --- Returned after one signature ------------------------------------------


def test_the_second_approver_returns_it_and_the_signature_counts_for_no_later_version(
    program, office
):
    first, second = sign.make_approver(office), sign.make_approver(office)
    old = submitted(program, "300.00")
    approve(old, first)

    actions.return_voucher(version=old, reason="The invoice names another amount.", by=second)

    assert Return.objects.get().version == old
    voucher = old.voucher
    voucher.refresh_from_db()
    assert voucher.status == "returned"
    make.edit(voucher, amount=make.money("310.00"))
    new = make.submit(voucher)
    with pytest.raises(Refused, match="replaced by version 2"):
        approve(old, second)
    approve(new, second)
    assert new.voucher.status == "submitted"
    assert (old.approvals.count(), new.approvals.count()) == (1, 1)

    approve(new, first)
    assert new.voucher.status == "posted"


def test_a_version_with_every_signature_is_not_returned_any_more(program, office):
    version = submitted(program, "300.00")
    for _ in "12":
        approve(version, sign.make_approver(office))
    with pytest.raises(Refused, match="posted already"):
        actions.return_voucher(version=version, reason="Too late.", by=sign.make_approver(office))


# --- What waits for whom ---------------------------------------------------


def test_who_has_signed_waits_for_the_other(program, office):
    first, second = sign.make_approver(office), sign.make_approver(office)
    version = submitted(program, "300.00")
    approve(version, first)

    assert not queries.waiting_for(first).exists()
    assert list(queries.waiting_for(second)) == [version.voucher]
    step = queries.next_step(version.voucher, second)
    assert step.mine and "posted" in step.follows


def test_where_no_second_approver_is_left_the_page_says_whom_to_appoint(program, office):
    version = submitted(program, "1000.00")
    approve(version, sign.make_approver(office))

    step = queries.next_step(version.voucher, make.officer_of(program))

    assert "a senior approver is missing" in step.what
    assert "appoints a senior approver" in step.who


# --- The table itself ------------------------------------------------------


def test_a_limit_counts_once_a_second_administrator_confirms_it(program):
    office = program.owner
    limit = sign.propose_limit(office, ONE, "1.00")
    assert level_of(submitted(program)) == ONE

    with pytest.raises(NotAllowed, match="another administrator"):
        actions.decide_limit(limit=limit, confirm=True, by=limit.proposed_by)
    sign.confirm_limit(limit)

    assert level_of(submitted(program)) == WITH_SENIOR
    with pytest.raises(Refused, match="confirmed already"):
        actions.decide_limit(limit=limit, confirm=False, reason="No.", by=limit.proposed_by)


def test_the_database_forbids_that_one_person_proposes_and_confirms(program, monkeypatch):
    limit = sign.propose_limit(program.owner)
    monkeypatch.setattr(policies, "check_can_decide_limit", lambda *a: None)

    with pytest.raises(Refused, match="another person decides"):
        actions.decide_limit(limit=limit, confirm=True, by=limit.proposed_by)

    assert not SigningDecision.objects.exists()


def test_a_declined_limit_keeps_its_reason_and_never_counts(program):
    limit = sign.propose_limit(program.owner, ONE, "1.00")
    second = administrators_of(program.owner)[1]
    with refused_at("reason"):
        actions.decide_limit(limit=limit, confirm=False, reason=" ", by=second)

    actions.decide_limit(limit=limit, confirm=False, reason="Too low.", by=second)

    assert limit.decision.text.reason == "Too low."
    assert not policies.Table.of(program.owner).rows
    assert Notice.objects.filter(person=limit.proposed_by, sentence__contains="declined").exists()


@pytest.mark.parametrize("role", [Role.APPROVER, Role.SENIOR_APPROVER, Role.OFFICER])
def test_nobody_who_signs_says_how_much_they_may_sign(program, role):
    person = make_person(role, organisation=program.owner)
    with pytest.raises(NotAllowed, match="Only an administrator"):
        sign.propose_limit(program.owner, by=person)
    with pytest.raises(NotAllowed, match="Only an administrator"):
        sign.confirm_limit(sign.propose_limit(program.owner), by=person)


@pytest.mark.parametrize(
    "says, field",
    [
        ({"level": "three"}, "level"),
        ({"kind": "gift"}, "kind"),
        ({"up_to": "-1.00"}, "up_to"),
        ({"currency": "XXQ", "up_to": None}, "currency"),
        ({"legal_reference": " "}, "legal_reference"),
        ({"valid_until": -1}, "valid_until"),
        ({"valid_from": -1}, "valid_from"),
    ],
)
def test_a_limit_that_does_not_fit_is_refused_at_its_field(program, says, field):
    today = program.owner.today()
    days = {k: today + timedelta(days=v) for k, v in says.items() if isinstance(v, int)}
    with refused_at(field):
        sign.propose_limit(program.owner, **says | days)
    assert not SigningLimit.objects.exists()


# --- The role --------------------------------------------------------------


def test_a_senior_approver_needs_two_administrators_and_is_none(program):
    office = program.owner
    first, second = administrators_of(office)
    person = make_person(organisation=office)
    grant = sign_grant(person, office, first)
    assert grant.status == "proposed"

    accounts.confirm_role(membership=grant, by=second)
    with pytest.raises(Refused, match="administrator holds no approver's role"):
        accounts.grant_role(person=person, role=Role.ADMINISTRATOR, organisation=office, by=first)
    with pytest.raises(Refused, match="administrator holds no approver's role"):
        sign_grant(second, office, first)


def sign_grant(person, office, by):
    return accounts.grant_role(person=person, role=Role.SENIOR_APPROVER, organisation=office, by=by)


def test_the_database_keeps_administrators_and_senior_approvers_apart(program):
    admin, _ = administrators_of(program.owner)
    others = administrators_of(make_program().owner)
    with forbidden("membership_apart"):
        Membership.objects.create(
            person=admin,
            role=Role.SENIOR_APPROVER,
            organisation=program.owner,
            status="active",
            granted_by=others[0],
            confirmed_by=others[1],
        )
