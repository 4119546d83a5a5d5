"""The one domain table of the journal itself: decisions to erase."""

from tracker.journal.models import Erasure
from tracker.journal.projections.rows import Projection
from tracker.journal.projections.said import First, Number, Through

PROJECTIONS = [
    Projection(
        "erasure",
        Erasure,
        ("erasure",),
        {"target": Through("pk", First("entry")), "entry": Number()},
        place="the journal's own table",
    )
]
