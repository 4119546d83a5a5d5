"""Every kind draws on the one before it; what we authorise stays within it; what others report is recorded as stated."""

from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import ledger as make
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.journal import projections
from tracker.ledger import policies, queries
from tracker.ledger.actions import posting
from tracker.ledger.models import (
    DRAWS_ON,
    IATI_CODES,
    REPORTED,
    Balance,
    Transaction,
    TransactionKind,
    Turnover,
)
from tracker.shared.errors import NotAllowed, Refused

TO_THE_PAYMENT = ("commitment", "disbursement")
WAYS = [("pledge",), ("commitment",), TO_THE_PAYMENT, (*TO_THE_PAYMENT, "receipt")]


def build():
    """A program without rows; a whole chain, and the end of every way that goes on, each in a program of its own."""
    program = staffed_program()
    chain = make.make_chain(make_program(owner=program.owner))
    return program, chain, {steps: walk(program.owner, steps) for steps in WAYS}


def walk(owner, steps):
    """100.00 USD at each step: the last one, on which nothing draws yet."""
    program, row = make_program(owner=owner), None
    for step in steps:
        row = make.post(program, step, "100.00", draws_on=row)
    return row


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def chain(built):
    return deepcopy(built[1])


@pytest.fixture
def ends(built):
    return deepcopy(built[2])


@pytest.fixture
def paid(ends):
    return ends[TO_THE_PAYMENT]


@contextmanager
def refused(match, field=""):
    with pytest.raises(Refused, match=match) as caught:
        yield
    if field:
        assert field in caught.value.message_dict


def forbidden(rule):
    return pytest.raises(DatabaseError, match=rule)


def balance_of(row):
    kept = Balance.objects.get(transaction=row)
    return kept.value.plain, kept.drawn.plain


def is_reckoned():
    """Balances, turnovers and all rows are what the journal says."""
    return not list(projections.differences(erased=lambda entry: False))


def turnover(program, kind):
    return Turnover.objects.get(program=program, kind=kind).amount.plain


# --- The way ---------------------------------------------------------------


def test_a_chain_is_drawn_from_pledge_to_use_and_every_balance_follows(chain):
    *chain, used = chain

    assert [balance_of(row) for row in chain] == [("100.00", "100.00")] * 4
    assert balance_of(used) == ("100.00", "0.00")
    assert is_reckoned()


def test_pledges_are_in_no_total_but_their_own(program):
    make.post(program, "pledge", "500.00")

    (line,) = queries.totals_of([program])

    assert (line.committed.minor, line.disbursed.minor) == (0, 0)
    assert line.pledged.plain == "500.00"
    assert line.received is line.used is None


def test_totals_tell_the_kinds_apart(program):
    commitment = make.make_commitment(program, "100.00")
    paid = make.make_disbursement(commitment, "80.00")
    receipt = make.post(program, "receipt", "70.00", draws_on=paid)
    make.post(program, "expenditure", "30.00", draws_on=receipt)
    make.post(program, "refund", "5.00", draws_on=receipt)
    make.post(program, "write_off", "4.00", draws_on=paid)

    (line,) = queries.totals_of([program])

    assert (line.committed.plain, line.disbursed.plain) == ("100.00", "75.00")
    assert (line.received.plain, line.used.plain) == ("70.00", "30.00")
    assert line.written_off.plain == "4.00"


@pytest.mark.parametrize("kind", TransactionKind.values)
def test_every_kind_has_its_parents_and_its_iati_code(kind):
    assert kind in DRAWS_ON
    assert kind in IATI_CODES
    code = {"pledge": "12", "commitment": "2", "disbursement": "3", "expenditure": "4"}
    assert code.get(kind, IATI_CODES[kind]) == IATI_CODES[kind]


WRONG = [
    (kind, parent)
    for kind in TransactionKind.values
    for parent in ("pledge", "commitment", "disbursement", "receipt", "expenditure")
    if parent not in DRAWS_ON[kind]
]


def test_no_kind_draws_on_another_than_the_one_before_it(chain):
    kinds = ("pledge", "commitment", "disbursement", "receipt", "expenditure")
    rows = dict(zip(kinds, chain, strict=True))
    program = chain[0].program
    for kind, parent in WRONG:
        with refused("draws on", "draws_on"):
            make.make_voucher(program, kind, draws_on=rows[parent], amount=make.money("1.00"))


def test_the_database_refuses_a_wrong_parent_too(chain, monkeypatch):
    monkeypatch.setattr(policies.vouchers, "check_can_be_drawn_on", lambda *a: None)
    monkeypatch.setattr(policies.vouchers, "check_enough_left", lambda *a: None)

    with refused("no kind stands in for another", "draws_on"):
        make.post(chain[2].program, "expenditure", "1.00", draws_on=chain[2])


def test_a_circle_cannot_be_drawn(program):
    first = make.make_commitment(program)
    with pytest.raises(DatabaseError, match="append_only"), connection.cursor() as cursor:
        cursor.execute("UPDATE tracker_transaction SET draws_on_id = id WHERE id = %s", [first.pk])


@pytest.mark.parametrize("kind", ["receipt", "expenditure", "write_off", "refund"])
def test_what_must_draw_on_something_says_so(program, kind):
    with refused(".", "draws_on"):
        make.submit(make.make_voucher(program, kind))


def test_nothing_draws_on_what_was_reversed(program):
    commitment = make.make_commitment(program)
    make.make_reversal(commitment)
    with refused("reversed", "draws_on"):
        make.make_disbursement(commitment)


def test_the_database_refuses_to_draw_on_what_was_reversed(program, monkeypatch):
    paid = make.make_disbursement(make.make_commitment(program))
    receipt = make.submit(make.make_voucher(program, "receipt", draws_on=paid))
    make.make_reversal(paid)
    monkeypatch.setattr(policies.vouchers, "check_can_be_drawn_on", lambda *a: None)
    with refused("in force", "draws_on"):
        make.approve(receipt)


def test_a_reversal_of_what_others_draw_on_names_them(chain):
    for row in chain[:-1]:
        with refused("Reverse first"):
            make.make_reversal(row)


def test_the_database_refuses_to_reverse_what_others_draw_on(program, monkeypatch):
    commitment = make.make_commitment(program)
    paid = make.make_disbursement(commitment)
    voucher = make.post(program, "receipt", draws_on=paid)
    monkeypatch.setattr(policies.transactions, "_check_not_drawn_on", lambda row: None)
    with refused("drawn on"):
        make.make_reversal(paid)
    assert Transaction.objects.filter(reverses=paid).count() == 0
    assert voucher.draws_on == paid


def test_a_chain_is_unwound_from_its_end_and_every_reversal_frees_what_it_reversed(chain):
    for row in reversed(chain):
        make.make_reversal(row)
        assert balance_of(row) == ("0.00", "0.00")
        if row.draws_on is not None:
            assert balance_of(row.draws_on) == ("100.00", "0.00")

    assert {t.amount.minor for t in Turnover.objects.filter(program=chain[0].program)} == {0}
    assert is_reckoned()


# --- What we authorise -----------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize(
    "steps, kind",
    [
        (("pledge",), "commitment"),
        (("commitment",), "disbursement"),
        (("commitment", "disbursement"), "refund"),
        (("commitment", "disbursement"), "write_off"),
        (("commitment", "disbursement", "receipt"), "write_off"),
        (("commitment", "disbursement", "receipt"), "refund"),
    ],
)
def test_what_we_authorise_never_exceeds_what_it_draws_on_by_a_cent(ends, steps, kind):
    parent = ends[steps]

    with refused(r"Only 100\.00 USD", "amount"):
        make.post(parent.program, kind, "100.01", draws_on=parent)

    make.post(parent.program, kind, "100.00", draws_on=parent)
    assert is_reckoned()


def test_without_our_check_the_database_holds_every_stage(paid, monkeypatch):
    monkeypatch.setattr(policies.vouchers, "check_enough_left", lambda *a: None)
    with refused("No longer that much is left", "amount"):
        make.post(paid.program, "write_off", "100.01", draws_on=paid)


def test_a_refund_frees_its_commitment_wherever_the_money_was_stuck(paid):
    program, commitment = paid.program, paid.draws_on
    make.post(program, "refund", "10.00", draws_on=paid)
    receipt = make.post(program, "receipt", "90.00", draws_on=paid)
    refund = make.post(program, "refund", "20.00", draws_on=receipt)
    assert balance_of(commitment) == ("100.00", "70.00")
    assert balance_of(receipt) == ("90.00", "20.00")

    make.make_reversal(refund)

    assert balance_of(commitment) == ("100.00", "90.00")
    assert balance_of(receipt) == ("90.00", "0.00")
    assert is_reckoned()


def test_a_refund_that_was_paid_out_again_cannot_be_taken_back(paid):
    refund = make.post(paid.program, "refund", "100.00", draws_on=paid)
    make.make_disbursement(paid.draws_on, "100.00")
    with refused("Only 0.00 USD of the commitment is left"):
        make.make_reversal(refund)


def test_a_refund_counts_against_the_year_of_its_commitments_authority(program):
    authority = make.make_authority(program.owner)
    make.set_ceiling(authority, "500.00")
    commitment = make.make_commitment(program, "100.00", authority=authority)
    paid = make.make_disbursement(commitment, "100.00")
    receipt = make.post(program, "receipt", "100.00", draws_on=paid)
    make.post(program, "refund", "30.00", draws_on=receipt)

    year = authority.years.get()

    assert (year.committed.plain, year.disbursed.plain) == ("100.00", "70.00")
    assert is_reckoned()


# --- What others report ----------------------------------------------------


def test_a_receipt_larger_than_the_payment_is_recorded_and_its_excess_is_in_no_total(paid):
    receipt = make.post(paid.program, "receipt", "120.00", draws_on=paid)

    assert (receipt.amount.plain, receipt.excess.plain) == ("120.00", "20.00")
    assert receipt.counted.plain == turnover(paid.program, "receipt") == "100.00"
    assert balance_of(paid) == ("100.00", "100.00")
    assert balance_of(receipt) == ("100.00", "0.00")
    assert is_reckoned()


def test_a_second_receipt_for_the_whole_again_is_all_excess(paid):
    make.post(paid.program, "receipt", "100.00", draws_on=paid)

    again = make.post(paid.program, "receipt", "100.00", draws_on=paid)

    assert again.excess == again.amount
    assert again.counted.minor == 0


def test_the_reversal_of_a_report_takes_its_excess_back_too(paid):
    receipt = make.post(paid.program, "receipt", "120.00", draws_on=paid)

    back = make.make_reversal(receipt)

    assert back.excess.plain == "-20.00"
    assert turnover(paid.program, "receipt") == "0.00"
    assert balance_of(paid) == ("100.00", "0.00")
    assert is_reckoned()


@pytest.mark.parametrize("excess", [None, 1, 3000])
def test_the_database_lets_nobody_choose_how_much_is_excess(paid, monkeypatch, excess):
    monkeypatch.setattr("tracker.ledger.actions.posting._excess", lambda version: excess)
    with pytest.raises(Refused, match="left"):
        make.post(paid.program, "receipt", "120.00", draws_on=paid)


def test_only_a_report_has_an_excess(program, monkeypatch):
    monkeypatch.setattr("tracker.ledger.actions.posting._excess", lambda version: 1)
    with (
        forbidden("transaction_excess_only_of_a_report|transaction_excess_is"),
        transaction.atomic(),
    ):
        make.make_commitment(program)


def test_every_reported_kind_is_one_that_we_do_not_authorise():
    assert set(REPORTED) == {"receipt", "expenditure"}


# --- In kind ---------------------------------------------------------------


@pytest.mark.parametrize(
    "says, field",
    [
        ({"form": "goods"}, "valuation_basis"),
        ({"form": "money", "valuation_basis": "net_book_value"}, "valuation_basis"),
        ({"form": "money", "quantity": 4}, "quantity"),
        ({"form": "goods", "valuation_basis": "unvalued"}, "amount"),
        (make.IN_KIND | {"quantity": 0}, "quantity"),
        (make.IN_KIND | {"quantity": -1}, "quantity"),
    ],
)
def test_a_draft_says_at_its_field_what_does_not_fit_together(program, says, field):
    with refused(".", field):
        make.make_voucher(program, "commitment", **says)


@pytest.mark.parametrize("lacking", ["valuation_basis", "valuation_date"])
def test_goods_are_not_submitted_without_basis_and_date(program, lacking):
    says = make.IN_KIND | {lacking: "not_stated" if lacking == "valuation_basis" else None}
    voucher = make.make_voucher(program, "commitment", **says)
    with refused(".", lacking):
        make.submit(voucher)


def test_a_dispatch_of_goods_says_which_point_delivered_means(program):
    commitment = make.make_commitment(program, **make.IN_KIND)
    voucher = make.make_voucher(
        program, "disbursement", draws_on=commitment, **make.IN_KIND | {"delivery_point": ""}
    )
    with refused("point", "delivery_point"):
        make.submit(voucher)


def test_the_database_wants_basis_and_date_of_goods_too(program, monkeypatch):
    monkeypatch.setattr(policies.vouchers, "_missing_value", lambda voucher: {})
    with refused("basis", "valuation_basis"):
        make.make_commitment(program, **make.IN_KIND | {"valuation_basis": "not_stated"})
    with refused("basis", "valuation_basis"):
        make.make_commitment(program, **make.IN_KIND | {"valuation_date": None})


def test_what_is_unvalued_has_no_amount_and_is_in_no_sum(program):
    row = make.post(program, "commitment", None, quantity=40, unit="beds")

    assert row.amount is None
    assert row.currency == ""
    assert not Balance.objects.filter(transaction=row).exists()
    assert not Turnover.objects.filter(program=program).exists()
    assert queries.totals_of([program]) == []
    assert is_reckoned()


def test_a_value_cannot_draw_on_what_is_unvalued_but_what_is_unvalued_can(program):
    commitment = make.post(program, "commitment", None, quantity=40, unit="beds")
    with refused("unvalued", "amount"):
        make.post(program, "disbursement", "1.00", draws_on=commitment, **make.IN_KIND)

    sent = make.post(
        program,
        "disbursement",
        None,
        draws_on=commitment,
        quantity=40,
        delivery_point="title_transfer",
    )

    assert sent.draws_on == commitment
    assert is_reckoned()


def test_the_database_knows_that_nothing_of_value_draws_on_the_unvalued(program, monkeypatch):
    commitment = make.post(program, "commitment", None)
    monkeypatch.setattr(policies.vouchers, "check_enough_left", lambda *a: None)
    with refused("unvalued", "amount"):
        make.post(program, "disbursement", "1.00", draws_on=commitment, **make.IN_KIND)


def test_what_is_unvalued_is_reversed_as_it_was_posted(program):
    row = make.post(program, "commitment", None, quantity=40, unit="beds")

    back = make.make_reversal(row)

    assert (back.amount, back.quantity) == (None, -40)
    assert is_reckoned()


def test_what_is_unvalued_cannot_be_held_under_a_ceiling(program, monkeypatch):
    authority = make.make_authority(program.owner)
    make.set_ceiling(authority, "500.00")
    with refused("ceiling", "valuation_basis"):
        make.post(program, "commitment", None, authority=authority)
    monkeypatch.setattr(policies.vouchers, "check_can_commit_under", lambda *a, **k: None)
    with refused("ceiling", "valuation_basis"):
        make.post(program, "commitment", None, authority=authority)


def test_a_quantity_is_taken_back_with_its_row(program):
    row = make.make_commitment(program, **make.IN_KIND, quantity=12, unit="trucks")
    assert make.make_reversal(row).quantity == -12


# --- Hands that bypass the actions -----------------------------------------


def test_what_was_approved_is_what_is_posted_in_kind_too(program, monkeypatch):
    version = make.submit(make.make_voucher(program, "commitment", **make.IN_KIND, quantity=12))
    honest = posting._transaction_of

    def cheating(version, text):
        row = honest(version, text)
        row.quantity = 13
        return row

    monkeypatch.setattr(posting, "_transaction_of", cheating)
    with refused("differs from what was approved"):
        make.approve(version)


def test_people_of_other_roles_post_no_kind(program):
    for role in (Role.AUDITOR, Role.RECIPIENT, Role.APPROVER, Role.DISCLOSURE):
        person = make_person(role, organisation=program.owner)
        with pytest.raises(NotAllowed, match="Only a program officer"):
            make.make_voucher(program, "pledge", by=person)
