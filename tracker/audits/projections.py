"""How engagements, findings, recommendations and their steps are rebuilt from the journal."""

from tracker.audits.models import (
    Engagement,
    EngagementScope,
    Finding,
    FindingLink,
    Recommendation,
    RecommendationStep,
    Sample,
    SampleDraw,
    SampleEvaluation,
    SampleEvaluationText,
    SampleItem,
    SampleResult,
    SampleResultText,
    SampleText,
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
    Says,
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

_PLANNED = (
    *("engagement", "number", "source", "method", "test", "attributes", "confidence"),
    *("tolerable_rate", "expected_rate", "currency", "tolerable_amount", "expected_amount"),
    *("estimator", "allocation", "strata", "excluded", "items", "recorded", "digest", "stored_as"),
    *("computed_size", "computed_how", "size", "interval", "again"),
)


def _fact(*names: str, by: str, at: str) -> dict[str, Says]:
    """The columns of a fact that one entry says whole."""
    return {name: First(name) for name in names} | {by: By(), at: When(), "entry": Number()}


SAMPLING = [
    Projection(
        "sample",
        Sample,
        ("sample",),
        _fact(*_PLANNED, by="planned_by", at="planned_at"),
        sides=(Side("text", SampleText, {name: First(name) for name in SampleText.TEXTS}),),
    ),
    Projection(
        "draw of a sample",
        SampleDraw,
        ("sample_draw",),
        _fact(
            *("sample", "checkpoint", "root", "seed", "drawn", "certain"),
            by="drawn_by",
            at="drawn_at",
        ),
        parts=(
            Part(
                SampleItem,
                "draw",
                ("uid", "position", "place", "transaction", "stratum", "certain"),
                First("items"),
            ),
        ),
    ),
    Projection(
        "result of a sample",
        SampleResult,
        ("sample_result",),
        _fact(
            *("item", "number", "outcomes", "currency", "audited", "examined", "excused"),
            by="recorded_by",
            at="recorded_at",
        ),
        sides=(Side("text", SampleResultText, {n: First(n) for n in SampleResultText.TEXTS}),),
    ),
    Projection(
        "evaluation of a sample",
        SampleEvaluation,
        ("sample_evaluation",),
        _fact(*("sample", "number", "results", "figures"), by="evaluated_by", at="evaluated_at"),
        sides=(Side("text", SampleEvaluationText, {"conclusion": First("conclusion")}),),
    ),
]

PROJECTIONS = [
    *SAMPLING,
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
