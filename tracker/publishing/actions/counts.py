"""The public count of what is not public."""

from tracker.publishing.models import UnpublishedCount
from tracker.publishing.queries import unpublished_counts


def refresh_unpublished_counts() -> None:
    """Count the programs without a release, by reason. Part of every action that changes one of the two.

    Names, identifiers and words of these programs stay inside: a count and the next review date come out. Two who count
    at the same moment count one after the other: the second one waits for the rows, then sees what the first one did.
    """
    list(UnpublishedCount.objects.select_for_update().order_by("category"))
    rows = list(unpublished_counts())
    UnpublishedCount.objects.exclude(category__in=[row["why"] for row in rows]).delete()
    UnpublishedCount.objects.bulk_create(
        (
            UnpublishedCount(
                category=row["why"], programs=row["programs"], next_review_on=row["next_review"]
            )
            for row in rows
        ),
        update_conflicts=True,
        unique_fields=["category"],
        update_fields=["programs", "next_review_on"],
    )
