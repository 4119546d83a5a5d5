"""What people type about plans, and about what the owner asks for."""

from typing import Any

from django import forms

from tracker.audits.forms.parts import StepForm, long_text
from tracker.programs.forms import date_field


class PlanForm(StepForm):
    contact = forms.CharField(
        label="Contact", max_length=200, help_text="The role that can be asked, no person's name."
    )
    action = long_text("Planned action")
    anticipated_on = date_field(
        "Done by",
        help_text="The day on which you expect it to be done. Empty only if you disagree.",
    )
    disagreement = long_text("Why you disagree, if you do", required=False, rows=3)


class MoreTimeForm(StepForm):
    until = date_field(
        "Until", required=True, help_text="Later than the day on which it is due now."
    )
    reason = long_text("Reason")


class RiskForm(StepForm):
    until = date_field(
        "Until", required=True, help_text="The last day of it. On the day after, it is open again."
    )
    reason = long_text("Why the risk can be lived with until then")


class AnswerForm(StepForm):
    answer = forms.ChoiceField(
        choices=[("grant", "granted"), ("decline", "declined")],
        widget=forms.RadioSelect,
        label="What is asked is",
    )
    reason = long_text("Reason")


class MarkForm(StepForm):
    significant = forms.ChoiceField(
        choices=[("yes", "significant, a priority of the office"), ("no", "one among others")],
        widget=forms.RadioSelect,
        label="It is",
    )

    def values(self) -> dict[str, Any]:
        return {"significant": self.cleaned_data["significant"] == "yes"}
