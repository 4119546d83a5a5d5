"""Recommendations as a tracker shows them: how old, how far behind their first date, said to be done, verified.

Offices publish which ones stand out: more than six months without a management decision, more than a year without
final action (semiannual reports after the Inspector General Act), five years and more (US Department of Defense,
Office of Inspector General, Compendium of open recommendations).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from tracker.audits.models import (
    OPEN,
    ManagementDecision,
    RecommendationQuerySet,
    RecommendationState,
    RecommendationStep,
)
from tracker.audits.queries.recommendations import BUCKETS, months_before

S = RecommendationState


class Highlight(StrEnum):
    """What a reader looks for first."""

    NO_DECISION = "no_decision"
    NO_ACTION = "no_action"
    FIVE_YEARS = "five_years"


HIGHLIGHTS = {
    Highlight.NO_DECISION: "more than 6 months without a management decision",
    Highlight.NO_ACTION: "more than a year without final action",
    Highlight.FIVE_YEARS: "five years old and older",
}
AGES = [(str(number), label) for number, (label, _) in enumerate(BUCKETS)]


def for_tracker(rows: RecommendationQuerySet) -> RecommendationQuerySet:
    """With `claimed_at`, when the owner last said that it is done, and `verified_at`, when the auditors closed it."""
    steps = RecommendationStep.objects.filter(recommendation=OuterRef("pk")).order_by("-pk")
    claims = steps.filter(after=S.IMPLEMENTATION_CLAIMED).exclude(before=S.IMPLEMENTATION_CLAIMED)
    verified = steps.filter(after=S.CLOSED_IMPLEMENTED).exclude(before=S.CLOSED_IMPLEMENTED)
    return rows.annotate(
        claimed_at=Subquery(claims.values("taken_at")[:1]),
        verified_at=Subquery(verified.values("taken_at")[:1]),
    )


def aged(bucket: int, day: date) -> Q:
    """Issued so long before the day as the bucket says."""
    upper = BUCKETS[bucket - 1][1] if bucket else None
    lower = BUCKETS[bucket][1]
    condition = Q(issued_on__isnull=False)
    if lower is not None:
        condition &= Q(issued_on__gt=months_before(day, lower))
    if upper is not None:
        condition &= Q(issued_on__lte=months_before(day, upper))
    return condition


def bucket_of(issued_on: date | None, day: date) -> str:
    """The label of the age, empty for a draft."""
    if issued_on is None:
        return ""
    for label, months in BUCKETS:
        if months is None or issued_on > months_before(day, months):
            return label
    raise AssertionError("the last bucket has no end")


def highlighted(highlight: str, day: date) -> Q:
    """The condition of a highlight: open ones only."""
    open_ones = Q(state__in=OPEN)
    if highlight == Highlight.NO_DECISION:
        return open_ones & _undecided() & Q(issued_on__lt=months_before(day, 6))
    months = 60 if highlight == Highlight.FIVE_YEARS else 12
    reached = months_before(day, months)
    older = Q(issued_on__lte=reached) if months == 60 else Q(issued_on__lt=reached)
    return open_ones & older


def _undecided() -> Q:
    """Management has not decided on the finding. A response of the owner is not its decision."""
    return ~Q(Exists(ManagementDecision.objects.filter(finding=OuterRef("finding"))))


@dataclass(frozen=True)
class Highlighted:
    """How many stand out for a reason, and the filter that shows them."""

    name: str
    label: str
    count: int


def highlights(rows: RecommendationQuerySet, day: date) -> Sequence[Highlighted]:
    """The counts of all highlights. One query."""
    asked = {
        name.value: Count("pk", filter=highlighted(name, day), distinct=True) for name in Highlight
    }
    found = rows.aggregate(**asked)
    return [Highlighted(name.value, HIGHLIGHTS[name], found[name.value]) for name in Highlight]
