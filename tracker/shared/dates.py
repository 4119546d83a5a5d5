"""A date and how exactly it is known."""

from datetime import date

from django.db import models

from tracker.shared.sealing import Covered


class DatePrecision(models.TextChoices):
    DAY = "day", "day"
    MONTH = "month", "month"
    FISCAL_YEAR = "fiscal_year", "fiscal year"


def say_date(day: date | Covered | None, precision: str, fiscal_year: int | None = None) -> str:
    """As exactly as it is known: 28 Sep 2026, Sep 2026, FY2026."""
    if day is None:
        return "not stated"
    if isinstance(day, Covered):
        return str(day)
    if precision == DatePrecision.FISCAL_YEAR:
        return f"FY{fiscal_year or day.year}"
    if precision == DatePrecision.MONTH:
        return f"{day:%b %Y}"
    return f"{day.day} {day:%b %Y}"


def say_day(day: date | None) -> str:
    """A day in words, for sentences: 28 Sep 2026."""
    return say_date(day, DatePrecision.DAY)


def say_days(
    value_date: date | None, precision: str, fiscal_year: int | None, booked_on: date | None
) -> str:
    """Both days of a late entry, in words; of any other just its value date.

    The fiscal year of a late entry is that of its booking: a date that is known to the year is said by a day of it.
    """
    if booked_on is None:
        return say_date(value_date, precision, fiscal_year)
    said = say_date(value_date, precision)
    if precision == DatePrecision.FISCAL_YEAR:
        said = f"the fiscal year of {say_day(value_date)}"
    return f"{said}, booked {say_day(booked_on)} (late entry)"
