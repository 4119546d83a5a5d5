"""The forms of objectives and of stated figures."""

from typing import Any

from django import forms

from tracker.programs.forms.fields import NUMBER, date_field, number_field
from tracker.programs.models import (
    FigureKind,
    Grade,
    Objective,
    ObjectiveLevel,
    Program,
    Qualifier,
    StatedFigure,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_by_currency


class ObjectiveForm(forms.Form):
    title = forms.CharField(max_length=250, label="What is to be reached")
    level = forms.ChoiceField(
        choices=ObjectiveLevel.choices,
        widget=forms.RadioSelect,
        help_text="Outputs are what the program delivers, outcomes what changes through them, impacts why it matters.",
    )
    parent = forms.ModelChoiceField(
        Objective.objects.none(),
        label="Lies under",
        required=False,
        to_field_name="uid",
        empty_label="nothing: it stands at the top",
        help_text="An output lies under an outcome, an outcome under an impact.",
    )

    def __init__(self, *args: Any, program: Program, itself: Objective | None = None, **kw: Any):
        super().__init__(*args, **kw)
        above = Objective.objects.filter(program=program).exclude(level=ObjectiveLevel.OUTPUT)
        if itself is not None:
            above = above.exclude(pk=itself.pk)
        field = self.fields["parent"]
        field.queryset = above.order_by("position", "pk")  # type: ignore[attr-defined]
        field.label_from_instance = _with_level  # type: ignore[attr-defined]


def _with_level(objective: Objective) -> str:
    return f"{objective.get_level_display()}: {objective.title}"


class MovedObjectiveForm(ObjectiveForm):
    position = forms.IntegerField(
        min_value=0,
        max_value=32767,
        help_text="Its place among the objectives beside it: the lowest number comes first.",
    )


class FigureForm(forms.Form):
    label = forms.CharField(max_length=250, label="What the figure says")
    kind = forms.ChoiceField(
        choices=FigureKind.choices, widget=forms.RadioSelect, initial=FigureKind.MONEY
    )
    qualifier = forms.ChoiceField(
        label="The source says",
        choices=[(value, label or "exactly") for value, label in Qualifier.choices],
        help_text="The word that the source puts before the number.",
    )
    amount = forms.DecimalField(
        required=False,
        max_digits=19,
        decimal_places=4,
        widget=forms.TextInput({"inputmode": "decimal"}),
        error_messages=NUMBER,
        help_text="For money: in whole units of the currency, such as 1300000000.",
    )
    currency = forms.ChoiceField(required=False)
    quantity = number_field("Number", help_text="For a quantity or per cent.")
    unit = forms.CharField(max_length=60, required=False, help_text="What is counted: vehicles.")
    words = forms.CharField(
        max_length=300, required=False, help_text="For a figure that is not a number."
    )
    period_start = date_field("Period from")
    period_end = date_field("Period to")
    as_of = date_field("As of")
    period_text = forms.CharField(
        label="Period in words",
        max_length=100,
        required=False,
        help_text="As the source has it, such as “each fiscal year since 1987”.",
    )
    citation = forms.CharField(
        max_length=300, label="Stated in", help_text="The document: office, title, date, page."
    )
    source_url = forms.URLField(
        label="Address of the document", max_length=400, required=False, assume_scheme="https"
    )
    grade = forms.ChoiceField(
        label="How sure",
        choices=[(value, f"{value}: {label}") for value, label in Grade.choices],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        max_length=400,
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text="What a reader must know to compare it.",
    )

    VALUE_OF: dict[str, tuple[str, ...]] = {
        FigureKind.MONEY: ("amount", "currency"),
        FigureKind.QUANTITY: ("quantity",),
        FigureKind.PERCENT: ("quantity",),
        FigureKind.TEXT: ("words",),
    }
    NEEDED = {
        "amount": "Money needs its amount.",
        "currency": "Money needs its currency.",
        "quantity": "This kind of figure needs its number.",
        "words": "This kind of figure needs its words.",
    }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        codes = [(code, code) for code in sorted(digits_by_currency())]
        self.fields["currency"].choices = [("", "no currency"), *codes]  # type: ignore[attr-defined]

    def clean(self) -> None:
        given = self.cleaned_data
        wanted = self.VALUE_OF.get(given.get("kind", ""), ())
        for name, sentence in self.NEEDED.items():
            missing = given.get(name) in (None, "")
            if name in wanted and missing and name not in self.errors:
                self.add_error(name, sentence)
            elif wanted and name not in wanted and not missing:
                self.add_error(name, "The kind chosen above does not use this: empty it.")
        self._build_money(given)

    def _build_money(self, given: dict[str, Any]) -> None:
        currency = given.pop("currency", "")
        if given.get("amount") is None or not currency:
            return
        try:
            given["amount"] = Money.of(given["amount"], currency)
        except Refused as refusal:
            self.add_error("amount", refusal)


def initial_figure(figure: StatedFigure) -> dict[str, Any]:
    """A figure as its form shows it, for a correction."""
    fields = {name: getattr(figure, name) for name in FigureForm.base_fields}
    return fields | {"amount": figure.amount.decimal if figure.amount is not None else None}
