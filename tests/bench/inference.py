"""Judging whether what is withheld follows from what is published."""

from uuid import uuid4

from django.db import transaction

from tests.bench.ledger import approved_batch
from tests.bench.measuring import say, seconds
from tests.factories.publishing import disclosure_of, in_a_year
from tracker.ledger.actions.batches import post_rows
from tracker.ledger.models import Transaction
from tracker.publishing import queries
from tracker.publishing.actions.releases import gather
from tracker.publishing.content.cells import Row, is_withheld
from tracker.publishing.models import Category, Withholding


def inference(count: int = 10_000, withheld: int = 50) -> None:
    """A program of 10,000 payments of which 50 withhold their amount, and sums say what those come to: judged whole, and
    with the proposals where one is withheld alone."""
    commitment, version, row, person = approved_batch()
    program = commitment.program
    with transaction.atomic():
        post_rows(version=version, rows=[row] * count, by=person)
    paid = Transaction.objects.filter(program=program, kind="disbursement").order_by("pk")
    for number, names in (
        (withheld, "with 50 withheld"),
        (1, "with one withheld alone, and proposals"),
    ):
        with transaction.atomic():
            _withhold(program, paid.values_list("uid", flat=True)[:number])
            rows = _with_sums(list(gather(program).rows()), number)
            taken = seconds(lambda rows=rows: queries.hints(program, rows), rounds=1)
            found = len(queries.hints(program, rows).values)
            transaction.set_rollback(True)
        say(f"inference: {count:,} payments {names}", f"{taken:,.2f} s", f"{found} told (goal 5 s)")


def _withhold(program, records) -> None:
    one, two = disclosure_of(program, 0), disclosure_of(program, 1)
    Withholding.objects.bulk_create(
        Withholding(
            uid=uuid4(),
            program=program,
            record=record,
            record_kind="transaction",
            field="amount",
            category=Category.CLASSIFIED,
            legal_basis="A law",
            reason="A reason.",
            review_on=in_a_year(),
            status="in_force",
            proposed_by=one,
            decided_by=two,
            decided_at=program.created_at,
            office=program.owner.name,
        )
        for record in records
    )


def _with_sums(rows: list[Row], withheld: int) -> list[Row]:
    """As the law would let totals say it."""
    beside = {"state": "stated", "value": {"minor": 100 * withheld, "currency": "USD"}}
    assert sum(r.kind == "transaction" and is_withheld(r.cells["amount"]) for r in rows) == withheld
    return [
        Row(r.kind, r.subject, r.cells | {"withheld_amount": beside})
        if r.kind == "total" and r.cells["kind"]["value"] == "disbursement"
        else r
        for r in rows
    ]
