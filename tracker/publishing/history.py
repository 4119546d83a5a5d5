"""The releases of a program one after the other, and what stands in the place of those that were taken back.

Public pages import this beside `released`: like it, it reads release tables alone. A release under an embargo is not
here, nor is its tombstone.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tracker.journal.verifier import Entry
from tracker.publishing.models import (
    PublishedProgram,
    Release,
    ReleasedFile,
    ReleaseItem,
    Stream,
    Tombstone,
    TombstoneVerdict,
)

REPORT = "report"


def releases(uid: UUID) -> QuerySet[Release]:
    """Every release of a program that is known outside, the newest first; those that were taken back, too."""
    found = Release.objects.filter(stream=Stream.PROGRAM, subject=uid).opened()
    told = found.select_related("own_entry").prefetch_related("tombstones__verdict")
    return told.order_by("-number")


def numbered(uid: UUID, number: int) -> Release | None:
    return releases(uid).filter(number=number).first()


def verdict_on(stone: Tombstone) -> TombstoneVerdict | None:
    """None where nobody has reviewed it, or where two persons decided before it was raised."""
    return getattr(stone, "verdict", None)


def standing_stone(release: Release) -> Tombstone | None:
    """Why the release is gone; None for one that is public."""
    for stone in reversed(list(release.tombstones.all())):
        verdict = verdict_on(stone)
        if verdict is None or verdict.verdict != TombstoneVerdict.RESTORED:
            return stone
    return None


def rows_in(release: Release) -> int | None:
    """How many rows it has, as its journal entry says; None for one from before that was told."""
    own = getattr(release, "own_entry", None)
    if own is None or "rows" not in own.disclosed:
        return None
    entry = Entry.read(bytes(own.body))
    said = entry.resolve([own.disclosed["rows"]]).get("rows")
    return said if isinstance(said, int) else None


@dataclass(frozen=True)
class Names:
    """What a program is called: by its newest release that stands."""

    title: str
    current: PublishedProgram | None


def called(uid: UUID) -> Names:
    """A program whose releases are all taken back has no name any more."""
    current = PublishedProgram.objects.select_related("release").filter(uid=uid).first()
    if current is not None:
        return Names(current.title, current)
    newest = Release.objects.filter(stream=Stream.PROGRAM, subject=uid).public()
    items = ReleaseItem.objects.filter(release__in=newest, kind="program").select_related("row")
    item = items.order_by("-release__number").first()
    said: Any = {} if item is None else item.row.cells.get("title", {})
    return Names(said.get("value") or "", None)


def reports_in(release: Release) -> list[ReleaseItem]:
    """The reports that were published with a release."""
    return list(ReleaseItem.objects.filter(release=release, kind=REPORT).select_related("row"))


def files_in(release: Release) -> list[ReleasedFile]:
    return list(ReleasedFile.objects.filter(release=release).order_by("name"))


# --- What is taken back ----------------------------------------------------


def _stones() -> QuerySet[Tombstone]:
    known = Release.objects.filter(stream=Stream.PROGRAM).opened()
    stones = Tombstone.objects.standing().filter(release__in=known)
    return stones.select_related("release", "verdict").order_by("-release__number", "-pk")


def stones() -> QuerySet[Tombstone]:
    """Everything that was ever taken back, the newest first; what was restored, too."""
    known = Release.objects.filter(stream=Stream.PROGRAM).opened()
    found = Tombstone.objects.filter(release__in=known)
    return found.select_related("release", "verdict").order_by("-raised_at", "-pk")


def stone_of_program(uid: UUID) -> Tombstone | None:
    """For a program that has no public release: the tombstone of its newest one."""
    return _stones().filter(release__subject=uid).first()


def stone_of_report(uid: UUID) -> Tombstone | None:
    held = ReleaseItem.objects.filter(kind=REPORT, row__subject=uid)
    return _stones().filter(release__in=held.values("release")).first()


def stone_of_file(sha256: str) -> tuple[Tombstone, ReleasedFile] | None:
    """The file with these bytes in a release that was taken back."""
    gone = _stones().values("release")
    file = ReleasedFile.objects.filter(sha256=sha256, release__in=gone).order_by("-pk").first()
    if file is None:
        return None
    stone = _stones().filter(release=file.release_id).first()
    return None if stone is None else (stone, file)
