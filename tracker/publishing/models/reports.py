"""Reports on their way to the public: who wrote, who reviewed, what they say."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import Role, User
from tracker.audits.models import Engagement
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import AppendOnly, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ReportKind(models.TextChoices):
    PROGRESS = "progress", "progress report"
    ANNUAL = "annual", "annual report"
    AUDIT = "audit", "audit report"
    SPECIAL = "special", "special report"


class Shown(models.TextChoices):
    """What stands below the words of a section, made from the release's own data."""

    NOTHING = "", "nothing"
    BY_YEAR = "by_year", "a chart of the money by fiscal year"
    LINE = "line", "a chart from promise to use"
    INDICATORS = "indicators", "a table of the indicators"
    FINDINGS = "findings", "a table of what auditors found"
    TRANSACTIONS = "transactions", "an annex: every payment"


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
        """Staff and auditors of the program; never the recipient's side. An audit report, until it is public: only the
        auditors of its office and its team."""
        programs = Program.objects.held_as(user, *SEES_AS_STAFF)
        of_programs = ~Q(kind=ReportKind.AUDIT) | Q(status=ReportStatus.PUBLISHED)
        return self.filter((of_programs & Q(program__in=programs)) | self._of_office(user))

    @staticmethod
    def _of_office(user: "User | AnonymousUser") -> Q:
        """The audit reports that a person has a hand in as an auditor."""
        if not user.is_authenticated or not user.is_active:
            return Q(pk__in=[])
        is_auditor = user.memberships.in_force().filter(role=Role.AUDITOR).exists()
        if not is_auditor:
            return Q(pk__in=[])
        own = Q(office__isnull=False, office=user.organisation_id)
        teams = Engagement.objects.filter(Q(team__person=user) | own)
        return Q(kind=ReportKind.AUDIT, engagement__in=teams.values("pk"))

    def for_table(self) -> "ReportQuerySet":
        return self.select_related("program", "drafted_by", "engagement__office")


class Report(PublicId):
    """A report over a period of a program, on its way to the public.

    An audit report names its engagement, and is the audit office's own: program staff have no hand in it.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=ReportKind, default=ReportKind.PROGRESS)
    title = models.CharField(max_length=250)
    period_start = models.DateField()
    period_end = models.DateField()
    status = models.CharField(max_length=10, choices=ReportStatus, default=ReportStatus.DRAFT)
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="reports", null=True, blank=True
    )
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
                condition=Q(kind="audit", engagement__isnull=False)
                | (~Q(kind="audit") & Q(engagement__isnull=True)),
                name="report_of_an_audit_names_it",
                violation_error_message="Say which engagement the audit report is about.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=ReportKind.values), name="report_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(status="published", release__isnull=False)
                | (~Q(status="published") & Q(release__isnull=True)),
                name="report_published_names_its_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"

    def hands(self) -> set[int]:
        """The keys of who wrote in it or put a picture into it: they neither review nor publish it."""
        wrote, showed = self.edits.values_list("person"), self.images.values_list("added_by")
        return {key for (key,) in wrote.union(showed)}


class ReportImage(AppendOnly, PublicId):
    """A picture that a report may show. Its bytes were decoded and written anew, so that nothing else is in them."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="images")
    sha256 = models.CharField(max_length=64)
    media = models.CharField(max_length=10, choices=[("image/png", "PNG"), ("image/jpeg", "JPEG")])
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"image {self.sha256[:12]} of report {self.report_id}"


class ReportSection(models.Model):
    """A part of a report: words, in which `{{ … }}` stands for a figure of the release, then what `shows` names, with a
    description for those who do not see it, then a picture with its own."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=150)
    body = models.TextField(blank=True)
    shows = models.CharField(max_length=12, choices=Shown, default=Shown.NOTHING, blank=True)
    description = models.CharField(max_length=500, blank=True)
    image = models.ForeignKey(
        ReportImage, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    image_description = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="report_section_once"),
            models.CheckConstraint(
                condition=Q(image__isnull=True) | ~Q(image_description=""),
                name="report_image_is_described",
                violation_error_message="Say what the picture shows, for those who do not see it.",
            ),
            models.CheckConstraint(
                condition=Q(shows__in=Shown.values), name="report_section_shows_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.heading} of report {self.report_id}"


class ReportEdit(AppendOnly):
    """Who wrote in a report. Such a person never reviews it."""

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


class SectionComment(AppendOnly, PublicId):
    """What a reader of the draft says of one section; `section_digest` is that of the text that they read."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="comments")
    heading = models.CharField(max_length=150)
    section_digest = models.CharField(max_length=64)
    body = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(body=""),
                name="section_comment_says_something",
                violation_error_message="Write your comment.",
            )
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on report {self.report_id}"


class CommentSettled(AppendOnly):
    """What came of a comment: it was followed, or why it was not."""

    comment = models.OneToOneField(SectionComment, on_delete=models.PROTECT, related_name="settled")
    followed = models.BooleanField()
    note = models.TextField(blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "comments settled"
        constraints = [
            models.CheckConstraint(
                condition=Q(followed=True) | ~Q(note=""),
                name="comment_not_followed_says_why",
                violation_error_message="Say why you do not follow the comment.",
            )
        ]

    def __str__(self) -> str:
        return f"comment {self.comment_id} settled"
