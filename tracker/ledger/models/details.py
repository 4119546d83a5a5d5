"""What vouchers, their versions and transactions say alike, and the words for it."""

from datetime import date

from django.db import models

from tracker.accounts.models import Organisation
from tracker.ledger.models.authorities import Authority
from tracker.shared.dates import DatePrecision
from tracker.shared.money import CurrencyField, MoneyField
from tracker.shared.numbers import ScaledField


class Form(models.TextChoices):
    """What is given. Goods and services are valued; only money is its own value."""

    MONEY = "money", "money"
    GOODS = "goods", "goods"
    SERVICES = "services", "services"


class ValuationBasis(models.TextChoices):
    """What an amount means. Money is its own value; anything else says how it was valued.

    *Unvalued* is an answer of its own: nobody has put a value on it, and it is never read as 0.
    """

    MONEY = "money", "money"
    ACQUISITION_COST = "acquisition_cost", "acquisition cost"
    NET_BOOK_VALUE = "net_book_value", "net book value"
    INVENTORY_COST = "inventory_cost", "inventory cost"
    REPLACEMENT_COST = "replacement_cost", "replacement cost"
    MARKET_VALUE = "market_value", "market value"
    DEEMED_COST = "deemed_cost", "deemed cost"
    DONOR_STATED = "donor_stated", "stated by the donor"
    UNVALUED = "unvalued", "unvalued"
    NOT_STATED = "not_stated", "not stated"


class DeliveryPoint(models.TextChoices):
    """Which point “delivered” means. Services record different ones (GAO-24-106289), so every dispatch names its own."""

    NOT_STATED = "", "not stated"
    ORIGIN_DEPARTURE = "origin_departure", "left its origin"
    POD_ARRIVAL = "pod_arrival", "arrived at the port of debarkation"
    NODE_ARRIVAL = "node_arrival", "arrived at a logistics node"
    TITLE_TRANSFER = "title_transfer", "title was handed over"
    END_USER_RECEIPT = "end_user_receipt", "received by the end user"


class TransactionKind(models.TextChoices):
    """The kinds of transaction, in the order of the way. None ever stands in for another."""

    PLEDGE = "pledge", "pledge"
    COMMITMENT = "commitment", "commitment"
    DISBURSEMENT = "disbursement", "disbursement"
    RECEIPT = "receipt", "receipt"
    EXPENDITURE = "expenditure", "expenditure"
    REFUND = "refund", "refund"
    WRITE_OFF = "write_off", "write-off"


# What a kind may draw on: the one before it. What comes back, and what is given up, comes off where it was stuck.
# A refund of history without known payments comes off the commitment itself.
DRAWS_ON: dict[str, tuple[TransactionKind, ...]] = {
    TransactionKind.PLEDGE: (),
    TransactionKind.COMMITMENT: (TransactionKind.PLEDGE,),
    TransactionKind.DISBURSEMENT: (TransactionKind.COMMITMENT,),
    TransactionKind.RECEIPT: (TransactionKind.DISBURSEMENT,),
    TransactionKind.EXPENDITURE: (TransactionKind.RECEIPT,),
    TransactionKind.REFUND: (
        *(TransactionKind.DISBURSEMENT, TransactionKind.RECEIPT, TransactionKind.COMMITMENT),
    ),
    TransactionKind.WRITE_OFF: (TransactionKind.DISBURSEMENT, TransactionKind.RECEIPT),
}
MUST_DRAW = (
    *(TransactionKind.DISBURSEMENT, TransactionKind.RECEIPT),
    *(TransactionKind.EXPENDITURE, TransactionKind.WRITE_OFF),
)
# What the recipient's side states. We authorise nothing here: it is recorded as stated, its excess outside totals.
REPORTED = (TransactionKind.RECEIPT, TransactionKind.EXPENDITURE)
# What ends a way: it came back or was given up, and nothing is drawn from it.
LEAVES = (TransactionKind.REFUND, TransactionKind.WRITE_OFF)

# IATI codelist TransactionType. A refund is a disbursement below zero there (code 7, reimbursement, is money for what a
# recipient spent already); IATI has no code for what is given up as lost, so a write-off is not exported as one.
IATI_CODES: dict[str, str | None] = {
    TransactionKind.PLEDGE: "12",
    TransactionKind.COMMITMENT: "2",
    TransactionKind.DISBURSEMENT: "3",
    TransactionKind.RECEIPT: "1",
    TransactionKind.EXPENDITURE: "4",
    TransactionKind.REFUND: "3",
    TransactionKind.WRITE_OFF: None,
}


class VoucherKind(models.TextChoices):
    PLEDGE = "pledge", "pledge"
    COMMITMENT = "commitment", "commitment"
    DISBURSEMENT = "disbursement", "disbursement"
    RECEIPT = "receipt", "receipt"
    EXPENDITURE = "expenditure", "expenditure"
    REFUND = "refund", "refund"
    WRITE_OFF = "write_off", "write-off"
    REVERSAL = "reversal", "reversal"
    BATCH = "batch", "batch"


class Provenance(models.TextChoices):
    """How a transaction came into the ledger."""

    VOUCHER = "voucher", "entered as a voucher"
    UPLOAD = "upload", "uploaded from a file"
    OPENING = "opening", "opening commitment for history without one"
    REPORTED = "reported", "reported by the recipient"


class Details(models.Model):
    """What a voucher, its frozen versions and its transaction say alike."""

    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    value_date = models.DateField(null=True, blank=True)
    date_precision = models.CharField(
        max_length=11, choices=DatePrecision, default=DatePrecision.DAY
    )
    draws_on = models.ForeignKey(
        "tracker.Transaction",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    provider = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    receiver = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    valuation_basis = models.CharField(
        max_length=20, choices=ValuationBasis, default=ValuationBasis.MONEY
    )
    valuation_date = models.DateField(null=True, blank=True)
    form = models.CharField(max_length=8, choices=Form, default=Form.MONEY)
    quantity = ScaledField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    delivery_point = models.CharField(max_length=16, choices=DeliveryPoint, blank=True)
    # The day of an open period that a late entry is booked on; null: its value date.
    booked_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def booking_day(self) -> date | None:
        """The day that decides in which period and fiscal year it counts."""
        return self.booked_on or self.value_date
