"""Authorities: under what they allow, and what nobody changes about them."""

from tracker.ledger.triggers.names import (
    AUTHORITY,
    CHANGE,
    DECISION,
    TRANSACTION,
    VERSION,
    YEAR,
    commitment_of_refund,
    differs,
)
from tracker.shared.triggers import After, Forbid, Trigger

_NEW_COMMITMENT = (
    "NEW.kind = 'commitment' AND NEW.reverses_id IS NULL AND NEW.provenance <> 'opening'"
)
UNDER_AUTHORITIES: list[Trigger] = [
    Forbid(
        "transaction_under_the_approved_authority",
        TRANSACTION,
        "transaction_under_the_approved_authority: its authority is not the approved one",
        f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.id = NEW.version_id AND v.kind <> 'batch' "
        "AND COALESCE(v.authority_id, 0) <> COALESCE(NEW.authority_id, 0))",
    ),
    Forbid(
        "transaction_reversal_keeps_its_authority",
        TRANSACTION,
        "transaction_reversal_keeps_its_authority: a reversal frees what it reversed, where it was used",
        f"NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TRANSACTION} o "
        "WHERE o.id = NEW.reverses_id AND o.purpose = NEW.purpose "
        "AND COALESCE(o.authority_id, 0) = COALESCE(NEW.authority_id, 0))",
    ),
    Forbid(
        "transaction_under_an_authority_of_the_owner",
        TRANSACTION,
        "transaction_under_an_authority_of_the_owner: the authority belongs to another organisation",
        f"NEW.authority_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {AUTHORITY} a "
        "JOIN tracker_program p ON p.owner_id = a.organisation_id "
        "WHERE a.id = NEW.authority_id AND p.id = NEW.program_id)",
    ),
    Forbid(
        "transaction_in_the_currency_of_its_authority",
        TRANSACTION,
        "transaction_in_the_currency_of_its_authority: a ceiling in one currency bounds no other",
        f"{_NEW_COMMITMENT} AND EXISTS (SELECT 1 FROM {AUTHORITY} a "
        "WHERE a.id = NEW.authority_id AND a.currency <> '' AND a.currency <> NEW.currency) "
        "AND NEW.amount IS NOT NULL",
    ),
    Forbid(
        "transaction_while_its_authority_is_available",
        TRANSACTION,
        "transaction_while_its_authority_is_available: the authority has ended or not begun on that day",
        f"{_NEW_COMMITMENT} AND EXISTS (SELECT 1 FROM {AUTHORITY} a WHERE a.id = NEW.authority_id "
        "AND (a.available_to < NEW.value_date OR a.available_from > NEW.value_date))",
    ),
    Forbid(
        "transaction_valued_under_a_ceiling",
        TRANSACTION,
        "transaction_valued_under_a_ceiling: what is unvalued cannot be held under a ceiling",
        f"{_NEW_COMMITMENT} AND NEW.amount IS NULL AND EXISTS (SELECT 1 FROM {YEAR} y "
        "WHERE y.authority_id = NEW.authority_id AND y.fiscal_year = NEW.fiscal_year "
        "AND y.ceiling IS NOT NULL)",
    ),
    Forbid(
        "transaction_under_the_authority_of_its_commitment",
        TRANSACTION,
        "transaction_under_the_authority_of_its_commitment: the commitment stands under another one",
        f"NEW.authority_id IS NOT NULL AND EXISTS (SELECT 1 FROM {TRANSACTION} c "
        "WHERE c.id = NEW.draws_on_id AND c.authority_id <> NEW.authority_id)",
    ),
    Forbid(
        "transaction_purpose_is_its_authoritys",
        TRANSACTION,
        "transaction_purpose_is_its_authoritys: replenishment of stocks never counts as aid, nor aid as that",
        "NEW.purpose <> COALESCE("
        f"(SELECT c.purpose FROM {TRANSACTION} c WHERE c.id = NEW.draws_on_id), "
        f"(SELECT a.purpose FROM {AUTHORITY} a WHERE a.id = NEW.authority_id), 'aid') "
        f"OR EXISTS (SELECT 1 FROM {AUTHORITY} a WHERE a.id = NEW.authority_id AND a.purpose <> NEW.purpose)",
    ),
]


def _paid(sign: str, commitment: str) -> str:
    def of(column: str) -> str:
        return (
            f"(SELECT c.{column} FROM {TRANSACTION} c "
            f"WHERE c.id = {commitment} AND c.provenance <> 'opening')"
        )

    return (
        f"UPDATE {YEAR} SET disbursed = disbursed {sign} NEW.amount "
        f"WHERE authority_id = {of('authority_id')} "
        f"AND fiscal_year = {of('fiscal_year')} AND currency = NEW.currency;"
    )


# After the balances, before the turnover: every posting locks them in this order.
AUTHORITY_YEARS: list[Trigger] = [
    After(
        "balance_4_under_1_committed",
        TRANSACTION,
        f"INSERT INTO {YEAR} (authority_id, fiscal_year, currency, committed, disbursed) "
        "VALUES (NEW.authority_id, NEW.fiscal_year, NEW.currency, NEW.amount, 0) "
        "ON CONFLICT (authority_id, fiscal_year, currency) DO UPDATE SET "
        f"committed = {YEAR}.committed + excluded.committed;",
        f"{_NEW_COMMITMENT} AND NEW.authority_id IS NOT NULL AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_4_under_2_freed",
        TRANSACTION,
        f"UPDATE {YEAR} SET committed = committed + NEW.amount "
        "WHERE authority_id = NEW.authority_id AND currency = NEW.currency AND fiscal_year = "
        f"(SELECT o.fiscal_year FROM {TRANSACTION} o "
        "WHERE o.id = NEW.reverses_id AND o.provenance <> 'opening');",
        "NEW.kind = 'commitment' AND NEW.reverses_id IS NOT NULL AND NEW.authority_id IS NOT NULL "
        "AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_4_under_3_paid",
        TRANSACTION,
        _paid("+", "NEW.draws_on_id"),
        "NEW.kind = 'disbursement' AND NEW.amount IS NOT NULL",
    ),
    After(
        "balance_4_under_4_refunded",
        TRANSACTION,
        _paid("-", commitment_of_refund()),
        "NEW.kind = 'refund' AND NEW.draws_on_id IS NOT NULL AND NEW.amount IS NOT NULL",
    ),
]

_YEAR_OF_CHANGE = (
    f"{CHANGE} c JOIN {YEAR} y ON y.authority_id = c.authority_id "
    "AND y.fiscal_year = c.fiscal_year AND y.currency = c.currency"
)
CHANGES: list[Trigger] = [
    Forbid(
        "authority_change_in_its_currency",
        CHANGE,
        "authority_change_in_its_currency: a ceiling is in the authority's currency",
        f"NEW.kind <> 'availability' AND NOT EXISTS (SELECT 1 FROM {AUTHORITY} a "
        "WHERE a.id = NEW.authority_id AND a.currency = NEW.currency)",
    ),
    Forbid(
        "authority_decision_by_a_second_person",
        DECISION,
        "authority_decision_by_a_second_person: who proposed a change never decides on it",
        f"EXISTS (SELECT 1 FROM {CHANGE} c "
        "WHERE c.id = NEW.change_id AND c.proposed_by_id = NEW.decided_by_id)",
    ),
    Forbid(
        "authority_ceiling_set_once",
        DECISION,
        "authority_ceiling_set_once: a ceiling that is set is raised or lowered",
        f"NEW.verdict = 'confirmed' AND EXISTS (SELECT 1 FROM {_YEAR_OF_CHANGE} "
        "WHERE c.id = NEW.change_id AND c.kind = 'set' AND y.ceiling IS NOT NULL)",
    ),
    Forbid(
        "authority_ceiling_moved_once_set",
        DECISION,
        "authority_ceiling_moved_once_set: no ceiling is set that could be raised or lowered",
        f"NEW.verdict = 'confirmed' AND EXISTS (SELECT 1 FROM {CHANGE} c "
        "WHERE c.id = NEW.change_id AND c.kind IN ('raise', 'lower')) "
        f"AND NOT EXISTS (SELECT 1 FROM {_YEAR_OF_CHANGE} "
        "WHERE c.id = NEW.change_id AND y.ceiling IS NOT NULL)",
    ),
    After(
        "authority_decision_1_sets",
        DECISION,
        f"INSERT INTO {YEAR} (authority_id, fiscal_year, currency, ceiling, committed, disbursed) "
        f"SELECT c.authority_id, c.fiscal_year, c.currency, c.amount, 0, 0 FROM {CHANGE} c "
        "WHERE c.id = NEW.change_id AND c.kind = 'set' "
        "ON CONFLICT (authority_id, fiscal_year, currency) DO UPDATE SET ceiling = excluded.ceiling;",
        "NEW.verdict = 'confirmed'",
    ),
    After(
        "authority_decision_2_moves",
        DECISION,
        f"UPDATE {YEAR} SET ceiling = ceiling + "
        f"(SELECT c.amount FROM {CHANGE} c WHERE c.id = NEW.change_id) "
        f"WHERE id = (SELECT y.id FROM {_YEAR_OF_CHANGE} "
        "WHERE c.id = NEW.change_id AND c.kind IN ('raise', 'lower'));",
        "NEW.verdict = 'confirmed'",
    ),
    After(
        "authority_decision_3_dates",
        DECISION,
        f"UPDATE {AUTHORITY} SET "
        + ", ".join(
            f"{name} = (SELECT c.{name} FROM {CHANGE} c WHERE c.id = NEW.change_id)"
            for name in ("availability", "available_from", "available_to")
        )
        + f" WHERE id = (SELECT c.authority_id FROM {CHANGE} c "
        "WHERE c.id = NEW.change_id AND c.kind = 'availability');",
        "NEW.verdict = 'confirmed'",
    ),
]

_CONFIRMED = f"FROM {CHANGE} c JOIN {DECISION} d ON d.change_id = c.id AND d.verdict = 'confirmed'"
_CONFIRMED_CEILING = (
    f"COALESCE((SELECT SUM(c.amount) {_CONFIRMED} WHERE c.authority_id = NEW.authority_id "
    "AND c.fiscal_year = NEW.fiscal_year AND c.currency = NEW.currency), -1)"
)
_CEILING_SAYS = "authority_ceiling_is_what_was_confirmed: a ceiling is the sum of confirmed changes"
AUTHORITIES_KEPT: list[Trigger] = [
    Forbid(
        "authority_stays_what_it_is",
        AUTHORITY,
        "authority_stays_what_it_is: another basis, kind, purpose or currency is another authority",
        differs(*("organisation_id", "title", "legal_basis", "kind", "purpose", "currency")),
        forbidden="UPDATE",
    ),
    Forbid(
        "authority_availability_was_confirmed",
        AUTHORITY,
        "authority_availability_was_confirmed: dates change when a second person confirms the change",
        f"({differs('availability', 'available_from', 'available_to')}) "
        f"AND NOT EXISTS (SELECT 1 {_CONFIRMED} WHERE c.authority_id = NEW.id "
        "AND c.kind = 'availability' AND c.availability = NEW.availability "
        "AND COALESCE(c.available_from, '0001-01-01') = COALESCE(NEW.available_from, '0001-01-01') "
        "AND COALESCE(c.available_to, '0001-01-01') = COALESCE(NEW.available_to, '0001-01-01') "
        f"AND NOT EXISTS (SELECT 1 FROM {CHANGE} c2 JOIN {DECISION} d2 ON d2.change_id = c2.id "
        "AND d2.verdict = 'confirmed' WHERE c2.authority_id = NEW.id "
        "AND c2.kind = 'availability' AND d2.id > d.id))",
        forbidden="UPDATE",
    ),
    Forbid(
        "authority_never_deleted",
        AUTHORITY,
        "authority_never_deleted: an authority ends, it is not deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "authority_year_stays",
        YEAR,
        "authority_year_stays: the sums of an authority's year are never deleted",
        forbidden="DELETE",
    ),
    Forbid(
        "authority_ceiling_added_as_confirmed",
        YEAR,
        _CEILING_SAYS,
        f"NEW.ceiling IS NOT NULL AND NEW.ceiling <> {_CONFIRMED_CEILING}",
    ),
    Forbid(
        "authority_ceiling_changed_as_confirmed",
        YEAR,
        _CEILING_SAYS,
        f"{differs('authority_id', 'fiscal_year', 'currency')} "
        f"OR COALESCE(NEW.ceiling, -1) <> {_CONFIRMED_CEILING}",
        forbidden="UPDATE",
    ),
]
