"""How valuations are rebuilt from the journal."""

from tracker.journal.projections import By, First, Number, Part, Projection, Side, When
from tracker.ledger.events import LINE
from tracker.ledger.models import (
    AlternativeValue,
    Revaluation,
    RevaluationDecision,
    RevaluationDecisionText,
    RevaluationLine,
    RevaluationText,
)

PLACE = "the ledger"

VALUATIONS = [
    Projection(
        "revaluation",
        Revaluation,
        ("revaluation",),
        {
            name: First(name)
            for name in (
                *("transaction", "old_basis", "currency", "old_amount", "new_basis", "new_amount"),
                *("valuation_date", "method", "acquisition_cost", "salvage"),
                *("useful_life", "age", "document"),
            )
        }
        | {"proposed_by": By(), "proposed_at": When(), "entry": Number()},
        sides=(
            Side(
                "text",
                RevaluationText,
                {name: First(name) for name in ("reason", "document_name")},
            ),
        ),
        place=PLACE,
    ),
    Projection(
        "decision on a revaluation",
        RevaluationDecision,
        ("revaluation_decision",),
        {name: First(name) for name in ("revaluation", "verdict", "rows")}
        | {"decided_by": By(), "decided_at": When(), "entry": Number()},
        sides=(Side("text", RevaluationDecisionText, {"reason": First("reason")}),),
        parts=(
            Part(
                RevaluationLine,
                "decision",
                ("position", *LINE),
                First("lines"),
                numbered=True,
            ),
        ),
        place=PLACE,
    ),
    Projection(
        "value on another basis",
        AlternativeValue,
        ("alternative_value",),
        {
            name: First(name)
            for name in ("transaction", "basis", "currency", "amount", "valuation_date", "citation")
        }
        | {"recorded_by": By(), "recorded_at": When(), "entry": Number()},
        place=PLACE,
    ),
]
