"""Transactions: what the database itself refuses to post."""

from tracker.ledger.models import DRAWS_ON, TransactionKind
from tracker.ledger.triggers.names import APPROVAL, BALANCE, TRANSACTION, VERSION, same
from tracker.shared.triggers import Forbid, Trigger

APPROVED = (
    *(
        "amount",
        "currency",
        "program_id",
        "value_date",
        "draws_on_id",
        "reverses_id",
        "provider_id",
    ),
    *("receiver_id", "form", "quantity", "unit", "delivery_point", "valuation_basis"),
    *("valuation_date", "booked_on"),
)
_PAIRS = " OR ".join(
    f"(NEW.kind = '{kind.value}' AND c.kind IN ({', '.join(repr(p.value) for p in parents)}))"
    for kind, parents in ((TransactionKind(k), ps) for k, ps in DRAWS_ON.items())
    if parents
)

POSTING: list[Trigger] = [
    Forbid(
        "transaction_needs_an_approval",
        TRANSACTION,
        "transaction_needs_an_approval: nothing is posted that nobody approved",
        # A report is nobody's to approve here: `transaction_is_what_was_stated` holds it (statements.py).
        "NEW.statement_id IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {APPROVAL} a WHERE a.version_id = NEW.version_id)",
    ),
    Forbid(
        "transaction_once_per_voucher",
        TRANSACTION,
        "transaction_once_per_voucher: a version is posted once",
        f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.id = NEW.version_id AND v.kind <> 'batch') "
        f"AND EXISTS (SELECT 1 FROM {TRANSACTION} t WHERE t.version_id = NEW.version_id)",
    ),
    Forbid(
        "transaction_is_what_was_approved",
        TRANSACTION,
        "transaction_is_what_was_approved: it differs from the approved version",
        f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.id = NEW.version_id AND v.kind <> 'batch' AND NOT ("
        "v.kind = CASE WHEN NEW.reverses_id IS NULL THEN NEW.kind ELSE 'reversal' END AND "
        + same("v", *APPROVED)
        + "))",
    ),
    Forbid(
        "transaction_still_drawn_on",
        TRANSACTION,
        "transaction_still_drawn_on: reverse first what draws on it",
        f"NEW.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM {TRANSACTION} t "
        "WHERE t.draws_on_id = NEW.reverses_id AND t.reverses_id IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} r WHERE r.reverses_id = t.id))",
    ),
    Forbid(
        "transaction_reversal_not_reversed",
        TRANSACTION,
        "transaction_reversal_not_reversed: a reversal cannot be reversed",
        f"NEW.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM {TRANSACTION} o "
        "WHERE o.id = NEW.reverses_id AND o.reverses_id IS NOT NULL)",
    ),
    Forbid(
        "transaction_reversal_mirrors",
        TRANSACTION,
        "transaction_reversal_mirrors: a reversal is the exact opposite of its transaction",
        f"NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} o "
        "WHERE o.id = NEW.reverses_id "
        "AND (o.amount = -NEW.amount OR (o.amount IS NULL AND NEW.amount IS NULL)) "
        "AND COALESCE(o.excess, 0) = -COALESCE(NEW.excess, 0) "
        "AND COALESCE(o.quantity, 0) = -COALESCE(NEW.quantity, 0) AND "
        + same("o", "currency", "kind", "program_id", "draws_on_id", "form", "valuation_basis")
        + ")",
    ),
    Forbid(
        "transaction_draws_on_the_kind_before_it",
        TRANSACTION,
        "transaction_draws_on_the_kind_before_it: no kind stands in for another",
        f"NEW.draws_on_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} c "
        f"WHERE c.id = NEW.draws_on_id AND ({_PAIRS}))",
    ),
    Forbid(
        "transaction_draws_on_its_own_program",
        TRANSACTION,
        "transaction_draws_on_its_own_program: it draws on an original of its program and currency",
        f"NEW.draws_on_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} c "
        "WHERE c.id = NEW.draws_on_id AND c.reverses_id IS NULL AND c.program_id = NEW.program_id "
        "AND (c.currency = NEW.currency OR NEW.amount IS NULL))",
    ),
    Forbid(
        "transaction_draws_on_what_is_in_force",
        TRANSACTION,
        "transaction_draws_on_what_is_in_force: what was reversed cannot be drawn on",
        f"NEW.reverses_id IS NULL AND EXISTS (SELECT 1 FROM {TRANSACTION} r "
        "WHERE r.reverses_id = NEW.draws_on_id)",
    ),
    Forbid(
        "transaction_draws_on_a_value",
        TRANSACTION,
        "transaction_draws_on_a_value: what is unvalued limits nothing, so nothing of value draws on it",
        "NEW.draws_on_id IS NOT NULL AND NEW.amount IS NOT NULL AND NOT EXISTS "
        f"(SELECT 1 FROM {BALANCE} b WHERE b.transaction_id = NEW.draws_on_id)",
    ),
    Forbid(
        "transaction_excess_is_what_was_too_much",
        TRANSACTION,
        "transaction_excess_is_what_was_too_much: only what was left counts, and all of it does",
        f"NEW.reverses_id IS NULL AND NEW.draws_on_id IS NOT NULL AND NEW.excess IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {BALANCE} b "
        "WHERE b.transaction_id = NEW.draws_on_id AND b.value - b.drawn = NEW.amount - NEW.excess)",
    ),
    Forbid(
        "transaction_in_kind_states_its_basis",
        TRANSACTION,
        "transaction_in_kind_states_its_basis: goods and services state basis and date, money is its own value",
        "NEW.reverses_id IS NULL AND CASE WHEN NEW.form = 'money' THEN NEW.valuation_basis <> 'money' "
        "ELSE NEW.valuation_basis IN ('money', 'not_stated') "
        "OR (NEW.valuation_basis <> 'unvalued' AND NEW.valuation_date IS NULL) END",
    ),
]
