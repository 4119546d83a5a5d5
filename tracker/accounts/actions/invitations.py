"""Invitations: the only way in."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.http import urlencode

from tracker.accounts import policies
from tracker.accounts.actions import letters
from tracker.accounts.actions.people import create_person
from tracker.accounts.models import Invitation, Organisation, User
from tracker.journal import actions as journal
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields

NOT_VALID = (
    "This invitation is not valid any more, or never was: it works once and for a few days. "
    "Ask your administrator for a new one."
)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _record_invitation(invitation: Invitation, op: str, by: User | None) -> None:
    fields = {
        "email": invitation.email,
        "name": invitation.name,
        "organisation": invitation.organisation,
        "expires_at": invitation.expires_at,
        "secret_digest": invitation.secret_digest,
    }
    journal.record("invitation", record=invitation, op=op, by=by, fields=fields)


@transaction.atomic
def invite_person(
    *, email: str, name: str, organisation: Organisation, by: User
) -> tuple[Invitation, str]:
    """Invite somebody to work for the organisation.

    Returns the invitation and the secret that only the letter carries. It is good for `INVITATION_DAYS`, once.
    """
    email = email.strip().lower()
    policies.check_can_invite(by, organisation, email)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation(
        email=email,
        name=" ".join(name.split()),
        organisation=organisation,
        secret_digest=_digest(secret),
        invited_by=by,
        expires_at=database_now() + timedelta(days=settings.INVITATION_DAYS),
    )
    check_fields(invitation)
    invitation.save()
    _record_invitation(invitation, "create", by)
    _send(invitation, secret)
    return invitation, secret


def _send(invitation: Invitation, secret: str) -> None:
    link = letters.address_of(f"{reverse('accounts:accept')}?{urlencode({'code': secret})}")
    letters.send(
        to=invitation.email,
        subject=f"you are invited by {invitation.organisation}",
        text=f"{invitation.name},\n\n"
        f"{invitation.invited_by} invites you to Countersign for {invitation.organisation}. "
        f"Choose your password here within {settings.INVITATION_DAYS} days:\n\n{link}\n\n"
        "If you did not expect this letter, ignore it: nothing happens.\n",
    )


def open_invitation(secret: str) -> Invitation:
    """The open invitation that a letter's secret belongs to. Used, expired and wrong secrets are refused alike."""
    found = Invitation.objects.open().select_related("organisation", "invited_by")
    invitation = found.filter(secret_digest=_digest(secret)).first()
    if invitation is None:
        raise Refused(NOT_VALID)
    return invitation


@transaction.atomic
def accept_invitation(*, secret: str, password: str) -> User:
    """Turn an invitation into an account with the password that the person chose."""
    # Lock first: the letter's link may be opened twice at the same moment.
    Invitation.objects.select_for_update().filter(secret_digest=_digest(secret)).first()
    invitation = open_invitation(secret)
    person = create_person(
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
