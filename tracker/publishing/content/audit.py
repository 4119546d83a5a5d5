"""The audit office's own stream as public rows: findings, their recommendations, and every step of those."""

from collections.abc import Iterator
from datetime import date

from tracker.audits.models import (
    CLOSED,
    Finding,
    Recommendation,
    RecommendationState,
    RecommendationStep,
    native_status,
)
from tracker.publishing.content import finding_money, finding_views
from tracker.publishing.content.cells import Row, Withheld, cells_of
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import Withholding

DATED = ("as_of", "overdue_days")  # they change with the calendar alone


def recommendations_of(finding: Finding) -> list[Recommendation]:
    """Issued ones only: a draft is the auditors' own."""
    issued = finding.recommendations.exclude(state=RecommendationState.DRAFT)
    return list(issued.select_related("owner").order_by("number", "pk"))


def withheld_in(finding: Finding, recommendations: list[Recommendation]) -> Withheld:
    records = [finding.uid, *(r.uid for r in recommendations)]
    return Withheld(Withholding.objects.in_force().filter(record__in=records))


def rows(finding: Finding, as_of: date, withheld: Withheld | None = None) -> Iterator[Row]:
    """With what is withheld in it now, if nothing else is said."""
    recommendations = recommendations_of(finding)
    if withheld is None:
        withheld = withheld_in(finding, recommendations)
    yield _finding(finding, as_of, withheld)
    for recommendation in recommendations:
        yield _recommendation(recommendation, as_of, withheld)
    yield from _states(finding, recommendations)


def _finding(finding: Finding, as_of: date, withheld: Withheld) -> Row:
    engagement = finding.engagement
    links = finding.links.select_related("transaction__program").order_by("pk")
    payments = [(link.transaction.uid, link.transaction.program.uid) for link in links]
    scope = engagement.scope.select_related("program").order_by("program__title", "pk")
    cells = cells_of(
        title=finding.title,
        office=engagement.office.name,
        office_uid=engagement.office.uid,
        engagement=engagement.title,
        engagement_uid=engagement.uid,
        engagement_number=engagement.number,
        kind=engagement.kind,
        standard=engagement.standard,
        criteria=finding.criteria,
        condition=finding.condition,
        cause=finding.cause,
        effect=finding.effect,
        blank_reason=finding.blank_reason,
        severity=finding.severity,
        questioned=finding.questioned,
        issued_on=finding.issued_on,
        as_of=as_of,
        payments=[{"uid": uid, "program": program} for uid, program in payments],
        programs=concerned([program for _, program in payments], [s.program.uid for s in scope]),
    )
    cells |= finding_money.cells(finding) | finding_views.cells(finding)
    told = withheld.cover(cells, WITHHOLDABLE["finding"], finding.uid, kind="finding")
    return Row("finding", finding.uid, finding_money.covered(told))


def concerned(paid: list, scope: list) -> list:
    """The programs whose payments it points at; without payments, those that the engagement looked at."""
    return list(dict.fromkeys(paid or scope))


def _recommendation(recommendation: Recommendation, as_of: date, withheld: Withheld) -> Row:
    cells = cells_of(
        number=recommendation.number,
        text=recommendation.text,
        owner=recommendation.owner.name,
        original_due_on=recommendation.original_due_on,
        due_on=recommendation.due_on,
        state=recommendation.state,
        state_label=recommendation.get_state_display(),
        native_status=recommendation.native_status,
        response=recommendation.response,
        significant=recommendation.significant,
        accepted_until=recommendation.accepted_until,
        plan=finding_money.plan_of(recommendation),
        closed=recommendation.state in CLOSED,
        overdue_days=recommendation.days_overdue(as_of),
        as_of=as_of,
    )
    fields = WITHHOLDABLE["recommendation"]
    covered = withheld.cover(cells, fields, recommendation.uid, kind="recommendation")
    return Row("recommendation", recommendation.uid, covered)


def _states(finding: Finding, recommendations: list[Recommendation]) -> Iterator[Row]:
    """Every step, oldest first: from which state to which, or a later due date, on which day. Never who, nor what
    they wrote to each other."""
    engagement = finding.engagement
    zone = engagement.office.zone()
    named = {recommendation.pk: recommendation.uid for recommendation in recommendations}
    steps = RecommendationStep.objects.filter(recommendation__in=named)
    for step in steps.order_by("pk"):
        yield Row(
            "recommendation_state",
            step.uid,
            cells_of(
                recommendation=named[step.recommendation_id],
                before=step.before,
                before_label=step.get_before_display(),
                after=step.after,
                after_label=step.get_after_display(),
                native_status=native_status(engagement.standard, step.after),
                response=step.response,
                due_on=step.due_on,
                taken_on=step.taken_at.astimezone(zone).date(),
                entry=step.entry_id,
            ),
        )
