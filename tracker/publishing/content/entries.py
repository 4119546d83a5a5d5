"""Which values of a journal entry become public with a released row: those that the row itself states.

A field is disclosed only where its model declares it public in `fields.py` and the row does not withhold it. The time
and the person of an entry are never disclosed: a clear time would tell a withheld date.
"""

from collections.abc import Mapping
from functools import cache

from tracker.journal.kinds import kind_named
from tracker.publishing.content.cells import Cell, Cells, is_withheld
from tracker.publishing.fields import FIELDS, Public

# The kind of a released row: the tables whose fields its entries have. Rows of other kinds are reckoned.
MODELS: Mapping[str, tuple[str, ...]] = {
    "transaction": ("Transaction", "TransactionText"),
    "revaluation": ("Revaluation", "RevaluationText"),
    "alternative_value": ("AlternativeValue",),
    "discrepancy": ("Discrepancy", "DiscrepancyState"),
    "program": ("Program",),
    "objective": ("Objective",),
    "figure": ("StatedFigure",),
    "indicator": ("Indicator",),
    "measurement": ("Measurement", "MeasurementText"),
    "target": ("Target",),
    "finding": ("Finding",),
    "recommendation": ("Recommendation",),
    "engagement": ("Engagement",),
    "certification": ("Certification",),
}
JOURNAL_KINDS = {"figure": "stated_figure"}
NEVER = ("at", "by")
OF_A_RELEASE = (
    *("stream", "subject", "number", "data_until", "journal_size", "manifest", "rows"),
    *("report", "files", "order", "public_from"),
)
ERASED: Cell = {"state": "erased"}


@cache
def cell_names(kind: str) -> Mapping[str, str]:
    """For each field of the kind's entries that its tables declare public: the name of its cell."""
    stated = kind_named(JOURNAL_KINDS.get(kind, kind)).fields
    return {
        field: declared.field
        for model in MODELS[kind]
        for field, declared in FIELDS[model].items()
        if isinstance(declared, Public) and declared.kind == kind
        if field in stated and field not in NEVER
    }


def parted(
    kind: str, cells: Cells, disclosures: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Cell]]:
    """What of an entry is public with a row, and of what the row could state, why it is not. The rest is internal."""
    disclosed, withheld = {}, {}
    for field, name in cell_names(kind).items():
        cell = cells.get(name)
        if cell is None:
            continue
        if is_withheld(cell):
            withheld[field] = cell
        elif field in disclosures:
            disclosed[field] = disclosures[field]
        else:
            withheld[field] = ERASED
    return disclosed, withheld


def parted_of_release(disclosures: Mapping[str, str]) -> dict[str, str]:
    """What is public of the entry of a release: all that it says but when and by whom."""
    return {name: disclosures[name] for name in OF_A_RELEASE if name in disclosures}
