"""Closed periods, and what two sides certify of them.

A period is a quarter of an organisation's fiscal year. It is closed, and opened again, by changes that two persons
stand behind; whether it is closed now is kept by trigger. A certification belongs to one closing: once the period is
opened again it no longer holds, and the confirmed re-opening is the fact that says so.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Now

from tracker.accounts.models import MembershipStatus, Organisation, User
from tracker.ledger.models.authorities import VERDICTS, ChangeStatus
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.dates import say_day
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PeriodStatus(models.TextChoices):
    OPEN = "open", "open"
    CLOSING = "closing", "open, its closing waits for a second person"
    CLOSED = "closed", "closed"
    REOPENING = "reopening", "closed, its re-opening waits for a second person"


PERIOD_TRANSITIONS: dict[str, set[str]] = {
    PeriodStatus.OPEN: {PeriodStatus.CLOSING},
    PeriodStatus.CLOSING: {PeriodStatus.OPEN, PeriodStatus.CLOSED},
    PeriodStatus.CLOSED: {PeriodStatus.REOPENING},
    PeriodStatus.REOPENING: {PeriodStatus.OPEN, PeriodStatus.CLOSED},
}


class PeriodChangeKind(models.TextChoices):
    CLOSE = "close", "closing"
    REOPEN = "reopen", "re-opening"


class PeriodQuerySet(models.QuerySet["Period"]):
    def visible_to(self, user: "User | AnonymousUser") -> "PeriodQuerySet":
        """Staff and auditors of the organisation, or of one of its programs. Others see what they may certify."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=SEES_AS_STAFF)
        organisations = held.filter(organisation__isnull=False).values("organisation")
        programs = held.filter(program__isnull=False).values("program")
        owners = Program.objects.filter(pk__in=programs).values("owner")
        return self.filter(Q(organisation__in=organisations) | Q(organisation__in=owners))

    def with_status(self) -> "PeriodQuerySet":
        """With `status`: closed or not, and whether a change of that waits for its second person."""
        waits = Exists(PeriodChange.objects.filter(period=OuterRef("pk"), decision=None))
        status = Case(
            When(waits, closed=True, then=Value(PeriodStatus.REOPENING.value)),
            When(waits, closed=False, then=Value(PeriodStatus.CLOSING.value)),
            When(closed=True, then=Value(PeriodStatus.CLOSED.value)),
            default=Value(PeriodStatus.OPEN.value),
        )
        return self.annotate(status=status)

    def with_closing(self) -> "PeriodQuerySet":
        """With `closing`: the key of the decision that closed it last, to which certifications belong."""
        decisions = PeriodDecision.objects.filter(
            change__period=OuterRef("pk"),
            change__kind=PeriodChangeKind.CLOSE,
            verdict=ChangeStatus.CONFIRMED,
        )
        return self.annotate(closing=Subquery(decisions.order_by("-pk").values("pk")[:1]))


class Period(PublicId):
    """A quarter that somebody has proposed to close. `closed` follows from confirmed changes; triggers keep it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="periods")
    name = models.CharField(max_length=40)
    fiscal_year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField()
    day_before = models.DateField()  # the last day of the quarter that is closed before this one
    first_day = models.DateField()
    last_day = models.DateField()
    closed = models.BooleanField(default=False)

    status: str  # with_status()
    closing: int | None  # with_closing()

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "first_day"], name="period_once"),
            models.CheckConstraint(
                condition=Q(day_before__lt=F("first_day"), first_day__lte=F("last_day")),
                name="period_days_in_order",
            ),
            models.CheckConstraint(condition=Q(quarter__range=(1, 4)), name="period_quarter_known"),
        ]
        indexes = [models.Index(fields=["organisation", "closed"], name="period_closed")]

    def __str__(self) -> str:
        return f"{self.name} of {self.organisation_id}"

    @property
    def said(self) -> str:
        """Its name and days, for sentences."""
        return f"{self.name} ({say_day(self.first_day)} to {say_day(self.last_day)})"

    def holds(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


class PeriodChangeText(ErasableText):
    """Why a period was to be closed or opened again."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of change {self.pk} of a period"


class PeriodChange(AppendOnly, PublicId):
    """A period to be closed, or to be opened again with a reason. It counts once a second person confirms it."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=6, choices=PeriodChangeKind)
    text = models.OneToOneField(PeriodChangeText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=PeriodChangeKind.values), name="period_change_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of period {self.period_id} ({self.pk})"

    @property
    def status(self) -> str:
        """Read `decision` with the change: proposed until a second person decided."""
        decision = getattr(self, "decision", None)
        return ChangeStatus.PROPOSED if decision is None else decision.verdict


class PeriodDecisionText(ErasableText):
    """Why a change was declined."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of decision {self.pk} on a period"


class PeriodDecision(AppendOnly, PublicId):
    """The second person's yes or no to the closing or re-opening of a period."""

    change = models.OneToOneField(PeriodChange, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=9, choices=[(v.value, v.label) for v in VERDICTS])
    text = models.OneToOneField(PeriodDecisionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in VERDICTS]),
                name="period_decision_verdict_known",
            )
        ]

    def __str__(self) -> str:
        return f"change {self.change_id} of a period {self.verdict}"


# --- Certifications --------------------------------------------------------


class CertificationSide(models.TextChoices):
    DONOR = "donor", "donor"
    RECIPIENT = "recipient", "recipient"


class CertificationQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "CertificationQuerySet":
        """Who sees the program sees what both sides certified of it."""
        return self.filter(program__in=Program.objects.visible_to(user))

    def with_superseded(self) -> "CertificationQuerySet":
        """With `superseded_at`: when the re-opening of its period was confirmed; null while it holds."""
        later = PeriodDecision.objects.filter(
            change__period=OuterRef("period"),
            change__kind=PeriodChangeKind.REOPEN,
            verdict=ChangeStatus.CONFIRMED,
            pk__gt=OuterRef("closing"),
        )
        return self.annotate(superseded_at=Subquery(later.order_by("pk").values("decided_at")[:1]))

    def standing(self) -> "CertificationQuerySet":
        """Those whose period was not opened again since."""
        return self.with_superseded().filter(superseded_at=None)


class CertificationText(ErasableText):
    """What the signature means, as it was shown, and what the signer added to it."""

    statement = models.TextField()
    remark = models.TextField(blank=True)
    TEXTS = ("statement", "remark")

    def __str__(self) -> str:
        return f"words of certification {self.pk}"


class Certification(AppendOnly, PublicId):
    """One side's signature under the figures of a program in a closed period, as they were shown."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="certifications")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="certifications")
    closing = models.ForeignKey(PeriodDecision, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=9, choices=CertificationSide)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    figures = models.TextField()  # canonical JSON (RFC 8785)
    figures_digest = models.CharField(max_length=64)  # SHA-256 of that text in UTF-8
    text = models.OneToOneField(CertificationText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    superseded_at: datetime | None  # with_superseded()

    objects = CertificationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "closing", "side"], name="certification_once_per_side"
            ),
            models.CheckConstraint(
                condition=Q(side__in=CertificationSide.values), name="certification_side_known"
            ),
        ]

    def __str__(self) -> str:
        return f"certification {self.pk} for the {self.side}"
