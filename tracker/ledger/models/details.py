"""What vouchers, their versions and transactions say alike, and the words for it."""

from django.db import models

from tracker.accounts.models import Organisation
from tracker.ledger.models.authorities import Authority
from tracker.shared.dates import DatePrecision
from tracker.shared.money import CurrencyField, MoneyField


class ValuationBasis(models.TextChoices):
    """What an amount means. Money is its own value; anything else says how it was valued."""

    MONEY = "money", "money"
    ACQUISITION_COST = "acquisition_cost", "acquisition cost"
    NET_BOOK_VALUE = "net_book_value", "net book value"
    REPLACEMENT_COST = "replacement_cost", "replacement cost"
    MARKET_VALUE = "market_value", "market value"
    DONOR_STATED = "donor_stated", "stated by the donor"
    NOT_STATED = "not_stated", "not stated"


class TransactionKind(models.TextChoices):
    COMMITMENT = "commitment", "commitment"
    DISBURSEMENT = "disbursement", "disbursement"
    REFUND = "refund", "refund"


class VoucherKind(models.TextChoices):
    COMMITMENT = "commitment", "commitment"
    DISBURSEMENT = "disbursement", "disbursement"
    REVERSAL = "reversal", "reversal"
    BATCH = "batch", "batch"


class Provenance(models.TextChoices):
    """How a transaction came into the ledger."""

    VOUCHER = "voucher", "entered as a voucher"
    UPLOAD = "upload", "uploaded from a file"
    OPENING = "opening", "opening commitment for history without one"


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

    class Meta:
        abstract = True
