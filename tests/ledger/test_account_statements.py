"""Statements of account: opening and closing to the cent, every row with its balances, and who may read them."""

import csv
import io
from datetime import date

import pytest

from tests.factories import chains, periods
from tests.factories import ledger as make
from tests.factories.accounts import make_organisation, make_person, sign_in
from tests.factories.programs import make_program
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.ledger import queries
from tracker.ledger.models import Transaction
from tracker.programs.models import Nature, Program


def day(month, number=1):
    return date(2024, month, number)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """Sent 500 in March and 100 in May; of the first 400 arrived in April, 30 came back, 20 were given up in June."""
    with kept(django_db_blocker):
        staff = make_organisation("General Staff of the South")
        program = make_program(title="Field hospitals", recipient=staff)
        to = {"receiver": staff, "provider": program.owner}
        pledge = chains.make_pledge(program, "1000.00", value_date=day(1), **to)
        says = {"draws_on": pledge, "value_date": day(2)}
        commitment = make.make_commitment(program, "800.00", **says, **to)
        first = make.make_disbursement(commitment, "500.00", value_date=day(3), **to)
        received = chains.make_receipt(first, "400.00", value_date=day(4))  # names nobody
        make.make_disbursement(commitment, "100.00", value_date=day(5), **to)
        chains.make_expenditure(received, "250.00", value_date=day(6))
        chains.make_refund(first, "30.00", value_date=day(6, 2))
        chains.make_write_off(first, "20.00", value_date=day(6, 3))
        yield program, staff


@pytest.fixture
def program(built):
    return Program.objects.get(pk=built[0].pk)


@pytest.fixture
def account(program):
    return program


@pytest.fixture
def staff(built):
    return built[1]


@pytest.fixture
def officer(program, client):
    officer = make_person(Role.OFFICER, organisation=program.owner)
    sign_in(client, officer)
    return officer


def url(organisation):
    return f"/desk/accounts/{organisation.uid}/"


def held(organisation, person, side="received"):
    return next(h for h in queries.accounts_of(organisation, person) if h.side == side)


def stated(organisation, person, start=None, end=None, side="received"):
    return queries.statement_of(organisation, held(organisation, person, side), person, start, end)


def figures(movements):
    return {
        m.label: tuple(None if x is None else x.plain for x in (m.opening, m.moved, m.closing))
        for m in movements
    }


def test_the_closing_is_the_opening_and_what_moved_for_every_kind(account, staff, officer):
    found = stated(staff, officer, day(4), day(6, 1))

    assert figures(found.kinds) == {
        "Committed": ("800.00", "0.00", "800.00"),
        "Disbursed": ("500.00", "100.00", "600.00"),
        "Confirmed as received": ("0.00", "400.00", "400.00"),
        "Reported as used": ("0.00", "250.00", "250.00"),
        "Paid back": (None, None, None),
        "Written off": (None, None, None),
    }
    assert figures(found.balances) == {
        "Disbursed, not confirmed as received": ("500.00", "-300.00", "200.00"),
        "Received, use not reported": ("0.00", "150.00", "150.00"),
    }


def test_pledges_stand_beside_everything_and_move_no_balance(account, staff, officer):
    found = stated(staff, officer)

    assert found.pledges.closing.plain == "1000.00"
    assert "Promised" not in figures(found.kinds)


def test_reports_belong_to_the_parties_of_the_payment_they_come_off(account, staff, officer):
    """The receipt names nobody, the refund neither; both stand on the account of the payment."""
    page = queries.books_of(staff, held(staff, officer), officer, None, None).rows

    assert set(page.values_list("kind", flat=True)) == {
        "pledge", "commitment", "disbursement", "receipt", "expenditure", "refund", "write_off",
    }  # fmt: skip


def test_the_giver_has_the_same_account_from_the_other_side(account, staff, officer):
    given = stated(account.owner, officer, side="given")

    assert figures(given.balances) == figures(stated(staff, officer).balances)


def test_every_row_shows_both_balances_and_ends_at_the_closing(account, staff, officer, client):
    response = client.get(url(staff), {"from": "2024-04-01"})
    table = response.context["table"]
    rows = [row.record for row in table.paginated_rows]
    not_confirmed, not_used = table._after

    assert [not_confirmed[row.pk].plain for row in rows] == [
        "100.00", "200.00", "200.00", "170.00", "150.00",
    ]  # fmt: skip
    assert not_used[rows[-1].pk].plain == "150.00"
    closing = response.context["statement"].balances
    assert [m.closing.plain for m in closing] == ["150.00", "150.00"]


def test_the_file_has_exactly_the_rows_of_the_page(account, staff, officer, client):
    response = client.get(url(staff), {"from": "2024-04-01", "format": "csv"})
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))

    assert [row["What"] for row in rows] == [
        "receipt", "disbursement", "expenditure", "refund", "write-off",
    ]  # fmt: skip
    assert [row["Not confirmed"] for row in rows] == [
        "100.00", "200.00", "200.00", "170.00", "150.00",
    ]  # fmt: skip


def test_a_late_entry_counts_where_it_is_booked_and_changes_no_statement_of_a_closed_quarter(
    account, staff, officer, client
):
    quarter = (day(1), date(2024, 3, 31))
    before = figures(stated(staff, officer, *quarter).kinds)
    periods.close(account.owner)
    commitment = Transaction.objects.get(kind="commitment")
    late = make.make_disbursement(
        commitment, "9.00", value_date=day(3, 9), booked_on=day(5, 9), receiver=staff
    )

    assert figures(stated(staff, officer, *quarter).kinds) == before
    found = figures(stated(staff, officer, day(4)).kinds)
    assert found["Disbursed"] == ("500.00", "109.00", "609.00")
    page = client.get(url(staff), {"from": "2024-04-01"})
    table = page.context["table"]
    rows = [row.record for row in table.paginated_rows]
    assert rows[2] == late  # after what moved on 1 May, before what moved in June
    assert [table._after[0][row.pk].plain for row in rows[:3]] == ["100.00", "200.00", "209.00"]
    assert "(late entry)" in page.content.decode()
    filed = client.get(url(staff), {"from": "2024-04-01", "format": "csv"})
    listed = list(csv.DictReader(io.StringIO(b"".join(filed.streaming_content).decode())))
    assert [row["Not confirmed"] for row in listed[:3]] == ["100.00", "200.00", "209.00"]
    assert listed[2]["Booked on"] == "2024-05-09"


def test_currencies_purposes_and_natures_are_accounts_of_their_own(account, staff, officer, client):
    make.make_commitment(account, make.money("7.00", "EUR"), receiver=staff)
    stock = make.make_authority(account.owner, purpose="replenishment")
    make.make_commitment(account, "9.00", authority=stock, receiver=staff)
    example = make_program(owner=account.owner, recipient=staff, nature=Nature.ILLUSTRATIVE)
    make.make_commitment(example, "5.00", receiver=staff)
    found = [h for h in queries.accounts_of(staff, officer) if h.side == "received"]

    assert {(h.nature, h.currency, h.purpose, h.rows) for h in found} == {
        ("operational", "USD", "aid", 8), ("operational", "EUR", "aid", 1),
        ("operational", "USD", "replenishment", 1), ("illustrative", "USD", "aid", 1),
    }  # fmt: skip
    assert found[0].purpose == "aid" and found[0].nature == "operational"
    page = client.get(url(staff), {"currency": "EUR"})
    assert page.context["statement"].kinds[0].closing.plain == "7.00"


def test_what_is_stated_beyond_what_was_sent_is_in_no_balance(account, staff, officer):
    second = Transaction.objects.get(kind="disbursement", amount=10000)
    chains.make_receipt(second, "130.00", value_date=day(7))
    found = figures(stated(staff, officer).kinds)

    assert found["Confirmed as received"][2] == "500.00"


def test_what_is_unvalued_is_counted_and_in_no_sum(account, staff, officer, client):
    commitment = Transaction.objects.get(kind="commitment")
    says = chains.goods(40, "pieces") | chains.UNVALUED | {"valuation_date": None}
    chains.post(account, "disbursement", draws_on=commitment, receiver=staff, **says)

    assert stated(staff, officer).unvalued == 1
    assert "1 row of the period has no value" in client.get(url(staff)).content.decode()


def test_a_period_that_ends_before_it_begins_gets_a_sentence(account, staff, officer, client):
    page = client.get(url(staff), {"from": "2024-06-01", "to": "2024-05-01"})

    assert "The period ends before it begins" in page.content.decode()


def test_people_see_the_part_of_their_own_programs_only(account, staff, officer, client):
    other = make_program(recipient=staff)
    make.make_disbursement(make.make_commitment(other, "70.00"), "70.00", receiver=staff)
    foreign = make_person(Role.OFFICER, organisation=other.owner)

    assert stated(staff, foreign).kinds[1].closing.plain == "70.00"
    assert stated(staff, officer).kinds[1].closing.plain == "600.00"
    auditor = make_person(Role.AUDITOR, organisation=account.owner, employer=make_organisation())
    assert stated(staff, auditor).kinds[1].closing.plain == "600.00"


def test_an_organisation_without_an_account_has_no_statement(account, officer, client):
    stranger = make_organisation()
    make.make_commitment(
        make_program(), receiver=stranger
    )  # of a program that the officer does not see

    assert client.get(url(stranger)).status_code == 404


def test_the_list_names_each_organisation_with_its_sides(account, staff, officer, client):
    page = client.get("/desk/accounts/", {"side": "receives"})
    listed = [row.record for row in page.context["table"].rows]

    assert listed == [staff]
    both = client.get("/desk/accounts/").context["table"].rows
    assert {(row.record, row.record.receives, row.record.gives) for row in both} == {
        (staff, True, False),
        (account.owner, False, True),
    }


@pytest.mark.thorough
def test_pages_cost_the_same_number_of_queries_for_few_rows_and_for_many(
    account, staff, officer, client, count_queries
):
    asked = [url(staff), "/desk/accounts/"]
    for address in asked:
        client.get(address)
    before = [count_queries(lambda a=address: client.get(a)) for address in asked]
    commitment = Transaction.objects.get(kind="commitment")
    for _ in range(3):
        chains.make_receipt(make.make_disbursement(commitment, "1.00", receiver=staff), "1.00")
        make.make_commitment(account, "1.00", receiver=make_organisation())

    assert [count_queries(lambda a=address: client.get(a)) for address in asked] == before
