"""The forms of authorities, their ceilings, dates and stages."""

from typing import Any

from django import forms

from tracker.accounts.models import Organisation
from tracker.ledger.actions import Dates
from tracker.ledger.forms.fields import amount_field, date_field, offer, read_amount, year_field
from tracker.ledger.models import (
    LADDERS,
    Authority,
    AuthorityKind,
    Availability,
    ChangeKind,
    Purpose,
)
from tracker.shared.errors import Refused


class _DatesForm(forms.Form):
    """How long money is available."""

    availability = forms.ChoiceField(choices=Availability.choices)
    available_from = date_field("First day", required=False)
    available_to = date_field(
        "Last day", required=False, help_text="Only for money that is available until a date."
    )

    def dates(self) -> Dates:
        names = ("availability", "available_from", "available_to")
        return Dates(**{name: self.cleaned_data[name] for name in names})


class AuthorityForm(_DatesForm):
    """What an authority is. None of it changes later, but its dates."""

    organisation = forms.ModelChoiceField(
        label="Owner", queryset=Organisation.objects.none(), to_field_name="uid", empty_label=None
    )
    title = forms.CharField(max_length=200)
    legal_basis = forms.CharField(
        max_length=300, help_text="Law, article and paragraph, or the decision with its number."
    )
    kind = forms.ChoiceField(choices=AuthorityKind.choices)
    purpose = forms.ChoiceField(
        choices=Purpose.choices,
        help_text="Money that buys back the donor's own stock is no aid and enters no total of aid.",
    )
    currency = forms.CharField(
        max_length=3,
        required=False,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
        help_text="ISO code, such as USD. Without it there can be no ceiling.",
    )
    field_order = ["organisation", "title", "legal_basis", "kind", "purpose", "currency"]

    def __init__(self, *args: Any, owners: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "organisation", owners)

    def says(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {name: said[name] for name in self.field_order} | {"dates": self.dates()}


class _ReasonForm(forms.Form):
    """Where a change comes from and why."""

    legal_reference = forms.CharField(
        max_length=300, help_text="The law or decision that says so, with its paragraph."
    )
    stated_on = date_field("Date of that law or decision")
    reason = forms.CharField(max_length=4000, widget=forms.Textarea({"rows": 3}))
    REASONS = ("legal_reference", "stated_on", "reason")

    def reasons(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.REASONS}


class _AmountForm(forms.Form):
    """An amount in the authority's currency, or in one that is stated where the authority has none."""

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.authority = authority
        if authority.currency and "currency" in self.fields:
            del self.fields["currency"]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        currency = (said.get("currency") or self.authority.currency).upper()
        if not currency and "currency" not in self.fields:
            raise forms.ValidationError(
                "This authority states no currency, so it can have no ceiling: "
                "record an authority that states it."
            )
        if said.get("amount") and "currency" not in self.errors:
            try:
                said["money"] = read_amount(said["amount"], currency)
            except Refused as refusal:
                self.add_error("amount", refusal.sentence)
        return said


class CeilingForm(_AmountForm, _ReasonForm):
    kind = forms.ChoiceField(
        label="What changes",
        choices=[
            (ChangeKind.SET, "Set: the year has no ceiling yet"),
            (ChangeKind.RAISE, "Raise it by the amount"),
            (ChangeKind.LOWER, "Lower it by the amount"),
        ],
    )
    fiscal_year = year_field()
    amount = amount_field()
    field_order = ["kind", "fiscal_year", "amount"]

    def says(self) -> dict[str, Any]:
        said = self.cleaned_data
        named = {"kind": said["kind"], "fiscal_year": said["fiscal_year"], "amount": said["money"]}
        return named | self.reasons()


class AvailabilityForm(_DatesForm, _ReasonForm):
    field_order = ["availability", "available_from", "available_to"]

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any):
        names = ("availability", "available_from", "available_to")
        kwargs.setdefault("initial", {name: getattr(authority, name) for name in names})
        super().__init__(*args, **kwargs)

    def says(self) -> dict[str, Any]:
        return {"dates": self.dates()} | self.reasons()


class StageForm(_AmountForm):
    fiscal_year = year_field()
    stage = forms.ChoiceField()
    amount = amount_field("Amount so far")
    currency = forms.CharField(max_length=3, help_text="ISO code, such as USD.")
    stated_on = date_field("Date of the source")
    citation = forms.CharField(max_length=300, help_text="Document, page, publisher.")

    def __init__(self, *args: Any, authority: Authority, **kwargs: Any):
        super().__init__(*args, authority=authority, **kwargs)
        rungs = LADDERS[AuthorityKind(authority.kind)]
        field = self.fields["stage"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in rungs]

    def says(self) -> dict[str, Any]:
        names = ("fiscal_year", "stage", "stated_on", "citation")
        said = {name: self.cleaned_data[name] for name in names}
        return said | {"amount": self.cleaned_data["money"]}


class ChangeDecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=[("confirm", "confirm"), ("decline", "decline")])
    reason = forms.CharField(
        label="Why it is declined",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays with the change for ever.",
    )
