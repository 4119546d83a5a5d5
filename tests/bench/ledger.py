"""Posting, single and in bulk, with the journal and without it; the ledger's page; a release."""

import itertools
import uuid
from unittest import mock

from django.db import connection, transaction
from django.test import Client

from tests.bench.measuring import alternating, once, say, seconds
from tests.factories.accounts import sign_in
from tests.factories.ledger import (
    approver_of,
    furnish,
    make_attachment,
    make_commitment,
    make_disbursement,
    make_voucher,
    money,
    officer_of,
)
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tracker.journal import actions as journal
from tracker.ledger import actions as ledger
from tracker.ledger.actions.batches import NewRow, post_rows
from tracker.ledger.models import Transaction, TransactionText
from tracker.shared.dates import DatePrecision
from tracker.shared.money import Money


def approved_batch() -> tuple:
    """A commitment, an approved batch version, a row that draws on the commitment, and who posts it."""
    commitment = make_commitment(make_program(), amount="1000000.00")
    program = commitment.program
    officer, approver = officer_of(program), approver_of(program)
    voucher = ledger.create_batch_voucher(organisation=program.owner, by=officer)
    make_attachment(voucher, "rows.csv", document_type="rows")
    version = ledger.submit_voucher(voucher=voucher, batch_digest="0" * 64, by=officer)
    ledger.approve_voucher(version=version, by=approver)
    row = NewRow(
        program=program,
        kind="disbursement",
        amount=Money(100, "USD"),
        value_date=commitment.value_date,
        date_precision=DatePrecision.DAY,
        fiscal_year=commitment.fiscal_year,
        provenance="upload",
        draws_on=commitment,
    )
    return commitment, version, row, approver


def posting(count: int = 1000) -> None:
    """Transactions posted in bulk with journal, balances and triggers, against raw inserts of the same rows."""
    commitment, version, row, person = approved_batch()

    def post() -> None:
        with transaction.atomic():
            post_rows(version=version, rows=[row] * count, by=person)
            transaction.set_rollback(True)

    def insert() -> None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "CREATE TEMPORARY TABLE bare AS SELECT * FROM tracker_transaction WHERE 1 = 0"
                )
            texts = TransactionText.objects.bulk_create(TransactionText() for _ in range(count))
            names = [f.column for f in Transaction._meta.local_concrete_fields]
            values = [
                getattr(commitment, f.attname) for f in Transaction._meta.local_concrete_fields
            ]
            values = [
                v.minor if isinstance(v, Money) else str(v) if isinstance(v, uuid.UUID) else v
                for v in values
            ]
            with connection.cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO bare ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
                    [values] * len(texts),
                )
            transaction.set_rollback(True)

    ours, raw = seconds(post), seconds(insert)
    say(
        "ledger: rows posted in bulk per second",
        f"{count / ours:,.0f}/s",
        f"{raw / ours:.2f} of bare inserts",
    )


def single_posting() -> None:
    """One payment from draft to posted, each step committed, as a person does it."""
    commitment = make_commitment(amount="1000000.00")
    taken = seconds(lambda: make_disbursement(commitment, "1.00"), rounds=15)
    say("ledger: one payment, drafted, submitted, approved and posted", f"{taken * 1000:,.0f} ms")


def ledger_page() -> None:
    """The ledger's page with 25 and with 1,000 rows."""
    commitment, version, row, person = approved_batch()
    with transaction.atomic():
        post_rows(version=version, rows=[row] * 1000, by=person)
    client = sign_in(Client(), person)
    few = seconds(lambda: client.get("/desk/ledger/?per_page=25"))
    many = seconds(lambda: client.get("/desk/ledger/?per_page=1000"))
    say("ledger page, 25 rows", f"{few * 1000:,.0f} ms")
    say("ledger page, 1,000 rows", f"{many * 1000:,.0f} ms", f"{many / few:.1f} × the page of 25")
    taken = once(lambda: publish(commitment.program))
    say(
        "publishing: a release of 1,001 transactions",
        f"{taken:,.2f} s",
        f"{1001 / taken:,.0f} rows/s",
    )


def posting_without_the_journal(rounds: int = 15, batch: int = 10) -> None:
    """Approving and posting a payment, each committed; and the same with `record` handing out entries made before.

    The stand-in leaves out what the journal does (digests, entry, disclosure, queue). What the ledger does with an
    entry's id stays: the unique, foreign key of a row that exists.
    """
    commitment = make_commitment(amount="1000000.00")
    program = commitment.program
    officer, approver = officer_of(program), approver_of(program)
    says = {"amount": money("1.00"), "draws_on": commitment, "by": officer}

    def submitted():
        voucher = make_voucher(program, "disbursement", **says)
        return ledger.submit_voucher(voucher=furnish(voucher), by=officer)

    versions = iter([submitted() for _ in range(2 * (rounds + 1) * batch)])
    with transaction.atomic():
        items = [(uuid.uuid4(), {}) for _ in range(2 * (rounds + 1) * batch)]
        spare = iter(journal.record_many("authority", op="create", by=None, items=items))

    def post() -> None:
        for version in itertools.islice(versions, batch):
            ledger.approve_voucher(version=version, by=approver)

    def post_without() -> None:
        with mock.patch.object(journal, "record", side_effect=lambda *_, **__: next(spare)):
            post()

    ours, bare = alternating(post, post_without, rounds=rounds)
    say(
        "ledger: payments approved and posted per second",
        f"{batch / ours:,.0f}/s",
        f"{bare / ours:.2f} of the rate without the journal (goal 0.80)",
    )
