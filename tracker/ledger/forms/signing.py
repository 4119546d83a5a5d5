"""The forms of the delegation of authority and of delegations."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from tracker.accounts.models import Organisation, User
from tracker.ledger.forms.fields import date_field, offer, read_amount
from tracker.ledger.models import SigningLevel, VoucherKind
from tracker.shared.errors import Refused
from tracker.shared.money import digits_of


class LimitForm(forms.Form):
    """Up to which amount whose signatures suffice, and from when on."""

    level = forms.ChoiceField(
        label="What suffices",
        choices=SigningLevel.choices,
        help_text="Each level reaches up to its limit; above the last one nobody here may approve.",
    )
    kind = forms.ChoiceField(
        label="Kind of voucher",
        choices=[("", "every kind"), *VoucherKind.choices],
        required=False,
        help_text="A limit for one kind comes before the limit for every kind.",
    )
    currency = forms.CharField(
        max_length=3,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
        help_text="ISO code, such as USD.",
    )
    up_to = forms.CharField(
        label="Up to",
        max_length=40,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="The amount itself belongs to it. Left empty: without an upper limit. 0: this level never suffices.",
    )
    valid_from = date_field("From", help_text="The first day on which it counts.")
    valid_until = date_field(
        "Until",
        required=False,
        help_text="The last day on which it counts. Left empty: until a newer one takes its place.",
    )
    legal_reference = forms.CharField(
        max_length=300, help_text="The decree or decision that says so, with its paragraph."
    )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["currency"], said["money"] = (said.get("currency") or "").upper(), None
        try:
            if "currency" not in self.errors:
                digits_of(said["currency"])
        except Refused as refusal:
            self.add_error("currency", refusal.sentence)
        if said.get("up_to") and "currency" not in self.errors:
            try:
                said["money"] = read_amount(said["up_to"], said["currency"])
            except Refused as refusal:
                self.add_error("up_to", refusal.sentence)
        return said

    def says(self) -> dict[str, Any]:
        names = ("level", "kind", "currency", "valid_from", "valid_until", "legal_reference")
        return {name: self.cleaned_data[name] for name in names} | {
            "up_to": self.cleaned_data["money"]
        }


class PersonChoice(forms.ModelChoiceField):
    """A colleague, by name and employer: two persons may have one name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.email})"


class DelegationForm(forms.Form):
    """To whom the approving is handed, and for which days."""

    organisation = forms.ModelChoiceField(
        label="Approving for",
        queryset=Organisation.objects.none(),
        to_field_name="uid",
        empty_label=None,
    )
    delegate = PersonChoice(
        label="Handed to",
        queryset=User.objects.none(),
        to_field_name="uid",
        empty_label="Choose a colleague",
        help_text="Somebody who sees vouchers, and neither audits nor administrates.",
    )
    valid_from = date_field("First day")
    valid_until = date_field("Last day")

    def __init__(
        self,
        *args: Any,
        organisations: QuerySet[Organisation],
        colleagues: QuerySet[User],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        offer(self, "organisation", organisations)
        offer(self, "delegate", colleagues)

    def says(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class SigningDecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=[("confirm", "confirm"), ("decline", "decline")])
    reason = forms.CharField(max_length=4000, required=False)
