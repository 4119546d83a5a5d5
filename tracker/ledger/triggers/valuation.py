"""Revaluations: what the database itself refuses, and what a confirmed one puts into effect.

The lines of a decision come one after the other, the revalued transaction first. Nothing moves until the last of them
is there; then all balances, sums of authorities and turnovers move at once, each in one statement. So a bound that
holds before and after is never broken between two lines.
"""

from tracker.ledger.models import REVALUED as KINDS
from tracker.ledger.triggers.interests import interested
from tracker.ledger.triggers.names import (
    ALTERNATIVE,
    AUTHORITY,
    BALANCE,
    EDIT,
    LINE,
    REVALUATION,
    STATEMENT,
    TRANSACTION,
    TURNOVER,
    VERDICT,
    VERSION,
    YEAR,
    basis_now,
    commitment_of_refund,
    in_force,
)
from tracker.ledger.triggers.periods import in_closed, shared
from tracker.shared.triggers import After, Forbid, Trigger

_KINDS = ", ".join(f"'{kind.value}'" for kind in KINDS)
_OF_DECISION = f"{VERDICT} d JOIN {REVALUATION} r ON r.id = d.revaluation_id"

WORDS = "tracker_transactiontext"
_BOOKED = "COALESCE(t.booked_on, t.value_date)"

REVALUATIONS: list[Trigger] = [
    Forbid(
        "revaluation_of_goods_in_force",
        REVALUATION,
        "revaluation_of_goods_in_force: only goods and services that are in force are valued, reports follow",
        f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} t LEFT JOIN {BALANCE} b ON b.transaction_id = t.id "
        f"WHERE t.id = NEW.transaction_id AND t.form <> 'money' AND {in_force('t')} "
        f"AND (t.kind IN ({_KINDS}) OR b.value IS NULL))",
    ),
    Forbid(
        "revaluation_states_what_it_was",
        REVALUATION,
        "revaluation_states_what_it_was: the old value and basis are not those that count",
        f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} t LEFT JOIN {BALANCE} b ON b.transaction_id = t.id "
        "WHERE t.id = NEW.transaction_id "
        "AND COALESCE(b.value, -1) = COALESCE(NEW.old_amount, -1) "
        f"AND COALESCE(b.currency, NEW.currency) = NEW.currency AND NEW.old_basis = {basis_now('t')})",
    ),
    Forbid(
        "revaluation_decision_by_a_second_person",
        VERDICT,
        "revaluation_decision_by_a_second_person: who proposed a revaluation never decides on it",
        f"EXISTS (SELECT 1 FROM {REVALUATION} r "
        "WHERE r.id = NEW.revaluation_id AND r.proposed_by_id = NEW.decided_by_id)",
    ),
    Forbid(
        "revaluation_decision_never_by_an_editor",
        VERDICT,
        "revaluation_decision_never_by_an_editor: who edited a voucher never decides what it is worth",
        f"EXISTS (SELECT 1 FROM {REVALUATION} r JOIN {TRANSACTION} t ON t.id = r.transaction_id "
        f"JOIN {VERSION} v ON v.id = t.version_id JOIN {EDIT} e ON e.voucher_id = v.voucher_id "
        "WHERE r.id = NEW.revaluation_id AND e.person_id = NEW.decided_by_id) "
        f"OR EXISTS (SELECT 1 FROM {REVALUATION} r JOIN {TRANSACTION} t ON t.id = r.transaction_id "
        f"JOIN {STATEMENT} s ON s.id = t.statement_id "
        "WHERE r.id = NEW.revaluation_id AND s.stated_by_id = NEW.decided_by_id)",
    ),
    Forbid(
        "revaluation_without_an_interest",
        REVALUATION,
        "revaluation_without_an_interest: who has an interest in something does not say what it is worth",
        f"EXISTS (SELECT 1 FROM {TRANSACTION} x WHERE x.id = NEW.transaction_id AND "
        + interested("NEW.proposed_by_id", "x", WORDS)
        + ")",
    ),
    Forbid(
        "revaluation_decision_without_an_interest",
        VERDICT,
        "revaluation_decision_without_an_interest: who has an interest in something does not decide what it is worth",
        f"EXISTS (SELECT 1 FROM {REVALUATION} r JOIN {TRANSACTION} x ON x.id = r.transaction_id "
        "WHERE r.id = NEW.revaluation_id AND " + interested("NEW.decided_by_id", "x", WORDS) + ")",
    ),
    Forbid(
        "revaluation_line_in_its_order",
        LINE,
        "revaluation_line_in_its_order: a confirmed decision has as many lines as it says, one after the other",
        f"NOT EXISTS (SELECT 1 FROM {VERDICT} d WHERE d.id = NEW.decision_id "
        "AND d.verdict = 'confirmed' AND NEW.position < d.rows) "
        f"OR NEW.position <> COALESCE((SELECT MAX(l.position) + 1 FROM {LINE} l "
        "WHERE l.decision_id = NEW.decision_id), 0)",
    ),
    Forbid(
        "revaluation_line_as_it_stands",
        LINE,
        "revaluation_line_as_it_stands: goods or services in force, from the value that counts now",
        f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} t LEFT JOIN {BALANCE} b ON b.transaction_id = t.id "
        f"WHERE t.id = NEW.transaction_id AND t.form <> 'money' AND {in_force('t')} "
        "AND COALESCE(b.value, -1) = COALESCE(NEW.was, -1) "
        "AND COALESCE(b.currency, NEW.currency) = NEW.currency)",
    ),
    Forbid(
        "revaluation_line_as_it_was_decided",
        LINE,
        "revaluation_line_as_it_was_decided: the first line takes the transaction from its old to its new value",
        f"NEW.position = 0 AND NOT EXISTS (SELECT 1 FROM {_OF_DECISION} WHERE d.id = NEW.decision_id "
        "AND r.transaction_id = NEW.transaction_id AND r.currency = NEW.currency "
        "AND COALESCE(r.old_amount, -1) = COALESCE(NEW.was, -1) "
        "AND r.new_amount - COALESCE(r.old_amount, 0) = NEW.delta)",
    ),
    Forbid(
        "revaluation_line_of_the_same_goods",
        LINE,
        "revaluation_line_of_the_same_goods: the others draw on the first and move as it does",
        f"NEW.position > 0 AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} t "
        f"JOIN {LINE} up ON up.transaction_id = t.draws_on_id AND up.decision_id = NEW.decision_id "
        f"JOIN {LINE} top ON top.decision_id = NEW.decision_id AND top.position = 0 "
        "WHERE t.id = NEW.transaction_id AND NEW.was IS NOT NULL AND top.currency = NEW.currency "
        "AND ((top.delta >= 0 AND NEW.delta >= 0) OR (top.delta <= 0 AND NEW.delta <= 0)))",
    ),
    Forbid(
        "revaluation_line_with_all_that_draws_on_it",
        LINE,
        "revaluation_line_with_all_that_draws_on_it: a package is revalued with everything of it, or not at all",
        f"NEW.position = (SELECT d.rows - 1 FROM {VERDICT} d WHERE d.id = NEW.decision_id) "
        f"AND EXISTS (SELECT 1 FROM {TRANSACTION} t JOIN {BALANCE} b ON b.transaction_id = t.id "
        f"WHERE t.form <> 'money' AND {in_force('t')} AND t.id <> NEW.transaction_id "
        f"AND (t.draws_on_id = NEW.transaction_id OR t.draws_on_id IN (SELECT l.transaction_id "
        f"FROM {LINE} l WHERE l.decision_id = NEW.decision_id)) "
        f"AND NOT EXISTS (SELECT 1 FROM {LINE} own WHERE own.decision_id = NEW.decision_id "
        "AND own.transaction_id = t.id))",
    ),
    Forbid(
        "revaluation_line_draws_on_a_value",
        LINE,
        "revaluation_line_draws_on_a_value: what it draws on is unvalued, worth less, or in another currency",
        f"NEW.position = 0 AND EXISTS (SELECT 1 FROM {TRANSACTION} t "
        f"LEFT JOIN {BALANCE} b ON b.transaction_id = t.draws_on_id "
        "WHERE t.id = NEW.transaction_id AND t.draws_on_id IS NOT NULL AND (b.value IS NULL "
        "OR b.currency <> NEW.currency OR b.value < COALESCE(NEW.was, 0) + NEW.delta))",
    ),
    Forbid(
        "revaluation_line_in_the_currency_of_its_authority",
        LINE,
        "revaluation_line_in_the_currency_of_its_authority: a ceiling in one currency bounds no other",
        f"NEW.position = 0 AND EXISTS (SELECT 1 FROM {TRANSACTION} t "
        f"JOIN {AUTHORITY} a ON a.id = t.authority_id WHERE t.id = NEW.transaction_id "
        "AND t.kind = 'commitment' AND a.currency <> '' AND a.currency <> NEW.currency)",
    ),
    Forbid(
        "revaluation_line_in_an_open_period",
        LINE,
        "revaluation_line_in_an_open_period: it would count in a closed period",
        f"EXISTS (SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id AND "
        + in_closed(f"COALESCE(NEW.booked_on, {_BOOKED})", "t.program_id")
        + ")",
        lock=shared(f"(SELECT t.program_id FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id)"),
    ),
    Forbid(
        "revaluation_line_counts_with_its_row",
        LINE,
        "revaluation_line_counts_with_its_row: on a later day of its own only where the row's period is closed",
        f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id AND CASE "
        "WHEN NEW.booked_on IS NULL THEN NEW.fiscal_year = t.fiscal_year "
        f"ELSE NEW.booked_on >= {_BOOKED} AND {in_closed(_BOOKED, 't.program_id')} END)",
    ),
    Forbid(
        "alternative_value_of_goods",
        ALTERNATIVE,
        "alternative_value_of_goods: money is its own value, and a reversal has none",
        f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id "
        "AND t.form <> 'money' AND t.reverses_id IS NULL)",
    ),
]

_IS_LAST = f"NEW.position = (SELECT d.rows - 1 FROM {VERDICT} d WHERE d.id = NEW.decision_id)"
_MOVED = f"{LINE} l JOIN {TRANSACTION} t ON t.id = l.transaction_id"


def _sum(of: str, where: str) -> str:
    """By how much the lines of this decision move something."""
    return f"COALESCE((SELECT SUM(l.delta) FROM {of} WHERE l.decision_id = NEW.decision_id AND {where}), 0)"


def _is_of(year: str, of: str) -> str:
    """The commitment `of` uses the headroom of this year."""
    return (
        f"{of}.provenance <> 'opening' AND {of}.authority_id = {year}.authority_id "
        f"AND {of}.fiscal_year = {year}.fiscal_year AND l.currency = {year}.currency"
    )


# SQLite keeps to the order of a cross join: from what is drawn on to what draws on it, not through all lines.
_DRAWS = f"{TRANSACTION} t CROSS JOIN {LINE} l"
_BACK_TO = commitment_of_refund("t.draws_on_id")
_SENT = f"{_MOVED} JOIN {TRANSACTION} c ON c.id = t.draws_on_id"
_BACK = f"{_MOVED} JOIN {TRANSACTION} c ON c.id = {_BACK_TO}"
_SLOT = "t.program_id, l.fiscal_year, t.kind, t.purpose, l.currency"

# In the order in which posting locks them: balances, years, turnover.
REVALUED: list[Trigger] = [
    After(
        "revaluation_1_is_valued",
        LINE,
        f"INSERT INTO {BALANCE} (transaction_id, currency, value, drawn) "
        "VALUES (NEW.transaction_id, NEW.currency, NEW.delta, 0);",
        "NEW.was IS NULL",
    ),
    After(
        "revaluation_2_balances",
        LINE,
        f"UPDATE {BALANCE} SET value = value + "
        + _sum(f"{LINE} l", f"l.transaction_id = {BALANCE}.transaction_id AND l.was IS NOT NULL")
        + ", drawn = drawn + "
        + _sum(
            _DRAWS,
            f"t.draws_on_id = {BALANCE}.transaction_id AND l.transaction_id = t.id "
            f"AND (t.kind <> 'refund' OR t.draws_on_id <> {_BACK_TO})",
        )
        + f" - CASE WHEN (SELECT c.kind FROM {TRANSACTION} c WHERE c.id = {BALANCE}.transaction_id) "
        "= 'commitment' THEN "
        + _sum(_MOVED, f"t.kind = 'refund' AND {_BACK_TO} = {BALANCE}.transaction_id")
        + " ELSE 0 END"
        + f" WHERE transaction_id IN (SELECT l.transaction_id FROM {LINE} l "
        "WHERE l.decision_id = NEW.decision_id) "
        f"OR transaction_id IN (SELECT t.draws_on_id FROM {_MOVED} WHERE l.decision_id = NEW.decision_id) "
        f"OR transaction_id IN (SELECT {_BACK_TO} FROM {_MOVED} "
        "WHERE l.decision_id = NEW.decision_id AND t.kind = 'refund');",
        _IS_LAST,
    ),
    After(
        "revaluation_3_is_committed",
        LINE,
        f"INSERT INTO {YEAR} (authority_id, fiscal_year, currency, committed, disbursed) "
        f"SELECT t.authority_id, t.fiscal_year, NEW.currency, NEW.delta, 0 FROM {TRANSACTION} t "
        "WHERE t.id = NEW.transaction_id AND t.kind = 'commitment' AND t.provenance <> 'opening' "
        "AND t.authority_id IS NOT NULL "
        "ON CONFLICT (authority_id, fiscal_year, currency) DO UPDATE SET "
        f"committed = {YEAR}.committed + excluded.committed;",
        "NEW.was IS NULL",
    ),
    After(
        "revaluation_4_years",
        LINE,
        f"UPDATE {YEAR} SET committed = committed + "
        + _sum(_MOVED, f"t.kind = 'commitment' AND l.was IS NOT NULL AND {_is_of(YEAR, 't')}")
        + ", disbursed = disbursed + "
        + _sum(_SENT, f"t.kind = 'disbursement' AND {_is_of(YEAR, 'c')}")
        + " - "
        + _sum(_BACK, f"t.kind = 'refund' AND {_is_of(YEAR, 'c')}")
        + f" WHERE authority_id IN (SELECT t.authority_id FROM {_MOVED} "
        "WHERE l.decision_id = NEW.decision_id AND t.kind = 'commitment') "
        f"OR authority_id IN (SELECT c.authority_id FROM {_SENT} "
        "WHERE l.decision_id = NEW.decision_id AND t.kind = 'disbursement') "
        f"OR authority_id IN (SELECT c.authority_id FROM {_BACK} "
        "WHERE l.decision_id = NEW.decision_id AND t.kind = 'refund');",
        _IS_LAST,
    ),
    After(
        "revaluation_5_is_turned_over",
        LINE,
        f"INSERT INTO {TURNOVER} (program_id, fiscal_year, kind, purpose, currency, amount, rows) "
        f"SELECT t.program_id, NEW.fiscal_year, t.kind, t.purpose, NEW.currency, NEW.delta, 1 "
        f"FROM {TRANSACTION} t WHERE t.id = NEW.transaction_id "
        "ON CONFLICT (program_id, fiscal_year, kind, purpose, currency) DO UPDATE SET "
        f"amount = {TURNOVER}.amount + excluded.amount, rows = {TURNOVER}.rows + 1;",
        "NEW.was IS NULL",
    ),
    After(
        "revaluation_6_turnover",
        LINE,
        f"INSERT INTO {TURNOVER} (program_id, fiscal_year, kind, purpose, currency, amount, rows) "
        f"SELECT {_SLOT}, SUM(l.delta), 0 FROM {_MOVED} "
        "WHERE l.decision_id = NEW.decision_id AND l.was IS NOT NULL AND l.delta <> 0 "
        f"GROUP BY {_SLOT} ORDER BY {_SLOT} "
        "ON CONFLICT (program_id, fiscal_year, kind, purpose, currency) DO UPDATE SET "
        f"amount = {TURNOVER}.amount + excluded.amount;",
        _IS_LAST,
    ),
]
