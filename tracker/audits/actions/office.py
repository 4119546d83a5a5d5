"""The office's year: what the plan rests on, judgements, versions of the plan, and the reports that the office issues.

Nothing here is changed: a new weight, rule, judgement or version stands beside the one before it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import uuid4

from django.db import transaction

from tracker.accounts.models import Organisation, User
from tracker.audits import policies, queries
from tracker.audits.models import (
    AuditPlan,
    AuditPlanText,
    CoverageRule,
    Engagement,
    JudgementText,
    OfficeReport,
    PlannedEngagement,
    RiskJudgement,
    RiskWeight,
)
from tracker.journal import actions as journal
from tracker.programs.models import Program
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields, refused_if

MEANWHILE = "Somebody adopted a version at the same moment: look at it first."
ISSUED = "The report of this period was issued already: what came later stands in the next one."
VERSION_TAKEN = {
    "audit_plan_version_once": MEANWHILE,
    "audit_plan_versions_follow": MEANWHILE,
    "append_only: rows of tracker_auditplan": MEANWHILE,
    "audit_plan_adopted_by_the_head": "Only the head of the audit adopts the plan.",
}
PERIOD_TAKEN = {
    "office_report_once_per_period": ISSUED,
    "append_only: rows of tracker_officereport": ISSUED,
    "tracker_officereport.period_start": ISSUED,
}


@transaction.atomic
def set_weight(
    *,
    office: Organisation,
    factor: str,
    weight: int,
    full_at: int | None = None,
    valid_from: date,
    by: User,
) -> RiskWeight:
    """From a day on, a factor weighs so many points in the office's plan. Earlier days keep theirs.

    `full_at`: for counted factors, the number at which the whole weight counts.
    """
    policies.check_can_set_weight(by, office, factor, weight, full_at, valid_from)
    row = RiskWeight(
        office=office,
        factor=factor,
        weight=weight,
        full_at=full_at,
        valid_from=valid_from,
        set_by=by,
    )
    fields = ("office", "factor", "weight", "full_at", "valid_from")
    _recorded(row, "risk_weight", "create", by, {name: getattr(row, name) for name in fields})
    return row


@transaction.atomic
def set_coverage_rule(
    *,
    office: Organisation,
    level: str,
    from_points: int,
    every_years: int,
    percent: int,
    valid_from: date,
    by: User,
) -> CoverageRule:
    """From a day on, a level of risk begins at so many points and asks for `percent` of the money every so many
    fiscal years."""
    policies.check_can_set_rule(by, office, level, from_points, every_years, percent, valid_from)
    row = CoverageRule(
        office=office,
        level=level,
        from_points=from_points,
        every_years=every_years,
        percent=percent,
        valid_from=valid_from,
        set_by=by,
    )
    fields = ("office", "level", "from_points", "every_years", "percent", "valid_from")
    _recorded(row, "coverage_rule", "create", by, {name: getattr(row, name) for name in fields})
    return row


@transaction.atomic
def judge_risk(
    *, program: Program, fiscal_year: int, percent: int, reason: str, by: User
) -> RiskJudgement:
    """Say as an auditor how risky a program is in a year, with the reason. A later judgement stands beside it."""
    policies.check_can_judge(by, program, fiscal_year, percent, reason)
    office = queries.office_of(by)
    text = JudgementText(reason=reason.strip())
    check_fields(text)
    text.save()
    row = RiskJudgement(
        office=office,
        program=program,
        fiscal_year=fiscal_year,
        percent=percent,
        text=text,
        text_digest=text.digest,
        stated_by=by,
    )
    fields: dict[str, Any] = {"office": office, "program": program, "fiscal_year": fiscal_year}
    fields |= {"percent": percent, "reason": text.reason}
    _recorded(row, "risk_judgement", "create", by, fields)
    return row


@transaction.atomic
def adopt_plan(
    *,
    office: Organisation,
    fiscal_year: int,
    engagements: Sequence[Engagement],
    reason: str = "",
    by: User,
) -> AuditPlan:
    """Adopt the next version of the office's plan, with money and risk as they are reckoned now.

    Versions after the first say why. Nothing is changed: the version before stays, and what both say is compared.
    """
    Organisation.objects.select_for_update().get(pk=office.pk)  # one version after the other
    version = queries.next_version(office, fiscal_year)
    policies.check_can_adopt(by, office, fiscal_year, engagements, version=version, reason=reason)
    queries.fiscal_year_of(office, fiscal_year)
    reckoned = queries.reckon(office, queries.programs_for_plan(by, office), fiscal_year)
    text = AuditPlanText.objects.create(reason=reason.strip())
    plan = AuditPlan(
        uid=uuid4(),
        office=office,
        fiscal_year=fiscal_year,
        version=version,
        reckoned=reckoned.canonical(),
        text=text,
        text_digest=text.digest,
        adopted_by=by,
    )
    fields = {
        **{name: getattr(plan, name) for name in ("office", "fiscal_year", "version", "reckoned")},
        "engagements": list(engagements),
        "reason": text.reason,
    }
    with refused_if(VERSION_TAKEN):
        _recorded(plan, "audit_plan", "adopt", by, fields)
    for engagement in engagements:
        PlannedEngagement(plan=plan, engagement=engagement).save(force_insert=True)
    return plan


@transaction.atomic
def issue_office_report(*, office: Organisation, period_end: date, by: User) -> OfficeReport:
    """Issue the semiannual report of the period that ends on the day. Its figures are frozen as they are now."""
    half = queries.half_ending(period_end)
    policies.check_can_issue_report(by, office, half.end)
    if OfficeReport.objects.filter(office=office, period_start=half.start).exists():
        raise Refused(ISSUED)
    report = OfficeReport(
        office=office,
        period_start=half.start,
        period_end=half.end,
        figures=queries.semiannual(office, half).canonical(),
        issued_by=by,
    )
    names = ("office", "period_start", "period_end", "figures")
    with refused_if(PERIOD_TAKEN):
        _recorded(
            report, "office_report", "issue", by, {name: getattr(report, name) for name in names}
        )
    return report


def _recorded(row: Any, kind: str, op: str, by: User, fields: dict[str, Any]) -> None:
    row.entry_id = journal.record(kind, record=row, op=op, by=by, fields=fields)
    row.save(force_insert=True)
