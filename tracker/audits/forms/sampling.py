"""What people type about samples: one plan, and the result of each item."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from tracker.audits.actions import SampleSpec
from tracker.audits.models import (
    Allocation,
    Estimator,
    Outcome,
    Sample,
    SampleItem,
    SampleMethod,
    SampleTest,
)
from tracker.audits.policies import STRATIFY_BY
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_by_currency
from tracker.shared.sealing import Veil

NONE = ("", "not used")


def _currencies() -> list[tuple[str, str]]:
    return [("", "no currency"), *((code, code) for code in sorted(digits_by_currency()))]


def _number(label: str, help_text: str = "", *, places: int = 4, **says: Any) -> Any:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        required=says.pop("required", False),
        max_digits=3 + places,
        decimal_places=places,
        widget=forms.TextInput({"inputmode": "decimal"}),
        **says,
    )


def _text(label: str, help_text: str = "", length: int = 300, **says: Any) -> Any:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=says.pop("required", False),
        max_length=length,
        **says,
    )


def _long(label: str, help_text: str = "", rows: int = 3) -> Any:
    widget = forms.Textarea({"rows": rows})
    return _text(label, help_text, 4000, widget=widget)


class SampleForm(forms.Form):
    """The plan of a sample. What does not belong to the chosen method or test is left alone."""

    purpose = _text("Purpose", "The question that the sample answers.", required=True)
    method = forms.ChoiceField(choices=SampleMethod.choices, initial=SampleMethod.RANDOM)
    test = forms.ChoiceField(
        choices=SampleTest.choices, initial=SampleTest.ATTRIBUTES, label="What is tested"
    )
    attributes = _long(
        "Test attributes",
        "One a line, before the draw: receipt confirmed, document supports amount, approved by two.",
        4,
    )
    confidence = _number("Confidence, %", "Mostly 90 or 95.", required=True, initial=Decimal(95))
    tolerable_rate = _number("Tolerable deviation rate, %", "Of each attribute.")
    expected_rate = _number("Expected deviation rate, %", "0 if you expect none.")
    currency = forms.ChoiceField(
        required=False, choices=_currencies, help_text="Of every amount on this page."
    )
    tolerable_amount = _text("Tolerable misstatement", "Of the whole population.", 30)
    expected_amount = _text("Expected misstatement", "0 if you expect none.", 30)
    estimator = forms.ChoiceField(
        required=False,
        choices=[NONE, *Estimator.choices],
        label="Estimate that decides",
        help_text="For amounts by any method but monetary unit. All three are shown.",
    )
    stratify = forms.ChoiceField(
        required=False, choices=[NONE, *STRATIFY_BY.items()], label="Strata by"
    )
    bounds = _text(
        "New bands begin at", "For bands of amounts, in ascending order: 1000; 10000; 100000."
    )
    allocation = forms.ChoiceField(
        required=False, choices=[NONE, *Allocation.choices], label="Shared among strata"
    )
    given = _text(
        "Items of each stratum", "Only “as given”, in the order of the strata: 10; 20; 5."
    )
    size = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1_000_000,
        label="Sample size",
        help_text="Empty takes the computed one. More is always allowed.",
    )
    size_reason = _long("Why fewer items will do", "Only if you draw fewer than computed.", 2)
    again_reason = _long(
        "Why you draw again", "Only if this population or purpose was sampled before.", 2
    )

    def clean(self) -> None:
        given = self.cleaned_data
        if given.get("test") == SampleTest.AMOUNTS or given.get("bounds"):
            for name in ("tolerable_amount", "expected_amount"):
                given[name] = self._money(name, given.get(name, ""))
            parts = re.split(r"[;\n]+", given.get("bounds", ""))
            bounds = [self._money("bounds", part) for part in parts if part.strip()]
            given["bounds"] = [bound for bound in bounds if bound is not None]
        shares = re.split(r"[;,\s]+", given.get("given", "").strip())
        if not all(share.isdecimal() and len(share) < 8 for share in shares if share):
            self.add_error("given", "Write whole numbers, parted by semicolons.")
            return
        given["given"] = [int(share) for share in shares if share]

    def _money(self, name: str, text: str) -> Money | None:
        plain, currency = text.replace(",", "").strip(), self.cleaned_data.get("currency", "")
        if not plain:
            return None
        if not currency:
            if "currency" not in self.errors:
                self.add_error("currency", "Amounts need their currency: choose it.")
            return None
        try:
            return Money.of(plain, currency)
        except Refused as refusal:
            self.add_error(name, refusal)
            return None

    def spec(self) -> SampleSpec:
        given = self.cleaned_data
        amounts = given["test"] == SampleTest.AMOUNTS
        strata = given["method"] == SampleMethod.STRATIFIED
        lines = (line.strip() for line in given["attributes"].splitlines())
        by_amount = strata and given["stratify"] == "amount"
        return SampleSpec(
            purpose=given["purpose"],
            method=given["method"],
            test=given["test"],
            attributes=[line for line in lines if line],
            confidence=given["confidence"],
            tolerable_rate=None if amounts else given["tolerable_rate"],
            expected_rate=None if amounts else given["expected_rate"],
            tolerable=given["tolerable_amount"] if amounts else None,
            expected=given["expected_amount"] if amounts else None,
            estimator=given["estimator"] if amounts else "",
            stratify=given["stratify"] if strata else "",
            bounds=given["bounds"] if by_amount else (),
            allocation=given["allocation"] if strata else "",
            given=given["given"] if strata and given["allocation"] == Allocation.GIVEN else (),
            size=given["size"],
            size_reason=given["size_reason"],
            again_reason=given["again_reason"],
        )


class ResultForm(forms.Form):
    """The result of one item: an outcome for each attribute, and the audited amount where amounts are tested."""

    def __init__(self, data: Any = None, *, sample: Sample, item: SampleItem, veil: Veil):
        super().__init__(data)
        self.sample = sample
        recorded = (
            "withheld from you"
            if veil.covers(item.transaction, "amount")
            else item.transaction.amount
        )
        for place, text in enumerate(sample.attributes):
            self.fields[f"outcome_{place}"] = forms.ChoiceField(
                label=text, choices=Outcome.choices, widget=forms.RadioSelect
            )
        if sample.test == SampleTest.AMOUNTS:
            self.fields["audited"] = _text(
                f"Audited amount, {sample.currency}",
                f"What it should have been recorded at. Recorded: {recorded}.",
                30,
            )
            self.fields["unseen"] = forms.BooleanField(
                required=False,
                label="It could not be examined: it counts as misstated in full",
            )
        if sample.attributes:
            self.fields["excused"] = forms.BooleanField(
                required=False,
                label="What could not be examined shall not count as a deviation; the note says why",
            )
        self.fields["reference"] = _text("Working paper or evidence", "Where it can be seen.", 200)
        self.fields["note"] = _long(
            "Note", "What was seen; needed for what is out of the ordinary."
        )

    def clean(self) -> None:
        text = self.cleaned_data.get("audited", "").replace(",", "").strip()
        self.cleaned_data["audited"] = None
        if text:
            try:
                self.cleaned_data["audited"] = Money.of(text, self.sample.currency)
            except Refused as refusal:
                self.add_error("audited", refusal)

    def values(self) -> dict[str, Any]:
        """What the action takes."""
        given = self.cleaned_data
        return {
            "outcomes": [given[f"outcome_{n}"] for n in range(len(self.sample.attributes))],
            "audited": given["audited"],
            "examined": not given.get("unseen", False),
            "excused": given.get("excused", False),
            "reference": given["reference"],
            "note": given["note"],
        }


class ConclusionForm(forms.Form):
    conclusion = _long(
        "Conclusion in your own words",
        "What follows for the audit. The figures are kept beside it.",
    )
