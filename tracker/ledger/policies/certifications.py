"""Who may certify a closed period, for which side and for which organisation."""

from django.db.models import Q

from tracker.accounts.models import SIGNERS, MembershipStatus, Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import Certification, CertificationSide, Period
from tracker.programs.models import ParticipantRole, Participation, Program, ProgramQuerySet
from tracker.shared.errors import NotAllowed, Refused


def programs_represented_by(user: User) -> ProgramQuerySet:
    """Programs for whose recipient the person signs."""
    if not user.is_active:
        return Program.objects.none()
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role=Role.RECIPIENT)
    receiving = Participation.objects.filter(
        role=ParticipantRole.RECIPIENT, organisation__in=held.values("organisation")
    )
    return Program.objects.filter(
        Q(pk__in=receiving.values("program"))
        | Q(pk__in=held.filter(program__isnull=False).values("program"))
    )


def organisation_signed_for(user: User, program: Program, side: str) -> Organisation:
    """The donor's side signs for the owner, the recipient's for the recipient that the person represents."""
    if side == CertificationSide.DONOR:
        return program.owner
    found = Organisation.objects.filter(
        participations__program=program, participations__role=ParticipantRole.RECIPIENT
    ).distinct()
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role=Role.RECIPIENT)
    recipients = list(found.filter(pk__in=held.values("organisation")).order_by("pk")[:1])
    if (
        not recipients
    ):  # a representative of this one program: of their own organisation, or of the only recipient
        recipients = [one for one in found if one.pk == user.organisation_id] or list(found)
    if len(recipients) != 1:
        raise Refused(
            "It is unclear for which recipient you sign: have the administrator give you the role over it."
        )
    return recipients[0]


def check_is_of_side(user: User, program: Program, side: str) -> None:
    if side == CertificationSide.DONOR:
        check_holds(user, *SIGNERS, program=program, to="certify for the donor")
    elif side != CertificationSide.RECIPIENT:
        raise Refused("It is unclear for which side you sign: open the page of the period.")
    elif not programs_represented_by(user).filter(pk=program.pk).exists():
        raise NotAllowed(
            "Only a recipient's representative of this program may certify for the recipient."
        )


def check_can_certify(user: User, program: Program, period: Period, side: str) -> None:
    """Somebody of the side, for a closed period of the program's owner, once per side, two persons in all.

    Load the period `with_closing()`.
    """
    check_is_of_side(user, program, side)
    if program.owner_id != period.organisation_id:
        raise Refused("This period belongs to another organisation than the program.")
    if not period.closed:
        raise Refused(f"{period.name} is open: it is certified once it is closed.")
    signed = Certification.objects.filter(program=program, closing=period.closing)
    if signed.filter(side=side).exists():
        raise Refused(f"{period.name} is certified for the {side} already.")
    if signed.filter(signed_by=user).exists():
        raise NotAllowed("You signed for the other side: another person certifies for this one.")
