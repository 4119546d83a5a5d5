"""How the ledger's tables are rebuilt from the journal, and its sums from the transactions."""

from tracker.ledger.projections.authorities import AUTHORITIES
from tracker.ledger.projections.periods import PERIODS
from tracker.ledger.projections.reckoned import RECKONED
from tracker.ledger.projections.signing import SIGNING
from tracker.ledger.projections.statements import STATEMENTS
from tracker.ledger.projections.vouchers import VOUCHERS

PROJECTIONS = [*AUTHORITIES, *SIGNING, *VOUCHERS, *STATEMENTS, *PERIODS, *RECKONED]
