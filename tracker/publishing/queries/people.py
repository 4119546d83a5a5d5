"""Whom to tell that something waits."""

from tracker.accounts.models import Membership, User
from tracker.programs.models import Program


def people_holding(program: Program, *roles: str) -> list[User]:
    """Active people with one of the roles over the program or its owner."""
    held = Membership.objects.in_force().filter(role__in=roles)
    over = held.filter(program=program) | held.filter(organisation=program.owner_id)
    return list(User.objects.filter(pk__in=over.values("person")).order_by("pk"))
