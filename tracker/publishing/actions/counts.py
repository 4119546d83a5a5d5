"""The public count of what is not public."""

from tracker.publishing.models import UnpublishedCount
from tracker.publishing.queries import unpublished_counts


def refresh_unpublished_counts() -> None:
    """Count the programs without a release, by reason. Part of every action that changes one of the two.

    Names, identifiers and words of these programs stay inside: a count and the next review date come out.
    """
    rows = list(unpublished_counts())
    UnpublishedCount.objects.all().delete()
    UnpublishedCount.objects.bulk_create(
        UnpublishedCount(
            category=row["why"], programs=row["programs"], next_review_on=row["next_review"]
        )
        for row in rows
    )
