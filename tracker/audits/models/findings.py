"""Findings: what the auditors found, about which payments."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from tracker.accounts.models import (
    SIGNERS,
    Membership,
    Role,
    User,
)
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.models import PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


from tracker.audits.models.engagements import Engagement


def answers_for(user: "User | AnonymousUser") -> models.QuerySet[Membership, Any]:
    """Organisations for which a person works as staff: what is issued to them is theirs to read."""
    roles = [Role.OFFICER, *SIGNERS, Role.DISCLOSURE]
    held = Membership.objects.in_force().filter(person_id=user.pk, role__in=roles)
    return held.filter(organisation__isnull=False).values("organisation")


class Severity(models.TextChoices):
    LOW = "low", "low"
    MEDIUM = "medium", "medium"
    HIGH = "high", "high"
    CRITICAL = "critical", "critical"


class FindingStatus(models.TextChoices):
    DRAFT = "draft", "draft"
    ISSUED = "issued", "issued"
    DROPPED = "dropped", "dropped"


FINDING_TRANSITIONS: dict[str, set[str]] = {
    FindingStatus.DRAFT: {FindingStatus.ISSUED, FindingStatus.DROPPED},
    FindingStatus.ISSUED: set(),
    FindingStatus.DROPPED: set(),
}


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: "User | AnonymousUser") -> "FindingQuerySet":
        """Drafts: auditors of the engagement. Issued: also who sees a payment of it, or owes it an answer."""
        own = Engagement.objects.visible_to(user).values("pk")
        seen = Program.objects.visible_to(user).values("pk")
        about = FindingLink.objects.filter(transaction__program__in=seen)
        owed = Finding.objects.filter(recommendations__owner__in=answers_for(user))
        return self.filter(
            Q(engagement__in=own)
            | Q(status=FindingStatus.ISSUED, pk__in=about.values("finding"))
            | Q(status=FindingStatus.ISSUED, pk__in=owed.values("pk"))
        )

    def issued(self) -> "FindingQuerySet":
        return self.filter(status=FindingStatus.ISSUED)

    def for_table(self) -> "FindingQuerySet":
        return self.select_related("engagement", "engagement__office")


class Finding(PublicId):
    """Criteria, condition, cause, effect; and the exact payments it is about. Once issued it stands as it is."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="findings")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=250)
    criteria = models.TextField(blank=True)
    condition = models.TextField(blank=True)
    cause = models.TextField(blank=True)
    effect = models.TextField(blank=True)
    blank_reason = models.CharField(max_length=300, blank=True)
    severity = models.CharField(max_length=8, choices=Severity)
    currency = CurrencyField(blank=True)
    questioned = MoneyField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=FindingStatus, default=FindingStatus.DRAFT)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    issued_on = models.DateField(null=True, blank=True)  # the day in the office's time zone

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "number"], name="finding_numbered_once"),
            models.CheckConstraint(
                condition=Q(status__in=FindingStatus.values),
                name="finding_status_known",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="finding_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(questioned__isnull=True) | (Q(questioned__gte=0) & ~Q(currency="")),
                name="finding_questioned_has_a_currency",
                violation_error_message="A questioned amount needs its currency and is not below zero.",
            ),
            models.CheckConstraint(
                condition=Q(
                    ~Q(status="issued"),
                    issued_at__isnull=True,
                    issued_by__isnull=True,
                    issued_on__isnull=True,
                )
                | Q(
                    issued_at__isnull=False,
                    issued_by__isnull=False,
                    issued_on__isnull=False,
                    status="issued",
                ),
                name="finding_issued_at_and_by",
            ),
            models.CheckConstraint(
                condition=(~Q(criteria="") & ~Q(condition="") & ~Q(cause="") & ~Q(effect=""))
                | ~Q(blank_reason=""),
                name="finding_blank_element_has_its_reason",
                violation_error_message=(
                    "Criteria, condition, cause or effect is blank: write it, or say why it is blank."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"finding {self.number} of engagement {self.engagement_id}"

    def get_absolute_url(self) -> str:
        return reverse("audits:finding", args=[self.uid])

    @property
    def label(self) -> str:
        """How people call it: the engagement's number and its own. Load the engagement with it."""
        return f"{self.engagement.number}/{self.number}"


class FindingLink(models.Model):
    """A finding is about exactly this payment."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="links")
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="finding_links"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "transaction"], name="finding_link_once")
        ]

    def __str__(self) -> str:
        return f"finding {self.finding_id} about transaction {self.transaction_id}"
