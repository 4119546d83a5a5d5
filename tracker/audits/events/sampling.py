"""What the journal records of samples."""

from tracker.journal.kinds import Kind

SAMPLING: list[Kind] = [
    Kind(
        "sample",
        (
            *("engagement", "number", "source", "method", "test", "attributes", "confidence"),
            *("tolerable_rate", "expected_rate", "currency", "tolerable_amount"),
            *("expected_amount", "estimator", "allocation", "strata", "excluded", "items"),
            *("recorded", "digest", "stored_as", "computed_size", "computed_how", "size"),
            *("interval", "again", "purpose", "population", "filters", "strata_names"),
            *("size_reason", "again_reason"),
        ),
        {"create": "Sample {number} was planned and its population of {items} items frozen."},
    ),
    Kind(
        "sample_draw",
        ("sample", "checkpoint", "root", "seed", "drawn", "certain", "items"),
        {"create": "{drawn} items were drawn with the seed of the checkpoint at {checkpoint}."},
    ),
    Kind(
        "sample_given_up",
        ("sample", "reason"),
        {"create": "The sample was given up before the draw: “{reason}”."},
    ),
    Kind(
        "sample_result",
        (
            *("item", "number", "outcomes", "currency", "audited", "examined", "excused"),
            *("reference", "note"),
        ),
        {"create": "Result {number} of an item was recorded."},
    ),
    Kind(
        "sample_evaluation",
        ("sample", "number", "results", "figures", "conclusion"),
        {"create": "The sample was evaluated, for the time number {number}."},
    ),
]
