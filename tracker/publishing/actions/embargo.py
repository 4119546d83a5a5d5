"""A release becomes public: at once, or when its embargo is over."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tracker.programs.models import Program
from tracker.publishing.actions.pointers import point_program, point_report
from tracker.publishing.actions.releases import locked
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
    """Open by now, while a public list does not have them yet."""
    reached = PublishedProgram.objects.filter(
        uid=OuterRef("subject"), release__number__gte=OuterRef("number")
    )
    with_report = ReleaseItem.objects.filter(release=OuterRef("pk"), kind="report")
    listed = PublishedReport.objects.filter(release=OuterRef("pk"))
    due = Release.objects.public().filter(stream=Stream.PROGRAM, public_from__isnull=False)
    return due.filter(~Exists(reached) | (Exists(with_report) & ~Exists(listed)))


@transaction.atomic
def _lift(uid: UUID) -> int:
    program = locked(Program.objects.get(uid=uid))
    due = list(_due().filter(subject=program.uid).order_by("number"))
    if due:
        point_newest(program)
        for release in due:
            point_report(release)
    return len(due) and 1


def point_newest(program: Program) -> Release | None:
    """The public lists say what the newest public release says; one that comes late does not push a newer one away.
    Part of another action."""
    public = Release.objects.public().filter(stream=Stream.PROGRAM, subject=program.uid)
    newest = public.order_by("-number").first()
    held = PublishedProgram.objects.filter(uid=program.uid).values_list("release", flat=True)
    if newest is not None and newest.pk not in held:
        point_program(newest)
    return newest


def make_public(release: Release, program: Program) -> None:
    """Unless it is under an embargo. Part of another action."""
    if Release.objects.public().filter(pk=release.pk).exists():
        point_newest(program)
        point_report(release)
