"""What people type at the auditor's desk. Forms check shape; actions check rules."""

from collections.abc import Iterable
from typing import Any

from django import forms

from tracker.audits.models import Engagement
from tracker.publishing.models import MOST_HOURS


class StarForm(forms.Form):
    """One value, a note, and with whom it is shared."""

    field = forms.ChoiceField(label="Value")
    note = forms.CharField(label="Why it matters", max_length=500)
    engagement = forms.ModelChoiceField(
        queryset=Engagement.objects.none(),
        to_field_name="uid",
        required=False,
        label="Shared with the team of",
        empty_label="Nobody: my own",
    )

    def __init__(
        self, *args: Any, fields: Iterable[str], engagements: Iterable[Engagement], **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        choices = [(name, name.replace("_", " ")) for name in fields]
        self.fields["field"].choices = choices  # type: ignore[attr-defined]
        mine = Engagement.objects.filter(pk__in=[one.pk for one in engagements])
        self.fields["engagement"].queryset = mine.order_by("-pk")  # type: ignore[attr-defined]


class GlassForm(forms.Form):
    reason = forms.CharField(
        label="Why you have to read it", max_length=300, help_text="Its owner reads the reason."
    )
    hours = forms.IntegerField(
        label="For how many hours", min_value=1, max_value=MOST_HOURS, initial=8
    )


class SearchForm(forms.Form):
    name = forms.CharField(max_length=80)
