"""How engagements, findings, recommendations and their steps are rebuilt from the journal."""

from tracker.audits.models import (
    AuditPlan,
    CoverageRule,
    Engagement,
    EngagementScope,
    Finding,
    FindingLink,
    JudgementText,
    OfficeReport,
    PlannedEngagement,
    PlanText,
    Recommendation,
    RecommendationStep,
    RiskJudgement,
    RiskWeight,
    StepText,
    TeamMember,
)
from tracker.journal.projections import (
    By,
    First,
    Last,
    Number,
    Occasion,
    Part,
    Projection,
    Side,
    Subject,
    Through,
    When,
)

_STEPS = (
    *("issue", "respond", "claim", "address", "reject", "accept", "close", "reopen", "extend"),
)
_TOLD = (
    *("engagement", "number", "title", "criteria", "condition", "cause", "effect"),
    *("blank_reason", "severity", "currency", "questioned", "status"),
)

PROJECTIONS = [
    Projection(
        "engagement",
        Engagement,
        ("engagement",),
        {
            name: Last(name)
            for name in (
                *("number", "title", "kind", "standard", "status", "office", "objectives", "lead"),
            )
        }
        | {"created_at": When()},
        parts=(
            Part(
                EngagementScope,
                "engagement",
                ("program", "period_start", "period_end"),
                Last("scope"),
            ),
            Part(TeamMember, "engagement", ("person",), Last("team")),
        ),
    ),
    Projection(
        "finding",
        Finding,
        ("finding",),
        {name: Last(name) for name in _TOLD}
        | {
            "written_by": By(),
            "issued_by": By("issue"),
            "issued_at": When("issue"),
            "issued_on": Last("issued_on"),
        },
        parts=(Part(FindingLink, "finding", ("transaction",), Last("transactions")),),
    ),
    Projection(
        "recommendation",
        Recommendation,
        ("recommendation",),
        {
            name: Last(name)
            for name in (
                *("finding", "number", "text", "owner", "original_due_on", "due_on", "state"),
                *("response", "native_status", "issued_on"),
            )
        },
        ends=("remove",),
    ),
    Projection(
        "step",
        RecommendationStep,
        ("recommendation",),
        {
            "uid": First("step"),
            "recommendation": Subject(),
            "before": First("before"),
            "after": First("state"),
            "response": Occasion(dict.fromkeys(_STEPS, "") | {"respond": First("response")}),
            "due_on": Occasion(
                dict.fromkeys(_STEPS) | {"issue": First("due_on"), "extend": First("due_on")}
            ),
            "evidence": Through("sha256", First("evidence")),
            "taken_by": By(),
            "taken_at": When(),
        },
        key="entry",
        ops=_STEPS,
        sides=(Side("text", StepText, {n: First(n) for n in ("note", "evidence_name")}),),
    ),
]

# The office's year.
PROJECTIONS += [
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
        sides=(Side("text", PlanText, {"reason": First("reason")}),),
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
