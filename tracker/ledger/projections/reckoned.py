"""Balances, turnovers and authorities' years, worked out again from rows that entries vouch for."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from tracker.journal.projections import (
    Difference,
    Reckoning,
    in_order,
)
from tracker.ledger.models import (
    Authority,
    AuthorityChange,
    AuthorityYear,
    Balance,
    ChangeStatus,
    Provenance,
    RevaluationLine,
    Transaction,
    TransactionKind,
    Turnover,
)
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.money import Money

PLACE = "the ledger"


_COUNTED = F("amount") - Coalesce(F("excess"), 0)


def _originals() -> Iterator[list[int]]:
    """Everything that has a balance or should have one."""
    should = Q(reverses=None, amount__isnull=False)
    last = 0
    has = Exists(Balance.objects.filter(pk=OuterRef("pk")))
    moved = Exists(RevaluationLine.objects.filter(transaction=OuterRef("pk")))
    while keys := list(
        Transaction.objects.filter(should | Q(has) | Q(moved), pk__gt=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:1000]
    ):
        yield keys
        last = keys[-1]


def _balances(keys: Sequence[int]) -> Iterator[Difference]:
    columns = ("pk", "uid", "kind", "reverses", "currency", "amount", "excess", "entry")
    stated = {t["pk"]: t for t in Transaction.objects.filter(pk__in=keys).values(*columns)}
    back = Transaction.objects.filter(reverses__in=keys, amount__isnull=False)
    taken = dict(back.values_list("reverses").annotate(total=Sum(_COUNTED)))
    drawn, moved = _drawn_from(keys), _revalued(keys)
    slots = ("pk", "currency", "value", "drawn")
    kept = {pk: tuple(b) for pk, *b in Balance.objects.filter(pk__in=keys).values_list(*slots)}
    for pk, row in stated.items():
        should = None
        if (row["amount"] is not None or pk in moved) and row["reverses"] is None:
            currency, delta = moved.get(pk, (row["currency"], 0))
            value = int(row["amount"] or 0) - int(row["excess"] or 0) + delta
            should = (currency, value + int(taken.get(pk) or 0), drawn[pk])
        if kept.get(pk) != should:
            yield _balance_differs(row, kept.get(pk), should)


def _revalued(keys: Sequence[int]) -> dict[int, tuple[str, int]]:
    """By how much some transactions were revalued, and in which currency."""
    rows = RevaluationLine.objects.filter(transaction__in=keys).order_by()
    found = rows.values_list("transaction", "currency").annotate(total=Sum("delta"))
    return {pk: (currency, int(total)) for pk, currency, total in found}


def _drawn_from(keys: Sequence[int]) -> dict[int, int]:
    """What draws on these; a refund comes back to the commitment under it, wherever the money was stuck."""
    drawn: dict[int, int] = defaultdict(int)
    posted = Transaction.objects.filter(amount__isnull=False)
    lines = RevaluationLine.objects.all()
    for rows, at, total in ((posted, "", _COUNTED), (lines, "transaction__", F("delta"))):
        _draw(drawn, keys, rows.order_by(), at, total)
    return drawn


def _draw(drawn: dict[int, int], keys: Sequence[int], rows: Any, at: str, total: Any) -> None:
    """Transactions, or lines of transactions (`at` says where theirs are), added to what is drawn."""
    slot = (f"{at}draws_on", f"{at}draws_on__kind", f"{at}kind")
    direct = rows.filter(**{f"{at}draws_on__in": keys})
    for pk, of, kind, minor in direct.values_list(*slot).annotate(total=Sum(total)):
        is_back = kind == TransactionKind.REFUND and of == TransactionKind.COMMITMENT
        drawn[pk] += -int(minor) if is_back else int(minor)
    refunds = rows.filter(**{f"{at}kind": TransactionKind.REFUND})
    for path in (f"{at}draws_on__draws_on", f"{at}draws_on__draws_on__draws_on"):
        below = {f"{path}__in": keys, f"{path}__kind": TransactionKind.COMMITMENT}
        for pk, minor in refunds.filter(**below).values_list(path).annotate(total=Sum(total)):
            drawn[pk] -= int(minor)


def _balance_differs(row: Mapping[str, Any], is_now: Any, should: Any) -> Difference:
    named = f"Balance of transaction {row['uid']} (entry {row['entry']})"
    said = f"{named}: {PLACE} says {_drawn(is_now)}, its transactions come to {_drawn(should)}."
    return Difference("balance", row["uid"], row["entry"], said)


def _drawn(balance: tuple[str, int, int] | None) -> str:
    if balance is None:
        return "nothing"
    currency, value, drawn = balance
    return f"{_money(drawn, currency)} of {_money(value, currency)}"


def _money(minor: int, currency: str) -> str:
    try:
        return str(Money(int(minor), currency))
    except (Refused, ValueError, TypeError):
        return f"{minor} units of “{currency}”"


def _turnovers(keys: Sequence[int]) -> Iterator[Difference]:
    slot = ("program", "fiscal_year", "kind", "purpose", "currency")
    kept = {
        row[:5]: row[5:]
        for row in Turnover.objects.filter(program__in=keys).values_list(*slot, "amount", "rows")
    }
    rows = Transaction.objects.filter(program__in=keys, amount__isnull=False)
    sums = rows.order_by().values_list(*slot).annotate(total=Sum(_COUNTED), n=Count("pk"))
    reckoned = {row[:5]: (int(row[5]), row[6]) for row in sums}
    for key, (delta, firsts) in _turned_over(keys).items():
        total, counted = reckoned.get(key, (0, 0))
        reckoned[key] = (total + delta, counted + firsts)
    uids = dict(Program.objects.filter(pk__in=keys).values_list("pk", "uid"))
    for key in sorted({*kept, *reckoned}, key=str):
        if kept.get(key) != reckoned.get(key):
            program, year, kind, purpose, currency = key
            said = (
                f"Turnover of program {uids.get(program)} ({kind}, {purpose}, {year}): {PLACE} says "
                f"{_sum(kept.get(key), currency)}, its transactions come to {_sum(reckoned.get(key), currency)}."
            )
            yield Difference("turnover", uids.get(program), None, said)


def _turned_over(keys: Sequence[int]) -> dict[tuple[Any, ...], tuple[int, int]]:
    """By how much the revaluations of some programs moved their turnover, and how many rows had no value before."""
    of = ("transaction__program", "fiscal_year", "transaction__kind", "transaction__purpose")
    slot = (*of, "currency")
    rows = RevaluationLine.objects.filter(transaction__program__in=keys).order_by()
    rows = rows.filter(Q(was__isnull=True) | ~Q(delta=0))
    firsts = Count("pk", filter=Q(was__isnull=True))
    sums = rows.values_list(*slot).annotate(total=Sum("delta"), n=firsts)
    return {row[:5]: (int(row[5]), row[6]) for row in sums}


def _sum(total: tuple[int, int] | None, currency: str) -> str:
    return "nothing" if total is None else f"{_money(total[0], currency)} in {total[1]} rows"


def _years(keys: Sequence[int]) -> Iterator[Difference]:
    slot = ("authority", "fiscal_year", "currency")
    columns = (*slot, "ceiling", "committed", "disbursed")
    listed = AuthorityYear.objects.filter(authority__in=keys).values_list(*columns)
    kept = {row[:3]: list(row[3:]) for row in listed}
    reckoned = _sums_of_years(keys)
    uids = dict(Authority.objects.filter(pk__in=keys).values_list("pk", "uid"))
    for key in sorted({*kept, *reckoned}, key=str):
        if kept.get(key) != reckoned.get(key):
            authority, year, currency = key
            said = (
                f"Year {year} of authority {uids.get(authority)}: {PLACE} says "
                f"{_year(kept.get(key), currency)}, its changes and transactions come to "
                f"{_year(reckoned.get(key), currency)}."
            )
            yield Difference("year of an authority", uids.get(authority), None, said)


Sums = dict[tuple[Any, ...], list[int | None]]


def _sums_of_years(keys: Sequence[int]) -> Sums:
    """Ceiling, committed, disbursed: from the confirmed changes and from the transactions."""
    found: Sums = defaultdict(lambda: [None, 0, 0])
    changes = AuthorityChange.objects.filter(
        authority__in=keys, decision__verdict=ChangeStatus.CONFIRMED, fiscal_year__isnull=False
    ).order_by()
    for *key, minor in changes.values_list("authority", "fiscal_year", "currency").annotate(
        Sum("amount")
    ):
        found[tuple(key)][0] = int(minor)
    _add_postings(found, keys)
    return dict(found)


def _add_postings(found: Sums, keys: Sequence[int]) -> None:
    """Commitments in the year they were made; payments and refunds in the year of their commitment. So their lines."""
    posted = Transaction.objects.filter(amount__isnull=False).order_by()
    lines = RevaluationLine.objects.order_by()
    for rows, at, total in ((posted, "", "amount"), (lines, "transaction__", "delta")):
        _add_up(found, keys, rows, at, total)


def _add_up(found: Sums, keys: Sequence[int], rows: Any, at: str, total: str) -> None:
    commitment, refund = TransactionKind.COMMITMENT, TransactionKind.REFUND
    under, above = "draws_on__draws_on__", "draws_on__draws_on__draws_on__"
    for of, place, which in (
        ("", 1, {"kind": commitment, "reverses": None}),
        ("reverses__", 1, {"kind": commitment}),
        ("draws_on__", 2, {"draws_on__kind": commitment}),
        (under, 2, {"kind": refund, "draws_on__draws_on__kind": commitment}),
        (above, 2, {"kind": refund, "draws_on__draws_on__draws_on__kind": commitment}),
    ):
        chosen = rows.filter(**{f"{at}{name}": value for name, value in which.items()})
        chosen = chosen.filter(**{f"{at}{of}authority__in": keys})
        chosen = chosen.exclude(**{f"{at}{of}provenance": Provenance.OPENING})
        slot = (f"{at}{of}authority", f"{at}{of}fiscal_year", "currency", f"{at}kind")
        for *key, kind, minor in chosen.values_list(*slot).annotate(total=Sum(total)):
            sign = -1 if kind == refund else 1
            found[tuple(key)][place] = (found[tuple(key)][place] or 0) + sign * int(minor)


def _year(sums: Sequence[int | None] | None, currency: str) -> str:
    if sums is None:
        return "nothing"
    ceiling, committed, disbursed = sums
    said = "no ceiling" if ceiling is None else f"a ceiling of {_money(ceiling, currency)}"
    used = f"{_money(committed or 0, currency)} committed, {_money(disbursed or 0, currency)} disbursed"
    return f"{said}, {used}"


RECKONED = [
    Reckoning(
        "year of an authority",
        AuthorityYear,
        ("authority", "fiscal_year", "currency", "ceiling", "committed", "disbursed"),
        lambda: in_order(Authority, 20),
        _years,
        unmapped={"id": "the row's key in this database; nothing outside knows it"},
    ),
    Reckoning(
        "balance",
        Balance,
        ("transaction", "currency", "value", "drawn"),
        _originals,
        _balances,
    ),
    Reckoning(
        "turnover",
        Turnover,
        ("program", "fiscal_year", "kind", "purpose", "currency", "amount", "rows"),
        lambda: in_order(Program, 50),
        _turnovers,
        unmapped={"id": "the row's key in this database; nothing outside knows it"},
    ),
]
