"""How samples, their draws, results and evaluations are rebuilt from the journal."""

from tracker.audits.models import (
    Sample,
    SampleDraw,
    SampleEvaluation,
    SampleEvaluationText,
    SampleGivenUp,
    SampleGivenUpText,
    SampleItem,
    SampleResult,
    SampleResultText,
    SampleText,
)
from tracker.journal.projections import By, First, Number, Part, Projection, Says, Side, When

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
        "given up sample",
        SampleGivenUp,
        ("sample_given_up",),
        _fact("sample", by="given_up_by", at="given_up_at"),
        sides=(Side("text", SampleGivenUpText, {"reason": First("reason")}),),
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
