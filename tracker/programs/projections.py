"""How programs, objectives and stated figures are rebuilt from the journal."""

from tracker.journal.projections import First, Last, Number, Part, Projection, When
from tracker.programs.models import (
    Gap,
    Objective,
    Participation,
    Program,
    ProgramSector,
    StatedFigure,
)

_PROGRAM = (
    *("identifier", "title", "summary", "status", "nature", "kind_of_aid", "owner"),
    *("starts_on", "ends_on", "legal_authority"),
)
_FIGURE = (
    *("program", "label", "kind", "qualifier", "currency", "amount", "quantity", "unit", "words"),
    *("period_start", "period_end", "as_of", "period_text", "citation", "source_url", "grade"),
    *("note", "replaces", "organisation"),
)

PROJECTIONS = [
    Projection(
        "program",
        Program,
        ("program",),
        {name: Last(name) for name in _PROGRAM} | {"created_at": When()},
        parts=(
            Part(ProgramSector, "program", ("code", "name", "percent"), Last("sectors")),
            Part(Participation, "program", ("organisation", "role"), Last("participants")),
            Part(
                Gap,
                "program",
                ("position", "sentence"),
                Last("gaps"),
                numbered=True,
                unmapped={
                    "uid": "a name that nothing else uses: a program's gaps are written anew"
                },
            ),
        ),
    ),
    Projection(
        "objective",
        Objective,
        ("objective",),
        {name: Last(name) for name in ("program", "parent", "level", "title", "position")},
    ),
    Projection(
        "stated figure",
        StatedFigure,
        ("stated_figure",),
        {name: First(name) for name in _FIGURE} | {"entry": Number()},
    ),
]
