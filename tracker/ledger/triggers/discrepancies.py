"""Discrepancies: opened with the figures that were reported, moved by steps of both sides, never taken away."""

from tracker.ledger.models import LEADS_TO, StepKind
from tracker.ledger.triggers.names import (
    BALANCE,
    DISCREPANCY,
    STATE,
    STATEMENT,
    STEP,
    TRANSACTION,
)
from tracker.ledger.triggers.statements import had_a_hand, quantity_left
from tracker.shared.triggers import After, Forbid, Trigger

_LEFT = f"(SELECT b.value - b.drawn FROM {BALANCE} b WHERE b.transaction_id = NEW.about_id)"
_MISSING = quantity_left("NEW.about_id")
_EXCESS = f"(SELECT r.excess FROM {TRANSACTION} r WHERE r.id = NEW.receipt_id)"
# Of a receipt, no more than it states itself; the rest was too much before.
_OVER = (
    f"(SELECT CASE WHEN r.quantity < -{_MISSING} THEN r.quantity ELSE -{_MISSING} END "
    f"FROM {TRANSACTION} r WHERE r.id = NEW.receipt_id)"
)


def _damaged(column: str) -> str:
    return f"(SELECT s.damaged_{column} FROM {STATEMENT} s WHERE s.id = NEW.statement_id)"


def _is(column: str, right: str) -> str:
    """Not stated, or exactly this."""
    return f"(NEW.{column} IS NULL OR (({right}) IS NOT NULL AND NEW.{column} = {right}))"


_FIGURES = (
    f"CASE NEW.kind WHEN 'surplus' THEN {_is('amount', _EXCESS)} AND {_is('quantity', _OVER)} "
    f"WHEN 'damaged' THEN {_is('amount', _damaged('amount'))} AND {_is('quantity', _damaged('quantity'))} "
    f"ELSE {_is('amount', _LEFT)} AND {_is('quantity', _MISSING)} END"
)
OPENING: list[Trigger] = [
    Forbid(
        "discrepancy_is_of_its_report",
        DISCREPANCY,
        "discrepancy_is_of_its_report: it names the report that opened it, and what that is about",
        "CASE WHEN NEW.receipt_id IS NULL THEN NOT EXISTS "
        f"(SELECT 1 FROM {STATEMENT} s WHERE s.id = NEW.statement_id AND s.about_id = NEW.about_id "
        "AND s.verdict = 'disputed') ELSE NOT EXISTS "
        f"(SELECT 1 FROM {TRANSACTION} r WHERE r.id = NEW.receipt_id AND r.draws_on_id = NEW.about_id "
        "AND r.reverses_id IS NULL AND COALESCE(r.statement_id, 0) = COALESCE(NEW.statement_id, 0) "
        "AND (r.kind = 'receipt' OR (r.kind = 'expenditure' AND NEW.kind = 'surplus'))) "
        f"OR (NEW.kind = 'damaged' AND NOT EXISTS (SELECT 1 FROM {STATEMENT} s "
        "WHERE s.id = NEW.statement_id AND s.verdict = 'damaged')) END",
    ),
    Forbid(
        "discrepancy_is_what_was_reported",
        DISCREPANCY,
        "discrepancy_is_what_was_reported: its figures are the difference between what both sides state",
        f"NOT EXISTS (SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.about_id "
        "AND (NEW.amount IS NULL OR t.currency = NEW.currency) AND t.unit = NEW.unit) "
        f"OR NOT ({_FIGURES})",
    ),
    After(
        "discrepancy_opens",
        DISCREPANCY,
        f"INSERT INTO {STATE} (discrepancy_id, status, since) VALUES (NEW.id, 'open', NEW.opened_on);",
    ),
]

_STANDS = f"SELECT 1 FROM {STATE} s WHERE s.discrepancy_id = NEW.discrepancy_id"
_PROPOSED = (
    f"{STATE} s JOIN {STEP} p ON p.id = s.proposal_id WHERE s.discrepancy_id = NEW.discrepancy_id"
)
_OF = f"{DISCREPANCY} d WHERE d.id = NEW.discrepancy_id"
_REVERSED = f"EXISTS (SELECT 1 FROM {TRANSACTION} r WHERE r.reverses_id = "

STEPS: list[Trigger] = [
    Forbid(
        "discrepancy_step_follows_its_state",
        STEP,
        "discrepancy_step_follows_its_state: this step is not possible as it stands",
        f"NOT EXISTS ({_STANDS} AND CASE NEW.step "
        "WHEN 'accepted' THEN s.status IN ('open', 'disputed') AND s.proposal_id IS NOT NULL "
        "WHEN 'disputed' THEN s.status = 'open' OR (s.status = 'disputed' AND s.proposal_id IS NOT NULL) "
        "WHEN 'reopened' THEN s.status IN ('explained', 'loss') "
        "WHEN 'written_off' THEN s.status = 'loss' AND s.settled_by_id IS NULL "
        "WHEN 'withdrawn' THEN s.status <> 'withdrawn' "
        "ELSE s.status IN ('open', 'disputed') END)",
    ),
    Forbid(
        "discrepancy_answered_by_the_other_side",
        STEP,
        "discrepancy_answered_by_the_other_side: an explanation counts once the other side accepts it",
        f"NEW.step IN ('accepted', 'disputed') AND EXISTS (SELECT 1 FROM {_PROPOSED} "
        "AND (p.side = NEW.side OR p.taken_by_id = NEW.taken_by_id))",
    ),
    Forbid(
        "discrepancy_never_closed_by_who_reported_it",
        STEP,
        "discrepancy_never_closed_by_who_reported_it: who confirms a delivery never closes its discrepancy",
        "NEW.step IN ('accepted', 'loss') AND ("
        f"EXISTS (SELECT 1 FROM {STATEMENT} w WHERE w.stated_by_id = NEW.taken_by_id "
        f"AND w.id = (SELECT d.statement_id FROM {_OF})) OR "
        + had_a_hand("NEW.taken_by_id", f"(SELECT d.receipt_id FROM {_OF})")
        + ")",
    ),
    Forbid(
        "discrepancy_loss_is_declared_by_the_donor",
        STEP,
        "discrepancy_loss_is_declared_by_the_donor: a loss is the donor's to declare, and a surplus is none",
        "NEW.step IN ('loss', 'written_off') AND (NEW.side <> 'ours' "
        f"OR EXISTS (SELECT 1 FROM {_OF} AND d.kind = 'surplus'))",
    ),
    Forbid(
        "discrepancy_settled_by_its_own_chain",
        STEP,
        "discrepancy_settled_by_its_own_chain: it is settled by what draws on the same dispatch, in force",
        "NEW.settled_by_id IS NOT NULL AND (NOT EXISTS "
        f"(SELECT 1 FROM {_OF} AND EXISTS (SELECT 1 FROM {TRANSACTION} t WHERE t.id = NEW.settled_by_id "
        "AND t.reverses_id IS NULL AND t.id <> COALESCE(d.receipt_id, 0) "
        "AND (NEW.step = 'explained' OR t.kind = 'write_off') "
        "AND (t.draws_on_id = d.about_id OR t.draws_on_id IN "
        f"(SELECT c.id FROM {TRANSACTION} c WHERE c.draws_on_id = d.about_id)))) "
        f"OR {_REVERSED}NEW.settled_by_id))",
    ),
    Forbid(
        "discrepancy_withdrawn_with_its_report",
        STEP,
        "discrepancy_withdrawn_with_its_report: only the reversal of the report withdraws a discrepancy",
        "NEW.step = 'withdrawn' AND NOT "
        f"({_REVERSED}(SELECT d.receipt_id FROM {_OF})) OR {_REVERSED}(SELECT d.about_id FROM {_OF})))",
    ),
    After(
        "discrepancy_step_moves_its_state",
        STEP,
        f"UPDATE {STATE} SET status = CASE NEW.step "
        + " ".join(f"WHEN '{step}' THEN '{then.value}'" for step, then in LEADS_TO.items())
        + " ELSE status END, "
        "since = CASE WHEN NEW.step IN ('explained', 'written_off') THEN since ELSE NEW.taken_on END, "
        "settled_by_id = CASE NEW.step "
        f"WHEN 'accepted' THEN (SELECT p.settled_by_id FROM {STEP} p WHERE p.id = proposal_id) "
        "WHEN 'loss' THEN NEW.settled_by_id WHEN 'written_off' THEN NEW.settled_by_id "
        "WHEN 'reopened' THEN NULL ELSE settled_by_id END, "
        "proposal_id = CASE NEW.step WHEN 'explained' THEN NEW.id "
        "WHEN 'written_off' THEN proposal_id ELSE NULL END "
        "WHERE discrepancy_id = NEW.discrepancy_id;",
    ),
]

_MOVES = ", ".join(f"'{step}'" for step in LEADS_TO)
_LAST = (
    "COALESCE((SELECT CASE p.step "
    + " ".join(f"WHEN '{step}' THEN '{then.value}'" for step, then in LEADS_TO.items())
    + f" END FROM {STEP} p WHERE p.discrepancy_id = NEW.discrepancy_id AND p.step IN ({_MOVES}) "
    "ORDER BY p.id DESC LIMIT 1), 'open')"
)
_SAYS = "discrepancy_stands_where_its_steps_led: its state follows from its steps"
KEPT: list[Trigger] = [
    Forbid(
        "discrepancy_state_stays",
        STATE,
        "discrepancy_state_stays: a discrepancy never disappears",
        forbidden="DELETE",
    ),
    Forbid(
        "discrepancy_state_begins_open",
        STATE,
        _SAYS,
        "NEW.status <> 'open' OR NEW.proposal_id IS NOT NULL OR NEW.settled_by_id IS NOT NULL "
        f"OR EXISTS (SELECT 1 FROM {STATE} s WHERE s.discrepancy_id = NEW.discrepancy_id)",
    ),
    Forbid(
        "discrepancy_state_follows_its_steps",
        STATE,
        _SAYS,
        f"NEW.discrepancy_id <> OLD.discrepancy_id OR NEW.status <> {_LAST}",
        forbidden="UPDATE",
    ),
]
DISCREPANCIES = [*OPENING, *STEPS, *KEPT]

assert set(LEADS_TO) <= set(StepKind), "every state is reached by a step that exists"
