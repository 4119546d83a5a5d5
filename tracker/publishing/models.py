"""Publishing: reports, decisions to withhold, and releases. What is public is frozen in release tables.

Internal tables: Report, ReportSection, ReportEdit, ReportReview, Withholding, NotPublished.
Release tables, the only ones that public pages read: Release, ReleasedRow, ReleaseItem and the Published… tables,
which point at the newest release of a thing and hold what lists are searched by.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, PublicId
from tracker.shared.money import CurrencyField, MoneyField

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
        return self.filter(program__in=Program.objects.visible_to(user))

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


class Category(models.TextChoices):
    """Why something is withheld: the four that IATI proposes, and three that military aid needs."""

    INTERNATIONAL_RELATIONS = "international_relations", "international relations"
    SAFETY = "safety", "safety or harm"
    PERSONAL = "personal", "personal information"
    COMMERCIAL = "commercial", "commercially sensitive"
    OPERATIONAL_SECURITY = "operational_security", "operational security"
    CLASSIFIED = "classified", "classified"
    INVESTIGATION = "investigation", "ongoing investigation"


class WithholdingStatus(models.TextChoices):
    PROPOSED = "proposed", "waits for a second person"
    IN_FORCE = "in_force", "in force"
    DECLINED = "declined", "declined"
    LIFTED = "lifted", "lifted"


WITHHOLDING_TRANSITIONS: dict[str, set[str]] = {
    WithholdingStatus.PROPOSED: {
        WithholdingStatus.IN_FORCE,
        WithholdingStatus.DECLINED,
    },
    WithholdingStatus.IN_FORCE: {WithholdingStatus.LIFTED},
    WithholdingStatus.DECLINED: set(),
    WithholdingStatus.LIFTED: set(),
}


class WithholdingQuerySet(models.QuerySet["Withholding"]):
    def visible_to(self, user: "User | AnonymousUser") -> "WithholdingQuerySet":
        return self.filter(program__in=Program.objects.visible_to(user))

    def in_force(self) -> "WithholdingQuerySet":
        return self.filter(status=WithholdingStatus.IN_FORCE)

    def waiting(self) -> "WithholdingQuerySet":
        return self.filter(status=WithholdingStatus.PROPOSED)

    def overdue(self, day: date) -> "WithholdingQuerySet":
        """In force although the day of their review has passed."""
        return self.in_force().filter(review_on__lt=day)

    def for_table(self) -> "WithholdingQuerySet":
        return self.select_related("program", "proposed_by", "decided_by")


class Withholding(PublicId):
    """One field of one record that the public does not see, with the reason that it does see."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="withholdings")
    record = models.UUIDField()
    record_kind = models.CharField(max_length=40)
    field = models.CharField(max_length=40)
    category = models.CharField(max_length=25, choices=Category)
    legal_basis = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    review_on = models.DateField()
    status = models.CharField(
        max_length=10, choices=WithholdingStatus, default=WithholdingStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    office = models.CharField(max_length=200, blank=True)  # who decided, as the public reads it
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = WithholdingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="withholding_decided_by_another",
                violation_error_message="Somebody else must decide what you proposed.",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="withholding_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="withholding_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, status="lifted"),
                name="withholding_lifted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("decided_by")),
                name="withholding_lifted_by_another",
                violation_error_message="Somebody else must lift what you decided.",
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="withholding_has_a_reason",
                violation_error_message="Write the reason that the public will read.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WithholdingStatus.values),
                name="withholding_status_known",
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values),
                name="withholding_category_known",
            ),
            models.UniqueConstraint(
                fields=["program", "record", "field"],
                condition=Q(status__in=["proposed", "in_force"]),
                name="withholding_once_per_field",
                violation_error_message="This field is withheld already, or the proposal waits for a decision.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.record_kind} {self.record}"

    @property
    def field_label(self) -> str:
        return self.field.replace("_", " ")


class NotPublishedQuerySet(models.QuerySet["NotPublished"]):
    def in_force(self) -> "NotPublishedQuerySet":
        return self.filter(lifted_at=None)


class NotPublished(PublicId):
    """The decision that a program is not public, with its reason and the day on which it is looked at again."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="not_published")
    category = models.CharField(max_length=25, choices=Category)
    reason = models.CharField(max_length=300)
    review_on = models.DateField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = NotPublishedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "not published"
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(lifted_at__isnull=True),
                name="not_published_once_per_program",
                violation_error_message="This program has such a decision already: lift it first.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="not_published_lifted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values),
                name="not_published_category_known",
            ),
        ]

    def __str__(self) -> str:
        return f"program {self.program_id} is not published"


class Stream(models.TextChoices):
    """Who publishes: the program's side, or the audit office for itself."""

    PROGRAM = "program", "program"
    AUDIT = "audit", "audit office"


class Release(AppendOnly, PublicId):
    """What was published at one moment: a manifest of released rows. Never changed."""

    stream = models.CharField(max_length=7, choices=Stream)
    subject = models.UUIDField()  # the program, or the finding
    number = models.PositiveIntegerField()
    data_until = models.DateField()
    journal_size = models.PositiveBigIntegerField()  # "as of entry N"
    manifest = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "subject", "number"], name="release_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(stream__in=Stream.values), name="release_stream_known"
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.subject}"


class ReleasedRow(AppendOnly):
    """A public row, addressed by its content, so that releases share what did not change.

    `cells` maps each public field to {"state": "stated" | "not_stated" | "withheld", ...}.
    """

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.UUIDField(db_index=True)  # the record itself; its program, where it has no uid
    cells = models.JSONField()

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"


class ReleaseItem(AppendOnly):
    """A row's place in a release."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="items")
    row = models.ForeignKey(ReleasedRow, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=40)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "kind", "position"], name="release_item_placed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} of release {self.release_id}"


class PublishedProgram(models.Model):
    """A public program: its newest release, and what the list is searched and sorted by."""

    uid = models.UUIDField(unique=True)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=250)
    summary = models.TextField(blank=True)
    identifier = models.CharField(max_length=100)
    owner = models.CharField(max_length=200)
    nature = models.CharField(max_length=12)
    kind_of_aid = models.CharField(max_length=24)
    status = models.CharField(max_length=1)
    donors = models.CharField(max_length=400, blank=True)
    recipients = models.CharField(max_length=400, blank=True)
    words = models.TextField(blank=True)
    fields_withheld = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class PublishedTotal(models.Model):
    """A public total of a program's newest release, per fiscal year, kind and currency.

    The sum of the amounts that the release states. `withheld_rows` more are in the release without their amount;
    where all of them are, neither amount nor currency is stated.
    """

    program = models.ForeignKey(PublishedProgram, on_delete=models.CASCADE, related_name="totals")
    fiscal_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    rows = models.PositiveIntegerField()
    withheld_rows = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "fiscal_year", "kind", "currency"],
                name="published_total_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fiscal_year} of {self.program_id}, {self.currency}"


class PublishedReport(models.Model):
    """A public report: the release that froze it."""

    uid = models.UUIDField(unique=True)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(PublishedProgram, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=250)
    period_start = models.DateField()
    period_end = models.DateField()
    words = models.TextField(blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="supersedes", null=True, blank=True
    )

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class PublishedFinding(models.Model):
    """A finding that the audit office released, with its newest release."""

    uid = models.UUIDField(unique=True)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=250)
    office = models.CharField(max_length=200)
    engagement = models.CharField(max_length=300)
    severity = models.CharField(max_length=8)
    issued_on = models.DateField()
    recommendations = models.PositiveSmallIntegerField()
    open_recommendations = models.PositiveSmallIntegerField()
    as_of = models.DateField()
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class PublishedFindingProgram(models.Model):
    """A released finding concerns this program (named by its identifier even while it is not public)."""

    finding = models.ForeignKey(PublishedFinding, on_delete=models.CASCADE, related_name="programs")
    program = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "program"], name="published_finding_program_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} concerns {self.program}"


class UnpublishedCount(models.Model):
    """How many programs are not public for one reason, and when the next of them is looked at again."""

    category = models.CharField(max_length=25, unique=True)
    programs = models.PositiveIntegerField()
    next_review_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.programs} not published: {self.category}"
