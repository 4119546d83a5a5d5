"""Fields that several kinds of the ledger have."""

from typing import Any

DETAILS = (
    "currency",
    "amount",
    "value_date",
    "date_precision",
    "draws_on",
    "provider",
    "receiver",
    "authority",
    "valuation_basis",
    "valuation_date",
    "form",
    "quantity",
    "unit",
    "delivery_point",
    "booked_on",
)
# Entries from before in-kind aid and closed periods do not say these; this was true of all of them.
LATER: dict[str, Any] = {
    "valuation_date": None,
    "form": "money",
    "quantity": None,
    "unit": "",
    "delivery_point": "",
    "booked_on": None,
}
AVAILABILITY = ("availability", "available_from", "available_to")
TEXTS = ("payee", "reference", "description")
