"""What the audit office publishes of a finding: everything but names of persons and what the ledger says of payments."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tracker.audits import policies
from tracker.audits.models import Finding, Recommendation, RecommendationState, Response
from tracker.shared.errors import Refused
from tracker.shared.money import Money


@dataclass(frozen=True)
class ReleasedPayment:
    uid: UUID
    program: UUID


@dataclass(frozen=True)
class ReleasedRecommendation:
    """A recommendation as of a day. `response` is None while nobody has responded; `native_status` are the
    office's own words for the state."""

    uid: UUID
    number: int
    text: str
    owner: str
    original_due_on: date
    due_on: date
    state: str
    state_label: str
    native_status: str
    response: str | None
    closed: bool
    overdue_days: int
    as_of: date


@dataclass(frozen=True)
class ReleasedFinding:
    """An issued finding as of a day, in the office's time zone. Blank elements are empty texts."""

    uid: UUID
    number: int
    title: str
    office: str
    engagement: str
    engagement_number: str
    kind: str
    standard: str
    criteria: str
    condition: str
    cause: str
    effect: str
    blank_reason: str
    severity: str
    questioned: Money | None
    issued_on: date
    as_of: date
    payments: list[ReleasedPayment]
    programs: list[UUID]
    recommendations: list[ReleasedRecommendation]


def for_release(finding: Finding) -> ReleasedFinding:
    """Everything that the audit stream says about a finding. Refuses one that is not issued."""
    if finding.issued_on is None:
        raise Refused("Only an issued finding is released: issue it first.")
    engagement = finding.engagement
    as_of = engagement.office.today()
    links = finding.links.order_by("transaction__value_date", "pk")
    pairs = links.values_list("transaction__uid", "transaction__program__uid")
    payments = [ReleasedPayment(uid, program) for uid, program in pairs]
    issued = finding.recommendations.exclude(state=RecommendationState.DRAFT)
    return ReleasedFinding(
        uid=finding.uid,
        number=finding.number,
        title=finding.title,
        office=engagement.office.name,
        engagement=engagement.title,
        engagement_number=engagement.number,
        kind=engagement.get_kind_display(),
        standard=engagement.get_standard_display(),
        criteria=finding.criteria,
        condition=finding.condition,
        cause=finding.cause,
        effect=finding.effect,
        blank_reason=finding.blank_reason,
        severity=finding.severity,
        questioned=finding.questioned,
        issued_on=finding.issued_on,
        as_of=as_of,
        payments=payments,
        programs=list(
            dict.fromkeys(
                [*(p.program for p in payments), *(p.uid for p in policies.programs_about(finding))]
            )
        ),
        recommendations=[
            _recommendation(r, as_of)
            for r in issued.select_related("owner").order_by("number", "pk")
        ],
    )


def _recommendation(recommendation: Recommendation, as_of: date) -> ReleasedRecommendation:
    answered = recommendation.response != Response.NONE
    return ReleasedRecommendation(
        uid=recommendation.uid,
        number=recommendation.number,
        text=recommendation.text,
        owner=recommendation.owner.name,
        original_due_on=recommendation.original_due_on,
        due_on=recommendation.due_on,
        state=recommendation.state,
        state_label=recommendation.get_state_display(),
        native_status=recommendation.native_status,
        response=recommendation.get_response_display() if answered else None,
        closed=not recommendation.is_open,
        overdue_days=recommendation.days_overdue(as_of),
        as_of=as_of,
    )
