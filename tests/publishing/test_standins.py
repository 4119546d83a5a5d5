"""A stand-in is true, is wide enough, and says nothing about where in it the value lies."""

from decimal import Decimal
from itertools import pairwise

import pytest
from django.apps import apps
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tracker.publishing import standins
from tracker.publishing.fields import FIELDS, Public
from tracker.publishing.standins import (
    DAY,
    LEAST,
    MONEY,
    NUMBER,
    WORDS,
    checked,
    checked_making,
    for_answer,
    for_reversal,
    holds,
    made,
    shape_of,
)
from tracker.shared.errors import Refused

MINOR = st.integers(min_value=0, max_value=10**15)


def usd(minor):
    return {"minor": minor, "currency": "USD"}


def between(low, high, currency="USD"):
    return {
        "kind": "range",
        "low": {"minor": low},
        "high": {"minor": high},
        "currency": currency,
    }


def numbers(low, high):
    return {"kind": "range", "low": low, "high": high}


def bands(*edges, currency="USD"):
    return {"kind": "bands", "edges": list(edges), "currency": currency}


def refused(said, value, **how):
    with pytest.raises(Refused) as refusal:
        checked(said, value, **{"field": "amount", **how})
    assert list(refusal.value.message_dict) == ["stand_in"]
    return refusal.value.sentence


# --- One value ---------------------------------------------------------------


@given(value=MINOR, low=MINOR, high=MINOR)
@example(value=0, low=0, high=0)
@example(value=100, low=75, high=100)
@example(value=100, low=76, high=100)
def test_a_range_is_taken_exactly_if_it_contains_the_value_and_is_wide_enough(value, low, high):
    right = low <= value <= high and high > low and (high - low) * 100 >= high * LEAST

    if right:
        assert checked(between(low, high), usd(value), field="amount") == between(low, high)
    else:
        refused(between(low, high), usd(value))


def test_a_rules_minimum_is_the_floor_of_a_range():
    assert checked(between(50, 100), usd(60), field="amount", least=50)
    assert "50 %" in refused(between(51, 100), usd(60), least=50)
    assert "25 %" in refused(between(90, 100), usd(95), least=1)


def test_a_range_is_in_the_currency_of_the_value():
    assert "in USD" in refused(between(0, 100, "EUR"), usd(60))


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "range", "low": {"minor": 1.5}, "high": {"minor": 9}, "currency": "USD"},
        {"kind": "range", "low": {"minor": True}, "high": {"minor": 9}, "currency": "USD"},
        {"kind": "range", "low": 1, "high": 9, "currency": "USD"},
        {"kind": "range", "currency": "USD"},
        {"kind": "range", "low": {"minor": 1}, "high": {"minor": 2**70}, "currency": "USD"},
        {"kind": "month", "value": "2024-03"},
        {"kind": "bands", "edges": [0, 10], "currency": "USD"},
        {"value": "anything"},
        "one unit",
        None,
        ["range"],
    ],
)
def test_what_is_no_range_of_money_is_refused(said):
    refused(said, usd(5))


@pytest.mark.parametrize("low", ["a lot", "", None, 1, "NaN", "Infinity", "1e999999", "9" * 50])
def test_what_is_no_number_is_refused(low):
    refused(numbers(low, "100"), "50", field="quantity")


def test_numbers_are_decimal_text():
    said = checked(numbers("10", "100"), "12.5", field="quantity")

    assert said == {"kind": "range", "low": "10", "high": "100"}
    assert "does not contain" in refused(numbers("10", "100"), "9.99", field="value")


def test_a_negative_amount_has_a_range_as_wide_as_its_opposite():
    assert checked(between(-100, -75), usd(-80), field="amount")
    assert "narrow" in refused(between(-100, -76), usd(-80))


@pytest.mark.parametrize(
    ("kind", "value", "precision", "right"),
    [
        ("month", "2024-03", "day", True),
        ("year", "2024", "day", True),
        ("year", "2024", "month", True),
        ("month", "2024-03", "month", False),
        ("month", "2024-03", "fiscal_year", False),
        ("year", "2024", "fiscal_year", False),
        ("month", "2024-04", "day", False),
        ("year", "2023", "day", False),
        ("month", "2024-3", "day", False),
        ("month", "2024", "day", False),
        ("year", "2024-03-17", "day", False),
        ("day", "2024-03-17", "day", False),
    ],
)
def test_a_day_is_told_coarser_than_it_is_known(kind, value, precision, right):
    said = {"kind": kind, "value": value}
    how = {"field": "value_date", "precision": precision}

    if right:
        assert checked(said, "2024-03-17", **how) == said
    else:
        refused(said, "2024-03-17", **how)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("Kharkiv", "Kharkiv"),
        ("the region of KHARKIV oblast", "Kharkiv"),
        ("a depot near Port-Said", "Port Said"),
        ("Kharkivska", "Kharkiv"),
        ("one t", "t"),
        ("Straße 1", "STRASSE 1"),
        ("  ", "Kharkiv"),
        ("x" * 81, "Kharkiv"),
        ("one\x00unit", "Kharkiv"),
    ],
)
def test_words_that_contain_the_value_or_say_nothing_are_refused(words, value):
    refused({"kind": "region", "value": words}, value, field="delivery_point")


def test_words_that_many_values_share_are_taken():
    said = {"kind": "unit", "value": " one  unit "}

    assert checked(said, "t", field="payee") == {"kind": "unit", "value": "one unit"}


def test_what_nobody_stated_has_no_stand_in():
    assert "No value is stated" in refused(between(0, 9), None)
    assert made(bands(0, 9), None, field="amount") is None


def test_lists_and_digests_have_no_stand_in():
    assert "without a stand-in" in refused({"kind": "unit", "value": "some"}, "x", field="figures")


# --- A rule ------------------------------------------------------------------

GRIDS = st.lists(MINOR, min_size=2, max_size=8, unique=True).map(sorted)


@given(edges=GRIDS, value=st.integers(min_value=-(10**15), max_value=10**15))
@example(edges=[0, 100], value=100)
@example(edges=[0, 100, 200], value=100)
@example(edges=[0, 100], value=0)
def test_a_band_contains_the_value_and_is_wide(edges, value):
    wide = all((b - a) * 100 >= b * LEAST for a, b in pairwise(edges))
    assume(wide)
    making = checked_making(bands(*edges), field="amount")

    said = made(making, usd(value), field="amount")

    if edges[0] <= abs(value) <= edges[-1]:
        assert holds(said, usd(value), field="amount")
        low, high = said["low"]["minor"], said["high"]["minor"]
        assert {abs(low), abs(high)} <= set(edges)
    else:
        assert said is None


@given(edges=GRIDS, at=st.integers(min_value=0, max_value=6), parts=st.tuples(MINOR, MINOR))
def test_two_values_in_one_band_have_the_same_stand_in(edges, at, parts):
    assume(at < len(edges) - 1)
    low, high = edges[at], edges[at + 1]
    first, second = (low + part % (high - low) for part in parts)

    said = [made(bands(*edges), usd(v), field="amount") for v in (first, second)]

    assert said[0] == said[1] == between(low, high)


@given(value=MINOR)
def test_a_reversal_gets_the_opposite_band(value):
    making = bands(0, 10**6, 10**9, 10**15)

    there, back = (made(making, usd(v), field="amount") for v in (value, -value))

    assert value == 0 or back == standins.mirrored(there)


def test_another_currency_has_no_band():
    assert made(bands(0, 100), {"minor": 5, "currency": "EUR"}, field="amount") is None


@pytest.mark.parametrize(
    "said",
    [
        bands(0),
        bands(),
        bands(100, 0),
        bands(0, 0),
        bands(-100, 0),
        bands(100, 120),
        bands(0, 100, currency="XXQ"),
        bands(*range(0, 5100, 100)),
        {"kind": "bands", "edges": "0 100", "currency": "USD"},
        {"kind": "bands", "edges": ["0", "100"], "currency": "USD"},
        between(0, 100),
    ],
)
def test_a_grid_that_tells_too_much_or_is_none_is_refused(said):
    with pytest.raises(Refused):
        checked_making(said, field="amount")


def test_a_grid_is_as_wide_as_the_rule_says():
    assert checked_making(bands(50, 100), field="amount", least=50)
    with pytest.raises(Refused, match="50 %"):
        checked_making(bands(51, 100), field="amount", least=50)


def test_a_grid_of_numbers_is_decimal_text():
    making = checked_making({"kind": "bands", "edges": ["0", "1.50", "20"]}, field="quantity")

    assert made(making, "1.5", field="quantity") == numbers("1.50", "20")
    assert made(making, "1.49", field="quantity") == numbers("0", "1.50")
    assert made(making, "20.1", field="quantity") is None


def test_a_rule_of_days_and_of_words_makes_one_for_each_value():
    assert made({"kind": "month"}, "2024-03-17", field="value_date") == {
        "kind": "month",
        "value": "2024-03",
    }
    assert made({"kind": "month"}, "2024-03-01", field="value_date", precision="month") is None
    words = checked_making({"kind": "unit", "value": "one unit"}, field="payee")
    assert made(words, "12th Brigade", field="payee") == words
    assert made(words, "Unit", field="payee") is None
    assert checked_making({"kind": "year", "value": "2024"}, field="value_date") == {"kind": "year"}


# --- Another value than its own ------------------------------------------------


def test_what_a_reversal_and_an_answer_may_say():
    own, words = between(400, 600), {"kind": "unit", "value": "one unit"}

    assert for_reversal(own, usd(-500), field="amount") == between(-600, -400)
    assert for_reversal(own, usd(-700), field="amount") is None
    assert (
        for_reversal({"kind": "month", "value": "2024-03"}, "2024-03-02", field="value_date")
        is None
    )
    assert for_answer(own, usd(500), field="amount") is None
    assert for_answer(words, "12th Brigade", field="receiver") == words
    assert for_answer(words, "unit", field="receiver") is None
    assert for_reversal(None, usd(1), field="amount") is None


# --- Every field ---------------------------------------------------------------


def test_every_withholdable_field_has_the_shape_of_its_column():
    by_column = {"MoneyField": MONEY, "ScaledField": NUMBER, "DateField": DAY}
    listed = {f for f, shape in standins._SHAPES.items() if shape == standins.NOTHING}
    for model, declared in FIELDS.items():
        for name, one in declared.items():
            if not isinstance(one, Public) or not one.withholdable or one.field in listed:
                continue
            column = type(apps.get_model("tracker", model)._meta.get_field(name)).__name__
            if column != "CurrencyField":
                assert shape_of(one.field) == by_column.get(column, WORDS), (model, name)


def test_a_number_keeps_every_digit():
    long = "12345678901234567890.123456"
    said = checked(numbers("0", "99999999999999999999"), long, field="quantity")

    assert Decimal(said["low"]) <= Decimal(long) <= Decimal(said["high"])
