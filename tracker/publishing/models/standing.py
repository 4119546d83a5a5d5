"""The audit office's standing order: what changes is public in the moment in which it changes."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.audits.models import Engagement
from tracker.shared.models import PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class StandingReleaseQuerySet(models.QuerySet["StandingRelease"]):
    def in_force(self) -> "StandingReleaseQuerySet":
        return self.filter(ended_at=None)

    def visible_to(self, user: "User | AnonymousUser") -> "StandingReleaseQuerySet":
        """Whoever sees the engagement."""
        return self.filter(engagement__in=Engagement.objects.visible_to(user).values("pk"))


class StandingRelease(PublicId):
    """An auditor's order: every later change of this engagement and its public findings is released as it happens.

    What the audited side does afterwards (a response, a claim) is thereby public at once, and nobody but an auditor of
    the office can end the order.
    """

    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="standing_releases"
    )
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=300, blank=True)  # why it ended
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StandingReleaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement"],
                condition=Q(ended_at__isnull=True),
                name="standing_release_once_per_engagement",
                violation_error_message="Changes of this engagement are released as they happen already.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, reason="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(reason="")),
                name="standing_release_ended_at_by_and_why",
                violation_error_message="An order ends by somebody, at a time, with a reason.",
            ),
        ]

    def __str__(self) -> str:
        return f"standing release of engagement {self.engagement_id}"
