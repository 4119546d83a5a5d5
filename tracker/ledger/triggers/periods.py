"""Periods: what may be booked, when one closes, and what its certifications belong to.

Posting and closing meet at one lock per organisation, the lock of its books: whoever posts shares it, whoever closes
holds it alone. So no closing passes over a transaction that is not committed yet, and none is booked after it.
"""

from tracker.ledger.triggers.names import (
    BOOKS,
    CERTIFICATION,
    PERIOD,
    PERIOD_CHANGE,
    PERIOD_DECISION,
    TRANSACTION,
    VOUCHER,
    differs,
)
from tracker.shared import locks
from tracker.shared.triggers import After, Forbid, Trigger


def _books(organisation: str) -> str:
    return locks.named(f"'{BOOKS}' || {organisation}")


_SHARED = f"pg_advisory_xact_lock_shared({_books('g.owner_id')}) FROM tracker_program g WHERE g.id = NEW.program_id"
_HELD = (
    f"pg_advisory_xact_lock({_books('p.organisation_id')}) FROM {PERIOD_CHANGE} c "
    f"JOIN {PERIOD} p ON p.id = c.period_id WHERE c.id = NEW.change_id"
)


def _in_closed(day: str) -> str:
    """The day lies in a closed period of the program's owner."""
    return (
        f"EXISTS (SELECT 1 FROM {PERIOD} p JOIN tracker_program g ON g.owner_id = p.organisation_id "
        f"WHERE g.id = NEW.program_id AND p.closed AND {day} BETWEEN p.first_day AND p.last_day)"
    )


BOOKING: list[Trigger] = [
    Forbid(
        "transaction_in_an_open_period",
        TRANSACTION,
        "transaction_in_an_open_period: its booking day lies in a closed period",
        _in_closed("COALESCE(NEW.booked_on, NEW.value_date)"),
        lock=_SHARED,
    ),
    Forbid(
        "transaction_booked_late_only",
        TRANSACTION,
        "transaction_booked_late_only: a booking day is for a date in a closed period, and not before it",
        "NEW.booked_on IS NOT NULL "
        f"AND (NEW.booked_on < NEW.value_date OR NOT {_in_closed('NEW.value_date')})",
    ),
]

_CONFIRMED = f"FROM {PERIOD_CHANGE} c JOIN {PERIOD_DECISION} d ON d.change_id = c.id AND d.verdict = 'confirmed'"
PERIODS: list[Trigger] = [
    Forbid(
        "period_overlaps_no_other",
        PERIOD,
        "period_overlaps_no_other: a day lies in one period of its organisation",
        f"EXISTS (SELECT 1 FROM {PERIOD} o WHERE o.organisation_id = NEW.organisation_id "
        "AND o.first_day <= NEW.last_day AND o.last_day >= NEW.first_day)",
    ),
    Forbid(
        "period_begins_open",
        PERIOD,
        "period_begins_open: a period is closed by two persons, not recorded as closed",
        "NEW.closed",
    ),
    Forbid(
        "period_stays_what_it_is",
        PERIOD,
        "period_stays_what_it_is: its organisation, name and days do not change",
        differs(
            *("organisation_id", "name", "fiscal_year", "quarter"),
            *("day_before", "first_day", "last_day", "uid"),
        ),
        forbidden="UPDATE",
    ),
    Forbid(
        "period_closed_as_confirmed",
        PERIOD,
        "period_closed_as_confirmed: it is closed or open as its newest confirmed change says",
        f"NEW.closed <> COALESCE((SELECT c.kind = 'close' {_CONFIRMED} "
        "WHERE c.period_id = NEW.id ORDER BY d.id DESC LIMIT 1), FALSE)",
        forbidden="UPDATE",
    ),
    Forbid(
        "period_never_deleted",
        PERIOD,
        "period_never_deleted: a period is opened again, it is not deleted",
        forbidden="DELETE",
    ),
]

_OF = f"{PERIOD_CHANGE} c JOIN {PERIOD} p ON p.id = c.period_id"


def _confirms(kind: str) -> str:
    return f"NEW.verdict = 'confirmed' AND EXISTS (SELECT 1 FROM {_OF} WHERE c.id = NEW.change_id AND c.kind = '{kind}' AND "


_LATER = (
    f"EXISTS (SELECT 1 FROM {PERIOD} o WHERE o.organisation_id = p.organisation_id "
    "AND o.closed AND o.last_day > p.last_day)"
)
_SOME = (
    f"EXISTS (SELECT 1 FROM {PERIOD} o WHERE o.organisation_id = p.organisation_id AND o.closed)"
)
_BEFORE = (
    f"EXISTS (SELECT 1 FROM {PERIOD} o WHERE o.organisation_id = p.organisation_id "
    "AND o.closed AND o.last_day = p.day_before)"
)
PERIOD_CHANGES: list[Trigger] = [
    Forbid(
        "period_change_fits_its_period",
        PERIOD_CHANGE,
        "period_change_fits_its_period: an open period is closed, a closed one opened again",
        f"EXISTS (SELECT 1 FROM {PERIOD} p "
        "WHERE p.id = NEW.period_id AND p.closed = (NEW.kind = 'close'))",
    ),
    Forbid(
        "period_change_one_at_a_time",
        PERIOD_CHANGE,
        "period_change_one_at_a_time: another change of this period waits for its second person",
        f"EXISTS (SELECT 1 FROM {PERIOD_CHANGE} o WHERE o.period_id = NEW.period_id "
        f"AND NOT EXISTS (SELECT 1 FROM {PERIOD_DECISION} d WHERE d.change_id = o.id))",
    ),
    Forbid(
        "period_decision_by_a_second_person",
        PERIOD_DECISION,
        "period_decision_by_a_second_person: who proposed a change never decides on it",
        f"EXISTS (SELECT 1 FROM {PERIOD_CHANGE} c "
        "WHERE c.id = NEW.change_id AND c.proposed_by_id = NEW.decided_by_id)",
    ),
    Forbid(
        "period_closes_once_it_has_ended",
        PERIOD_DECISION,
        "period_closes_once_it_has_ended: a period that goes on is not closed",
        _confirms("close") + "p.last_day > CURRENT_DATE)",
    ),
    Forbid(
        "period_closes_in_order",
        PERIOD_DECISION,
        "period_closes_in_order: the quarter before is closed first",
        _confirms("close") + f"({_LATER} OR ({_SOME} AND NOT {_BEFORE})))",
        lock=_HELD,
    ),
    Forbid(
        "period_closes_with_nothing_in_flight",
        PERIOD_DECISION,
        "period_closes_with_nothing_in_flight: a voucher with a booking day in it waits for approval",
        _confirms("close")
        + f"EXISTS (SELECT 1 FROM {VOUCHER} v WHERE v.organisation_id = p.organisation_id AND v.status = 'submitted' "
        "AND COALESCE(v.booked_on, v.value_date) BETWEEN p.first_day AND p.last_day))",
        lock=_HELD,
    ),
    Forbid(
        "period_opens_from_the_newest",
        PERIOD_DECISION,
        "period_opens_from_the_newest: what was closed later is opened again first",
        _confirms("reopen") + f"{_LATER})",
    ),
    After(
        "period_decision_is_kept",
        PERIOD_DECISION,
        f"UPDATE {PERIOD} SET closed = (SELECT c.kind = 'close' FROM {PERIOD_CHANGE} c WHERE c.id = NEW.change_id) "
        f"WHERE id = (SELECT c.period_id FROM {PERIOD_CHANGE} c WHERE c.id = NEW.change_id);",
        "NEW.verdict = 'confirmed'",
    ),
]

CERTIFICATIONS: list[Trigger] = [
    Forbid(
        "certification_of_a_closed_period",
        CERTIFICATION,
        "certification_of_a_closed_period: it belongs to the closing that stands",
        f"NOT EXISTS (SELECT 1 FROM {PERIOD} p JOIN {PERIOD_CHANGE} c ON c.period_id = p.id "
        f"JOIN {PERIOD_DECISION} d ON d.change_id = c.id WHERE d.id = NEW.closing_id "
        "AND p.id = NEW.period_id AND p.closed AND c.kind = 'close' AND d.verdict = 'confirmed' "
        f"AND NOT EXISTS (SELECT 1 FROM {PERIOD_CHANGE} c2 JOIN {PERIOD_DECISION} d2 ON d2.change_id = c2.id "
        "WHERE c2.period_id = p.id AND d2.verdict = 'confirmed' AND d2.id > d.id))",
    ),
    Forbid(
        "certification_of_the_owners_books",
        CERTIFICATION,
        "certification_of_the_owners_books: the period is one of the program's owner",
        f"NOT EXISTS (SELECT 1 FROM {PERIOD} p JOIN tracker_program g ON g.owner_id = p.organisation_id "
        "WHERE p.id = NEW.period_id AND g.id = NEW.program_id)",
    ),
    Forbid(
        "certification_by_two_persons",
        CERTIFICATION,
        "certification_by_two_persons: the same person never signs for both sides",
        f"EXISTS (SELECT 1 FROM {CERTIFICATION} o WHERE o.program_id = NEW.program_id "
        "AND o.closing_id = NEW.closing_id AND o.signed_by_id = NEW.signed_by_id)",
    ),
    Forbid(
        "certification_for_an_organisation_of_its_side",
        CERTIFICATION,
        "certification_for_an_organisation_of_its_side: the owner signs as donor, a recipient as recipient",
        "(NEW.side = 'donor' AND NOT EXISTS (SELECT 1 FROM tracker_program g "
        "WHERE g.id = NEW.program_id AND g.owner_id = NEW.organisation_id)) "
        "OR (NEW.side <> 'donor' AND NOT EXISTS (SELECT 1 FROM tracker_participation a "
        "WHERE a.program_id = NEW.program_id AND a.organisation_id = NEW.organisation_id "
        "AND a.role = 'recipient'))",
    ),
]
