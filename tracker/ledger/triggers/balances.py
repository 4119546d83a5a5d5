"""The sums that posting keeps."""

from tracker.ledger.triggers.names import (
    BALANCE,
    LINE,
    TRANSACTION,
    TURNOVER,
    commitment_of_refund,
)
from tracker.shared.triggers import After, Forbid, Trigger

_COUNTED = "NEW.amount - COALESCE(NEW.excess, 0)"

# Names sort in the order in which PostgreSQL fires them: what is drawn on is locked first, then its commitment, then
# the turnover.
BALANCES: list[Trigger] = [
    After(
        "balance_1_opens",
        TRANSACTION,
        f"INSERT INTO {BALANCE} (transaction_id, currency, value, drawn) "
        f"VALUES (NEW.id, NEW.currency, {_COUNTED}, 0);",
        "NEW.reverses_id IS NULL AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_2_closes",
        TRANSACTION,
        f"UPDATE {BALANCE} SET value = value + {_COUNTED} WHERE transaction_id = NEW.reverses_id;",
        "NEW.reverses_id IS NOT NULL AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_3_is_drawn",
        TRANSACTION,
        f"UPDATE {BALANCE} SET drawn = drawn + {_COUNTED} WHERE transaction_id = NEW.draws_on_id "
        f"AND (NEW.kind <> 'refund' OR NEW.draws_on_id <> {commitment_of_refund()});",
        "NEW.draws_on_id IS NOT NULL AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_4_is_refunded",
        TRANSACTION,
        f"UPDATE {BALANCE} SET drawn = drawn - NEW.amount WHERE transaction_id = {commitment_of_refund()};",
        "NEW.kind = 'refund' AND NEW.draws_on_id IS NOT NULL AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_5_turnover",
        TRANSACTION,
        f"INSERT INTO {TURNOVER} (program_id, fiscal_year, kind, purpose, currency, amount, rows) "
        f"VALUES (NEW.program_id, NEW.fiscal_year, NEW.kind, NEW.purpose, NEW.currency, {_COUNTED}, 1) "
        "ON CONFLICT (program_id, fiscal_year, kind, purpose, currency) DO UPDATE SET "
        f"amount = {TURNOVER}.amount + excluded.amount, rows = {TURNOVER}.rows + 1;",
        "NEW.amount IS NOT NULL",
    ),
]

# Without its row a balance would limit nothing; its value is what counts of the amount and of its revaluations, or 0
# once reversed.
_POSTED = (
    f"(SELECT SUM(t.amount - COALESCE(t.excess, 0)) FROM {TRANSACTION} t "
    "WHERE t.id = NEW.transaction_id OR t.reverses_id = NEW.transaction_id)"
)
_REVALUED = f"(SELECT SUM(l.delta) FROM {LINE} l WHERE l.transaction_id = NEW.transaction_id)"
_VALUE = f"COALESCE({_POSTED} + COALESCE({_REVALUED}, 0), {_REVALUED}, -1)"
_VALUE_SAYS = "balance_value_is_its_transactions: its value is what was posted and by how much it was revalued"
KEPT: list[Trigger] = [
    Forbid(
        "balance_stays",
        BALANCE,
        "balance_stays: the balance of a transaction is never deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "balance_value_is_its_transactions",
        BALANCE,
        _VALUE_SAYS,
        f"NEW.transaction_id <> OLD.transaction_id OR NEW.value <> {_VALUE}",
        forbidden="UPDATE",
    ),
    Forbid(
        "balance_opens_with_its_transactions",
        BALANCE,
        _VALUE_SAYS,
        f"NEW.drawn <> 0 OR NEW.value <> {_VALUE}",
    ),
    Forbid(
        "turnover_stays",
        TURNOVER,
        "turnover_stays: a sum of the ledger is never deleted",
        forbidden="DELETE",
    ),
]
