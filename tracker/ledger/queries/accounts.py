"""Running balances that stay right in a filtered list.

A window over filtered rows adds up what the filters left: [20, 50] where the account says [30, 60]. So a balance runs
over an *account*, which no filter narrows, in the order of value date and posting, and a list asks it for the rows that
it shows.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from typing import Any

from django.db.models import BigIntegerField, Case, F, Max, Q, QuerySet, Value, When, Window
from django.db.models.functions import Coalesce

from tracker.ledger.models import (
    LEAVES,
    Purpose,
    RevaluationLine,
    RevaluationLineQuerySet,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
)
from tracker.ledger.queries.chains import within
from tracker.ledger.queries.sums import COUNTED, halves, summed, whole
from tracker.ledger.queries.valuation import valued_in
from tracker.programs.models import Program
from tracker.shared.money import Money

K = TransactionKind
AT_ONCE = 2000
Place = tuple[date, int]  # of a row in its account: its day, then posting


@dataclass(frozen=True)
class Moves:
    """Which kinds add to a balance, and which take from it. `given_back`: the kind from which what was paid back or
    given up takes too."""

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    given_back: str = ""

    def of(self, minor: Any, row: str = "") -> Case:
        """What a row adds, of an amount in minor units. `row` leads from a line to its transaction."""
        cases = [
            When(**{f"{row}kind__in": self.plus}, then=minor),
            When(**{f"{row}kind__in": self.minus}, then=Value(0) - minor),
        ]
        if self.given_back:
            off = {f"{row}kind__in": LEAVES, f"{row}draws_on__kind": self.given_back}
            cases.append(When(**off, then=Value(0) - minor))
        return Case(*cases, default=Value(0), output_field=BigIntegerField())


# What is committed and not disbursed. What was paid back may be paid out again; no other kind moves it.
UNDISBURSED = Moves((K.COMMITMENT, K.REFUND), (K.DISBURSEMENT,))
# What is disbursed and not confirmed as received, paid back or given up.
UNCONFIRMED = Moves((K.DISBURSEMENT,), (K.RECEIPT,), K.DISBURSEMENT)
# What is received and neither reported as used, nor paid back, nor given up.
UNUSED = Moves((K.RECEIPT,), (K.EXPENDITURE,), K.RECEIPT)


@dataclass(frozen=True)
class Account:
    """Rows of one currency that no filter narrows, by how much they were revalued, and what each adds to a balance.

    Where it runs by booking day, give it rows `with_booking_day()`.
    """

    rows: TransactionQuerySet
    lines: RevaluationLineQuerySet
    moves: Moves
    currency: str
    day: str = "value_date"  # by which it runs; `booking`: late entries where they are booked

    def after(self, listed: Sequence[Transaction]) -> dict[int, Money]:
        """The balance after each of these rows, by primary key, in two queries. A row of another account has none."""
        if not listed:
            return {}
        newest = max(map(self._place, listed))
        order = [F(self.day).asc(), F("pk").asc()]
        run = self.rows.filter(self._until(*newest)).annotate(
            **{name: Window(half, order_by=order) for name, half in halves(self._adds).items()}
        )
        # One condition with a window in it, so that it is asked of the sums: a filter on the key alone would be asked
        # of the rows, before they are added up.
        asked = run.filter(Q(pk__in=[row.pk for row in listed]) | Q(high__isnull=True)).order_by()
        found = {row["pk"]: whole(row) for row in asked.values("pk", "high", "low")}
        revalued = self._revalued_by({row.pk: self._place(row) for row in listed})
        return {pk: Money(minor + revalued[pk], self.currency) for pk, minor in found.items()}

    def _revalued_by(self, places: dict[int, Place]) -> dict[int, int]:
        """By how much revaluations had moved the balance at each place. They are read one by one: few rows have any."""
        steps = self.dated_lines().filter(day__lte=max(places.values())[0])
        lines = steps.order_by("day", "transaction").values_list("day", "transaction", "step")
        total, found = 0, {}
        with closing(_read(lines)) as waiting:
            line = next(waiting, None)
            for pk, place in sorted(places.items(), key=lambda one: one[1]):
                while line is not None and line[:2] <= place:
                    total += line[2]
                    line = next(waiting, None)
                found[pk] = total
        return found

    def walk(self, *, newest_first: bool) -> "Walk":
        """For a file of any length. Without what is posted meanwhile, so that the end fits the beginning."""
        steps = self._as_it_is()._steps(newest_first)
        return Walk(steps, self._place, newest_first, self.currency)

    def _as_it_is(self) -> "Account":
        """Without what is posted and decided from now on."""
        rows, lines = (
            part.aggregate(newest=Max("pk"))["newest"] for part in (self.rows, self.lines)
        )
        return replace(
            self,
            rows=self.rows.filter(pk__lte=rows or 0),
            lines=self.lines.filter(pk__lte=lines or 0),
        )

    def _steps(self, newest_first: bool) -> Generator[tuple[Place, int]]:
        """The balance after each row. What a row was revalued by counts before it, where both have the same place."""
        total = self.total() if newest_first else 0
        with closing(self._in_order(newest_first)) as read:
            for day, pk, is_row, step in read:
                if not newest_first:
                    total += step
                if is_row:
                    yield (day, pk), total
                if newest_first:
                    total -= step

    def _in_order(self, newest_first: bool) -> Generator[tuple[Any, ...]]:
        """Rows and lines together, in the order of the account: day, posting, whether it is a row, what it adds."""
        sign = "-" if newest_first else ""
        rows = self.rows.order_by(f"{sign}{self.day}", f"{sign}pk").annotate(step=self._adds)
        lines = self.dated_lines().order_by(f"{sign}day", f"{sign}transaction")
        read = rows.values_list(self.day, "pk", Value(True), "step")
        revalued = lines.values_list("day", "transaction", Value(False), "step")
        with ExitStack() as opened:
            parts = [opened.enter_context(closing(_read(part))) for part in (read, revalued)]
            yield from merge(*parts, key=lambda one: one[:3], reverse=newest_first)

    def total(self, before: date | None = None) -> int:
        """The balance of the whole account in minor units, or of what is dated before a day."""
        rows, lines = self.rows, self.dated_lines()
        if before is not None:
            rows, lines = rows.filter(**{f"{self.day}__lt": before}), lines.filter(day__lt=before)
        key = (self.currency,)
        posted = summed(rows, "currency", of=self._adds).get(key, 0)
        return posted + summed(lines, "currency", of=F("step")).get(key, 0)

    @property
    def _adds(self) -> Case:
        """What was posted without a value adds what it was valued at since, by its lines."""
        return self.moves.of(Coalesce(COUNTED, 0))

    def dated_lines(self) -> RevaluationLineQuerySet:
        """By how much revaluations moved the balance (`step`), and when (`day`): with their row, unless they have a
        booking day of their own, because its period was closed."""
        theirs = ["transaction__booked_on"] if self.day == "booking" else []
        day = Coalesce("booked_on", *theirs, "transaction__value_date")
        return self.lines.annotate(day=day, step=self.moves.of(F("delta"), "transaction__"))

    def _place(self, row: Transaction) -> Place:
        day = row.value_date if self.day == "value_date" else row.booking_day
        assert day is not None
        return day, row.pk

    def _until(self, day: date, pk: int) -> Q:
        return Q(**{f"{self.day}__lt": day}) | Q(**{self.day: day, "pk__lte": pk})


def _read(rows: QuerySet[Any]) -> Generator[Any]:
    """Row by row; whoever closes it closes the database's cursor."""
    yield from rows.iterator(chunk_size=AT_ONCE)


class Walk:
    """Asked for rows in their order, it reads an account beside them, row by row.

    Close it: what it left unread is a cursor of the database, which would else be closed at any time, by whoever then
    uses the connection.
    """

    def __init__(
        self,
        steps: Generator[tuple[Place, int]],
        place: Callable[[Transaction], Place],
        newest_first: bool,
        currency: str,
    ):
        self.steps, self.place, self.newest_first = steps, place, newest_first
        self.currency = currency
        self.here = next(steps, None)

    def __call__(self, row: Transaction) -> Money | None:
        """The balance after a row; None for a row of another account."""
        wanted = self.place(row)
        while self.here and self._is_before(self.here[0], wanted):
            self.here = next(self.steps, None)
        if self.here is None or self.here[0] != wanted:
            return None
        return Money(self.here[1], self.currency)

    def _is_before(self, here: Place, wanted: Place) -> bool:
        return here > wanted if self.newest_first else here < wanted

    def close(self) -> None:
        self.steps.close()


def account_of_program(program: Program, currency: str, purpose: str = Purpose.AID) -> Account:
    """Committed and not disbursed in a program. Aid and the replenishment of own stocks are two accounts."""
    rows = Transaction.objects.filter(program=program, purpose=purpose)
    return account_of(rows, UNDISBURSED, currency)


def account_of_chain(root: Transaction, currency: str) -> Account:
    """Committed and not disbursed in one chain."""
    return account_of(within(root), UNDISBURSED, currency)


def account_of(
    rows: TransactionQuerySet, moves: Moves, currency: str, day: str = "value_date"
) -> Account:
    """The account in a currency over some rows: those stated in it, and what was revalued in it."""
    lines = RevaluationLine.objects.all().filter(
        transaction__in=rows.order_by().values("pk"), currency=currency
    )
    return Account(valued_in(rows, currency), lines, moves, currency, day)
