"""Valuations: what a transaction was and is worth, who may decide, what a revaluation did to totals and ceilings."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from tracker.accounts.models import SIGNERS, MembershipStatus, User
from tracker.ledger import policies
from tracker.ledger.models import (
    AlternativeValue,
    Authority,
    ChangeStatus,
    Revaluation,
    RevaluationLine,
    RevaluationQuerySet,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
    VoucherEdit,
)
from tracker.ledger.policies import Change, Consequences, Worth
from tracker.ledger.queries.authorities import Headroom
from tracker.ledger.queries.sums import halves, whole
from tracker.ledger.valuation import Valuation, ratio_of
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.money import Money

SHOWN = 100

# --- One transaction -------------------------------------------------------


@dataclass(frozen=True)
class OtherValue:
    """A value on another basis, and how many times what counts it is; no ratio of two currencies or to nothing."""

    stated: AlternativeValue
    ratio: Decimal | None


@dataclass(frozen=True)
class Valued:
    """What a transaction was stated to be worth, what counts now, and every step between."""

    transaction: Transaction
    worth: Worth
    lines: tuple[RevaluationLine, ...]  # the oldest first
    proposals: tuple[Revaluation, ...]  # of itself: waiting or declined, the newest first
    others: tuple[OtherValue, ...]

    @property
    def was_revalued(self) -> bool:
        return bool(self.lines)

    @property
    def difference(self) -> Money | None:
        """What counts now less what counted first; None where nobody had valued it."""
        first = self.transaction.counted
        if first is None or not self.lines:
            return None
        return self.lines[-1].now - first

    @property
    def now(self) -> Money | None:
        """What its newest revaluation makes it worth; what was stated if there is none."""
        return self.lines[-1].now if self.lines else self.transaction.counted

    @property
    def waiting(self) -> Revaluation | None:
        return next((one for one in self.proposals if one.status == ChangeStatus.PROPOSED), None)


def valued(transaction: Transaction) -> Valued:
    """Read it in a fixed number of queries."""
    lines = tuple(revaluation_lines_of([transaction.pk]))
    proposals = Revaluation.objects.filter(transaction=transaction).for_table()
    undone = [
        one for one in proposals.order_by("-pk")[:SHOWN] if one.status != ChangeStatus.CONFIRMED
    ]
    worth = policies.worth_of(transaction)
    now = lines[-1].now if lines else transaction.counted
    stated = transaction.alternatives.select_related("recorded_by").order_by("valuation_date", "pk")
    others = tuple(_beside(one, now) for one in stated[:SHOWN])
    return Valued(transaction, worth, lines, tuple(undone), others)


def _beside(stated: AlternativeValue, now: Money | None) -> OtherValue:
    return OtherValue(stated, None if now is None else ratio_of(stated.amount, now))


def revaluation_lines_of(keys: Iterable[int]) -> QuerySet[RevaluationLine]:
    """By how much some transactions were revalued, with the decision behind it, the oldest first."""
    related = (
        *("decision__revaluation__text", "decision__revaluation__document"),
        *("decision__revaluation__proposed_by", "decision__decided_by"),
        *("decision__revaluation__transaction__text", "transaction"),
    )
    rows = RevaluationLine.objects.filter(transaction__in=list(keys))
    return rows.select_related(*related).order_by("pk")


@dataclass(frozen=True)
class Seen:
    """What a list shows of a transaction beside its stated amount: what counts now, and other bases."""

    now: Money | None
    basis: str
    others: tuple[OtherValue, ...]


def seen_values(rows: Sequence[Transaction]) -> dict[int, Seen]:
    """By primary key, for the rows of one page that were revalued or have another value: two queries, however many."""
    by_key = {row.pk: row for row in rows}
    newest = {line.transaction_id: line for line in revaluation_lines_of(by_key)}
    stated: dict[int, list[AlternativeValue]] = defaultdict(list)
    listed = AlternativeValue.objects.filter(transaction__in=by_key).order_by("valuation_date")
    for one in listed:
        stated[one.transaction_id].append(one)
    found = {}
    for pk in {*newest, *stated}:
        row, line = by_key[pk], newest.get(pk)
        now = row.counted if line is None else line.now
        others = [_beside(one, now) for one in stated[pk]]
        basis = "" if line is None else line.decision.revaluation.get_new_basis_display()
        found[pk] = Seen(None if line is None else now, basis, tuple(others))
    return found


# --- One revaluation -------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What a value would bring with it, or the sentence that says why it cannot be."""

    amount: Money | None
    was_rounded: bool
    consequences: Consequences | None
    refused: str = ""

    @property
    def shown(self) -> Sequence[Change]:
        return () if self.consequences is None else self.consequences.changes[:SHOWN]

    @property
    def more(self) -> int:
        return 0 if self.consequences is None else len(self.consequences.changes) - len(self.shown)


def preview(transaction: Transaction, asked: Valuation) -> Preview:
    """What a valuation would change, told before anybody proposes it."""
    rounded = False
    try:
        if asked.straight_line is not None:
            rounded = asked.straight_line.value().was_rounded
        amount = policies.check_valuation(transaction, asked)
        return Preview(amount, rounded, policies.consequences_of(transaction, amount))
    except Refused as refusal:
        return Preview(None, rounded, None, refusal.sentence)


def preview_of(revaluation: Revaluation) -> Preview:
    """What an open revaluation would change if it were confirmed now."""
    try:
        policies.check_is_as_it_was(revaluation)
        amount = revaluation.new_amount
        return Preview(amount, False, policies.consequences_of(revaluation.transaction, amount))
    except Refused as refusal:
        return Preview(None, False, None, refusal.sentence)


def lines_of_decision(revaluation: Revaluation) -> list[RevaluationLine]:
    """What a confirmed revaluation changed, the transaction itself first."""
    rows = RevaluationLine.objects.filter(decision__revaluation=revaluation)
    related = ("transaction__text", "transaction__version__voucher")
    return list(rows.select_related(*related).order_by("position")[:SHOWN])


# --- Who decides -----------------------------------------------------------


def revaluation_deciders_of(revaluation: Revaluation) -> QuerySet[User]:
    """Everybody who may confirm or decline it: approvers who neither proposed it nor had a hand in its voucher."""
    posted = revaluation.transaction
    program = posted.program
    holder = Q(memberships__organisation=program.owner_id) | Q(memberships__program=program)
    return (
        User.objects.filter(
            holder,
            memberships__role__in=SIGNERS,
            memberships__status=MembershipStatus.ACTIVE,
            is_active=True,
        )
        .exclude(pk=revaluation.proposed_by_id)
        .exclude(
            pk__in=VoucherEdit.objects.filter(voucher__versions=posted.version_id).values("person")
        )
        .exclude(pk=posted.statement.stated_by_id if posted.statement else None)
        .distinct()
        .order_by("name", "pk")
    )


def revaluations_waiting_for(user: User) -> RevaluationQuerySet:
    """Revaluations on which this person may decide, the oldest first."""
    programs = Program.objects.held_as(user, *SIGNERS).values("pk")
    rows = Revaluation.objects.waiting().filter(transaction__program__in=programs)
    rows = rows.exclude(proposed_by=user)
    rows = rows.exclude(transaction__version__voucher__edits__person=user)
    return rows.exclude(transaction__statement__stated_by=user).order_by("pk")


# --- Totals ----------------------------------------------------------------


@dataclass(frozen=True)
class KindChange:
    """By how much confirmed revaluations moved the total of a kind of transaction in a currency."""

    kind: str
    label: str
    delta: Money
    rows: int


def changed_by(revaluations: QuerySet[Revaluation]) -> QuerySet[RevaluationLine]:
    """What the listed revaluations changed."""
    listed = revaluations.order_by().values("pk")
    return RevaluationLine.objects.filter(decision__revaluation__in=listed)


def changes_by_kind(rows: QuerySet[RevaluationLine]) -> list[KindChange]:
    """What some revaluations did to totals. A package and its dispatches are the same goods: kinds stand apart."""
    slots = ("currency", "transaction__kind")
    found = rows.order_by().values(*slots).annotate(**halves(F("delta")), n=Count("pk"))
    order = [kind.value for kind in TransactionKind]
    listed = [
        KindChange(
            row["transaction__kind"],
            TransactionKind(row["transaction__kind"]).label,
            Money(whole(row), row["currency"]),
            row["n"],
        )
        for row in found
    ]
    return sorted(listed, key=lambda one: (one.delta.currency, order.index(one.kind)))


def revalued_by(rows: QuerySet[Transaction]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """By currency, purpose and kind: by how much some transactions were revalued in minor units, and how many of them
    had no value of their own before. Added to the sum of what was posted it says what counts."""
    lines = RevaluationLine.objects.filter(transaction__in=rows.order_by().values("pk"))
    slots = ("currency", "transaction__purpose", "transaction__kind")
    firsts = Count("pk", filter=Q(was__isnull=True))
    found = lines.order_by().values(*slots).annotate(**halves(F("delta")), firsts=firsts)
    return {tuple(row[name] for name in slots): (whole(row), row["firsts"]) for row in found}


def valued_in(rows: TransactionQuerySet, currency: str) -> TransactionQuerySet:
    """What is stated in a currency, and what nobody had valued until it was valued in it."""
    first = RevaluationLine.objects.filter(transaction=OuterRef("pk"), currency=currency, was=None)
    return rows.filter(Q(currency=currency) | Q(Exists(first)))


# --- Authorities -----------------------------------------------------------


@dataclass(frozen=True)
class RevaluedYear:
    """What revaluations did to a fiscal year's headroom."""

    year: Headroom
    delta: Money

    @property
    def left_as_stated(self) -> Money | None:
        """What would be left, had nothing been revalued."""
        return None if self.year.left is None else self.year.left + self.delta


@dataclass(frozen=True)
class RevaluedUnder:
    """Everything that was revalued under an authority: by year, and the newest lines."""

    years: tuple[RevaluedYear, ...]
    lines: tuple[RevaluationLine, ...]
    total: int


def revalued_under(authority: Authority, years: Iterable[Headroom]) -> RevaluedUnder:
    """The revalued commitments of an authority that are in force. What was reversed frees its year anyway."""
    rows = RevaluationLine.objects.filter(
        transaction__authority=authority,
        transaction__kind=TransactionKind.COMMITMENT,
        transaction__reversal=None,
    ).exclude(transaction__provenance="opening")
    sums = rows.order_by().values("transaction__fiscal_year", "currency")
    delta = {
        (row["transaction__fiscal_year"], row["currency"]): whole(row)
        for row in sums.annotate(**halves(F("delta")))
    }
    found = tuple(
        RevaluedYear(year, Money(delta[year.fiscal_year, year.currency], year.currency))
        for year in years
        if (year.fiscal_year, year.currency) in delta
    )
    related = (
        *("transaction__program", "transaction__text", "transaction__version__voucher"),
        *("decision__revaluation__text", "decision__decided_by"),
    )
    newest = rows.select_related(*related).order_by("-pk")
    return RevaluedUnder(found, tuple(newest[:SHOWN]), rows.count() if delta else 0)
