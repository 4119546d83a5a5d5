"""What people type about programs. Forms look at the shape; actions know the rules."""

from tracker.programs.forms.fields import date_field, number_field, say_at_fields
from tracker.programs.forms.parts import (
    FigureForm,
    MovedObjectiveForm,
    ObjectiveForm,
    initial_figure,
)
from tracker.programs.forms.program import MORE_ROWS, MOST_ROWS, ProgramSheet

__all__ = [
    "MORE_ROWS",
    "MOST_ROWS",
    "FigureForm",
    "MovedObjectiveForm",
    "ObjectiveForm",
    "ProgramSheet",
    "date_field",
    "initial_figure",
    "number_field",
    "say_at_fields",
]
