"""Every write about people, organisations and roles."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from tracker.accounts import policies
from tracker.accounts.models import (
    FiscalEra,
    Invitation,
    Membership,
    MembershipStatus,
    Notice,
    Organisation,
    Role,
    User,
)
from tracker.journal import actions as journal
from tracker.shared.calendars import Era
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused

if TYPE_CHECKING:
    from tracker.programs.models import Program


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _organisation_fields(organisation: Organisation, eras: Sequence[Era]) -> dict[str, object]:
    return {
        "name": organisation.name,
        "short_name": organisation.short_name,
        "kind": organisation.kind,
        "identifier": organisation.identifier,
        "country": organisation.country,
        "time_zone": organisation.time_zone,
        "fiscal_eras": [
            [e.begins_on, e.start_month, e.named_after_end, e.transition] for e in eras
        ],
    }


@transaction.atomic
def create_organisation(
    *,
    name: str,
    kind: str,
    short_name: str = "",
    identifier: str | None = None,
    country: str = "",
    time_zone: str = "UTC",
    fiscal_eras: Sequence[Era] = (),
    by: User | None,
) -> Organisation:
    """Add an organisation. `by=None` only while the system is being set up and has no people."""
    if by is not None and not policies.holds(by, Role.ADMINISTRATOR, Role.OFFICER):
        policies.check_holds(by, Role.ADMINISTRATOR, to="add organisations")
    organisation = Organisation(
        name=name.strip(),
        kind=kind,
        short_name=short_name,
        identifier=identifier or None,
        country=country,
        time_zone=time_zone,
    )
    organisation.full_clean()
    organisation.save()
    FiscalEra.objects.bulk_create(
        FiscalEra(
            organisation=organisation,
            begins_on=era.begins_on,
            start_month=era.start_month,
            named_after_end=era.named_after_end,
            transition=era.transition,
        )
        for era in fiscal_eras
    )
    fields = _organisation_fields(organisation, fiscal_eras)
    journal.record("organisation", record=organisation, op="create", by=by, fields=fields)
    return organisation


def _create_person(
    *, email: str, name: str, organisation: Organisation, password: str, by: User | None
) -> User:
    person = User(email=email.strip().lower(), name=name.strip(), organisation=organisation)
    validate_password(password, person)
    person.set_password(password)
    person.full_clean()
    person.save()
    fields = {"email": person.email, "name": person.name, "organisation": organisation}
    journal.record("person", record=person, op="create", by=by, fields=fields)
    return person


@transaction.atomic
def appoint_first_administrator(
    *, email: str, name: str, password: str, organisation: Organisation
) -> User:
    """Set up an organisation's first two administrators; from then on they invite everybody else.

    Two, because an approver's role needs a second administrator. A third is refused: ask the two.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    present = Membership.objects.filter(organisation=organisation, role=Role.ADMINISTRATOR)
    if present.count() >= 2:
        raise Refused(f"{organisation} has its first two administrators: they invite the others.")
    person = _create_person(
        email=email, name=name, organisation=organisation, password=password, by=None
    )
    _add_membership(
        person, Role.ADMINISTRATOR, organisation, None, MembershipStatus.ACTIVE, by=None
    )
    return person


@transaction.atomic
def invite_person(
    *, email: str, name: str, organisation: Organisation, link: str = "", by: User
) -> tuple[Invitation, str]:
    """Invite somebody; returns the invitation and the secret that only the letter carries.

    `link` is the address of the acceptance page without the secret, as the browser sees it.
    """
    policies.check_can_administer(by, organisation)
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise Refused({"email": "Somebody with this e-mail address is already here."})
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email.strip().lower(),
        name=name.strip(),
        organisation=organisation,
        secret_digest=_digest(secret),
        invited_by=by,
        expires_at=database_now() + timedelta(days=settings.INVITATION_DAYS),
    )
    invitation.full_clean()
    invitation.save()
    _record_invitation(invitation, "create", by)
    transaction.on_commit(partial(_send_invitation, invitation, secret, link))
    return invitation, secret


def _record_invitation(invitation: Invitation, op: str, by: User | None) -> None:
    fields = {
        "email": invitation.email,
        "name": invitation.name,
        "organisation": invitation.organisation,
        "expires_at": invitation.expires_at,
    }
    journal.record("invitation", record=invitation, op=op, by=by, fields=fields)


def _send_invitation(invitation: Invitation, secret: str, link: str) -> None:
    address = f"{link or reverse('accounts:accept')}?code={secret}"
    send_mail(
        f"You are invited to Countersign by {invitation.organisation}",
        f"{invitation.name}, choose your password here within {settings.INVITATION_DAYS} days:\n\n"
        f"{address}\n\nIf you did not expect this letter, ignore it: nothing happens.",
        None,
        [invitation.email],
    )


def open_invitation(secret: str) -> Invitation:
    """The open invitation that a letter's secret belongs to, or a refusal that tells nothing about others."""
    invitation = (
        Invitation.objects.select_related("organisation")
        .filter(secret_digest=_digest(secret), withdrawn=False, accepted_by=None)
        .filter(expires_at__gt=database_now())
        .first()
    )
    if invitation is None:
        raise Refused(
            "This invitation is not valid any more: ask your administrator for a new one."
        )
    return invitation


@transaction.atomic
def accept_invitation(*, secret: str, password: str) -> User:
    """Turn an invitation into an account with the password that the person chose."""
    invitation = open_invitation(secret)
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if invitation.accepted_by_id:
        raise Refused("This invitation has been used already: sign in.")
    person = _create_person(
        email=invitation.email,
        name=invitation.name,
        organisation=invitation.organisation,
        password=password,
        by=invitation.invited_by,
    )
    invitation.accepted_by = person
    invitation.save(update_fields=["accepted_by"])
    _record_invitation(invitation, "accept", person)
    return person


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: User) -> Invitation:
    """Make an open invitation worthless."""
    invitation = Invitation.objects.select_for_update().get(pk=invitation.pk)
    policies.check_can_withdraw(by, invitation)
    invitation.withdrawn = True
    invitation.save(update_fields=["withdrawn"])
    _record_invitation(invitation, "withdraw", by)
    return invitation


def _add_membership(
    person: User,
    role: str,
    organisation: Organisation | None,
    program: "Program | None",
    status: str,
    *,
    by: User | None,
) -> Membership:
    membership = Membership(
        person=person,
        role=role,
        organisation=organisation,
        program=program,
        status=status,
        granted_by=by,
    )
    membership.full_clean(exclude=["granted_by", "confirmed_by"])
    membership.save()
    op = "propose" if status == MembershipStatus.PROPOSED else "create"
    _record_membership(membership, op, by)
    return membership


def _record_membership(membership: Membership, op: str, by: User | None) -> None:
    fields = {
        "person": membership.person,
        "role": membership.get_role_display(),
        "organisation": membership.organisation,
        "program": membership.program,
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
    """Give a person a role over an organisation or a program. An approver's role waits for a second administrator."""
    person = User.objects.select_for_update().get(pk=person.pk)
    policies.check_can_grant(
        by, person=person, role=role, organisation=organisation, program=program
    )
    waits = role == Role.APPROVER
    status = MembershipStatus.PROPOSED if waits else MembershipStatus.ACTIVE
    membership = _add_membership(person, role, organisation, program, status, by=by)
    if waits:
        _tell_other_administrators(membership, by)
    return membership


def _tell_other_administrators(membership: Membership, by: User) -> None:
    home = membership.program.owner if membership.program else membership.organisation
    others = User.objects.filter(
        is_active=True,
        memberships__role=Role.ADMINISTRATOR,
        memberships__organisation=home,
        memberships__status=MembershipStatus.ACTIVE,
    ).exclude(pk__in=[by.pk, membership.person_id])
    for other in others:
        notify(
            person=other,
            sentence=f"Confirm or decline: {membership.person} as {membership.get_role_display()}.",
            path=reverse("accounts:people"),
        )


@transaction.atomic
def confirm_role(*, membership: Membership, by: User) -> Membership:
    """A second administrator puts a proposed approver's role in force."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    User.objects.select_for_update().get(pk=membership.person_id)
    policies.check_can_confirm(by, membership)
    policies.check_admin_and_approver_stay_apart(membership.person, membership.role)
    return _move(membership, MembershipStatus.ACTIVE, "confirm", by, confirmed_by=by)


@transaction.atomic
def decline_role(*, membership: Membership, by: User) -> Membership:
    """A second administrator says no to a proposed approver's role."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    policies.check_can_confirm(by, membership)
    return _move(membership, MembershipStatus.DECLINED, "decline", by, confirmed_by=by)


@transaction.atomic
def end_role(*, membership: Membership, by: User) -> Membership:
    """Take a role away. The row stays: who held it and until when is history."""
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    policies.check_can_end(by, membership)
    return _move(membership, MembershipStatus.ENDED, "end", by)


def _move(membership: Membership, status: str, op: str, by: User, **fields: object) -> Membership:
    membership.status = status
    membership.changed_at = database_now()
    for name, value in fields.items():
        setattr(membership, name, value)
    membership.save(update_fields=["status", "changed_at", *fields])
    _record_membership(membership, op, by)
    return membership


@transaction.atomic
def deactivate_person(*, person: User, by: User) -> User:
    """The person cannot sign in any more; their roles rest with the account."""
    return _switch_account(person, False, "deactivate", by)


@transaction.atomic
def reactivate_person(*, person: User, by: User) -> User:
    """The person can sign in again, with the roles they held."""
    return _switch_account(person, True, "reactivate", by)


def _switch_account(person: User, active: bool, op: str, by: User) -> User:
    person = User.objects.select_for_update().get(pk=person.pk)
    policies.check_can_switch_account(by, person)
    if person.is_active == active:
        raise Refused(f"{person} can{'' if active else 'not'} sign in already.")
    person.is_active = active
    person.save(update_fields=["is_active"])
    fields = {"email": person.email, "name": person.name, "organisation": person.organisation}
    journal.record("person", record=person, op=op, by=by, fields=fields)
    return person


def notify(*, person: User, sentence: str, path: str) -> Notice:
    """Tell a person that something waits for them, on their desk and by e-mail. Part of another action."""
    notice = Notice.objects.create(person=person, sentence=sentence, path=path)
    transaction.on_commit(
        partial(send_mail, sentence[:150], f"{sentence}\n\n{path}", None, [person.email])
    )
    return notice


@transaction.atomic
def read_notices(*, by: User) -> int:
    """Mark a person's own notices as read."""
    return Notice.objects.filter(person=by, read_at=None).update(read_at=database_now())
