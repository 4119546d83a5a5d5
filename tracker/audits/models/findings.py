"""Findings: what the auditors found, about which payments."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from tracker.accounts.models import (
    SIGNERS,
    Membership,
    Organisation,
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


class FindingKind(models.TextChoices):
    """What kind of thing was found. Controlled, so that findings of many years can be counted together."""

    NOT_STATED = "", "not stated"
    NO_RECEIPT = "no_receipt", "no proof of receipt"
    UNSUPPORTED = "unsupported", "unsupported cost"
    NOT_AS_INTENDED = "not_as_intended", "not used as intended"
    SEGREGATION = "segregation", "lack of segregation of duties"
    VALUATION = "valuation", "valuation basis"
    LATE_INVENTORY = "late_inventory", "late inventory"
    DUPLICATE = "duplicate", "duplicate payment"
    INELIGIBLE = "ineligible", "ineligible cost"
    PROCUREMENT = "procurement", "procurement"
    OVER_AUTHORITY = "over_authority", "over the authority"
    LATE_REPORT = "late_report", "late report"
    OTHER = "other", "other"


class ControlClass(models.TextChoices):
    """How weak the control was that let it happen (AICPA AU-C 265, GAGAS 2018 6.39-6.44)."""

    NOT_STATED = "", "not stated"
    NONE = "none", "no deficiency in internal control"
    DEFICIENCY = "deficiency", "deficiency"
    SIGNIFICANT = "significant", "significant deficiency"
    MATERIAL = "material", "material weakness"


ELEMENTS = ("criteria", "condition", "cause", "effect")


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
        records = FindingRecord.objects.filter(
            Q(program__in=seen) | Q(organisation__in=answers_for(user))
        )
        owed = Finding.objects.filter(recommendations__owner__in=answers_for(user))
        return self.filter(
            Q(engagement__in=own)
            | Q(status=FindingStatus.ISSUED, pk__in=about.values("finding"))
            | Q(status=FindingStatus.ISSUED, pk__in=records.values("finding"))
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
    criteria_blank = models.CharField(max_length=300, blank=True)
    condition_blank = models.CharField(max_length=300, blank=True)
    cause_blank = models.CharField(max_length=300, blank=True)
    effect_blank = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=15, choices=FindingKind, blank=True)
    kind_words = models.CharField(max_length=100, blank=True)
    severity = models.CharField(max_length=8, choices=Severity)
    control_class = models.CharField(max_length=12, choices=ControlClass, blank=True)
    materiality_currency = CurrencyField(blank=True)
    materiality = MoneyField(null=True, blank=True, currency_field="materiality_currency")
    repeats = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="repeated_by", null=True, blank=True
    )
    currency = CurrencyField(blank=True)
    questioned = MoneyField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=FindingStatus, default=FindingStatus.DRAFT)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    issued_on = models.DateField(null=True, blank=True)  # the day in the office's time zone
    # Clocks that start with the issue; null in findings from before they were kept.
    decision_due_on = models.DateField(null=True, blank=True)
    final_action_due_on = models.DateField(null=True, blank=True)

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
            *(
                models.CheckConstraint(
                    condition=~Q(**{name: ""}) | ~Q(**{f"{name}_blank": ""}),
                    name=f"finding_blank_{name}_has_its_reason",
                    violation_error_message=(
                        f"The {name} is blank: write it, or say why it is blank."
                    ),
                )
                for name in ELEMENTS
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FindingKind.values), name="finding_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(Q(kind="other") & ~Q(kind_words=""))
                | (~Q(kind="other") & Q(kind_words="")),
                name="finding_other_kind_in_words",
                violation_error_message="Say in a few words which other type it is; the listed types need no words.",
            ),
            models.CheckConstraint(
                condition=Q(control_class__in=ControlClass.values),
                name="finding_control_class_known",
            ),
            models.CheckConstraint(
                condition=Q(materiality__isnull=True, materiality_currency="")
                | (Q(materiality__gte=0) & ~Q(materiality_currency="")),
                name="finding_materiality_has_a_currency",
                violation_error_message="A materiality needs its currency and is not below zero.",
            ),
            models.CheckConstraint(
                condition=Q(repeats__isnull=True) | ~Q(repeats=F("pk")),
                name="finding_repeats_another_one",
                violation_error_message="A finding repeats an earlier one, never itself.",
            ),
            models.CheckConstraint(
                condition=Q(decision_due_on__isnull=True, final_action_due_on__isnull=True)
                | Q(
                    decision_due_on__gte=F("issued_on"),
                    final_action_due_on__gte=F("decision_due_on"),
                    issued_on__isnull=False,
                ),
                name="finding_clocks_start_with_its_issue",
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

    @property
    def kind_label(self) -> str:
        """The type as people read it; of another type, in its own words."""
        return self.kind_words or self.get_kind_display()

    @property
    def blank_reasons(self) -> dict[str, str]:
        """Why elements are blank, by their names; only of those that are."""
        reasons = {name: getattr(self, f"{name}_blank") for name in ELEMENTS}
        return {name: reason for name, reason in reasons.items() if reason}

    @property
    def blank_reason(self) -> str:
        """All of that in one line; one reason that holds for several elements is said once."""
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.blank_reasons.items():
            by_reason.setdefault(reason, []).append(name)
        said = [f"{' and '.join(names).capitalize()}: {r}" for r, names in by_reason.items()]
        return " ".join(said)


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


class LinkKind(models.TextChoices):
    """Exact records besides payments that a finding can be about. `audits.policies.linkable` knows their tables."""

    VERSION = "voucher_version", "voucher"
    STATEMENT = "statement", "recipient's statement"
    DISCREPANCY = "discrepancy", "discrepancy"
    AUTHORITY = "authority", "authority"
    PROGRAM = "program", "program"
    MEASUREMENT = "measurement", "measurement"
    PERIOD = "period", "period"
    CERTIFICATION = "certification", "certification"
    REVALUATION = "revaluation", "revaluation"


class FindingRecord(models.Model):
    """A finding is about exactly this record, named as the journal names it. Whose it is decides who sees it:
    a program's, or an organisation's where it belongs to no program (an authority, a period, a batch)."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=15, choices=LinkKind)
    record = models.UUIDField()
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="finding_records", null=True, blank=True
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="finding_records",
        null=True,
        blank=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "kind", "record"], name="finding_record_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=LinkKind.values), name="finding_record_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(program__isnull=False, organisation__isnull=True)
                | Q(program__isnull=True, organisation__isnull=False),
                name="finding_record_of_a_program_or_an_organisation",
            ),
        ]
        indexes = [models.Index(fields=["kind", "record"], name="finding_record_from_there")]

    def __str__(self) -> str:
        return f"finding {self.finding_id} about {self.kind} {self.record}"
