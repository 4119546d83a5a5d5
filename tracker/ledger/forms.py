"""The forms of the ledger. They check shapes; whether something may be done, the actions decide."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger import queries
from tracker.ledger.actions import Dates
from tracker.ledger.content import Draft
from tracker.ledger.models import (
    LADDERS,
    Authority,
    AuthorityKind,
    Availability,
    ChangeKind,
    Purpose,
    Transaction,
    ValuationBasis,
    Voucher,
    VoucherKind,
)
from tracker.programs.models import Program
from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_of

GROUPED = re.compile(r"[+-]?\d{1,3}([, \u00a0\u202f]\d{3})+(\.\d+)?")
KINDS = [
    (VoucherKind.COMMITMENT, "Commitment: money is promised to the program by law or contract"),
    (VoucherKind.DISBURSEMENT, "Disbursement: money is paid out of a commitment"),
]


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


def _offer(form: forms.Form, name: str, rows: QuerySet) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class CommitmentChoice(forms.ModelChoiceField):
    """A commitment with what is left of it."""

    def label_from_instance(self, obj: Any) -> str:
        name = obj.text.reference or obj.version.voucher.number
        left = obj.balance.committed - obj.balance.drawn
        return f"{name}: {left} left of {obj.amount} ({obj.value_date:%Y})"


class StartForm(forms.Form):
    """Which program, and what kind of voucher."""

    program = forms.ModelChoiceField(
        queryset=Program.objects.none(),
        to_field_name="uid",
        empty_label="Choose a program",
        help_text="The programs whose officer you are.",
        error_messages={"invalid_choice": "Choose one of your programs."},
    )
    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect)

    def __init__(self, *args: Any, programs: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _offer(self, "program", programs.order_by("title", "pk"))


class VoucherForm(forms.Form):
    """What a voucher says. Only what is filled in is checked: a draft may wait for the rest."""

    number = forms.CharField(
        label="Voucher number",
        max_length=40,
        required=False,
        help_text="Of your own registry. Left empty, it gets the next free number.",
    )
    draws_on = CommitmentChoice(
        label="Draws on",
        queryset=Transaction.objects.none(),
        to_field_name="uid",
        required=False,
        empty_label="Choose the commitment that pays it",
        error_messages={
            "invalid_choice": "This commitment is not of this program, or nothing is left of it."
        },
    )
    amount = forms.CharField(
        max_length=40,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Digits, and a point before the decimals.",
    )
    currency = forms.CharField(
        max_length=3,
        required=False,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
        help_text="ISO code, such as USD, EUR or JPY.",
    )
    value_date = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is no date: write year-month-day, such as 2026-09-28."},
    )
    date_precision = forms.ChoiceField(
        label="Known to the",
        choices=DatePrecision.choices,
        help_text="If only the month or fiscal year is known, give any day in it.",
    )
    payee = forms.CharField(
        max_length=200, required=False, help_text="Who is paid, or with whom the contract is."
    )
    reference = forms.CharField(
        max_length=100, required=False, help_text="Contract, invoice or case number."
    )
    provider = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        to_field_name="uid",
        required=False,
        empty_label="not stated",
    )
    receiver = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        to_field_name="uid",
        required=False,
        empty_label="not stated",
    )
    authority = forms.ModelChoiceField(
        label="Legal authority",
        queryset=Authority.objects.none(),
        to_field_name="uid",
        required=False,
        empty_label="not stated",
    )
    valuation_basis = forms.ChoiceField(
        label="What the amount means", choices=ValuationBasis.choices
    )
    description = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )

    def __init__(
        self, *args: Any, program: Program, kind: str, draft: Draft | None = None, **kwargs: Any
    ):
        """Without `draft` the form is for a new voucher, with it for one whose number stands."""
        new = draft is None
        kwargs.setdefault("initial", {}).update(_initial(draft, program))
        super().__init__(*args, **kwargs)
        self.kind = kind
        self._choices(program, draft)
        if not new:
            del self.fields["number"]
        if kind == VoucherKind.DISBURSEMENT:
            self.fields["currency"].help_text = "Left empty, the commitment's."
        else:
            del self.fields["draws_on"]

    def _choices(self, program: Program, draft: Draft | None) -> None:
        taking_part = Q(participations__program=program) | Q(pk=program.owner_id)
        organisations = Organisation.objects.filter(taking_part).distinct().order_by("name", "pk")
        for name in ("provider", "receiver"):
            _offer(self, name, organisations)
        mine = Authority.objects.filter(organisation=program.owner_id)
        _offer(self, "authority", mine.order_by("title", "pk"))
        _offer(self, "draws_on", queries.commitments_to_draw_on(program))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["currency"] = (said.get("currency") or "").upper()
        parent = said.get("draws_on")
        if parent is not None and not said["currency"]:
            said["currency"] = parent.currency
        self._read("currency", lambda: digits_of(said["currency"]) if said["currency"] else None)
        said["money"] = None
        if said.get("amount") and "currency" not in self.errors:
            if said["currency"]:
                said["money"] = self._read(
                    "amount", lambda: read_amount(said["amount"], said["currency"])
                )
            else:
                self.add_error("currency", "State the currency of the amount, such as USD.")
        return said

    def _read(self, field: str, read: Any) -> Any:
        try:
            return read()
        except Refused as refusal:
            self.add_error(field, refusal.sentence)
            return None

    def draft(self) -> Draft:
        """What the valid form says."""
        said = self.cleaned_data
        named = (
            "currency",
            "value_date",
            "date_precision",
            "payee",
            "reference",
            "provider",
            "receiver",
            "authority",
            "valuation_basis",
            "description",
        )
        return Draft(
            amount=said["money"],
            draws_on=said.get("draws_on"),
            **{name: said[name] for name in named},
        )


def _initial(draft: Draft | None, program: Program) -> dict[str, Any]:
    if draft is None:
        return {"provider": program.owner.uid}
    said = {
        name: getattr(draft, name)
        for name in VoucherForm.base_fields
        if name in Draft.__dataclass_fields__
    }
    said["amount"] = "" if draft.amount is None else draft.amount.plain
    for name in ("draws_on", "provider", "receiver", "authority"):
        said[name] = said[name].uid if said[name] is not None else None
    return said


def draft_of(voucher: Voucher) -> Draft:
    """What a voucher says now."""
    return Draft(**{name: getattr(voucher, name) for name in Draft.__dataclass_fields__})


class ReversalForm(forms.Form):
    """Why and when a transaction is taken back."""

    reason = forms.CharField(
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays with the reversal for ever.",
        error_messages={"required": "Say why it is taken back."},
    )
    value_date = forms.DateField(
        label="Date of the correction",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text="The correction counts in the fiscal year of this day.",
        error_messages={"invalid": "This is no date: write year-month-day, such as 2026-09-28."},
    )
    number = forms.CharField(
        label="Voucher number",
        max_length=40,
        required=False,
        help_text="Left empty, it gets the next free number.",
    )

    def __init__(self, *args: Any, numbered: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not numbered:
            del self.fields["number"]

    def draft(self) -> Draft:
        said = self.cleaned_data
        return Draft(description=said["reason"], value_date=said["value_date"])


class DecisionForm(forms.Form):
    """A yes or a no to the version that was read; a newer one needs to be read first."""

    version = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="What has to change",
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="The officer reads it; it stays for ever.",
    )


class AttachForm(forms.Form):
    file = forms.FileField(
        help_text="Invoice, contract, receipt: PDF, picture, office file, text or e-mail.",
        allow_empty_file=True,  # the action has the better sentence
    )


# --- Authorities -----------------------------------------------------------


def _date(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "This is no date: write year-month-day, such as 2026-09-28."},
    )


def _year() -> forms.IntegerField:
    return forms.IntegerField(
        label="Fiscal year",
        min_value=1900,
        max_value=2200,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        help_text="As the owner's calendar names it, such as 2026.",
    )


def _amount(label: str = "Amount") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Digits, and a point before the decimals.",
    )


class _DatesForm(forms.Form):
    """How long money is available."""

    availability = forms.ChoiceField(choices=Availability.choices)
    available_from = _date("First day", required=False)
    available_to = _date(
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
        _offer(self, "organisation", owners)

    def says(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {name: said[name] for name in self.field_order} | {"dates": self.dates()}


class _ReasonForm(forms.Form):
    """Where a change comes from and why."""

    legal_reference = forms.CharField(
        max_length=300, help_text="The law or decision that says so, with its paragraph."
    )
    stated_on = _date("Date of that law or decision")
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
    fiscal_year = _year()
    amount = _amount()
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
    fiscal_year = _year()
    stage = forms.ChoiceField()
    amount = _amount("Amount so far")
    currency = forms.CharField(max_length=3, help_text="ISO code, such as USD.")
    stated_on = _date("Date of the source")
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
