from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.shared.errors import Refused
from tracker.shared.money import LARGEST_MINOR, Money, format_money
from tracker.shared.numbers import LARGEST, exact, shifted


@pytest.mark.parametrize(
    "text, currency, minor",
    [("123456789012345.67", "USD", 12345678901234567), ("5", "JPY", 5), ("1.234", "KWD", 1234)],
)
def test_an_amount_is_a_whole_number_of_the_smallest_unit(text, currency, minor):
    assert Money.of(text, currency) == Money(minor, currency)
    assert Decimal(Money.of(text, currency).plain) == Decimal(text)


@pytest.mark.parametrize(
    "text, currency, says",
    [
        ("1.005", "USD", "more decimals"),
        ("0.5", "JPY", "more decimals"),
        ("1", "XQX", "not a currency"),
        ("twelve", "USD", "not an amount"),
        ("NaN", "USD", "not an amount"),
        ("Infinity", "USD", "not an amount"),
        ("1e30", "USD", "larger than"),
        ("1e999999999", "USD", "larger than"),
        ("0.00" + "0" * 40 + "1", "USD", "more decimals"),
        ("1" * 27 + ".001", "USD", "more decimals"),
    ],
)
def test_what_a_currency_cannot_hold_is_refused_in_a_sentence(text, currency, says):
    with pytest.raises(Refused, match=says):
        Money.of(text, currency)


def test_two_currencies_are_never_added_or_compared():
    with pytest.raises(ValueError, match="never added"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError, match="never added"):
        assert Money(1, "USD") < Money(1, "EUR")


def test_missing_is_not_stated_and_never_zero():
    assert format_money(None) == "not stated"
    assert format_money(Money(0, "USD")) == "0.00 USD"


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from(["USD", "JPY", "KWD"]))
def test_every_amount_survives_its_own_text(minor, currency):
    money = Money(minor, currency)

    assert Money.of(money.plain, currency) == money


def test_a_fixed_scale_number_keeps_its_digits_or_is_refused():
    assert exact("71.5", 6) == 71_500_000
    with pytest.raises(Refused, match="decimals"):
        exact("0.0000001", 6)
    with pytest.raises(Refused, match="too large"):
        exact("1e20", 6)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2), st.integers(0, 6))
def test_shifting_a_number_is_exact_or_refused(number, places):
    whole = shifted(number, places)

    with localcontext(prec=400):  # the default one would round a long number
        exactly = number * 10**places
        if whole is None:
            assert exactly != exactly.to_integral_value()
        elif whole > LARGEST:
            assert abs(exactly) > LARGEST  # “too large”, whatever its digits
        else:
            assert Decimal(whole) == exactly
