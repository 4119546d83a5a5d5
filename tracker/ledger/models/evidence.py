"""Files as they were received, the types of document they may be, and what a posting can require of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.shared.models import AppendOnly, PublicId


class DocumentType(models.TextChoices):
    """What a document is, as who handed it in says (OVERSIGHT §2.5). DOCUMENT_NAMES has the field's own names."""

    NOT_STATED = "", "not stated"  # handed in before types were asked for
    DECISION = "decision", "decision or law"
    CONTRACT = "contract", "contract"
    INVOICE = "invoice", "invoice"
    PAYMENT_ORDER = "payment_order", "payment order"
    BANK_CONFIRMATION = "bank_confirmation", "bank confirmation"
    DISPATCH_NOTE = "dispatch_note", "dispatch note"
    COMPLETION = "completion", "completion certificate"
    RECEIPT = "receipt", "signed receipt"
    VALUATION = "valuation", "valuation document"
    USAGE_REPORT = "usage_report", "usage report"
    LOSS_REPORT = "loss_report", "loss report"
    CORRESPONDENCE = "correspondence", "correspondence"
    ROWS = "rows", "file of rows"
    OTHER = "other", "other document"


# By which names the field knows them (OVERSIGHT §2.2 and §2.5): they stand behind the choices of the form.
DOCUMENT_NAMES: dict[str, str] = {
    DocumentType.DECISION: "act, cabinet decision, presidential determination, execute order",
    DocumentType.CONTRACT: "contract, LOA, grant agreement, amendment",
    DocumentType.INVOICE: "supplier's invoice, DD 645 billing",
    DocumentType.PAYMENT_ORDER: "order to the treasury or a bank",
    DocumentType.BANK_CONFIRMATION: "statement or advice of the bank",
    DocumentType.DISPATCH_NOTE: "DD 1348-1A, DD 1149, waybill, packing list",
    DocumentType.COMPLETION: "DD 250, acceptance or completion of services",
    DocumentType.RECEIPT: "hand receipt, transfer certificate, DD 1149 signed on receipt",
    DocumentType.VALUATION: "price list, property record, appraisal",
    DocumentType.USAGE_REPORT: "report on use, expenditure or issue to units",
    DocumentType.LOSS_REPORT: "loss or discrepancy report, SF 364",
    DocumentType.CORRESPONDENCE: "letter, note, e-mail",
    DocumentType.OTHER: "says little: name the type where there is one",
}


class Requirement(models.TextChoices):
    """What a posting can require, in the words that complete “It lacks …” (requirements.py says of which kind)."""

    ANNOUNCEMENT = "announcement", "a decision or correspondence"
    PROMISE = "promise", "a contract or a decision"
    PAYMENT = "payment", "an invoice or a payment order"
    DELIVERY = "delivery", "a dispatch note or a completion certificate"
    VALUE = "value", "a valuation document"
    ARRIVAL = "arrival", "a signed receipt"
    USE = "use", "a usage report"
    MONEY_BACK = "money_back", "a bank confirmation"
    LOSS = "loss", "a loss report"
    ANY = "any", "a document of any type"


def document_type_known(prefix: str) -> models.CheckConstraint:
    """For each table whose rows say what a document is."""
    return models.CheckConstraint(
        condition=Q(document_type__in=DocumentType.values), name=f"{prefix}_document_type_known"
    )


class EvidenceFile(AppendOnly, PublicId):
    """A file as it was received, stored once under its SHA-256."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=120)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0),
                name="evidence_is_not_empty",
                violation_error_message="The file is empty (0 bytes): choose the right one.",
            )
        ]

    def __str__(self) -> str:
        return f"file {self.sha256[:12]}"
