"""Evidence and waivers: nothing is posted without what its kind requires, and no exception lasts for ever."""

from tracker.ledger.models import LONGEST_WAIVER, Requirement
from tracker.ledger.requirements import ACCEPTS, EVERY_FORM, RULES, Rule
from tracker.ledger.triggers.names import (
    APPROVAL,
    EDIT,
    EVIDENCE,
    SUPPLIED,
    TRANSACTION,
    VERSION,
    VOUCHER,
    WAIVER,
    WAIVER_DECISION,
)
from tracker.shared.triggers import Forbid, Trigger, days_after

# A day lasts until twelve hours after its end in UTC: the actions know the organisation's own day.
_YESTERDAY, _TOMORROW = days_after("CURRENT_DATE", -1), days_after("CURRENT_DATE", 1)


def _listed(values: frozenset[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))


def _rests(requirement: Requirement) -> str:
    """Version v has a document that meets it."""
    of_type = f" AND e.document_type IN ({_listed(ACCEPTS[requirement])})"
    if requirement == Requirement.ANY:
        of_type = ""
    return f"EXISTS (SELECT 1 FROM {EVIDENCE} e WHERE e.version_id = v.id{of_type})"


def _waived(requirement: Requirement) -> str:
    """A waiver of it is in force. Who granted one and edits the voucher afterwards has granted nothing."""
    return (
        f"EXISTS (SELECT 1 FROM {WAIVER} w JOIN {WAIVER_DECISION} d ON d.waiver_id = w.id "
        f"WHERE w.voucher_id = v.voucher_id AND w.requirement = '{requirement.value}' "
        f"AND d.verdict = 'granted' AND w.expires_on >= {_YESTERDAY} "
        f"AND NOT EXISTS (SELECT 1 FROM {EDIT} x "
        "WHERE x.voucher_id = w.voucher_id AND x.person_id = d.decided_by_id))"
    )


def _lacks(rule: Rule) -> str:
    asked = [f"v.kind = '{rule.kind}'"]
    if rule.forms != EVERY_FORM:
        asked.append(f"v.form IN ({_listed(rule.forms)})")
    if rule.valued:
        asked.append("v.valuation_basis <> 'unvalued'")
    lacking = [f"NOT {_rests(rule.requirement)}"]
    if rule.kind != "batch":  # its file is the evidence of every row
        lacking.append(f"NOT {_waived(rule.requirement)}")
    return " AND ".join([*asked, *lacking])


RESTS_ON_EVIDENCE: list[Trigger] = [
    Forbid(
        "transaction_rests_on_evidence",
        TRANSACTION,
        "transaction_rests_on_evidence: a document that its kind requires is missing, and no waiver is in force",
        f"EXISTS (SELECT 1 FROM {VERSION} v WHERE v.id = NEW.version_id "
        f"AND ({' OR '.join(f'({_lacks(rule)})' for rule in RULES)}))",
    ),
]

EVIDENCE_KEPT: list[Trigger] = [
    Forbid(
        "evidence_before_the_approval",
        EVIDENCE,
        "evidence_before_the_approval: what was approved rests on what it rested on then",
        f"EXISTS (SELECT 1 FROM {APPROVAL} a WHERE a.version_id = NEW.version_id)",
    ),
    Forbid(
        "evidence_not_dated_ahead",
        EVIDENCE,
        "evidence_not_dated_ahead: a document that exists bears no later day than today",
        f"NEW.document_date > {_TOMORROW}",
    ),
    Forbid(
        "supplied_not_dated_ahead",
        SUPPLIED,
        "supplied_not_dated_ahead: a document that exists bears no later day than today",
        f"NEW.document_date > {_TOMORROW}",
    ),
    Forbid(
        "supplied_to_what_is_posted",
        SUPPLIED,
        "supplied_to_what_is_posted: documents of a draft are attached to it",
        f"NOT EXISTS (SELECT 1 FROM {VOUCHER} v WHERE v.id = NEW.voucher_id AND v.status = 'posted')",
    ),
]

WAIVERS: list[Trigger] = [
    Forbid(
        "waiver_ends_within_a_year",
        WAIVER,
        "waiver_ends_within_a_year: an exception ends; who needs more time asks again",
        f"NEW.expires_on > {days_after('CURRENT_DATE', LONGEST_WAIVER + 1)}",
    ),
    Forbid(
        "waiver_decided_by_a_second_person",
        WAIVER_DECISION,
        "waiver_decided_by_a_second_person: who asked for it or edited the voucher never decides on it",
        f"EXISTS (SELECT 1 FROM {WAIVER} w WHERE w.id = NEW.waiver_id "
        "AND (w.requested_by_id = NEW.decided_by_id "
        f"OR EXISTS (SELECT 1 FROM {EDIT} x WHERE x.voucher_id = w.voucher_id "
        "AND x.person_id = NEW.decided_by_id)))",
    ),
]
