"""Transactions: what hangs together, and what a filtered list adds up to."""

from collections.abc import Sequence
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
from tracker.ledger.policies import currency_of
from tracker.ledger.queries.sums import COUNTED, halves, whole
from tracker.ledger.queries.valuation import revalued_by
from tracker.programs.models import Program
from tracker.shared.money import Money
from tracker.shared.sealing import Covered, Veil

TOLD_BY_LEFT = Covered("it would tell an amount that is sealed")


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


def left_telling(rows: Sequence[Transaction], veil: Veil) -> dict[int, Covered]:
    """Of these rows, by key, those of which what is left would tell the amount of something that was drawn from it. One
    query, none where nothing is sealed."""
    held = veil.holding("amount", "excess")
    if not held or not rows:
        return {}
    steps = ("draws_on", "draws_on__draws_on", "draws_on__draws_on__draws_on")  # what is paid back
    keys, found = {row.pk for row in rows}, Q()
    for step in steps:
        found |= Q(**{f"{step}__in": keys})
    sealed = Transaction.objects.filter(found, uid__in=held).values_list(*steps)
    return {key: TOLD_BY_LEFT for above in sealed for key in above if key in keys}


def to_draw_on(program: Program, kind: str) -> QuerySet[Transaction]:
    """What a voucher of this kind may draw on: in force, with something left, or unvalued; the newest first.

    What the recipient reports may exceed what is left, so for reports everything in force is offered.
    """
    rows = Transaction.objects.filter(program=program, kind__in=DRAWS_ON.get(kind, ())).in_force()
    if kind not in REPORTED:
        rows = rows.filter(Q(balance__drawn__lt=F("balance__value")) | Q(balance=None))
    return rows.select_related("balance", "text", "version__voucher").order_by("-value_date", "-pk")


def waiting_on(parent: Transaction) -> Money | None:
    """What submitted vouchers ask of a transaction and nobody has approved yet. A refund to it asks nothing. None where
    it is unvalued."""
    currency = currency_of(parent)
    if not currency:
        return None
    rows = Voucher.objects.filter(draws_on=parent, status=VoucherStatus.SUBMITTED)
    rows = rows.exclude(kind__in=[VoucherKind.REVERSAL, VoucherKind.REFUND])
    asked = sum(minor or 0 for minor in rows.values_list("amount", flat=True))
    return Money(asked, currency)


def parties_of(rows: QuerySet[Transaction]) -> QuerySet[Organisation]:
    """The organisations that provide or receive in one of the rows. Each is looked up by its own index."""
    provides = Exists(rows.order_by().filter(provider=OuterRef("pk")))
    receives = Exists(rows.order_by().filter(receiver=OuterRef("pk")))
    return Organisation.objects.filter(provides | receives)


def receivers_of(rows: QuerySet[Transaction]) -> QuerySet[Organisation]:
    return Organisation.objects.filter(Exists(rows.order_by().filter(receiver=OuterRef("pk"))))


def turnover_of(rows: QuerySet[Transaction]) -> list[KindTotal]:
    """The filtered rows added up by currency and kind, as they count now, in two queries. Currencies are never added
    up."""
    found = rows.filter(amount__isnull=False).order_by().values("currency", "purpose", "kind")
    sums = {
        (row["purpose"], row["currency"], row["kind"]): (whole(row), row["rows"])
        for row in found.annotate(**halves(COUNTED), rows=Count("pk"))
    }
    for (currency, purpose, kind), (moved, firsts) in revalued_by(rows).items():
        total, counted = sums.get((purpose, currency, kind), (0, 0))
        sums[purpose, currency, kind] = (total + moved, counted + firsts)
    way = TransactionKind.values.index
    return [
        KindTotal(kind, _label(kind, purpose), Money(total, currency), counted, purpose)
        for (purpose, currency, kind), (total, counted) in sorted(
            sums.items(), key=lambda one: (*one[0][:2], way(one[0][2]))
        )
    ]


def _label(kind: str, purpose: str) -> str:
    label = TransactionKind(kind).label
    return label if purpose == Purpose.AID else f"{label}, {Purpose(purpose).label} (not aid)"
