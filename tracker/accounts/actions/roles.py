"""Roles: granted, confirmed by a second administrator where it matters, ended. Rows stay: they are history."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.urls import reverse

from tracker.accounts import policies
from tracker.accounts.actions.notices import notify
from tracker.accounts.models import (
    NEEDS_TWO,
    Membership,
    MembershipStatus,
    Organisation,
    User,
)
from tracker.journal import actions as journal
from tracker.shared.clock import database_now
from tracker.shared.refusals import check_columns, refused_if

if TYPE_CHECKING:
    from tracker.programs.models import Program

HELD = "This person holds this role already, or it waits for confirmation."
APART = "An administrator holds no approver's role, here or anywhere: end one of the two first."
BROKEN_RULES = {
    "membership_once_per_organisation": HELD,
    "membership_once_per_program": HELD,
    # SQLite names the columns of a unique index, not the constraint
    "UNIQUE constraint failed: tracker_membership.": HELD,
    "membership_apart": APART,
}


def add_membership(
    person: User,
    role: str,
    organisation: Organisation | None,
    program: "Program | None",
    status: str,
    *,
    by: User | None,
) -> Membership:
    """A new row. Part of another action, which has asked the policies."""
    membership = Membership(
        person=person,
        role=role,
        organisation=organisation,
        program=program,
        status=status,
        granted_by=by,
    )
    with refused_if(BROKEN_RULES):
        check_columns(membership, exclude=("granted_by", "confirmed_by"))
        membership.save()
    op = "propose" if status == MembershipStatus.PROPOSED else "create"
    _record_membership(membership, op, by)
    return membership


def _record_membership(membership: Membership, op: str, by: User | None) -> None:
    fields = {
        "person": membership.person,
        "role": membership.get_role_display(),
        "role_code": membership.role,
        "organisation": membership.organisation,
        "program": membership.program,
        "status": membership.status,
        "granted_by": membership.granted_by,
        "confirmed_by": membership.confirmed_by,
    }
    journal.record("membership", record=membership, op=op, by=by, fields=fields)


@transaction.atomic
def grant_role(
    *,
    person: User,
    role: str,
    organisation: Organisation | None = None,
    program: "Program | None" = None,
    by: User,
) -> Membership:
    """Give a person a role over an organisation's programs, or over one program.

    The roles of an approver and of an administrator are only proposed by it: a second administrator confirms them.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    policies.check_can_grant(
        by, person=person, role=role, organisation=organisation, program=program
    )
    waits = role in NEEDS_TWO
    status = MembershipStatus.PROPOSED if waits else MembershipStatus.ACTIVE
    membership = add_membership(person, role, organisation, program, status, by=by)
    if waits:
        _tell_other_administrators(membership, by)
    return membership


def _tell_other_administrators(membership: Membership, by: User) -> None:
    home = policies.administered(membership.organisation, membership.program)
    others = policies.administrators_in_force(home).exclude(pk__in=[by.pk, membership.person_id])
    for other in others:
        notify(
            person=other,
            sentence=f"Confirm or decline: {membership.person} as {membership.get_role_display()} "
            f"of {membership.over}, proposed by {by}.",
            path=_page_of(membership.person),
        )


def _page_of(person: User) -> str:
    return reverse("accounts:person", args=[person.uid])


@transaction.atomic
def confirm_role(*, membership: Membership, by: User) -> Membership:
    """A second administrator puts a proposed role in force."""
    membership = _lock(membership)
    policies.check_can_confirm(by, membership)
    _tell_proposer(membership, by, "confirmed")
    return _move(membership, MembershipStatus.ACTIVE, "confirm", by, confirmed_by=by)


@transaction.atomic
def decline_role(*, membership: Membership, by: User) -> Membership:
    """An administrator says no to a proposed role; the one who proposed it may take it back like this."""
    membership = _lock(membership)
    policies.check_can_decline(by, membership)
    if by.pk == membership.granted_by_id:
        return _move(membership, MembershipStatus.DECLINED, "decline", by)
    _tell_proposer(membership, by, "declined")
    return _move(membership, MembershipStatus.DECLINED, "decline", by, confirmed_by=by)


def _tell_proposer(membership: Membership, by: User, verb: str) -> None:
    assert membership.granted_by is not None  # a proposal has one
    notify(
        person=membership.granted_by,
        sentence=f"{by} {verb} {membership.person} as {membership.get_role_display()} "
        f"of {membership.over}.",
        path=_page_of(membership.person),
    )


@transaction.atomic
def end_role(*, membership: Membership, by: User) -> Membership:
    """Take a role away. The row stays: who held it and until when is history."""
    membership = _lock(membership)
    policies.check_can_end(by, membership)
    return _move(membership, MembershipStatus.ENDED, "end", by)


def _lock(membership: Membership) -> Membership:
    """The organisation, then the person, then the role: two administrators must not end each other's at once."""
    organisation = policies.administered(membership.organisation, membership.program)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    User.objects.select_for_update().get(pk=membership.person_id)
    return Membership.objects.select_for_update().get(pk=membership.pk)


def _move(membership: Membership, status: str, op: str, by: User, **fields: object) -> Membership:
    membership.status = status
    membership.changed_at = database_now()
    for name, value in fields.items():
        setattr(membership, name, value)
    with refused_if(BROKEN_RULES):
        membership.save(update_fields=["status", "changed_at", *fields])
    _record_membership(membership, op, by)
    return membership
