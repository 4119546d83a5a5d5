"""How indicators, targets and measurements are rebuilt from the journal."""

from tracker.journal.projections import By, First, Number, Projection, Side, When
from tracker.results.models import Indicator, Measurement, MeasurementText, Target

_RECORDED = {"recorded_by": By(), "recorded_at": When(), "entry": Number()}

PROJECTIONS = [
    Projection(
        "indicator",
        Indicator,
        ("indicator",),
        {
            name: First(name)
            for name in ("program", "objective", "title", "definition", "unit", "direction")
        }
        | {"created_at": When()},
    ),
    Projection(
        "target",
        Target,
        ("target",),
        {
            name: First(name)
            for name in ("indicator", "kind", "period_start", "period_end", "value", "replaces")
        }
        | _RECORDED,
    ),
    Projection(
        "measurement",
        Measurement,
        ("measurement",),
        {
            name: First(name)
            for name in (
                *("indicator", "measured_on", "value", "verification", "replaces"),
                "text_digest",
            )
        }
        | _RECORDED,
        sides=(Side("text", MeasurementText, {n: First(n) for n in ("source", "comment")}),),
    ),
]
