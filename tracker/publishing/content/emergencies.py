"""How often one signature stood for two in a program, as a public row: numbers only, none of the people or reasons."""

from tracker.ledger.queries import emergency_counts
from tracker.programs.models import Program
from tracker.publishing.content.cells import Row, cells_of


def row(program: Program) -> Row:
    """Always there: that there was none is a statement too."""
    return Row("emergencies", program.uid, cells_of(**emergency_counts(program)))
