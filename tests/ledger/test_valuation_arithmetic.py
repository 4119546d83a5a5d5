"""The arithmetic of valuation: exact, in the units it says, and shared out so that no stage exceeds the one before."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.ledger.valuation import (
    Stage,
    in_proportion,
    net_book_value,
    overstatement,
    ratio_of,
    share,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money


def usd(amount):
    return Money.of(amount, "USD")


def nbv(cost, salvage, life, age):
    return net_book_value(usd(cost), usd(salvage), Decimal(life), Decimal(age))


def test_nine_of_fifteen_years_leave_400_000_of_a_million():
    found = nbv("1000000", "0", "15", "9")
    assert found.amount == usd("400000.00")
    assert not found.was_rounded


@pytest.mark.parametrize(
    "parameters, left",
    [
        (("1000000", "100000", "15", "9"), "460000.00"),
        (("1000000", "0", "15", "0"), "1000000.00"),
        (("1000000", "0", "15", "15"), "0.00"),
        (("1000000", "50000", "15", "40"), "50000.00"),
        (("7000000", "0", "2.5", "2.5"), "0.00"),
        (("0", "0", "1", "1"), "0.00"),
    ],
)
def test_what_is_worn_out_keeps_its_salvage_and_what_is_new_its_cost(parameters, left):
    assert nbv(*parameters).amount == usd(left)


def test_halves_of_a_cent_go_to_even_and_it_is_said_that_they_were_rounded():
    assert nbv("0.05", "0", "2", "1").amount == usd("0.02")  # 2.5 cents
    assert nbv("0.07", "0", "2", "1").amount == usd("0.04")  # 3.5 cents
    assert nbv("0.05", "0", "2", "1").was_rounded
    assert nbv("100.00", "0", "3", "1").amount == usd("66.67")


def test_fifteen_digits_are_depreciated_to_the_cent():
    found = nbv("999999999999999.98", "0", "3", "1")
    assert found.amount == usd("666666666666666.65")
    assert found.was_rounded


@pytest.mark.parametrize(
    "parameters, field",
    [
        (("-1", "0", "1", "1"), "acquisition_cost"),
        (("1", "2", "1", "1"), "salvage"),
        (("1", "-1", "1", "1"), "salvage"),
        (("1", "0", "0", "1"), "useful_life"),
        (("1", "0", "1", "-1"), "age"),
    ],
)
def test_parameters_that_make_no_sense_are_refused_at_their_field(parameters, field):
    with pytest.raises(Refused) as caught:
        nbv(*parameters)
    assert set(caught.value.message_dict) == {field}


def test_an_overstatement_is_a_percentage_and_of_nothing_the_difference_itself():
    assert overstatement(usd("1000000"), usd("400000")) == Decimal("150.00")
    assert overstatement(usd("300000"), usd("400000")) == Decimal("-25.00")
    assert overstatement(usd("7000000"), usd("0")) == usd("7000000")


def test_the_ratio_of_two_bases():
    gbp = Money.of("2710000000", "GBP"), Money.of("171500000", "GBP")
    assert ratio_of(*gbp) == Decimal("15.80")
    assert ratio_of(gbp[0], usd("1")) is None
    assert ratio_of(usd("1"), usd("0")) is None


# --- Sharing out -----------------------------------------------------------

WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**17), min_size=1, max_size=12)


@given(weights=WEIGHTS, total=st.integers(min_value=0, max_value=10**17))
@settings(max_examples=200, deadline=None)
def test_shares_add_up_to_the_whole_and_move_one_way(weights, total):
    parts = share(total, weights)

    assert sum(parts) == (total if sum(weights) else 0)
    for part, weight in zip(parts, weights, strict=True):
        if not sum(weights):
            assert part == 0
        elif total <= sum(weights):
            assert part <= weight
        else:
            assert part >= weight


def test_a_package_that_was_sent_to_the_last_cent_stays_so():
    stages = [
        Stage(1, None, "commitment", 100),
        Stage(2, 1, "disbursement", 33),
        Stage(3, 1, "disbursement", 33),
        Stage(4, 1, "disbursement", 34),
        Stage(5, 2, "receipt", 33),
    ]
    values = in_proportion(stages, 10)
    assert values[2] + values[3] + values[4] == values[1] == 10
    assert values[5] == values[2]


def test_what_came_back_frees_its_commitment_by_what_it_is_then_worth():
    stages = [
        Stage(1, None, "commitment", 100),
        Stage(2, 1, "disbursement", 100),
        Stage(3, 2, "refund", 100),
        Stage(4, 1, "disbursement", 100),
        Stage(5, 4, "receipt", 60),
        Stage(6, 5, "refund", 7),
        Stage(7, 4, "write_off", 3),
    ]
    values = in_proportion(stages, 33)
    assert values[2] == values[3] == 33
    drawn = values[2] - values[3] + values[4] - values[6]
    assert 0 <= drawn <= values[1]
    assert values[5] + values[7] <= values[4]
    assert values[6] <= values[5]


def test_what_was_worth_nothing_takes_nothing_with_it():
    stages = [Stage(1, None, "commitment", 0), Stage(2, 1, "disbursement", 0)]
    assert in_proportion(stages, 500) == {1: 500, 2: 0}
