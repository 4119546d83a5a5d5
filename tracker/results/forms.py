"""What people type about results. Forms look at the shape; actions know the rules."""

from typing import Any

from django import forms

from tracker.programs.forms import date_field, number_field
from tracker.programs.models import Objective, Program
from tracker.results.models import Direction, Indicator, Measurement, Target, Verification


class IndicatorForm(forms.Form):
    title = forms.CharField(max_length=250, label="What is measured")
    unit = forms.CharField(max_length=60, help_text="What the number counts: persons, days, %.")
    direction = forms.ChoiceField(
        choices=Direction.choices, widget=forms.RadioSelect, initial=Direction.UP
    )
    definition = forms.CharField(
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text="How it is measured, by whom and from what, so that two people would find the same number.",
    )
    objective = forms.ModelChoiceField(
        Objective.objects.none(), required=False, to_field_name="uid", empty_label="no objective"
    )

    def __init__(self, *args: Any, program: Program, **kwargs: Any):
        super().__init__(*args, **kwargs)
        rows = Objective.objects.filter(program=program).order_by("position", "pk")
        field = self.fields["objective"]
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = _with_level  # type: ignore[attr-defined]


def _with_level(objective: Objective) -> str:
    return f"{objective.get_level_display()}: {objective.title}"


class TargetForm(forms.Form):
    period_start = date_field("Period from", required=True)
    period_end = date_field("Period to", required=True)
    value = number_field("Value")
    not_stated = forms.BooleanField(label="The value is not stated", required=False)

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["value"].label = f"Value in {indicator.unit}"

    def clean(self) -> None:
        given = self.cleaned_data
        nothing = given.pop("not_stated", False)
        if nothing and given.get("value") is not None:
            self.add_error(
                "value", "A value that is not stated stays empty: remove one of the two."
            )
        if not nothing and given.get("value") is None and "value" not in self.errors:
            self.add_error("value", "Give a value, or say below that there is none.")


class MeasurementForm(TargetForm):
    period_start = None  # type: ignore[assignment]  # a measurement has a day
    period_end = None  # type: ignore[assignment]
    measured_on = date_field("Measured on", required=True)
    verification = forms.ChoiceField(
        choices=Verification.choices,
        widget=forms.RadioSelect,
        help_text="A value that nobody verified is shown, and never counts as reached.",
    )
    source = forms.CharField(
        max_length=300, required=False, help_text="The document or the person's office it is from."
    )
    comment = forms.CharField(required=False, widget=forms.Textarea({"rows": 3}))

    field_order = ["measured_on", "value", "not_stated", "verification"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["not_stated"].label = "Somebody looked, and found no value"


def initial_target(target: Target | None) -> dict[str, Any]:
    if target is None:
        return {}
    names = ("period_start", "period_end", "value")
    return {n: getattr(target, n) for n in names} | {"not_stated": target.value is None}


def initial_measurement(row: Measurement) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in ("measured_on", "value", "verification")}
    texts = {"source": row.text.source, "comment": row.text.comment}
    return fields | texts | {"not_stated": row.value is None}
