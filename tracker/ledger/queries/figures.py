"""The key figures of a program in a period: what both sides certify.

Everything is read from the transactions and their revaluations, by booking day, without the excess of a report. A figure of which nothing is recorded is null, never 0;
currencies, and aid and the replenishment of own stocks, are lines of their own. What is unconfirmed, and what was
booked later, can change after the closing: a certification keeps the figures as its signer saw them.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import rfc8785
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from tracker.ledger.models import (
    Balance,
    CertificationSide,
    Discrepancy,
    Period,
    RevaluationLine,
    RevaluationLineQuerySet,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
)
from tracker.ledger.queries.sums import COUNTED, summed
from tracker.programs.models import Program
from tracker.shared.money import Money

# Name, kind of transaction, label, what it means. Pledges are no part of them: they are in no total.
SUMS = (
    ("committed", TransactionKind.COMMITMENT, "Committed", "Promised by law or contract."),
    ("disbursed", TransactionKind.DISBURSEMENT, "Disbursed", "Paid out or sent."),
    ("refunded", TransactionKind.REFUND, "Refunded", "Came back."),
    ("received", TransactionKind.RECEIPT, "Received", "What the recipient confirmed."),
    ("used", TransactionKind.EXPENDITURE, "Used", "What the recipient reported as used."),
    ("written_off", TransactionKind.WRITE_OFF, "Written off", "Given up as lost."),
)
LABELS = {
    name: (label, f"{meaning} Booked in this period.") for name, _, label, meaning in SUMS
} | {
    "unconfirmed": (
        "Unconfirmed",
        "Paid out or sent in this period, and nobody has said yet whether it arrived, came back or was lost.",
    ),
    "in_discrepancies": (
        "In open discrepancies",
        "By how much both sides' figures differ on what was sent or received in this period; nobody has settled it yet.",
    ),
}
COUNTS = {
    "late_in": (
        "Late entries in",
        "Rows of an earlier, closed period that are booked in this one.",
    ),
    "late_out": ("Late entries out", "Rows of this period that are booked in a later one."),
    "revalued_in": (
        "Late revaluations in",
        "Rows of an earlier, closed period that were revalued in this one: the difference is in the figures.",
    ),
    "revalued_out": (
        "Late revaluations out",
        "Rows of this period that were revalued after it was closed: the difference is not in the figures.",
    ),
    "discrepancies": (
        "Open discrepancies",
        "How many differences about what was sent or received in this period are not settled.",
    ),
    "unvalued": ("Unvalued rows", "Rows on which nobody has put a value: they are in no sum."),
}

_COMMON = (
    "I have read the figures of this program for this period and the list of late entries. To my knowledge they are "
    "complete and right, and everything that I know to be missing or wrong is stated in my remark."
)
STATEMENTS = {
    CertificationSide.DONOR: f"{_COMMON} I sign as an officer of the donor, on what the donor's books show.",
    CertificationSide.RECIPIENT: f"{_COMMON} I sign as a representative of the recipient, on what the recipient knows of what it "
    "was sent, received and used.",
}
Key = tuple[int, str, str]  # program, purpose, currency


@dataclass(frozen=True)
class FigureLine:
    """The figures in one currency, aid or replenishment. None: nothing of it is recorded."""

    purpose: str
    currency: str
    sums: Mapping[str, Money | None]
    counts: Mapping[str, int]

    @property
    def values(self) -> dict[str, Any]:
        """Every figure by its name."""
        return {**self.sums, **self.counts}

    def said(self) -> dict[str, Any]:
        """As it is signed and released: every amount with all its digits."""
        named: dict[str, Any] = {"purpose": self.purpose, "currency": self.currency}
        named |= {name: None if m is None else m.plain for name, m in self.sums.items()}
        return named | dict(self.counts)


@dataclass(frozen=True)
class Figures:
    """A program's lines in a period, and the text that is signed."""

    program: Program
    period: Period
    lines: list[FigureLine] = field(default_factory=list)

    @cached_property
    def canonical(self) -> str:
        """Canonical JSON (RFC 8785)."""
        said: dict[str, Any] = {
            "form": 1,
            "program": str(self.program.uid),
            "period": str(self.period.uid),
            "first_day": self.period.first_day.isoformat(),
            "last_day": self.period.last_day.isoformat(),
            "lines": [line.said() for line in self.lines],
        }
        return rfc8785.dumps(said).decode()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of that text in UTF-8, in hexadecimal digits."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def figures_of(program: Program, period: Period) -> Figures:
    return figures_by_program([program], period)[program.pk]


def figures_by_program(programs: Iterable[Program], period: Period) -> dict[int, Figures]:
    """The figures of each program in the period, in a fixed number of queries."""
    listed = {program.pk: program for program in programs}
    gathered = _gathered(list(listed), period)
    return {
        pk: Figures(program, period, [gathered[key] for key in sorted(gathered) if key[0] == pk])
        for pk, program in listed.items()
    }


def _gathered(programs: list[int], period: Period) -> dict[Key, FigureLine]:
    rows = Transaction.objects.all().filter(program__in=programs).order_by()
    booked = rows.booked(period.first_day, period.last_day)
    sums: dict[Key, dict[str, int]] = defaultdict(dict)
    names = {kind: name for name, kind, *_ in SUMS}
    lines = RevaluationLine.objects.all().filter(transaction__program__in=programs).order_by()
    moved = lines.booked(period.first_day, period.last_day)
    for found in (
        summed(booked, *_KEY, "kind", of=COUNTED),
        summed(moved, *_OF_LINE, "transaction__kind", of=F("delta")),
    ):
        for (*key, kind), minor in found.items():
            if kind in names:
                sums[tuple(key)][names[kind]] = sums[tuple(key)].get(names[kind], 0) + minor
    unsettled = Discrepancy.objects.all().unsettled().filter(about__in=booked.values("pk"))
    for name, found_ in (
        ("unconfirmed", _unconfirmed(booked)),
        ("in_discrepancies", summed(unsettled, *_OF_ABOUT, of=F("amount"))),
    ):
        for key_, minor in found_.items():
            sums[key_][name] = minor
    counts = {
        "late_in": _counted(late_in_of(rows, period)),
        "late_out": _counted(late_out_of(rows, period)),
        "discrepancies": _counted(unsettled, _OF_ABOUT),
        "revalued_in": _counted(revalued_in_of(lines, period), _OF_LINE),
        "revalued_out": _counted(revalued_out_of(lines, period), _OF_LINE),
        "unvalued": _counted(booked.filter(balance=None, kind__in=list(names), reverses=None)),
    }
    return {
        key: FigureLine(
            key[1],
            key[2],
            {name: _money(sums.get(key, {}).get(name), key[2]) for name in LABELS},
            {name: found.get(key, 0) for name, found in counts.items()},
        )
        for key in {*sums, *(key for found in counts.values() for key in found)}
    }


_KEY = ("program", "purpose", "currency")
_OF_LINE = ("transaction__program", "transaction__purpose", "currency")
_OF_ABOUT = ("about__program", "about__purpose", "currency")


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def late_in_of(rows: TransactionQuerySet, period: Period) -> TransactionQuerySet:
    """Booked in the period although their value date lies in an earlier one."""
    return rows.filter(booked_on__range=(period.first_day, period.last_day))


def late_out_of(rows: TransactionQuerySet, period: Period) -> TransactionQuerySet:
    """With a value date in the period, and booked in a later one."""
    days = (period.first_day, period.last_day)
    return rows.filter(value_date__range=days, booked_on__gt=period.last_day)


def revalued_in_of(lines: RevaluationLineQuerySet, period: Period) -> RevaluationLineQuerySet:
    """Of rows of an earlier period that was closed, revalued in this one."""
    return lines.filter(booked_on__range=(period.first_day, period.last_day))


def revalued_out_of(lines: RevaluationLineQuerySet, period: Period) -> RevaluationLineQuerySet:
    """Of rows of this period, revalued after it was closed."""
    mine = Transaction.objects.all().booked(period.first_day, period.last_day)
    found = lines.filter(transaction__in=mine.order_by().values("pk"))
    return found.filter(booked_on__gt=period.last_day)


def _counted(rows: QuerySet[Any], by: tuple[str, ...] = _KEY) -> dict[Key, int]:
    found = rows.order_by().values_list(*by).annotate(Count("pk"))
    return {(program, purpose, code): n for program, purpose, code, n in found}


def unconfirmed_in(rows: TransactionQuerySet, period: Period) -> TransactionQuerySet:
    """Payments booked in the period of which, or of a part of which, nobody has said what became of it."""
    paid = rows.booked(period.first_day, period.last_day).filter(kind=TransactionKind.DISBURSEMENT)
    answers = Transaction.objects.filter(draws_on=OuterRef("pk"))
    unanswered = Q(balance__drawn__lt=F("balance__value")) | Q(
        ~Exists(answers), Q(balance=None) | Q(balance__value=0)
    )
    return paid.in_force().filter(unanswered)


def _unconfirmed(booked: TransactionQuerySet) -> dict[Key, int]:
    """What was paid, less what receipts, refunds and write-offs took of it, whenever they were booked."""
    paid = booked.filter(kind=TransactionKind.DISBURSEMENT, reverses=None)
    balances = Balance.objects.filter(transaction__in=paid.values("pk")).order_by()
    keys = ("transaction__program", "transaction__purpose", "currency")
    return summed(balances, *keys, of=F("value") - F("drawn"))
