"""What programs achieve: indicators, baselines, targets, measurements. A changed number is a new row."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.programs.models import Objective, Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.numbers import ScaledField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Direction(models.TextChoices):
    UP = "up", "higher is better"
    DOWN = "down", "lower is better"


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def visible_to(self, user: "User | AnonymousUser") -> "IndicatorQuerySet":
        return self.filter(program__in=Program.objects.visible_to(user))


class StandingRowsQuerySet(AppendOnlyQuerySet):
    """Targets and measurements: rows about an indicator, of which a newer one may replace an older."""

    def visible_to(self, user: "User | AnonymousUser") -> "StandingRowsQuerySet":
        return self.filter(indicator__in=Indicator.objects.visible_to(user))

    def in_force(self) -> "StandingRowsQuerySet":
        """Those that no newer row has replaced."""
        return self.filter(replaced_by=None)


class Indicator(PublicId):
    """What is measured for an objective."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="indicators")
    objective = models.ForeignKey(
        Objective,
        on_delete=models.PROTECT,
        related_name="indicators",
        null=True,
        blank=True,
    )
    title = models.CharField(max_length=250)
    definition = models.TextField(blank=True)
    unit = models.CharField(max_length=60)
    direction = models.CharField(max_length=4, choices=Direction, default=Direction.UP)
    created_at = models.DateTimeField(db_default=Now())

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "title"],
                name="indicator_title_once_per_program",
                violation_error_message="This program has an indicator of this title already.",
            ),
            models.CheckConstraint(
                condition=Q(direction__in=Direction.values),
                name="indicator_direction_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class TargetKind(models.TextChoices):
    BASELINE = "baseline", "baseline"
    TARGET = "target", "target"


class Target(AppendOnly, PublicId):
    """A baseline or a target of an indicator for a period. The newest row of a period holds."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="targets")
    kind = models.CharField(max_length=8, choices=TargetKind)
    period_start = models.DateField()
    period_end = models.DateField()
    value = ScaledField(scale=6, null=True, blank=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True
    )
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = StandingRowsQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")),
                name="target_period_ends_after_it_starts",
                violation_error_message="The period ends before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values), name="target_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} of indicator {self.indicator_id}"


class Verification(models.TextChoices):
    """Who says that the measurement is right. Not verified is never shown as reached."""

    NOT_VERIFIED = "not_verified", "not verified"
    SELF_REPORTED = "self_reported", "reported by the recipient"
    VERIFIED = "verified", "verified by a third party"


class MeasurementText(ErasableText):
    """Where a measurement comes from and what is to be said about it."""

    source = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)
    TEXTS = ("source", "comment")

    def __str__(self) -> str:
        return f"words of measurement {self.pk}"


class Measurement(AppendOnly, PublicId):
    """An actual value of an indicator on a day (IATI: actual). Null: looked for and not found."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="measurements")
    measured_on = models.DateField()
    value = ScaledField(scale=6, null=True, blank=True)
    verification = models.CharField(max_length=15, choices=Verification)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="replaced_by", null=True, blank=True
    )
    text = models.OneToOneField(MeasurementText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = StandingRowsQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verification__in=Verification.values),
                name="measurement_verification_known",
            )
        ]
        indexes = [models.Index(fields=["indicator", "measured_on"], name="measurement_by_day")]

    def __str__(self) -> str:
        return f"measurement {self.pk} of indicator {self.indicator_id}"
