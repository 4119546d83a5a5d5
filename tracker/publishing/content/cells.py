"""Cells and rows: the only shapes in which anything becomes public."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import Scope, Withholding
from tracker.publishing.standins import (
    LEAST,
    StandIn,
    for_answer,
    for_reversal,
    holds,
    made,
)
from tracker.shared.money import Money

Cell = dict[str, Any]
Cells = dict[str, Cell]

NOT_STATED: Cell = {"state": "not_stated"}

# The order matters: a bool is an int.
_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((bool, int), lambda value: value),
    (str, lambda value: unicodedata.normalize("NFC", value)),
    (Money, lambda value: {"minor": value.minor, "currency": value.currency}),
    (Decimal, lambda value: f"{value:f}"),
    (date, date.isoformat),
    (UUID, str),
    (Mapping, lambda value: {str(key): written(item) for key, item in value.items()}),
    ((list, tuple), lambda value: [written(item) for item in value]),
)


def written(value: Any) -> Any:
    """A value as a release carries it: no floats, decimals and dates as text, money in minor units."""
    if value is None:
        return None
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    raise TypeError(f"{value!r} ({type(value).__name__}) cannot be released.")


def stated(value: Any) -> Cell:
    """A cell of a value; a missing one, an empty text or list is *not stated*."""
    if value is None or value == "" or value == []:
        return NOT_STATED
    return {"state": "stated", "value": written(value)}


def cells_of(**values: Any) -> Cells:
    return {name: stated(value) for name, value in values.items()}


def is_withheld(cell: Cell) -> bool:
    return cell["state"] == "withheld"


def value_of(cell: Cell) -> Any:
    return cell.get("value")


def kept_from_sums(cells: Mapping[str, Cell]) -> Cell | None:
    """The cell for which a transaction is in no sum, or None: its amount, or the excess of a report. Whoever withholds
    the excess withholds how much of the amount counts."""
    both = (cells["amount"], cells.get("excess", NOT_STATED))
    return next((cell for cell in both if is_withheld(cell)), None)


@dataclass(frozen=True)
class Row:
    """A public row before it is stored. Equal content has an equal digest, in whatever release."""

    kind: str
    subject: UUID
    cells: Cells

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the row as JSON: keys sorted, no spaces, UTF-8."""
        body = {"kind": self.kind, "subject": str(self.subject), "cells": self.cells}
        text = json.dumps(
            body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return hashlib.sha256(text.encode()).hexdigest()


def line_of_row(position: int, digest: str) -> bytes:
    """A row's line in the digest of its kind."""
    return f"{position} {digest}\n".encode()


def digest_of_kinds(kinds: "Iterable[tuple[str, int, hashlib._Hash]]") -> str:
    """The digest of a manifest from kind, rows and the running hash of each kind's lines."""
    lines = [
        f"{kind} {rows} {hasher.hexdigest()}\n"
        for kind, rows, hasher in sorted(kinds, key=lambda one: one[0])
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class Hidden(dict[str, Any]):
    """A withheld cell. Which decision covers it is known while a release is made, and is not released with it."""

    def __init__(self, decision: Withholding, stand_in: StandIn | None = None):
        super().__init__(_told(decision), **({"stand_in": stand_in} if stand_in else {}))
        self.decision = decision


def _told(decision: Withholding) -> Cell:
    return {
        "state": "withheld",
        "category": decision.category,
        "reason": decision.reason,
        "legal_basis": decision.legal_basis,
        "review_on": decision.review_on.isoformat(),
        "decided_by": decision.office,
    }


def withheld_cell(withholding: Withholding, stand_in: StandIn | None = None) -> Cell:
    """What the public reads in the place of the value. The value itself is nowhere in it."""
    return Hidden(withholding, stand_in)


def bare(cell: Cell) -> Cell:
    """The same without its stand-in: for a value that would tell the withheld one."""
    return Hidden(cell.decision) if isinstance(cell, Hidden) else cell


class Withheld:
    """The withholdings in force, by record and field. One query to make, none to ask.

    A decision about a field goes before one about its record, and that before a rule for all records of the kind.
    """

    def __init__(self, withholdings: Iterable[Withholding]):
        self._fields: dict[tuple[UUID, str], Withholding] = {}
        self._records: dict[UUID, Withholding] = {}
        self.rules: dict[tuple[str, str], Withholding] = {}
        self.delay: Withholding | None = None
        for one in withholdings:
            self._keep(one)

    def _keep(self, one: Withholding) -> None:
        if one.scope == Scope.RULE:
            self.rules[one.record_kind, one.field] = one
        elif one.scope == Scope.DELAY:
            self.delay = one
        elif one.scope == Scope.RECORD and one.record is not None:
            self._records[one.record] = one
        elif one.record is not None:
            self._fields[one.record, one.field] = one

    def __bool__(self) -> bool:
        return bool(self._fields or self._records or self.rules)

    @cached_property
    def held_from(self) -> datetime | None:
        """Payments recorded from this moment on are held back; None without a delay. It is the beginning of a day where
        the owner is, so that the hour of a posting has no part in it. Asks for the program's owner, once."""
        if self.delay is None or self.delay.days is None:
            return None
        owner = self.delay.program.owner
        first = owner.today() - timedelta(days=self.delay.days - 1)
        return datetime.combine(first, time.min, owner.zone())

    def holds_back(self, posted_at: datetime | None) -> bool:
        """Is what was recorded at this moment not released yet?"""
        since = self.held_from
        return since is not None and posted_at is not None and posted_at >= since

    def held_back(self, path: str = "") -> Q:
        """The same for rows whose `path` leads to a transaction: `filter` finds what is held back, `exclude` the rest."""
        since = self.held_from
        return Q(pk__in=[]) if since is None else Q(**{f"{path}posted_at__gte": since})

    def not_held_back(self, program: Program) -> QuerySet[Transaction]:
        """The program's rows that no delay holds back."""
        return Transaction.objects.filter(program=program).exclude(self.held_back())

    def decision(self, field: str, *records: UUID | None, kind: str) -> Withholding | None:
        """What withholds a field of the first of these records, all of one kind, of which it is withheld."""
        for record in records:
            if record is not None and (found := self._of_record(field, record)):
                return found
        return self.rules.get((kind, field))

    def _of_record(self, field: str, record: UUID) -> Withholding | None:
        if (found := self._fields.get((record, field))) is not None:
            return found
        whole = self._records.get(record)
        if whole is not None and field in WITHHOLDABLE.get(whole.record_kind, ()):
            return whole
        return None

    def of(self, field: str, *records: UUID | None, kind: str) -> Cell | None:
        """The withheld cell for a field of one of these records. Without a stand-in: it is for values that would tell
        the withheld one, and a stand-in is made for one value."""
        found = self.decision(field, *records, kind=kind)
        return None if found is None else withheld_cell(found)

    def counted(self, *records: UUID | None) -> Cell | None:
        """The same for what counts of one of these transactions: its amount, without the excess of a report."""
        cells = (self.of(field, *records, kind="transaction") for field in ("amount", "excess"))
        return next((cell for cell in cells if cell is not None), None)

    def in_sums(self, field: str, *records: UUID | None, kind: str) -> bool:
        """Does the law let sums contain the withheld values? Every decision that covers one of them has to say so."""
        by_record = [self._of_record(field, record) for record in records if record is not None]
        found = [one for one in (*by_record, self.rules.get((kind, field))) if one is not None]
        return bool(found) and all(one.in_sums for one in found)

    def records(self, *fields: str) -> set[UUID]:
        """The records of which one of these fields is withheld by a decision of its own, or with its record. What a
        rule covers is not listed: ask for `covers_all`."""
        whole = (uid for uid in self._records if any(self._of_record(f, uid) for f in fields))
        return {record for record, field in self._fields if field in fields}.union(whole)

    def covers_all(self, kind: str, *fields: str) -> bool:
        """Does a rule withhold one of these fields of every record of the kind?"""
        return any((kind, field) in self.rules for field in fields)

    def cover(
        self,
        cells: Cells,
        fields: Iterable[str],
        own: UUID | None,
        *same: UUID | None,
        kind: str,
        answers: Iterable[UUID | None] = (),
    ) -> Cells:
        """The cells with every withheld field covered. A missing value is covered too: that it is missing tells.

        `own` is the record of the row; `same` are those that say the same of it, such as its reversal; it `answers`
        for others, as a receipt does: what one of them withholds, this row must not tell.
        """
        if not self:
            return cells
        covered = dict(cells)
        for field in fields:
            if field in cells:
                found = self.decision(field, own, *same, *answers, kind=kind)
                if found is not None:
                    precision = value_of(cells.get("date_precision", NOT_STATED)) or "day"
                    least = self._least_width(kind, field)
                    value = _Value(field, value_of(cells[field]), precision, least)
                    covered[field] = withheld_cell(found, value.stand_in(found, own, same))
        return covered

    def _least_width(self, kind: str, field: str) -> int:
        """How wide ranges of single records have to be: what the rule in force asks for, however old they are."""
        rule = self.rules.get((kind, field))
        return LEAST if rule is None else rule.minimum_percent or LEAST


class _Value(NamedTuple):
    """A value that is withheld, and what stands in for it."""

    field: str
    value: Any
    precision: str
    least: int

    def stand_in(
        self, decision: Withholding, own: UUID | None, same: tuple[UUID | None, ...]
    ) -> StandIn | None:
        """A stand-in was made for the value of one record; what it is for another, `standins` says."""
        said = decision.stand_in
        if said is None or self.value is None:
            return None
        if decision.scope == Scope.RULE:
            return made(said, self.value, field=self.field, precision=self.precision)
        how: dict[str, Any] = {"field": self.field, "least": self.least}
        if decision.record == own:
            right = holds(said, self.value, precision=self.precision, **how)
            return said if right else None
        if decision.record in same:
            return for_reversal(said, self.value, **how)
        return for_answer(said, self.value, field=self.field)
