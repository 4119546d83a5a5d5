"""The pages of who may sign, and what a voucher's page says of its signatures."""

from copy import deepcopy
from datetime import timedelta
from functools import partial

import pytest

from tests.factories import accounts
from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import administrators_of, make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.ledger import actions
from tracker.ledger.models import Delegation, SigningLimit


def build():
    return make_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def office(program):
    return program.owner


@pytest.fixture
def enter(client):
    return partial(accounts.sign_in, client)


def text(response):
    return response.content.decode()


def page_of(version):
    return f"/desk/vouchers/{version.voucher.uid}/"


def submitted(program, amount="300.00"):
    return make.submit(make.make_voucher(program, amount=make.money(amount)))


# --- The voucher's page ----------------------------------------------------


def test_two_approvers_sign_one_after_the_other(enter, program, office):
    sign.set_table(office)
    first, second = (
        sign.make_approver(office, name="First signer"),
        sign.make_approver(office, name="Second signer"),
    )
    version = submitted(program)
    read = {"version": version.uid}
    page = text(enter(first).get(page_of(version)))
    assert "Sign: one more signature is needed" in page
    assert "0 of 2 signatures" in page

    page = text(enter(first).post(f"{page_of(version)}approve/", read, follow=True))

    assert "It waits for another signature." in page
    assert "1 of 2 signatures" in page
    assert "Waiting for Second signer" in page
    assert "the other signature has to be somebody else" in page

    page = text(enter(second).get(page_of(version)))
    assert "Your signature posts it, for ever." in page
    assert "First signer" in page
    page = text(enter(second).post(f"{page_of(version)}approve/", read, follow=True))
    assert "is approved and posted" in page
    assert "2 of 2 signatures" in page


def test_the_page_of_a_draft_says_whose_signatures_it_will_need(enter, program, office):
    voucher = make.make_voucher(program, amount=make.money("300.00"))
    client = enter(voucher.created_by)
    assert "one approver suffices" in text(client.get(f"/desk/vouchers/{voucher.uid}/"))

    sign.set_table(office)

    assert "Above 100.00 USD two approvers sign" in text(
        client.get(f"/desk/vouchers/{voucher.uid}/")
    )


def test_what_nobody_may_approve_is_said_and_offers_no_button(enter, program, office):
    sign.set_table(office)
    version = submitted(program, "9000.01")

    page = text(enter(sign.make_senior(office)).get(page_of(version)))

    assert "is more than anybody of" in page
    assert "Approve and post" not in page


def test_the_page_names_on_whose_behalf_was_signed(enter, program, office):
    approver = sign.make_senior(office, name="First signer")
    colleague = make_person(Role.OFFICER, organisation=office, name="Second signer")
    make.officer_of(program)
    version = make.submit(make.make_voucher(program))
    sign.delegate(approver, colleague, office)
    page = text(enter(colleague).get(page_of(version)))
    assert "You sign on behalf of First signer, as senior approver." in page
    assert version.voucher.number in text(enter(colleague).get("/desk/"))

    actions.approve_voucher(version=version, by=colleague)

    page = text(enter(colleague).get(page_of(version)))
    assert "as senior approver" in page
    assert f"/desk/delegations/{Delegation.objects.get().uid}/" in page
    transaction = version.transactions.get()
    assert "on behalf of First signer" in text(
        enter(colleague).get(f"/desk/transactions/{transaction.uid}/")
    )


def test_more_signers_cost_no_more_queries(enter, program, office, count_queries):
    sign.set_table(office)
    for _ in range(4):  # more than are named
        sign.make_approver(office)
    version = submitted(program)
    client = enter(make.officer_of(program))
    before = count_queries(lambda: client.get(page_of(version)))
    for _ in range(4):
        sign.make_approver(office)
    assert count_queries(lambda: client.get(page_of(version))) == before


# --- The table -------------------------------------------------------------

LIMIT = {
    "level": "one",
    "kind": "",
    "currency": "usd",
    "up_to": "1,000.00",
    "legal_reference": "Order 12",
}


def test_one_administrator_proposes_a_limit_and_the_other_confirms_it(enter, office):
    first, second = administrators_of(office)
    page = f"/desk/signing/{office.uid}/"
    said = LIMIT | {"valid_from": office.today().isoformat()}
    assert "No delegation of authority is recorded" in text(enter(first).get(page))

    shown = text(enter(first).post(f"{page}limit/", said, follow=True))

    assert "another administrator confirms or declines it" in shown
    limit = SigningLimit.objects.get()
    assert limit.up_to.plain == "1000.00"
    assert "Confirm or decline: one approver up to 1,000.00 USD" in text(
        enter(second).get("/desk/")
    )
    decide = f"/desk/signing-limits/{limit.uid}/"
    assert "It is unclear" in text(enter(second).post(decide, follow=True))
    shown = text(enter(second).post(decide, {"verdict": "confirm"}, follow=True))
    assert "The limit is confirmed." in shown
    assert "never suffices" in shown  # two approvers have no limit of their own
    assert "No delegation of authority is recorded" not in shown


@pytest.mark.parametrize(
    "says, sentence",
    [
        ({"up_to": "much"}, "is not an amount"),
        ({"up_to": "1.001"}, "more decimals"),
        ({"up_to": "-5"}, "not below zero"),
        ({"currency": "DOLLARS"}, "at most 3 characters"),
        ({"currency": "XXQ"}, "not a currency we know"),
        ({"valid_from": "tomorrow"}, "This is no date"),
        ({"valid_from": "1999-01-01"}, "begins today"),
        ({"valid_until": "1999-01-01"}, "before the first one"),
        ({"legal_reference": ""}, "required"),
    ],
)
def test_what_people_type_wrong_is_told_at_the_field(enter, office, says, sentence):
    said = LIMIT | {"valid_from": office.today().isoformat()} | says
    client = enter(administrators_of(office)[0])
    page = text(client.post(f"/desk/signing/{office.uid}/limit/", said))
    assert sentence in page
    assert not SigningLimit.objects.exists()


def test_a_table_that_has_ended_says_so(enter, office, monkeypatch):
    sign.set_limit(office, valid_until=office.today())
    sign.days_later(monkeypatch, 1)
    page = text(enter(sign.make_approver(office)).get(f"/desk/signing/{office.uid}/"))
    assert "nobody may approve until two administrators put a new one in force" in page


def test_the_list_leads_to_the_only_organisation_or_offers_all(enter, office):
    approver = sign.make_approver(office)
    assert enter(approver).get("/desk/signing/").url == f"/desk/signing/{office.uid}/"

    other = make_program().owner
    accounts.give_role(approver, Role.APPROVER, organisation=other)

    page = text(enter(approver).get("/desk/signing/"))
    assert str(other) in page and str(office) in page


# --- Delegations -----------------------------------------------------------


def test_an_approver_hands_over_a_third_person_confirms_and_it_is_ended(enter, office):
    approver = sign.make_approver(office, name="First signer")
    colleague = make_person(Role.OFFICER, organisation=office, name="Second signer")
    today = office.today()
    said = {
        "organisation": office.uid,
        "delegate": colleague.uid,
        "valid_from": today.isoformat(),
        "valid_until": (today + timedelta(days=3)).isoformat(),
    }
    page = text(enter(approver).post("/desk/delegations/new/", said, follow=True))
    assert "counts once a third person confirms it" in page
    made = Delegation.objects.get()
    own = f"/desk/delegations/{made.uid}/"
    assert "a third person decides on it" in text(enter(approver).get(own))

    third = administrators_of(office)[0]
    assert "Confirm or decline: First signer hands over to Second signer" in text(
        enter(third).get("/desk/")
    )
    page = text(enter(third).post(f"{own}decide/", {"verdict": "confirm"}, follow=True))
    assert "In force today." in page

    page = text(enter(colleague).post(f"{own}end/", follow=True))
    assert "ended early" in page
    assert "In force today." not in page
    page = text(enter(colleague).post(f"{own}end/", follow=True))
    assert "ended already" in page


def test_days_that_do_not_fit_are_told_at_the_field(enter, office):
    approver = sign.make_approver(office)
    colleague = make_person(Role.OFFICER, organisation=office)
    said = {
        "organisation": office.uid,
        "delegate": colleague.uid,
        "valid_from": "2001-01-01",
        "valid_until": "2001-01-02",
    }
    page = text(enter(approver).post("/desk/delegations/new/", said))
    assert "A delegation begins today" in page
    said["delegate"] = make_person(Role.OFFICER).uid
    assert "Select a valid choice" in text(enter(approver).post("/desk/delegations/new/", said))


def test_the_list_filters_and_costs_the_same_for_more_rows(enter, office, count_queries):
    approver = sign.make_approver(office, name="First signer")
    colleague = make_person(Role.OFFICER, organisation=office, name="Second signer")
    today = office.today()

    def hand_over(days):
        day = today + timedelta(days=days)
        return sign.delegate(approver, colleague, office, valid_from=day, valid_until=day)

    hand_over(1)
    client = enter(approver)
    before = count_queries(lambda: client.get("/desk/delegations/"))
    hand_over(2)
    hand_over(3)

    assert count_queries(lambda: client.get("/desk/delegations/")) == before
    assert "Second signer" not in text(
        client.get("/desk/delegations/?state=open&q=First", HTTP_HX_REQUEST="1")
    )
    assert "Second signer" in text(client.get("/desk/delegations/?state=confirmed&q=First"))
    assert "confirmed" in "".join(
        part.decode() for part in client.get("/desk/delegations/?format=csv").streaming_content
    )
