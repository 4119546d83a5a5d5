"""What the journal records of the ledger."""

from tracker.journal.kinds import Kind
from tracker.ledger.events.authorities import AUTHORITIES
from tracker.ledger.events.names import AVAILABILITY, DETAILS, TEXTS
from tracker.ledger.events.periods import PERIODS
from tracker.ledger.events.signing import SIGNING
from tracker.ledger.events.statements import OPENED, STATED, STATEMENTS, STEPS
from tracker.ledger.events.vouchers import VOUCHERS

KINDS: list[Kind] = [*AUTHORITIES, *SIGNING, *VOUCHERS, *STATEMENTS, *PERIODS]

__all__ = ["AVAILABILITY", "DETAILS", "KINDS", "OPENED", "STATED", "STEPS", "TEXTS"]
