"""Forms about documents: attaching one, supplying one later, asking for a waiver and deciding on it."""

from typing import Any

from django import forms

from tracker.ledger import policies
from tracker.ledger.forms.fields import date_field
from tracker.ledger.models import DOCUMENT_NAMES, Requirement, WaiverCategory


def _choices() -> list[tuple[str, str]]:
    """Each type with the names by which the field knows such documents."""
    named = [(t.value, f"{t.label.capitalize()} ({DOCUMENT_NAMES[t]})") for t in policies.OFFERED]
    return [("", "Choose what it is"), *named]


class AttachForm(forms.Form):
    """A file, what it is, and the date that it bears."""

    file = forms.FileField(
        help_text="PDF, picture, office file without macros, text or e-mail; no password.",
        allow_empty_file=True,  # the action has the better sentence
        error_messages={"required": "Choose a file first."},
    )
    document_type = forms.ChoiceField(
        label="What it is",
        choices=_choices,
        help_text="It counts for what this says: others compare it with the document.",
        error_messages={
            "required": "Say what the document is.",
            "invalid_choice": "Say what the document is: choose from the list.",
        },
    )
    document_date = date_field(
        "Date of the document",
        required=False,
        help_text="The date that it bears itself, not today's. Empty if it bears none.",
    )

    def sentence(self) -> str:
        """What is wrong, for a message."""
        return " ".join(str(text) for errors in self.errors.values() for text in errors)

    def says(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("document_type", "document_date")}


class WaiverForm(forms.Form):
    requirement = forms.ChoiceField(
        label="Which document is missing",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose which document is missing.",
            "invalid_choice": "Choose a document that the voucher requires and lacks.",
        },
    )
    category = forms.ChoiceField(
        label="Why it is missing",
        choices=[("", "Choose why"), *WaiverCategory.choices],
        help_text="These few words become public when the voucher is posted.",
        error_messages={"required": "Choose why the document is missing."},
    )
    reason = forms.CharField(
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text="For the approver and the auditors. It stays with the waiver and is not published.",
        error_messages={"required": "Say why: the reason stays with the waiver."},
    )
    expires_on = date_field(
        "Until",
        help_text="The last day on which it counts. Nobody can move it; more time is another waiver.",
    )

    def __init__(self, *args: Any, missing: list[Requirement], **kwargs: Any):
        super().__init__(*args, **kwargs)
        field = self.fields["requirement"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, one.label) for one in missing]
        if len(missing) == 1:
            field.initial = missing[0].value


class WaiverDecisionForm(forms.Form):
    verdict = forms.ChoiceField(choices=[("grant", "grant"), ("decline", "decline")])
    reason = forms.CharField(max_length=4000, required=False)
