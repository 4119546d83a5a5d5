"""How the office's weights, rules, judgements, plans and reports are rebuilt from the journal."""

from tracker.audits.models import (
    AuditPlan,
    AuditPlanText,
    CoverageRule,
    JudgementText,
    OfficeReport,
    PlannedEngagement,
    RiskJudgement,
    RiskWeight,
)
from tracker.journal.projections import By, First, Number, Part, Projection, Side, When

PROJECTIONS = [
    Projection(
        "weight",
        RiskWeight,
        ("risk_weight",),
        {name: First(name) for name in ("office", "factor", "weight", "full_at", "valid_from")}
        | {"set_by": By(), "set_at": When(), "entry": Number()},
    ),
    Projection(
        "rule of coverage",
        CoverageRule,
        ("coverage_rule",),
        {
            name: First(name)
            for name in (
                *("office", "level", "from_points", "every_years", "percent", "valid_from"),
            )
        }
        | {"set_by": By(), "set_at": When(), "entry": Number()},
    ),
    Projection(
        "judgement",
        RiskJudgement,
        ("risk_judgement",),
        {name: First(name) for name in ("office", "program", "fiscal_year", "percent")}
        | {"stated_by": By(), "stated_at": When(), "entry": Number()},
        sides=(Side("text", JudgementText, {"reason": First("reason")}),),
    ),
    Projection(
        "plan",
        AuditPlan,
        ("audit_plan",),
        {name: First(name) for name in ("office", "fiscal_year", "version", "reckoned")}
        | {"adopted_by": By(), "adopted_at": When(), "entry": Number()},
        sides=(Side("text", AuditPlanText, {"reason": First("reason")}),),
        parts=(Part(PlannedEngagement, "plan", ("engagement",), First("engagements")),),
    ),
    Projection(
        "office report",
        OfficeReport,
        ("office_report",),
        {name: First(name) for name in ("office", "period_start", "period_end", "figures")}
        | {"issued_by": By(), "issued_at": When(), "entry": Number()},
    ),
]
