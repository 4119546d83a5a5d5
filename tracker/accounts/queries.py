"""What administrators see: their organisations, the people there, and whoever holds a role over their programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, Model, OuterRef, Prefetch, Q, QuerySet

from tracker.accounts.models import (
    Invitation,
    Membership,
    MembershipStatus,
    Notice,
    Organisation,
    Role,
    User,
)
from tracker.journal.queries import history_of

STANDING = (MembershipStatus.ACTIVE, MembershipStatus.PROPOSED)


def organisations_administered_by(user: User) -> QuerySet[Organisation]:
    held = Membership.objects.in_force().filter(person=user, role=Role.ADMINISTRATOR)
    return Organisation.objects.filter(pk__in=held.values("organisation"))


def programs_administered_by(user: User) -> QuerySet[Model]:
    """Over which roles can be granted. The model lies in a higher room: it is reached through the relation."""
    programs = Membership._meta.get_field("program").related_model
    assert programs is not None and not isinstance(programs, str)
    return programs._default_manager.filter(owner__in=organisations_administered_by(user))


def memberships_administered_by(user: User) -> QuerySet[Membership]:
    """Roles over the organisations that a person administers, and over their programs."""
    mine = organisations_administered_by(user)
    return Membership.objects.filter(Q(organisation__in=mine) | Q(program__owner__in=mine))


def people_administered_by(user: User) -> QuerySet[User]:
    """Those who work for the organisations, and guests who hold or held a role there."""
    guests = memberships_administered_by(user).values("person")
    mine = organisations_administered_by(user)
    return User.objects.filter(Q(organisation__in=mine) | Q(pk__in=guests))


def people_for_table(user: User) -> QuerySet[User]:
    """With the roles that stand, as far as the administrator may see them: `standing` on each person."""
    standing = memberships_visible_to(user).filter(status__in=STANDING)
    roles = standing.select_related("organisation", "program").order_by("role", "pk")
    return (
        people_administered_by(user)
        .select_related("organisation")
        .prefetch_related(Prefetch("memberships", roles, to_attr="standing"))
    )


def memberships_visible_to(user: User) -> QuerySet[Membership]:
    """All roles of one's own people; of guests those over one's own organisations and programs."""
    mine = organisations_administered_by(user)
    return Membership.objects.filter(
        Q(organisation__in=mine) | Q(program__owner__in=mine) | Q(person__organisation__in=mine)
    )


def memberships_for_table(rows: QuerySet[Membership]) -> QuerySet[Membership]:
    return rows.select_related(
        "person__organisation", "organisation", "program__owner", "granted_by", "confirmed_by"
    )


def proposals_for(user: User) -> QuerySet[Membership]:
    """Proposed roles of the organisations that a person administers, the oldest first."""
    proposed = memberships_administered_by(user).filter(status=MembershipStatus.PROPOSED)
    return memberships_for_table(proposed).order_by("changed_at", "pk")


def invitations_administered_by(user: User) -> QuerySet[Invitation]:
    mine = organisations_administered_by(user)
    return Invitation.objects.filter(organisation__in=mine).select_related(
        "organisation", "invited_by", "accepted_by"
    )


def lacking_a_second_administrator(user: User) -> QuerySet[Organisation]:
    """Organisations of the administrator in which nobody else could confirm what they propose."""
    others = (
        Membership.objects.in_force()
        .filter(organisation=OuterRef("pk"), role=Role.ADMINISTRATOR)
        .exclude(person=user)
    )
    return organisations_administered_by(user).filter(~Exists(others)).order_by("name", "pk")


def organisations_for_table() -> QuerySet[Organisation]:
    """Every organisation with the number of its people and of its administrators who can sign in."""
    administrators = Q(
        memberships__role=Role.ADMINISTRATOR,
        memberships__status=MembershipStatus.ACTIVE,
        memberships__person__is_active=True,
    )
    return Organisation.objects.annotate(
        people_count=Count("people", distinct=True),
        administrator_count=Count("memberships", filter=administrators, distinct=True),
    )


def roles_of(person: User) -> QuerySet[Membership]:
    """One's own roles that stand, for one's own page."""
    mine = person.memberships.filter(status__in=STANDING)
    return mine.select_related("organisation", "program", "granted_by").order_by("role", "pk")


def notices_of(person: User) -> QuerySet[Notice]:
    return Notice.objects.filter(person=person)


@dataclass(frozen=True)
class Happened:
    """A line of a person's history."""

    what: str
    by: str
    at: datetime
    entry: int


def history_of_person(person: User, memberships: Iterable[Membership]) -> list[Happened]:
    """What the journal says of a person and of the roles given, newest first. Three queries, however long."""
    over = {membership.uid: str(membership.over) for membership in memberships}
    events = history_of(person.uid, *over)
    names = _names(event.actor for event in events)
    return [
        Happened(
            f"{event.sentence} ({over[event.record]})" if event.record in over else event.sentence,
            names.get(event.actor, "the system"),
            event.at,
            event.number,
        )
        for event in events
    ]


def _names(uids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    return dict(
        User.objects.filter(uid__in={uid for uid in uids if uid}).values_list("uid", "name")
    )
