"""What people type about the office's year."""

from typing import Any

from django import forms

from tracker.audits import queries
from tracker.audits.models import Engagement, RiskFactor, RiskLevel
from tracker.programs.forms import date_field


class YearForm(forms.Form):
    """Which part of a plan is looked at."""

    year = forms.IntegerField(label="Fiscal year", required=False, min_value=1990, max_value=2200)
    level = forms.ChoiceField(
        label="Risk", required=False, choices=[("", "All"), *RiskLevel.choices]
    )
    state = forms.ChoiceField(
        label="Coverage",
        required=False,
        choices=[
            ("", "All"),
            ("void", "void"),
            ("partial", "partial"),
            ("complete", "complete"),
            ("none", "no money to cover"),
        ],
    )


class CoverageForm(forms.Form):
    """Which figure of the coverage map is looked at."""

    share = forms.ChoiceField(
        label="Which part of the money",
        required=False,
        choices=[
            (queries.Share.SCOPE, "in the scope of an audit"),
            (queries.Share.REPORTED, "in a final report's scope"),
            (queries.Share.SAMPLE, "in a tested sample"),
            (queries.Share.FINDING, "linked to a finding"),
        ],
    )
    year = forms.IntegerField(
        label="Last fiscal year", required=False, min_value=1990, max_value=2200
    )
    q = forms.CharField(label="Program", required=False)


class HalfForm(forms.Form):
    """Which semiannual period is looked at."""

    period = forms.ChoiceField(label="Period", required=False)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = choices  # type: ignore[attr-defined]


class AdoptForm(forms.Form):
    engagements = forms.ModelMultipleChoiceField(
        queryset=Engagement.objects.none(),
        to_field_name="uid",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Engagements of the plan",
        help_text="Those that the office carries out in the year. Plan an engagement first to name it here.",
    )
    reason = forms.CharField(
        label="Why the plan changes",
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text="Required from the second version on; it stays beside the version.",
    )

    def __init__(self, *args: Any, engagements: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["engagements"].queryset = engagements  # type: ignore[attr-defined]


class JudgeForm(forms.Form):
    percent = forms.IntegerField(
        label="How high is the risk",
        min_value=0,
        max_value=100,
        help_text="0 for none, 100 for the whole weight of the judgement.",
    )
    reason = forms.CharField(
        label="On what it rests",
        widget=forms.Textarea({"rows": 3}),
        help_text="What the records do not show. It stays with the plan.",
    )


class WeightForm(forms.Form):
    factor = forms.ChoiceField(choices=RiskFactor.choices)
    weight = forms.IntegerField(
        label="Points", min_value=0, max_value=100, help_text="What it weighs at most, 0 to 100."
    )
    full_at = forms.IntegerField(
        label="Full weight at",
        required=False,
        min_value=1,
        max_value=1000,
        help_text="For what is counted: at which number all points count. Leave it out for a share.",
    )
    valid_from = date_field("From", required=True, help_text="Today or a later day.")


class RuleForm(forms.Form):
    level = forms.ChoiceField(label="Risk", choices=RiskLevel.choices)
    from_points = forms.IntegerField(
        label="Begins at", min_value=0, max_value=1000, help_text="Points; the lowest begins at 0."
    )
    every_years = forms.IntegerField(label="Every how many fiscal years", min_value=1, max_value=10)
    percent = forms.IntegerField(label="Per cent of the money", min_value=1, max_value=100)
    valid_from = date_field("From", required=True, help_text="Today or a later day.")
