"""Transactions: what hangs together, and what a filtered list adds up to."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from tracker.accounts.models import Organisation
from tracker.ledger.models import (
    DRAWS_ON,
    REPORTED,
    Purpose,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
    VoucherStatus,
)
from tracker.ledger.queries.sums import COUNTED, halves, whole
from tracker.programs.models import Program
from tracker.shared.money import Money


@dataclass(frozen=True)
class KindTotal:
    """What the rows of one kind in one currency come to, reversals taken off. Aid and replenishment stay apart."""

    kind: str
    label: str
    amount: Money
    rows: int
    purpose: str = Purpose.AID


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


def parties_of(rows: QuerySet[Transaction]) -> QuerySet[Organisation]:
    """The organisations that provide or receive in one of the rows. Each is looked up by its own index."""
    provides = Exists(rows.order_by().filter(provider=OuterRef("pk")))
    receives = Exists(rows.order_by().filter(receiver=OuterRef("pk")))
    return Organisation.objects.filter(provides | receives)


def receivers_of(rows: QuerySet[Transaction]) -> QuerySet[Organisation]:
    return Organisation.objects.filter(Exists(rows.order_by().filter(receiver=OuterRef("pk"))))


def turnover_of(rows: QuerySet[Transaction]) -> list[KindTotal]:
    """The filtered rows added up by currency and kind, in one query. Currencies are never added up."""
    high, low = halves(COUNTED)
    sums = (
        rows.filter(amount__isnull=False)
        .order_by()
        .values("currency", "purpose", "kind")
        .annotate(high=high, low=low, rows=Count("pk"))
    )
    way = TransactionKind.values.index
    found = sorted(sums, key=lambda row: (row["purpose"], row["currency"], way(row["kind"])))
    return [
        KindTotal(
            row["kind"],
            _label(row["kind"], row["purpose"]),
            Money(whole(row["high"], row["low"]), row["currency"]),
            row["rows"],
            row["purpose"],
        )
        for row in found
    ]


def _label(kind: str, purpose: str) -> str:
    label = TransactionKind(kind).label
    return label if purpose == Purpose.AID else f"{label}, {Purpose(purpose).label} (not aid)"
