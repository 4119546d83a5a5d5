"""What people type about the work on an engagement: declarations, meetings, drafts, comments, working papers."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from tracker.accounts.models import Organisation
from tracker.audits import queries
from tracker.audits.actions import NewFile, PaperWords, References
from tracker.audits.forms import uuids
from tracker.audits.forms.parts import long_text
from tracker.audits.models import (
    DraftPart,
    Engagement,
    Finding,
    MeetingKind,
    PaperVersion,
    Stance,
    Threat,
    WorkingPaper,
)
from tracker.programs.forms import date_field


class StartForm(forms.Form):
    """Only what was not announced needs a reason."""

    reason = long_text(
        "Why it starts without an announcement",
        "For a count or a check on the spot, for example. The reason stays on the engagement.",
    )

    def __init__(self, *args: Any, announced: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if announced:
            del self.fields["reason"]

    def values(self) -> dict[str, str]:
        return {"unannounced": self.cleaned_data.get("reason", "")}


class WaiveForm(forms.Form):
    reason = long_text(
        "Why the report is issued without comments",
        "An alert that cannot wait, or an inspection that reports at once. The reason stays on the engagement.",
    )

    def values(self) -> dict[str, str]:
        return self.cleaned_data


class SendForm(forms.Form):
    term_days = forms.IntegerField(
        label="Days for comments",
        initial=lambda: settings.AUDIT_COMMENT_DAYS,
        help_text="From today. The day on which they end is shown to the audited side, and stays.",
    )
    message = long_text(
        "Covering words", "What the audited side should know first.", required=False
    )

    def values(self) -> dict[str, Any]:
        return self.cleaned_data


class DeclareForm(forms.Form):
    """For a year, with the audited organisations to narrow it to; for an engagement, without."""

    threat = forms.ChoiceField(
        label="My independence",
        required=False,
        choices=[("", "nothing impairs it"), *Threat.choices],
        widget=forms.RadioSelect,
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        required=False,
        to_field_name="uid",
        empty_label="any audited organisation",
        label="It concerns",
        help_text="Only with an impairment.",
    )
    note = long_text("What it is", "Needed with an impairment.", required=False)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation] | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if organisations is None:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class MeetingForm(forms.Form):
    kind = forms.ChoiceField(choices=MeetingKind.choices)
    held_on = date_field("Held on", required=True)
    attended = long_text("Who attended", "By role and organisation, not by name.")
    agreed = long_text("What was agreed")


class CommentForm(forms.Form):
    """The view of one organisation on one finding, or on the whole."""

    about = forms.ChoiceField(
        label="About",
        help_text="Your view of the whole is your answer: with it, the auditors need not wait any longer.",
    )
    stance = forms.ChoiceField(
        choices=Stance.choices, widget=forms.RadioSelect, label="Your organisation"
    )
    note = long_text("In your own words", "Needed unless your organisation agrees.", required=False)

    def __init__(self, *args: Any, parts: list[DraftPart], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.parts = {str(part.pk): part for part in parts}
        several = len({part.organisation_id for part in parts}) > 1
        self.fields["about"].choices = [  # type: ignore[attr-defined]
            (key, _named(part, several)) for key, part in self.parts.items()
        ]

    def values(self) -> dict[str, Any]:
        part = self.parts[self.cleaned_data["about"]]
        return {
            "organisation": part.organisation,
            "finding": part.finding,
            "stance": self.cleaned_data["stance"],
            "note": self.cleaned_data["note"],
        }


def _named(part: DraftPart, several: bool) -> str:
    what = f"Finding {part.finding.number}" if part.finding else "The draft as a whole"
    return f"{what}, for {part.organisation}" if several else what


class ReplyForm(forms.Form):
    note = long_text("Answer", rows=3)
    changed = forms.BooleanField(required=False, label="The report was changed because of it")


class NoteForm(forms.Form):
    note = long_text("Note", rows=3)


class _Files(forms.ClearableFileInput):
    """Several files at once; none is an empty list."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name)


class _FilesField(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(_FilesField, self).clean(one, initial) for one in data or []]


class PaperForm(forms.Form):
    """A version of a paper. `index` only when it is begun; `keep` only when it has files already."""

    index = forms.CharField(
        max_length=20, help_text="Letters and numbers: A-1, and A-1-2 for what lies below it."
    )
    title = forms.CharField(max_length=200)
    purpose = long_text("Purpose", "Why the paper was made.", rows=3)
    source = long_text(
        "Source", "Where its content comes from, so that another auditor finds it again.", rows=3
    )
    conclusion = long_text(
        "Conclusion", "What follows. It can come with a later version.", required=False
    )
    keep = forms.MultipleChoiceField(
        required=False, label="Files that stay", widget=forms.CheckboxSelectMultiple
    )
    attach = _FilesField(required=False, label="Files", widget=_Files({"multiple": True}))
    papers = forms.ModelMultipleChoiceField(
        WorkingPaper.objects.none(),
        required=False,
        to_field_name="uid",
        label="Refers to papers",
        widget=forms.CheckboxSelectMultiple,
    )
    findings = forms.ModelMultipleChoiceField(
        Finding.objects.none(),
        required=False,
        to_field_name="uid",
        label="Supports findings",
        widget=forms.CheckboxSelectMultiple,
        help_text="The final report waits until the paper is reviewed.",
    )
    transactions = forms.CharField(
        required=False,
        label="Transactions",
        help_text="Their references, one a line. Only transactions in scope.",
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        engagement: Engagement,
        version: PaperVersion | None = None,
        files: list[tuple[Any, str]] | None = None,
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.engagement, self.kept = engagement, files or []
        others = engagement.papers.order_by("index")
        if version is not None:
            del self.fields["index"]
            others = others.exclude(pk=version.paper_id)
        self.fields["papers"].queryset = others  # type: ignore[attr-defined]
        findings = engagement.findings.exclude(status="dropped").order_by("number")
        self.fields["findings"].queryset = findings  # type: ignore[attr-defined]
        self.fields["findings"].label_from_instance = lambda one: f"{one.number} {one.title}"  # type: ignore[attr-defined]
        self.fields["papers"].label_from_instance = lambda one: one.index  # type: ignore[attr-defined]
        for name, there in (("papers", others.exists()), ("findings", findings.exists())):
            if not there:
                del self.fields[name]
        if self.kept:
            self.fields["keep"].choices = [(str(f.uid), name or "file") for f, name in self.kept]  # type: ignore[attr-defined]
        else:
            del self.fields["keep"]

    def clean_transactions(self) -> list[Any]:
        """Rows in scope by their exact reference; a reference that none has, or several have, is said."""
        asked = [line.strip() for line in self.cleaned_data["transactions"].splitlines()]
        asked = [line for line in asked if line]
        rows = queries.payments_in_scope(self.engagement)
        named = uuids(asked)
        found: list[Any] = list(rows.filter(uid__in=named))
        for line in asked:
            if any(str(row.uid) == line for row in found):
                continue
            matching = list(rows.filter(text__reference=line)[:2])
            if len(matching) != 1:
                many = (
                    "several transactions in scope have"
                    if matching
                    else "no transaction in scope has"
                )
                raise forms.ValidationError(
                    f"{many} the reference “{line}”: write the transaction's identifier from its address."
                )
            found += matching
        return list({row.pk: row for row in found}.values())

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = ("title", "purpose", "source", "conclusion")
        values: dict[str, Any] = {
            "words": PaperWords(**{name: given[name] for name in names}),
            "files": [NewFile(one, one.name, one.content_type or "") for one in given["attach"]],
            "references": References(
                papers=list(given.get("papers", [])),
                findings=list(given.get("findings", [])),
                transactions=given["transactions"],
            ),
        }
        if "index" in self.fields:
            return values | {"index": given["index"]}
        kept = set(given.get("keep", []))
        return values | {"drop": [file for file, _ in self.kept if str(file.uid) not in kept]}


def initial_paper(version: PaperVersion) -> dict[str, Any]:
    """A version as the form shows it."""
    links = version.links.select_related("paper", "finding", "transaction__text")
    named = [row.transaction for row in links if row.transaction]
    return {
        **{n: getattr(version.text, n) for n in ("title", "purpose", "source", "conclusion")},
        "papers": [row.paper.uid for row in links if row.paper],
        "findings": [row.finding.uid for row in links if row.finding],
        "transactions": "\n".join(str(row.uid) for row in named),
    }
