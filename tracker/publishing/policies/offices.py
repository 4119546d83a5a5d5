"""What audit offices publish for themselves."""

from tracker.accounts.models import Role, User
from tracker.accounts.policies import holds
from tracker.audits.models import Engagement, Finding, FindingStatus
from tracker.publishing.models import (
    PublishedEngagement,
    StandingRelease,
)
from tracker.shared.errors import NotAllowed, Refused


def check_can_release_finding(user: User, finding: Finding) -> None:
    """The auditors of the office that made the finding, and nobody else."""
    check_is_auditor_of(user, finding.engagement, "publish this finding")
    if finding.status != FindingStatus.ISSUED:
        raise Refused("Only an issued finding is published: issue it first.")


def check_is_auditor_of(user: User, engagement: Engagement, to: str) -> None:
    office = engagement.office
    on_the_team = engagement.team.filter(person=user).exists()
    of_the_office = user.organisation_id == office.pk and holds(user, Role.AUDITOR)
    if not (on_the_team and holds(user, Role.AUDITOR)) and not of_the_office:
        raise NotAllowed(f"Only an auditor of {office} may {to}.")


def check_can_release_engagement(user: User, engagement: Engagement) -> None:
    """In any state: that an office looks, and that it stopped looking, are both for the public."""
    check_is_auditor_of(user, engagement, "publish this engagement")


def check_can_order_standing_release(user: User, engagement: Engagement) -> None:
    check_is_auditor_of(user, engagement, "order that changes are released as they happen")
    if not PublishedEngagement.objects.filter(uid=engagement.uid).exists():
        raise Refused("The engagement is not public yet: publish it first.")
    if StandingRelease.objects.in_force().filter(engagement=engagement).exists():
        raise Refused("Changes of this engagement are released as they happen already.")


def check_can_end_standing_release(user: User, order: StandingRelease, reason: str) -> None:
    check_is_auditor_of(user, order.engagement, "end this order")
    if order.ended_at is not None:
        raise Refused("This order has ended already.")
    if not reason.strip():
        raise Refused({"reason": "Say why changes are no longer released as they happen."})
