"""What the journal records of the recipient's statements and of discrepancies."""

from tracker.journal.kinds import Kind
from tracker.ledger.models import StepKind

# What happens to a discrepancy, and the step that it is.
STEPS: dict[str, StepKind] = {
    "explain": StepKind.EXPLAINED,
    "accept": StepKind.ACCEPTED,
    "dispute": StepKind.DISPUTED,
    "lose": StepKind.LOSS,
    "write_off": StepKind.WRITTEN_OFF,
    "reopen": StepKind.REOPENED,
    "withdraw": StepKind.WITHDRAWN,
}
STATED = (
    *("about", "verdict", "currency", "amount", "quantity", "unit"),
    *("damaged_amount", "damaged_quantity", "arrived_on", "delivery_point"),
)
OPENED = (
    *("about", "receipt", "statement", "kind", "currency", "amount", "quantity", "unit"),
    *("opened_on", "due_on"),
)

STATEMENTS: list[Kind] = [
    Kind(
        "statement",
        (*STATED, "evidence", "evidence_name", "remark"),
        {"create": "The recipient's side gave its word: {verdict}."},
    ),
    Kind(
        "discrepancy",
        (
            # Where it stands after the event, then the step itself: what it names may wait for acceptance.
            *(*OPENED, "status", "since", "settled_by"),
            *("step", "side", "named", "taken_on", "evidence", "evidence_name", "reason"),
        ),
        {
            "create": "A discrepancy was opened ({kind}), to be settled by {due_on}.",
            "explain": "An explanation was given: “{reason}”.",
            "accept": "The other side accepted the explanation.",
            "dispute": "The discrepancy was disputed: “{reason}”.",
            "lose": "The discrepancy was declared a loss: “{reason}”.",
            "write_off": "The write-off was named: “{reason}”.",
            "reopen": "The discrepancy was reopened: “{reason}”.",
            "withdraw": "The discrepancy was withdrawn with its report: “{reason}”.",
        },
    ),
]
