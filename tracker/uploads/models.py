"""Uploads: a file of transactions, checked row by row, that becomes one batch voucher."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import Organisation, User
from tracker.ledger.models import (
    EvidenceFile,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherStatus,
)
from tracker.programs.models import Program
from tracker.shared.dates import DatePrecision
from tracker.shared.models import PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Channel(models.TextChoices):
    """Where somebody handed a file in, or decided on it."""

    WEB = "web", "web page"
    COMMAND = "command", "command line"


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
    # What the preview states (form of the file, totals, proposed programs), and how far checking and posting are.
    facts = models.JSONField(default=dict)
    rows_total = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    rows_wrong = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    rows_posted = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.WEB)
    os_user = models.CharField(max_length=60, blank=True)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(db_default=Now())

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=UploadStatus.values), name="upload_status_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="upload_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"

    @property
    def stands(self) -> str:
        """Where it stands, also when its voucher was decided on without it (on the voucher's own page)."""
        if self.voucher.status == VoucherStatus.WITHDRAWN:
            return UploadStatus.DISCARDED
        if self.status == UploadStatus.SUBMITTED:
            decided = {
                VoucherStatus.POSTED: UploadStatus.POSTING,
                VoucherStatus.RETURNED: UploadStatus.RETURNED,
            }
            return decided.get(VoucherStatus(self.voucher.status), UploadStatus.SUBMITTED)
        return self.status

    @property
    def stands_said(self) -> str:
        return UploadStatus(self.stands).label


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
    number = models.CharField(max_length=40, blank=True)  # of a row that states no reference
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
        indexes = [
            models.Index(fields=["upload", "state", "kind", "line"], name="upload_rows_by_state"),
            models.Index(fields=["upload", "import_key"], name="upload_rows_by_key"),
            models.Index(fields=["number"], condition=~Q(number=""), name="upload_rows_by_number"),
        ]

    def __str__(self) -> str:
        return f"line {self.line} of upload {self.upload_id}"

    @property
    def error(self) -> str:
        """Every problem of the row in words."""
        return " ".join(
            f"{p['column'] + ': ' if p['column'] else ''}{p['cause']} {p['remedy']}"
            for p in self.problems
        )
