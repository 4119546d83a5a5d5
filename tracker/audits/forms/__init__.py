"""What people type about audits. Forms look at the shape; actions know the rules."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.datastructures import MultiValueDict

from tracker.accounts.models import Organisation, User
from tracker.audits import queries
from tracker.audits.actions import FindingWords, NewFile, Scope
from tracker.audits.models import (
    CLOSED_OTHERWISE,
    Engagement,
    EngagementKind,
    Finding,
    RecommendationState,
    Response,
    Severity,
    Standard,
)
from tracker.ledger.models import Transaction
from tracker.programs.forms import MORE_ROWS, MOST_ROWS, date_field
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_by_currency


def _long(label: str, help_text: str = "", *, required: bool = True, rows: int = 4) -> Any:
    widget = forms.Textarea({"rows": rows})
    return forms.CharField(label=label, help_text=help_text, required=required, widget=widget)


def _currencies() -> list[tuple[str, str]]:
    return [("", "no currency"), *((code, code) for code in sorted(digits_by_currency()))]


# --- Engagements -----------------------------------------------------------


class EngagementForm(forms.Form):
    number = forms.CharField(max_length=40, help_text="As your office counts, such as 2026-014.")
    title = forms.CharField(max_length=250)
    kind = forms.ChoiceField(choices=EngagementKind.choices)
    standard = forms.ChoiceField(
        choices=Standard.choices,
        help_text="By which the audit is done. States of recommendations are also said in its words.",
    )
    objectives = _long("Objectives", "The questions that the audit answers.", required=False)
    lead = forms.ModelChoiceField(
        User.objects.none(),
        to_field_name="uid",
        help_text="Who leads. Nobody who had a part in the records for twelve months, or holds a role over them.",
    )

    def __init__(self, *args: Any, leads: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = leads  # type: ignore[attr-defined]


class ScopeForm(forms.Form):
    """One program in scope; a row without a program is no row."""

    program = forms.ChoiceField(required=False)
    period_start = date_field("From")
    period_end = date_field("To")

    def __init__(self, *args: Any, choices: list[Any], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> None:
        given = self.cleaned_data
        if (given.get("period_start") or given.get("period_end")) and not given.get("program"):
            self.add_error("program", "A period needs its program: choose one, or empty the dates.")


class _Rows(forms.BaseFormSet):
    def initial_form_count(self) -> int:
        return 0


class EngagementSheet:
    """The plan of an engagement with its rows of scope, as one thing to fill in. Works without script."""

    def __init__(
        self,
        data: MultiValueDict | None = None,
        *,
        user: User,
        engagement: Engagement | None = None,
        program: str = "",
    ):
        self.programs = {str(one.uid): one for one in queries.audited_by(user)}
        self.choices = [("", "no program"), *((u, str(p)) for u, p in self.programs.items())]
        self.leads = queries.auditors_of_any(self.programs.values())
        if data is not None and "more" not in data:
            self.form = EngagementForm(data, leads=self.leads)
            self.scope = self._rows(0)(data, prefix="scope", form_kwargs=self._options)
            return
        fields, rows = self._typed(data) if data is not None else self._begin(engagement)
        if data is None and engagement is None:
            fields |= {"lead": user.uid}
            rows = [{"program": program}] if program in self.programs else []
        self.form = EngagementForm(initial=fields, leads=self.leads)
        self.scope = self._rows(len(rows))(initial=rows, prefix="scope", form_kwargs=self._options)

    @property
    def _options(self) -> dict[str, Any]:
        return {"choices": self.choices}

    def _rows(self, known: int) -> Any:
        return forms.formset_factory(
            ScopeForm,
            formset=_Rows,
            extra=known + MORE_ROWS,
            max_num=MOST_ROWS,
            absolute_max=MOST_ROWS,
        )

    def _begin(self, engagement: Engagement | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if engagement is None:
            return {}, []
        names = ("number", "title", "kind", "standard", "objectives")
        fields = {name: getattr(engagement, name) for name in names}
        rows = [
            {
                "program": str(part.program.uid),
                "period_start": part.period_start,
                "period_end": part.period_end,
            }
            for part in queries.scope_of(engagement)
        ]
        return fields | {"lead": engagement.lead.uid}, rows

    def _typed(self, data: MultiValueDict) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What was typed so far, not yet judged."""
        fields = {name: data.get(name, "") for name in EngagementForm.base_fields}
        count = data.get("scope-TOTAL_FORMS", "")
        numbers = range(min(int(count), MOST_ROWS) if count.isdecimal() else 0)
        names = list(ScopeForm.base_fields)
        rows = [{n: data.get(f"scope-{i}-{n}", "") for n in names} for i in numbers]
        return fields, [row for row in rows if any(row.values())]

    def is_valid(self) -> bool:
        valid, rows = self.form.is_valid(), self.scope.is_valid()
        for number, row in enumerate(self.scope.forms, start=1):
            for sentence in (s for errors in row.errors.values() for s in errors):
                self.form.add_error(None, f"Scope row {number}: {sentence}")
        for sentence in self.scope.non_form_errors():
            self.form.add_error(None, f"Scope: {sentence}")
        return valid and rows

    def values(self) -> dict[str, Any]:
        """What the actions take, but for the office."""
        rows = [row.cleaned_data for row in self.scope if row.cleaned_data.get("program")]
        scope = [
            Scope(self.programs[row["program"]], row["period_start"], row["period_end"])
            for row in rows
        ]
        return {**self.form.cleaned_data, "scope": scope}


class MemberForm(forms.Form):
    person = forms.ModelChoiceField(
        User.objects.none(), to_field_name="uid", label="Auditor", empty_label="choose an auditor"
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


# --- Findings --------------------------------------------------------------


class FindingForm(forms.Form):
    title = forms.CharField(max_length=250, help_text="What was found, in one line.")
    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.MEDIUM)
    criteria = _long(
        "Criteria", "How should it be? The law, the regulation, the agreement.", required=False
    )
    condition = _long("Condition", "How is it? What the auditors saw.", required=False)
    cause = _long("Cause", "Why is there a difference?", required=False)
    effect = _long("Effect", "What follows from it, or could?", required=False)
    blank_reason = forms.CharField(
        label="Why an element is blank",
        max_length=300,
        required=False,
        help_text="Only if one of the four above is left blank.",
    )
    questioned = forms.CharField(
        label="Questioned cost",
        max_length=30,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text="At most what the linked payments come to. Leave it empty if no cost is questioned.",
    )
    currency = forms.ChoiceField(required=False, choices=_currencies)

    def clean(self) -> None:
        given = self.cleaned_data
        amount, currency = given.get("questioned", "").replace(",", ""), given.get("currency", "")
        given["questioned"] = None
        if amount and not currency:
            self.add_error("currency", "A questioned cost needs its currency: choose it.")
        elif currency and not amount:
            self.add_error("questioned", "State the amount, or choose “no currency”.")
        elif amount:
            try:
                given["questioned"] = Money.of(amount, currency)
            except Refused as refusal:
                self.add_error("questioned", refusal)


class FindingSheet:
    """The words of a finding and the payments that are ticked, across as many searches as it takes."""

    def __init__(
        self,
        data: MultiValueDict | None,
        *,
        engagement: Engagement,
        finding: Finding | None = None,
        ticked: list[str] | None = None,
    ):
        self.searching = data is not None and "search" in data
        asked = data.getlist("payments") if data is not None else ticked or []
        self.uids = uuids(asked)
        self.chosen = queries.chosen_payments(engagement, self.uids)
        self.words = data.get("q", "") if data is not None else ""
        if data is None:
            self.form = FindingForm(initial=_initial(finding))
        elif self.searching:
            self.form = FindingForm(initial={n: data.get(n, "") for n in FindingForm.base_fields})
        else:
            self.form = FindingForm(data)
        found = queries.search_payments(engagement, self.words)
        here = {payment.pk for payment in self.chosen}
        self.found: list[Transaction] = [row for row in found.rows if row.pk not in here]
        self.more = found.more

    def is_valid(self) -> bool:
        valid = self.form.is_valid()
        if valid and len(self.chosen) < len(set(self.uids)):
            sentence = "A chosen payment is not in the scope of this engagement: it was taken out."
            self.form.add_error(None, sentence)
            return False
        return valid

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        given = dict(self.form.cleaned_data)
        questioned = given.pop("questioned")
        del given["currency"]
        return {
            "words": FindingWords(**given),
            "questioned": questioned,
            "payments": self.chosen,
        }


def uuids(texts: list[str]) -> list[UUID]:
    """Those of the texts that are identifiers at all."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue  # no payment has such a name
    return found


def _initial(finding: Finding | None) -> dict[str, Any]:
    if finding is None:
        return {}
    names = [n for n in FindingForm.base_fields if n not in ("questioned", "currency")]
    fields = {name: getattr(finding, name) for name in names}
    money = finding.questioned
    return fields | {
        "questioned": money.plain if money else "",
        "currency": money.currency if money else "",
    }


class ReasonForm(forms.Form):
    reason = _long("Reason")


# --- Recommendations -------------------------------------------------------


class RecommendationForm(forms.Form):
    text = _long("Recommendation", "What shall be done, so that anybody can see whether it was.")
    owner = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="uid",
        help_text="The organisation that shall carry it out. Its officers are asked to respond.",
    )
    due_on = date_field(
        "Due on", required=True, help_text="This first date always stays visible, also if extended."
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        owner.queryset = Organisation.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """A step of a recommendation. A file becomes what the actions take."""

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if sent := given.get("file"):
            given["file"] = NewFile(sent, sent.name, sent.content_type or "")
        return given


def _file(help_text: str) -> forms.FileField:
    return forms.FileField(label="Evidence", required=False, help_text=help_text)


class RespondForm(StepForm):
    response = forms.ChoiceField(
        choices=[(value, label) for value, label in Response.choices if value != Response.NONE],
        widget=forms.RadioSelect,
        label="Your organisation",
    )
    note = _long(
        "In your own words",
        "What will be done and by when; or what you do not agree with, and why.",
        required=False,
    )


class ClaimForm(StepForm):
    note = _long("What was done", "And how the auditors can see it.")
    file = _file("A document that shows it. The auditors close nothing without evidence.")


class ProgressForm(StepForm):
    note = _long("What is done, and what is left")
    file = _file("What the assessment rests on, if there is a document.")


class AcceptForm(StepForm):
    note = _long("How it was verified")
    file = _file(
        "On which you close it. Without a file of yours, the one that came with the claim counts."
    )


class RejectForm(StepForm):
    reason = _long("What was found instead")


class CloseForm(StepForm):
    state = forms.ChoiceField(
        choices=[
            (state.value, state.label) for state in RecommendationState if state in CLOSED_OTHERWISE
        ],
        widget=forms.RadioSelect,
        label="It is",
    )
    reason = _long("Reason")


class ReopenForm(StepForm):
    reason = _long("Reason")


class ExtendForm(StepForm):
    due_on = date_field(
        "New due date", required=True, help_text="Later than the one that holds now."
    )
    reason = _long("Reason")
