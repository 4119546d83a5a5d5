"""What an auditor declares about their independence, and what stands in the way without it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds
from tracker.audits.models import (
    Engagement,
    EngagementStatus,
    IndependenceDeclaration,
    TeamMember,
    Threat,
)
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused

ENDED = (EngagementStatus.CLOSED, EngagementStatus.TERMINATED)


@dataclass(frozen=True)
class Declared:
    """What somebody has declared that counts for an engagement on a day: the newest for the year, and for it."""

    yearly: IndependenceDeclaration | None
    own: IndependenceDeclaration | None
    day: date
    owners: frozenset[int]

    @property
    def impairment(self) -> IndependenceDeclaration | None:
        """The declaration that keeps the person off the engagement. An impairment lasts until another is made."""
        if self.own is not None and self.own.threat:
            return self.own
        yearly = self.yearly
        if yearly is None or not yearly.threat:
            return None
        narrowed = yearly.organisation_id is not None and yearly.organisation_id not in self.owners
        return None if narrowed else yearly

    @property
    def yearly_in_force(self) -> bool:
        return self.yearly is not None and self.yearly.in_force(self.day)

    @property
    def missing(self) -> tuple[str, ...]:
        """Which declarations are still to be made."""
        lacks = [] if self.yearly_in_force else ["the yearly one"]
        return (*lacks, *([] if self.own is not None else ["the one for this engagement"]))


def declared_by(
    people: Iterable[User], programs: Collection[Program], engagement: Engagement | None, day: date
) -> dict[int, Declared]:
    """What counts of each person's declarations, by the person's key. One query for all of them."""
    keys = [person.pk for person in people]
    owners = frozenset(program.owner_id for program in programs)
    counts = Q(engagement__isnull=True)
    if engagement is not None:
        counts |= Q(engagement=engagement)
    rows = IndependenceDeclaration.objects.filter(counts, person__in=keys).order_by("pk")
    newest = {(row.person_id, row.engagement_id is None): row for row in rows}
    return {
        key: Declared(newest.get((key, True)), newest.get((key, False)), day, owners)
        for key in keys
    }


def check_not_impaired(
    person: User, programs: Collection[Program], engagement: Engagement | None
) -> None:
    """Refuses whoever has declared an impairment that touches the engagement."""
    known = declared_by([person], programs, engagement, date.min)[person.pk]
    if known.impairment is not None:
        kind = Threat(known.impairment.threat).label.split(":")[0]
        raise Refused(
            f"{person} declared an impairment of independence ({kind}) and cannot be on this engagement: "
            "choose another auditor."
        )


def check_declared(person: User, engagement: Engagement) -> None:
    """Independent by their own word: declared for the year and for the engagement, with no impairment."""
    programs = Program.objects.filter(audited_in__engagement=engagement)
    check_not_impaired(person, list(programs), engagement)
    known = declared_by([person], (), engagement, engagement.office.today())[person.pk]
    if known.missing:
        raise Refused(
            f"{person} has not declared independence: {' and '.join(known.missing)} is missing. "
            "It is declared on the page “Independence” under Audits, before any work on the engagement."
        )


def check_can_declare(user: User, engagement: Engagement | None) -> None:
    """Auditors declare for the year; for an engagement, whoever is on its team, as long as it lasts."""
    check_holds(user, Role.AUDITOR, to="declare independence as an auditor")
    if engagement is None:
        return
    if not TeamMember.objects.filter(engagement=engagement, person=user).exists():
        raise NotAllowed("Only the team of this engagement may declare independence for it.")
    if engagement.status in ENDED:
        raise Refused(
            f"The engagement is {engagement.get_status_display()}: nothing is left to declare for it."
        )
