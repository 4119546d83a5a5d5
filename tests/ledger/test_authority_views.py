"""The pages of authorities: what they show, what they refuse, and the second person's decision."""

from copy import deepcopy
from functools import partial

import pytest

from tests.factories import accounts
from tests.factories import ledger as make
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.ledger.models import Authority, AuthorityChange, AuthorityStage, AuthorityYear


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def authority(program):
    return make.make_authority(program.owner, title="Aid title")


@pytest.fixture
def sign_in(client):
    return partial(accounts.sign_in, client)


def text(response):
    return response.content.decode()


def address(authority, verb=""):
    return f"/desk/authorities/{authority.uid}/{verb}"


CEILING = {
    "kind": "set",
    "fiscal_year": "2024",
    "amount": "1,000.00",
    "legal_reference": "Aid Act, section 12",
    "stated_on": "2024-01-02",
    "reason": "As enacted.",
}


def test_an_officer_records_proposes_and_states_and_an_approver_confirms(sign_in, program):
    client = sign_in(make.officer_of(program))
    said = {
        "organisation": program.owner.uid,
        "title": "Drawdown 2024",
        "legal_basis": "Act, section 506",
        "kind": "drawdown",
        "purpose": "aid",
        "currency": "usd",
        "availability": "no_year",
    }
    page = text(client.post("/desk/authorities/new/", said, follow=True))
    made = Authority.objects.get()
    assert "there is no appropriation and no obligation" in page
    assert "No ceiling was ever stated" in page

    page = text(client.post(address(made, "ceiling/"), CEILING, follow=True))
    assert "another person" not in page or "Only an approver" in page
    assert not AuthorityYear.objects.exists()
    stage = {
        "fiscal_year": "2024",
        "stage": "executed",
        "amount": "400",
        "stated_on": "2024-05-01",
        "citation": "Order 12",
    }
    assert "Order 12" in text(client.post(address(made, "stage/"), stage, follow=True))

    client = sign_in(make.approver_of(program))
    change = AuthorityChange.objects.get()
    assert "Confirm or decline: ceiling set of FY2024: 1,000.00" in text(client.get("/desk/"))
    decide = f"/desk/authority-changes/{change.uid}/"
    page = text(client.post(decide, {"verdict": "confirm"}, follow=True))
    assert "The change is confirmed and counts." in page
    assert AuthorityYear.objects.get().ceiling.plain == "1000.00"


def test_declining_needs_a_reason_and_an_unclear_decision_does_nothing(sign_in, authority):
    change = make.propose(authority, "set", "5.00")
    client = sign_in(make.person_of(authority.organisation, Role.APPROVER))
    decide = f"/desk/authority-changes/{change.uid}/"

    assert "Say why it is declined" in text(
        client.post(decide, {"verdict": "decline"}, follow=True)
    )
    assert "It is unclear what you decided" in text(
        client.post(decide, {"verdict": "maybe"}, follow=True)
    )
    done = client.post(decide, {"verdict": "decline", "reason": "Wrong act."}, follow=True)
    assert "Wrong act." in text(done)
    again = client.post(decide, {"verdict": "confirm"}, follow=True)
    assert "declined already" in text(again)


def test_the_page_shows_the_headroom_after_every_commitment(sign_in, program, authority):
    make.set_ceiling(authority, "1000.00")
    make.make_commitment(program, "400.00", authority=authority, reference="C-1")
    gone = make.make_commitment(program, "500.00", authority=authority, reference="C-2")
    make.make_reversal(gone)
    client = sign_in(make.officer_of(program))

    page = text(client.get(address(authority)))

    for words in ("C-1", "C-2", "reversal", "600.00", "100.00", "Left to commit", "FY2024"):
        assert words in page
    assert page.index("Obligated") < page.index("Committed")


@pytest.mark.parametrize("year", ["", "2031", "x", "-1", "²", "9" * 50])
def test_a_year_that_makes_no_sense_shows_the_newest(sign_in, program, authority, year):
    make.set_ceiling(authority, "1000.00")
    client = sign_in(make.officer_of(program))
    page = client.get(address(authority), {"year": year, "page": "x"})
    assert page.status_code == 200
    assert "The ladder of FY2024" in text(page)


@pytest.mark.thorough
def test_a_page_costs_the_same_queries_for_one_commitment_and_for_many(
    sign_in, program, authority, count_queries
):
    make.set_ceiling(authority, "9000.00")
    make.confirm(make.propose(authority, "raise", "1.00"))
    make.make_commitment(program, "1.00", authority=authority)
    client = sign_in(make.officer_of(program))
    for where in (address(authority), "/desk/authorities/"):
        client.get(where)
        one = count_queries(lambda where=where: client.get(where))
        for _ in range(3):
            make.make_commitment(program, "1.00", authority=authority)
            make.set_ceiling(make.make_authority(program.owner), "5.00")
        assert count_queries(lambda where=where: client.get(where)) == one


def test_the_list_shows_the_newest_year_filters_and_downloads(sign_in, program, authority):
    make.set_ceiling(authority, "1000.00")
    make.make_commitment(program, "400.00", authority=authority)
    make.make_authority(program.owner, title="Silent", currency="")
    make.propose(make.make_authority(program.owner, title="Waiting"), "set", "5.00")
    make.make_authority(program.owner, title="Depots", purpose="replenishment")
    client = sign_in(make.officer_of(program))

    whole = text(client.get("/desk/authorities/"))
    assert all(name in whole for name in ("Aid title", "Silent", "Waiting", "Depots", "600.00"))
    only = text(client.get("/desk/authorities/?state=waiting"))
    assert "Waiting" in only
    assert "Silent" not in only
    only = text(client.get("/desk/authorities/?purpose=replenishment"))
    assert "Depots" in only
    assert "Silent" not in only
    without = text(client.get("/desk/authorities/?state=without&q=i"))
    assert "Aid title" not in without
    assert "Silent" in without
    file = b"".join(client.get("/desk/authorities/?format=csv").streaming_content).decode()
    assert "1000.00,USD,400.00,USD,600.00,USD" in file


@pytest.mark.parametrize(
    "field, value, words",
    [
        ("amount", "much", "not an amount"),
        ("amount", "1.001", "more decimals"),
        ("amount", "9" * 30, "larger than this ledger"),
        ("amount", "", "required"),
        ("fiscal_year", "soon", "whole number"),
        ("fiscal_year", "99999", "less than or equal"),
        ("kind", "abolish", "not one of the available"),
        ("kind", "raise", "No ceiling is set"),
        ("stated_on", "31.12.2024", "write year-month-day"),
        ("reason", "", "required"),
        ("reason", "x\x00y", "Null characters"),
    ],
)
def test_bad_input_gets_a_sentence(sign_in, program, authority, field, value, words):
    client = sign_in(make.officer_of(program))
    answer = client.post(address(authority, "ceiling/"), CEILING | {field: value})
    assert answer.status_code == 200
    assert words in text(answer)
    assert not AuthorityChange.objects.exists()


def test_dates_are_proposed_on_their_page(sign_in, program, authority):
    client = sign_in(make.officer_of(program))
    said = {name: CEILING[name] for name in ("legal_reference", "stated_on", "reason")}
    wrong = client.post(address(authority, "availability/"), said | {"availability": "dated"})
    assert "State the last day" in text(wrong)
    right = said | {"availability": "dated", "available_to": "2030-01-01"}
    client.post(address(authority, "availability/"), right)
    assert AuthorityChange.objects.get().kind == "availability"


def test_a_stage_without_the_authoritys_currency_states_its_own(sign_in, program):
    silent = make.make_authority(program.owner, currency="")
    client = sign_in(make.officer_of(program))
    stage = {
        "fiscal_year": "2024",
        "stage": "appropriated",
        "amount": "400",
        "currency": "eur",
        "stated_on": "2024-05-01",
        "citation": "Order 12",
    }
    client.post(address(silent, "stage/"), stage)
    assert AuthorityStage.objects.get().amount.currency == "EUR"
    assert "states no currency" in text(client.post(address(silent, "ceiling/"), CEILING))


def test_a_commitments_voucher_says_what_is_left_under_its_ceiling(sign_in, program, authority):
    make.set_ceiling(authority, "1000.00")
    bounded = make.make_voucher(program, authority=authority)
    free = make.make_voucher(program, authority=make.make_authority(program.owner))
    client = sign_in(make.officer_of(program))
    assert "1,000.00 USD is left under the ceiling" in text(
        client.get(f"/desk/vouchers/{bounded.uid}/")
    )
    assert "nothing limits it" in text(client.get(f"/desk/vouchers/{free.uid}/"))


def test_replenishment_is_said_where_its_money_stands(sign_in, program):
    stock = make.make_authority(program.owner, purpose="replenishment")
    make.make_commitment(program, "100.00")
    make.make_commitment(program, "7000.00", authority=stock)
    client = sign_in(make.officer_of(program))
    for where in (
        f"/desk/programs/{program.uid}/",
        "/desk/portfolio/",
    ):
        page = text(client.get(where))
        assert "Outside these totals" in page, where
        assert "which is not aid" in page
    assert "in no total of aid" in text(client.get(address(stock)))
    assert "not aid" in text(client.get("/desk/ledger/"))


def test_the_traps_of_the_ladder_stand_where_the_figures_stand(sign_in, program):
    """FMF counts as obligated on the day it is apportioned; a drawdown has no obligation at all (OVERSIGHT 2.3)."""
    client = sign_in(make.officer_of(program))
    act = make.make_authority(program.owner, kind="appropriation")
    make.make_stage(act, "obligated")
    page = text(client.get(address(act)))

    assert "count as obligated in full on the day it is apportioned (FMF" in page
    assert "For some financing the law says so on the first day." in page  # at the rung itself
    drawdown = make.make_authority(program.owner, kind="drawdown")
    make.make_stage(drawdown, "authorised")
    page = text(client.get(address(drawdown)))
    assert "there is no appropriation and no obligation, and looking for one finds 0" in page
    assert "Obligated" not in page
