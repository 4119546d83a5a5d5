"""Statements of account: what an organisation was given or gave, from an opening balance to a closing one.

Pledges, commitments and payments belong to the parties that they name. What is reported, paid back or given up belongs
to the parties of the payment that it comes off, whoever writes the report: so a payment and everything that becomes of
it stand on one account.

A statement is by booking day, as closed quarters are: a late entry counts where it is booked, so no row that comes
later changes what was stated of a period that is over.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from tracker.accounts.models import Organisation, User
from tracker.ledger.models import (
    Purpose,
    RevaluationLine,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
)
from tracker.ledger.queries.accounts import UNCONFIRMED, UNUSED, Account, account_of
from tracker.ledger.queries.sums import COUNTED, halves, whole
from tracker.programs.models import Nature
from tracker.shared.money import Money

K = TransactionKind
OWN = (K.PLEDGE, K.COMMITMENT, K.DISBURSEMENT)  # these name their parties themselves
RECEIVED, GIVEN = "received", "given"
SIDES = {RECEIVED: "what it was given", GIVEN: "what it gave"}
PARTY = {RECEIVED: "receiver", GIVEN: "provider"}
BACK = {
    RECEIVED: "provider",
    GIVEN: "receiver",
}  # of money that comes back, in history without payments


def rows_of(organisation: Organisation, side: str, user: User) -> TransactionQuerySet:
    """Every row on one side of an organisation's account, as far as the person sees it."""
    seen = Transaction.objects.visible_to(user)
    party = Q(**{PARTY[side]: organisation})
    own = Transaction.objects.filter(party, kind__in=[K.COMMITMENT, K.DISBURSEMENT]).values("pk")
    receipts = Transaction.objects.filter(kind=K.RECEIPT, draws_on__in=own).values("pk")
    return seen.filter(
        _named(side, organisation)
        | Q(kind__in=[K.RECEIPT, K.REFUND, K.WRITE_OFF], draws_on__in=own)
        | Q(kind__in=[K.EXPENDITURE, K.REFUND, K.WRITE_OFF], draws_on__in=receipts)
    )


def _named(side: str, organisation: Organisation | OuterRef) -> Q:
    """The rows that name the organisation themselves. What came back of history names its parties the other way."""
    history = Q(kind=K.REFUND, draws_on=None, **{BACK[side]: organisation})
    return Q(kind__in=OWN, **{PARTY[side]: organisation}) | history


def with_accounts(user: User) -> QuerySet[Organisation]:
    """The organisations that have an account in a program that the person sees, and on which side."""
    seen = Transaction.objects.visible_to(user).order_by()
    on = {side: Exists(seen.filter(_named(side, OuterRef("pk")))) for side in SIDES}
    found = Organisation.objects.annotate(receives=on[RECEIVED], gives=on[GIVEN])
    return found.filter(Q(receives=True) | Q(gives=True)).order_by("name", "pk")


@dataclass(frozen=True)
class Held:
    """An account that an organisation has, and how many rows are on it. Figures of different origin have accounts of
    their own, like currencies and purposes."""

    side: str
    nature: str
    currency: str
    purpose: str
    rows: int

    @property
    def address(self) -> str:
        """What a page's address says of it."""
        names = ("side", "nature", "currency", "purpose")
        return "&".join(f"{name}={getattr(self, name)}" for name in names)

    @property
    def origin(self) -> str:
        return Nature(self.nature).label

    @property
    def label(self) -> str:
        aid = "" if self.purpose == Purpose.AID else f", {Purpose(self.purpose).label} (not aid)"
        return f"{SIDES[self.side].capitalize()}, {self.currency}{aid}"


def accounts_of(organisation: Organisation, user: User) -> list[Held]:
    """The accounts of an organisation: figures kept here first, aid before replenishment, the busiest currency before
    the others. Four queries."""
    found = []
    for side in SIDES:
        rows = rows_of(organisation, side, user).order_by()
        counts = _rows_by_account(rows)
        found += [
            Held(side, nature, currency, purpose, n)
            for (nature, currency, purpose), n in counts.items()
        ]

    def order(one: Held) -> tuple:
        natures, sides = Nature.values, list(SIDES)
        not_aid = one.purpose != Purpose.AID
        return natures.index(one.nature), sides.index(one.side), not_aid, -one.rows, one.currency

    return sorted(found, key=order)


def _rows_by_account(rows: TransactionQuerySet) -> dict[tuple[str, str, str], int]:
    """Rows with a value by nature, currency and purpose; those without one of their own by that of their first one."""
    counts: dict[tuple[str, str, str], int] = defaultdict(int)
    stated = rows.filter(amount__isnull=False)
    for row in stated.values("program__nature", "currency", "purpose").annotate(n=Count("pk")):
        counts[row["program__nature"], row["currency"], row["purpose"]] += row["n"]
    first = RevaluationLine.objects.filter(was=None, transaction__in=rows.values("pk")).order_by()
    slots = ("transaction__program__nature", "currency", "transaction__purpose")
    for row in first.values(*slots).annotate(n=Count("pk")):
        counts[tuple(row[slot] for slot in slots)] += row["n"]
    return counts


@dataclass(frozen=True)
class Movement:
    """Something at the start, what came to it in the period, and what that makes. Null where nothing ever was."""

    label: str
    opening: Money | None
    moved: Money | None
    closing: Money | None
    rows: int = 0  # in the period


@dataclass(frozen=True)
class AccountStatement:
    """An account over a period: by kind, and the two balances in which money waits."""

    held: Held
    kinds: tuple[Movement, ...]
    balances: tuple[Movement, ...]
    pledges: Movement  # beside everything else
    unvalued: int  # rows of the period that nobody has put a value on, in any currency


@dataclass(frozen=True)
class Books:
    """The rows of an account, all of them and those of a period, and the balances that run over it."""

    rows: TransactionQuerySet
    of_period: TransactionQuerySet
    unconfirmed: Account
    unused: Account


def books_of(
    organisation: Organisation, held: Held, user: User, start: date | None, end: date | None
) -> Books:
    everything = rows_of(organisation, held.side, user).with_booking_day()
    everything = everything.filter(purpose=held.purpose, program__nature=held.nature)
    unconfirmed = account_of(everything, UNCONFIRMED, held.currency, "booking")
    unused = account_of(everything, UNUSED, held.currency, "booking")
    return Books(unconfirmed.rows, _between(unconfirmed.rows, start, end), unconfirmed, unused)


Rows = TypeVar("Rows", bound=QuerySet[Any])


def _between(rows: Rows, start: date | None, end: date | None, day: str = "booking") -> Rows:
    rows = rows if start is None else rows.filter(**{f"{day}__gte": start})
    return rows if end is None else rows.filter(**{f"{day}__lte": end})


KINDS = {
    K.COMMITMENT: "Committed",
    K.DISBURSEMENT: "Disbursed",
    K.RECEIPT: "Confirmed as received",
    K.EXPENDITURE: "Reported as used",
    K.REFUND: "Paid back",
    K.WRITE_OFF: "Written off",
}
Sums = dict[tuple[str, str | None], tuple[int, int]]  # (kind, what it draws on): minor units, rows


def statement_of(
    organisation: Organisation, held: Held, user: User, start: date | None, end: date | None
) -> AccountStatement:
    """Opening, movement and closing, to the cent. Five queries. What was revalued in a closed quarter moves the
    account when that was decided, so what was stated of the quarter stays."""
    books = books_of(organisation, held, user, start, end)
    lines = books.unconfirmed.dated_lines()
    before = {}
    if start:
        before = _sums(books.rows.filter(booking__lt=start), lines.filter(day__lt=start))
    moved = _sums(books.of_period, _between(lines, start, end, day="day"))
    unvalued = rows_of(organisation, held.side, user).filter(balance=None).in_force()
    unvalued = unvalued.filter(program__nature=held.nature).with_booking_day()
    reckon = _Reckoner(held.currency, before, moved)
    return AccountStatement(
        held=held,
        kinds=tuple(reckon.kind(kind, label) for kind, label in KINDS.items()),
        balances=(
            reckon.balance(
                "Disbursed, not confirmed as received",
                {K.DISBURSEMENT: 1, K.RECEIPT: -1},
                off=K.DISBURSEMENT,
            ),
            reckon.balance(
                "Received, use not reported", {K.RECEIPT: 1, K.EXPENDITURE: -1}, off=K.RECEIPT
            ),
        ),
        pledges=reckon.kind(K.PLEDGE, "Promised"),
        unvalued=_between(unvalued, start, end).count(),
    )


def _sums(rows: QuerySet[Transaction], lines: QuerySet[RevaluationLine]) -> Sums:
    """What was posted, and by how much it was revalued. A row that had no value before counts as one from then on."""
    found = rows.filter(amount__isnull=False).order_by().values("kind", "draws_on__kind")
    sums: Sums = {
        (row["kind"], row["draws_on__kind"]): (whole(row), row["n"])
        for row in found.annotate(**halves(COUNTED), n=Count("pk"))
    }
    slots = ("transaction__kind", "transaction__draws_on__kind")
    revalued = lines.order_by().values(*slots)
    firsts = Count("pk", filter=Q(was__isnull=True))
    for row in revalued.annotate(**halves(F("delta")), n=firsts):
        key = (row[slots[0]], row[slots[1]])
        minor, n = sums.get(key, (0, 0))
        sums[key] = (minor + whole(row), n + row["n"])
    return sums


class _Reckoner:
    def __init__(self, currency: str, before: Sums, moved: Sums):
        self.currency, self.before, self.moved = currency, before, moved

    def kind(self, kind: str, label: str) -> Movement:
        """A kind of which there is no row up to the end of the period is not stated, which is not 0."""
        opening, moved = self._of(self.before, kind), self._of(self.moved, kind)
        if opening is None and moved is None:
            return Movement(label, None, None, None)
        rows = sum(n for (one, _), (_, n) in self.moved.items() if one == kind)
        return self._movement(label, opening or 0, moved or 0, rows)

    def _of(self, sums: Sums, kind: str) -> int | None:
        found = [minor for (one, _), (minor, _) in sums.items() if one == kind]
        return sum(found) if found else None

    def balance(self, label: str, signs: dict[K, int], off: str) -> Movement:
        """What of a stage waits: what came to it, less what went on, came back or was given up from it."""

        def value(sums: Sums) -> int:
            total = 0
            for (kind, drawn_on), (minor, _) in sums.items():
                total += signs.get(K(kind), 0) * minor
                if kind in (K.REFUND, K.WRITE_OFF) and drawn_on == off:
                    total -= minor
            return total

        return self._movement(label, value(self.before), value(self.moved))

    def _movement(self, label: str, opening: int, moved: int, rows: int = 0) -> Movement:
        def money(minor: int) -> Money:
            return Money(minor, self.currency)

        return Movement(label, money(opening), money(moved), money(opening + moved), rows)
