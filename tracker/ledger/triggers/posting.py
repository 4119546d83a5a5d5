"""Transactions: what the database itself refuses to post."""

from tracker.ledger.triggers.names import APPROVAL, TRANSACTION, VERSION
from tracker.shared.triggers import Forbid, Trigger

POSTING: list[Trigger] = [
    Forbid(
        "transaction_needs_an_approval",
        TRANSACTION,
        "transaction_needs_an_approval: nothing is posted that nobody approved",
        f"NOT EXISTS (SELECT 1 FROM {APPROVAL} a WHERE a.version_id = NEW.version_id)",
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
        "v.amount = NEW.amount AND v.currency = NEW.currency AND v.program_id = NEW.program_id "
        "AND v.value_date = NEW.value_date AND v.kind = "
        "CASE WHEN NEW.reverses_id IS NULL THEN NEW.kind ELSE 'reversal' END "
        "AND COALESCE(v.draws_on_id, 0) = COALESCE(NEW.draws_on_id, 0) "
        "AND COALESCE(v.reverses_id, 0) = COALESCE(NEW.reverses_id, 0) "
        "AND COALESCE(v.provider_id, 0) = COALESCE(NEW.provider_id, 0) "
        "AND COALESCE(v.receiver_id, 0) = COALESCE(NEW.receiver_id, 0)))",
    ),
    Forbid(
        "transaction_commitment_still_drawn_on",
        TRANSACTION,
        "transaction_commitment_still_drawn_on: reverse first what draws on the commitment",
        f"NEW.kind = 'commitment' AND NEW.reverses_id IS NOT NULL AND EXISTS (SELECT 1 FROM {TRANSACTION} t "
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
        "WHERE o.id = NEW.reverses_id AND o.amount = -NEW.amount AND o.currency = NEW.currency "
        "AND o.kind = NEW.kind AND o.program_id = NEW.program_id "
        "AND COALESCE(o.draws_on_id, 0) = COALESCE(NEW.draws_on_id, 0))",
    ),
    Forbid(
        "transaction_draws_on_a_commitment",
        TRANSACTION,
        "transaction_draws_on_a_commitment: it draws on a commitment of its program and currency",
        f"NEW.draws_on_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} c "
        "WHERE c.id = NEW.draws_on_id AND c.kind = 'commitment' AND c.reverses_id IS NULL "
        "AND c.currency = NEW.currency AND c.program_id = NEW.program_id)",
    ),
]
