"""What people type about audits. Forms look at the shape; actions know the rules."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.datastructures import MultiValueDict

from tracker.accounts.models import Organisation, User
from tracker.audits import policies, queries
from tracker.audits.actions import FindingWords, Particulars, Scope
from tracker.audits.forms.money import (
    MoneyRows,
)
from tracker.audits.forms.parts import (
    Rows,
    StepForm,
    amount_field,
    currencies,
    file_field,
    long_text,
    money_of,
)
from tracker.audits.models import (
    CLOSED_OTHERWISE,
    ControlClass,
    Engagement,
    EngagementKind,
    Finding,
    FindingKind,
    RecommendationState,
    Response,
    Severity,
    Standard,
)
from tracker.ledger.models import Transaction
from tracker.programs.forms import MORE_ROWS, MOST_ROWS, date_field
from tracker.shared.errors import Refused
from tracker.shared.sealing import Notice, Veil

# --- Engagements -----------------------------------------------------------


class EngagementForm(forms.Form):
    number = forms.CharField(max_length=40, help_text="As your office counts, such as 2026-014.")
    title = forms.CharField(max_length=250)
    kind = forms.ChoiceField(choices=EngagementKind.choices)
    standard = forms.ChoiceField(
        choices=Standard.choices,
        help_text="By which the audit is done. States of recommendations are also said in its words.",
    )
    objectives = long_text("Objectives", "The questions that the audit answers.", required=False)
    criteria = long_text(
        "Criteria",
        "By what it is judged: laws, agreements, controls. The audited side reads them with the announcement.",
        required=False,
    )
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
            formset=Rows,
            extra=known + MORE_ROWS,
            max_num=MOST_ROWS,
            absolute_max=MOST_ROWS,
        )

    def _begin(self, engagement: Engagement | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if engagement is None:
            return {}, []
        names = ("number", "title", "kind", "standard", "objectives", "criteria")
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


def _blank(element: str) -> forms.CharField:
    return forms.CharField(
        label=f"Why the {element} is blank",
        max_length=300,
        required=False,
        help_text="Only if it is left blank.",
    )


class FindingForm(forms.Form):
    title = forms.CharField(max_length=250, help_text="What was found, in one line.")
    kind = forms.ChoiceField(
        label="Type", choices=FindingKind.choices, required=False, help_text="Needed for its issue."
    )
    kind_words = forms.CharField(
        label="Which other type", max_length=100, required=False, help_text="Only for “other”."
    )
    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.MEDIUM)
    control_class = forms.ChoiceField(
        label="Weakness of the control",
        choices=ControlClass.choices,
        required=False,
        help_text="How weak the control was that let it happen.",
    )
    repeats = forms.ModelChoiceField(
        Finding.objects.none(),
        to_field_name="uid",
        required=False,
        label="Repeats the earlier finding",
        empty_label="it was not found before",
        help_text="Its closed recommendations are opened again when this one is issued.",
    )
    criteria = long_text(
        "Criteria", "How should it be? The law, the regulation, the agreement.", required=False
    )
    criteria_blank = _blank("criteria")
    condition = long_text("Condition", "How is it? What the auditors saw.", required=False)
    condition_blank = _blank("condition")
    cause = long_text("Cause", "Why is there a difference?", required=False)
    cause_blank = _blank("cause")
    effect = long_text("Effect", "What follows from it, or could?", required=False)
    effect_blank = _blank("effect")
    questioned = forms.CharField(
        label="Questioned cost",
        max_length=30,
        required=False,
        widget=forms.TextInput({"inputmode": "decimal"}),
        help_text="At most what the linked payments come to. With lines below it is their sum; "
        "leave it empty if no cost is questioned.",
    )
    currency = forms.ChoiceField(required=False, choices=currencies)
    better_currency = forms.ChoiceField(
        label="Currency of the better use", required=False, choices=currencies
    )
    materiality = amount_field("Materiality", "The amount from which an error matters, if stated.")
    materiality_currency = forms.ChoiceField(
        label="Currency of the materiality", required=False, choices=currencies
    )

    def __init__(self, *args: Any, earlier: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["repeats"].queryset = earlier  # type: ignore[attr-defined]
        self.fields["repeats"].label_from_instance = _labelled  # type: ignore[attr-defined]

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("questioned") and not given.get("currency"):
            self.add_error("currency", "A questioned cost needs its currency: choose it.")
            return
        given["questioned"] = money_of(self, "questioned", given.get("currency", ""))
        given["materiality"] = money_of(self, "materiality", given.get("materiality_currency", ""))


def _labelled(finding: Finding) -> str:
    return f"{finding.label} {finding.title}"


class FindingSheet:
    """The words of a finding and the payments that are ticked, across as many searches as it takes."""

    def __init__(
        self,
        data: MultiValueDict | None,
        *,
        engagement: Engagement,
        finding: Finding | None = None,
        ticked: list[str] | None = None,
        records: list[str] | None = None,
        veil: Veil,
    ):
        self.veil = veil
        self.searching = data is not None and "search" in data
        asked = data.getlist("payments") if data is not None else ticked or []
        self.uids = uuids(asked)
        self.chosen = queries.chosen_payments(engagement, self.uids)
        self.records = _records(data.getlist("records") if data is not None else records or [])
        self.words = data.get("q", "") if data is not None else ""
        earlier = queries.earlier_findings(engagement, finding)
        self.money = MoneyRows(
            data, chosen=self.chosen, finding=finding, judged=not self.searching, veil=veil
        )
        if data is None:
            self.form = FindingForm(initial=_initial(finding), earlier=earlier)
        elif self.searching:
            typed = {n: data.get(n, "") for n in FindingForm.base_fields}
            self.form = FindingForm(initial=typed, earlier=earlier)
        else:
            self.form = FindingForm(data, earlier=earlier)
        found = queries.search_payments(engagement, self.words, veil)
        here = {payment.pk for payment in self.chosen}
        self.found: list[Transaction] = [row for row in found.rows if row.pk not in here]
        self.more = found.more

    def covered(self) -> "FindingSheet":
        """As the page shows it: what is sealed from the reader is covered. The action has to have been taken before."""
        self.veil.cover(*self.chosen)
        return self

    @property
    def sealing(self) -> Notice | None:
        return self.veil.notice([row.uid for row in (*self.chosen, *self.found)])

    def is_valid(self) -> bool:
        valid = self.form.is_valid()
        if valid and len(self.chosen) < len(set(self.uids)):
            sentence = "A chosen payment is not in the scope of this engagement: it was taken out."
            self.form.add_error(None, sentence)
            return False
        valid = valid and self.money.judge(self.form)
        given = self.form.cleaned_data
        alone = given.get("currency") and given.get("questioned") is None
        if valid and alone and not self.money.cost_lines:
            sentence = "State the amount, or choose “no currency”."
            self.form.add_error("questioned", sentence)
            return False
        return valid

    def values(self) -> dict[str, Any]:
        """What the actions take."""
        given = dict(self.form.cleaned_data)
        for name in ("currency", "better_currency", "materiality_currency"):
            del given[name]
        questioned = given.pop("questioned")
        more = Particulars(
            lines=self.money.cost_lines,
            better_use=self.money.better_lines,
            records=self.records,
            materiality=given.pop("materiality"),
            repeats=given.pop("repeats"),
        )
        return {
            "words": FindingWords(**given),
            "questioned": questioned,
            "payments": self.chosen,
            "more": more,
        }


def _records(named: list[str]) -> list[policies.Linked]:
    """The records that are ticked, each as its kind and identifier; what is no record is left out."""
    found = []
    for text in dict.fromkeys(named):
        kind, _, uid = text.partition(":")
        for one in uuids([uid]):
            try:
                found.append(policies.check_linkable(kind, one))
            except Refused:
                continue  # nothing of that name can be linked
    return found


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
    apart = ("questioned", "currency", "materiality", "better_currency", "repeats")
    fields = {n: getattr(finding, n) for n in FindingForm.base_fields if n not in apart}
    money, use = finding.questioned, finding.better_use.order_by("position").first()
    return fields | {
        "questioned": money.plain if money and not finding.lines.exists() else "",
        "currency": money.currency if money else "",
        "better_currency": use.currency if use else "",
        "materiality": finding.materiality.plain if finding.materiality else "",
        "repeats": finding.repeats.uid if finding.repeats else None,
    }


class ReasonForm(forms.Form):
    reason = long_text("Reason")


# --- Recommendations -------------------------------------------------------


class RecommendationForm(forms.Form):
    text = long_text(
        "Recommendation", "What shall be done, so that anybody can see whether it was."
    )
    owner = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="uid",
        help_text="The organisation that shall carry it out. Its officers are asked to respond.",
    )
    due_on = date_field(
        "Due on", required=True, help_text="This first date always stays visible, also if extended."
    )
    significant = forms.BooleanField(
        required=False,
        label="Significant",
        help_text="A priority of the office: it stands out in its lists and reports.",
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        owner.queryset = Organisation.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class RespondForm(StepForm):
    response = forms.ChoiceField(
        choices=[(value, label) for value, label in Response.choices if value != Response.NONE],
        widget=forms.RadioSelect,
        label="Your organisation",
    )
    note = long_text(
        "In your own words",
        "What will be done and by when; or what you do not agree with, and why.",
        required=False,
    )


class ClaimForm(StepForm):
    note = long_text("What was done", "And how the auditors can see it.")
    file = file_field("A document that shows it. The auditors close nothing without evidence.")


class ProgressForm(StepForm):
    note = long_text("What is done, and what is left")
    file = file_field("What the assessment rests on, if there is a document.")


class AcceptForm(StepForm):
    note = long_text("How it was verified")
    file = file_field(
        "On which you close it. Without a file of yours, the one that came with the claim counts."
    )


class RejectForm(StepForm):
    reason = long_text("What was found instead")


class CloseForm(StepForm):
    state = forms.ChoiceField(
        choices=[
            (state.value, state.label) for state in RecommendationState if state in CLOSED_OTHERWISE
        ],
        widget=forms.RadioSelect,
        label="It is",
    )
    reason = long_text("Reason")


class ReopenForm(StepForm):
    reason = long_text("Reason")


class ExtendForm(StepForm):
    due_on = date_field(
        "New due date", required=True, help_text="Later than the one that holds now."
    )
    reason = long_text("Reason")
