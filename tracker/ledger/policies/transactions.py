"""What can be done with transactions: drawing on them, reversing them, saying which they are."""

from datetime import date

from tracker.ledger.models import (
    Balance,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
)
from tracker.programs.models import Program
from tracker.shared.dates import say_date
from tracker.shared.errors import Refused
from tracker.shared.money import Money

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)


SHOWN = 5  # rows that a sentence lists before it says how many more there are


def check_is_reversible(transaction: Transaction) -> None:
    if transaction.is_reversal:
        raise Refused(
            "A reversal cannot be reversed: draft a new voucher with the amount that is right."
        )
    if Transaction.objects.filter(reverses=transaction).exists():
        raise Refused("This transaction is reversed already; that happens at most once.")
    if transaction.kind == TransactionKind.COMMITMENT:
        _check_not_drawn_on(transaction)
    elif transaction.kind == TransactionKind.DISBURSEMENT:
        _check_not_refunded(transaction)
    else:
        _check_refund_can_go(transaction)


def _check_not_drawn_on(commitment: Transaction) -> None:
    drawn = Transaction.objects.filter(draws_on=commitment).in_force().order_by("value_date", "pk")
    rows = list(drawn[: SHOWN + 1])
    if not rows:
        return
    more = drawn.count() - SHOWN
    listed = "; ".join(say_transaction(row) for row in rows[:SHOWN])
    raise Refused(
        f"This commitment is drawn on. Reverse first: {listed}{f'; and {more} more' if more > 0 else ''}."
    )


def _check_not_refunded(disbursement: Transaction) -> None:
    balance = Balance.objects.get(transaction=disbursement.draws_on_id)
    if balance.drawn < disbursement.amount:
        raise Refused(
            f"Only {balance.drawn} is still drawn from the commitment, because refunds came back to it: "
            "reverse those refunds first."
        )


def _check_refund_can_go(refund: Transaction) -> None:
    if refund.draws_on is not None:
        check_enough_left(refund.draws_on, refund.amount)


def say_transaction(row: Transaction) -> str:
    day = say_date(row.value_date, row.date_precision, row.fiscal_year)
    name = row.text.reference or row.version.voucher.number
    return f"{row.kind} {name} of {row.amount}, {day}"


def left_on(commitment: Transaction) -> Money:
    """What can still be drawn from a commitment."""
    balance = Balance.objects.get(transaction=commitment)
    return balance.committed - balance.drawn


def check_enough_left(commitment: Transaction, amount: Money) -> None:
    left = left_on(commitment)
    if amount > left:
        raise Refused(
            {
                "amount": f"Only {left} of the commitment is left, and {amount} was asked for: "
                "lower the amount or choose another commitment."
            }
        )


def check_can_be_drawn_on(voucher: Voucher, commitment: Transaction) -> None:
    if voucher.kind != VoucherKind.DISBURSEMENT:
        raise Refused({"draws_on": "Only a disbursement draws on a commitment: leave it empty."})
    if commitment.kind != TransactionKind.COMMITMENT or commitment.is_reversal:
        raise Refused({"draws_on": "This is no commitment: choose the commitment that pays it."})
    if commitment.program_id != voucher.program_id:
        raise Refused(
            {"draws_on": "This commitment belongs to another program: choose one of this program."}
        )
    if voucher.currency and commitment.currency != voucher.currency:
        raise Refused(
            {
                "currency": f"The commitment is in {commitment.currency}, the voucher in {voucher.currency}: "
                f"pay in {commitment.currency} or choose a commitment in {voucher.currency}."
            }
        )
    if Transaction.objects.filter(reverses=commitment).exists():
        raise Refused({"draws_on": "This commitment was reversed: choose one that is in force."})


def fiscal_year_of(program: Program, day: date) -> int:
    """The fiscal year of a day by the calendar of the program's owner."""
    try:
        return program.owner.calendar().period_of(day).year
    except Refused as refusal:
        raise Refused({"value_date": refusal.sentence}) from refusal
