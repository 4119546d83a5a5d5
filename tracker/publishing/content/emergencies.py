"""How often one signature stood for two in a program, as a public row: numbers only, none of the people or reasons."""

from tracker.ledger.queries import emergency_counts
from tracker.programs.models import Program
from tracker.publishing.content.cells import Row, Withheld, cells_of


def row(program: Program, withheld: Withheld) -> Row:
    """Always there: that there was none is a statement too. What a delay holds back is not counted yet."""
    counts = emergency_counts(program, withheld.not_held_back(program))
    return Row("emergencies", program.uid, cells_of(**counts))
