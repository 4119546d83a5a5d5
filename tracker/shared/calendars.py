"""Fiscal years. A calendar is a list of eras, because governments move the start of their year.

The United States closed its years on 30 June up to fiscal 1976, lived through a *transition quarter*
from 1 July to 30 September 1976, and has closed on 30 September ever since (Congressional Budget and
Impoundment Control Act of 1974, Pub. L. 93-344, title V).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.shared.errors import Refused


@dataclass(frozen=True)
class FiscalPeriod:
    """One fiscal year, or a transition period between two ways of counting. Both days belong to it."""

    year: int
    label: str
    start: date
    end: date


@dataclass(frozen=True)
class FiscalQuarter:
    """Three months of a fiscal year or transition period, counted from its beginning. Both days belong to it."""

    year: int
    label: str
    number: int
    start: date
    end: date

    @property
    def day_before(self) -> date:
        """The last day of the quarter before."""
        return self.start - timedelta(days=1)


@dataclass(frozen=True)
class Era:
    """A stretch of time with one rule: years begin on the first of `start_month`.

    `named_after_end`: fiscal 2005 is the year that ends in 2005 (United States), else the one that
    begins in it (India, Japan). `transition` makes the whole era one period with its own label.
    """

    begins_on: date
    start_month: int
    named_after_end: bool = True
    transition: str = ""
    ends_on: date | None = None  # the day before the next era; the last era has none


class FiscalCalendar:
    """Finds the fiscal period of a day, and the days of a fiscal year."""

    def __init__(self, eras: Sequence[Era]):
        if not eras:
            raise ValueError("A fiscal calendar needs at least one era.")
        ordered = sorted(eras, key=lambda era: era.begins_on)
        ends = [era.begins_on - timedelta(days=1) for era in ordered[1:]]
        self.eras = [
            Era(e.begins_on, e.start_month, e.named_after_end, e.transition, end)
            for e, end in zip(ordered, [*ends, None], strict=True)
        ]

    def _era_of(self, day: date) -> Era:
        era = next((e for e in reversed(self.eras) if e.begins_on <= day), None)
        if era is None:
            raise Refused(
                f"{day} lies before this fiscal calendar begins "
                f"({self.eras[0].begins_on}): give a later date or extend the calendar."
            )
        return era

    def period_of(self, day: date) -> FiscalPeriod:
        """The fiscal period that contains the day."""
        era = self._era_of(day)
        if era.transition:
            assert era.ends_on is not None  # a transition is always followed by an era
            return FiscalPeriod(era.ends_on.year, era.transition, era.begins_on, era.ends_on)
        start_year = day.year if day.month >= era.start_month else day.year - 1
        return self._year_starting(era, start_year)

    def period_of_year(self, year: int) -> FiscalPeriod:
        """The fiscal year with this number (never a transition period)."""
        for era in reversed(self.eras):
            if era.transition:
                continue
            crosses = era.named_after_end and era.start_month > 1
            period = self._year_starting(era, year - 1 if crosses else year)
            if period.year == year and period.start >= era.begins_on:
                return period
        raise Refused(f"Fiscal year {year} is not in this calendar.")

    def quarter_of(self, day: date) -> FiscalQuarter:
        """The quarter that contains the day: months 1–3, 4–6, 7–9 and the rest of its fiscal year.

        A year that begins or ends with an era has the quarters, and of them the days, that lie in the era. A
        transition of up to three months is one quarter under its own name; a longer one is divided like a year.
        """
        era, period = self._era_of(day), self.period_of(day)
        months = 12 * (day.year - period.start.year) + day.month - period.start.month
        number = min(months // 3, 3) + 1
        start = period.start if number == 1 else _first_of_month(period.start, 3 * (number - 1))
        end = period.end
        if number < 4:
            end = min(end, _first_of_month(period.start, 3 * number) - timedelta(days=1))
        whole = era.transition and number == 1 and end == period.end
        label = period.label if whole else f"{period.label} Q{number}"
        return FiscalQuarter(period.year, label, number, max(start, era.begins_on), end)

    def begins_its_year(self, quarter: FiscalQuarter) -> bool:
        """Whether no quarter of the same fiscal year or transition lies before it."""
        if quarter.day_before < self.eras[0].begins_on:
            return True
        return self.period_of(quarter.day_before) != self.period_of(quarter.start)

    def quarters(self, first: date, last: date) -> Iterator[FiscalQuarter]:
        """Every quarter that has a day between the two, the oldest first."""
        day = first
        while day <= last:
            quarter = self.quarter_of(day)
            yield quarter
            day = quarter.end + timedelta(days=1)

    @staticmethod
    def _year_starting(era: Era, start_year: int) -> FiscalPeriod:
        start = date(start_year, era.start_month, 1)
        after = date(start_year + 1, era.start_month, 1)
        end = after - timedelta(days=1)
        if era.ends_on is not None:
            end = min(end, era.ends_on)
        year = (after - timedelta(days=1)).year if era.named_after_end else start_year
        return FiscalPeriod(year, f"FY{year}", start, end)


def _first_of_month(day: date, months: int) -> date:
    """The first day of the month that lies so many months after the day's own."""
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)


CALENDAR_YEAR = FiscalCalendar([Era(date(1, 1, 1), 1)])
US_FEDERAL_ERAS = (
    Era(date(1842, 7, 1), 7),
    Era(date(1976, 7, 1), 7, transition="FY1976 TQ"),
    Era(date(1976, 10, 1), 10),
)
US_FEDERAL = FiscalCalendar(US_FEDERAL_ERAS)
