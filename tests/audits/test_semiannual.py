"""The semiannual table balances whatever happens in which order, and counts a report once."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.audits.queries.semiannual import (
    BETTER_USE,
    QUESTIONED,
    Amount,
    Decided,
    half_ending,
    half_of,
    tables,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money

FIRST = date(2023, 4, 1)


def usd(minor):
    return Money(minor, "USD")


def amount(report, minor, issued, decided=None, sustained=0, unsupported=0, currency="USD"):
    decisions = (Decided(decided, sustained, minor - sustained),) if decided else ()
    return Amount(report, currency, minor, unsupported, issued, decisions)


@pytest.mark.parametrize(
    ("day", "start", "end", "due"),
    [
        (date(2025, 10, 1), date(2025, 10, 1), date(2026, 3, 31), date(2026, 4, 30)),
        (date(2026, 3, 31), date(2025, 10, 1), date(2026, 3, 31), date(2026, 4, 30)),
        (date(2026, 4, 1), date(2026, 4, 1), date(2026, 9, 30), date(2026, 10, 31)),
        (date(2026, 12, 31), date(2026, 10, 1), date(2027, 3, 31), date(2027, 4, 30)),
    ],
)
def test_periods_run_from_october_and_from_april(day, start, end, due):
    half = half_of(day)
    assert (half.start, half.end, half.due_on) == (start, end, due)
    assert half.before.end == start - timedelta(days=1)


def test_a_day_on_which_no_period_ends_is_refused():
    with pytest.raises(Refused, match="31 March or on 30 September"):
        half_ending(date(2026, 9, 29))


def test_a_worked_table_says_what_was_open_issued_decided_and_left():
    """Two reports from before, one of them decided now; one issued and decided, one issued and left."""
    half = half_of(date(2026, 4, 1))
    rows = [
        amount(1, 100_00, date(2026, 1, 5), unsupported=40_00),
        amount(2, 200_00, date(2026, 2, 5), date(2026, 5, 1), sustained=150_00),
        amount(3, 50_00, date(2026, 6, 1), date(2026, 9, 30), sustained=50_00, unsupported=50_00),
        amount(4, 30_00, date(2026, 9, 30)),
        amount(5, 900_00, date(2026, 1, 1), date(2026, 3, 31), sustained=1),
        amount(6, 900_00, date(2026, 10, 1)),
    ]

    (table,) = tables(rows, half, QUESTIONED)

    found = {row.letter: (row.reports, row.amount.minor) for row in table.rows}
    assert found == {
        "A": (2, 300_00),
        "B": (2, 80_00),
        "A+B": (4, 380_00),
        "C": (2, 250_00),
        "C1": (2, 200_00),
        "C2": (1, 50_00),
        "D": (2, 130_00),
    }
    assert table.balances
    assert table.row("A").unsupported == usd(40_00)
    assert table.row("C1").unsupported == usd(50_00)


def test_a_decision_in_part_leaves_the_unsupported_column_not_stated():
    half = half_of(date(2026, 4, 1))
    rows = [amount(1, 100, date(2026, 4, 1), date(2026, 5, 1), sustained=60, unsupported=50)]
    (table,) = tables(rows, half, QUESTIONED)
    assert table.row("C").unsupported == usd(50)
    assert table.row("C1").unsupported is None
    assert table.row("C2").unsupported is None


def test_unsupported_costs_whose_kind_nobody_stated_are_not_stated_instead_of_nothing():
    half = half_of(date(2026, 4, 1))
    (table,) = tables([Amount(1, "USD", 100, None, date(2026, 4, 1))], half, QUESTIONED)
    assert table.row("B").unsupported is None
    assert table.row("A").unsupported == usd(0)


def test_a_report_with_several_findings_counts_once_and_is_decided_with_the_last_of_them():
    half = half_of(date(2026, 4, 1))
    one = amount(1, 10, date(2026, 1, 1), date(2026, 5, 1), sustained=10)
    rows = [one, amount(1, 20, date(2026, 1, 1)), amount(1, 30, date(2026, 5, 5))]

    (table,) = tables(rows, half, QUESTIONED)

    assert [table.row(letter).reports for letter in "ABCD"] == [1, 0, 0, 1]
    assert table.row("C").amount == usd(10)
    assert table.balances


def test_a_revised_decision_stays_in_the_period_of_the_first_one():
    first, later = date(2026, 5, 1), date(2026, 11, 1)
    row = Amount(
        1, "USD", 100, 0, date(2026, 1, 1), (Decided(first, 100, 0), Decided(later, 0, 100))
    )

    (then,) = tables([row], half_of(first), QUESTIONED)

    assert then.row("C1").amount == usd(100)
    assert tables([row], half_of(later), QUESTIONED) == []


def test_currencies_have_tables_of_their_own():
    half = half_of(date(2026, 4, 1))
    rows = [
        amount(1, 10, date(2026, 4, 1)),
        amount(1, 7, date(2026, 4, 1), currency="JPY"),
    ]
    assert [t.currency for t in tables(rows, half, BETTER_USE)] == ["JPY", "USD"]
    assert [t.row("D").amount for t in tables(rows, half, BETTER_USE)] == [Money(7, "JPY"), usd(10)]


days = st.integers(0, 1500).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def histories(draw):
    """Amounts of up to four reports, each perhaps decided at its issue or later, perhaps revised."""
    minor = draw(st.integers(0, 10**12))
    issued = draw(days)
    decisions, day = [], issued
    for _ in range(draw(st.integers(0, 2))):
        day += timedelta(days=draw(st.integers(0, 700)))
        sustained = draw(st.integers(0, minor))
        decisions.append(Decided(day, sustained, minor - sustained))
    unsupported = draw(st.none() | st.integers(0, minor))
    currency = draw(st.sampled_from(["USD", "JPY"]))
    report = draw(st.integers(1, 4))
    return Amount(report, currency, minor, unsupported, issued, tuple(decisions))


@given(st.lists(histories(), max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_period_balances_and_begins_where_the_one_before_ended(amounts):
    half, last = half_of(FIRST), {}
    for _ in range(10):
        found = {table.currency: table for table in tables(amounts, half, QUESTIONED)}
        assert all(table.balances for table in found.values())
        for currency in {"USD", "JPY"}:
            table = found.get(currency)
            begun = table.row("A") if table else None
            expected = last.get(currency, (0, 0))
            assert ((begun.reports, begun.amount.minor) if begun else (0, 0)) == expected
            end = table.row("D") if table else None
            last[currency] = (end.reports, end.amount.minor) if end else (0, 0)
        half = half_of(half.end + timedelta(days=1))


@given(st.lists(histories(), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_everything_that_was_issued_is_decided_once_or_still_open(amounts):
    half, issued, decided = half_of(FIRST), 0, 0
    for _ in range(12):
        for table in tables(amounts, half, QUESTIONED):
            if table.currency == "USD":
                issued += table.row("B").amount.minor
                decided += table.row("C").amount.minor
        left = sum(a.minor for a in amounts if a.currency == "USD" and a.open_on(half.end))
        assert issued - decided == left
        half = half_of(half.end + timedelta(days=1))
