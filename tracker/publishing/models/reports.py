"""Reports on their way to the public: who wrote, who reviewed, what they say."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import AppendOnly, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ReportKind(models.TextChoices):
    PROGRESS = "progress", "progress report"


class ReportStatus(models.TextChoices):
    DRAFT = "draft", "draft"
    IN_REVIEW = "in_review", "in review"
    RETURNED = "returned", "returned"
    REVIEWED = "reviewed", "reviewed"
    PUBLISHED = "published", "published"


REPORT_TRANSITIONS: dict[str, set[str]] = {
    ReportStatus.DRAFT: {ReportStatus.IN_REVIEW},
    ReportStatus.IN_REVIEW: {ReportStatus.RETURNED, ReportStatus.REVIEWED},
    ReportStatus.RETURNED: {ReportStatus.IN_REVIEW},
    ReportStatus.REVIEWED: {ReportStatus.PUBLISHED, ReportStatus.RETURNED},
    ReportStatus.PUBLISHED: set(),
}


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: "User | AnonymousUser") -> "ReportQuerySet":
        """Staff and auditors of the program; never the recipient's side."""
        return self.filter(program__in=Program.objects.held_as(user, *SEES_AS_STAFF))

    def for_table(self) -> "ReportQuerySet":
        return self.select_related("program", "drafted_by")


class Report(PublicId):
    """A report over a period of a program, on its way to the public."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind, default=ReportKind.PROGRESS)
    title = models.CharField(max_length=250)
    period_start = models.DateField()
    period_end = models.DateField()
    status = models.CharField(max_length=10, choices=ReportStatus, default=ReportStatus.DRAFT)
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())
    release = models.ForeignKey(
        "tracker.Release", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="report_period_ends_after_it_starts",
                violation_error_message="The period ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ReportStatus.values), name="report_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="published", release__isnull=False)
                | (~Q(status="published") & Q(release__isnull=True)),
                name="report_published_names_its_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class ReportSection(models.Model):
    """A part of a report's narrative."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=150)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="report_section_once")
        ]

    def __str__(self) -> str:
        return f"{self.heading} of report {self.report_id}"


class ReportEdit(AppendOnly):
    """Who had a hand in a report. Such a person never reviews it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="edits")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"edit {self.pk} of report {self.report_id}"


class Verdict(models.TextChoices):
    ACCEPTED = "accepted", "accepted"
    RETURNED = "returned", "returned"


class ReportReview(AppendOnly, PublicId):
    """One person's verdict on a report as it stood."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=8, choices=Verdict)
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict="returned") | ~Q(reason=""),
                name="report_return_has_a_reason",
                violation_error_message="Say why you return it.",
            )
        ]

    def __str__(self) -> str:
        return f"review {self.pk} of report {self.report_id}"
