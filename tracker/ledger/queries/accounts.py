"""Running balances that stay right in a filtered list.

A window over filtered rows adds up what the filters left: [20, 50] where the account says [30, 60]. So a balance runs
over an *account*, which no filter narrows, in the order of value date and posting, and a list asks it for the rows that
it shows.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import BigIntegerField, Case, F, Max, Q, Value, When, Window

from tracker.ledger.models import Purpose, Transaction, TransactionKind, TransactionQuerySet
from tracker.ledger.queries.chains import within
from tracker.ledger.queries.sums import COUNTED, halves, summed, whole
from tracker.programs.models import Program
from tracker.shared.money import Money

K = TransactionKind
AT_ONCE = 2000
Place = tuple[date, int]  # of a row in its account: its day, then posting


def _minor(*cases: When) -> Case:
    return Case(*cases, default=Value(0), output_field=BigIntegerField())


# What is committed and not disbursed. What was paid back may be paid out again; no other kind moves it.
UNDISBURSED = _minor(
    When(kind__in=[K.COMMITMENT, K.REFUND], then=F("amount")),
    When(kind=K.DISBURSEMENT, then=-F("amount")),
)
# What is disbursed and not confirmed as received, paid back or given up.
UNCONFIRMED = _minor(
    When(kind=K.DISBURSEMENT, then=F("amount")),
    When(kind=K.RECEIPT, then=-COUNTED),
    When(kind__in=[K.REFUND, K.WRITE_OFF], draws_on__kind=K.DISBURSEMENT, then=-F("amount")),
)
# What is received and neither reported as used, nor paid back, nor given up.
UNUSED = _minor(
    When(kind=K.RECEIPT, then=COUNTED),
    When(kind=K.EXPENDITURE, then=-COUNTED),
    When(kind__in=[K.REFUND, K.WRITE_OFF], draws_on__kind=K.RECEIPT, then=-F("amount")),
)


@dataclass(frozen=True)
class Account:
    """Rows of one currency that no filter narrows, and what each adds to a balance (`adds`, in minor units).

    Where it runs by booking day, give it rows `with_booking_day()`.
    """

    rows: TransactionQuerySet
    adds: Case
    currency: str
    day: str = "value_date"  # by which it runs; `booking`: late entries where they are booked

    def after(self, listed: Sequence[Transaction]) -> dict[int, Money]:
        """The balance after each of these rows, by primary key, in one query. A row of another account has none."""
        if not listed:
            return {}
        newest = max(map(self._place, listed))
        high, low = halves(self.adds)
        order = [F(self.day).asc(), F("pk").asc()]
        run = self.rows.filter(self._until(*newest)).annotate(
            high=Window(high, order_by=order), low=Window(low, order_by=order)
        )
        # One condition with a window in it, so that it is asked of the sums: a filter on the key alone would be asked
        # of the rows, before they are added up.
        asked = run.filter(Q(pk__in=[row.pk for row in listed]) | Q(high__isnull=True)).order_by()
        found = asked.values_list("pk", "high", "low")
        return {pk: Money(whole(high, low), self.currency) for pk, high, low in found}

    def walk(self, *, newest_first: bool) -> "Walk":
        """For a file of any length. Without what is posted meanwhile, so that the end fits the beginning."""
        newest = self.rows.aggregate(newest=Max("pk"))["newest"]
        then = replace(self, rows=self.rows.filter(pk__lte=newest or 0))
        return Walk(then._steps(newest_first), self._place, newest_first, self.currency)

    def _steps(self, newest_first: bool) -> Generator[tuple[Place, int]]:
        direction = (f"-{self.day}", "-pk") if newest_first else (self.day, "pk")
        total = self.total() if newest_first else 0
        rows = self.rows.order_by(*direction).annotate(step=self.adds)
        found = rows.values_list(self.day, "pk", "step")
        for day, pk, step in found.iterator(chunk_size=AT_ONCE):
            assert day is not None
            if newest_first:
                yield (day, pk), total
                total -= step
            else:
                total += step
                yield (day, pk), total

    def total(self, before: date | None = None) -> int:
        """The balance of the whole account in minor units, or of what is dated before a day."""
        rows = self.rows if before is None else self.rows.filter(**{f"{self.day}__lt": before})
        return summed(rows, "currency", of=self.adds).get((self.currency,), 0)

    def _place(self, row: Transaction) -> Place:
        day = row.value_date if self.day == "value_date" else row.booking_day
        assert day is not None
        return day, row.pk

    def _until(self, day: date, pk: int) -> Q:
        return Q(**{f"{self.day}__lt": day}) | Q(**{self.day: day, "pk__lte": pk})


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
    rows = Transaction.objects.filter(program=program, currency=currency, purpose=purpose)
    return Account(rows, UNDISBURSED, currency)


def account_of_chain(root: Transaction) -> Account:
    """Committed and not disbursed in one chain."""
    return Account(within(root).filter(currency=root.currency), UNDISBURSED, root.currency)
