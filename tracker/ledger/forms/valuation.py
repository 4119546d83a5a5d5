"""The forms of valuations: a new value with its reason and document, and a value on another basis beside it."""

from typing import Any

from django import forms

from tracker.ledger.forms.fields import amount_field, date_field, read_amount
from tracker.ledger.models import BASES, Method
from tracker.ledger.valuation import StraightLine, Valuation
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_of

ANOTHER = [("", "Choose the basis"), *BASES]
METHODS = [
    (Method.DOCUMENT, "The document states the value"),
    (Method.STRAIGHT_LINE, "Straight-line depreciation, reckoned from the four figures below"),
]
PARAMETERS = ("acquisition_cost", "salvage", "useful_life", "age")


def _optional_amount(label: str, help_text: str) -> forms.CharField:
    field = amount_field(label)
    field.required, field.help_text = False, help_text
    return field


def _years(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        max_digits=12,
        decimal_places=6,
        help_text=help_text,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": "This is no number of years: write digits, with a point before decimals."
        },
    )


class _ValueForm(forms.Form):
    """An amount in the currency that the transaction is valued in, or in a stated one where nobody has valued it."""

    currency = forms.CharField(
        max_length=3,
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off"}),
        help_text="ISO code, such as USD.",
    )
    valuation_date = date_field("Day of the valuation")

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.valued_in = currency
        if currency:
            del self.fields["currency"]

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].upper()
        try:
            digits_of(code)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal
        return code

    def _money(self, name: str) -> Money | None:
        said = self.cleaned_data.get(name)
        currency = self.valued_in or self.cleaned_data.get("currency")
        if not said or not currency:
            return None
        try:
            return read_amount(said, currency)
        except Refused as refusal:
            self.add_error(name, refusal.sentence)
            return None


class RevaluationForm(_ValueForm):
    """What it is worth instead, why, and by which document. `previewing` asks for no more than the value."""

    new_basis = forms.ChoiceField(label="Basis", choices=ANOTHER)
    method = forms.ChoiceField(
        label="How the value comes about",
        choices=METHODS,
        widget=forms.RadioSelect,
        initial=Method.DOCUMENT,
    )
    new_amount = _optional_amount(
        "Worth", "Digits, and a point before the decimals. Depreciation reckons it for you."
    )
    acquisition_cost = _optional_amount("Acquisition cost", "With freight and installation.")
    salvage = _optional_amount("Value at the end", "Zero, if nothing is left of it.")
    useful_life = _years("Useful life, in years", "Such as 15.")
    age = _years("Age, in years", "On the day of the valuation, such as 9.")
    reason = forms.CharField(
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="It stays with the revaluation for ever.",
        error_messages={"required": "Say why: the reason stays with the revaluation."},
    )
    document = forms.FileField(
        label="Valuation document",
        help_text="The valuation itself: PDF, spreadsheet, picture or text.",
        allow_empty_file=True,  # the action has the better sentence
        error_messages={"required": "Attach the document that states the value."},
    )
    field_order = ["new_basis", "valuation_date", "method", "currency", "new_amount", *PARAMETERS]

    def __init__(self, *args: Any, previewing: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if previewing:
            self.fields["reason"].required = self.fields["document"].required = False

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        said["money"] = self._money("new_amount")
        said["line"] = None
        if said.get("method") == Method.STRAIGHT_LINE:
            said["line"] = self._line()
        elif not said.get("new_amount") and "new_amount" not in self.errors:
            self.add_error("new_amount", "State what it is worth.")
        return said

    def _line(self) -> StraightLine | None:
        said = self.cleaned_data
        cost, salvage = self._money("acquisition_cost"), self._money("salvage")
        found = {"acquisition_cost": cost, "salvage": salvage}
        found |= {name: said.get(name) for name in ("useful_life", "age")}
        missing = [name for name in PARAMETERS if found[name] is None and name not in self.errors]
        for name in missing:
            self.add_error(name, "Depreciation needs this figure.")
        if missing or self.errors:
            return None
        assert cost is not None and salvage is not None
        return StraightLine(cost, salvage, said["useful_life"], said["age"])

    def asked(self) -> Valuation:
        said = self.cleaned_data
        return Valuation(said["new_basis"], said["valuation_date"], said["money"], said["line"])


class AlternativeForm(_ValueForm):
    """What a source says the same goods are worth on another basis."""

    basis = forms.ChoiceField(choices=ANOTHER)
    amount = amount_field("Worth on this basis")
    citation = forms.CharField(max_length=300, help_text="Document, page, publisher.")
    field_order = ["basis", "amount", "currency", "valuation_date", "citation"]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["money"] = self._money("amount")
        return self.cleaned_data

    def says(self) -> dict[str, Any]:
        said = self.cleaned_data
        asked = Valuation(said["basis"], said["valuation_date"], said["money"])
        return {"asked": asked, "citation": said["citation"]}
