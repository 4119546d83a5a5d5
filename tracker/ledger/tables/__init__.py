"""The ledger's tables."""

from tracker.ledger.tables.comparing import ReconciliationTable, StatementListTable, StatementTable
from tracker.ledger.tables.lists import (
    CHANGE_TONES,
    DELEGATION_TONES,
    TONES,
    UNDISBURSED,
    AuthorityTable,
    DelegationTable,
    TransactionTable,
    VoucherTable,
)

__all__ = [
    "CHANGE_TONES",
    "DELEGATION_TONES",
    "TONES",
    "UNDISBURSED",
    "AuthorityTable",
    "DelegationTable",
    "ReconciliationTable",
    "StatementListTable",
    "StatementTable",
    "TransactionTable",
    "VoucherTable",
]
