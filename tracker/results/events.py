"""What the journal records of results."""

from tracker.journal.kinds import Kind

KINDS = [
    Kind(
        "indicator",
        ("program", "objective", "title", "definition", "unit", "direction"),
        {"create": "The indicator “{title}” was added."},
    ),
    Kind(
        "target",
        ("indicator", "kind", "period_start", "period_end", "value", "replaces"),
        {"create": "The {kind} for {period_start} to {period_end} was set to {value}."},
    ),
    Kind(
        "measurement",
        (
            "indicator",
            "measured_on",
            "value",
            "verification",
            "source",
            "comment",
            "text_digest",
            "replaces",
        ),
        {"create": "On {measured_on} the value was {value} ({verification})."},
    ),
]
