"""Engagements: what an audit office looks at, and who looks."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from tracker.accounts.models import (
    Organisation,
    Role,
    User,
)
from tracker.programs.models import Program
from tracker.shared.models import PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class EngagementKind(models.TextChoices):
    """What an audit office does (OVERSIGHT 1.8): audits proper, and the reviews beside them."""

    FINANCIAL = "financial", "financial statement audit"
    ATTESTATION = "attestation", "attestation (examination, review or agreed procedures)"
    PERFORMANCE = "performance", "performance audit"
    COMPLIANCE = "compliance", "compliance audit"
    INSPECTION = "inspection", "inspection or evaluation"
    ADVISORY = "advisory", "management advisory"
    SPOT_CHECK = "spot_check", "spot check"
    END_USE_CHECK = "end_use_check", "end-use check"
    SPECIAL = "special", "special or forensic audit"
    FOLLOW_UP = "follow_up", "follow-up"
    INVESTIGATION = "investigation", "investigation"
    SINGLE_AUDIT = "single_audit", "single audit"
    INTERNAL_AUDIT = "internal_audit", "internal audit"


class Standard(models.TextChoices):
    GAGAS = "gagas", "GAGAS"
    ISSAI = "issai", "ISSAI"
    IIA = "iia", "IIA"
    CIGIE = "cigie", "CIGIE"


class EngagementStatus(models.TextChoices):
    PLANNED = "planned", "planned"
    ANNOUNCED = "announced", "announced"
    FIELDWORK = "fieldwork", "fieldwork"
    DRAFT_ISSUED = "draft_issued", "draft sent"
    AGENCY_COMMENT = "agency_comment", "comments received"
    FINAL = "final", "final report issued"
    FOLLOW_UP = "follow_up", "follow-up"
    CLOSED = "closed", "closed"
    TERMINATED = "terminated", "terminated"


_S = EngagementStatus
# While it is in one of these, its plan, scope and team may change.
UNDER_WAY: set[str] = {
    _S.PLANNED,
    _S.ANNOUNCED,
    _S.FIELDWORK,
    _S.DRAFT_ISSUED,
    _S.AGENCY_COMMENT,
}
# Skipping the announcement, or the draft, needs a reason that stands on the engagement.
ENGAGEMENT_TRANSITIONS: dict[str, set[str]] = {
    _S.PLANNED: {_S.ANNOUNCED, _S.FIELDWORK, _S.TERMINATED},
    _S.ANNOUNCED: {_S.FIELDWORK, _S.TERMINATED},
    _S.FIELDWORK: {_S.DRAFT_ISSUED, _S.FINAL, _S.TERMINATED},
    _S.DRAFT_ISSUED: {_S.AGENCY_COMMENT, _S.FINAL, _S.TERMINATED},
    _S.AGENCY_COMMENT: {_S.DRAFT_ISSUED, _S.FINAL, _S.TERMINATED},
    _S.FINAL: {_S.FOLLOW_UP, _S.CLOSED},
    _S.FOLLOW_UP: {_S.CLOSED},
    _S.CLOSED: set(),
    _S.TERMINATED: set(),
}


class EngagementQuerySet(models.QuerySet["Engagement"]):
    def visible_to(self, user: "User | AnonymousUser") -> "EngagementQuerySet":
        """The team and the auditors of its programs; not the audited side before something is issued."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        audited = Program.objects.held_as(user, Role.AUDITOR).values("pk")
        return self.filter(
            Q(pk__in=TeamMember.objects.filter(person=user).values("engagement"))
            | Q(pk__in=EngagementScope.objects.filter(program__in=audited).values("engagement"))
        )

    def for_table(self) -> "EngagementQuerySet":
        return self.select_related("office", "lead")


class Engagement(PublicId):
    """An audit of one or more programs.

    `criteria` is by what it is judged (law, agreement, control), `objectives` what it asks. `unannounced_because` and
    `uncommented_because` say why the announcement, or the audited organisation's comments on a draft, were left out;
    GAGAS 2018, 9.50-9.55 asks for the views of responsible officials, or for the reason why there are none.
    """

    number = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    kind = models.CharField(max_length=15, choices=EngagementKind)
    standard = models.CharField(max_length=10, choices=Standard)
    status = models.CharField(
        max_length=15, choices=EngagementStatus, default=EngagementStatus.PLANNED
    )
    office = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="engagements")
    objectives = models.TextField(blank=True)
    criteria = models.TextField(blank=True)
    announced_on = models.DateField(null=True, blank=True)
    unannounced_because = models.CharField(max_length=300, blank=True)
    uncommented_because = models.CharField(max_length=300, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True)  # when it came into its state
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
            models.CheckConstraint(
                condition=Q(standard__in=Standard.values),
                name="engagement_standard_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("audits:engagement", args=[self.uid])


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
            ),
            models.CheckConstraint(
                condition=Q(period_start__isnull=True)
                | Q(period_end__isnull=True)
                | Q(period_end__gte=F("period_start")),
                name="engagement_scope_period_runs_forward",
                violation_error_message="The period ends before it begins: correct one of the dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.engagement_id} covers {self.program_id}"


class TeamMember(models.Model):
    """An auditor on an engagement."""

    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="team")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="engagements")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "person"],
                name="team_member_once",
                violation_error_message="This person is on the team already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.engagement_id}"
