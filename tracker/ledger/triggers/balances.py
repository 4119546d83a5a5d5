"""The sums that posting keeps."""

from tracker.ledger.triggers.names import BALANCE, TRANSACTION, TURNOVER
from tracker.shared.triggers import After, Forbid, Trigger

# Names sort in the order in which PostgreSQL fires them: the balance is locked first, then the turnover.
BALANCES: list[Trigger] = [
    After(
        "balance_1_opens",
        TRANSACTION,
        f"INSERT INTO {BALANCE} (transaction_id, currency, committed, drawn) "
        "VALUES (NEW.id, NEW.currency, NEW.amount, 0);",
        "NEW.kind = 'commitment' AND NEW.reverses_id IS NULL",
    ),
    After(
        "balance_2_closes",
        TRANSACTION,
        f"UPDATE {BALANCE} SET committed = committed + NEW.amount "
        "WHERE transaction_id = NEW.reverses_id;",
        "NEW.kind = 'commitment' AND NEW.reverses_id IS NOT NULL",
    ),
    After(
        "balance_3_is_drawn",
        TRANSACTION,
        f"UPDATE {BALANCE} SET drawn = drawn + NEW.amount WHERE transaction_id = NEW.draws_on_id;",
        "NEW.kind = 'disbursement'",
    ),
    After(
        "balance_4_is_refunded",
        TRANSACTION,
        f"UPDATE {BALANCE} SET drawn = drawn - NEW.amount WHERE transaction_id = NEW.draws_on_id;",
        "NEW.kind = 'refund' AND NEW.draws_on_id IS NOT NULL",
    ),
    After(
        "balance_5_turnover",
        TRANSACTION,
        f"INSERT INTO {TURNOVER} (program_id, fiscal_year, kind, purpose, currency, amount, rows) "
        "VALUES (NEW.program_id, NEW.fiscal_year, NEW.kind, NEW.purpose, NEW.currency, NEW.amount, 1) "
        "ON CONFLICT (program_id, fiscal_year, kind, purpose, currency) DO UPDATE SET "
        f"amount = {TURNOVER}.amount + excluded.amount, rows = {TURNOVER}.rows + 1;",
    ),
]

# Without its row a balance would limit nothing; its ceiling is the commitment's own amount, or 0 once reversed.
_CEILING = (
    f"COALESCE((SELECT SUM(t.amount) FROM {TRANSACTION} t "
    "WHERE t.id = NEW.transaction_id OR t.reverses_id = NEW.transaction_id), -1)"
)
KEPT: list[Trigger] = [
    Forbid(
        "balance_stays",
        BALANCE,
        "balance_stays: the balance of a commitment is never deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "balance_ceiling_is_the_commitment",
        BALANCE,
        "balance_ceiling_is_the_commitment: the ceiling is what was committed",
        f"NEW.transaction_id <> OLD.transaction_id OR NEW.committed <> {_CEILING}",
        forbidden="UPDATE",
    ),
    Forbid(
        "turnover_stays",
        TURNOVER,
        "turnover_stays: a sum of the ledger is never deleted",
        forbidden="DELETE",
    ),
]
