"""Declared interests: who has one neither submits nor approves, whatever the actions say."""

from tracker.ledger.triggers.names import (
    APPROVAL,
    DELEGATION,
    INTEREST,
    INTEREST_END,
    SIGNING_DECISION,
    VERSION,
)
from tracker.shared.triggers import Forbid, Trigger


def _interested(person: str, version: str) -> str:
    """SQL: the person declared an interest that concerns the version, and nobody has confirmed its end.

    Payees are compared as both engines can: without case (ASCII) and outer spaces. The actions compare better.
    """
    return (
        f"EXISTS (SELECT 1 FROM {INTEREST} i JOIN tracker_interesttext t ON t.id = i.text_id "
        f"WHERE i.person_id = {person} AND NOT EXISTS (SELECT 1 FROM {INTEREST_END} e "
        f"JOIN {SIGNING_DECISION} d ON d.interest_end_id = e.id AND d.verdict = 'confirmed' "
        "WHERE e.declaration_id = i.id) AND ("
        f"i.concerns_id IN ({version}.provider_id, {version}.receiver_id) "
        f"OR EXISTS (SELECT 1 FROM tracker_participation p WHERE p.program_id = {version}.program_id "
        "AND p.organisation_id = i.concerns_id) "
        "OR (i.kind = 'payee' AND EXISTS (SELECT 1 FROM tracker_versiontext w "
        f"WHERE w.id = {version}.text_id AND LOWER(TRIM(w.payee)) = LOWER(TRIM(t.payee)) AND t.payee <> ''))))"
    )


_DELEGATOR = f"(SELECT g.delegator_id FROM {DELEGATION} g WHERE g.id = NEW.delegation_id)"

INTERESTS: list[Trigger] = [
    Forbid(
        "version_without_an_interest",
        VERSION,
        "version_without_an_interest: who has an interest in a voucher does not submit it",
        _interested("NEW.submitted_by_id", "NEW"),
    ),
    Forbid(
        "approval_without_an_interest",
        APPROVAL,
        "approval_without_an_interest: nobody signs, or has signed for them, what they have an interest in",
        f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.id = NEW.version_id AND ("
        f"{_interested('NEW.approver_id', 'v')} OR {_interested(_DELEGATOR, 'v')}))",
    ),
]
