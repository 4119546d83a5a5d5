"""The ledger's filters."""

from tracker.ledger.filters.comparing import (
    AccountFilter,
    AccountListFilter,
    ReconciliationFilter,
)
from tracker.ledger.filters.control import (
    AttemptFilter,
    AuthorityFilter,
    DelegationFilter,
    EmergencyFilter,
    InterestFilter,
    PeriodFilter,
)
from tracker.ledger.filters.deciding import RevaluationFilter, WaiverFilter
from tracker.ledger.filters.lists import TransactionFilter, VoucherFilter
from tracker.ledger.filters.receiving import DiscrepancyFilter, DispatchFilter

__all__ = [
    "AccountFilter",
    "AccountListFilter",
    "AttemptFilter",
    "AuthorityFilter",
    "DelegationFilter",
    "DiscrepancyFilter",
    "DispatchFilter",
    "EmergencyFilter",
    "InterestFilter",
    "PeriodFilter",
    "ReconciliationFilter",
    "RevaluationFilter",
    "TransactionFilter",
    "VoucherFilter",
    "WaiverFilter",
]
