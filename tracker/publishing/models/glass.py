"""Break-glass: an auditor reads what is withheld for security, at once and never unseen."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

MOST_HOURS = 72


class BrokenGlassQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "BrokenGlassQuerySet":
        """Staff of the program whose values are read, its auditors, and whoever broke it."""
        return self.filter(
            Q(program__in=Program.objects.held_as(user, *SEES_AS_STAFF)) | Q(broken_by=user.pk)
        )


class GlassText(ErasableText):
    """Why an auditor has to read it."""

    reason = models.CharField(max_length=300)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of glass {self.pk}"


class BrokenGlass(AppendOnly, PublicId):
    """For some hours from now an auditor may read the withheld values of one record, for the reason given."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="glasses")
    record_kind = models.CharField(max_length=40)
    record = models.UUIDField(db_index=True)
    text = models.OneToOneField(GlassText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    hours = models.PositiveSmallIntegerField()
    broken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    broken_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = BrokenGlassQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "broken glasses"
        constraints = [
            models.CheckConstraint(
                condition=Q(hours__gte=1, hours__lte=MOST_HOURS),
                name="glass_broken_for_bounded_hours",
                violation_error_message=f"State between 1 and {MOST_HOURS} hours.",
            ),
        ]

    def __str__(self) -> str:
        return f"glass {self.pk} over {self.record_kind} {self.record}"

    @property
    def expires_at(self) -> datetime:
        return self.broken_at + timedelta(hours=self.hours)


class GlassReading(AppendOnly, PublicId):
    """One reading of the withheld values while the glass was broken."""

    glass = models.ForeignKey(BrokenGlass, on_delete=models.PROTECT, related_name="readings")
    fields = models.JSONField()  # which values were shown
    read_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"reading {self.pk} through glass {self.glass_id}"


class GlassNoted(AppendOnly, PublicId):
    """The owner's side took note of it. That neither permits nor ends anything."""

    glass = models.OneToOneField(BrokenGlass, on_delete=models.PROTECT, related_name="noted")
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"note {self.pk} of glass {self.glass_id}"
