"""Whom to tell that something waits."""

from tracker.accounts.models import Membership, Role, User
from tracker.audits.models import Engagement
from tracker.programs.models import Program


def people_holding(program: Program, *roles: str) -> list[User]:
    """Active people with one of the roles over the program or its owner."""
    held = Membership.objects.in_force().filter(role__in=roles)
    over = held.filter(program=program) | held.filter(organisation=program.owner_id)
    return list(User.objects.filter(pk__in=over.values("person")).order_by("pk"))


def auditors_of(engagement: Engagement) -> list[User]:
    """Active auditors of the engagement's office, or on its team."""
    held = Membership.objects.in_force().filter(role=Role.AUDITOR).values("person")
    found = User.objects.filter(organisation=engagement.office_id)
    found = found | User.objects.filter(pk__in=engagement.team.values("person"))
    return list(found.filter(pk__in=held, is_active=True).order_by("pk"))
