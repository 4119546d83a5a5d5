from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.shared.calendars import CALENDAR_YEAR, US_FEDERAL, Era, FiscalCalendar
from tracker.shared.errors import Refused


@pytest.mark.parametrize(
    "day, label",
    [
        (date(1975, 6, 30), "FY1975"),
        (date(1975, 7, 1), "FY1976"),
        (date(1976, 6, 30), "FY1976"),
        (date(1976, 7, 1), "FY1976 TQ"),
        (date(1976, 9, 30), "FY1976 TQ"),
        (date(1976, 10, 1), "FY1977"),
        (date(2005, 9, 30), "FY2005"),
        (date(2005, 10, 1), "FY2006"),
    ],
)
def test_the_us_year_moved_in_1976_and_left_a_quarter_between(day, label):
    assert US_FEDERAL.period_of(day).label == label


def test_fiscal_1976_ends_in_june_and_fiscal_2005_in_september():
    assert US_FEDERAL.period_of_year(1976).end == date(1976, 6, 30)
    assert US_FEDERAL.period_of_year(2005).start == date(2004, 10, 1)
    assert US_FEDERAL.period_of_year(2005).end == date(2005, 9, 30)


def test_a_year_may_be_named_after_its_beginning():
    india = FiscalCalendar([Era(date(1900, 4, 1), 4, named_after_end=False)])

    assert india.period_of(date(2026, 3, 31)).label == "FY2025"
    assert india.period_of_year(2025).end == date(2026, 3, 31)


def test_a_day_before_the_calendar_begins_gets_a_sentence():
    with pytest.raises(Refused, match="before this fiscal calendar begins"):
        US_FEDERAL.period_of(date(1800, 1, 1))


@given(st.dates(min_value=date(1843, 1, 1), max_value=date(2100, 12, 31)))
def test_periods_contain_their_days_and_leave_no_gap(day):
    for calendar in (US_FEDERAL, CALENDAR_YEAR):
        period = calendar.period_of(day)
        assert period.start <= day <= period.end
        assert calendar.period_of(period.end + timedelta(days=1)).start == period.end + timedelta(
            days=1
        )


# --- Quarters --------------------------------------------------------------


@pytest.mark.parametrize(
    "day, label, start, end",
    [
        (date(1975, 9, 30), "FY1976 Q1", date(1975, 7, 1), date(1975, 9, 30)),
        (date(1976, 6, 30), "FY1976 Q4", date(1976, 4, 1), date(1976, 6, 30)),
        (date(1976, 7, 1), "FY1976 TQ", date(1976, 7, 1), date(1976, 9, 30)),
        (date(1976, 10, 1), "FY1977 Q1", date(1976, 10, 1), date(1976, 12, 31)),
        (date(2024, 12, 31), "FY2025 Q1", date(2024, 10, 1), date(2024, 12, 31)),
        (date(2025, 2, 28), "FY2025 Q2", date(2025, 1, 1), date(2025, 3, 31)),
        (date(2025, 9, 30), "FY2025 Q4", date(2025, 7, 1), date(2025, 9, 30)),
    ],
)
def test_quarters_are_counted_from_the_first_month_and_the_transition_is_one_of_its_own(
    day, label, start, end
):
    quarter = US_FEDERAL.quarter_of(day)
    assert (quarter.label, quarter.start, quarter.end) == (label, start, end)


@pytest.mark.parametrize("month", range(1, 13))
def test_a_year_that_starts_in_any_month_has_four_quarters_of_three_months(month):
    calendar = FiscalCalendar([Era(date(1900, month, 1), month)])
    first = date(2023, month, 1)
    quarters = list(calendar.quarters(first, date(2024, month, 1) - timedelta(days=1)))

    assert [quarter.number for quarter in quarters] == [1, 2, 3, 4]
    assert [q.start.month for q in quarters] == [(month - 1 + n) % 12 + 1 for n in (0, 3, 6, 9)]
    assert len({quarter.year for quarter in quarters}) == 1
    assert [calendar.begins_its_year(q) for q in quarters] == [True, False, False, False]


def test_a_long_transition_is_divided_and_a_year_that_an_era_cuts_keeps_what_lies_in_it():
    moved = FiscalCalendar(
        [Era(date(2000, 1, 1), 1), Era(date(2020, 1, 1), 1, transition="TP"), Era(date(2020, 8, 15), 9)]
    )  # fmt: skip

    labels = [q.label for q in moved.quarters(date(2019, 10, 1), date(2020, 12, 1))]

    assert labels == ["FY2019 Q4", "TP Q1", "TP Q2", "TP Q3", "FY2020 Q4", "FY2021 Q1", "FY2021 Q2"]
    cut = moved.quarter_of(date(2020, 8, 20))
    assert (cut.start, cut.end) == (date(2020, 8, 15), date(2020, 8, 31))
    assert moved.begins_its_year(cut)


def test_the_first_quarter_of_a_calendar_begins_its_year():
    calendar = FiscalCalendar([Era(date(2020, 5, 1), 1)])

    assert calendar.begins_its_year(calendar.quarter_of(date(2020, 5, 3)))


CALENDARS = st.builds(
    lambda months, moves: FiscalCalendar(
        [
            Era(date(2000 + 3 * n, moved, 1), month, transition="T" if n % 2 else "")
            for n, (month, moved) in enumerate(zip(months, moves, strict=True))
        ]
    ),
    st.lists(st.integers(1, 12), min_size=3, max_size=3),
    st.lists(st.integers(1, 12), min_size=3, max_size=3),
)


@given(CALENDARS, st.dates(min_value=date(2001, 1, 1), max_value=date(2012, 12, 31)))
def test_quarters_contain_their_days_leave_no_gap_and_stay_in_their_year(calendar, day):
    quarter = calendar.quarter_of(day)
    assert quarter.start <= day <= quarter.end
    assert 1 <= quarter.number <= 4
    assert calendar.quarter_of(quarter.start) == calendar.quarter_of(quarter.end) == quarter
    after = calendar.quarter_of(quarter.end + timedelta(days=1))
    assert after.day_before == quarter.end
    assert calendar.period_of(quarter.start) == calendar.period_of(quarter.end)
