"""What the journal records of programs."""

from tracker.journal.kinds import Kind

KINDS = [
    Kind(
        "program",
        (
            "identifier",
            "title",
            "summary",
            "status",
            "nature",
            "kind_of_aid",
            "owner",
            "starts_on",
            "ends_on",
            "legal_authority",
            "sectors",
            "participants",
            "gaps",
        ),
        {
            "create": "The program {title} was set up.",
            "change": "The program {title} was changed.",
        },
    ),
    Kind(
        "objective",
        ("program", "parent", "level", "title", "position"),
        {
            "create": "The {level} “{title}” was added.",
            "change": "The {level} “{title}” was changed.",
        },
    ),
    Kind(
        "stated_figure",
        (
            "program",
            "label",
            "kind",
            "qualifier",
            "currency",
            "amount",
            "quantity",
            "unit",
            "words",
            "period_start",
            "period_end",
            "as_of",
            "period_text",
            "citation",
            "source_url",
            "grade",
            "note",
            "replaces",
            "organisation",
        ),
        {"create": "The figure “{label}” was recorded from {citation}."},
        later={"organisation": None},
    ),
]
