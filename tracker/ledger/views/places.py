"""The pages of the ledger that stand beside each other."""

from django.urls import reverse

PLACES = (
    ("ledger:transactions", "Transactions"),
    ("ledger:accounts", "Accounts"),
    ("ledger:dispatches", "Dispatches"),
    ("ledger:reconciliation", "Reconciliation"),
    ("ledger:discrepancies", "Discrepancies"),
    ("ledger:revaluations", "Revaluations"),
    ("ledger:periods", "Periods"),
    ("ledger:authorities", "Authorities"),
)


def places(here: str) -> list[dict[str, str]]:
    """For the component that draws tabs."""
    return [
        {"label": label, "url": reverse(name), "current": "page" if name == here else ""}
        for name, label in PLACES
    ]
