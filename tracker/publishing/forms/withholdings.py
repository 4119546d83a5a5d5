"""What is withheld, reviewed, or not published."""

from typing import Any

from django import forms

from tracker.programs.models import Program
from tracker.publishing import standins
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.forms.widgets import day, text
from tracker.publishing.models import (
    Category,
    Scope,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money


def _what() -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds of record, and the fields of each that may be withheld."""
    return [
        (
            f"Of a {kind}" if kind != "program" else "Of the program itself",
            [(f"{kind}.{field}", f"{kind}: {field.replace('_', ' ')}") for field in sorted(fields)],
        )
        for kind, fields in sorted(WITHHOLDABLE.items())
    ]


class ChosenForm(forms.Form):
    """What is to be withheld, of which program. The rest of the proposal depends on it."""

    program = forms.ModelChoiceField(
        queryset=Program.objects.none(), to_field_name="uid", empty_label="Choose a program"
    )
    scope = forms.ChoiceField(
        label="How much",
        choices=Scope.choices,
        required=False,
        help_text="One field of one record is the least. A rule covers records that come later, too.",
    )
    what = forms.ChoiceField(
        label="Field to withhold",
        required=False,
        help_text="Of a whole record, choose any of its fields. A delay needs none: it is for payments.",
    )

    def __init__(self, *args: Any, programs: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = programs.order_by("title", "pk")  # type: ignore[attr-defined]
        self.fields["what"].choices = [("", "Choose a field"), *_what()]  # type: ignore[attr-defined]

    def clean_scope(self) -> str:
        return str(self.cleaned_data["scope"] or Scope.FIELD)

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("scope") == Scope.DELAY:
            said["kind"], said["field"] = "transaction", ""
        elif said.get("what"):
            kind, _, field = said["what"].partition(".")
            said["kind"], said["field"] = kind, "" if said.get("scope") == Scope.RECORD else field
        elif "what" not in self.errors:
            self.add_error("what", "Choose what is to be withheld.")


class WithholdingForm(ChosenForm):
    """Everything else: which record, what the public reads in the place of the value, and what fits its kind."""

    record = forms.CharField(
        label="Which record",
        max_length=250,
        required=False,
        help_text="A transaction: its reference, entry number or identifier. An indicator, objective, finding or engagement: "
        "its title. A participant: the organisation’s name. Leave it empty for the program itself.",
    )
    days = forms.IntegerField(
        label="For how many days",
        help_text="Payments are published so many days after they were recorded.",
    )
    minimum_percent = forms.IntegerField(
        label="Least width of a range, in percent",
        required=False,
        help_text="Of its upper end: 25 to 100. Empty: 25. Ranges of single records follow it, too.",
    )
    in_sums = forms.BooleanField(
        label="The law lets totals say what such amounts come to",
        required=False,
        help_text="A sum that would tell one of its amounts is left out all the same.",
    )
    category = forms.ChoiceField(choices=[("", "Choose a reason"), *Category.choices])
    legal_basis = forms.CharField(
        max_length=300, help_text="The law or rule that allows it. The public reads it."
    )
    reason = forms.CharField(
        label="Reason in one public sentence",
        max_length=300,
        widget=text(3),
        help_text="The public reads it in the place of the value. Do not hint at the value itself.",
    )
    review_on = forms.DateField(
        label="Review on",
        widget=day(),
        help_text="On this day somebody has to look at it again; the public sees the date.",
    )

    def __init__(self, *args: Any, programs: Any, chosen: dict[str, Any], **kwargs: Any):
        super().__init__(*args, programs=programs, **kwargs)
        self.chosen = chosen
        scope, field = chosen["scope"], chosen["field"]
        shape = standins.shape_of(field)
        numbers = shape in (standins.MONEY, standins.NUMBER)
        fits = {
            "record": scope in (Scope.FIELD, Scope.RECORD),
            "days": scope == Scope.DELAY,
            "minimum_percent": scope == Scope.RULE and numbers,
            "in_sums": field == "amount"
            or (scope, chosen["kind"]) == (Scope.RECORD, "transaction"),
        }
        for name in (name for name, needed in fits.items() if not needed):
            del self.fields[name]
        for name in ("program", "scope", "what"):
            self.fields[name].widget = forms.HiddenInput()
        self.parts: tuple[str, ...] = ()
        if scope in (Scope.FIELD, Scope.RULE):
            self._add_stand_in(scope == Scope.RULE, shape)

    def _add_stand_in(self, is_rule: bool, shape: str) -> None:
        """What may stand in the place of the value: inputs that fit its kind. All may be left empty."""
        inputs = stand_in_inputs(is_rule, shape)
        self.parts = tuple(inputs)
        before = list(self.fields)
        for name, (label, said) in inputs.items():
            if isinstance(said, list):
                self.fields[name] = forms.ChoiceField(label=label, choices=said, required=False)
            else:
                self.fields[name] = forms.CharField(
                    label=label, max_length=300, required=False, help_text=said
                )
        at = before.index("category")
        self.order_fields([*before[:at], *inputs, *before[at:]])

    def stand_in(self) -> dict[str, Any] | None:
        """As `standins.py` has it; None where nothing was written. A day's own month or year is put in by the view."""
        said = {name: self.cleaned_data.get(name, "").strip() for name in self.parts}
        if not any(
            text for name, text in said.items() if name not in ("stand_in_kind", "currency")
        ):
            return None
        shape = standins.shape_of(self.chosen["field"])
        if shape == standins.DAY:
            return {"kind": said["stand_in"]}
        if shape == standins.WORDS:
            return {"kind": said["stand_in_kind"] or "unit", "value": said["stand_in"]}
        code = {"currency": said["currency"].upper()} if shape == standins.MONEY else {}
        if "high" in said:
            low, high = (_end(said[name], code.get("currency")) for name in ("stand_in", "high"))
            return {"kind": "range", "low": low, "high": high, **code}
        edges = [_end(edge, code.get("currency")) for edge in said["stand_in"].split()]
        return {"kind": "bands", "edges": [e["minor"] if code else e for e in edges], **code}


def stand_in_inputs(is_rule: bool, shape: str) -> dict[str, tuple[str, Any]]:
    """The inputs of a stand-in, each with its label and its hint or its choices."""
    currency = {"currency": ("Currency of the range", "The value’s own, such as USD.")}
    if shape in (standins.MONEY, standins.NUMBER):
        money = currency if shape == standins.MONEY else {}
        if is_rule:
            hint = "From small to large, with spaces between: 0 10000 100000. Each band is wide, the same for all."
            return {"stand_in": ("Edges of the bands that stand there instead", hint), **money}
        ends = {
            "stand_in": ("Instead, a range from", "The value lies in it. Leave it empty for none."),
            "high": ("to", "The range is 25 % of this or more wide."),
        }
        return ends | money
    if shape == standins.DAY:
        choices = [("", "nothing"), ("month", "the month"), ("year", "the year")]
        return {"stand_in": ("What stands there instead", choices)}
    if shape == standins.WORDS:
        choices = [("unit", "words such as “one unit”"), ("region", "a region")]
        hint = "Words that many values share. Leave it empty for none."
        return {
            "stand_in_kind": ("Kind of words", choices),
            "stand_in": ("Instead, these words", hint),
        }
    return {}


def _end(said: str, currency: str | None) -> Any:
    """An end of a range as it was typed: in whole units of a currency, or a plain number."""
    plain = said.replace(",", "")
    if currency is None:
        return plain
    try:
        return {"minor": Money.of(plain, currency).minor}
    except Refused as refusal:
        raise Refused({"stand_in": refusal.sentence}) from None


class ReviewForm(forms.Form):
    review_on = forms.DateField(label="Next review on", widget=day())


class NotPublishedForm(forms.Form):
    category = forms.ChoiceField(
        choices=[("", "Choose a reason"), *Category.choices],
        help_text="The public reads the category with a count of programs, never the program’s name.",
    )
    reason = forms.CharField(
        max_length=300,
        widget=text(3),
        help_text="For staff and auditors. The public does not read it.",
    )
    review_on = forms.DateField(
        label="Review on", widget=day(), help_text="The public sees the earliest such date."
    )
