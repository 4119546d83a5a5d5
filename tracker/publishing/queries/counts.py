"""How many programs have no release, by reason."""

from typing import Any

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from tracker.programs.models import Program
from tracker.publishing.models import NotPublished, PublishedProgram

UNDECIDED = "undecided"  # no release yet, and nobody decided against one


def unpublished_counts() -> QuerySet[Program, Any]:
    """One row per reason: `why`, `programs`, and the `next_review` of the decisions."""
    decision = NotPublished.objects.in_force().filter(program=OuterRef("pk"))
    return (
        Program.objects.exclude(uid__in=PublishedProgram.objects.values("uid"))
        .annotate(
            why=Coalesce(Subquery(decision.values("category")[:1]), Value(UNDECIDED)),
            due=Subquery(decision.values("review_on")[:1]),
        )
        .order_by()
        .values("why")
        .annotate(programs=Count("pk"), next_review=Min("due"))
    )
