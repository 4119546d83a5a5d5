"""Pieces that the forms of this room share."""

from typing import Any

from django import forms

from tracker.audits.actions import NewFile
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_by_currency


def long_text(label: str, help_text: str = "", *, required: bool = True, rows: int = 4) -> Any:
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget)


def currencies() -> list[tuple[str, str]]:
    return [("", "no currency"), *((code, code) for code in sorted(digits_by_currency()))]


def amount_field(label: str, help_text: str = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=30,
        required=required,
        error_messages={"required": "State the amount."},
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text=help_text,
    )


def file_field(help_text: str) -> forms.FileField:
    return forms.FileField(label="Evidence", required=False, help_text=help_text)


def money_of(form: forms.Form, name: str, currency: str) -> Money | None:
    """The amount typed in a field, in the currency; what is wrong with it is said at the field."""
    typed = (form.cleaned_data.get(name) or "").replace(",", "").replace(" ", "")
    if not typed:
        return None
    if not currency:
        form.add_error(name, "An amount needs its currency: choose it.")
        return None
    try:
        return Money.of(typed, currency)
    except Refused as refusal:
        form.add_error(name, refusal)
        return None


class Rows(forms.BaseFormSet):
    def initial_form_count(self) -> int:
        return 0


class StepForm(forms.Form):
    """A step that somebody takes. A file becomes what the actions take."""

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if sent := given.get("file"):
            given["file"] = NewFile(sent, sent.name, sent.content_type or "")
        return given
