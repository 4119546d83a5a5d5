"""The forms of declared interests and of emergency postings."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger.forms.fields import offer
from tracker.ledger.models import InterestKind


class InterestForm(forms.Form):
    """What one declares. Others read it: auditors, and whoever confirms that it is over."""

    kind = forms.ChoiceField(
        label="I declare",
        choices=[
            (InterestKind.NOTHING, "that there is nothing (else) to declare"),
            (InterestKind.ORGANISATION, "an interest in an organisation"),
            (InterestKind.PAYEE, "an interest in a payee"),
        ],
        widget=forms.RadioSelect,
    )
    concerns = forms.ModelChoiceField(
        label="Organisation",
        queryset=Organisation.objects.none(),
        to_field_name="uid",
        required=False,
        empty_label="none",
        help_text="Only for an interest in an organisation.",
    )
    payee = forms.CharField(
        max_length=200,
        required=False,
        help_text="Only for an interest in a payee: the name as it stands on vouchers.",
    )
    note = forms.CharField(
        label="What the interest is",
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="As little as is needed, such as “my sister works there”.",
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "concerns", organisations)

    def says(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ReasonForm(forms.Form):
    """Why an interest is over."""

    reason = forms.CharField(
        label="Why it is over",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays for ever.",
        error_messages={"required": "Say why it is over: the reason stays with it."},
    )


class EmergencyForm(forms.Form):
    """The version that was read, and why there is no time for the second signature."""

    version = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why there is no time for the second signature",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="Somebody else reviews it. How many such postings there are is published.",
    )


class ReviewForm(forms.Form):
    """What a reviewer says of an emergency posting."""

    verdict = forms.ChoiceField(
        choices=[("ratify", "ratify"), ("object", "object")],
        error_messages={"required": "It is unclear what you decided: press ratify or object."},
    )
    words = forms.CharField(
        label="What you looked at, and why you decide so",
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text="It stays for ever.",
        error_messages={"required": "Say what you looked at and why you decide so."},
    )
