"""Uploads: a file of transactions, checked row by row, that becomes one batch voucher."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import Organisation, User
from tracker.ledger.models import EvidenceFile, Transaction, TransactionKind, Voucher
from tracker.programs.models import Program
from tracker.shared.dates import DatePrecision
from tracker.shared.models import PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class UploadStatus(models.TextChoices):
    CHECKING = "checking", "being checked"
    CHECKED = "checked", "checked"
    SUBMITTED = "submitted", "waits for approval"
    RETURNED = "returned", "returned"
    POSTING = "posting", "being posted"
    STOPPED = "stopped", "stopped"
    POSTED = "posted", "posted"
    DISCARDED = "discarded", "discarded"


UPLOAD_TRANSITIONS: dict[str, set[str]] = {
    UploadStatus.CHECKING: {UploadStatus.CHECKED, UploadStatus.DISCARDED},
    UploadStatus.CHECKED: {UploadStatus.SUBMITTED, UploadStatus.DISCARDED},
    UploadStatus.SUBMITTED: {UploadStatus.RETURNED, UploadStatus.POSTING},
    UploadStatus.RETURNED: {UploadStatus.SUBMITTED, UploadStatus.DISCARDED},
    UploadStatus.POSTING: {UploadStatus.STOPPED, UploadStatus.POSTED},
    UploadStatus.STOPPED: {UploadStatus.POSTING},
    UploadStatus.POSTED: set(),
    UploadStatus.DISCARDED: set(),
}


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, user: "User | AnonymousUser") -> "UploadQuerySet":
        return self.filter(voucher__in=Voucher.objects.visible_to(user))

    def for_table(self) -> "UploadQuerySet":
        return self.select_related("organisation", "uploaded_by", "voucher")


class Upload(PublicId):
    """A file on its way into the ledger: what it was read as, and how far it has come."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="uploads")
    voucher = models.OneToOneField(Voucher, on_delete=models.PROTECT, related_name="upload")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="uploads")
    file_name = models.CharField(max_length=200)
    source = models.CharField(max_length=80)
    mapping = models.JSONField()
    status = models.CharField(max_length=10, choices=UploadStatus, default=UploadStatus.CHECKING)
    facts = models.JSONField(
        default=dict
    )  # delimiter, encoding, reference rule, totals: what the preview states
    rows_total = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    rows_wrong = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    rows_posted = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=10)
    os_user = models.CharField(max_length=60, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=UploadStatus.values), name="upload_status_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"


class RowState(models.TextChoices):
    GOOD = "good", "good"
    WRONG = "wrong", "has an error"
    KNOWN = "known", "posted before"
    POSTED = "posted", "posted"


class UploadRow(models.Model):
    """One line of the file, as it was understood."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=RowState)
    problems = models.JSONField(default=list)  # [{"column", "value", "cause", "remedy"}]
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    program_code = models.CharField(max_length=120, blank=True)
    program_name = models.CharField(max_length=250, blank=True)
    kind = models.CharField(max_length=12, choices=TransactionKind, blank=True)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    value_date = models.DateField(null=True, blank=True)
    date_precision = models.CharField(max_length=11, choices=DatePrecision, blank=True)
    fiscal_year = models.PositiveSmallIntegerField(null=True, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    payee = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    import_key = models.CharField(max_length=64, blank=True)
    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, related_name="upload_row", null=True, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["upload", "line"], name="upload_row_line_once"),
            models.CheckConstraint(
                condition=Q(state__in=RowState.values), name="upload_row_state_known"
            ),
        ]
        indexes = [models.Index(fields=["upload", "state", "line"], name="upload_rows_by_state")]

    def __str__(self) -> str:
        return f"line {self.line} of upload {self.upload_id}"
