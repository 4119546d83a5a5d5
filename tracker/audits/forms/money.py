"""What people type about the money of a finding: its lines, what settles them, management's decision."""

from copy import deepcopy
from functools import partial
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from tracker.audits.actions import BetterUseLine, CostLine, Decision
from tracker.audits.forms.parts import (
    Rows,
    StepForm,
    amount_field,
    file_field,
    long_text,
    money_of,
)
from tracker.audits.models import BetterUseKind, CostKind, CostOutcome, Finding
from tracker.ledger.models import Transaction
from tracker.programs.forms import MOST_ROWS, date_field
from tracker.shared.money import Money
from tracker.shared.sealing import Veil

MORE_LINES = 2


class LineForm(forms.Form):
    """One line of what is questioned; a row without a kind is no row."""

    kind = forms.ChoiceField(
        label="Why", required=False, choices=[("", "no line"), *CostKind.choices]
    )
    payment = forms.ChoiceField(label="Of which payment", required=False)
    known = amount_field("Known", "Identified by the auditors.")
    likely = amount_field("Likely in all", "The known cost included; only if it was projected.")
    basis = forms.CharField(
        label="What the likely cost rests on",
        max_length=300,
        required=False,
        help_text="The sample, or how it was estimated.",
    )

    def __init__(self, *args: Any, payments: list[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        choices = [("", "no single payment"), *payments]
        self.fields["payment"].choices = choices  # type: ignore[attr-defined]


class BetterUseForm(forms.Form):
    """One line of funds that could be put to better use; a row without a kind is no row."""

    kind = forms.ChoiceField(
        label="How", required=False, choices=[("", "no line"), *BetterUseKind.choices]
    )
    amount = amount_field("Amount")
    basis = forms.CharField(label="How it was arrived at", max_length=300, required=False)


def _labelled(payment: Transaction, veil: Veil) -> str:
    """The payment as it stands in a control. The row itself goes on to the action, so a copy of it is covered."""
    shown = deepcopy(payment)
    veil.cover(shown)
    return f"{shown.label}, {shown.amount}"


class MoneyRows:
    """The rows of a finding's money, as one thing to fill in. Works without script."""

    def __init__(
        self,
        data: MultiValueDict | None,
        *,
        chosen: list[Transaction],
        finding: Finding | None,
        judged: bool,
        veil: Veil,
    ):
        self.payments = {str(one.uid): one for one in chosen}
        named = [(uid, _labelled(one, veil)) for uid, one in self.payments.items()]
        lines, better = _begin(finding) if data is None else ([], [])
        options = {"payments": named}
        self.lines = self._rows(LineForm, "lines", data, lines, options, judged)
        self.better = self._rows(BetterUseForm, "better", data, better, {}, judged)

    def _rows(
        self,
        form: type[forms.Form],
        prefix: str,
        data: MultiValueDict | None,
        rows: list[dict[str, Any]],
        options: dict[str, Any],
        judged: bool,
    ) -> Any:
        if data is not None and not judged:
            rows = _typed(data, prefix, form)
        known = len(rows) + MORE_LINES
        factory = forms.formset_factory(
            form, formset=Rows, extra=known, max_num=MOST_ROWS, absolute_max=MOST_ROWS
        )
        if data is not None and judged and f"{prefix}-TOTAL_FORMS" in data:
            return factory(data, prefix=prefix, form_kwargs=options)
        return factory(initial=rows, prefix=prefix, form_kwargs=options)

    @property
    def any(self) -> bool:
        """Is a row filled in, as far as it was sent?"""
        return any(
            rows.is_bound and any(row.has_changed() for row in rows)
            for rows in (self.lines, self.better)
        )

    def judge(self, form: forms.Form) -> bool:
        """Turn the rows into what the actions take; what is wrong is said at the finding's form, by row."""
        currency = form.cleaned_data.get("currency", "")
        other = form.cleaned_data.get("better_currency", "") or currency
        self.cost_lines = [
            line for row in self._sent(self.lines) if (line := self._line(row, currency))
        ]
        self.better_lines = [use for row in self._sent(self.better) if (use := _better(row, other))]
        told = (("Line", self.lines), ("Better use, row", self.better))
        for what, rows in told:
            for number, row in enumerate(rows if rows.is_bound else [], start=1):
                for sentence in (one for errors in row.errors.values() for one in errors):
                    form.add_error(None, f"{what} {number}: {sentence}")
        return not form.errors

    def _sent(self, rows: Any) -> list[forms.Form]:
        return [row for row in rows if row.is_valid()] if rows.is_bound else []

    def _line(self, row: forms.Form, currency: str) -> CostLine | None:
        given = row.cleaned_data
        if not given.get("kind"):
            if given.get("known"):
                row.add_error("kind", "Choose why the cost is questioned.")
            return None
        known, likely = money_of(row, "known", currency), money_of(row, "likely", currency)
        if known is None:
            if "known" not in row.errors:
                row.add_error("known", "State the known amount, 0 if only a likely one is stated.")
            return None
        payment = self.payments.get(given["payment"])
        return CostLine(given["kind"], known, payment, likely, given["basis"])


def _better(row: forms.Form, currency: str) -> BetterUseLine | None:
    given = row.cleaned_data
    if not given.get("kind"):
        if given.get("amount"):
            row.add_error("kind", "Choose how the funds would be put to better use.")
        return None
    amount = money_of(row, "amount", currency)
    if amount is None:
        if "amount" not in row.errors:
            row.add_error("amount", "State the amount.")
        return None
    return BetterUseLine(given["kind"], amount, given["basis"])


def _begin(finding: Finding | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if finding is None:
        return [], []
    lines = [
        {
            "kind": line.kind,
            "payment": str(line.transaction.uid) if line.transaction else "",
            "known": line.known.plain,
            "likely": line.likely.plain if line.likely else "",
            "basis": line.basis,
        }
        for line in finding.lines.select_related("transaction").order_by("position")
    ]
    better = [
        {"kind": use.kind, "amount": use.amount.plain, "basis": use.basis}
        for use in finding.better_use.order_by("position")
    ]
    return lines, better


def _typed(data: MultiValueDict, prefix: str, form: type[forms.Form]) -> list[dict[str, Any]]:
    """What was typed so far, not yet judged."""
    count = data.get(f"{prefix}-TOTAL_FORMS", "")
    numbers = range(min(int(count), MOST_ROWS) if count.isdecimal() else 0)
    rows = [{n: data.get(f"{prefix}-{i}-{n}", "") for n in form.base_fields} for i in numbers]
    return [row for row in rows if any(row.values())]


# --- The way to zero -------------------------------------------------------


class ClaimCostForm(StepForm):
    outcome = forms.ChoiceField(
        choices=CostOutcome.choices, widget=forms.RadioSelect, label="The cost is"
    )
    amount = amount_field("Amount", "At most what is left of the questioned cost.", required=True)
    payment = forms.ModelChoiceField(
        Transaction.objects.none(),
        to_field_name="uid",
        required=False,
        label="Transaction in the ledger",
        empty_label="no transaction",
        help_text="The refund or reversal that brought it back, or the write-off.",
    )
    note = long_text(
        "In your own words", "Why it is justified or given up; how it was settled.", required=False
    )
    file = file_field("The document that supports the cost, or the decision that writes it off.")

    def __init__(self, *args: Any, finding: Finding, payments: Any, veil: Veil, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.currency = finding.currency
        self.fields["amount"].help_text += f" In {finding.currency}."
        self.fields["payment"].queryset = payments  # type: ignore[attr-defined]
        self.fields["payment"].label_from_instance = partial(_named, veil=veil)  # type: ignore[attr-defined]

    def clean(self) -> None:
        self.cleaned_data["amount"] = money_of(self, "amount", self.currency)


def _named(payment: Transaction, veil: Veil) -> str:
    what = "reversal" if payment.is_reversal else payment.get_kind_display()
    return f"{what} {_labelled(payment, veil)}"


class AcceptCostForm(StepForm):
    amount = amount_field("Amount that is accepted", "Leave it as claimed, or accept a part.")
    note = long_text("How it was verified", required=False)

    def __init__(self, *args: Any, claimed: Money, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.claimed = claimed
        self.fields["amount"].initial = claimed.plain

    def clean(self) -> None:
        self.cleaned_data["amount"] = money_of(self, "amount", self.claimed.currency)


class DecisionForm(forms.Form):
    """Amounts are asked for only where the finding has such amounts."""

    sustained = forms.ChoiceField(
        choices=[("yes", "sustained"), ("no", "not sustained")],
        widget=forms.RadioSelect,
        label="The finding is",
    )
    reasons = long_text("Reasons")
    allowed = amount_field("Allowed", "May be charged after all.", required=True)
    disallowed = amount_field("Disallowed", "Should not be charged.", required=True)
    agreed = amount_field("Better use agreed", required=True)
    not_agreed = amount_field("Better use not agreed", required=True)
    action = long_text(
        "Expected action", "Repay, adjust, or what else is to be done.", required=False
    )
    timetable = long_text("Timetable of the follow-up", required=False, rows=2)
    act_by = date_field("Final action expected by")
    appeal = long_text("How it can be appealed", required=False, rows=2)

    def __init__(self, *args: Any, finding: Finding, better_use: Money | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.money = {"allowed": finding.questioned, "disallowed": finding.questioned}
        self.money |= {"agreed": better_use, "not_agreed": better_use}
        for name, whole in self.money.items():
            if whole is None:
                del self.fields[name]
            else:
                told = f"Both together are {whole}."
                self.fields[name].help_text = f"{self.fields[name].help_text} {told}".strip()

    def decision(self) -> Decision:
        given = dict(self.cleaned_data)
        given["sustained"] = given["sustained"] == "yes"
        return Decision(**given)

    def clean(self) -> None:
        for name, whole in self.money.items():
            if whole is not None:
                self.cleaned_data[name] = money_of(self, name, whole.currency)
