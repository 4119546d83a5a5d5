"""The forms of periods: proposing to close one or open it again, deciding, signing."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from tracker.accounts.models import Organisation
from tracker.ledger.models import CertificationSide
from tracker.shared.calendars import FiscalQuarter
from tracker.shared.dates import say_day


class CloseForm(forms.Form):
    """Which quarter is over. The choices are what can be closed now, organisation by organisation."""

    quarter = forms.ChoiceField(
        help_text="Quarters close in order, each once it has ended. Nothing that waits for approval may lie in it.",
        error_messages={
            "invalid_choice": "This quarter cannot be closed now: choose one of the list."
        },
    )
    reason = forms.CharField(
        label="Remark",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays with the closing for ever.",
    )

    def __init__(
        self, *args: Any, closable: Iterable[tuple[Organisation, FiscalQuarter]], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.closable = {f"{o.uid}/{q.start}": (o, q) for o, q in closable}
        field = self.fields["quarter"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(key, _say(*pair)) for key, pair in self.closable.items()]

    def says(self) -> dict[str, Any]:
        organisation, quarter = self.closable[self.cleaned_data["quarter"]]
        day: date = quarter.start
        return {"organisation": organisation, "day": day, "reason": self.cleaned_data["reason"]}


def _say(organisation: Organisation, quarter: FiscalQuarter) -> str:
    days = f"{say_day(quarter.start)} to {say_day(quarter.end)}"
    return f"{quarter.label} of {organisation.label}, {days}"


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="Why it is opened again",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays with the period for ever. What both sides certified of it no longer holds.",
        error_messages={"required": "Say why it is opened again."},
    )


class CertifyForm(forms.Form):
    """A signature under the figures that were shown; figures that changed since need to be read first."""

    side = forms.ChoiceField(choices=CertificationSide.choices, widget=forms.HiddenInput)
    seen = forms.RegexField(regex=r"[0-9a-f]{64}", widget=forms.HiddenInput)
    remark = forms.CharField(
        label="Remark or reservation",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What you know to be missing or wrong. Staff of both sides read it.",
    )
