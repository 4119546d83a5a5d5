"""Transactions: what hangs together, and what a filtered list adds up to."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from tracker.ledger.models import (
    DRAWS_ON,
    REPORTED,
    Balance,
    Purpose,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
    VoucherStatus,
)
from tracker.programs.models import Program
from tracker.shared.money import Money

HALF = 10**9  # amounts are summed in two halves, so that no sum leaves an integer of 64 bits
SHOWN = 50


@dataclass(frozen=True)
class KindTotal:
    """What the rows of one kind in one currency come to, reversals taken off. Aid and replenishment stay apart."""

    kind: str
    label: str
    amount: Money
    rows: int
    purpose: str = Purpose.AID


@dataclass(frozen=True)
class Chain:
    """A transaction between what it draws on and what draws on it."""

    transaction: Transaction
    draws_on: Transaction | None
    reverses: Transaction | None
    reversal: Transaction | None
    balance: Balance | None  # of itself, or of what a reversal took back
    drawn: list[Transaction]  # the newest 50
    drawn_count: int

    @property
    def left(self) -> Money | None:
        return None if self.balance is None else self.balance.left


def drawn_by(transaction: Transaction) -> QuerySet[Transaction]:
    """What draws on a transaction, reversals included, the newest first."""
    rows = Transaction.objects.filter(draws_on=transaction).for_table()
    return rows.order_by("-value_date", "-pk")


def chain_of(transaction: Transaction) -> Chain:
    """Everything that a transaction hangs together with, in a fixed number of queries."""
    related = ("text", "draws_on__text", "reverses__text", "reversal__text")
    row = Transaction.objects.select_related(*related).get(pk=transaction.pk)
    drawn = drawn_by(row)
    return Chain(
        transaction=row,
        draws_on=row.draws_on,
        reverses=row.reverses,
        reversal=getattr(row, "reversal", None),
        balance=Balance.objects.filter(transaction=row.reverses_id or row.pk).first(),
        drawn=list(drawn[:SHOWN]),
        drawn_count=drawn.count(),
    )


def commitments_to_draw_on(program: Program) -> QuerySet[Transaction]:
    """Commitments of a program that are in force and have something left, the newest first."""
    rows = Transaction.objects.filter(program=program, kind=TransactionKind.COMMITMENT)
    rows = rows.in_force().filter(balance__drawn__lt=F("balance__value"))
    return rows.select_related("balance", "text", "version__voucher").order_by("-value_date", "-pk")


def to_draw_on(program: Program, kind: str) -> QuerySet[Transaction]:
    """What a voucher of this kind may draw on: in force, with something left, or unvalued; the newest first.

    What the recipient reports may exceed what is left, so for reports everything in force is offered.
    """
    rows = Transaction.objects.filter(program=program, kind__in=DRAWS_ON.get(kind, ())).in_force()
    if kind not in REPORTED:
        rows = rows.filter(Q(balance__drawn__lt=F("balance__value")) | Q(amount__isnull=True))
    return rows.select_related("balance", "text", "version__voucher").order_by("-value_date", "-pk")


def waiting_on(parent: Transaction) -> Money:
    """What submitted vouchers ask of a transaction and nobody has approved yet. A refund to it asks nothing."""
    rows = Voucher.objects.filter(draws_on=parent, status=VoucherStatus.SUBMITTED)
    rows = rows.exclude(kind__in=[VoucherKind.REVERSAL, VoucherKind.REFUND])
    asked = sum(minor or 0 for minor in rows.values_list("amount", flat=True))
    return Money(asked, parent.currency)


def turnover_of(rows: QuerySet[Transaction]) -> list[KindTotal]:
    """The filtered rows added up by currency and kind, in one query. Currencies are never added up."""

    def half(expression: object) -> Sum:
        return Sum(ExpressionWrapper(expression, output_field=BigIntegerField()))

    minor = F("amount") - Coalesce(F("excess"), 0)
    found = (
        rows.filter(amount__isnull=False)
        .order_by()
        .values("currency", "purpose", "kind")
        .annotate(high=half(minor / HALF), low=half(minor % HALF), rows=Count("pk"))
        .order_by("purpose", "currency", "kind")
    )
    return [
        KindTotal(
            row["kind"],
            _label(row["kind"], row["purpose"]),
            Money(int(row["high"]) * HALF + int(row["low"]), row["currency"]),
            row["rows"],
            row["purpose"],
        )
        for row in found
    ]


def _label(kind: str, purpose: str) -> str:
    label = TransactionKind(kind).label
    return label if purpose == Purpose.AID else f"{label}, {Purpose(purpose).label} (not aid)"
