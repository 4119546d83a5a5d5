"""Entrance and exit meetings: facts with who attended and what was agreed."""

from django.db import models
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.audits.models.engagements import Engagement
from tracker.shared.models import AppendOnly, ErasableText, PublicId


class MeetingKind(models.TextChoices):
    ENTRANCE = "entrance", "entrance meeting"
    EXIT = "exit", "exit meeting"
    OTHER = "other", "other meeting"


class MeetingText(ErasableText):
    """Who attended, by role and organisation, and what was agreed."""

    attended = models.TextField()
    agreed = models.TextField()
    TEXTS = ("attended", "agreed")

    def __str__(self) -> str:
        return f"words of meeting {self.pk}"


class Meeting(AppendOnly, PublicId):
    """The auditors met the audited organisation. A mistake in it is said in another row."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="meetings")
    kind = models.CharField(max_length=10, choices=MeetingKind)
    held_on = models.DateField()
    text = models.OneToOneField(MeetingText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=MeetingKind.values), name="meeting_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} meeting of engagement {self.engagement_id}"
