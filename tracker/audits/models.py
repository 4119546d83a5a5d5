"""Audits: engagements, findings that point at exact payments, recommendations that are followed up."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import (
    Membership,
    MembershipStatus,
    Organisation,
    Role,
    User,
)
from tracker.ledger.models import EvidenceFile, Transaction
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class EngagementKind(models.TextChoices):
    FINANCIAL = "financial", "financial audit"
    PERFORMANCE = "performance", "performance audit"
    COMPLIANCE = "compliance", "compliance audit"
    INSPECTION = "inspection", "inspection or evaluation"
    FOLLOW_UP = "follow_up", "follow-up"
    SPECIAL = "special", "special audit"


class Standard(models.TextChoices):
    GAGAS = "gagas", "GAGAS"
    ISSAI = "issai", "ISSAI"
    IIA = "iia", "IIA"
    CIGIE = "cigie", "CIGIE"


class EngagementStatus(models.TextChoices):
    PLANNED = "planned", "planned"
    FIELDWORK = "fieldwork", "fieldwork"
    FINAL = "final", "final report issued"
    FOLLOW_UP = "follow_up", "follow-up"
    CLOSED = "closed", "closed"
    TERMINATED = "terminated", "terminated"


ENGAGEMENT_TRANSITIONS: dict[str, set[str]] = {
    EngagementStatus.PLANNED: {EngagementStatus.FIELDWORK, EngagementStatus.TERMINATED},
    EngagementStatus.FIELDWORK: {EngagementStatus.FINAL, EngagementStatus.TERMINATED},
    EngagementStatus.FINAL: {EngagementStatus.FOLLOW_UP, EngagementStatus.CLOSED},
    EngagementStatus.FOLLOW_UP: {EngagementStatus.CLOSED},
    EngagementStatus.CLOSED: set(),
    EngagementStatus.TERMINATED: set(),
}


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, user: "User | AnonymousUser") -> "EngagementQuerySet":
        """The team and the auditors of its programs; not the audited side before something is issued."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        audited = Program.objects.held_as(user, Role.AUDITOR)
        return self.filter(Q(team__person=user) | Q(scope__program__in=audited)).distinct()

    def for_table(self) -> "EngagementQuerySet":
        return self.select_related("office", "lead")


class Engagement(PublicId):
    """An audit of one or more programs."""

    number = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=15, choices=EngagementKind)
    standard = models.CharField(max_length=10, choices=Standard)
    status = models.CharField(
        max_length=10, choices=EngagementStatus, default=EngagementStatus.PLANNED
    )
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="engagements")
    objectives = models.TextField(blank=True)
    lead = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    objects = EngagementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["office", "number"],
                name="engagement_number_once",
                violation_error_message="The office has an engagement of this number already.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=EngagementStatus.values),
                name="engagement_status_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EngagementKind.values),
                name="engagement_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class EngagementScope(models.Model):
    """A program that an engagement looks at, and the period of it."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="scope")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="audited_in")
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "program"],
                name="engagement_scope_once",
                violation_error_message="This program is in the scope already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} covers {self.program_id}"


class TeamMember(models.Model):
    """An auditor on an engagement."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="team")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="engagements")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "person"], name="team_member_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.engagement_id}"


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
        """Drafts: auditors of the engagement. Issued: also everybody who sees a program it concerns."""
        own = Engagement.objects.visible_to(user).values("pk")
        seen = Program.objects.visible_to(user).values("pk")
        return self.filter(
            Q(engagement__in=own)
            | Q(status=FindingStatus.ISSUED, engagement__scope__program__in=seen)
        ).distinct()

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
                condition=Q(issued_at__isnull=True, issued_by__isnull=True)
                | Q(issued_at__isnull=False, issued_by__isnull=False, status="issued"),
                name="finding_issued_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"finding {self.number} of engagement {self.engagement_id}"


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


class RecommendationState(models.TextChoices):
    """The canonical states; OVERSIGHT 1.5 says how each audit body's own words map to them."""

    DRAFT = "draft", "draft"
    ISSUED = "issued", "issued, no response yet"
    OPEN_UNRESOLVED = "open_unresolved", "open, not agreed"
    OPEN_RESOLVED = "open_resolved", "open, agreed"
    PARTIALLY_ADDRESSED = "partially_addressed", "open, partially addressed"
    IMPLEMENTATION_CLAIMED = "implementation_claimed", "open, said to be implemented"
    CLOSED_IMPLEMENTED = "closed_implemented", "closed, implemented and verified"
    CLOSED_NOT_IMPLEMENTED = "closed_not_implemented", "closed, not implemented"
    CLOSED_OVERTAKEN = "closed_overtaken", "closed, overtaken by events"
    CLOSED_SUPERSEDED = "closed_superseded", "closed, superseded"
    REOPENED = "reopened", "reopened"


_S = RecommendationState
_CLOSED_WITHOUT: set[str] = {
    _S.CLOSED_NOT_IMPLEMENTED,
    _S.CLOSED_OVERTAKEN,
    _S.CLOSED_SUPERSEDED,
}
RECOMMENDATION_TRANSITIONS: dict[str, set[str]] = {
    _S.DRAFT: {_S.ISSUED},
    _S.ISSUED: {_S.OPEN_UNRESOLVED, _S.OPEN_RESOLVED, *_CLOSED_WITHOUT},
    _S.OPEN_UNRESOLVED: {_S.OPEN_RESOLVED, *_CLOSED_WITHOUT},
    _S.OPEN_RESOLVED: {
        _S.OPEN_UNRESOLVED,
        _S.PARTIALLY_ADDRESSED,
        _S.IMPLEMENTATION_CLAIMED,
        *_CLOSED_WITHOUT,
    },
    _S.PARTIALLY_ADDRESSED: {
        _S.IMPLEMENTATION_CLAIMED,
        _S.OPEN_UNRESOLVED,
        *_CLOSED_WITHOUT,
    },
    _S.IMPLEMENTATION_CLAIMED: {
        _S.CLOSED_IMPLEMENTED,
        _S.PARTIALLY_ADDRESSED,
        _S.OPEN_RESOLVED,
        *_CLOSED_WITHOUT,
    },
    _S.CLOSED_IMPLEMENTED: {_S.REOPENED},
    _S.CLOSED_NOT_IMPLEMENTED: {_S.REOPENED},
    _S.CLOSED_OVERTAKEN: {_S.REOPENED},
    _S.CLOSED_SUPERSEDED: {_S.REOPENED},
    _S.REOPENED: {
        _S.OPEN_UNRESOLVED,
        _S.OPEN_RESOLVED,
        _S.IMPLEMENTATION_CLAIMED,
        *_CLOSED_WITHOUT,
    },
}
CLOSED: set[str] = {_S.CLOSED_IMPLEMENTED, *_CLOSED_WITHOUT}
OPEN: set[str] = set(_S.values) - CLOSED - {_S.DRAFT}


class Response(models.TextChoices):
    NONE = "none", "no response yet"
    CONCUR = "concur", "concurs"
    PARTIAL = "partial", "partially concurs"
    NON_CONCUR = "non_concur", "does not concur"


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: "User | AnonymousUser") -> "RecommendationQuerySet":
        """As the finding is visible; the owner organisation sees what was issued to it."""
        findings = Finding.objects.visible_to(user).values("pk")
        mine = Membership.objects.filter(
            person_id=user.pk,
            status=MembershipStatus.ACTIVE,
            role__in=[Role.OFFICER, Role.APPROVER, Role.DISCLOSURE],
        ).values("organisation")
        return self.filter(
            Q(finding__in=findings) | (Q(owner__in=mine) & ~Q(state=_S.DRAFT))
        ).distinct()

    def open(self) -> "RecommendationQuerySet":
        return self.filter(state__in=OPEN)

    def for_table(self) -> "RecommendationQuerySet":
        return self.select_related("finding__engagement__office", "owner")


class Recommendation(PublicId):
    """What the auditors ask for, of whom, and by when. The original due date never changes."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="recommendations"
    )
    original_due_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(max_length=25, choices=_S, default=_S.DRAFT)
    response = models.CharField(max_length=10, choices=Response, default=Response.NONE)
    native_status = models.CharField(max_length=60, blank=True)
    issued_on = models.DateField(null=True, blank=True)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "number"], name="recommendation_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_S.values), name="recommendation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(response__in=Response.values),
                name="recommendation_response_known",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("original_due_on")),
                name="recommendation_due_never_earlier",
                violation_error_message="An extension moves the due date later, never earlier.",
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(original_due_on__gte=F("issued_on")),
                name="recommendation_due_after_issue",
                violation_error_message="The due date lies before the day of issue.",
            ),
        ]

    def __str__(self) -> str:
        return f"recommendation {self.number} of finding {self.finding_id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class StepText(ErasableText):
    """What somebody wrote when a recommendation took a step."""

    note = models.TextField(blank=True)
    TEXTS = ("note",)

    def __str__(self) -> str:
        return f"words of step {self.pk}"


class RecommendationStep(AppendOnly, PublicId):
    """One step of a recommendation: from a state to a state, or a later due date, with who, why and evidence."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, related_name="steps"
    )
    before = models.CharField(max_length=25, choices=_S)
    after = models.CharField(max_length=25, choices=_S)
    response = models.CharField(max_length=10, choices=Response, blank=True)
    due_on = models.DateField(null=True, blank=True)
    evidence = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    text = models.OneToOneField(StepText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(after="closed_implemented")
                | Q(before="closed_implemented")
                | Q(evidence__isnull=False),
                name="step_closing_as_implemented_needs_evidence",
                violation_error_message="Attach the evidence on which you close it.",
            )
        ]

    def __str__(self) -> str:
        return f"step {self.pk} of recommendation {self.recommendation_id}"
