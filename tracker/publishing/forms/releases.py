"""Preparing, explaining, giving up and taking back."""

from typing import Any

from django import forms

from tracker.publishing.forms.widgets import text
from tracker.publishing.models import (
    Category,
    Release,
)


class PrepareForm(forms.Form):
    """An embargo, if there is one."""

    public_from = forms.DateTimeField(
        label="Public from",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Leave it empty to publish as soon as a second person releases it. With a day and a time nobody outside "
        "sees it before; the time is that of the program’s owner.",
    )


class ExplainForm(forms.Form):
    """Why one total is not what the release before said."""

    place = forms.CharField(max_length=60, widget=forms.HiddenInput)
    sentence = forms.CharField(
        label="Why it differs, in one public sentence",
        max_length=300,
        widget=text(2),
        help_text="The public reads it beside the difference. Name no amount that is withheld.",
    )


class DropForm(forms.Form):
    reason = forms.CharField(
        label="Why it is given up", max_length=300, help_text="Who prepared it reads it."
    )


class EndOrderForm(forms.Form):
    """Why changes of an engagement are no longer released as they happen."""

    reason = forms.CharField(label="Why it ends", max_length=300)


class TakedownForm(forms.Form):
    """Which release is taken back, everything that the public will read in its place, and how fast."""

    FIRST, NOW = "first", "now"

    release = forms.ModelChoiceField(
        queryset=Release.objects.none(), empty_label="Choose a release"
    )
    category = forms.ChoiceField(choices=[("", "Choose a reason"), *Category.choices])
    legal_basis = forms.CharField(
        max_length=300, help_text="The law or rule that allows it. The public reads it."
    )
    reason = forms.CharField(
        label="Reason in one public sentence",
        max_length=300,
        widget=text(3),
        help_text="The public reads it in the place of the release. Do not hint at what must not be known.",
    )
    how = forms.ChoiceField(
        label="How fast",
        choices=[
            (FIRST, "Propose it: it stays public until another disclosure officer decides"),
            (NOW, "Take it down now: another disclosure officer reviews it within 24 hours"),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, releases: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["release"]
        field.queryset, field.to_field_name = releases, "number"
        field.label_from_instance = lambda one: (
            f"Release {one.number}, published {one.published_at:%Y-%m-%d}"
        )


class DeclineForm(forms.Form):
    verdict = forms.CharField(label="Why it stays public", max_length=300, widget=text(2))


class VerdictForm(forms.Form):
    """The second person's review of what one took down in a hurry."""

    verdict = forms.ChoiceField(
        label="Your verdict",
        choices=[
            ("upheld", "It was right: it stays down"),
            ("restored", "It was not: it is public again at once"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why, in one public sentence",
        max_length=300,
        widget=text(3),
        help_text="The public reads it on the tombstone.",
    )
