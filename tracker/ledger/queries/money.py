"""Committed, disbursed, received, used: read from the turnover rows that triggers keep, never from the transactions.

Every function takes programs as a queryset or a list, costs a fixed number of queries however many there are, and
keeps currencies apart. Which programs may stand in one total (illustrative ones never beside others) is the caller's
choice of programs. Replenishment of the donor's own stocks is in none of them (`replenishment_of` alone shows it). Sums are made in Python: SQLite's SUM breaks off where its integers end.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from tracker.ledger.models import LEAVES, Purpose, Transaction, TransactionKind, Turnover
from tracker.ledger.queries.sums import summed_now
from tracker.programs.models import ParticipantRole, Participation, Program
from tracker.shared.money import Money
from tracker.shared.way import Way

Programs = QuerySet[Program] | Iterable[Program]


@dataclass(frozen=True)
class MoneyLine:
    """What was committed, disbursed, received and used in one currency, reversals taken off.

    Disbursed is net of refunds. Received and used are what the recipient's side reported and what counts of it; None
    where nobody reported anything. Pledges stand beside all this: they are in no total.
    """

    currency: str
    committed: Money
    disbursed: Money
    rows: int = 0
    pledged: Money | None = None
    received: Money | None = None
    used: Money | None = None
    written_off: Money | None = None
    paid_back: Money | None = None
    kinds: frozenset[str] = frozenset()  # of which there is a row

    @property
    def remaining(self) -> Money:
        return self.committed - self.disbursed

    @property
    def stated_committed(self) -> Money | None:
        """None where there is no commitment: no other kind ever stands in for one."""
        return self.committed if TransactionKind.COMMITMENT in self.kinds else None

    @property
    def stated_disbursed(self) -> Money | None:
        """None where nothing was paid and nothing came back."""
        paid = {TransactionKind.DISBURSEMENT, TransactionKind.REFUND}
        return self.disbursed if paid & self.kinds else None

    @property
    def stated_remaining(self) -> Money | None:
        return self.remaining if TransactionKind.COMMITMENT in self.kinds else None


@dataclass(frozen=True)
class YearMoney:
    """A fiscal year of the owners' calendars, in one currency."""

    fiscal_year: int
    money: MoneyLine


@dataclass(frozen=True)
class RecipientMoney:
    """What went to one recipient; programs with several recipients stand under all their names together."""

    recipient: str
    money: MoneyLine
    programs: int


class _Sums:
    """Adds turnover up by any key and currency, kind by kind."""

    def __init__(self) -> None:
        self.minor: dict[tuple, dict[str, int]] = defaultdict(dict)
        self.rows: dict[tuple, int] = defaultdict(int)

    def add(self, key: tuple, kind: str, minor: int, rows: int) -> None:
        self.rows[key] += rows
        kinds = self.minor[key]
        kinds[kind] = kinds.get(kind, 0) + minor

    def lines(self) -> list[tuple[tuple, MoneyLine]]:
        return [(key, self.line(key)) for key in sorted(self.rows)]

    def line(self, key: tuple) -> MoneyLine:
        currency, kinds = key[-1], self.minor[key]

        def sum_of(kind: str) -> Money | None:
            return Money(kinds[kind], currency) if kind in kinds else None

        paid, back = (
            kinds.get(TransactionKind.DISBURSEMENT, 0),
            kinds.get(TransactionKind.REFUND, 0),
        )
        return MoneyLine(
            currency,
            Money(kinds.get(TransactionKind.COMMITMENT, 0), currency),
            Money(paid - back, currency),
            self.rows[key],
            pledged=sum_of(TransactionKind.PLEDGE),
            received=sum_of(TransactionKind.RECEIPT),
            used=sum_of(TransactionKind.EXPENDITURE),
            written_off=sum_of(TransactionKind.WRITE_OFF),
            paid_back=sum_of(TransactionKind.REFUND),
            kinds=frozenset(kinds),
        )


def _turnover(programs: Programs, purpose: str = Purpose.AID) -> QuerySet[Turnover]:
    if isinstance(programs, QuerySet):
        programs = programs.order_by()
    return Turnover.objects.filter(program__in=programs, purpose=purpose)


def money_of(programs: Programs) -> dict[int, list[MoneyLine]]:
    """By program's primary key: a line per currency, in the currencies' order. One query."""
    sums = _Sums()
    columns = ("program", "currency", "kind", "amount", "rows")
    for program, currency, kind, minor, rows in _turnover(programs).values_list(*columns):
        sums.add((program, currency), kind, minor, rows)
    found: dict[int, list[MoneyLine]] = defaultdict(list)
    for (program, _), line in sums.lines():
        found[program].append(line)
    return dict(found)


def with_money(programs: Programs) -> list[Program]:
    """The programs, each with `.money`: a list of MoneyLine, empty if nothing is posted. One query more."""
    listed = list(programs)
    money = money_of(listed)
    for program in listed:
        program.money = money.get(program.pk, [])  # type: ignore[attr-defined]
    return listed


def totals_of(programs: Programs) -> list[MoneyLine]:
    """All the programs together: a line per currency."""
    return _lines(_turnover(programs))


def replenishment_of(programs: Programs) -> list[MoneyLine]:
    """What buys back the donor's own stocks: shown beside the totals of aid, never in them."""
    return _lines(_turnover(programs, Purpose.REPLENISHMENT))


def _lines(turnover: QuerySet[Turnover]) -> list[MoneyLine]:
    sums = _Sums()
    for currency, kind, minor, rows in turnover.values_list("currency", "kind", "amount", "rows"):
        sums.add((currency,), kind, minor, rows)
    return [line for _, line in sums.lines()]


def by_year(programs: Programs) -> list[YearMoney]:
    """By fiscal year and currency, the oldest first. A reversal counts in the year of its own date."""
    sums = _Sums()
    columns = ("fiscal_year", "currency", "kind", "amount", "rows")
    for year, currency, kind, minor, rows in _turnover(programs).values_list(*columns):
        sums.add((year, currency), kind, minor, rows)
    return [YearMoney(key[0], line) for key, line in sums.lines()]


def by_recipient(programs: Programs) -> list[RecipientMoney]:
    """By recipient and currency, the recipients in the order of their names. Three queries at most."""
    listed = list(programs)
    names = _recipients(listed)
    sums, counted = _Sums(), defaultdict(set)
    columns = ("program", "currency", "kind", "amount", "rows")
    for program, currency, kind, minor, rows in _turnover(listed).values_list(*columns):
        key = (names.get(program, "not stated"), currency)
        sums.add(key, kind, minor, rows)
        counted[key].add(program)
    return [RecipientMoney(key[0], line, len(counted[key])) for key, line in sums.lines()]


def _recipients(programs: list[Program]) -> dict[int, str]:
    rows = Participation.objects.filter(program__in=programs, role=ParticipantRole.RECIPIENT)
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows.select_related("organisation").order_by("organisation__name", "pk"):
        found[row.program_id].append(row.organisation.label)
    return {pk: " and ".join(names) for pk, names in found.items()}


# --- The line --------------------------------------------------------------


def ways_of(programs: Programs) -> list[Way]:
    """The line of each currency, of all the programs together, with what is stuck at each stage: three queries. The
    currency with the most rows comes first.

    What came back and what was given up comes off a payment or off a receipt; the sums by kind do not say which, so
    those rows, which are few, are read besides.
    """
    lines = sorted(totals_of(programs), key=lambda line: (-line.rows, line.currency))
    if isinstance(programs, QuerySet):
        programs = programs.order_by()
    rows = Transaction.objects.filter(program__in=programs, kind__in=LEAVES).aid()
    off = summed_now(rows, "currency", "draws_on__kind")
    return [_way(line, off) for line in lines]


def _way(line: MoneyLine, off: dict[tuple[str, ...], int]) -> Way:
    nothing = Money(0, line.currency)

    def came_off(kind: str) -> Money:
        return Money(off.get((line.currency, kind), 0), line.currency)

    received = line.received or nothing
    sent = line.disbursed + (line.paid_back or nothing)
    unconfirmed = sent - received - came_off(TransactionKind.DISBURSEMENT)
    unused = received - (line.used or nothing) - came_off(TransactionKind.RECEIPT)
    return Way(
        line.currency,
        promised=line.pledged,
        committed=line.stated_committed,
        disbursed=line.stated_disbursed,
        received=line.received,
        used=line.used,
        paid_back=line.paid_back,
        written_off=line.written_off,
        undisbursed=line.stated_remaining,
        unconfirmed=unconfirmed,
        unused=unused,
    )
