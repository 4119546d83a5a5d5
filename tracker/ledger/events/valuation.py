"""What the journal records of valuations."""

from tracker.journal.kinds import Kind

# What a decision says of each row.
LINE = ("transaction", "currency", "was", "delta", "booked_on", "fiscal_year")

VALUATIONS: list[Kind] = [
    Kind(
        "revaluation",
        (
            *("transaction", "old_basis", "currency", "old_amount", "new_basis", "new_amount"),
            *("valuation_date", "method", "acquisition_cost", "salvage", "useful_life", "age"),
            *("document", "document_name", "reason"),
        ),
        {
            "create": "A value of {new_amount} {currency} was proposed (until now: {old_amount}), because “{reason}”."
        },
    ),
    Kind(
        "revaluation_decision",
        ("revaluation", "verdict", "reason", "rows", "lines"),
        {
            "create": "The revaluation was {verdict} by a second person; {rows} rows change their value."
        },
    ),
    Kind(
        "alternative_value",
        ("transaction", "basis", "currency", "amount", "valuation_date", "citation"),
        {"create": "{citation} states {amount} {currency} on another basis."},
    ),
]
