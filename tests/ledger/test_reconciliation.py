"""Two parties' figures side by side: states, differences to the cent, totals, quantities and the file."""

import csv
import io
from datetime import timedelta

import pytest

from tests.factories import chains, receipts
from tests.factories import ledger as make
from tests.factories.accounts import make_organisation, make_person, sign_in
from tests.factories.programs import make_program
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.ledger import queries
from tracker.ledger.models import Transaction
from tracker.programs.models import Nature

URL = "/desk/reconciliation/"
TODAY = make.A_DAY + timedelta(days=20)


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    """The whole way; D3 agrees, D4 waits, D5 is lost, and one payment was reversed."""
    with kept(django_db_blocker):
        rows = chains.whole_way()
        third = make.make_disbursement(rows["commitment"], "60.00", reference="D3")
        chains.make_receipt(third, "60.00")
        make.make_disbursement(rows["commitment"], "90.00", reference="D4")
        lost = make.make_disbursement(rows["commitment"], "50.00", reference="D5")
        chains.make_write_off(lost, "50.00")
        make.make_reversal(make.make_disbursement(rows["commitment"], "5.00", reference="GONE"))
        yield rows["commitment"]


@pytest.fixture
def rows(built):
    """The commitment and its program, loaded anew."""
    commitment = Transaction.objects.get(pk=built.pk)
    return {"commitment": commitment, "program": commitment.program}


@pytest.fixture
def officer(rows, client):
    officer = make_person(Role.OFFICER, organisation=rows["program"].owner)
    sign_in(client, officer)
    return officer


def pairs(asked=""):
    found = queries.payments(Transaction.objects.all())
    if asked:
        found = queries.standing_as(found, asked)
    both = queries.with_both_sides(found).order_by("text__reference")
    return {row.text.reference: queries.pair_of(row, TODAY) for row in both}


def plain(money):
    return None if money is None else money.plain


def test_each_payment_stands_beside_what_the_recipient_states(rows):
    found = {name: (p.ours.amount.plain, plain(p.theirs)) for name, p in pairs().items()}

    assert found == {
        "D1": ("500.00", "400.00"), "D2": ("100.00", "130.00"), "D3": ("60.00", "60.00"),
        "D4": ("90.00", None), "D5": ("50.00", None),
    }  # fmt: skip


def test_a_difference_is_explained_to_the_cent(rows):
    explained = {n: [(said, p.plain) for said, p in pair.explained] for n, pair in pairs().items()}

    assert explained == {
        "D1": [
            ("not confirmed as received", "50.00"), ("paid back", "30.00"), ("written off", "20.00"),
        ],
        "D2": [("stated beyond what was sent", "-30.00")],
        "D3": [],
        "D4": [("not confirmed as received", "90.00")],
        "D5": [("written off", "50.00")],
    }  # fmt: skip
    for pair in pairs().values():
        assert sum(part.minor for _, part in pair.explained) == pair.difference.minor


def test_each_payment_says_how_it_stands(rows):
    states = {
        name: pair.state[1].rpartition(" since")[0] or pair.state[1]
        for name, pair in pairs().items()
    }

    assert states == {
        "D1": "short", "D2": "more than was sent", "D3": "agrees", "D4": "waits",
        "D5": "written off",
    }  # fmt: skip
    assert pairs()["D4"].state == ("warn", "waits since 20 days")


def test_a_reversed_receipt_is_no_receipt(rows):
    third = Transaction.objects.get(kind="receipt", draws_on__text__reference="D3")
    make.make_reversal(third)

    assert pairs()["D3"].theirs is None
    assert pairs()["D3"].waits.plain == "60.00"


@pytest.mark.parametrize(
    "asked, found",
    [
        ("differences", ["D1", "D2", "D4", "D5"]),
        ("open", ["D1", "D4"]),
        ("beyond", ["D2"]),
        ("given_up", ["D1", "D5"]),
    ],
)
def test_the_list_is_narrowed_to_what_differs(rows, asked, found):
    assert list(pairs(asked)) == found


def test_what_is_refunded_in_part_differs_though_nothing_waits(rows):
    paid = make.make_disbursement(rows["commitment"], "8.00", reference="D6")
    chains.make_receipt(paid, "5.00")
    chains.make_refund(paid, "3.00")

    assert pairs("differences")["D6"].state == ("", "the rest is paid back")


def test_both_totals_stand_apart_and_the_difference_consists_of_its_parts(rows):
    (sides,) = queries.sides_of(queries.payments(Transaction.objects.all()))

    assert (sides.ours.plain, sides.theirs.plain, sides.rows) == ("800.00", "590.00", 5)
    assert [(said, p.plain) for said, p in sides.explained] == [
        ("not confirmed as received", "140.00"), ("paid back", "30.00"), ("written off", "70.00"),
        ("stated beyond what was sent", "-30.00"),
    ]  # fmt: skip
    assert sum(part.minor for _, part in sides.explained) == sides.difference.minor


def test_currencies_purposes_and_natures_are_never_in_one_total(rows):
    program = rows["program"]
    make.make_disbursement(make.make_commitment(program, make.money("7.00", "EUR")), "7.00")
    stock = make.make_authority(program.owner, purpose="replenishment")
    make.make_disbursement(make.make_commitment(program, "9.00", authority=stock), "9.00")
    example = make_program(owner=program.owner, nature=Nature.ILLUSTRATIVE)
    make.make_disbursement(make.make_commitment(example, "5.00"), "5.00")

    found = queries.sides_of(queries.payments(Transaction.objects.all()))
    assert [(s.nature, s.purpose, s.ours.plain, s.ours.currency) for s in found] == [
        ("illustrative", "aid", "5.00", "USD"), ("operational", "aid", "7.00", "EUR"),
        ("operational", "aid", "800.00", "USD"), ("operational", "replenishment", "9.00", "USD"),
    ]  # fmt: skip


def test_both_quantities_are_kept_and_a_difference_in_them_shows(rows):
    commitment = make.make_commitment(rows["program"], "900.00")
    sent = make.make_disbursement(commitment, "480.00", reference="CARS", **chains.goods(12))
    chains.make_receipt(sent, "480.00", **chains.goods(10))
    pair = pairs()["CARS"]

    assert (pair.sent, pair.arrived, pair.state) == (12, 10, ("warn", "quantities differ"))
    assert "CARS" in pairs("differences")


def test_what_is_unvalued_is_compared_by_quantity(rows):
    sent = chains.send_unvalued(rows["commitment"], 40)
    pair = pairs()[""]
    assert pair.state[1].startswith("waits since") and pair.difference is None
    says = chains.goods(40, "pieces") | chains.UNVALUED | {"valuation_date": None}
    chains.post(sent.program, "receipt", draws_on=sent, **says)

    assert pairs()[""].state == ("info", "confirmed, without a value")


# --- What the recipient states, and the discrepancies that come of it ------


def standing(pair):
    return [(one.kind, one.state.status) for one in pair.discrepancies]


@pytest.mark.parametrize(
    "verdict, amount, state, found",
    [
        ("confirmed", None, ("good", "agrees"), []),
        ("short", "6.00", ("warn", "short since 20 days"), [("short", "open")]),
        ("surplus", "9.00", ("bad", "more than was sent"), [("surplus", "open")]),
        ("disputed", None, ("bad", "disputed"), [("disputed", "open")]),
    ],
)
def test_the_word_of_the_recipient_stands_beside_our_figure_with_its_discrepancy(
    rows, verdict, amount, state, found
):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D6")
    receipts.state(sent, verdict, amount)
    pair = pairs()["D6"]

    assert (pair.state, standing(pair)) == (state, found)
    assert sum(part.minor for _, part in pair.explained) == pair.difference.minor


def test_what_arrived_damaged_agrees_in_money_and_is_still_a_difference(rows):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D6")
    receipts.state(sent, "damaged", "8.00", damaged_amount="3.00")
    pair = pairs("differences")["D6"]

    assert pair.state == ("warn", "agrees, and a part is damaged")
    assert not pair.difference and standing(pair) == [("damaged", "open")]


def test_a_discrepancy_keeps_its_place_with_the_state_that_it_has_come_to(rows):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D6")
    short = receipts.make_short("6.00", sent)
    receipts.make_explained(short)

    assert standing(pairs()["D6"]) == [("short", "explained")]
    assert "D6" in pairs("differences")  # 2.00 are still not confirmed
    assert "D6" not in pairs("unsettled")


def test_a_word_that_was_taken_back_is_shown_and_no_longer_heard(rows):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D6")
    word = receipts.state(sent, "short", "6.00")
    make.make_reversal(word.transaction)

    assert standing(pairs()["D6"]) == [("short", "withdrawn")]
    assert pairs()["D6"].state == ("warn", "waits since 20 days")


def test_the_list_is_narrowed_to_what_nobody_has_settled(rows):
    assert list(pairs("unsettled")) == ["D1", "D2"]


def test_what_is_in_unsettled_discrepancies_stands_beside_the_difference(rows):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D6")
    receipts.state(sent, "disputed")
    (sides,) = queries.sides_of(queries.payments(Transaction.objects.all()))

    # D1 is short by 100, D2 has 30 too much, D6 is disputed.
    assert sides.unsettled.plain == "138.00"
    assert sum(part.minor for _, part in sides.explained) == sides.difference.minor


def test_the_page_and_the_file_name_each_discrepancy_and_its_state(rows, officer, client):
    short = Transaction.objects.get(text__reference="D1").discrepancies.get()
    said = client.get(URL, {"show": "unsettled"}).content.decode()

    assert f"/desk/discrepancies/{short.uid}/" in said
    assert "stands in discrepancies that nobody has settled" in said
    response = client.get(URL, {"show": "unsettled", "format": "csv", "sort": "payment"})
    text = b"".join(response.streaming_content).decode()
    filed = list(csv.DictReader(io.StringIO(text)))
    assert [(row["Payment"], row["Discrepancies"]) for row in filed] == [
        ("D1", "short: open"), ("D2", "surplus: open"),
    ]  # fmt: skip


def test_the_page_shows_totals_and_rows_and_the_file_has_the_same(rows, officer, client):
    page = client.get(URL, {"program": rows["program"].uid, "show": "differences"})
    said = page.content.decode()
    assert "D3" not in said and "more than was sent" in said
    response = client.get(URL, {"show": "differences", "format": "csv", "sort": "payment"})
    text = b"".join(response.streaming_content).decode()
    filed = list(csv.DictReader(io.StringIO(text)))

    assert [(r["Payment"], r["Ours"], r["Theirs, as stated"], r["Not confirmed"]) for r in filed] == [
        ("D1", "500.00", "400.00", "50.00"), ("D2", "100.00", "130.00", "0.00"),
        ("D4", "90.00", "", "90.00"), ("D5", "50.00", "", "0.00"),
    ]  # fmt: skip


def test_a_recipient_is_compared_alone(rows, officer, client):
    staff = rows["program"].recipients[0]
    make.make_disbursement(rows["commitment"], "3.00", reference="TO", receiver=staff)
    page = client.get(URL, {"receiver": staff.uid})

    assert [row.record.text.reference for row in page.context["table"].rows] == ["TO"]
    assert len(client.get(URL, {"recipient": staff.uid}).context["table"].rows) == 6


def test_auditors_reach_it_and_strangers_see_nothing(rows, client):
    auditor = make_person(
        Role.AUDITOR, organisation=rows["program"].owner, employer=make_organisation()
    )
    assert "D1" in sign_in(client, auditor).get(URL).content.decode()
    stranger = make_person(Role.OFFICER)
    assert "D1" not in sign_in(client, stranger).get(URL).content.decode()


@pytest.mark.thorough
def test_the_page_costs_the_same_number_of_queries_for_few_rows_and_for_many(
    rows, officer, client, count_queries
):
    client.get(URL)
    before = count_queries(lambda: client.get(URL))
    commitment = make.make_commitment(rows["program"], "500.00")
    for _ in range(4):
        chains.make_receipt(make.make_disbursement(commitment, "2.00"), "1.00")
    receipts.state(make.make_disbursement(commitment, "2.00"), "disputed")

    assert count_queries(lambda: client.get(URL)) == before
