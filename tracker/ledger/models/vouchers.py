"""Vouchers, their frozen versions, and what people decide about them."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import SIGNERS, MembershipStatus, Organisation, Role, User
from tracker.ledger.models.details import Details, VoucherKind
from tracker.ledger.models.evidence import DocumentType, EvidenceFile, document_type_known
from tracker.ledger.models.signing import Delegation, SigningLevel
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import AppendOnly, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField
from tracker.shared.sealing import Sealable

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class VoucherStatus(models.TextChoices):
    DRAFT = "draft", "draft"
    SUBMITTED = "submitted", "waits for approval"
    RETURNED = "returned", "returned"
    POSTED = "posted", "posted"
    WITHDRAWN = "withdrawn", "withdrawn"


VOUCHER_TRANSITIONS: dict[str, set[str]] = {
    VoucherStatus.DRAFT: {VoucherStatus.SUBMITTED, VoucherStatus.WITHDRAWN},
    VoucherStatus.SUBMITTED: {VoucherStatus.RETURNED, VoucherStatus.POSTED},
    VoucherStatus.RETURNED: {VoucherStatus.SUBMITTED, VoucherStatus.WITHDRAWN},
    VoucherStatus.POSTED: set(),
    VoucherStatus.WITHDRAWN: set(),
}
EDITABLE = {VoucherStatus.DRAFT, VoucherStatus.RETURNED}


def _staff_scope(user: "User") -> tuple[models.QuerySet, models.QuerySet]:
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=SEES_AS_STAFF)
    return (
        held.filter(organisation__isnull=False).values("organisation"),
        held.filter(program__isnull=False).values("program"),
    )


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def visible_to(self, user: "User | AnonymousUser") -> "VoucherQuerySet":
        """Staff and auditors of the organisation or the program; never the recipient's side."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        organisations, programs = _staff_scope(user)
        return self.filter(Q(organisation__in=organisations) | Q(program__in=programs))

    def waiting(self) -> "VoucherQuerySet":
        return self.filter(status=VoucherStatus.SUBMITTED)

    def for_table(self) -> "VoucherQuerySet":
        return self.select_related("program", "organisation", "created_by")


class Voucher(Sealable, PublicId, Details):
    """A request for a transaction of some kind, for a reversal, or for a batch of uploaded rows."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="vouchers"
    )
    program = models.ForeignKey(
        Program,
        on_delete=models.PROTECT,
        related_name="vouchers",
        null=True,
        blank=True,
    )
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=VoucherKind)
    status = models.CharField(max_length=10, choices=VoucherStatus, default=VoucherStatus.DRAFT)
    reverses = models.ForeignKey(
        "tracker.Transaction",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
    )
    payee = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(db_default=Now())

    objects = VoucherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "number"],
                name="voucher_number_once",
                violation_error_message="This voucher number is already used: choose the next free one.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=VoucherKind.values), name="voucher_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=VoucherStatus.values),
                name="voucher_status_known",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0) | Q(kind="reversal"),
                name="voucher_amount_above_zero",
                violation_error_message="The amount must be more than zero.",
            ),
            models.CheckConstraint(
                condition=Q(kind="batch") | Q(program__isnull=False),
                name="voucher_has_a_program",
                violation_error_message="Choose the program that the voucher belongs to.",
            ),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False)
                | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="voucher_reversal_names_its_transaction",
            ),
        ]

    def __str__(self) -> str:
        return f"voucher {self.number}"

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: "User | AnonymousUser") -> "AttachmentQuerySet":
        """Who may see the voucher may see its files."""
        return self.filter(voucher__in=Voucher.objects.visible_to(user))


class Attachment(PublicId):
    """A file on a voucher, under the name it came with. Taking it off leaves the row.

    `document_date` is the date that the document itself bears (null: none is stated); it never follows from the upload.
    """

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    document_type = models.CharField(max_length=17, choices=DocumentType, blank=True)
    document_date = models.DateField(null=True, blank=True)
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(db_default=Now())
    removed = models.BooleanField(default=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [document_type_known("attachment")]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"


class VoucherEdit(AppendOnly):
    """Who had a hand in a voucher. Such a person never approves it."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="edits")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["voucher", "person"], name="voucher_editors")]

    def __str__(self) -> str:
        return f"edit {self.pk} of voucher {self.voucher_id}"


class VersionText(ErasableText):
    """Payee, reference and description of a version: they may name a person."""

    payee = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    TEXTS = ("payee", "reference", "description")

    def __str__(self) -> str:
        return f"words of version {self.pk}"


class VoucherVersion(Sealable, AppendOnly, PublicId, Details):
    """A voucher as it was submitted. Approvals bind to its content hash."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=VoucherKind)
    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reverses = models.ForeignKey(
        "tracker.Transaction", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    batch_digest = models.CharField(max_length=64, blank=True)
    text = models.OneToOneField(VersionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    content_form = models.PositiveSmallIntegerField(default=1)  # how its content was hashed
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["voucher", "number"], name="version_numbered_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of voucher {self.voucher_id}"


class VersionEvidence(AppendOnly):
    """A file that a version rests on; the version's hash covers its SHA-256, type and date."""

    version = models.ForeignKey(VoucherVersion, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="+")
    document_type = models.CharField(max_length=17, choices=DocumentType, blank=True)
    document_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "file"], name="evidence_once_per_version"),
            document_type_known("evidence"),
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk} of version {self.version_id}"


class VersionSum(AppendOnly):
    """What the rows of a batch come to in one currency, refunds counted as amounts: by it the signatures are chosen."""

    version = models.ForeignKey(VoucherVersion, on_delete=models.PROTECT, related_name="sums")
    currency = CurrencyField()
    amount = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "currency"], name="sum_once_per_currency"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="sum_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"sum {self.pk} of version {self.version_id}"


class Approval(AppendOnly, PublicId):
    """One person's yes to one version, bound to its content.

    `level` is what the delegation of authority asked for on `signed_on`; the last approval's counts. Approvals from
    before there was a delegation of authority have no such day: one approver sufficed.
    """

    version = models.ForeignKey(VoucherVersion, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    level = models.CharField(max_length=11, choices=SigningLevel, default=SigningLevel.ONE)
    signed_as = models.CharField(
        max_length=15, choices=[(r.value, r.label) for r in SIGNERS], default=Role.APPROVER
    )
    signed_on = models.DateField(null=True)  # by the organisation's calendar
    delegation = models.ForeignKey(
        Delegation, on_delete=models.PROTECT, related_name="approvals", null=True, blank=True
    )
    approved_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "approver"],
                name="approval_once_per_person",
                violation_error_message="You have approved this version already.",
            ),
            models.CheckConstraint(
                condition=Q(level__in=SigningLevel.values, signed_as__in=SIGNERS),
                name="approval_level_known",
            ),
        ]

    def __str__(self) -> str:
        return f"approval {self.pk} of version {self.version_id}"

    @property
    def is_senior(self) -> bool:
        return self.signed_as == Role.SENIOR_APPROVER


class ReturnText(ErasableText):
    """Why a voucher was sent back."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of return {self.pk}"


class Return(AppendOnly, PublicId):
    """A version sent back with a reason. The reason stays, whatever comes after it."""

    version = models.ForeignKey(VoucherVersion, on_delete=models.PROTECT, related_name="returns")
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.OneToOneField(ReturnText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    returned_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version"], name="version_returned_once")]

    def __str__(self) -> str:
        return f"return {self.pk} of version {self.version_id}"
