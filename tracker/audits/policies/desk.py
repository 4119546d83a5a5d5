"""Who keeps what at the auditor's desk."""

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds
from tracker.audits.models import Engagement, TeamMember
from tracker.shared.errors import NotAllowed


def check_reads_histories(user: User) -> None:
    """An auditor anywhere; of which records, what they see decides."""
    check_holds(user, Role.AUDITOR, to="read the full history of records")


def check_can_star(user: User, engagement: Engagement | None) -> None:
    check_holds(user, Role.AUDITOR, to="star values")
    if engagement is not None:
        team = TeamMember.objects.filter(engagement=engagement, person=user)
        if not team.exists():
            raise NotAllowed("Only the team of this engagement shares stars with it.")


def check_own(user: User, person: int) -> None:
    if user.pk != person:
        raise NotAllowed("This belongs to somebody else: only they change it.")
