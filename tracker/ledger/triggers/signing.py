"""Who may sign and how many signatures it takes: what the database itself refuses."""

from tracker.ledger.triggers.names import (
    APPROVAL,
    DELEGATION,
    DELEGATION_END,
    EMERGENCY,
    INTEREST,
    INTEREST_END,
    LIMIT,
    SIGNING_DECISION,
    SUM,
    TRANSACTION,
    VERSION,
    VOUCHER,
)
from tracker.shared.triggers import Forbid, Trigger

UNLIMITED = 2**63 - 1  # what a BIGINT holds: no amount is above it


def signed(version: str) -> str:
    """SQL: the version has every signature that its last one asked for, or was posted in an emergency."""
    return (
        f"(EXISTS (SELECT 1 FROM {EMERGENCY} x WHERE x.version_id = {version}) "
        f"OR EXISTS (SELECT 1 FROM {APPROVAL} l WHERE l.version_id = {version} "
        f"AND NOT EXISTS (SELECT 1 FROM {APPROVAL} n WHERE n.version_id = l.version_id AND n.id > l.id) "
        f"AND (SELECT COUNT(*) FROM {APPROVAL} c WHERE c.version_id = l.version_id) "
        ">= CASE l.level WHEN 'one' THEN 1 ELSE 2 END "
        f"AND (l.level <> 'with_senior' OR EXISTS (SELECT 1 FROM {APPROVAL} s "
        "WHERE s.version_id = l.version_id AND s.signed_as = 'senior_approver'))))"
    )


# --- The table -------------------------------------------------------------

_CONFIRMED = (
    f"FROM {LIMIT} l JOIN {SIGNING_DECISION} d ON d.limit_id = l.id AND d.verdict = 'confirmed' "
    "WHERE l.organisation_id = o.organisation_id"
)
_ON_THE_DAY = (
    "AND l.valid_from <= NEW.signed_on "
    "AND (l.valid_until IS NULL OR l.valid_until >= NEW.signed_on)"
)
_IN_FORCE = f"EXISTS (SELECT 1 {_CONFIRMED} {_ON_THE_DAY})"
_LAPSED = f"EXISTS (SELECT 1 {_CONFIRMED} AND l.valid_until < NEW.signed_on) AND NOT {_IN_FORCE}"


def _beyond(amount: str, currency: str) -> str:
    """SQL: the level of the approval does not bear the amount. A level without a limit bears nothing, the last one
    everything."""
    limit = (
        f"(SELECT COALESCE(l.up_to, {UNLIMITED}) {_CONFIRMED} {_ON_THE_DAY} AND l.level = NEW.level "
        f"AND l.currency = {currency} AND l.kind IN ('', v.kind) "
        "ORDER BY CASE l.kind WHEN '' THEN 1 ELSE 0 END, d.id DESC LIMIT 1)"
    )
    without = f"CASE NEW.level WHEN 'with_senior' THEN {UNLIMITED} ELSE -1 END"
    return f"{amount} > COALESCE({limit}, {without})"


_SUMS = f"{SUM} s WHERE s.version_id = v.id"
_MILDER = (
    f"({_LAPSED}) OR ({_IN_FORCE} AND ("
    f"(v.amount IS NULL AND NEW.level <> 'with_senior' AND NOT EXISTS (SELECT 1 FROM {_SUMS})) "
    f"OR (v.amount IS NOT NULL AND {_beyond('ABS(v.amount)', 'v.currency')}) "
    f"OR EXISTS (SELECT 1 FROM {_SUMS} AND {_beyond('s.amount', 's.currency')})))"
)
_OF_VERSION = f"{VERSION} v JOIN {VOUCHER} o ON o.id = v.voucher_id WHERE v.id = NEW.version_id"

# --- People ----------------------------------------------------------------

_DELEGATOR = f"(SELECT g.delegator_id FROM {DELEGATION} g WHERE g.id = NEW.delegation_id)"
_HELD = (
    "EXISTS (SELECT 1 FROM tracker_membership m, "
    f"{VERSION} v JOIN {VOUCHER} o ON o.id = v.voucher_id "
    "WHERE v.id = NEW.version_id AND m.status = 'active' AND m.role = NEW.signed_as "
    f"AND m.person_id = COALESCE({_DELEGATOR}, NEW.approver_id) "
    "AND (m.organisation_id = o.organisation_id OR m.program_id = v.program_id))"
)
_DELEGATION_IN_FORCE = (
    f"SELECT 1 FROM {DELEGATION} g JOIN {SIGNING_DECISION} d ON d.delegation_id = g.id "
    "AND d.verdict = 'confirmed' WHERE g.valid_from <= NEW.signed_on "
    "AND g.valid_until >= NEW.signed_on "
    f"AND NOT EXISTS (SELECT 1 FROM {DELEGATION_END} e WHERE e.delegation_id = g.id)"
)
_OTHERS = f"{APPROVAL} a WHERE a.version_id = NEW.version_id"
_FOR_AND_BY = (
    # one of the two has signed while the other stands in
    f"EXISTS ({_DELEGATION_IN_FORCE} AND g.organisation_id = (SELECT o.organisation_id FROM {_OF_VERSION}) AND ("
    f"(g.delegator_id = NEW.approver_id AND EXISTS (SELECT 1 FROM {_OTHERS} AND a.approver_id = g.delegate_id)) "
    f"OR (g.delegate_id = NEW.approver_id AND EXISTS (SELECT 1 FROM {_OTHERS} AND a.approver_id = g.delegator_id)))) "
    # somebody has signed on behalf of the one who signs now, or on behalf of whom it is signed now
    f"OR EXISTS (SELECT 1 FROM {APPROVAL} a JOIN {DELEGATION} g ON g.id = a.delegation_id "
    "WHERE a.version_id = NEW.version_id "
    f"AND g.delegator_id IN (NEW.approver_id, COALESCE({_DELEGATOR}, NEW.approver_id))) "
    # the one on whose behalf it is signed now has signed, or had a hand in the voucher
    f"OR EXISTS (SELECT 1 FROM {_OTHERS} AND a.approver_id = {_DELEGATOR}) "
    f"OR EXISTS (SELECT 1 FROM tracker_voucheredit h JOIN {VERSION} v ON v.voucher_id = h.voucher_id "
    f"WHERE v.id = NEW.version_id AND h.person_id = {_DELEGATOR})"
)

SIGNING: list[Trigger] = [
    Forbid(
        "approval_states_its_day",
        APPROVAL,
        "approval_states_its_day: the table is read as it stands on the day of the signature",
        "NEW.signed_on IS NULL",
    ),
    Forbid(
        "approval_not_once_signed",
        APPROVAL,
        "approval_not_once_signed: the version has every signature already",
        signed("NEW.version_id"),
    ),
    Forbid(
        "approval_asks_what_the_table_says",
        APPROVAL,
        "approval_asks_what_the_table_says: the delegation of authority asks for more than this level",
        f"EXISTS (SELECT 1 FROM {_OF_VERSION} AND ({_MILDER}))",
    ),
    Forbid(
        "approval_signed_as_held",
        APPROVAL,
        "approval_signed_as_held: nobody signs by a role that they, or whom they stand in for, do not hold",
        f"NOT {_HELD}",
    ),
    Forbid(
        "approval_under_its_delegation",
        APPROVAL,
        "approval_under_its_delegation: it has to be confirmed, in force on the day, and to this person",
        "NEW.delegation_id IS NOT NULL AND NOT EXISTS "
        f"({_DELEGATION_IN_FORCE} AND g.id = NEW.delegation_id AND g.delegate_id = NEW.approver_id "
        f"AND g.organisation_id = (SELECT o.organisation_id FROM {_OF_VERSION}))",
    ),
    Forbid(
        "approval_never_for_and_by",
        APPROVAL,
        "approval_never_for_and_by: a person and their stand-in never both sign one version",
        _FOR_AND_BY,
    ),
    Forbid(
        "transaction_needs_every_signature",
        TRANSACTION,
        "transaction_needs_every_signature: nothing is posted before the last signature",
        # The recipient's own statement is nobody's to sign here (statements.py).
        f"NEW.statement_id IS NULL AND NOT {signed('NEW.version_id')}",
    ),
    Forbid(
        "signing_decision_by_a_second_person",
        SIGNING_DECISION,
        "signing_decision_by_a_second_person: nobody decides on what they proposed or take part in",
        f"EXISTS (SELECT 1 FROM {LIMIT} l WHERE l.id = NEW.limit_id AND l.proposed_by_id = NEW.decided_by_id) "
        f"OR EXISTS (SELECT 1 FROM {DELEGATION} g WHERE g.id = NEW.delegation_id "
        "AND NEW.decided_by_id IN (g.delegator_id, g.delegate_id)) "
        f"OR EXISTS (SELECT 1 FROM {INTEREST_END} e JOIN {INTEREST} i ON i.id = e.declaration_id "
        "WHERE e.id = NEW.interest_end_id AND i.person_id = NEW.decided_by_id)",
    ),
]
