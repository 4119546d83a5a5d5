"""Fields that several forms share, and where a refusal is shown."""

from django import forms
from django.core.exceptions import ValidationError

NUMBER = {"invalid": "Write digits, with a point before the decimals, such as 1200000.50."}
DATE = {"invalid": "Write the date as year-month-day, such as 2026-09-28."}


def date_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=widget,
        input_formats=["%Y-%m-%d"],  # 01/02/2026 is a different day on the other side of an ocean
        error_messages=DATE,
    )


def number_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DecimalField:
    """A number as measurements and figures keep it: six decimals, twelve digits before them."""
    return forms.DecimalField(
        label=label,
        required=required,
        help_text=help_text,
        max_digits=18,
        decimal_places=6,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages=NUMBER,
    )


def say_at_fields(form: forms.BaseForm, error: ValidationError) -> None:
    """Show what an action refused: at the field that it concerns, or above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
