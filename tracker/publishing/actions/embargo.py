"""A release becomes public: at once, or when its embargo is over."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tracker.publishing.actions.pointers import one_at_a_time, repoint
from tracker.publishing.models import (
    PublishedProgram,
    PublishedReport,
    Release,
    ReleaseItem,
    Stream,
)


def lift_due_embargoes() -> int:
    """Make public what is due, by the database's clock; how many programs moved. Does nothing a second time.

    It is no event of its own: the journal has the moment with the release. Runs in the journal's rounds, and as
    `manage.py publish_due`.
    """
    subjects = sorted(set(_due().values_list("subject", flat=True)), key=str)
    return sum(_lift(uid) for uid in subjects)


def _due() -> QuerySet[Release]:
    """Open by now, while a public list does not have them yet. A program does not go back behind a newer release, be
    that one taken back."""
    opened = Release.objects.filter(stream=Stream.PROGRAM).opened()
    newer = opened.filter(subject=OuterRef("subject"), number__gt=OuterRef("number"))
    shown = PublishedProgram.objects.filter(release=OuterRef("pk"))
    with_report = ReleaseItem.objects.filter(release=OuterRef("pk"), kind="report")
    listed = PublishedReport.objects.filter(release=OuterRef("pk"))
    due = Release.objects.public().filter(stream=Stream.PROGRAM, public_from__isnull=False)
    return due.filter((~Exists(newer) & ~Exists(shown)) | (Exists(with_report) & ~Exists(listed)))


@transaction.atomic
def _lift(uid: UUID) -> int:
    one_at_a_time(uid)
    if not _due().filter(subject=uid).exists():
        return 0  # somebody else did it, or took it back at this moment
    repoint(uid)
    return 1


def make_public(release: Release) -> None:
    """Unless it is under an embargo. Part of another action."""
    if Release.objects.public().filter(pk=release.pk).exists():
        repoint(release.subject)
