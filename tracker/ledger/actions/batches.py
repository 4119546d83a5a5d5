"""Posting the rows of an approved batch: many transactions in few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.ledger import policies
from tracker.ledger.actions.books import share_books
from tracker.ledger.actions.posting import POSTING_RULES
from tracker.ledger.content import transaction_fields
from tracker.ledger.models import (
    Transaction,
    TransactionText,
    ValuationBasis,
    VoucherKind,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.dates import say_day
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.refusals import refused_if


@dataclass(frozen=True)
class NewRow:
    """One transaction of a batch. The fiscal year is stated, because a file may know no more than that."""

    program: Program
    kind: str
    amount: Money
    value_date: date
    date_precision: str
    fiscal_year: int
    provenance: str
    draws_on: Transaction | None = None
    provider: Organisation | None = None
    receiver: Organisation | None = None
    payee: str = ""
    reference: str = ""
    description: str = ""
    import_key: str | None = None


@transaction.atomic
def post_rows(*, version: VoucherVersion, rows: Sequence[NewRow], by: User) -> list[Transaction]:
    """Post some rows of an approved batch, in the order given; all of them or none.

    `by` is the person who answers for them: the approver. Refuses a version that nobody approved or that is no
    batch, a row whose `import_key` is in the ledger already, one of a closed period, and what a commitment cannot bear.
    """
    if version.kind != VoucherKind.BATCH:
        raise Refused("Only a batch is posted row by row.")
    policies.check_is_signed(version)
    share_books(version.voucher.organisation)
    _check_periods_are_open(version, rows)
    texts = TransactionText.objects.bulk_create(
        TransactionText(payee=r.payee, reference=r.reference, description=r.description)
        for r in rows
    )
    posted = [_transaction_of(version, row, text) for row, text in zip(rows, texts, strict=True)]
    entries = journal.record_many(
        "transaction",
        op="create",
        by=by,
        items=[
            (row.uid, transaction_fields(row, text))
            for row, text in zip(posted, texts, strict=True)
        ],
    )
    for row, entry in zip(posted, entries, strict=True):
        row.entry_id = entry
    with refused_if({**POSTING_RULES, "import_key": "A row of this batch is posted already."}):
        return Transaction.objects.bulk_create(posted)


def _check_periods_are_open(version: VoucherVersion, rows: Sequence[NewRow]) -> None:
    """A batch books every row on its value date: none may lie in a closed period."""
    closed = policies.closed_periods(version.voucher.organisation, [row.value_date for row in rows])
    for row in rows if closed else ():
        if found := next((one for one in closed if one.holds(row.value_date)), None):
            name = row.reference or row.kind
            raise Refused(
                f"“{name}”, {say_day(row.value_date)}, lies in {found.said}, which is closed: have the period opened "
                "again, then continue."
            )


def _transaction_of(version: VoucherVersion, row: NewRow, text: TransactionText) -> Transaction:
    return Transaction(
        kind=row.kind,
        program=row.program,
        version=version,
        fiscal_year=row.fiscal_year,
        provenance=row.provenance,
        purpose=policies.purpose_of(None, row.draws_on),
        import_key=row.import_key,
        currency=row.amount.currency,
        amount=row.amount,
        value_date=row.value_date,
        date_precision=row.date_precision,
        draws_on=row.draws_on,
        provider=row.provider,
        receiver=row.receiver,
        valuation_basis=ValuationBasis.MONEY,
        text=text,
        text_digest=text.digest,
    )
