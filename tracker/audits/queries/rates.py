"""Rates of an audit office, each with its formula and where it comes from. A rate of nothing is null, not 0.

Implementation is judged four years after a recommendation was made (US Government Accountability Office, “Why do GAO
recommendations get implemented?”, 2014); the office's own calendar says which fiscal year that was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db.models import Count, F, Q

from tracker.accounts.models import Organisation
from tracker.audits.models import (
    OPEN,
    CostEvent,
    CostOutcome,
    CostStep,
    ManagementDecision,
    Recommendation,
    RecommendationQuerySet,
    RecommendationState,
    Response,
)
from tracker.audits.queries.coverage import percent_of
from tracker.audits.queries.recommendations import BUCKETS, Bucket, by_age, late_on, months_before
from tracker.ledger.queries.sums import summed
from tracker.shared.calendars import FiscalPeriod
from tracker.shared.money import Money

S = RecommendationState
HORIZON = 4  # years


@dataclass(frozen=True)
class Rate:
    """A part of a whole. `percent` is None when the whole is nothing, and `nothing` says what is missing then."""

    label: str
    part: int
    whole: int
    formula: str
    source: str
    nothing: str
    currency: str = ""

    @property
    def percent(self) -> Decimal | None:
        return percent_of(self.part, self.whole)

    @property
    def said(self) -> str:
        """The part and the whole: 3 of 4, or 100.00 USD of 400.00 USD."""
        if self.currency:
            return f"{Money(self.part, self.currency)} of {Money(self.whole, self.currency)}"
        return f"{self.part} of {self.whole}"


@dataclass(frozen=True)
class Days:
    """A mean of days, rounded to a whole day; None when there is nothing to take it of."""

    label: str
    total: int
    number: int
    formula: str
    source: str
    nothing: str

    @property
    def days(self) -> int | None:
        if not self.number:
            return None
        mean = Decimal(self.total) / self.number
        return int(mean.quantize(Decimal(1), ROUND_HALF_EVEN))


@dataclass(frozen=True)
class OwnerAges:
    """The open recommendations of one owner, by age."""

    owner: str
    buckets: tuple[Bucket, ...]

    @property
    def count(self) -> int:
        return sum(bucket.count for bucket in self.buckets)

    @property
    def overdue(self) -> int:
        return sum(bucket.overdue for bucket in self.buckets)


OUR_FORMULA = "reckoned from the office's own records"


def of_office(office: Organisation) -> RecommendationQuerySet:
    """Every recommendation that the office has issued."""
    rows = Recommendation.objects.filter(finding__engagement__office=office)
    return rows.filter(issued_on__isnull=False)


def implementation(rows: RecommendationQuerySet, issued_in: FiscalPeriod) -> Rate:
    """Closed as implemented, of those issued in the fiscal year four years before."""
    period = rows.filter(issued_on__range=(issued_in.start, issued_in.end))
    found = period.aggregate(
        whole=Count("pk", distinct=True),
        part=Count("pk", filter=Q(state=S.CLOSED_IMPLEMENTED), distinct=True),
    )
    return Rate(
        f"implemented of those issued in {issued_in.label}",
        found["part"],
        found["whole"],
        f"closed as implemented, of those issued in {issued_in.label} ÷ issued in {issued_in.label}",
        "four years' horizon of the US Government Accountability Office",
        f"nothing issued in {issued_in.label}",
    )


def acceptance(rows: RecommendationQuerySet) -> Rate:
    """Concurred or partially concurred, of all that were issued."""
    agreed = Q(response__in=[Response.CONCUR, Response.PARTIAL])
    found = rows.aggregate(
        whole=Count("pk", distinct=True), part=Count("pk", filter=agreed, distinct=True)
    )
    return Rate(
        "accepted",
        found["part"],
        found["whole"],
        "(concurs + partially concurs) ÷ issued",
        OUR_FORMULA,
        "nothing issued",
    )


def overdue(rows: RecommendationQuerySet, day: date) -> Rate:
    """Open after its due date, of all that are open."""
    late = late_on(day)
    found = rows.filter(state__in=OPEN).aggregate(
        whole=Count("pk", distinct=True), part=Count("pk", filter=late, distinct=True)
    )
    return Rate(
        "overdue",
        found["part"],
        found["whole"],
        "open, due before today and no risk accepted until then ÷ open",
        OUR_FORMULA,
        "nothing open",
    )


def days_to_decision(office: Organisation) -> Days:
    """From the issue of a finding to the first management decision on it, over those that were decided."""
    first = ManagementDecision.objects.filter(finding__engagement__office=office, revises=None)
    days = [
        (decided - issued).days
        for issued, decided in first.values_list("finding__issued_on", "decided_on")
        if issued is not None
    ]
    return Days(
        "days to the management decision",
        sum(days),
        len(days),
        "sum of the days from issue to the first management decision ÷ findings decided",
        OUR_FORMULA,
        "nothing decided",
    )


def by_owner(rows: RecommendationQuerySet, day: date) -> list[OwnerAges]:
    """Open recommendations by owner and age, who has most first. One query for any number of owners."""
    bounds: list[tuple[date | None, date | None]] = []
    upper: date | None = None
    for _, months in BUCKETS:
        lower = months_before(day, months) if months else None
        bounds.append((lower, upper))
        upper = lower
    asked: dict[str, Any] = {}
    for number, (lower, top) in enumerate(bounds):
        aged = (Q(issued_on__gt=lower) if lower else Q()) & (Q(issued_on__lte=top) if top else Q())
        asked[f"n{number}"] = Count("pk", filter=aged, distinct=True)
        asked[f"late{number}"] = Count("pk", filter=aged & late_on(day), distinct=True)
    found: Any = rows.filter(state__in=OPEN).order_by().values("owner", "owner__name")
    found = found.annotate(**asked)
    owners = [
        OwnerAges(
            row["owner__name"],
            tuple(
                Bucket(label, row[f"n{number}"], row[f"late{number}"])
                for number, (label, _) in enumerate(BUCKETS)
            ),
        )
        for row in found
    ]
    return sorted(owners, key=lambda one: (-one.count, one.owner))


def sustained(decisions: Iterable[tuple[str, int, int]]) -> list[Rate]:
    """Disallowed of questioned, in each currency. `decisions`: currency, disallowed, questioned, in minor units."""
    return _by_currency(
        "sustained",
        decisions,
        "disallowed in management decisions ÷ questioned in the findings decided on",
        "definitions of questioned and disallowed cost: Inspector General Act, 5 U.S.C. 405(a)",
        "nothing decided",
    )


def recovered(decisions: Iterable[tuple[str, int, int]]) -> list[Rate]:
    """Refunded of disallowed, in each currency. `decisions`: currency, recovered, disallowed, in minor units."""
    return _by_currency(
        "recovered",
        decisions,
        "refunded and accepted ÷ disallowed in management decisions",
        OUR_FORMULA,
        "nothing disallowed",
    )


def _by_currency(
    label: str, pairs: Iterable[tuple[str, int, int]], formula: str, source: str, nothing: str
) -> list[Rate]:
    found: dict[str, list[int]] = {}
    for currency, part, whole in pairs:
        sums = found.setdefault(currency, [0, 0])
        sums[0] += part
        sums[1] += whole
    rates = [
        Rate(label, part, whole, formula, source, nothing, currency)
        for currency, (part, whole) in sorted(found.items())
    ]
    return rates or [Rate(label, 0, 0, formula, source, nothing)]


def money_rates(office: Organisation) -> list[Rate]:
    """Sustained and recovered, of what management decided on, each currency on its own. Three queries.

    Undecided costs are in neither: they stand in row D of the semiannual table.
    """
    decided = ManagementDecision.objects.filter(
        finding__engagement__office=office, revised_by=None, questioned__isnull=False
    )
    questioned, disallowed = _sums(decided, "questioned"), _sums(decided, "disallowed")
    refunds = CostEvent.objects.filter(
        finding__engagement__office=office,
        step=CostStep.ACCEPTED,
        outcome=CostOutcome.REFUNDED,
        answer=None,
    )
    recovered_ = _sums(refunds, "amount")
    return [
        *sustained((c, disallowed.get((c,), 0), whole_) for (c,), whole_ in questioned.items()),
        *recovered((c, recovered_.get((c,), 0), part) for (c,), part in disallowed.items()),
    ]


def _sums(rows: Any, column: str) -> dict[tuple[Any, ...], int]:
    return summed(rows, "currency", of=F(column))


def means(office: Organisation) -> tuple[Days, ...]:
    """How long the office waits for decisions."""
    return (days_to_decision(office),)


def ages(rows: RecommendationQuerySet, day: date) -> Sequence[Bucket]:
    return by_age(rows, day)
