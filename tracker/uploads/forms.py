"""The form that hands a file in, and the one that sends a batch back."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tracker.accounts.models import Organisation, User
from tracker.uploads import queries
from tracker.uploads.reading.mapping_file import LARGEST, parse_json


class UploadForm(forms.Form):
    """A file and what its columns mean."""

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        to_field_name="uid",
        empty_label=None,
        help_text="It owns the batch, and the programs that the file may set up.",
    )
    file = forms.FileField(
        help_text="A CSV file: comma, semicolon, tab or vertical bar; UTF-8, UTF-16 or Windows-1252.",
        allow_empty_file=True,  # the reader has the better sentence
    )
    stored = forms.ChoiceField(label="Mapping", required=False)
    pasted = forms.CharField(
        label="Another mapping",
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
        help_text="JSON that says what the columns mean; docs/uploads.md describes it.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = queries.organisations_for(user)  # type: ignore[attr-defined]
        self.mappings = queries.stored_mappings()
        choices = [(key, raw["name"]) for key, raw in self.mappings.items()]
        self.fields["stored"].choices = [("", "The one below"), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        stored, pasted = said.get("stored"), (said.get("pasted") or "").strip()
        if bool(stored) == bool(pasted):
            cause = "Two mappings are given" if stored else "A mapping is missing"
            raise ValidationError({"stored": f"{cause}: choose one here, or write one below."})
        try:
            said["mapping"] = self.mappings[stored] if stored else parse_json(pasted)
        except ValidationError as error:
            raise ValidationError({"pasted": error.messages}) from error
        return said


class ReturnForm(forms.Form):
    reason = forms.CharField(
        label="What has to change",
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="The officer reads it; it stays for ever.",
    )
