"""The ledger's rules that the database itself holds, on both engines."""

from tracker.ledger.triggers.authorities import (
    AUTHORITIES_KEPT,
    AUTHORITY_YEARS,
    CHANGES,
    UNDER_AUTHORITIES,
)
from tracker.ledger.triggers.balances import BALANCES, KEPT
from tracker.ledger.triggers.discrepancies import DISCREPANCIES
from tracker.ledger.triggers.emergencies import EMERGENCIES
from tracker.ledger.triggers.interests import INTERESTS
from tracker.ledger.triggers.periods import (
    BOOKING,
    CERTIFICATIONS,
    PERIOD_CHANGES,
    PERIODS,
)
from tracker.ledger.triggers.posting import POSTING
from tracker.ledger.triggers.signing import SIGNING
from tracker.ledger.triggers.statements import STATED
from tracker.ledger.triggers.vouchers import APPROVALS, VERSIONS

TRIGGERS = [
    *(*VERSIONS, *APPROVALS, *SIGNING, *INTERESTS, *EMERGENCIES, *POSTING, *UNDER_AUTHORITIES),
    *(*BALANCES, *AUTHORITY_YEARS, *KEPT),
    *(*CHANGES, *AUTHORITIES_KEPT),
    *(*STATED, *DISCREPANCIES),
    *(*BOOKING, *PERIODS, *PERIOD_CHANGES, *CERTIFICATIONS),
]
