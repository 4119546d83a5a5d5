"""The running balance: right in every filtered list, on every page, in either order, and in the file."""

import csv
import io
from datetime import date

import pytest

from tests.factories import chains
from tests.factories import ledger as make
from tests.factories.accounts import make_person, sign_in
from tests.factories.programs import make_program
from tests.factories.uploads import csv_of, make_office, make_posted_upload
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.ledger import queries
from tracker.ledger.models import Transaction
from tracker.ledger.tables import TransactionTable
from tracker.programs.models import Program
from tracker.shared.pages import csv_rows

URL = "/desk/ledger/"


def day(number):
    return date(2024, 3, number)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """By day: +100 → 100, −10 → 90, −20 (to Depot) → 70, +5 → 75, −30 (to Depot) → 45."""
    with kept(django_db_blocker):
        program = make_program(title="Field hospitals")
        first = make.make_commitment(program, "100.00", value_date=day(1), payee="Works")
        make.make_disbursement(first, "10.00", value_date=day(2), payee="Works")
        make.make_disbursement(first, "20.00", value_date=day(3), payee="Depot")
        make.make_commitment(program, "5.00", value_date=day(4), payee="Works")
        make.make_disbursement(first, "30.00", value_date=day(5), payee="Depot")
        yield program


@pytest.fixture
def program(built):
    return Program.objects.get(pk=built.pk)


@pytest.fixture
def officer(program, client):
    return sign_in(client, make_person(Role.OFFICER, organisation=program.owner))


def table_of(client, program, **asked):
    response = client.get(URL, {"program": program.uid, "currency": "USD", **asked})
    assert response.status_code == 200
    return response


def balances(response):
    """Amount and balance of each row of the page, as it shows them."""
    table = response.context["table"]
    assert "undisbursed" in table.columns.names()
    found = []
    for row in table.paginated_rows:
        after = table.account.after([r.record for r in table.paginated_rows]).get(row.record.pk)
        found.append((row.record.amount.plain, after and after.plain))
    return found


def filed(client, program, **asked):
    response = table_of(client, program, format="csv", **asked)
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    return [(row["Amount"], row["Committed, not disbursed"]) for row in rows]


def test_the_balance_in_a_filtered_list_counts_the_rows_that_the_filter_hides(
    program, officer, client
):
    """The trap: a sum over the filtered rows alone would say 20 and 50 less, from nothing."""
    page = table_of(client, program, payee="Depot", sort="value_date")

    assert balances(page) == [("20.00", "70.00"), ("30.00", "45.00")]
    assert "70.00" in page.content.decode() and "45.00" in page.content.decode()


def test_the_trap_itself_a_window_over_filtered_rows_would_say_20_and_50():
    program = make_program()
    make.make_commitment(program, "10.00", value_date=day(1), payee="Works")
    for amount, on in (("20.00", day(2)), ("30.00", day(3))):
        make.make_commitment(program, amount, value_date=on, payee="Depot")
    account = queries.account_of_program(program, "USD")
    asked = Transaction.objects.filter(program=program, text__payee="Depot")
    rows = list(asked.order_by("value_date", "pk"))

    after = account.after(rows)
    assert [after[row.pk].plain for row in rows] == ["30.00", "60.00"]


def test_the_newest_row_first_is_the_default_and_ends_at_what_remains(program, officer, client):
    found = balances(table_of(client, program))

    assert [balance for _, balance in found] == ["45.00", "75.00", "70.00", "90.00", "100.00"]
    (line,) = queries.money_of([program])[program.pk]
    assert line.remaining.plain == found[0][1]


@pytest.fixture(scope="module")
def of_old(django_db_setup, django_db_blocker):
    """Thirty payments of one day, from a file: the order of posting alone tells them apart."""
    with kept(django_db_blocker):
        office, officer, approver = make_office()
        rows = (
            f"R{n},FRA,France,2010,{n}.00,{'Depot' if n % 2 else 'Works'}" for n in range(1, 31)
        )
        make_posted_upload(csv_of(*rows), officer=officer, approver=approver, organisation=office)
        yield officer


@pytest.fixture
def history(of_old, client):
    sign_in(client, of_old)
    return Program.objects.get(transactions__text__reference="R1")


@pytest.mark.thorough
@pytest.mark.parametrize("order", ["value_date", "-value_date"])
def test_every_page_of_a_list_goes_on_where_the_other_ended(history, client, order):
    whole = balances(table_of(client, history, sort=order, per_page=100))
    pages = [
        balances(table_of(client, history, sort=order, per_page=25, page=page)) for page in (1, 2)
    ]

    assert [len(page) for page in pages] == [25, len(whole) - 25]
    assert [*pages[0], *pages[1]] == whole
    half = balances(table_of(client, history, sort=order, payee="Depot", per_page=25))
    known = dict(whole)  # each amount stands there once
    assert len(half) == 15 and half == [(amount, known[amount]) for amount, _ in half]
    assert filed(client, history, sort=order, payee="Depot") == half


@pytest.mark.parametrize("asked", [{}, {"sort": "value_date"}, {"payee": "Depot"}])
def test_the_file_has_the_same_balances_as_the_page(program, officer, client, asked):
    assert filed(client, program, **asked) == balances(table_of(client, program, **asked))


def test_a_refund_and_a_reversal_give_back_and_reports_move_nothing(program, officer, client):
    paid = make.make_disbursement(Transaction.objects.get(amount=10000), "8.00", value_date=day(6))
    received = chains.make_receipt(paid, "8.00", value_date=day(7))
    chains.make_expenditure(received, "5.00", value_date=day(8))
    chains.make_refund(received, "3.00", value_date=day(9))
    found = balances(table_of(client, program, sort="value_date"))

    assert [balance for _, balance in found][5:] == ["37.00", "37.00", "37.00", "40.00"]


def test_sorted_otherwise_the_balance_is_away_and_a_sentence_says_why(program, officer, client):
    page = table_of(client, program, sort="-amount")

    assert "undisbursed" not in page.context["table"].columns.names()
    assert "not in the order of dates" in page.content.decode()


def test_without_one_program_and_one_currency_there_is_no_balance(program, officer, client):
    page = client.get(URL, {"program": program.uid})

    assert "undisbursed" not in page.context["table"].columns.names()
    assert "Choose one program and one currency" in page.content.decode()


def test_a_chain_has_a_balance_of_its_own(program, officer, client):
    commitment = Transaction.objects.get(amount=10000)
    page = client.get(URL, {"chain": commitment.uid, "sort": "value_date"})
    found = balances(page)

    assert [balance for _, balance in found] == ["100.00", "90.00", "70.00", "40.00"]
    assert found[-1][1] == commitment.balance.left.plain


def test_a_chain_that_somebody_else_owns_shows_nothing(program, officer, client):
    foreign = make.make_commitment()

    assert not client.get(URL, {"chain": foreign.uid}).context["table"].rows


def test_replenishment_is_another_account(program, officer, client):
    stock = make.make_authority(program.owner, purpose="replenishment")
    make.make_commitment(program, "900.00", authority=stock, value_date=day(6))

    assert balances(table_of(client, program))[0] == ("900.00", None)
    assert "another account" in table_of(client, program).content.decode()
    assert filed(client, program)[0] == ("900.00", "")
    only = table_of(client, program, purpose="replenishment")
    assert balances(only) == [("900.00", "900.00")]


def test_the_balance_costs_the_same_number_of_queries_for_few_rows_and_for_many(
    program, officer, client, count_queries
):
    table_of(client, program)
    before = count_queries(lambda: table_of(client, program))
    commitment = Transaction.objects.get(amount=10000)
    for _ in range(4):
        make.make_disbursement(commitment, "1.00")

    assert count_queries(lambda: table_of(client, program)) == before


# --- What the list can be narrowed to --------------------------------------


def references(client, **asked):
    response = client.get(URL, {"sort": "reference", **asked})
    assert response.status_code == 200
    assert not response.context["filterset"].form.errors
    return [row.record.text.reference for row in response.context["table"].rows]


@pytest.fixture(scope="module")
def way(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        rows = chains.whole_way()
        make.make_reversal(make.make_disbursement(rows["commitment"], "7.00", reference="GONE"))
        chains.send_unvalued(rows["commitment"])
        yield rows["first"].program


@pytest.fixture
def rows(way, client):
    sign_in(client, make_person(Role.OFFICER, organisation=way.owner))
    return {"program": way}


@pytest.mark.parametrize(
    "asked, found",
    [
        ({"kind": "receipt"}, ["R1", "R2"]),
        ({"kind": "write_off"}, ["W1"]),
        ({"only": "excess"}, ["R2"]),
        ({"state": "reversed"}, ["GONE"]),
        ({"state": "reversal"}, ["GONE"]),
        ({"form": "goods"}, [""]),
        ({"only": "unvalued"}, [""]),
        ({"late": "yes"}, []),
        ({"nature": "illustrative"}, []),
        ({"amount_min": "450", "amount_max": "800"}, ["CO", "D1"]),
    ],
)
def test_the_ledger_is_narrowed_to_what_was_asked_for(rows, client, asked, found):
    assert references(client, **asked) == found


def test_the_ledger_is_narrowed_to_an_organisation_on_either_side(rows, client):
    program = rows["program"]
    recipient = program.recipients[0]
    make.make_commitment(program, "9.00", receiver=recipient, reference="TO")
    make.make_commitment(program, "9.00", provider=recipient, reference="BY")

    assert references(client, organisation=recipient.uid) == ["BY", "TO"]
    assert len(references(client, recipient=recipient.uid)) > 10  # of the program, not of the row
    assert (
        client.get(URL, {"donor": recipient.uid}).context["filterset"].form.errors
    )  # it gives nothing


def test_a_filter_behind_the_summary_stands_open_when_it_is_used(rows, client):
    assert '<details class="more wide">' in client.get(URL).content.decode()
    assert (
        '<details class="more wide" open>'
        in client.get(URL, {"state": "reversed"}).content.decode()
    )


def test_a_file_that_nobody_reads_to_its_end_leaves_no_cursor_open(program):
    account = queries.account_of_program(program, "USD")
    rows = Transaction.objects.filter(program=program).for_table()
    table = TransactionTable(rows, account=account)
    lines = csv_rows(table)
    next(lines), next(lines)
    (beside,) = table.opened
    assert beside.steps.gi_frame is not None

    lines.close()
    assert beside.steps.gi_frame is None


def test_what_is_posted_while_a_file_is_written_moves_none_of_its_balances(program):
    account = queries.account_of_program(program, "USD")
    rows = list(account.rows.order_by("-value_date", "-pk"))
    beside = account.walk(newest_first=True)
    make.make_commitment(program, "9.00", value_date=day(1))

    assert [beside(row).plain for row in rows] == ["45.00", "75.00", "70.00", "90.00", "100.00"]
    beside.close()
