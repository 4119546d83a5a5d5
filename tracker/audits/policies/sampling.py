"""What a sample must state before it is drawn, and who draws, tests and evaluates it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tracker.accounts.models import User
from tracker.audits.models import (
    MOST_ATTRIBUTES,
    UNDER_WAY,
    Allocation,
    Engagement,
    Estimator,
    Outcome,
    Sample,
    SampleItem,
    SampleMethod,
    SampleTest,
)
from tracker.audits.policies.basics import check_said
from tracker.audits.policies.engagements import check_on_team, programs_of
from tracker.audits.policies.independence import check_independent
from tracker.shared.errors import Refused
from tracker.shared.money import Money

MOST_STRATA = 50
BY_AMOUNT = "amount"
STRATIFY_BY = {
    BY_AMOUNT: "bands of amounts",
    "kind": "kind of transaction",
    "program": "program",
    "payee": "payee",
    "year": "fiscal year",
}


@dataclass(frozen=True, kw_only=True)
class SampleSpec:
    """How a sample shall be drawn and judged. Rates and confidence in per cent; `size` None takes the computed one."""

    purpose: str
    method: str
    test: str
    attributes: Sequence[str] = ()
    confidence: Decimal = Decimal(95)
    tolerable_rate: Decimal | None = None
    expected_rate: Decimal | None = None
    tolerable: Money | None = None
    expected: Money | None = None
    estimator: str = ""
    stratify: str = ""
    bounds: Sequence[Money] = ()
    allocation: str = ""
    given: Sequence[int] = ()
    size: int | None = None
    size_reason: str = ""
    again_reason: str = ""

    @property
    def monetary(self) -> bool:
        return self.method == SampleMethod.MONETARY

    @property
    def of_amounts(self) -> bool:
        return self.test == SampleTest.AMOUNTS

    @property
    def needs_amounts(self) -> bool:
        """Items without a stated amount cannot be in it."""
        return self.of_amounts or self.stratify == BY_AMOUNT or self.allocation == Allocation.NEYMAN


# --- Persons ---------------------------------------------------------------


def check_can_sample(user: User, engagement: Engagement) -> None:
    """Its team, independent of its records, before the final report."""
    check_on_team(user, engagement, to="draw and test its samples")
    if engagement.status not in UNDER_WAY:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: samples are drawn and tested before the final report."
        )
    check_independent(user, programs_of(engagement))


def check_can_draw(user: User, sample: Sample) -> None:
    check_can_sample(user, sample.engagement)
    if hasattr(sample, "given_up"):
        raise Refused("This sample was given up: plan another one and say why.")
    if hasattr(sample, "draw"):
        raise Refused(
            "This sample is drawn; a plan is drawn once. Plan another sample and say why you draw again."
        )


def check_can_give_up(user: User, sample: Sample, reason: str) -> None:
    """Before the draw only: what was drawn is tested and evaluated, also if it does not please."""
    check_can_sample(user, sample.engagement)
    if hasattr(sample, "draw"):
        raise Refused("This sample is drawn: test its items and evaluate it; nobody gives it up.")
    if hasattr(sample, "given_up"):
        raise Refused("This sample is given up already.")
    check_said(reason, "reason", "Say why the sample is not drawn: the reason stays.")


def check_can_test(user: User, item: SampleItem) -> None:
    check_can_sample(user, item.draw.sample.engagement)


# --- The plan --------------------------------------------------------------


def check_spec(spec: SampleSpec) -> None:
    """What can be judged before the population is read."""
    check_said(spec.purpose, "purpose", "Say what the sample shall show.")
    if spec.method not in SampleMethod.values:
        raise Refused({"method": "Choose a method."})
    if spec.test not in SampleTest.values:
        raise Refused({"test": "Choose what is tested."})
    if not 0 < spec.confidence < 100:
        raise Refused(
            {
                "confidence": f"A confidence of {spec.confidence} % is none: it lies between 0 and 100, mostly 90 or 95."
            }
        )
    _check_attributes(spec)
    if spec.of_amounts:
        _check_amounts(spec)
    else:
        _check_rates(spec)
    _check_strata(spec)


def _check_attributes(spec: SampleSpec) -> None:
    if not spec.of_amounts and not spec.attributes:
        raise Refused(
            {
                "attributes": "Define at least one test attribute before the draw, such as “receipt confirmed”."
            }
        )
    if len(spec.attributes) > MOST_ATTRIBUTES:
        raise Refused({"attributes": f"At most {MOST_ATTRIBUTES} attributes: leave some out."})
    if any(len(text) > 200 for text in spec.attributes):
        raise Refused({"attributes": "An attribute has at most 200 characters: shorten it."})
    folded = [text.casefold() for text in spec.attributes]
    if len(set(folded)) < len(folded):
        raise Refused({"attributes": "An attribute stands there twice: keep one of the lines."})


def _check_rates(spec: SampleSpec) -> None:
    if spec.monetary:
        raise Refused(
            {
                "test": "Monetary unit sampling tests amounts: choose amounts, or another method for attributes."
            }
        )
    if spec.tolerable_rate is None or not 0 < spec.tolerable_rate < 100:
        raise Refused(
            {
                "tolerable_rate": "State the tolerable deviation rate, above 0 and below 100 per cent."
            }
        )
    if spec.expected_rate is None or spec.expected_rate < 0:
        raise Refused({"expected_rate": "State the expected deviation rate; 0 if you expect none."})
    if spec.expected_rate >= spec.tolerable_rate:
        raise Refused(
            {
                "expected_rate": f"You expect {spec.expected_rate} %, and at most {spec.tolerable_rate} % is tolerable: no "
                "sample can show that. Audit everything, or think the two rates over."
            }
        )


def _check_amounts(spec: SampleSpec) -> None:
    if spec.tolerable is None or spec.tolerable.minor <= 0:
        raise Refused({"tolerable_amount": "State the tolerable misstatement, above zero."})
    if spec.expected is None or spec.expected.minor < 0:
        raise Refused({"expected_amount": "State the expected misstatement; 0 if you expect none."})
    if spec.expected >= spec.tolerable:
        raise Refused(
            {
                "expected_amount": f"You expect {spec.expected}, and at most {spec.tolerable} is tolerable: no sample can "
                "show that. Audit everything, or think the two amounts over."
            }
        )
    if not spec.monetary and spec.estimator not in Estimator.values:
        raise Refused({"estimator": "Choose before the draw which estimate decides."})


def _check_strata(spec: SampleSpec) -> None:
    if spec.method != SampleMethod.STRATIFIED:
        return
    if spec.stratify not in STRATIFY_BY:
        raise Refused({"stratify": "Choose by what the population is divided."})
    if spec.allocation not in Allocation.values:
        raise Refused({"allocation": "Choose how the sample is shared among the strata."})
    if spec.stratify == BY_AMOUNT:
        bounds = [bound.minor for bound in spec.bounds]
        if not bounds or bounds != sorted(set(bounds)):
            raise Refused(
                {"bounds": "State the amounts at which a new band begins, in ascending order."}
            )
    if spec.allocation == Allocation.GIVEN and not spec.given:
        raise Refused({"given": "State how many items to draw from each stratum."})


def check_one_currency(currencies: Collection[str], spec: SampleSpec) -> None:
    """Amounts of two currencies are never added up, so no sample of amounts mixes them."""
    if not spec.needs_amounts:
        return
    if len(currencies) > 1:
        named = ", ".join(sorted(currencies))
        raise Refused(
            f"The list has amounts in {named}: choose one currency in the list, and draw from the others apart."
        )
    stated = [m for m in (spec.tolerable, spec.expected, *spec.bounds) if m is not None]
    for money in stated:
        if currencies and money.currency not in currencies:
            raise Refused(
                {
                    "currency": f"The list is in {', '.join(currencies)}, and you state amounts in {money.currency}: use one currency."
                }
            )


def check_size(size: int, computed: int, items: int, reason: str) -> None:
    if size < 1:
        raise Refused({"size": "A sample has at least one item."})
    if size > items:
        raise Refused(
            {
                "size": f"A sample of {size:,} is larger than its population of {items:,}: draw at most as many as there are."
            }
        )
    if size < computed and not reason.strip():
        raise Refused(
            {
                "size_reason": f"{computed:,} items are needed for what you want to show, and you draw {size:,}: say why fewer will do."
            }
        )


def check_again(earlier: Sample | None, reason: str) -> None:
    if earlier is not None and not reason.strip():
        raise Refused(
            {
                "again_reason": f"Sample {earlier.number} of this engagement has the same population or the same purpose: say why "
                "you draw again. Both draws stay on record, and the evaluation says so."
            }
        )


# --- Results ---------------------------------------------------------------


def check_result(
    sample: Sample,
    outcomes: Sequence[str],
    audited: Money | None,
    examined: bool,
    excused: bool,
    note: str,
    corrects: bool,
) -> None:
    _check_outcomes(sample, outcomes, excused, note)
    if sample.test == SampleTest.AMOUNTS:
        _check_audited(sample, audited, examined, note)
    elif audited is not None:
        raise Refused({"audited": "This sample tests attributes: leave the amount empty."})
    if corrects:
        check_said(note, "note", "This item has a result: say what was wrong with it.")


def _check_outcomes(sample: Sample, outcomes: Sequence[str], excused: bool, note: str) -> None:
    if len(outcomes) != len(sample.attributes):
        raise Refused("State a result for each of the sample's attributes.")
    if any(outcome not in Outcome.values for outcome in outcomes):
        raise Refused("A result is pass, deviation, not applicable or could not be examined.")
    if Outcome.NOT_APPLICABLE in outcomes:
        check_said(note, "note", "Say why an attribute does not apply to this item.")
    if excused and Outcome.NOT_EXAMINED not in outcomes:
        raise Refused({"excused": "Nothing could not be examined: leave this empty."})
    if excused:
        check_said(
            note, "note", "Say why what could not be examined shall not count as a deviation."
        )


def _check_audited(sample: Sample, audited: Money | None, examined: bool, note: str) -> None:
    if not examined:
        check_said(
            note, "note", "Say why it could not be examined. It counts as misstated in full."
        )
        if audited is not None:
            raise Refused(
                {"audited": "What could not be examined has no audited amount: leave it empty."}
            )
        return
    if audited is None:
        raise Refused(
            {
                "audited": "State the audited amount: the recorded one if it is right, 0 if nothing supports it."
            }
        )
    if audited.currency != sample.currency:
        raise Refused({"audited": f"The sample is in {sample.currency}."})
    if audited.minor < 0:
        raise Refused({"audited": "An audited amount is not below zero."})


def check_finished(untested: Sequence[int]) -> None:
    """`untested`: positions of items without a result."""
    if untested:
        shown = ", ".join(str(position) for position in untested[:30])
        more = f" and {len(untested) - 30:,} more" if len(untested) > 30 else ""
        raise Refused(
            f"Items without a result: {len(untested):,}, number {shown}{more}. Test each of them first."
        )
