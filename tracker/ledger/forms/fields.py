"""What the forms of the ledger share: amounts as people type them, dates, fiscal years."""

import re
from decimal import Decimal

from django import forms
from django.db.models import QuerySet

from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_of

GROUPED = re.compile(r"[+-]?\d{1,3}([, \u00a0\u202f]\d{3})+(\.\d+)?")


def read_amount(text: str, currency: str) -> Money:
    """An amount as people type it: digits, thousands in groups or not, a point before the decimals."""
    plain = re.sub(r"[, \u00a0\u202f]", "", text) if GROUPED.fullmatch(text) else text
    if not re.fullmatch(r"[+-]?\d+(\.\d+)?", plain):
        raise Refused(f"“{text}” is not an amount: write digits, with a point before the decimals.")
    digits = digits_of(currency)
    whole, _, decimals = plain.partition(".")
    if len(decimals.rstrip("0")) > digits:
        raise Refused(f"{text} has more decimals than {currency} has ({digits}): round it.")
    if len(whole) > 20:
        raise Refused(f"{text} {currency} is larger than this ledger can hold.")
    return Money.of(Decimal(f"{whole}.{decimals[:digits] or 0}"), currency)


def offer(form: forms.Form, name: str, rows: QuerySet) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


def date_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is no date: write year-month-day, such as 2026-09-28."},
    )


def year_field() -> forms.IntegerField:
    return forms.IntegerField(
        label="Fiscal year",
        min_value=1900,
        max_value=2200,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text="As the owner's calendar names it, such as 2026.",
    )


def amount_field(label: str = "Amount") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Digits, and a point before the decimals.",
    )
