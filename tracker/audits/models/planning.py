"""The office's year: what its plan rests on, the plan's versions, and the reports it issues."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from tracker.accounts.models import Organisation, User
from tracker.audits.models.engagements import Engagement
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, ErasableText, PublicId


class RiskFactor(models.TextChoices):
    """What the records say about the risk of a program, and what the auditors say themselves."""

    UNCONFIRMED = "unconfirmed", "disbursed and not confirmed as received"
    UNVALUED = "unvalued", "in kind without a value"
    LATE = "late", "late entries"
    EMERGENCY = "emergency", "emergency postings"
    WAIVED = "waived", "documents waived"
    DISCREPANCY = "discrepancy", "open discrepancies"
    FINDINGS = "findings", "findings with open recommendations"
    REPEATED = "repeated", "findings that repeat an earlier one"
    NOT_AUDITED = "not_audited", "years since the last audit"
    JUDGEMENT = "judgement", "the auditors' judgement"


# Counted, not shares: their weight is reached at a stated number.
COUNTED: set[str] = {
    RiskFactor.EMERGENCY,
    RiskFactor.WAIVED,
    RiskFactor.DISCREPANCY,
    RiskFactor.FINDINGS,
    RiskFactor.REPEATED,
    RiskFactor.NOT_AUDITED,
}


class RiskLevel(models.TextChoices):
    HIGH = "high", "high"
    MEDIUM = "medium", "medium"
    LOW = "low", "low"


class RiskWeight(AppendOnly, PublicId):
    """From a day on, a factor weighs so many points in an office's plan. `full_at`: the number at which all of them
    count, for factors that are counted; null for shares."""

    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    factor = models.CharField(max_length=12, choices=RiskFactor)
    weight = models.PositiveSmallIntegerField()
    full_at = models.PositiveSmallIntegerField(null=True, blank=True)
    valid_from = models.DateField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(factor__in=RiskFactor.values), name="risk_weight_factor_known"
            ),
            models.CheckConstraint(
                condition=Q(weight__lte=100),
                name="risk_weight_within_a_hundred",
                violation_error_message="A weight is between 0 and 100 points.",
            ),
            models.CheckConstraint(
                condition=Q(factor__in=sorted(COUNTED), full_at__isnull=False, full_at__gt=0)
                | Q(~Q(factor__in=sorted(COUNTED)), full_at__isnull=True),
                name="risk_weight_full_at_only_where_counted",
                violation_error_message="Say at which number the full weight counts, for what is counted; "
                "a share has none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor} weighs {self.weight} from {self.valid_from}"


class CoverageRule(AppendOnly, PublicId):
    """From a day on, a risk level begins at so many points and asks that a share of the money is audited every so
    many fiscal years."""

    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=6, choices=RiskLevel)
    from_points = models.PositiveSmallIntegerField()
    every_years = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=RiskLevel.values), name="coverage_rule_level_known"
            ),
            models.CheckConstraint(
                condition=Q(every_years__range=(1, 10)),
                name="coverage_rule_within_ten_years",
                violation_error_message="Coverage is asked for every 1 to 10 years.",
            ),
            models.CheckConstraint(
                condition=Q(percent__range=(1, 100)),
                name="coverage_rule_percent_of_the_money",
                violation_error_message="The share of the money is between 1 and 100 per cent.",
            ),
            models.CheckConstraint(
                condition=~Q(level="low") | Q(from_points=0),
                name="coverage_rule_low_begins_at_nothing",
                violation_error_message="The lowest level begins at 0 points.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level} risk: every {self.every_years} years from {self.valid_from}"


class JudgementText(ErasableText):
    """Why the auditors judge the risk so."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of judgement {self.pk}"


class RiskJudgement(AppendOnly, PublicId):
    """An auditor's own word on the risk of a program in a year, beside what the records say. The newest counts."""

    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="judgements")
    fiscal_year = models.PositiveSmallIntegerField()
    percent = models.PositiveSmallIntegerField()
    text = models.OneToOneField(JudgementText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__lte=100),
                name="risk_judgement_within_a_hundred",
                violation_error_message="A judgement is between 0 (no risk) and 100 per cent of its weight.",
            )
        ]
        indexes = [
            models.Index(
                fields=["office", "fiscal_year", "program", "id"], name="judgement_of_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"judgement {self.pk} of program {self.program_id}"


class AuditPlanText(ErasableText):
    """What the head of the audit says of a version of the plan."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of plan {self.pk}"


class AuditPlan(AppendOnly, PublicId):
    """A version of an office's plan for a fiscal year, as its head adopted it. A changed plan is a new version."""

    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="audit_plans")
    fiscal_year = models.PositiveSmallIntegerField()
    version = models.PositiveSmallIntegerField()
    reckoned = models.TextField()  # canonical JSON (RFC 8785): money and risk as the head saw them
    text = models.OneToOneField(AuditPlanText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    adopted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    adopted_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "fiscal_year", "version"], name="audit_plan_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"plan {self.fiscal_year} of office {self.office_id}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("audits:plan_version", args=[self.uid])


class PlannedEngagement(AppendOnly):
    """An engagement that a version of the plan names."""

    plan = models.ForeignKey(AuditPlan, on_delete=models.PROTECT, related_name="planned")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="planned_in")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "engagement"], name="planned_engagement_once")
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} names engagement {self.engagement_id}"


class OfficeReport(AppendOnly, PublicId):
    """The figures of a semiannual period, as the office issued them. What comes later stands in the next period's."""

    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="audit_reports")
    period_start = models.DateField()
    period_end = models.DateField()
    figures = models.TextField()  # canonical JSON (RFC 8785)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "period_start"], name="office_report_once_per_period"
            ),
            models.CheckConstraint(
                condition=Q(period_end__gt=models.F("period_start")),
                name="office_report_period_runs_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"report of office {self.office_id} up to {self.period_end}"
