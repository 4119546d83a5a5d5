"""Amounts, dates and words as files write them. Amounts stay exact: text to Decimal to whole minor units."""

import re
import unicodedata
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import LARGEST_MINOR, Money, digits_of
from tracker.uploads.reading.mapping import NumberFormat
from tracker.uploads.reading.problems import Unreadable, shown

FORMULA = ("=", "+", "-", "@")
EARLIEST = date(1900, 1, 1)
LONGEST_NUMBER = 60  # characters; more is no amount of money


# --- Words -----------------------------------------------------------------


def words(text: str, *, most: int, lines: bool = False) -> str:
    """A text cell, normalised. Refuses formulas, what cannot be printed, and what would be cut off."""
    text = unicodedata.normalize("NFC", text.strip())
    if text.startswith(FORMULA):
        raise Unreadable(
            f"The text begins with “{text[0]}”, so a spreadsheet would run it as a formula.",
            f"Remove the “{text[0]}”, or write the text that is meant.",
        )
    if bad := next((c for c in text if _invisible(c, lines)), ""):
        raise Unreadable(
            f"The text holds a character that cannot be printed (U+{ord(bad):04X}).",
            "Remove it, or save the file again as UTF-8.",
        )
    text = text if lines else " ".join(text.split())
    if len(text) > most:
        raise Unreadable(
            f"The text has {len(text):,} characters; here {most:,} fit.", "Shorten it in the file."
        )
    return text


def _invisible(char: str, lines: bool) -> bool:
    if char in "\ufffd\ufeff":
        return True
    if lines and char in "\n\r\t":
        return False
    return unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\r\t"


# --- Amounts ---------------------------------------------------------------


@cache
def _number_pattern(form: NumberFormat) -> re.Pattern[str]:
    whole = r"\d+"
    if form.grouping:
        mark = re.escape(form.grouping)
        whole = rf"(?:\d{{1,3}}(?:{mark}\d{{3}})+|\d+)"
    exponent = r"(?:[eE][+-]?\d{1,4})?" if form.exponent else ""
    return re.compile(rf"[+-]?{whole}(?:{re.escape(form.decimal)}\d+)?{exponent}", re.ASCII)


def _written(form: NumberFormat) -> str:
    grouping = (
        f"“{form.grouping}” between thousands" if form.grouping else "nothing between thousands"
    )
    exponent = ", an exponent like 4.5e+07 allowed" if form.exponent else ", no exponent"
    return f"“{form.decimal}” before decimals, {grouping}{exponent}"


def money(text: str, currency: str, form: NumberFormat) -> Money:
    """The exact amount of a cell; may be negative, never zero."""
    stripped = text.strip()
    if len(stripped) > LONGEST_NUMBER or not _number_pattern(form).fullmatch(stripped):
        raise Unreadable(
            f"“{shown(stripped)}” is not an amount.",
            f"Write digits as the mapping says: {_written(form)}.",
        )
    plain = stripped.replace(form.grouping, "") if form.grouping else stripped
    try:
        value = Decimal(plain.replace(form.decimal, "."))
    except InvalidOperation:
        raise Unreadable(f"“{stripped}” is not an amount.", "Write digits.") from None
    if not value:
        raise Unreadable(
            "The amount is zero, and nothing is paid by zero.",
            "Remove the row, or state the amount.",
        )
    return Money(_minor(value, currency), currency)


def _minor(value: Decimal, currency: str) -> int:
    """Whole minor units, by the digits themselves: Decimal's own arithmetic rounds at 28 places."""
    digits = digits_of(currency)
    sign, figures, exponent = value.as_tuple()
    assert isinstance(exponent, int)  # the pattern lets no NaN and no infinity through
    if value.adjusted() + digits > 19:
        raise _too_large(value, currency)
    significand = int("".join(map(str, figures)))
    shift = exponent + digits
    minor, rest = (
        (significand * 10**shift, 0) if shift >= 0 else divmod(significand, 10 ** min(-shift, 99))
    )
    if rest:
        raise Unreadable(
            f"The amount has more decimals than {currency} has ({digits}).",
            f"Round it to {digits} decimals in the file; amounts are never rounded here.",
        )
    if minor > LARGEST_MINOR:
        raise _too_large(value, currency)
    return -minor if sign else minor


def _too_large(value: Decimal, currency: str) -> Unreadable:
    return Unreadable(
        f"The amount is larger than the ledger can hold in {currency}.", "Check the decimal mark."
    )


def currency_code(text: str) -> str:
    code = text.strip()
    try:
        digits_of(code)
    except Refused:
        raise Unreadable(
            f"“{shown(code)}” is not a currency we know.",
            "Use an ISO 4217 code such as USD, EUR or JPY.",
        ) from None
    return code


# --- Days ------------------------------------------------------------------


@cache
def date_pattern(form: str) -> re.Pattern[str] | None:
    """DD.MM.YYYY and the like as a pattern; None if the form is none. YYYY-MM is a month."""
    parts = re.split(r"(YYYY|MM|DD)", form)
    names = [part for part in parts if part in ("YYYY", "MM", "DD")]
    if sorted(names) not in (["DD", "MM", "YYYY"], ["MM", "YYYY"]):
        return None
    between = [part for part in parts if part not in ("YYYY", "MM", "DD")]
    if any(re.search(r"[0-9A-Za-z]", part) for part in between):
        return None
    widths = {"YYYY": r"(?P<Y>\d{4})", "MM": r"(?P<M>\d{1,2})", "DD": r"(?P<D>\d{1,2})"}
    return re.compile("".join(widths.get(p) or re.escape(p) for p in parts), re.ASCII)


def day(text: str, form: str, today: date) -> tuple[date, str]:
    """The date of a cell and how exactly it is known."""
    pattern = date_pattern(form)
    found = pattern.fullmatch(text.strip()) if pattern else None
    if found is None:
        raise Unreadable(
            f"“{shown(text)}” is not a date of the form {form}.", f"Write it as {form}."
        )
    parts = found.groupdict()
    try:
        value = date(int(parts["Y"]), int(parts["M"]), int(parts.get("D") or 1))
    except ValueError:
        raise Unreadable(
            f"“{shown(text)}” is not a day of the calendar.", f"Write an existing day as {form}."
        ) from None
    if not EARLIEST <= value <= today:
        raise Unreadable(
            f"{value} lies {'in the future' if value > today else 'before 1900'}.",
            "A transaction is recorded after it happened: correct the date.",
        )
    return value, DatePrecision.DAY if "D" in parts else DatePrecision.MONTH


def year(text: str, latest: int) -> int:
    """A fiscal year, not later than the present one."""
    stripped = text.strip()
    if not re.fullmatch(r"(FY ?)?\d{4}", stripped, re.ASCII):
        raise Unreadable(
            f"“{shown(stripped)}” is not a fiscal year.", "Write four digits, such as 2005."
        )
    value = int(stripped[-4:])
    if not EARLIEST.year <= value <= latest:
        raise Unreadable(
            f"The fiscal year {value} lies outside {EARLIEST.year} to {latest}.",
            "Correct the year in the file.",
        )
    return value
