"""A date and how exactly it is known."""

from datetime import date

from django.db import models


class DatePrecision(models.TextChoices):
    DAY = "day", "day"
    MONTH = "month", "month"
    FISCAL_YEAR = "fiscal_year", "fiscal year"


def say_date(day: date | None, precision: str, fiscal_year: int | None = None) -> str:
    """As exactly as it is known: 28 Sep 2026, Sep 2026, FY2026."""
    if day is None:
        return "not stated"
    if precision == DatePrecision.FISCAL_YEAR:
        return f"FY{fiscal_year or day.year}"
    if precision == DatePrecision.MONTH:
        return f"{day:%b %Y}"
    return f"{day.day} {day:%b %Y}"


def say_day(day: date | None) -> str:
    """A day in words, for sentences: 28 Sep 2026."""
    return say_date(day, DatePrecision.DAY)
