"""Plans and asks: what the owner states, and what waits for an answer."""

from django.db.models import Q, QuerySet

from tracker.accounts.models import SIGNERS, Membership, User
from tracker.audits.models import (
    Ask,
    AskKind,
    CorrectivePlan,
    Recommendation,
    RecommendationQuerySet,
    RecommendationState,
)
from tracker.audits.queries.people import owned_by


def plans_of(recommendation: Recommendation) -> QuerySet[CorrectivePlan]:
    """Every version of the plan, the one that holds first."""
    return recommendation.plans.select_related("text", "stated_by").order_by("-version")


def asks_of(recommendation: Recommendation) -> QuerySet[Ask]:
    """What the owner asked for, and how it was answered, oldest first."""
    return recommendation.asks.select_related(
        "text", "asked_by", "answer__text", "answer__answered_by"
    ).order_by("pk")


def asks_waiting(user: User) -> QuerySet[Ask]:
    """Asks that wait for the person's answer: more time for an auditor's team, a risk for who signs for the owner."""
    held = Membership.objects.in_force().filter(person_id=user.pk, role__in=SIGNERS)
    owners = held.filter(organisation__isnull=False).values("organisation")
    time = Q(kind=AskKind.EXTENSION, recommendation__finding__engagement__team__person=user)
    risk = Q(kind=AskKind.RISK, recommendation__owner__in=owners)
    rows = Ask.objects.filter(time | risk, answer=None).exclude(asked_by=user).distinct()
    return rows.select_related(
        "text", "recommendation__owner", "recommendation__finding__engagement__office"
    ).order_by("pk")


def to_plan(user: User) -> RecommendationQuerySet:
    """Recommendations that the person's side agreed to and has no plan for yet."""
    agreed = [RecommendationState.OPEN_RESOLVED, RecommendationState.PARTIALLY_ADDRESSED]
    return owned_by(user).filter(state__in=agreed, plans=None)
