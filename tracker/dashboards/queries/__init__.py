"""Reads over all rooms, for pages that show several of them. Everything is a frozen dataclass."""

from tracker.dashboards.queries.desk import Desk, desk_of
from tracker.dashboards.queries.money import (
    NatureCount,
    Portfolio,
    ProgramRow,
    natures_seen,
    portfolio_of,
    program_rows,
)
from tracker.dashboards.queries.next_steps import Step, next_steps
from tracker.dashboards.queries.organisations import (
    OrganisationPage,
    organisation_page,
    organisations_seen,
)
from tracker.dashboards.queries.programs import ProgramPage, program_page
from tracker.dashboards.queries.receipts import ReceiptsPage, receipt_proof, receipts_page
from tracker.dashboards.queries.search import Hits, cleaned, sealed_of_search, search
from tracker.dashboards.queries.transactions import RELATED, TransactionPage, transaction_page

__all__ = [
    "RELATED",
    "Desk",
    "Hits",
    "NatureCount",
    "OrganisationPage",
    "Portfolio",
    "ProgramPage",
    "ProgramRow",
    "ReceiptsPage",
    "Step",
    "TransactionPage",
    "cleaned",
    "desk_of",
    "natures_seen",
    "next_steps",
    "organisation_page",
    "organisations_seen",
    "portfolio_of",
    "program_page",
    "program_rows",
    "receipt_proof",
    "receipts_page",
    "sealed_of_search",
    "search",
    "transaction_page",
]
