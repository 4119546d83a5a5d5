"""Who is told, who may be asked, and who did what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from tracker.accounts.models import SIGNERS, Membership, Organisation, Role, User
from tracker.audits.models import (
    Engagement,
    EngagementScope,
    Recommendation,
    RecommendationQuerySet,
)
from tracker.journal import queries as journal
from tracker.programs.models import Program
from tracker.shared.errors import Refused


def team_of(engagement: Engagement) -> QuerySet[User]:
    """The auditors on the engagement who can still sign in."""
    on_it = User.objects.filter(engagements__engagement=engagement, is_active=True)
    return on_it.select_related("organisation").order_by("name", "pk")


def officers_of(recommendation: Recommendation) -> QuerySet[User]:
    """Who answers for the owner: its officers, and those of its programs that the engagement looks at."""
    audited = Program.objects.filter(
        owner=recommendation.owner_id, audited_in__engagement=recommendation.finding.engagement_id
    )
    held = Membership.objects.in_force().filter(
        Q(organisation=recommendation.owner_id) | Q(program__in=audited.values("pk")),
        role=Role.OFFICER,
    )
    return User.objects.filter(pk__in=held.values("person")).order_by("name", "pk")


def signers_of(recommendation: Recommendation) -> QuerySet[User]:
    """Who may accept a risk for the owner: its approvers, and those of its programs that the engagement looks at."""
    audited = Program.objects.filter(
        owner=recommendation.owner_id, audited_in__engagement=recommendation.finding.engagement_id
    )
    held = Membership.objects.in_force().filter(
        Q(organisation=recommendation.owner_id) | Q(program__in=audited.values("pk")),
        role__in=SIGNERS,
    )
    return User.objects.filter(pk__in=held.values("person")).order_by("name", "pk")


def officers_audited(engagement: Engagement) -> QuerySet[User]:
    """The officers of the programs in scope, and of their owners."""
    programs = Program.objects.filter(audited_in__engagement=engagement)
    held = Membership.objects.in_force().filter(
        Q(program__in=programs.values("pk")) | Q(organisation__in=programs.values("owner")),
        role=Role.OFFICER,
    )
    return User.objects.filter(pk__in=held.values("person")).order_by("name", "pk")


def auditors_of(programs: Iterable[Program]) -> QuerySet[User]:
    """People who audit every one of the programs. Whether they had a part in them is asked when they join."""
    found = User.objects.filter(is_active=True)
    for program in programs:
        over_it = Q(program=program) | Q(organisation=program.owner_id)
        held = Membership.objects.in_force().filter(over_it, role=Role.AUDITOR)
        found = found.filter(pk__in=held.values("person"))
    return found.select_related("organisation").order_by("name", "pk")


def auditors_of_any(programs: Iterable[Program]) -> QuerySet[User]:
    """People who audit at least one of the programs: who could lead an engagement on some of them."""
    over = Q(program=None, organisation=None)
    for program in programs:
        over |= Q(program=program) | Q(organisation=program.owner_id)
    held = Membership.objects.in_force().filter(over, role=Role.AUDITOR)
    found = User.objects.filter(pk__in=held.values("person"), is_active=True)
    return found.order_by("name", "pk")


def office_of(user: User) -> Organisation:
    """The office in whose name the person audits: the organisation that they work for."""
    if user.organisation is None:
        raise Refused("You work for no organisation: an administrator adds you to an audit office.")
    return user.organisation


def owned_by(user: User) -> RecommendationQuerySet:
    """Issued recommendations that the person answers for, as an officer of the owner or of its audited program."""
    held = Membership.objects.in_force().filter(person_id=user.pk, role=Role.OFFICER)
    audited = EngagementScope.objects.filter(
        engagement=OuterRef("finding__engagement"),
        program__in=held.filter(program__isnull=False).values("program"),
        program__owner=OuterRef("owner"),
    )
    organisations = held.filter(organisation__isnull=False).values("organisation")
    issued = Recommendation.objects.filter(issued_on__isnull=False)
    return issued.filter(Q(owner__in=organisations) | Q(Exists(audited)))


@dataclass(frozen=True)
class Happened:
    """One line of a history, as the page component wants it."""

    what: str
    by: str
    at: datetime
    entry: int


def history(*records: Any) -> list[Happened]:
    """What happened to the records, newest first."""
    events = journal.history_of(*records)
    actors = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names = {person.uid: person.name for person in actors}
    return [
        Happened(event.sentence, _by(event.actor, names), event.at, event.number)
        for event in events
    ]


def _by(actor: Any, names: dict[Any, str]) -> str:
    return names.get(actor, "somebody no longer named") if actor else "the system"
