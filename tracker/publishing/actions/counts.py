"""The public count of what is not public."""

from django.db.models import Count, Min, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from tracker.programs.models import Program
from tracker.publishing.models import NotPublished, PublishedProgram, UnpublishedCount

UNDECIDED = "undecided"  # no release yet, and nobody decided against one


def refresh_unpublished_counts() -> None:
    """Count the programs without a release, by reason. Part of every action that changes one of the two.

    Names, identifiers and words of these programs stay inside: a count and the next review date come out.
    """
    decision = NotPublished.objects.in_force().filter(program=OuterRef("pk"))
    rows = (
        Program.objects.exclude(uid__in=PublishedProgram.objects.values("uid"))
        .annotate(
            why=Coalesce(Subquery(decision.values("category")[:1]), Value(UNDECIDED)),
            due=Subquery(decision.values("review_on")[:1]),
        )
        .order_by()
        .values("why")
        .annotate(programs=Count("pk"), next_review=Min("due"))
    )
    UnpublishedCount.objects.all().delete()
    UnpublishedCount.objects.bulk_create(
        UnpublishedCount(
            category=row["why"], programs=row["programs"], next_review_on=row["next_review"]
        )
        for row in rows
    )
