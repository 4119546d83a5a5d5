"""Recommendations: what is asked of whom, and every step until it is closed."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from tracker.accounts.models import (
    Organisation,
    User,
)
from tracker.ledger.models import EvidenceFile
from tracker.shared.models import AppendOnly, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


from tracker.audits.models.engagements import Standard
from tracker.audits.models.findings import Finding


class RecommendationState(models.TextChoices):
    """The canonical states; OVERSIGHT 1.5 says how each audit body's own words map to them."""

    DRAFT = "draft", "draft"
    ISSUED = "issued", "issued, no response yet"
    OPEN_UNRESOLVED = "open_unresolved", "open, not agreed"
    OPEN_RESOLVED = "open_resolved", "open, agreed"
    PARTIALLY_ADDRESSED = "partially_addressed", "open, partially addressed"
    IMPLEMENTATION_CLAIMED = "implementation_claimed", "open, said to be implemented"
    RISK_ACCEPTED = "risk_accepted", "open, risk accepted by the owner for a time"
    CLOSED_IMPLEMENTED = "closed_implemented", "closed, implemented and verified"
    CLOSED_NOT_IMPLEMENTED = "closed_not_implemented", "closed, not implemented"
    CLOSED_OVERTAKEN = "closed_overtaken", "closed, overtaken by events"
    CLOSED_SUPERSEDED = "closed_superseded", "closed, superseded"
    REOPENED = "reopened", "reopened"


_S = RecommendationState
CLOSED_OTHERWISE: set[str] = {
    _S.CLOSED_NOT_IMPLEMENTED,
    _S.CLOSED_OVERTAKEN,
    _S.CLOSED_SUPERSEDED,
}
RECOMMENDATION_TRANSITIONS: dict[str, set[str]] = {
    _S.DRAFT: {_S.ISSUED},
    _S.ISSUED: {_S.OPEN_UNRESOLVED, _S.OPEN_RESOLVED, *CLOSED_OTHERWISE},
    _S.OPEN_UNRESOLVED: {_S.OPEN_RESOLVED, _S.RISK_ACCEPTED, *CLOSED_OTHERWISE},
    _S.OPEN_RESOLVED: {
        _S.OPEN_UNRESOLVED,
        _S.PARTIALLY_ADDRESSED,
        _S.IMPLEMENTATION_CLAIMED,
        _S.RISK_ACCEPTED,
        *CLOSED_OTHERWISE,
    },
    _S.PARTIALLY_ADDRESSED: {
        _S.IMPLEMENTATION_CLAIMED,
        _S.OPEN_UNRESOLVED,
        _S.RISK_ACCEPTED,
        *CLOSED_OTHERWISE,
    },
    # The owner may still do it after all; on the day after its expiry it is reopened.
    _S.RISK_ACCEPTED: {_S.REOPENED, _S.IMPLEMENTATION_CLAIMED, *CLOSED_OTHERWISE},
    _S.IMPLEMENTATION_CLAIMED: {
        _S.CLOSED_IMPLEMENTED,
        _S.PARTIALLY_ADDRESSED,
        _S.OPEN_RESOLVED,
        *CLOSED_OTHERWISE,
    },
    _S.CLOSED_IMPLEMENTED: {_S.REOPENED},
    _S.CLOSED_NOT_IMPLEMENTED: {_S.REOPENED},
    _S.CLOSED_OVERTAKEN: {_S.REOPENED},
    _S.CLOSED_SUPERSEDED: {_S.REOPENED},
    _S.REOPENED: {
        _S.OPEN_UNRESOLVED,
        _S.OPEN_RESOLVED,
        _S.IMPLEMENTATION_CLAIMED,
        _S.RISK_ACCEPTED,
        *CLOSED_OTHERWISE,
    },
}
CLOSED: set[str] = {_S.CLOSED_IMPLEMENTED, *CLOSED_OTHERWISE}
OPEN: set[str] = set(_S.values) - CLOSED - {_S.DRAFT}


_OFFICES_WORDS: dict[str, dict[str, str]] = {
    # Yellow Book bodies, after the US Government Accountability Office
    Standard.GAGAS: {
        "open": "Open",
        _S.PARTIALLY_ADDRESSED: "Open – Partially Addressed",
        _S.CLOSED_IMPLEMENTED: "Closed – Implemented",
        "closed": "Closed – Not Implemented",
    },
    # Inspectors general, after the US Department of Defense's
    Standard.CIGIE: {
        "open": "Open – Unresolved",
        _S.OPEN_RESOLVED: "Open – Resolved",
        _S.PARTIALLY_ADDRESSED: "Open – Resolved",
        _S.IMPLEMENTATION_CLAIMED: "Open – Resolved",
        "closed": "Closed",
    },
    # Supreme audit institutions, after the UN Board of Auditors
    Standard.ISSAI: {
        "open": "Not implemented",
        _S.OPEN_RESOLVED: "Under implementation",
        _S.PARTIALLY_ADDRESSED: "Under implementation",
        _S.IMPLEMENTATION_CLAIMED: "Under implementation",
        _S.CLOSED_IMPLEMENTED: "Implemented",
        _S.CLOSED_OVERTAKEN: "Overtaken by events",
        "closed": "Not implemented",
    },
    Standard.IIA: {},
}


def native_status(standard: str, state: str) -> str:
    """The state in the words of offices that audit by the standard; ours where it has none."""
    words = _OFFICES_WORDS[standard]
    general = "closed" if state in CLOSED else "open"
    return words.get(state) or words.get(general) or _S(state).label.capitalize()


class Response(models.TextChoices):
    NONE = "none", "no response yet"
    CONCUR = "concur", "concurs"
    PARTIAL = "partial", "partially concurs"
    NON_CONCUR = "non_concur", "does not concur"
    NO_COMMENT = "no_comment", "has no comment"


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: "User | AnonymousUser") -> "RecommendationQuerySet":
        """As its finding is visible: drafts to the auditors, issued ones to who sees the finding."""
        return self.filter(finding__in=Finding.objects.visible_to(user).values("pk"))

    def open(self) -> "RecommendationQuerySet":
        return self.filter(state__in=OPEN)

    def overdue(self, day: date) -> "RecommendationQuerySet":
        """Open, due before the day, and not put off by a risk acceptance that still holds."""
        return self.open().filter(due_on__lt=day).exclude(accepted_until__gte=day)

    def expired(self, day: date) -> "RecommendationQuerySet":
        """Their risk was accepted until a day before this one: they are open again, whatever their row still says."""
        return self.filter(state=_S.RISK_ACCEPTED, accepted_until__lt=day)

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
    # The office's mark: significant in the sense of a semiannual report, a priority as GAO calls it.
    significant = models.BooleanField(default=False)
    accepted_until = models.DateField(null=True, blank=True)  # the last day of an accepted risk

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
            models.CheckConstraint(
                condition=Q(state="risk_accepted", accepted_until__isnull=False)
                | (~Q(state="risk_accepted") & Q(accepted_until__isnull=True)),
                name="recommendation_risk_is_accepted_until_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"recommendation {self.number} of finding {self.finding_id}"

    def get_absolute_url(self) -> str:
        return reverse("audits:recommendation", args=[self.uid])

    @property
    def label(self) -> str:
        """The finding's label and its own number. Load finding and engagement with it."""
        return f"{self.finding.label}.{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def slippage(self) -> int:
        """Days by which the due date that holds lies behind the first one."""
        return (self.due_on - self.original_due_on).days

    def days_overdue(self, day: date) -> int:
        """Days since it was due, 0 if it is not late, not open, or its risk is accepted on that day."""
        if not self.is_open or (self.accepted_until and self.accepted_until >= day):
            return 0
        return max(0, (day - self.due_on).days)

    def risk_expired(self, day: date) -> bool:
        """Its risk was accepted until a day before this one; the journal's next round writes that down."""
        return self.accepted_until is not None and self.accepted_until < day


class StepText(ErasableText):
    """What somebody wrote when a recommendation took a step."""

    note = models.TextField(blank=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    TEXTS = ("note", "evidence_name")

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
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    taken_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_by__isnull=False, taken_at__isnull=False)
                | Q(
                    taken_by__isnull=True,
                    taken_at__isnull=False,
                    before="risk_accepted",
                    after="reopened",
                ),
                name="step_only_an_expiry_is_taken_by_nobody",
            ),
            models.CheckConstraint(
                condition=~Q(after="closed_implemented")
                | Q(before="closed_implemented")
                | Q(evidence__isnull=False),
                name="step_closing_as_implemented_needs_evidence",
                violation_error_message="Attach the evidence on which you close it.",
            ),
            models.CheckConstraint(
                condition=Q(before__in=_S.values) & Q(after__in=_S.values),
                name="step_states_known",
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.pk} of recommendation {self.recommendation_id}"
