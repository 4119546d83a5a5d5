"""What a new value brings with it: what draws on it down the chain, what it draws on, and its authority's headroom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker.accounts.models import Organisation
from tracker.ledger.models import (
    Authority,
    AuthorityYear,
    Balance,
    Form,
    Provenance,
    RevaluationLine,
    Transaction,
    TransactionKind,
)
from tracker.ledger.policies.periods import closed_periods
from tracker.ledger.policies.transactions import SHOWN, say_transaction
from tracker.ledger.valuation import Stage, in_proportion
from tracker.shared.errors import Refused
from tracker.shared.money import Money


@dataclass(frozen=True)
class Change:
    """A transaction, what counts of it before and after. `was` is None where nobody had valued it.

    `booked_on` is the day on which the difference counts, if the period of the transaction is closed.
    """

    transaction: Transaction
    was: Money | None
    now: Money
    booked_on: date | None = None

    @property
    def delta(self) -> Money:
        return self.now if self.was is None else self.now - self.was


@dataclass(frozen=True)
class YearEffect:
    """What a revaluation does to the headroom of an authority's fiscal year. Without a ceiling nothing is bounded."""

    authority: Authority
    fiscal_year: int
    ceiling: Money | None
    before: Money
    after: Money

    @property
    def left_before(self) -> Money | None:
        return None if self.ceiling is None else self.ceiling - self.before

    @property
    def left_after(self) -> Money | None:
        return None if self.ceiling is None else self.ceiling - self.after


@dataclass(frozen=True)
class Consequences:
    """Everything that a new value changes, the transaction itself first, what draws on it after it."""

    changes: tuple[Change, ...]
    years: tuple[YearEffect, ...]

    @property
    def root(self) -> Change:
        return self.changes[0]

    @property
    def others(self) -> tuple[Change, ...]:
        return self.changes[1:]

    @property
    def late(self) -> int:
        """How many of them lie in a closed period: their difference is booked when it is decided."""
        return sum(change.booked_on is not None for change in self.changes)


def consequences_of(transaction: Transaction, new: Money) -> Consequences:
    """What a new value would change now. Raises Refused, at the amount, where it cannot be."""
    root = Transaction.objects.select_related(*RELATED).get(pk=transaction.pk)
    rows = [root, *_below(root)]
    changes = tuple(_booked(root.program.owner, _changes(rows, new)))
    _check_parent(root, new)
    _check_stages(changes)
    years = tuple(_years(changes))
    _check_ceilings(years)
    return Consequences(changes, years)


RELATED = (
    *("balance", "text", "version__voucher", "authority", "draws_on"),
    "program__owner",
)
DEEPEST = 4  # from a pledge to what was used of it


def _below(root: Transaction) -> list[Transaction]:
    """Everything of value in kind, in force, that draws on it down the chain, level by level.

    Under money nothing is looked at: money keeps its value, and so keeps what bounds the rows under it.
    """
    found: list[Transaction] = []
    above: list[str] = []
    kids = [root]
    while kids and len(above) < DEEPEST:
        above.append("__".join([*above[-1:], "draws_on"]))
        rows = Transaction.objects.filter(**{above[-1]: root}, balance__isnull=False).in_force()
        for part in ("form", *(f"{step}__form" for step in above[:-1])):
            rows = rows.exclude(**{part: Form.MONEY})
        kids = list(rows.select_related(*RELATED).order_by("pk"))
        found += kids
    return found


def _changes(rows: Sequence[Transaction], new: Money) -> Iterable[Change]:
    root = rows[0]
    if not hasattr(root, "balance"):
        yield Change(root, None, new)
        return
    weights = {row.pk: row.balance.value.minor for row in rows}
    if not weights[root.pk]:
        weights = dict.fromkeys(weights, 0) | _before_it_was_nothing(root)
    stages = [
        Stage(row.pk, row.draws_on_id if row.pk != root.pk else None, row.kind, weights[row.pk])
        for row in rows
    ]
    values = in_proportion(stages, new.minor)
    for row in rows:
        yield Change(row, row.balance.value, Money(values[row.pk], new.currency))


def _booked(owner: Organisation, changes: Iterable[Change]) -> Iterable[Change]:
    """Nothing moves in a closed period: what is valued anew there counts today. One query."""
    listed = list(changes)
    closed = closed_periods(owner, {_day_of(change) for change in listed})
    for change in listed:
        late = any(period.holds(_day_of(change)) for period in closed)
        yield replace(change, booked_on=owner.today()) if late else change


def _day_of(change: Change) -> date:
    assert change.transaction.booking_day is not None
    return change.transaction.booking_day


def _before_it_was_nothing(root: Transaction) -> dict[int, int]:
    """What was revalued to nothing tells no proportion any more: take the one that it had before."""
    last = root.lines.filter(was__gt=0).order_by("-pk").first()
    if last is None:
        return {}
    rows = RevaluationLine.objects.filter(decision=last.decision_id, was__isnull=False)
    return {pk: int(was or 0) for pk, was in rows.values_list("transaction", "was")}


def _check_parent(root: Transaction, new: Money) -> None:
    parent = root.draws_on
    if parent is None:
        return
    balance = Balance.objects.filter(transaction=parent).first()
    kind = parent.get_kind_display()
    if balance is None:
        raise Refused(f"The {kind} that it draws on is unvalued: have that valued first.")
    if balance.currency != new.currency:
        raise Refused(
            {
                "currency": f"The {kind} that it draws on is valued in {balance.currency}: "
                "state the value in that. No amount is converted here."
            }
        )
    if new > balance.value:
        raise Refused(
            {
                "new_amount": f"The {kind} that it draws on is worth {balance.value}: what draws on it cannot be "
                f"worth {new}. Have the {kind} revalued first."
            }
        )


def _drawn_by_changes(changes: Sequence[Change]) -> dict[int, int]:
    """By how much more (or less) is drawn of what, in minor units. A refund frees its commitment."""
    moved: dict[int, int] = defaultdict(int)
    by_key = {change.transaction.pk: change.transaction for change in changes}
    for change in changes:
        row, delta = change.transaction, change.delta.minor
        if row.draws_on_id is None:
            continue
        is_refund = row.kind == TransactionKind.REFUND
        commitment = _commitment_of(row, by_key) if is_refund else None
        if commitment is None or commitment.pk != row.draws_on_id:
            moved[row.draws_on_id] += delta
        if commitment is not None:
            moved[commitment.pk] -= delta
    return moved


def _commitment_of(row: Transaction, known: Mapping[int, Transaction]) -> Transaction | None:
    """`commitment_under`, without asking again for rows that are at hand."""
    found: Transaction | None = row
    while found is not None and found.kind != TransactionKind.COMMITMENT:
        found = known.get(found.draws_on_id or 0) or found.draws_on
    return found


def _check_stages(changes: Sequence[Change]) -> None:
    """Nothing is drawn beyond its value afterwards, within what is revalued and around it."""
    moved = _drawn_by_changes(changes)
    own = {change.transaction.pk for change in changes}
    for balance in Balance.objects.filter(pk__in=set(moved) - own).select_related("transaction"):
        if not 0 <= balance.drawn.minor + moved[balance.pk] <= balance.value.minor:
            raise _too_much_for(balance, changes[0].now)
    for change in changes:
        drawn = moved[change.transaction.pk]
        if change.was is not None:
            drawn += change.transaction.balance.drawn.minor
        if not 0 <= drawn <= change.now.minor:
            raise _money_keeps_its_value(change)


def _too_much_for(balance: Balance, new: Money) -> Refused:
    kind = balance.transaction.get_kind_display()
    return Refused(
        {
            "new_amount": f"Only {balance.left} of the {kind} that it draws on is left, so it cannot be worth {new}: "
            f"have the {kind} revalued first."
        }
    )


def _money_keeps_its_value(change: Change) -> Refused:
    drawn = Transaction.objects.filter(draws_on=change.transaction, form=Form.MONEY).in_force()
    rows = drawn.select_related("text", "version__voucher").order_by("pk")
    listed = "; ".join(say_transaction(row) for row in rows[:SHOWN])
    what = change.transaction.get_kind_display()
    return Refused(
        {
            "new_amount": f"Money was drawn on the {what}, and money keeps its value: the {what} cannot be worth "
            f"{change.now}. Reverse first: {listed or 'the refunds in money under it'}."
        }
    )


def _years(changes: Sequence[Change]) -> Iterable[YearEffect]:
    """The years of authorities that the commitments among the changes use."""
    moved: dict[tuple[int, int], int] = defaultdict(int)
    authorities: dict[int, Authority] = {}
    for change in changes:
        row = change.transaction
        counts = row.kind == TransactionKind.COMMITMENT and row.provenance != Provenance.OPENING
        if counts and row.authority is not None:
            _check_currency(row.authority, change)
            moved[row.authority.pk, row.fiscal_year] += change.delta.minor
            authorities[row.authority.pk] = row.authority
    currency = changes[0].now.currency
    rows = AuthorityYear.objects.filter(authority__in=authorities, currency=currency)
    kept = {(year.authority_id, year.fiscal_year): year for year in rows}
    for key, delta in sorted(moved.items()):
        year = kept.get(key)
        before = Money(0, currency) if year is None else year.committed
        ceiling = None if year is None else year.ceiling
        after = before + Money(delta, currency)
        yield YearEffect(authorities[key[0]], key[1], ceiling, before, after)


def _check_currency(authority: Authority, change: Change) -> None:
    if authority.currency and authority.currency != change.now.currency:
        raise Refused(
            {
                "currency": f"The authority “{authority.title}” is in {authority.currency}: value it in that. "
                "No amount is converted here."
            }
        )


def _check_ceilings(years: Iterable[YearEffect]) -> None:
    for year in years:
        if year.ceiling is not None and year.after > year.ceiling:
            raise Refused(
                {
                    "new_amount": f"Only {year.left_before} is left under the ceiling of “{year.authority.title}” for "
                    f"FY{year.fiscal_year} ({year.ceiling}), and the new value would need "
                    f"{year.after - year.before} more: have the ceiling raised first."
                }
            )
