"""Postings in an emergency, where one signature stood for two, and what somebody else says of them afterwards."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.ledger.models.vouchers import Approval, Voucher, VoucherVersion
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class EmergencyStatus(models.TextChoices):
    WAITING = "waiting", "waits for its review"
    RATIFIED = "ratified", "ratified"
    OBJECTED = "objected", "objected to"


EMERGENCY_TRANSITIONS: dict[str, set[str]] = {
    EmergencyStatus.WAITING: {EmergencyStatus.RATIFIED, EmergencyStatus.OBJECTED},
    EmergencyStatus.RATIFIED: set(),
    EmergencyStatus.OBJECTED: set(),
}
REVIEWS = [EmergencyStatus.RATIFIED, EmergencyStatus.OBJECTED]


class EmergencyText(ErasableText):
    """Why there was no time for the second signature."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of emergency {self.pk}"


class EmergencyQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "EmergencyQuerySet":
        return self.filter(version__voucher__in=Voucher.objects.visible_to(user))

    def waiting(self) -> "EmergencyQuerySet":
        return self.filter(review=None)


class EmergencyPosting(AppendOnly, PublicId):
    """A version that one signature posted although it needed two. It is the task of its review, due on a day."""

    version = models.OneToOneField(
        VoucherVersion, on_delete=models.PROTECT, related_name="emergency"
    )
    approval = models.OneToOneField(Approval, on_delete=models.PROTECT, related_name="emergency")
    text = models.OneToOneField(EmergencyText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    review_due_on = models.DateField()
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = EmergencyQuerySet.as_manager()  # type: ignore[misc]

    def __str__(self) -> str:
        return f"emergency posting {self.pk} of version {self.version_id}"

    @property
    def status(self) -> str:
        """Read `review` with the posting."""
        review = getattr(self, "review", None)
        return EmergencyStatus.WAITING if review is None else review.verdict


class EmergencyReviewText(ErasableText):
    """What the reviewer says of it."""

    words = models.TextField()
    TEXTS = ("words",)

    def __str__(self) -> str:
        return f"words of review {self.pk}"


class EmergencyReview(AppendOnly, PublicId):
    """Somebody who neither made nor posted it ratifies an emergency posting, or objects."""

    posting = models.OneToOneField(
        EmergencyPosting, on_delete=models.PROTECT, related_name="review"
    )
    verdict = models.CharField(max_length=8, choices=[(v.value, v.label) for v in REVIEWS])
    text = models.OneToOneField(EmergencyReviewText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in REVIEWS]),
                name="emergency_review_verdict_known",
            )
        ]

    def __str__(self) -> str:
        return f"review of emergency posting {self.posting_id}: {self.verdict}"
