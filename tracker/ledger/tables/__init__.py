"""The ledger's lists."""

from tracker.ledger.tables.comparing import AccountListTable, AccountTable, ReconciliationTable
from tracker.ledger.tables.control import (
    DELEGATION_TONES,
    EMERGENCY_TONES,
    INTEREST_TONES,
    PERIOD_TONES,
    AttemptTable,
    DelegationTable,
    EmergencyTable,
    InterestTable,
    PeriodTable,
)
from tracker.ledger.tables.lists import (
    CHANGE_TONES,
    DISCREPANCY_TONES,
    STATE_TONES,
    TONES,
    UNDISBURSED,
    AuthorityTable,
    BookedColumn,
    DiscrepancyTable,
    DispatchTable,
    RevaluationTable,
    TransactionTable,
    VoucherTable,
)
from tracker.ledger.tables.waivers import WAIVER_TONES, WaiverTable

__all__ = [
    "CHANGE_TONES",
    "DELEGATION_TONES",
    "DISCREPANCY_TONES",
    "EMERGENCY_TONES",
    "INTEREST_TONES",
    "PERIOD_TONES",
    "STATE_TONES",
    "TONES",
    "UNDISBURSED",
    "WAIVER_TONES",
    "AccountListTable",
    "AccountTable",
    "AttemptTable",
    "AuthorityTable",
    "BookedColumn",
    "DelegationTable",
    "DiscrepancyTable",
    "DispatchTable",
    "EmergencyTable",
    "InterestTable",
    "PeriodTable",
    "ReconciliationTable",
    "RevaluationTable",
    "TransactionTable",
    "VoucherTable",
    "WaiverTable",
]
