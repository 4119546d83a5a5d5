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
