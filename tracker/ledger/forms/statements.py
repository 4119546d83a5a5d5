"""The forms of the recipient's word and of the steps about a discrepancy."""

from decimal import Decimal, InvalidOperation
from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from tracker.ledger import policies
from tracker.ledger.actions import NewFile, NewStep
from tracker.ledger.forms.fields import date_field, offer, read_amount
from tracker.ledger.models import DeliveryPoint, Form, Transaction, Verdict
from tracker.ledger.policies import Word
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.sealing import Veil

VERDICTS = [
    (
        Verdict.CONFIRMED,
        "Confirmed: everything that was left to arrive has arrived",
    ),
    (
        Verdict.SHORT,
        "Short: less arrived than was dispatched. State what arrived; the rest is an open discrepancy",
    ),
    (
        Verdict.SURPLUS,
        "Surplus: more arrived than was dispatched. It is recorded as you state it, outside every total",
    ),
    (
        Verdict.DAMAGED,
        "Damaged: it arrived, and part of it is damaged. State what arrived, and how much of that is damaged",
    ),
    (
        Verdict.DISPUTED,
        "Disputed: nothing arrived, or this dispatch is not yours. Say why; nothing is recorded as received",
    ),
]
NEEDED = "Needed, unless you dispute the dispatch."
POINTS = [(DeliveryPoint.NOT_STATED, "Choose the point"), *DeliveryPoint.choices[1:]]


def figure_field(label: str, *, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=help_text,
    )


def file_field(help_text: str) -> forms.FileField:
    return forms.FileField(
        label="Document",
        required=False,
        help_text=help_text,
        allow_empty_file=True,  # the action has the better sentence
    )


def handed(form: forms.Form) -> NewFile | None:
    sent = form.cleaned_data.get("file")
    return NewFile(sent, sent.name or "", sent.content_type or "") if sent else None


class WordForm(forms.Form):
    """What the representative states. Which fields there are follows from what the dispatch states."""

    verdict = forms.ChoiceField(label="Your word", choices=VERDICTS, widget=forms.RadioSelect)
    quantity = figure_field("How many arrived")
    amount = figure_field("Value of what arrived")
    damaged_quantity = figure_field("How many of them are damaged")
    damaged_amount = figure_field("Value of what is damaged")
    arrived_on = date_field("Arrived on", required=False, help_text=NEEDED)
    delivery_point = forms.ChoiceField(
        label="“Received” means here", choices=POINTS, required=False, help_text=NEEDED
    )
    remark = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="What a dispute is about, where the rest may be, how the damage looks. Both sides read it.",
    )
    file = file_field("A signed delivery note, a photograph, a protocol: PDF, picture or text.")

    def __init__(self, *args: Any, about: Transaction, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.about = about
        self.currency = policies.currency_stated(policies.worth_of(about))
        code, unit = self.currency, about.unit
        is_goods = about.form != Form.MONEY
        if not code:
            self._leave_out("amount", "damaged_amount")
        elif about.quantity is not None:
            follows = f"In {code}. Left empty, it follows from how many, at the dispatch's own value per unit."
            self.fields["amount"].help_text = follows
            self.fields["damaged_amount"].help_text = follows
        else:
            self.fields["amount"].label = "What arrived" if is_goods else "Amount that arrived"
            self.fields["amount"].help_text = f"In {code}, what is damaged of it included."
        if about.quantity is None:
            self._leave_out("quantity", "damaged_quantity")
        else:
            self.fields["quantity"].help_text = f"In {unit or 'units'}, the damaged ones included."
        if not is_goods:
            self._leave_out("delivery_point")

    def _leave_out(self, *names: str) -> None:
        for name in names:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for name in ("amount", "damaged_amount"):
            said[name] = self._read(name, lambda text: read_amount(text, self.currency))
        for name in ("quantity", "damaged_quantity"):
            said[name] = self._read(name, _number)
        return said

    def _read(self, name: str, read: Any) -> Any:
        text = (self.cleaned_data.get(name) or "").strip()
        if not text:
            return None
        try:
            return read(text)
        except Refused as refusal:
            self.add_error(name, refusal.sentence)
            return None

    def word(self) -> Word:
        """What the valid form says. A dispute takes no figures: those typed before choosing it do not count."""
        said = self.cleaned_data
        if said["verdict"] == Verdict.DISPUTED:
            return Word(Verdict.DISPUTED, remark=said["remark"])
        named = ("amount", "quantity", "damaged_amount", "damaged_quantity", "arrived_on", "remark")
        point = said.get("delivery_point", "")
        return Word(said["verdict"], delivery_point=point, **{n: said[n] for n in named})

    def file_handed_in(self) -> NewFile | None:
        return handed(self)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "") if "." in text else text)
    except InvalidOperation:
        raise Refused("This is no number: write digits, with a point before decimals.") from None
    if not number.is_finite() or abs(number) >= 10**12 or _decimals(number) > 6:
        raise Refused("Write a number below a million millions, with at most six decimals.")
    return number


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


class UseForm(WordForm):
    """What was used of a receipt."""

    def __init__(self, *args: Any, about: Transaction, **kwargs: Any):
        super().__init__(*args, about=about, **kwargs)
        gone = {"verdict", "damaged_quantity", "damaged_amount", "delivery_point"}
        self._leave_out(*(gone & set(self.fields)))
        labels = {
            "quantity": "How many were used",
            "amount": "What was used",
            "arrived_on": "Used until",
        }
        for name in labels.keys() & self.fields.keys():
            self.fields[name].label = labels[name]
        for name, text in {
            "arrived_on": "The last day that this covers.",
            "remark": "For what it was used. Both sides read it.",
            "amount": f"In {self.currency}. More than was received is recorded, outside every total.",
            "quantity": f"In {about.unit or 'units'}.",
        }.items():
            if name in self.fields:
                self.fields[name].help_text = text

    def clean(self) -> dict[str, Any]:
        return super().clean() | {"verdict": Verdict.USED}


class SettlingChoice(forms.ModelChoiceField):
    """What draws on the same dispatch, in a line. What is sealed from the reader is covered in it; the row that is
    chosen is read anew."""

    veil = Veil()

    def label_from_instance(self, obj: Any) -> str:
        self.veil.cover(obj)
        worth: Money | str = obj.amount or "unvalued"
        return f"{obj.get_kind_display()} {obj.label}: {worth} ({obj.value_date:%Y-%m-%d})"


class DiscrepancyForm(forms.Form):
    """A step about a discrepancy: why, with what it rests on."""

    reason = forms.CharField(
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays with the discrepancy for ever, and both sides read it.",
        error_messages={"required": "Say why: the reason stays with the discrepancy."},
    )
    settled_by = SettlingChoice(
        label="Settled by",
        queryset=Transaction.objects.none(),
        to_field_name="uid",
        required=False,
        empty_label="nothing in the ledger",
        help_text="What draws on the same dispatch and was posted later.",
        error_messages={"invalid_choice": "Choose one that draws on the same dispatch, in force."},
    )
    file = file_field("What shows it, if there is a document.")

    def __init__(
        self, *args: Any, settling: QuerySet[Transaction] | None, veil: Veil, **kwargs: Any
    ):
        """`settling`: what can be named as settling it; None where the step names nothing."""
        super().__init__(*args, **kwargs)
        if settling is None:
            del self.fields["settled_by"]
        else:
            offer(self, "settled_by", settling)
            cast(SettlingChoice, self.fields["settled_by"]).veil = veil

    def step(self) -> NewStep:
        said = self.cleaned_data
        return NewStep(said["reason"], said.get("settled_by"), handed(self))
