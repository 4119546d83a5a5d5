"""The ledger's rules that the database itself holds, on both engines."""

from tracker.shared.triggers import After, Forbid, Trigger

TRANSACTION, BALANCE, TURNOVER = (
    "tracker_transaction",
    "tracker_balance",
    "tracker_turnover",
)
APPROVAL, VERSION, EDIT = (
    "tracker_approval",
    "tracker_voucherversion",
    "tracker_voucheredit",
)
VOUCHER, RETURN = "tracker_voucher", "tracker_return"

VERSIONS: list[Trigger] = [
    Forbid(
        "version_of_an_open_voucher",
        VERSION,
        "version_of_an_open_voucher: a posted or withdrawn voucher gets no further version",
        f"EXISTS (SELECT 1 FROM {VOUCHER} v "
        "WHERE v.id = NEW.voucher_id AND v.status IN ('posted', 'withdrawn'))",
    ),
    Forbid(
        "return_not_after_an_approval",
        RETURN,
        "return_not_after_an_approval: an approved version is not sent back",
        f"EXISTS (SELECT 1 FROM {APPROVAL} a WHERE a.version_id = NEW.version_id)",
    ),
]

APPROVALS: list[Trigger] = [
    Forbid(
        "approval_never_by_an_editor",
        APPROVAL,
        "approval_never_by_an_editor: who edited a voucher never approves it",
        f"EXISTS (SELECT 1 FROM {EDIT} e JOIN {VERSION} v ON v.voucher_id = e.voucher_id "
        "WHERE v.id = NEW.version_id AND e.person_id = NEW.approver_id)",
    ),
    Forbid(
        "approval_binds_to_the_content",
        APPROVAL,
        "approval_binds_to_the_content: the version's content is not the approved one",
        f"NOT EXISTS (SELECT 1 FROM {VERSION} v "
        "WHERE v.id = NEW.version_id AND v.content_hash = NEW.content_hash)",
    ),
    Forbid(
        "approval_of_the_newest_version",
        APPROVAL,
        "approval_of_the_newest_version: a newer version replaced this one",
        f"EXISTS (SELECT 1 FROM {VERSION} v JOIN {VERSION} newer "
        "ON newer.voucher_id = v.voucher_id AND newer.number > v.number WHERE v.id = NEW.version_id)",
    ),
    Forbid(
        "approval_not_after_a_return",
        APPROVAL,
        "approval_not_after_a_return: this version was sent back",
        "EXISTS (SELECT 1 FROM tracker_return r WHERE r.version_id = NEW.version_id)",
    ),
]

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
        f"INSERT INTO {TURNOVER} (program_id, fiscal_year, kind, currency, amount, rows) "
        "VALUES (NEW.program_id, NEW.fiscal_year, NEW.kind, NEW.currency, NEW.amount, 1) "
        "ON CONFLICT (program_id, fiscal_year, kind, currency) DO UPDATE SET "
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

TRIGGERS = [*VERSIONS, *APPROVALS, *POSTING, *BALANCES, *KEPT]
