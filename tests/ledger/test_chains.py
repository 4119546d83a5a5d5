"""The line and the chain: what is on the way, where it is stuck, and that all of it is what the balances say."""

import random
from collections import defaultdict

import pytest

from tests.factories import chains, periods, receipts
from tests.factories import ledger as make
from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_program
from tests.factories.uploads import csv_of, make_posted_upload
from tests.worlds import kept
from tracker.ledger import queries
from tracker.ledger.models import Balance, Transaction
from tracker.ledger.queries import chains as chaining
from tracker.programs.models import Program
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        yield chains.whole_way()


@pytest.fixture
def rows(built):
    """The whole way, loaded anew."""
    return {name: Transaction.objects.get(pk=row.pk) for name, row in built.items()}


@pytest.fixture
def program(rows):
    return Program.objects.get(pk=rows["first"].program_id)


def only_way(program):
    (way,) = queries.ways_of(Program.objects.filter(pk=program.pk))
    return way


def plain(money):
    return None if money is None else money.plain


def left_by_kind(program):
    """What nothing was drawn from, from the balances themselves."""
    left = defaultdict(int)
    rows = Balance.objects.filter(transaction__program=program).select_related("transaction")
    for balance in rows:
        left[balance.transaction.kind] += balance.left.minor
    return left


# --- The line --------------------------------------------------------------


def test_the_line_has_each_stage_and_what_is_stuck_at_it(program):
    way = only_way(program)

    assert [plain(stage["amount"]) for stage in way.stages()] == [
        "1000.00", "800.00", "530.00", "500.00", "250.00",
    ]  # fmt: skip
    assert (plain(way.paid_back), plain(way.written_off)) == ("70.00", "20.00")
    stuck = (way.undisbursed, way.unconfirmed, way.unused)
    assert [plain(money) for money in stuck] == ["270.00", "50.00", "210.00"]


def test_what_is_stuck_is_what_the_balances_say(program):
    way, left = only_way(program), left_by_kind(program)

    assert way.undisbursed.minor == left["commitment"]
    assert way.unconfirmed.minor == left["disbursement"]
    assert way.unused.minor == left["receipt"]


def _step(chance, program):
    """One thing that happens to a chain; the rules may refuse it."""
    rows = list(Transaction.objects.filter(program=program).order_by("pk"))
    of = {kind: [r for r in rows if r.kind == kind and not r.is_reversal] for kind in KINDS}
    act = chance.choice(["commitment", *KINDS, "reverse"])
    amount = f"{chance.randint(1, 300)}.00"
    if act == "commitment" or not of["commitment"]:
        return make.make_commitment(program, amount)
    if act == "reverse":
        return make.make_reversal(chance.choice(rows))
    parents = [row for kind in KINDS[act] for row in of[kind]]
    return chains.drawn(act, chance.choice(parents), amount) if parents else None


KINDS = {
    "commitment": [],
    "disbursement": ["commitment"],
    "receipt": ["disbursement"],
    "expenditure": ["receipt"],
    "refund": ["disbursement", "receipt"],
    "write_off": ["disbursement", "receipt"],
}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(6))
def test_after_any_sequence_line_chain_and_reconciliation_agree_with_the_balances(seed):
    chance, program = random.Random(seed), make_program()
    for _ in range(40):
        try:
            _step(chance, program)
        except Refused:
            continue
    way, left = only_way(program), left_by_kind(program)
    assert (way.undisbursed.minor, way.unconfirmed.minor, way.unused.minor) == (
        left["commitment"], left["disbursement"], left["receipt"],
    )  # fmt: skip
    stuck = defaultdict(int)
    for commitment in Transaction.objects.filter(kind="commitment", reverses=None):
        for stage in queries.flow_of(commitment).stages:
            stuck[stage.kind] += stage.left.minor
    for kind in ("commitment", "disbursement", "receipt"):
        assert stuck[kind] == left[kind]
    for side in queries.sides_of(queries.payments(Transaction.objects.all())):
        parts = [part.minor for _, part in side.explained]
        assert sum(parts) == side.difference.minor


def test_a_stage_that_nobody_stated_is_not_zero():
    program = make_program()
    make.make_commitment(program, "100.00")
    way = only_way(program)

    assert [plain(stage["amount"]) for stage in way.stages()] == [
        None, "100.00", None, None, None,
    ]  # fmt: skip
    assert way.stages()[2]["gap_text"] == "100.00 USD committed and not disbursed"


def test_a_promise_stands_apart_and_says_how_it_compares():
    program = make_program()
    chains.make_pledge(program, "300.00")
    assert "binds nobody" in only_way(program).stages()[0]["note"]
    make.make_commitment(program, "500.00")

    promised = only_way(program).stages()[0]
    assert promised["apart"] and "200.00 USD less than what is committed" in promised["note"]


def test_the_lines_cost_three_queries_for_any_number_of_programs(rows, count_queries):
    everything = Program.objects.all()
    assert count_queries(lambda: queries.ways_of(everything)) == 3
    for _ in range(2):
        make.make_commitment(make_program(), "5.00")
    assert count_queries(lambda: queries.ways_of(everything)) == 3


# --- The chain -------------------------------------------------------------


def tree_of(flow):
    return [(depth, node.label) for depth, node in flow.nodes]


def test_a_chain_is_a_tree_from_its_commitment_with_what_is_stuck_at_each_row(rows):
    flow = queries.flow_of(rows["first"])

    assert tree_of(flow) == [
        (0, "commitment CO"), (1, "disbursement D1"), (2, "receipt R1"), (3, "expenditure E1"),
        (3, "refund B2"), (2, "refund B1"), (2, "write-off W1"), (1, "disbursement D2"),
        (2, "receipt R2"),
    ]  # fmt: skip
    assert {stage.kind: stage.stuck for stage in flow.stages if stage.stuck} == {
        "commitment": "270.00 USD committed and not disbursed",
        "disbursement": "50.00 USD disbursed and not confirmed as received",
        "receipt": "210.00 USD received, use not reported",
    }
    assert flow.above == rows["pledge"]


@pytest.mark.parametrize("name", ["commitment", "first", "received", "used", "unspent", "lost"])
def test_every_row_of_a_chain_shows_the_same_chain(rows, name):
    assert queries.flow_of(rows[name]).root == rows["commitment"]


def test_a_pledge_shows_what_was_committed_on_it_and_all_that_follows(rows):
    flow = queries.flow_of(rows["pledge"])

    assert tree_of(flow)[:2] == [(0, "pledge PL"), (1, "commitment CO")]
    assert max(depth for depth, _ in flow.nodes) == 4
    assert flow.stages[0].stuck == "200.00 USD promised and not committed"


def test_a_reversal_leads_to_the_chain_that_its_original_left():
    commitment = make.make_commitment(amount="100.00", reference="CO")
    back = make.make_reversal(make.make_disbursement(commitment, "40.00", reference="D1"))
    flow = queries.flow_of(back)

    assert tree_of(flow) == [(0, "commitment CO")]
    assert [row.text.reference for row in flow.reversed.rows] == ["D1"]
    assert flow.stages[0].stuck.startswith("100.00")


def test_a_chain_whose_commitment_was_reversed_has_nothing_to_draw():
    commitment = make.make_commitment()
    make.make_reversal(commitment)

    assert queries.flow_of(commitment).tree is None


def test_what_nobody_valued_is_listed_with_its_quantity_and_in_no_sum():
    commitment = make.make_commitment(amount="100.00")
    radios = chains.send_unvalued(commitment, 40)
    flow = queries.flow_of(radios)

    assert [(row.quantity, row.unit) for row in flow.unvalued.rows] == [(40, "pieces")]
    assert [stage.kind for stage in flow.stages] == ["commitment"]
    assert flow.stages[0].left.plain == "100.00"


def test_what_is_stated_beyond_what_was_sent_is_listed_and_not_counted(rows):
    flow = queries.flow_of(rows["second"])

    assert [(r.amount.plain, r.excess.plain) for r in flow.beyond.rows] == [("130.00", "30.00")]
    assert next(n for _, n in flow.nodes if n.label == "receipt R2").value.plain == "100.00"


def node_of(flow, row):
    return next(node for _, node in flow.nodes if node.row == row)


def test_a_report_says_whose_word_it_is(rows):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D3")
    word = receipts.state(sent, "short", "6.00")
    used = receipts.state(word.transaction, "used", "5.00")
    flow = queries.flow_of(sent)

    said = [node_of(flow, row).said for row in (word.transaction, used.transaction)]
    assert said == [
        "receipt stated by the recipient: 6.00 USD, its word: short",
        "expenditure stated by the recipient: 5.00 USD",
    ]
    assert node_of(flow, rows["received"]).word == "entered as a voucher"


def test_what_is_stuck_at_a_payment_says_what_the_recipient_says_of_it(rows):
    short = make.make_disbursement(rows["commitment"], "8.00", reference="D3")
    disputed = make.make_disbursement(rows["commitment"], "9.00", reference="D4")
    silent = make.make_disbursement(rows["commitment"], "7.00", reference="D5")
    receipts.state(short, "short", "6.00")
    receipts.state(disputed, "disputed")
    flow = queries.flow_of(short)

    assert [node_of(flow, row).stuck for row in (short, disputed, silent)] == [
        "2.00 USD disbursed and not confirmed as received; the recipient says that less arrived (open)",
        "9.00 USD disbursed and not confirmed as received; the recipient disputes it (open)",
        "7.00 USD disbursed and not confirmed as received",
    ]


def test_a_word_that_was_taken_back_is_no_longer_said(rows):
    sent = make.make_disbursement(rows["commitment"], "8.00", reference="D3")
    make.make_reversal(receipts.state(sent, "short", "6.00").transaction)

    assert node_of(queries.flow_of(sent), sent).stuck.endswith("not confirmed as received")


def test_a_chain_says_how_many_differences_are_not_settled(rows):
    # D1 is short by 100, and 30 more than D2 arrived.
    assert queries.flow_of(rows["first"]).sentences[-1] == (
        "2 discrepancies are not settled, of 130.00 USD."
    )
    first = rows["first"].discrepancies.get()
    explained = receipts.explain(first, receipts.representative_of(first.about.program))
    receipts.accept(explained, receipts.another_officer(first.about.program))
    assert queries.flow_of(rows["first"]).sentences[-1] == (
        "1 discrepancy is not settled, of 30.00 USD."
    )


def test_a_late_report_says_when_it_was_booked():
    sent = receipts.make_dispatch(value_date=periods.IN_Q1)
    periods.close(sent.program.owner)
    word = receipts.state(sent, arrived_on=periods.IN_Q1)
    booked = word.transaction.booked_on

    assert booked is not None
    said = node_of(queries.flow_of(sent), word.transaction).said
    assert said.endswith(f"booked {say_day(booked)} (late entry)")


def test_a_refund_of_history_without_payments_hangs_in_no_chain():
    office = make_organisation()
    officer, approver = (make_person(role, organisation=office) for role in ("officer", "approver"))
    history = csv_of("R1,FRA,France,2010,-60.00,Depot")
    make_posted_upload(history, organisation=office, officer=officer, approver=approver)
    refund = Transaction.objects.get(text__reference="R1", program__owner=office)

    assert refund.draws_on is None
    assert queries.flow_of(refund) is None


@pytest.fixture(scope="module")
def made_many(django_db_setup, django_db_blocker):
    """Payments of 1.00 to 4.00, each of which arrived in full; two more were reversed."""
    with kept(django_db_blocker):
        commitment = make.make_commitment(amount="1000.00")
        for number in range(1, 5):
            paid = make.make_disbursement(commitment, f"{number}.00", reference=f"N{number}")
            chains.make_receipt(paid, f"{number}.00")
        for _ in range(2):
            make.make_reversal(make.make_disbursement(commitment, "9.00"))
        yield commitment


@pytest.fixture
def many(made_many, monkeypatch):
    """Two of each are shown, so that a handful is many."""
    monkeypatch.setattr(chaining, "SHOWN", (2, 2, 2, 2))
    monkeypatch.setattr(chaining, "LISTED", 1)
    return made_many


def test_of_many_rows_the_largest_are_shown_and_the_others_stand_together(many):
    flow = queries.flow_of(many)
    others = next(node for _, node in flow.nodes if node.count == 2)

    assert (others.row, others.value.plain, others.label) == (None, "3.00", "2 more disbursements")
    assert [child.value.plain for child in others.children] == ["3.00"]  # their receipts
    paid = flow.stages[1]
    assert (paid.rows, paid.value.plain, paid.left.plain) == (4, "10.00", "0.00")
    assert flow.reversed.more == 1


def test_the_row_itself_is_shown_however_many_are_larger(many):
    smallest = Transaction.objects.get(text__reference="N1")
    shown = [node.row for _, node in queries.flow_of(smallest).nodes]

    assert smallest in shown
    assert len([row for row in shown if row and row.kind == "disbursement"]) == 3


def test_a_chain_costs_the_same_number_of_queries_for_few_rows_and_for_many(
    rows, many, count_queries
):
    before = count_queries(lambda: queries.flow_of(rows["commitment"]))
    assert count_queries(lambda: queries.flow_of(many)) <= before
    paid = make.make_disbursement(rows["commitment"], "5.00")
    chains.make_expenditure(chains.make_receipt(paid, "5.00"), "5.00")
    chains.make_refund(rows["first"], "1.00")
    receipts.state(make.make_disbursement(rows["commitment"], "4.00"), "short", "3.00")

    assert count_queries(lambda: queries.flow_of(rows["commitment"])) == before
