"""Two parties' figures side by side: what we say we sent, and what the recipient says arrived.

For each payment, to the cent: ours − theirs as stated = what waits + what was paid back + what was written off − what
they state beyond what was sent.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Coalesce

from tracker.ledger.models import (
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyStatus,
    Purpose,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
)
from tracker.ledger.queries.sums import halves, summed, whole
from tracker.programs.models import Nature
from tracker.shared.money import Money
from tracker.shared.sealing import Covered, Veil

K = TransactionKind
RELATED = ("program", "text", "receiver", "balance", "version__voucher")


def _drawn(*kinds: str) -> TransactionQuerySet:
    """What in force draws on a payment, for a subquery."""
    rows = Transaction.objects.filter(draws_on=OuterRef("pk"), kind__in=kinds)
    return rows.in_force().order_by()


def _total(rows: QuerySet[Transaction], expression: Any) -> Subquery:
    return Subquery(rows.values("draws_on").annotate(total=expression).values("total"))


def payments(rows: TransactionQuerySet) -> TransactionQuerySet:
    """The payments among the rows that count, to be compared."""
    return rows.filter(kind=K.DISBURSEMENT).in_force()


def with_both_sides(rows: TransactionQuerySet) -> TransactionQuerySet:
    """Each payment with what the other side states of it. Sums are asked per row, by the index on what is drawn on."""
    receipts = _drawn(K.RECEIPT)
    same_unit = receipts.filter(unit=OuterRef("unit"))
    beyond = halves(F("excess"))
    stated = Discrepancy.objects.select_related("state").order_by("pk")
    rows = rows.prefetch_related(Prefetch("discrepancies", stated, to_attr="differences"))
    return rows.select_related(*RELATED).annotate(
        receipts=Coalesce(_total(receipts, Count("pk")), 0, output_field=IntegerField()),
        beyond_high=_total(receipts, beyond["high"]),
        beyond_low=_total(receipts, beyond["low"]),
        paid_back=_total(_drawn(K.REFUND), Sum("balance__value")),
        given_up=_total(_drawn(K.WRITE_OFF), Sum("balance__value")),
        arrived=_total(same_unit, Sum("quantity")),
    )


def standing_as(rows: TransactionQuerySet, asked: str) -> TransactionQuerySet:
    """Payments that differ, that wait, of which too much is stated, that are given up in part, or about which a
    discrepancy is not settled."""
    waits = Q(balance__drawn__lt=F("balance__value"))
    without_worth = Q(balance=None) | Q(balance__value=0)
    waits |= without_worth & ~Q(Exists(_drawn(K.RECEIPT)))
    beyond = Q(Exists(_drawn(K.RECEIPT).filter(excess__isnull=False)))
    given_up = Q(Exists(_drawn(K.WRITE_OFF)))
    unsettled = Q(Exists(Discrepancy.objects.all().unsettled().filter(about=OuterRef("pk"))))
    differs = waits | beyond | given_up | Q(Exists(_drawn(K.REFUND))) | _quantity_differs()
    conditions = {
        "differences": differs | unsettled,
        "open": waits,
        "beyond": beyond,
        "given_up": given_up,
        "unsettled": unsettled,
    }
    return rows.filter(conditions[asked])


def _quantity_differs() -> Q:
    same = _drawn(K.RECEIPT).filter(unit=OuterRef("unit"), quantity__isnull=False)
    arrived = _total(same, Sum("quantity"))
    return Q(quantity__isnull=False) & Q(Exists(same)) & ~Q(quantity=arrived)


@dataclass(frozen=True)
class Pair:
    """A payment as both sides state it. Money is None where the payment is unvalued."""

    ours: Transaction
    receipts: int
    theirs: Money | None  # as stated, what is too much included; None: nobody stated anything
    waits: Money | None
    paid_back: Money | None
    given_up: Money | None
    beyond: Money | None
    days: int
    sent: Decimal | None
    arrived: Decimal | None
    discrepancies: tuple[Discrepancy, ...] = ()  # each with its state; none ever disappears

    @property
    def difference(self) -> Money | None:
        """Ours less theirs. What nobody has stated yet differs by all of it."""
        if self.sent_value is None:
            return None
        return self.sent_value if self.theirs is None else self.sent_value - self.theirs

    @property
    def sent_value(self) -> Money | None:
        """What was sent, as it counts now; None where nobody has valued it."""
        balance = getattr(self.ours, "balance", None)
        return None if balance is None else balance.value

    @property
    def explained(self) -> list[tuple[str, Money]]:
        """What the difference consists of; the parts add up to it."""
        return _parts(self.waits, self.paid_back, self.given_up, self.beyond)

    @property
    def state(self) -> tuple[str, str]:
        """Tone and words."""
        since = f"since {self.days:,} day{'' if self.days == 1 else 's'}"
        if self.beyond:
            return "bad", "more than was sent"
        if self.waits:
            return self._waiting(since)
        if not self.sent_value:  # what is worth nothing is waited for like what nobody has valued
            return self._unvalued(since)
        if self.quantity_differs:
            return "warn", "quantities differ"
        if self.given_up:
            return "", "written off" if not self.receipts else "the rest is written off"
        if self.paid_back:
            return "", "paid back" if not self.receipts else "the rest is paid back"
        if self._says(DiscrepancyKind.DAMAGED):
            return "warn", "agrees, and a part is damaged"
        return "good", "agrees"

    def _waiting(self, since: str) -> tuple[str, str]:
        """Once the recipient says that no more arrived, nothing waits for its word."""
        if self._says(DiscrepancyKind.DISPUTED):
            return "bad", "short, the rest is disputed" if self.receipts else "disputed"
        if not self.receipts:
            return "warn", f"waits {since}"
        if self._says(DiscrepancyKind.SHORT):
            return "warn", f"short {since}"
        return "warn", f"short, waits {since}"

    def _unvalued(self, since: str) -> tuple[str, str]:
        if not self.receipts:
            return self._waiting(since)
        if self.quantity_differs:
            return "warn", "quantities differ"
        return "info", "confirmed, without a value"

    def _says(self, kind: str) -> bool:
        """Whether the recipient's side says so, and has not taken it back."""
        return any(
            one.kind == kind and one.state.status != DiscrepancyStatus.WITHDRAWN
            for one in self.discrepancies
        )

    @property
    def quantity_differs(self) -> bool:
        return self.arrived is not None and self.sent != self.arrived


@dataclass(frozen=True)
class SealedPair:
    """A payment of which an amount, a quantity or the day is sealed: all that is reckoned from both sides tells it."""

    ours: Transaction
    cover: Covered
    explained: tuple[()] = ()
    discrepancies: tuple[()] = ()
    receipts: int = 0

    def _covered(self) -> Covered:
        return self.cover

    sent_value = theirs = arrived = difference = property(_covered)
    waits = paid_back = given_up = beyond = property(_covered)

    @property
    def state(self) -> tuple[str, str]:
        return "", str(self.cover)


TELLING = ("amount", "excess", "quantity", "value_date")


def telling_of(rows: TransactionQuerySet, veil: Veil) -> Veil:
    """The veil, also over payments on which something draws whose amount is sealed. One query, none where nothing is."""
    held = veil.holding("amount", "excess")
    drawn = rows.filter(uid__in=held, draws_on__isnull=False) if held else rows.none()
    return veil.also(drawn.order_by().values_list("draws_on__uid", flat=True), "amount")


def _parts(
    waits: Money | None, paid_back: Money | None, given_up: Money | None, beyond: Money | None
) -> list[tuple[str, Money]]:
    parts = [
        ("not confirmed as received", waits),
        ("paid back", paid_back),
        ("written off", given_up),
        ("stated beyond what was sent", -beyond if beyond else None),
    ]
    return [(said, part) for said, part in parts if part]


def pair_of(row: Any, day: date) -> Pair | SealedPair:
    """From a row of `with_both_sides`. `day`: today, from which the days of waiting are counted."""
    for name in TELLING:
        if name in row.sealed:
            return SealedPair(row, row.sealed[name])
    balance = getattr(row, "balance", None)
    back, lost = row.paid_back or 0, row.given_up or 0
    over = whole(vars(row), "beyond_")
    waits = theirs = None
    if balance is not None:
        waits = balance.left
        counted = balance.drawn.minor - back - lost
        theirs = Money(counted + over, balance.currency) if row.receipts else None

    def money(minor: int) -> Money | None:
        return Money(minor, balance.currency) if minor and balance is not None else None

    return Pair(
        ours=row,
        receipts=row.receipts,
        theirs=theirs,
        waits=waits,
        paid_back=money(back),
        given_up=money(lost),
        beyond=money(over),
        days=max((day - row.value_date).days, 0),
        sent=row.quantity,
        arrived=row.arrived,
        discrepancies=tuple(row.differences),
    )


@dataclass(frozen=True)
class Sides:
    """All the payments of a list together, in one currency: each side's total, and why they differ."""

    nature: str
    purpose: str
    rows: int
    ours: Money
    theirs: Money | None
    waits: Money
    paid_back: Money
    given_up: Money
    beyond: Money
    unsettled: Money | None = (
        None  # in discrepancies that nobody has settled; beside the difference, no part of it
    )

    @property
    def difference(self) -> Money:
        return self.ours if self.theirs is None else self.ours - self.theirs

    @property
    def explained(self) -> list[tuple[str, Money]]:
        """What the difference consists of; the parts add up to it."""
        return _parts(self.waits, self.paid_back, self.given_up, self.beyond)

    @property
    def label(self) -> str:
        aid = "" if self.purpose == Purpose.AID else f", {Purpose(self.purpose).label} (not aid)"
        return f"{Nature(self.nature).label.capitalize()}{aid}"


def sides_of(rows: TransactionQuerySet) -> list[Sides]:
    """Both totals, by where the figures come from, purpose and currency: never added up. Three queries."""
    value, left = F("balance__value"), F("balance__value") - F("balance__drawn")
    by = ("program__nature", "purpose", "balance__currency")
    valued = rows.filter(balance__isnull=False).order_by()
    sent = valued.values(*by).annotate(n=Count("pk"), **halves(value), **halves(left, "left_"))
    told, unsettled = _told(valued), _unsettled(valued)
    found = []
    for row in sent.order_by(*by):
        key = tuple(row[name] for name in by)
        both = _sides(key, row, {kind: told.get((*key, kind)) for kind in K.values})
        minor = unsettled.get(key)
        found.append(replace(both, unsettled=None if minor is None else Money(minor, key[-1])))
    return found


def _unsettled(payments: QuerySet[Transaction]) -> dict[tuple[str, ...], int]:
    """By group: what discrepancies about these payments come to of which nobody has settled the difference."""
    found = Discrepancy.objects.all().unsettled().filter(about__in=payments.values("pk"))
    by = ("about__program__nature", "about__purpose", "currency")
    return summed(found, *by, of=F("amount"))


def _told(payments: QuerySet[Transaction]) -> dict[tuple[str, ...], tuple[int, int]]:
    """By group and kind: what was stated, and what of it is too much."""
    by = ("program__nature", "purpose", "balance__currency", "kind")
    rows = Transaction.objects.filter(draws_on__in=payments.values("pk")).in_force().order_by()
    found = rows.filter(balance__isnull=False).values(*by)
    found = found.annotate(**halves(F("balance__value")), **halves(F("excess"), "over_"))
    sums = {}
    for row in found:
        over = whole(row, "over_")
        sums[tuple(row[name] for name in by)] = (whole(row) + over, over)
    return sums


def _sides(key: tuple[str, ...], row: dict[str, Any], told: dict[str, Any]) -> Sides:
    nature, purpose, currency = key

    def money(minor: int) -> Money:
        return Money(minor, currency)

    nothing = (0, 0)
    receipts = told.get(K.RECEIPT)
    return Sides(
        nature,
        purpose,
        row["n"],
        ours=money(whole(row)),
        theirs=money(receipts[0]) if receipts else None,
        waits=money(whole(row, "left_")),
        paid_back=money((told.get(K.REFUND) or nothing)[0]),
        given_up=money((told.get(K.WRITE_OFF) or nothing)[0]),
        beyond=money((receipts or nothing)[1]),
    )
