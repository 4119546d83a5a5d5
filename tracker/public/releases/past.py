"""Releases of a program that need not be the newest, and tombstones, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from tracker.public import words
from tracker.publishing import history
from tracker.publishing.models import Release, Tombstone, TombstoneVerdict


@dataclass(frozen=True)
class Gravestone:
    """What the public reads in the place of something that was taken back. Nothing of what it said is here."""

    stone: Tombstone

    @property
    def release(self) -> Release:
        return self.stone.release

    @property
    def category(self) -> str:
        return words.CATEGORIES.get(self.stone.category, self.stone.category)

    @property
    def verdict(self) -> TombstoneVerdict | None:
        return history.verdict_on(self.stone)

    @property
    def late(self) -> bool:
        """Nobody has reviewed it, and the day and hour are over: it stays down, and that is said."""
        due = self.stone.review_due_at
        return due is not None and self.verdict is None and due < timezone.now()

    @property
    def state(self) -> str:
        """Where it stands, in a sentence."""
        stone, verdict = self.stone, self.verdict
        if stone.review_due_at is None:
            return "Two persons decided it."
        if verdict is not None and verdict.verdict == TombstoneVerdict.UPHELD:
            return f"One person took it down in a hurry; a second one reviewed it: it stays down. “{verdict.reason}”"
        if verdict is not None:
            return f"One person took it down in a hurry; a second one reviewed it: it is public again. “{verdict.reason}”"
        if self.late:
            return (
                f"One person took it down in a hurry. The review by a second one was due at {_at(stone.review_due_at)} "
                "and is late: it stays down, and nobody has reviewed that."
            )
        return (
            "One person took it down in a hurry. A second one reviews that until "
            f"{_at(stone.review_due_at)}; until then it stays down."
        )

    @property
    def tone(self) -> str:
        return "bad" if self.late else "warn"

    @property
    def sentence(self) -> str:
        """All of it in one line, for files and for the check of a file."""
        stone = self.stone
        return (
            f"Release {stone.release.number} was taken back on {_at(stone.raised_at)} by {stone.office} "
            f"({self.category}): “{stone.reason}” Legal basis: {stone.legal_basis}. {self.state}"
        )

    @property
    def program_path(self) -> str:
        return f"/programs/{self.stone.release.subject}/"

    @property
    def path(self) -> str:
        return f"{self.program_path}releases/{self.stone.release.number}/"

    @property
    def restored(self) -> bool:
        verdict = self.verdict
        return verdict is not None and verdict.verdict == TombstoneVerdict.RESTORED

    @property
    def trail(self) -> list[tuple[str, str]]:
        return [
            ("Programs", "/programs/"),
            ("Every release", f"{self.program_path}releases/"),
            (f"Release {self.stone.release.number}", ""),
        ]


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%-d %b %Y, %H:%M %Z}"


def gravestone(stone: Tombstone) -> Gravestone:
    return Gravestone(stone)


@dataclass(frozen=True)
class Past:
    """A release in the history of its program: public, or under a tombstone. `restored`: it was down and came back."""

    release: Release
    rows: int | None
    stone: Gravestone | None
    restored: list[Gravestone]
    newest: bool

    @property
    def path(self) -> str:
        return f"/programs/{self.release.subject}/releases/{self.release.number}/"


def past(release: Release, newest: int | None = None) -> Past:
    """`release` from `history.releases`. `newest`: the number of the newest one."""
    standing = history.standing_stone(release)
    stones = [stone for stone in release.tombstones.all() if stone != standing]
    return Past(
        release=release,
        rows=history.rows_in(release),
        stone=None if standing is None else Gravestone(standing),
        restored=[Gravestone(stone) for stone in stones],
        newest=release.number == newest,
    )


def pasts(releases: Iterable[Release], newest: int | None = None) -> list[Past]:
    """The newest first. Without `newest`, the first one is."""
    told = list(releases)
    number = newest or (told[0].number if told else None)
    return [past(release, number) for release in told]
