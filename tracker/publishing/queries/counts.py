"""How many programs have no release, by reason."""

from typing import Any

from django.db.models import Case, Count, Exists, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from tracker.programs.models import Program
from tracker.publishing.models import NotPublished, PublishedProgram, Release, Stream, Tombstone

UNDECIDED = "undecided"  # no release yet, and nobody decided against one
WITHDRAWN = (
    "withdrawn"  # its newest release was taken back, and nobody decided yet what comes after
)


def unpublished_counts() -> QuerySet[Program, Any]:
    """One row per reason: `why`, `programs`, and the `next_review` of the decisions.

    A program whose release was taken back counts as withdrawn, until it is released anew or a decision says why not.
    """
    decision = NotPublished.objects.in_force().filter(program=OuterRef("pk"))
    otherwise = Case(When(taken_back(), then=Value(WITHDRAWN)), default=Value(UNDECIDED))
    return (
        Program.objects.exclude(uid__in=PublishedProgram.objects.values("uid"))
        .annotate(
            why=Coalesce(Subquery(decision.values("category")[:1]), otherwise),
            due=Subquery(decision.values("review_on")[:1]),
        )
        .order_by()
        .values("why")
        .annotate(programs=Count("pk"), next_review=Min("due"))
    )


def taken_back() -> Exists:
    """Of a program in the outer query: a release of it that was public is taken back."""
    of_program = Release.objects.filter(stream=Stream.PROGRAM, subject=OuterRef(OuterRef("uid")))
    return Exists(Tombstone.objects.standing().filter(release__in=of_program.opened().values("pk")))
