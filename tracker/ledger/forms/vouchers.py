"""The forms of vouchers. They check shapes; whether something may be done, the actions decide."""

from typing import Any

from django import forms
from django.db.models import Q

from tracker.accounts.models import Organisation
from tracker.ledger import policies, queries
from tracker.ledger.content import Draft
from tracker.ledger.forms.fields import date_field, offer, read_amount
from tracker.ledger.models import (
    DRAWS_ON,
    Authority,
    DeliveryPoint,
    Form,
    Transaction,
    ValuationBasis,
    Voucher,
    VoucherKind,
)
from tracker.programs.models import Program
from tracker.shared.dates import DatePrecision
from tracker.shared.errors import Refused
from tracker.shared.money import digits_of

BOOKED_ON = "Only for a late entry: the value date lies in a closed period. A day of an open period, today at the latest."
KINDS = [
    (VoucherKind.PLEDGE, "Pledge: what was announced. It stands beside the totals, never in them"),
    (VoucherKind.COMMITMENT, "Commitment: aid is promised to the program by law or contract"),
    (
        VoucherKind.DISBURSEMENT,
        "Disbursement: money is paid, goods are dispatched, out of a commitment",
    ),
    (
        VoucherKind.RECEIPT,
        "Receipt: what the recipient states has arrived, recorded from its document",
    ),
    (
        VoucherKind.EXPENDITURE,
        "Expenditure: what the recipient states was used, of what it received",
    ),
    (VoucherKind.REFUND, "Refund: money or goods that came back"),
    (VoucherKind.WRITE_OFF, "Write-off: what is given up as lost, of what was sent or received"),
]
FORMS = [
    (Form.MONEY, "Money"),
    (Form.GOODS, "Goods, in kind"),
    (Form.SERVICES, "Services, such as training or transport"),
]


class ParentChoice(forms.ModelChoiceField):
    """What can be drawn on, with what is left of it."""

    def label_from_instance(self, obj: Any) -> str:
        kind = obj.get_kind_display()
        name = obj.label
        if obj.amount is None:
            return f"{kind} {name}: unvalued ({obj.value_date:%Y})"
        return f"{kind} {name}: {obj.balance.left} left of {obj.amount} ({obj.value_date:%Y})"


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
        offer(self, "program", programs.order_by("title", "pk"))


class VoucherForm(forms.Form):
    """What a voucher says. Only what is filled in is checked: a draft may wait for the rest."""

    number = forms.CharField(
        label="Voucher number",
        max_length=40,
        required=False,
        help_text="Of your own registry. Left empty, it gets the next free number.",
    )
    draws_on = ParentChoice(
        label="Draws on",
        queryset=Transaction.objects.none(),
        to_field_name="uid",
        required=False,
        error_messages={
            "invalid_choice": "This one is not of this program, or nothing is left of it."
        },
    )
    form = forms.ChoiceField(label="What is given", choices=FORMS, required=False)
    quantity = forms.DecimalField(
        required=False,
        max_digits=18,
        decimal_places=6,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Of goods or services, such as 40.",
        error_messages={
            "invalid": "This is no number: write digits, with a point before decimals."
        },
    )
    unit = forms.CharField(
        max_length=40, required=False, help_text="Such as pieces, tonnes or days."
    )
    delivery_point = forms.ChoiceField(
        label="Recorded when the goods",
        choices=DeliveryPoint.choices,
        required=False,
        help_text="“Delivered” means different points to different services: say which one this is.",
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
    booked_on = date_field("Booking day", required=False, help_text=BOOKED_ON)
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
        label="What the amount means",
        choices=ValuationBasis.choices,
        help_text="Goods and services say how they were valued. Unvalued has no amount, and is not 0.",
    )
    valuation_date = date_field(
        "Day of the valuation", required=False, help_text="Of goods and services only."
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
        if DRAWS_ON[kind]:
            what = policies.parents_of(kind)
            self.fields["currency"].help_text = f"Left empty, that of the {what} it draws on."
            parent = self.fields["draws_on"]
            assert isinstance(parent, ParentChoice)
            parent.empty_label = f"Choose the {what}"
        else:
            del self.fields["draws_on"]

    def _choices(self, program: Program, draft: Draft | None) -> None:
        taking_part = Q(participations__program=program) | Q(pk=program.owner_id)
        organisations = Organisation.objects.filter(taking_part).distinct().order_by("name", "pk")
        for name in ("provider", "receiver"):
            offer(self, name, organisations)
        mine = Authority.objects.filter(organisation=program.owner_id)
        offer(self, "authority", mine.order_by("title", "pk"))
        offer(self, "draws_on", queries.to_draw_on(program, self.kind))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["currency"] = (said.get("currency") or "").upper()
        parent = said.get("draws_on")
        said["form"] = said.get("form") or Form.MONEY
        is_unvalued = said.get("valuation_basis") == ValuationBasis.UNVALUED
        if parent is not None and not said["currency"] and not is_unvalued:
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
            "booked_on",
            "payee",
            "reference",
            "provider",
            "receiver",
            "authority",
            "valuation_basis",
            "valuation_date",
            "form",
            "quantity",
            "unit",
            "delivery_point",
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
    said["quantity"] = None if draft.quantity is None else f"{draft.quantity:f}"
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
    booked_on = date_field("Booking day", required=False, help_text=BOOKED_ON)
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
        days = {name: said[name] for name in ("value_date", "booked_on")}
        return Draft(description=said["reason"], **days)


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
