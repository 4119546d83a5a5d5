"""How engagements, findings, recommendations and their steps are rebuilt from the journal."""

from tracker.audits.models import (
    ELEMENTS,
    Engagement,
    EngagementScope,
    Finding,
    FindingLink,
    Recommendation,
    RecommendationStep,
    Star,
    StepText,
    TeamMember,
)
from tracker.audits.projections.money import FINDING_PARTS, MONEY, BlankReason
from tracker.audits.projections.office import PROJECTIONS as OFFICE
from tracker.audits.projections.sampling import SAMPLING
from tracker.audits.projections.work import WORK
from tracker.journal.projections import (
    By,
    First,
    Last,
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
    *("decide", "accept_risk", "expire"),
)
_MOVES = (
    *("create", "announce", "start", "send_draft", "receive_comment", "finalise"),
    *("follow_up", "close", "terminate"),
)
_TOLD = (
    *("engagement", "number", "title", "criteria", "condition", "cause", "effect"),
    *("severity", "currency", "questioned", "status"),
    *("kind", "kind_words", "control_class", "materiality_currency", "materiality", "repeats"),
    *("decision_due_on", "final_action_due_on"),
)

DESK = [
    Projection(
        "star",
        Star,
        ("star",),
        {
            n: First(n)
            for n in (
                *("person", "engagement", "record_kind", "record", "field", "note", "at_entry"),
            )
        }
        | {"starred_at": When(), "removed_at": When("remove")},
    ),
]
NOT_PROJECTED = {"SavedSearch": "a person's own convenience; it says nothing about any record"}

PROJECTIONS: list[Projection] = [
    *SAMPLING,
    *DESK,
    Projection(
        "engagement",
        Engagement,
        ("engagement",),
        {
            name: Last(name)
            for name in (
                *("number", "title", "kind", "standard", "status", "office", "objectives", "lead"),
                *("criteria", "announced_on", "unannounced_because", "uncommented_because"),
            )
        }
        | {"created_at": When(), "moved_at": When(*_MOVES)},
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
        | {f"{name}_blank": BlankReason(name) for name in ELEMENTS}
        | {
            "written_by": By(),
            "issued_by": By("issue"),
            "issued_at": When("issue"),
            "issued_on": Last("issued_on"),
        },
        parts=(
            Part(FindingLink, "finding", ("transaction",), Last("transactions")),
            *FINDING_PARTS,
        ),
    ),
    Projection(
        "recommendation",
        Recommendation,
        ("recommendation",),
        {
            name: Last(name)
            for name in (
                *("finding", "number", "text", "owner", "original_due_on", "due_on", "state"),
                *("response", "native_status", "issued_on", "significant", "accepted_until"),
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
    *MONEY,
    *OFFICE,
    *WORK,
]
