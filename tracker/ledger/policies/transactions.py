"""What can be done with transactions: drawing on them, reversing them, saying which they are."""

from datetime import date

from tracker.ledger.models import (
    DRAWS_ON,
    Balance,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.dates import say_days
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
    _check_not_drawn_on(transaction)
    if transaction.kind == TransactionKind.DISBURSEMENT:
        _check_not_refunded(transaction)
    elif transaction.kind == TransactionKind.REFUND:
        _check_refund_can_go(transaction)


def _check_not_drawn_on(parent: Transaction) -> None:
    drawn = Transaction.objects.filter(draws_on=parent).in_force().order_by("value_date", "pk")
    rows = list(drawn.select_related("text", "version__voucher")[: SHOWN + 1])
    if not rows:
        return
    more = drawn.count() - SHOWN
    listed = "; ".join(say_transaction(row) for row in rows[:SHOWN])
    raise Refused(
        f"This {parent.get_kind_display()} is drawn on. Reverse first: "
        f"{listed}{f'; and {more} more' if more > 0 else ''}."
    )


def _check_not_refunded(disbursement: Transaction) -> None:
    """Refunds of payments that nobody could name came back to the commitment itself."""
    balance = Balance.objects.filter(transaction=disbursement.draws_on_id).first()
    if disbursement.amount is not None and balance and balance.drawn < disbursement.amount:
        raise Refused(
            f"Only {balance.drawn} is still drawn from the commitment, because refunds came back to it: "
            "reverse those refunds first."
        )


def _check_refund_can_go(refund: Transaction) -> None:
    """What came back may be paid out again by now: then the commitment cannot bear the refund's reversal."""
    commitment = commitment_under(refund.draws_on)
    if commitment is not None and refund.amount is not None:
        check_enough_left(commitment, refund.amount)


def commitment_under(row: Transaction | None) -> Transaction | None:
    """The commitment that a commitment, a payment or a receipt stands on; None for anything else."""
    while row is not None and row.kind != TransactionKind.COMMITMENT:
        row = row.draws_on
    return row


def say_transaction(row: Transaction) -> str:
    day = say_days(row.value_date, row.date_precision, row.fiscal_year, row.booked_on)
    worth = "unvalued" if row.amount is None else f"of {row.amount}"
    return f"{row.get_kind_display()} {row.label} {worth}, {day}"


def left_on(parent: Transaction) -> Money | None:
    """What can still be drawn from it; None where it is unvalued."""
    balance = Balance.objects.filter(transaction=parent).first()
    return None if balance is None else balance.left


def check_enough_left(parent: Transaction, amount: Money | None) -> None:
    """What we authorise never exceeds what it draws on. An unvalued draw takes no value."""
    if amount is None:
        return
    left, kind = left_on(parent), parent.get_kind_display()
    if left is None:
        raise Refused(
            {
                "amount": f"The {kind} is unvalued, so it cannot be said whether {amount} is within it: "
                "have it valued first, or record this as unvalued too."
            }
        )
    if amount > left:
        raise Refused(
            {
                "amount": f"Only {left} of the {kind} is left, and {amount} was asked for: "
                f"lower the amount or choose another {kind}."
            }
        )


def excess_of(parent: Transaction, amount: Money | None) -> Money | None:
    """The part of a report that is more than what is left; None where there is none. It enters no total."""
    left = None if amount is None else left_on(parent)
    return amount - left if amount is not None and left is not None and amount > left else None


def parents_of(kind: str) -> str:
    """The kinds that a kind may draw on, in words."""
    return " or ".join(one.label for one in DRAWS_ON[kind])


def check_can_be_drawn_on(asked: "Voucher | VoucherVersion", parent: Transaction) -> None:
    """A kind draws on the one before it, in its own program and currency; nothing draws on what was reversed."""
    kind = asked.get_kind_display()
    if not DRAWS_ON.get(asked.kind):
        raise Refused({"draws_on": f"A {kind} draws on nothing: leave it empty."})
    if parent.kind not in DRAWS_ON[asked.kind] or parent.is_reversal:
        what = parents_of(asked.kind)
        raise Refused({"draws_on": f"A {kind} draws on a {what}: this is none. Choose one."})
    said = parent.get_kind_display()
    if parent.program_id != asked.program_id:
        raise Refused(
            {"draws_on": f"This {said} belongs to another program: choose one of this program."}
        )
    if asked.currency and parent.currency and parent.currency != asked.currency:
        raise Refused(
            {
                "currency": f"The {said} is in {parent.currency}, the voucher in {asked.currency}: "
                f"state it in {parent.currency} or choose a {said} in {asked.currency}."
            }
        )
    if Transaction.objects.filter(reverses=parent).exists():
        raise Refused({"draws_on": f"This {said} was reversed: choose one that is in force."})


def fiscal_year_of(program: Program, day: date) -> int:
    """The fiscal year of a day by the calendar of the program's owner."""
    try:
        return program.owner.calendar().period_of(day).year
    except Refused as refusal:
        raise Refused({"value_date": refusal.sentence}) from refusal
