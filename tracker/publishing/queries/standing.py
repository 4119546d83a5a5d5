"""Which releases stand, and what follows from it: the one that a program shows, and which report follows which."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from tracker.programs.models import Program
from tracker.publishing.models import (
    Release,
    ReleaseItem,
    Stream,
    Takedown,
    TakedownStatus,
    Tombstone,
)


def standing_release_of(subject: UUID) -> Release | None:
    """The newest release of a program that is not under an embargo; None where that one is taken back."""
    of_program = Release.objects.filter(stream=Stream.PROGRAM, subject=subject)
    newest = of_program.opened().order_by("-number").first()
    if newest is None or Tombstone.objects.standing().filter(release=newest).exists():
        return None
    return newest


@dataclass(frozen=True)
class Follows:
    """What came after a report in its kind and period: the report that follows it, or one that was taken back."""

    release: Release
    by: UUID | None
    newer_withdrawn: bool


def successions(*subjects: UUID) -> dict[UUID, Follows]:
    """Every report about these programs that is public, by its identifier; those of audit offices, too."""
    opened = Release.objects.filter(stream=Stream.PROGRAM, subject__in=subjects).opened()
    gone = set(
        Tombstone.objects.standing()
        .filter(release__subject__in=subjects)
        .values_list("release", flat=True)
    )
    named = [str(subject) for subject in subjects]
    of_offices = Q(release__stream=Stream.AUDIT, row__cells__program__value__in=named)
    items = ReleaseItem.objects.filter(Q(release__in=opened) | of_offices, kind="report")
    slots: dict[Any, list[tuple[UUID, Release]]] = defaultdict(list)
    for item in items.select_related("release", "row").order_by("release__number", "position"):
        slots[_slot(item)].append((item.row.subject, item.release))
    found: dict[UUID, Follows] = {}
    for chain in slots.values():
        found |= _chained(chain, gone)
    return found


def _slot(item: ReleaseItem) -> tuple[Any, ...]:
    """About which program, in which kind and period, and of audit reports about which engagement."""
    names = ("program", "engagement", "kind", "period_start", "period_end")
    about, *said = (item.row.cells.get(name, {}).get("value") for name in names)
    return (about or str(item.release.subject), *said)


def _chained(chain: list[tuple[UUID, Release]], gone: set[int]) -> dict[UUID, Follows]:
    """From the newest to the oldest."""
    found: dict[UUID, Follows] = {}
    after: UUID | None = None
    withdrawn = False
    for uid, release in reversed(chain):
        if release.pk in gone:
            withdrawn = True
        else:
            found[uid] = Follows(release, after, withdrawn and after is None)
            after = uid
    return found


def takedowns_of(program: Program) -> QuerySet[Takedown]:
    """Everything that was ever raised against releases of a program, the newest first."""
    rows = Takedown.objects.filter(program=program).order_by("-pk")
    return rows.select_related("release", "raised_by", "decided_by")


def releases_to_take_back(program: Program) -> QuerySet[Release]:
    """Those that are not down; the newest first. One under an embargo can be taken back before it is public."""
    down = Tombstone.objects.standing().filter(release=OuterRef("pk"))
    found = Release.objects.filter(stream=Stream.PROGRAM, subject=program.uid)
    return found.exclude(Exists(down)).order_by("-number")


def takedowns_late(takedowns: QuerySet[Takedown]) -> QuerySet[Takedown]:
    """Down, and not reviewed within the 24 hours."""
    return takedowns.filter(status=TakedownStatus.URGENT, review_due_at__lt=Now())
