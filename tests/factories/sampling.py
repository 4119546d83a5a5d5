"""Samples at every stage: planned, drawn, tested, evaluated. The log is signed by a key of the tests' own."""

from decimal import Decimal

from tests.factories import ledger
from tests.factories.audits import make_engagement
from tracker.audits import actions
from tracker.audits.actions import SampleSpec
from tracker.audits.models import Engagement, Outcome, Sample, SampleEvaluation, SampleItem
from tracker.audits.queries import Payments
from tracker.journal import actions as journal
from tracker.journal import log
from tracker.journal.checkpoints import sign_head
from tracker.journal.notes import ED25519, Key
from tracker.ledger.models import Transaction
from tracker.shared.money import Money

ORIGIN = "countersign.example/journal/log"
KEY = Key(ORIGIN, ED25519, bytes(32))


def sign_checkpoint() -> int:
    """Give every entry its place and sign the log as it stands; returns how many entries it holds."""
    while journal.sequence():
        pass
    head = log.head(ORIGIN)
    return journal.keep_checkpoint(head=head, note=sign_head(head, KEY)).size


def make_payments(program, amounts, currency="USD", **says) -> list[Transaction]:
    """One disbursement of each amount, all from one commitment that is large enough."""
    total = sum(Decimal(amount) for amount in amounts)
    commitment = ledger.make_commitment(program, amount=ledger.money(str(total), currency))
    return [ledger.make_disbursement(commitment, amount=amount, **says) for amount in amounts]


def spec(**changes) -> SampleSpec:
    """Attributes of a simple random sample."""
    says = {
        "purpose": "Do payments have receipts?",
        "method": "random",
        "test": "attributes",
        "attributes": ["receipt confirmed", "document supports amount"],
        "confidence": Decimal(90),
        "tolerable_rate": Decimal(20),
        "expected_rate": Decimal(0),
    }
    return SampleSpec(**says | changes)


def amounts_spec(method="monetary", tolerable="300.00", expected="0.00", **changes) -> SampleSpec:
    says = {
        "purpose": "What should have been recorded?",
        "method": method,
        "test": "amounts",
        "confidence": Decimal(95),
        "tolerable": Money.of(tolerable, "USD"),
        "expected": Money.of(expected, "USD"),
        "estimator": "" if method == "monetary" else "difference",
    }
    return SampleSpec(**says | changes)


def plan(engagement: Engagement, how: SampleSpec | None = None, rows=None, **changes) -> Sample:
    return actions.plan_sample(
        engagement=engagement,
        population=Payments(engagement, rows),
        spec=how or spec(**changes),
        by=engagement.lead,
    )


def draw(sample: Sample) -> Sample:
    """With a checkpoint of this moment."""
    sign_checkpoint()
    actions.draw_sample(sample=sample, by=sample.engagement.lead)
    return Sample.objects.get(pk=sample.pk)


def make_sample(
    engagement: Engagement | None = None, how: SampleSpec | None = None, drawn=True, **changes
) -> Sample:
    """A sample of what is in scope; of twelve payments of its own without an engagement."""
    if engagement is None:
        engagement = make_engagement()
        program = engagement.scope.get().program
        make_payments(program, [f"{n}00.00" for n in range(1, 13)])
    sample = plan(engagement, how, **changes)
    return draw(sample) if drawn else sample


def items(sample: Sample) -> list[SampleItem]:
    found = SampleItem.objects.filter(draw__sample=sample).select_related(
        "draw__sample__engagement__lead", "transaction"
    )
    return list(found.order_by("position"))


def pass_all(sample: Sample, **of_position) -> Sample:
    """Every item in order, but for what `of_position` says: p3={"outcomes": [...]}."""
    for item in items(sample):
        says = {"outcomes": [Outcome.PASSED] * len(sample.attributes)}
        if sample.test == "amounts":
            says["audited"] = item.transaction.amount
        actions.record_result(
            item=item, **says | of_position.get(f"p{item.position}", {}), by=sample.engagement.lead
        )
    return sample


def evaluate(sample: Sample) -> SampleEvaluation:
    return actions.evaluate_sample(sample=sample, by=sample.engagement.lead)
