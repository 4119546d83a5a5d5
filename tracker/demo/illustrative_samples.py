"""The illustrative samples: planned with the engagement, drawn once the journal has signed a checkpoint over the plans."""

from decimal import Decimal

from tracker.audits import actions, queries
from tracker.audits.actions import SampleSpec
from tracker.audits.models import (
    Engagement,
    Outcome,
    Sample,
    SampleItem,
    SampleMethod,
    SampleTest,
)
from tracker.audits.queries import Payments
from tracker.ledger.models import Transaction
from tracker.shared.money import Money

RECEIPTS = "Is each payment supported, and approved by two? (illustrative)"
AMOUNTS = "Are payments recorded at what the documents show? (illustrative)"


def plan(engagement: Engagement) -> None:
    """Freeze two populations: one is tested by attributes, the other by monetary units."""
    paid = Transaction.objects.filter(kind="disbursement").in_force()
    population = Payments(engagement, paid, "Kind: disbursement; State: in force")
    by = engagement.lead
    receipts = SampleSpec(
        purpose=RECEIPTS,
        method=SampleMethod.RANDOM,
        test=SampleTest.ATTRIBUTES,
        attributes=["a document supports the amount", "approved by two persons"],
        confidence=Decimal(90),
        tolerable_rate=Decimal(40),
        expected_rate=Decimal(0),
    )
    actions.plan_sample(engagement=engagement, population=population, spec=receipts, by=by)
    dollars = Payments(
        engagement,
        paid.filter(currency="USD"),
        "Kind: disbursement; Currency: USD; State: in force",
    )
    amounts = SampleSpec(
        purpose=AMOUNTS,
        method=SampleMethod.MONETARY,
        test=SampleTest.AMOUNTS,
        confidence=Decimal(90),
        tolerable=Money.of("1000000.00", "USD"),
        expected=Money.of("0.00", "USD"),
        again_reason="The same payments are now tested by amount, for another question.",
    )
    actions.plan_sample(engagement=engagement, population=dollars, spec=amounts, by=by)


def draw_and_test() -> None:
    """Draw both. The first is tested and evaluated; of the second one item is tested, and the others wait."""
    receipts, amounts = Sample.objects.select_related("engagement").order_by("number")
    by = receipts.engagement.lead
    for sample in (receipts, amounts):
        actions.draw_sample(sample=sample, by=by)
    for item in _items(receipts):
        _test(item)
    actions.evaluate_sample(
        sample=Sample.objects.get(pk=receipts.pk),
        conclusion="One payment lacks its second approval on paper; the others are in order (illustrative).",
        by=by,
    )
    first = _items(amounts)[0]
    actions.record_result(
        item=first, audited=first.transaction.amount, reference="WP 5.1 (illustrative)", by=by
    )


def _items(sample: Sample) -> list[SampleItem]:
    items = queries.items_of(sample).select_related("draw__sample__engagement__lead", "transaction")
    return list(items)


def _test(item: SampleItem) -> None:
    """The first item deviates, the others pass."""
    off = item.position == 1
    actions.record_result(
        item=item,
        outcomes=[Outcome.PASSED, Outcome.DEVIATION if off else Outcome.PASSED],
        reference=f"WP 4.{item.position} (illustrative)",
        note="The second signature is not on the paper copy." if off else "",
        by=item.draw.sample.engagement.lead,
    )
