"""Declared interests: who may not sign because of one, whose declaration is due, and what waits to be ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from tracker.accounts.models import SIGNERS, Membership, MembershipStatus, Role, User
from tracker.journal import queries as journal
from tracker.ledger import policies
from tracker.ledger.models import (
    InterestDeclaration,
    InterestEnd,
    Voucher,
    colleagues_of,
)
from tracker.ledger.queries.histories import said_events
from tracker.shared.clock import database_now

A_YEAR = timedelta(days=365)
DECLARE = (Role.OFFICER, *SIGNERS)


def interested_in(voucher: Voucher, people: Iterable[Any]) -> set[int]:
    """Which of these people (by primary key) have an interest that concerns the voucher. Two queries, three with one."""
    rows = InterestDeclaration.objects.all().in_force().filter(person__in=people)
    rows = rows.select_related("concerns", "text")
    declared = list(rows)
    if not declared:
        return set()
    parties, payee = policies.parties_of(voucher), policies.normalised(voucher.payee)
    found = set()
    for row in declared:
        names = {policies.normalised(row.text.payee)}
        if row.concerns is not None:
            names |= {
                policies.normalised(row.concerns.name),
                policies.normalised(row.concerns.short_name),
            }
        if row.concerns_id in parties - {None} or payee in names - {""}:
            found.add(row.person_id)
    return found


def without_interests_of(user: User, rows: QuerySet[Voucher]) -> QuerySet[Voucher]:
    """Without the vouchers that the person has an interest in."""
    interests = policies.Interests.of(user)
    if not interests:
        return rows
    mine = interests.organisations
    parties = Q(provider__in=mine) | Q(receiver__in=mine)
    parties |= Q(program__participations__organisation__in=mine)
    payees = rows.order_by().values_list("pk", "payee").distinct()
    named = [pk for pk, payee in payees if interests.touch((), [payee])]
    concerned = Voucher.objects.filter(parties | Q(pk__in=named))
    return rows.exclude(pk__in=concerned.values("pk"))


# --- One's own -------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """How a person's declarations stand: what is in force, and whether the yearly one is due."""

    in_force: list[InterestDeclaration]
    last: InterestDeclaration | None
    asked: bool  # does the person draft or approve anything?
    is_due: bool


def interests_standing_of(user: User) -> Standing:
    """For one's own page. Whoever drafts or approves declares once a year, if only that there is nothing."""
    mine = InterestDeclaration.objects.all().filter(person=user)
    last = mine.order_by("-pk").first()
    active = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=DECLARE)
    asked = active.exists()
    late = last is None or last.declared_at < database_now() - A_YEAR
    rows = mine.in_force().select_related("concerns", "text").order_by("-pk")
    return Standing(list(rows), last, asked, asked and late)


def declarations_for_table(rows: QuerySet[InterestDeclaration]) -> QuerySet[InterestDeclaration]:
    return rows.select_related("person", "concerns", "text").prefetch_related("ends__decision")


def history_of_interest(declaration: InterestDeclaration) -> list[dict[str, Any]]:
    records = [declaration.uid]
    for end in declaration.ends.all():
        records.append(end.uid)
        decision = getattr(end, "decision", None)
        records += [decision.uid] if decision is not None else []
    return said_events(journal.history_of(*records))


# --- Ends ------------------------------------------------------------------


def interest_ends_waiting_for(user: User) -> QuerySet[InterestEnd]:
    """Ends of others' interests that this person may confirm, the oldest first."""
    people = colleagues_of(user, *SIGNERS, Role.ADMINISTRATOR).exclude(pk=user.pk)
    rows = InterestEnd.objects.filter(declaration__person__in=people.values("pk"), decision=None)
    related = rows.select_related("declaration__person", "declaration__concerns", "text")
    return related.order_by("pk")


def deciders_of_interest_end(end: InterestEnd) -> QuerySet[User]:
    """Approvers and administrators where the person holds a role."""
    person = end.declaration.person
    held = Membership.objects.in_force().filter(person=person)
    programs = held.filter(program__isnull=False).values("program__owner")
    own = held.filter(organisation__isnull=False).values("organisation")
    over = Q(organisation__in=own) | Q(organisation__in=programs)
    roles = (*SIGNERS, Role.ADMINISTRATOR)
    deciding = Membership.objects.in_force().filter(over, role__in=roles)
    found = User.objects.filter(pk__in=deciding.values("person")).exclude(pk=person.pk)
    return found.order_by("pk")
