"""The ledger's filters."""

from tracker.ledger.filters.comparing import (
    ReconciliationFilter,
    StatementFilter,
    StatementListFilter,
)
from tracker.ledger.filters.lists import (
    AuthorityFilter,
    DelegationFilter,
    TransactionFilter,
    VoucherFilter,
)

__all__ = [
    "AuthorityFilter",
    "DelegationFilter",
    "ReconciliationFilter",
    "StatementFilter",
    "StatementListFilter",
    "TransactionFilter",
    "VoucherFilter",
]
