"""What a desk is made of: items that wait, in groups that show the first few and say how many more there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet, Window

from tracker.accounts.models import Membership, User
from tracker.shared.money import Money, format_money
from tracker.shared.sealing import Covered

CAP = 5
A_WEEK = 7


@dataclass(frozen=True)
class Item:
    """One thing to do: what, where, who asked and what follows, and how urgent it is."""

    what: str
    href: str
    why: str = ""
    due: str = ""
    tone: str = ""
    days: int = 0


@dataclass(frozen=True)
class Group:
    """Things of one kind, the most urgent first; `total` counts those that are not shown as well."""

    title: str
    items: tuple[Item, ...]
    total: int
    href: str  # the list that shows all of them

    @property
    def more(self) -> int:
        return self.total - len(self.items)


@dataclass(frozen=True)
class Wait:
    """Something that is somebody else's step."""

    what: str
    href: str
    whose: str
    since: date | datetime | None
    detail: str = ""

    @property
    def day(self) -> date | None:
        """A day is exact enough for somebody who waits."""
        return self.since.date() if isinstance(self.since, datetime) else self.since


@dataclass(frozen=True)
class Waits:
    """The first of them, and how many more there are."""

    items: tuple[Wait, ...]
    more: int


def first_of(rows: QuerySet[Any], cap: int = CAP) -> tuple[list[Any], int]:
    """The first rows and the number of all, in one query however many there are."""
    listed = list(rows.annotate(in_all=Window(Count("pk")))[:cap])
    return listed, listed[0].in_all if listed else 0


def group_of(title: str, rows: QuerySet[Any], say: Callable[[Any], Item], href: str) -> Group:
    listed, total = first_of(rows)
    return Group(title, tuple(say(row) for row in listed), total, href)


def roles_of(user: User) -> set[str]:
    """The roles that a person holds anywhere."""
    held = Membership.objects.in_force().filter(person=user)
    return set(held.values_list("role", flat=True))


def days_since(moment: date | datetime | None, day: date) -> int:
    if moment is None:
        return 0
    return max(0, (day - (moment.date() if isinstance(moment, datetime) else moment)).days)


def say_days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def waited(days: int) -> tuple[str, str]:
    """How long it has waited, and the tone: what waits longer than a week stands out."""
    if not days:
        return "", ""
    return f"for {say_days(days)}", "warn" if days >= A_WEEK else ""


def due_on(due: date, day: date) -> tuple[str, str]:
    late = (day - due).days
    if late > 0:
        return f"{say_days(late)} overdue", "bad"
    said = f"due {due.day} {due:%b %Y}"
    return said, "warn" if -late <= 2 * A_WEEK else ""


def say_day(moment: date | datetime | None) -> str:
    return "" if moment is None else f"{moment.day} {moment:%b %Y}"


def say_amount(amount: Money | Covered | None) -> str:
    if isinstance(amount, Covered):
        return str(amount)
    return "amount not stated" if amount is None else format_money(amount)


def short(text: str, limit: int = 110) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
