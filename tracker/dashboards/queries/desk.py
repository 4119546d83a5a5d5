"""The desk: what waits, what was told, how the person's programs stand, what happened lately."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from tracker.accounts.models import Notice, Role, User
from tracker.accounts.queries import notices_of
from tracker.audits.models import Recommendation
from tracker.audits.queries import today_for
from tracker.dashboards.queries.events import Happened, latest_for
from tracker.dashboards.queries.items import Waits, first_of, roles_of
from tracker.dashboards.queries.others import waiting_on_others
from tracker.dashboards.queries.waiting import Waiting, waiting_for
from tracker.ledger.queries import MoneyLine, totals_of
from tracker.programs.models import SEES_AS_STAFF, Nature, Program

NOTICES = 4
CURRENCIES = 3
PROGRAMS = 6


@dataclass(frozen=True)
class NatureMoney:
    """What the person's programs of one nature come to: the currencies with the most rows, the others counted."""

    nature: str
    label: str
    programs: int
    lines: tuple[MoneyLine, ...]
    more: int


@dataclass(frozen=True)
class Desk:
    """Everything that the desk shows to one person."""

    roles: frozenset[str]
    waiting: Waiting
    others: Waits
    notices: tuple[Notice, ...]
    notices_more: int
    money: tuple[NatureMoney, ...]
    open_recommendations: int
    overdue_recommendations: int
    programs: tuple[Program, ...]
    programs_total: int
    events: tuple[Happened, ...]

    @property
    def as_staff(self) -> bool:
        return bool(self.roles & set(SEES_AS_STAFF))

    @property
    def may_draft(self) -> bool:
        return Role.OFFICER in self.roles

    @property
    def as_auditor(self) -> bool:
        return Role.AUDITOR in self.roles

    @property
    def as_representative(self) -> bool:
        return Role.RECIPIENT in self.roles

    @property
    def sees_programs(self) -> bool:
        return bool(self.roles - {Role.ADMINISTRATOR})


def desk_of(user: User) -> Desk:
    """Read the desk in a number of queries that depends on the person's roles only."""
    roles = roles_of(user)
    as_staff = bool(roles & set(SEES_AS_STAFF))
    unread, unread_total = first_of(_unread(user), NOTICES)
    programs, programs_total = first_of(_programs(user), PROGRAMS)
    left, late = _recommendations(user)
    return Desk(
        roles=frozenset(roles),
        waiting=waiting_for(user, roles),
        others=waiting_on_others(user, roles),
        notices=tuple(unread),
        notices_more=unread_total - len(unread),
        money=_money(user),
        open_recommendations=left,
        overdue_recommendations=late,
        programs=tuple(programs),
        programs_total=programs_total,
        events=tuple(latest_for(user, as_staff=as_staff)),
    )


def _unread(user: User) -> QuerySet[Notice]:
    return notices_of(user).filter(read_at=None).order_by("-sent_at", "-pk")


def _programs(user: User) -> QuerySet[Program]:
    return Program.objects.visible_to(user).for_table().order_by("title", "pk")


def _money(user: User) -> tuple[NatureMoney, ...]:
    """By nature: kept here, documented and illustrative figures never stand in one total."""
    seen = Program.objects.visible_to(user)
    rows = seen.order_by().values("nature").annotate(n=Count("pk"))
    counted = dict(rows.values_list("nature", "n"))
    found = []
    for (
        nature
    ) in Nature.values:  # always asked: the number of queries does not depend on the answer
        lines = sorted(
            totals_of(seen.filter(nature=nature)), key=lambda line: (-line.rows, line.currency)
        )
        if lines:
            shown = tuple(lines[:CURRENCIES])
            label, more = Nature(nature).label, len(lines) - len(shown)
            found.append(NatureMoney(nature, label, counted[nature], shown, more))
    return tuple(found)


def _recommendations(user: User) -> tuple[int, int]:
    """Open ones that the person sees, and how many of them are overdue."""
    late = Q(due_on__lt=today_for(user))
    asked = Recommendation.objects.visible_to(user).open()
    found = asked.aggregate(all=Count("pk"), late=Count("pk", filter=late))
    return found["all"], found["late"]
