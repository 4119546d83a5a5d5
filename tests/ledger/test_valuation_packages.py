"""A package moves together: its dispatches, receipts, ceilings and reversals, to the last cent."""

import pytest

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.ledger.valuing import (
    balance_of,
    is_reckoned,
    ministry,
    packed,
    program,
    refused,
    turnover,
    without,
)
from tracker.accounts.models import Notice
from tracker.ledger import actions, queries
from tracker.ledger.models import AuthorityYear, Balance, Revaluation, RevaluationLine, Transaction

__all__ = ["ministry", "packed", "program"]  # fixtures


# --- The package moves together --------------------------------------------


def test_dispatches_and_receipts_are_the_same_goods_and_move_in_proportion(packed):
    package, first, second, arrived, partly, used = packed
    program = packed[0].program

    decision = goods.revalue(package, "400.00")

    assert decision.rows == 6
    assert [balance_of(row) for row in (package, first, second, arrived, partly, used)] == [
        ("400.00", "360.00"),
        ("240.00", "240.00"),
        ("120.00", "48.00"),
        ("240.00", "24.00"),
        ("48.00", "0.00"),
        ("24.00", "0.00"),
    ]
    assert turnover(program, "disbursement") == "360.00"
    assert turnover(program, "receipt") == "288.00"
    (line,) = queries.totals_of([program])
    assert (line.committed.plain, line.disbursed.plain, line.used.plain) == (
        "400.00",
        "360.00",
        "24.00",
    )
    assert is_reckoned()


def test_a_dispatch_alone_is_revalued_within_its_package(packed):
    package, first, *_ = packed

    goods.revalue(first, "300.00")

    assert balance_of(first) == ("300.00", "300.00")
    assert balance_of(package) == ("1000.00", "600.00")
    assert is_reckoned()


@pytest.mark.thorough
def test_up_again_what_was_sent_to_the_last_cent_stays_so(program):
    package = goods.make_goods(program, amount="100.00")
    sent = [goods.draw(package, "disbursement", part) for part in ("33.33", "33.33", "33.34")]

    for amount in ("0.07", "9876543210.01", "100.00"):
        goods.revalue(package, amount)
        assert balance_of(package)[0] == balance_of(package)[1] == amount
        assert (
            sum(Balance.objects.get(pk=one.pk).value.minor for one in sent)
            == make.money(amount).minor
        )
    assert is_reckoned()


def test_a_package_worth_nothing_and_then_something_keeps_its_proportion(packed):
    package, first, second, *_ = packed

    goods.revalue(package, "0.00")
    assert balance_of(package) == balance_of(first) == ("0.00", "0.00")
    goods.revalue(package, "100.00")

    assert (balance_of(first)[0], balance_of(second)[0]) == ("60.00", "30.00")
    assert is_reckoned()


@pytest.mark.thorough
def test_a_pledge_takes_its_commitments_with_it(program):
    chain = make.make_chain(program, "100.00", **goods.GOODS)

    goods.revalue(chain[0], "10.00")

    assert [balance_of(row)[0] for row in chain] == ["10.00"] * 5
    assert is_reckoned()


def test_goods_that_came_back_free_their_package_by_what_they_are_worth_then(program):
    package = goods.make_goods(program, amount="100.00")
    gone = goods.draw(package, "disbursement", "100.00")
    back = goods.draw(gone, "refund", "100.00")
    again = goods.draw(package, "disbursement", "100.00")
    receipt = goods.draw(again, "receipt", "50.00")
    returned = goods.draw(receipt, "refund", "20.00")
    assert balance_of(package) == ("100.00", "80.00")

    goods.revalue(package, "33.00")

    assert balance_of(package) == ("33.00", "26.40")
    assert balance_of(gone) == ("33.00", "33.00")
    assert balance_of(back)[0] == "33.00"
    assert (balance_of(again)[0], balance_of(returned)[0]) == ("33.00", "6.60")
    assert is_reckoned()


def test_the_excess_of_a_report_stays_as_stated_and_its_part_that_counts_moves(program):
    sent = goods.draw(goods.make_goods(program), "disbursement", "100.00")
    receipt = goods.draw(sent, "receipt", "120.00")

    goods.revalue(sent, "40.00")

    receipt.refresh_from_db()
    assert (receipt.excess.plain, balance_of(receipt)[0]) == ("20.00", "40.00")
    back = make.make_reversal(receipt)
    assert (back.amount.plain, back.excess.plain) == ("-60.00", "-20.00")
    assert balance_of(receipt) == ("0.00", "0.00")
    assert is_reckoned()


def test_what_was_reversed_is_left_alone(packed):
    package, first, second, _, partly, _ = packed
    make.make_reversal(partly)
    make.make_reversal(second)

    assert goods.revalue(package, "500.00").rows == 4

    assert balance_of(second) == ("0.00", "0.00")
    assert balance_of(first)[0] == "300.00"
    assert is_reckoned()


def test_money_drawn_on_goods_keeps_its_value_and_bounds_them(program):
    package = goods.make_goods(program, amount="100.00")
    sent = goods.draw(package, "disbursement", "50.00")
    paid = make.make_disbursement(package, "30.00", reference="FREIGHT")

    with refused("money keeps its value.*FREIGHT", "new_amount"):
        goods.propose(package, "40.00")

    goods.revalue(package, "70.00")
    assert balance_of(package) == ("70.00", "65.00")
    assert (balance_of(sent)[0], balance_of(paid)[0]) == ("35.00", "30.00")
    assert is_reckoned()


def test_the_database_bounds_goods_by_the_money_drawn_on_them(program, monkeypatch):
    package = goods.make_goods(program, amount="100.00")
    make.make_disbursement(package, "30.00")
    without(monkeypatch, "_check_stages")
    proposed = goods.propose(package, "29.99")
    with refused("More than that is drawn", "new_amount"):
        goods.confirm(proposed)
    assert not RevaluationLine.objects.exists()


def test_what_draws_on_a_package_cannot_be_worth_more_than_it_has_left(packed, monkeypatch):
    _, first, second, *_ = packed
    with refused("is worth 1,000.00 USD: what draws on it cannot", "new_amount"):
        goods.propose(first, "1000.01")
    with refused("Only 100.00 USD of the commitment", "new_amount"):
        goods.propose(second, "400.01")

    without(monkeypatch, "_check_stages", "_check_parent")
    with refused("More than that is drawn", "new_amount"):
        goods.confirm(goods.propose(second, "400.01"))
    with refused("at this moment"):
        goods.confirm(goods.propose(first, "1000.01"))


def test_a_draw_between_proposal_and_decision_is_revalued_with_it(program):
    package = goods.make_goods(program, amount="100.00")
    proposed = goods.propose(package, "50.00")
    sent = goods.draw(package, "disbursement", "80.00")

    assert goods.confirm(proposed).rows == 2

    assert balance_of(sent)[0] == "40.00"
    assert balance_of(package) == ("50.00", "40.00")


def test_money_drawn_between_proposal_and_decision_refuses_it(program):
    package = goods.make_goods(program, amount="100.00")
    proposed = goods.propose(package, "50.00")
    make.make_disbursement(package, "80.00")
    with refused("money keeps its value"):
        goods.confirm(proposed)


def test_a_value_that_moved_since_the_proposal_refuses_it(packed, monkeypatch):
    package, first, *_ = packed
    proposed = goods.propose(first, "300.00")
    goods.revalue(package, "500.00")

    with refused("was worth 600.00 USD when this was proposed, and is worth 300.00 USD now"):
        goods.confirm(proposed)

    without(monkeypatch, "check_is_as_it_was")
    with refused("at this moment"):
        goods.confirm(proposed)


# --- Reversals -------------------------------------------------------------


def test_a_reversal_takes_back_what_counts_now(packed):
    package, *_, used = packed
    program = packed[0].program
    goods.revalue(package, "400.00")

    back = make.make_reversal(used)

    assert (back.amount.plain, back.valuation_basis) == ("-24.00", "net_book_value")
    assert balance_of(used) == ("0.00", "0.00")
    assert turnover(program, "expenditure") == "0.00"
    assert is_reckoned()


def test_what_was_revalued_to_nothing_is_taken_back_as_nothing(program):
    row = goods.make_goods(program)
    goods.revalue(row, "0.00")
    back = make.make_reversal(row)
    assert back.amount.minor == 0
    assert turnover(program, "commitment") == "0.00"
    assert is_reckoned()


@pytest.mark.thorough
def test_a_reversal_that_was_written_before_a_revaluation_is_refused_until_it_is_saved_again(
    program, monkeypatch
):
    row = goods.make_goods(program)
    by = make.officer_of(program)
    says = {"transaction": row, "reason": "Error.", "value_date": make.A_DAY, "by": by}
    voucher = actions.draft_reversal(**says)
    version = make.submit(voucher)
    goods.revalue(row, "400.00")
    assert Notice.objects.filter(person=by, sentence__contains="save it once more").exists()

    with refused("says 1,000.00 USD, and 400.00 USD", "amount"):
        make.approve(version)
    with monkeypatch.context() as lax:
        without(lax, "check_takes_back_what_it_is_worth")
        with refused("revalued at this moment", "amount"):
            make.approve(version)
    assert not Transaction.objects.filter(reverses=row).exists()

    actions.return_voucher(version=version, reason="Revalued.", by=make.approver_of(program))
    voucher.refresh_from_db()
    with refused("says 1,000.00 USD", "amount"):
        make.submit(voucher)
    make.edit(voucher)
    assert make.approve(make.submit(voucher)).amount.plain == "-400.00"
    assert balance_of(row) == ("0.00", "0.00")
    assert is_reckoned()


def test_a_revaluation_that_was_proposed_before_a_reversal_is_refused(program, monkeypatch):
    row = goods.make_goods(program)
    proposed = goods.propose(row, "400.00")
    make.make_reversal(row)
    with refused("was reversed"):
        goods.confirm(proposed)

    without(monkeypatch, "check_is_as_it_was")
    with refused("at this moment"):
        goods.confirm(proposed)


# --- Unvalued --------------------------------------------------------------


def test_valuing_what_nobody_had_valued_begins_its_balance_and_enters_the_totals(program):
    row = goods.make_goods(program, amount=None)
    assert queries.totals_of([program]) == []

    proposed = goods.propose(row, "500.00")
    assert (proposed.old_amount, proposed.old_basis, proposed.difference) == (
        None,
        "unvalued",
        None,
    )
    goods.confirm(proposed)

    assert balance_of(row) == ("500.00", "0.00")
    (line,) = queries.totals_of([program])
    assert (line.committed.plain, line.rows) == ("500.00", 1)
    assert [
        t.amount.plain for t in queries.turnover_of(Transaction.objects.filter(program=program))
    ] == ["500.00"]
    row.refresh_from_db()
    assert row.amount is None
    assert is_reckoned()


def test_what_draws_on_it_stays_unvalued_until_it_is_valued_itself(program, monkeypatch):
    package = goods.make_goods(program, amount=None)
    sent = goods.draw(package, "disbursement", None)
    receipt = goods.draw(sent, "receipt", None)
    with refused("is unvalued: have that valued first"):
        goods.propose(sent, "100.00")

    goods.revalue(package, "500.00")
    assert not Balance.objects.filter(transaction__in=[sent, receipt]).exists()

    with refused("in USD", "currency"):
        goods.propose(sent, make.money("10.00", "EUR"))
    with refused("cannot be worth 500.01", "new_amount"):
        goods.propose(sent, "500.01")
    goods.revalue(sent, "500.00")
    goods.revalue(receipt, "400.00")
    assert balance_of(package) == ("500.00", "500.00")
    assert balance_of(sent) == ("500.00", "400.00")

    goods.revalue(package, "50.00")
    assert balance_of(receipt) == ("40.00", "0.00")
    assert is_reckoned()


def test_the_database_values_nothing_on_what_is_unvalued(program, monkeypatch):
    sent = goods.draw(goods.make_goods(program, amount=None), "disbursement", None)
    without(monkeypatch, "_check_parent")
    with refused("at this moment"):
        goods.confirm(goods.propose(sent, "100.00"))


@pytest.mark.thorough
def test_what_was_valued_later_is_drawn_on_and_reversed_in_its_currency(program):
    row = goods.make_goods(program, amount=None)
    goods.revalue(row, make.money("500.00", "EUR"))

    with refused("in EUR", "currency"):
        make.make_voucher(
            program, "disbursement", draws_on=row, amount=make.money("5.00"), **goods.GOODS
        )
    sent = make.post(program, "disbursement", "500.00", "EUR", draws_on=row, **goods.GOODS)
    make.make_reversal(sent)
    back = make.make_reversal(row)

    assert (back.amount.plain, back.currency, back.valuation_basis) == (
        "-500.00",
        "EUR",
        "net_book_value",
    )
    assert balance_of(row) == ("0.00", "0.00")
    assert turnover(program, "commitment", "EUR") == "0.00"
    assert is_reckoned()


# --- Ceilings --------------------------------------------------------------


@pytest.fixture
def authority(program):
    return make.make_authority(program.owner, kind="drawdown")


def left_under(authority, fiscal_year=2024):
    (year,) = queries.headroom(authority, fiscal_year)
    assert year in queries.years_of(authority)
    return year.left.plain


def test_headroom_is_reckoned_anew_and_a_ceiling_refuses_what_it_cannot_bear(program, authority):
    make.set_ceiling(authority, "1000.00")
    row = goods.make_goods(program, amount="900.00", authority=authority)
    sent = goods.draw(row, "disbursement", "450.00")
    assert left_under(authority) == "100.00"

    goods.revalue(row, "400.00")
    assert left_under(authority) == "600.00"
    assert AuthorityYear.objects.get().disbursed.plain == "200.00"
    make.make_commitment(program, "550.00", authority=authority)

    with refused("Only 50.00 USD is left under the ceiling.*50.01 USD more", "new_amount"):
        goods.propose(row, "450.01")
    goods.revalue(row, "450.00")
    assert left_under(authority) == "0.00"
    assert balance_of(sent)[0] == "225.00"
    assert is_reckoned()


def test_the_database_holds_the_ceiling_against_a_revaluation(program, authority, monkeypatch):
    make.set_ceiling(authority, "1000.00")
    row = goods.make_goods(program, amount="900.00", authority=authority)
    without(monkeypatch, "_check_ceilings")
    proposed = goods.propose(row, "1000.01")

    with refused("ceiling does not have that much left", "new_amount"):
        goods.confirm(proposed)

    assert balance_of(row) == ("900.00", "0.00")
    assert left_under(authority) == "100.00"


def test_a_first_value_enters_the_ceiling_in_the_authoritys_currency(
    program, authority, monkeypatch
):
    row = goods.make_goods(program, amount=None, authority=authority)
    make.set_ceiling(authority, "1000.00")
    with refused("is in USD: value it in that", "currency"):
        goods.propose(row, make.money("5.00", "EUR"))
    with refused("Only 1,000.00 USD is left", "new_amount"):
        goods.propose(row, "1000.01")

    with monkeypatch.context() as lax:
        without(lax, "_check_currency", "_check_ceilings")
        with refused("at this moment"):
            foreign = goods.propose(row, make.money("5.00", "EUR"))
            goods.confirm(foreign)
    goods.decline(Revaluation.objects.get())
    goods.revalue(row, "1000.00")

    assert left_under(authority) == "0.00"
    assert is_reckoned()


def test_a_reversal_after_a_revaluation_frees_the_whole_ceiling(program, authority):
    make.set_ceiling(authority, "1000.00")
    row = goods.make_goods(program, amount="900.00", authority=authority)
    goods.revalue(row, "400.00")
    make.make_reversal(row)
    assert left_under(authority) == "1000.00"
    assert is_reckoned()


def test_running_headroom_goes_by_what_counts_today(program, authority):
    make.set_ceiling(authority, "1000.00")
    first = goods.make_goods(program, amount="500.00", authority=authority)
    unvalued = make.make_authority(program.owner)
    goods.make_goods(program, amount=None, authority=unvalued)
    second = make.make_commitment(program, "300.00", authority=authority)
    goods.revalue(first, "100.00")

    rows, years = queries.commitments_under(authority, 2024), queries.years_of(authority)
    whole = queries.running(rows, list(rows), years)

    assert [(one.transaction, one.left.plain) for one in whole] == [
        (second, "600.00"),
        (first, "900.00"),
    ]
    assert [one.now and one.now.plain for one in whole] == [None, "100.00"]
    silent = queries.commitments_under(unvalued, 2024)
    assert [one.left for one in queries.running(silent, list(silent), [])] == [None]
    assert queries.headroom(unvalued, 2024) == []


def test_what_revaluations_did_to_a_years_headroom(program, authority):
    make.set_ceiling(authority, "1000.00")
    row = goods.make_goods(program, amount="900.00", authority=authority)
    other = goods.make_goods(program, amount="50.00", authority=authority)
    goods.revalue(row, "400.00")
    goods.revalue(row, "300.00")
    goods.revalue(other, "10.00")
    make.make_reversal(other)

    found = queries.revalued_under(authority, queries.years_of(authority))

    (year,) = found.years
    assert (year.left_as_stated.plain, year.delta.plain, year.year.left.plain) == (
        "100.00",
        "-600.00",
        "700.00",
    )
    assert [line.now.plain for line in found.lines] == ["300.00", "400.00"]


# --- Large amounts ---------------------------------------------------------


def test_fifteen_digits_are_revalued_to_the_cent(program):
    package = goods.make_goods(program, amount="999999999999999.99")
    first = goods.draw(package, "disbursement", "333333333333333.34")
    second = goods.draw(package, "disbursement", "666666666666666.65")

    goods.revalue(package, "123456789012345.67")

    assert balance_of(package) == ("123456789012345.67", "123456789012345.67")
    assert (balance_of(first)[0], balance_of(second)[0]) == (
        "41152263004115.22",
        "82304526008230.45",
    )
    assert is_reckoned()
