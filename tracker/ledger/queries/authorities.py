"""Authorities: ladders, headroom, and what a reader must know before comparing their figures."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from tracker.accounts.models import SIGNERS, MembershipStatus, Organisation, User
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    LADDERS,
    Authority,
    AuthorityChange,
    AuthorityDecision,
    AuthorityKind,
    AuthorityStage,
    AuthorityYear,
    ChangeStatus,
    Provenance,
    Purpose,
    RevaluationLine,
    Stage,
    Transaction,
    TransactionKind,
    TransactionQuerySet,
    Voucher,
)
from tracker.ledger.queries.histories import said_events
from tracker.ledger.queries.sums import summed_now
from tracker.shared.errors import Refused
from tracker.shared.money import Money

# What is known to mislead, per kind (OVERSIGHT 2.3): it stands beside the figures.
TRAPS: dict[str, str] = {
    AuthorityKind.NOT_STATED: "The kind of this authority is not stated, so nobody can say which stages its money "
    "passes. Its committed and disbursed amounts are the ledger's; do not compare them with other authorities.",
    AuthorityKind.APPROPRIATION: "“Obligated” can mislead: some acts make financing count as obligated in full on the "
    "day it is apportioned (FMF, 31 USC 1501(a)(5)(C)), long before anything is ordered. Read committed and "
    "disbursed as progress, not obligated.",
    AuthorityKind.DRAWDOWN: "A drawdown takes stock from the donor's own forces: there is no appropriation and no "
    "obligation, and looking for one finds 0. Its progress is the value authorised, executed and delivered. The money "
    "that later replaces the stock is not aid; it stands under an authority of its own.",
    AuthorityKind.COMMITMENT_AUTHORITY: "This permits promises for later years and pays nothing: each payment needs "
    "a payment appropriation of its own year. Adding the two would count the same money twice.",
    AuthorityKind.POOLED_FUND: "Several donors pay into one fund, and the fund spends. A contribution and what the "
    "fund spends of it are the same money: count one of them. Authorised is decided, mobilised is released.",
    AuthorityKind.OFF_BUDGET: "This money stands outside the defence budget and often pays back what members have "
    "already delivered from their own: the delivery and its reimbursement are one aid, not two. Authorised is "
    "decided, mobilised is released.",
}
REPLENISHMENT = (
    "This money buys back the donor's own stock. It goes to no recipient, so it is in no total of aid: "
    "not in the portfolio, not in a program's line, not in what is published as totals."
)
MEANINGS: dict[str, str] = {
    Stage.REQUESTED: "What a government asked its parliament or council for.",
    Stage.AUTHORISED: "What the law or decision permits at most. It is a permission, no money.",
    Stage.APPROPRIATED: "What parliament provided by an appropriation act.",
    Stage.APPORTIONED: "What the budget office released of it, by time or activity.",
    Stage.ALLOTTED: "What was passed on to the office that spends.",
    Stage.OBLIGATED: "For what the government is legally liable. For some financing the law says so on the first day.",
    Stage.EXECUTED: "The value of stock for which an order to ship was given.",
    Stage.DELIVERED: "The value of stock that was handed over, as its source counts delivery.",
    Stage.MOBILISED: "What was released of the decided sum.",
}
COMMITTED = "Commitments posted in this ledger under this authority, reversals taken off."
DISBURSED = "What was paid out of those commitments, in whatever year, refunds taken off."


@dataclass(frozen=True)
class Headroom:
    """What may still be committed in a fiscal year. Without a stated ceiling nothing bounds it: `left` is None."""

    fiscal_year: int
    currency: str
    ceiling: Money | None
    committed: Money
    disbursed: Money

    @property
    def left(self) -> Money | None:
        return None if self.ceiling is None else self.ceiling - self.committed

    @property
    def said(self) -> str:
        if self.ceiling is None:
            return f"no ceiling is stated; {self.committed} committed"
        return f"of a ceiling of {self.ceiling}; {self.committed} committed"


def headroom(authority: Authority, fiscal_year: int) -> list[Headroom]:
    """The headroom of a year from the rows themselves: confirmed changes and posted transactions, per currency.

    A reversal frees the year of what it reversed. It is slow by design: pages read the kept sums (`years_of`), and
    tests compare both.
    """
    changes = AuthorityChange.objects.filter(
        authority=authority, fiscal_year=fiscal_year, decision__verdict=ChangeStatus.CONFIRMED
    )
    ceilings: dict[str, int] = defaultdict(int)
    for currency, minor in changes.values_list("currency", "amount"):
        ceilings[currency] += minor or 0
    rows = commitments_under(authority, fiscal_year).order_by()
    committed = summed_now(rows, "currency")
    own, back = rows.filter(reverses=None).values("pk"), Q(kind=TransactionKind.REFUND)
    drawn = Transaction.objects.order_by().filter(
        Q(draws_on__in=own)
        | back & (Q(draws_on__draws_on__in=own) | Q(draws_on__draws_on__draws_on__in=own))
    )
    disbursed: dict[str, int] = defaultdict(int)
    for (currency, kind), minor in summed_now(drawn, "currency", "kind").items():
        disbursed[currency] += -minor if kind == TransactionKind.REFUND else minor
    known = sorted({*ceilings, *(code for (code,) in committed)})
    return [
        Headroom(
            fiscal_year,
            code,
            Money(ceilings[code], code) if code in ceilings else None,
            Money(committed.get((code,), 0), code),
            Money(disbursed[code], code),
        )
        for code in known
    ]


def commitments_under(authority: Authority, fiscal_year: int) -> TransactionQuerySet:
    """Commitments that use a year's headroom, and the reversals that free it, the newest posting first."""
    own = Q(reverses=None, fiscal_year=fiscal_year) | Q(reverses__fiscal_year=fiscal_year)
    opening = Q(provenance=Provenance.OPENING) | Q(reverses__provenance=Provenance.OPENING)
    rows = Transaction.objects.all().filter(
        own, authority=authority, kind=TransactionKind.COMMITMENT
    )
    return rows.exclude(opening).order_by("-pk")


@dataclass(frozen=True)
class Running:
    """A commitment or its reversal, and the headroom right after it, by the ceiling and the values of today.

    `now` is what it is worth since its newest revaluation; None for one that was never revalued.
    """

    transaction: Transaction
    left: Money | None
    now: Money | None = None


def running(
    rows: QuerySet[Transaction], page: Sequence[Transaction], years: Iterable[Headroom]
) -> list[Running]:
    """One page of `commitments_under` with the headroom after each row; four queries, whatever came before.

    It starts at what is left now and goes back: what was posted later is taken off first.
    """
    if not page:
        return []
    later = summed_now(rows.filter(pk__gt=page[0].pk), "currency")
    left = {year.currency: year.left for year in years}
    for (code,), minor in later.items():
        left[code] = _plus(left.get(code), minor)
    found = []
    moved = _revalued(page)
    for row in page:
        now = moved.get(row.pk)
        counts = row.amount if now is None else now
        currency = row.currency if counts is None else counts.currency
        found.append(Running(row, left.get(currency), now))
        if counts is not None:
            left[currency] = _plus(left.get(currency), counts.minor)
    return found


def _revalued(page: Sequence[Transaction]) -> dict[int, Money]:
    """What the revalued ones among some rows are worth since."""
    lines = RevaluationLine.objects.filter(transaction__in=[row.pk for row in page])
    return {line.transaction_id: line.now for line in lines.order_by("pk")}


def _plus(left: Money | None, minor: int) -> Money | None:
    return None if left is None else Money(left.minor + minor, left.currency)


def years_of(authority: Authority) -> list[Headroom]:
    """Every fiscal year with a ceiling or a commitment, from the kept sums, the newest first."""
    rows = AuthorityYear.objects.filter(authority=authority).order_by("-fiscal_year", "currency")
    return [Headroom(y.fiscal_year, y.currency, y.ceiling, y.committed, y.disbursed) for y in rows]


def owners_of(authorities: QuerySet[Authority]) -> QuerySet[Organisation]:
    """The organisations that own one of the authorities, for a filter."""
    found = Organisation.objects.filter(pk__in=authorities.order_by().values("organisation"))
    return found.order_by("name", "pk")


def with_newest_year(rows: QuerySet[Authority]) -> QuerySet[Authority]:
    """For the list: each authority with the newest fiscal year that has a ceiling or a commitment."""
    newest = AuthorityYear.objects.filter(authority=OuterRef("pk")).order_by(
        "-fiscal_year", "currency"
    )
    names = ("fiscal_year", "currency", "ceiling", "committed")
    found = {f"year_{name}": Subquery(newest.values(name)[:1]) for name in names}
    return rows.select_related("organisation").annotate(**found)


def headroom_note(voucher: Voucher) -> str:
    """What a commitment's voucher finds under its authority's ceiling; empty where it cannot be told yet."""
    authority, day, program = voucher.authority, voucher.booking_day, voucher.program
    if authority is None or day is None or program is None or not voucher.currency:
        return ""
    try:
        fiscal_year = policies.fiscal_year_of(program, day)
    except Refused:
        return ""
    year = policies.year_of(authority, fiscal_year, voucher.currency)
    if year is None or year.ceiling is None:
        return (
            f"No ceiling of “{authority.title}” is stated for FY{fiscal_year}: nothing limits it."
        )
    left = year.ceiling - year.committed
    return f"{left} is left under the ceiling of “{authority.title}” for FY{fiscal_year} ({year.ceiling})."


# --- The ladder ------------------------------------------------------------


@dataclass(frozen=True)
class Rung:
    """One stage in a year: stated by a source, or reckoned from the ledger."""

    label: str
    meaning: str
    amount: Money | None
    statement: AuthorityStage | None = None
    reckoned: bool = False

    @property
    def stage(self) -> dict[str, Any]:
        """For the component that draws the line."""
        return {"label": self.label, "amount": self.amount, "term": self.meaning}


def ladder(authority: Authority, fiscal_year: int, year: Headroom | None) -> list[Rung]:
    """The rungs of the authority's kind: the newest statement of each, then what the ledger itself knows."""
    stated: dict[str, AuthorityStage] = {}
    rows = AuthorityStage.objects.filter(authority=authority, fiscal_year=fiscal_year)
    for row in rows.select_related("recorded_by").order_by("stated_on", "pk"):
        stated[row.stage] = row
    rungs = [
        Rung(stage.label.capitalize(), MEANINGS[stage], row.amount if row else None, row)
        for stage in LADDERS[AuthorityKind(authority.kind)]
        for row in [stated.get(stage)]
    ]
    committed = year.committed if year else None
    disbursed = year.disbursed if year else None
    return [
        *rungs,
        Rung("Committed", COMMITTED, committed, reckoned=True),
        Rung("Disbursed", DISBURSED, disbursed, reckoned=True),
    ]


def stages_of(authority: Authority) -> list[AuthorityStage]:
    """Everything that was stated, the newest year and date first. A later statement replaces none: both stay."""
    rows = authority.stages.select_related("recorded_by")
    return list(rows.order_by("-fiscal_year", "-stated_on", "-pk")[:200])


@dataclass(frozen=True)
class YearsChart:
    """What is left of each year's ceiling, in one currency, and a sentence that says what it shows."""

    title: str
    description: str
    rows: list[dict[str, Any]]


def headroom_charts(years: Sequence[Headroom]) -> list[YearsChart]:
    """One chart per currency, the oldest year first; a year without a ceiling has no bar, which is not zero."""
    charts = []
    for code in sorted({year.currency for year in years}):
        rows = [
            {"label": f"FY{year.fiscal_year}", "value": year.left}
            for year in reversed(years)
            if year.currency == code
        ]
        charts.append(YearsChart(f"Left to commit by fiscal year, {code}", _least(rows), rows))
    return charts


def _least(rows: list[dict[str, Any]]) -> str:
    stated = [row for row in rows if row["value"] is not None]
    if not stated:
        return "No year has a stated ceiling, so nobody can say what is left."
    least = min(stated, key=lambda row: row["value"].minor)
    without = len(rows) - len(stated)
    also = f" {without} without a stated ceiling." if without else ""
    return f"{least['label']} has the least left: {least['value']}.{also}"


def upside_down(rungs: Sequence[Rung]) -> list[str]:
    """Where a rung holds more than one above it: the sources differ, or money is used that nobody released."""
    stated = [(rung.label, rung.amount) for rung in rungs if rung.amount is not None]
    return [
        f"{label} ({amount}) is more than {above.lower()} ({more})."
        for (above, more), (label, amount) in pairwise(stated)
        if more.currency == amount.currency and amount > more
    ]


# --- Changes ---------------------------------------------------------------


def changes_of(authority: Authority) -> QuerySet[AuthorityChange]:
    """Every change and what was decided on it, the newest first."""
    related = ("text", "proposed_by", "decision__decided_by", "decision__text")
    return authority.changes.select_related(*related).order_by("-pk")


def open_changes(authorities: QuerySet[Authority]) -> QuerySet[AuthorityChange]:
    """Changes on which nobody has decided, the oldest first."""
    rows = AuthorityChange.objects.filter(authority__in=authorities, decision=None)
    return rows.select_related("authority__organisation", "proposed_by").order_by("pk")


def changes_waiting_for(user: User) -> QuerySet[AuthorityChange]:
    """Changes that this person may decide on: an approver of the organisation who did not propose them."""
    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE, role__in=SIGNERS, organisation__isnull=False
    )
    mine = Authority.objects.filter(organisation__in=held.values("organisation"))
    return open_changes(mine).exclude(proposed_by=user)


def deciders_of(change: AuthorityChange) -> QuerySet[User]:
    """Everybody who may confirm or decline it."""
    return (
        User.objects.filter(
            memberships__organisation=change.authority.organisation_id,
            memberships__role__in=SIGNERS,
            memberships__status=MembershipStatus.ACTIVE,
            is_active=True,
        )
        .exclude(pk=change.proposed_by_id)
        .distinct()
        .order_by("name", "pk")
    )


def authority_history(authority: Authority) -> list[dict[str, Any]]:
    """What happened to the authority, its changes, decisions and stages, the newest first."""
    records = [authority.uid]
    records += authority.changes.values_list("uid", flat=True)
    records += authority.stages.values_list("uid", flat=True)
    decisions = AuthorityDecision.objects.filter(change__authority=authority)
    records += decisions.values_list("uid", flat=True)
    return said_events(journal.history_of(*records))


def traps_of(authority: Authority) -> list[str]:
    """What a reader must know before comparing this authority's figures with another's."""
    said = [TRAPS[AuthorityKind(authority.kind)]]
    return [REPLENISHMENT, *said] if authority.purpose == Purpose.REPLENISHMENT else said
