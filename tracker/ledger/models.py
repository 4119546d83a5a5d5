"""The ledger: vouchers on their way, and transactions that are posted for ever.

A voucher is a request and may be edited while it is a draft. Submitting freezes a *version*; people other than its
editors approve the version; posting makes it a *transaction*, which nobody changes. A mistake is corrected by a
reversal: a voucher like any other, whose transaction carries the opposite amount.

Amounts of originals are positive; reversals are negative; so the sum of a kind is always right. Balances and turnover
are kept by triggers in the transaction that posts (triggers.py), and a CHECK holds disbursed ≤ committed.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import MembershipStatus, Organisation, User
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.dates import DatePrecision
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LARGEST_SUM = 9 * 10**18  # minor units; a BIGINT ends at 9.22 × 10^18


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


class Authority(PublicId):
    """The legal basis that money or stock comes from."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="authorities"
    )
    title = models.CharField(max_length=200)
    legal_basis = models.CharField(max_length=300)

    class Meta:
        verbose_name_plural = "authorities"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "title"], name="authority_title_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.legal_basis})"


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


class Voucher(PublicId, Details):
    """A request for a commitment, a disbursement, a reversal, or a batch of uploaded rows."""

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
    """A file on a voucher, under the name it came with. Taking it off leaves the row."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="attachments")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=200)
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(db_default=Now())
    removed = models.BooleanField(default=False)

    objects = AttachmentQuerySet.as_manager()

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


class VoucherVersion(AppendOnly, PublicId, Details):
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
    """A file that a version rests on; the version's hash covers its SHA-256."""

    version = models.ForeignKey(VoucherVersion, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "file"], name="evidence_once_per_version")
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk} of version {self.version_id}"


class Approval(AppendOnly, PublicId):
    """One person's yes to one version, bound to its content."""

    version = models.ForeignKey(VoucherVersion, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    approved_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "approver"],
                name="approval_once_per_person",
                violation_error_message="You have approved this version already.",
            )
        ]

    def __str__(self) -> str:
        return f"approval {self.pk} of version {self.version_id}"


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


class TransactionText(ErasableText):
    """Payee, reference and description of a transaction: they may name a person."""

    payee = models.CharField(max_length=200, blank=True, db_index=True)
    reference = models.CharField(max_length=100, blank=True, db_index=True)
    description = models.TextField(blank=True)
    TEXTS = ("payee", "reference", "description")

    def __str__(self) -> str:
        return f"words of transaction {self.pk}"


class TransactionQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "TransactionQuerySet":
        return self.filter(program__in=Program.objects.visible_to(user))

    def in_force(self) -> "TransactionQuerySet":
        """Neither reversed nor itself a reversal: what a reader should count."""
        return self.filter(reverses=None, reversal=None)

    def for_table(self) -> "TransactionQuerySet":
        return self.select_related(
            "program", "provider", "receiver", "text", "reverses", "reversal", "version__voucher"
        )


class Transaction(AppendOnly, PublicId, Details):
    """Money that was promised in law, paid or paid back. Posted for ever."""

    kind = models.CharField(max_length=12, choices=TransactionKind)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="transactions")
    version = models.ForeignKey(
        VoucherVersion, on_delete=models.PROTECT, related_name="transactions"
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="reversal", null=True, blank=True
    )
    fiscal_year = models.PositiveSmallIntegerField()
    provenance = models.CharField(max_length=8, choices=Provenance)
    import_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    text = models.OneToOneField(TransactionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    posted_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = TransactionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=TransactionKind.values),
                name="transaction_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=False, value_date__isnull=False) & ~Q(currency=""),
                name="transaction_states_amount_and_date",
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0)
                | Q(reverses__isnull=False, amount__lt=0),
                name="transaction_positive_unless_reversal",
                violation_error_message="An amount must be more than zero.",
            ),
            models.CheckConstraint(
                condition=Q(draws_on__isnull=True) | ~Q(kind="commitment"),
                name="transaction_commitment_draws_on_no_transaction",
            ),
            models.CheckConstraint(
                condition=Q(draws_on__isnull=False) | ~Q(kind="disbursement"),
                name="transaction_disbursement_draws_on_a_commitment",
                violation_error_message="A disbursement draws on a commitment: choose it.",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "value_date", "id"], name="transaction_by_day"),
            models.Index(fields=["draws_on"], name="transaction_by_parent"),
            models.Index(fields=["kind", "fiscal_year"], name="transaction_by_year"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"

    @property
    def is_reversal(self) -> bool:
        return self.reverses_id is not None


class Balance(models.Model):
    """How much of a commitment is drawn. Kept by triggers only."""

    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, primary_key=True, related_name="balance"
    )
    currency = CurrencyField()
    committed = MoneyField()
    drawn = MoneyField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn__lte=F("committed")),
                name="balance_drawn_within_committed",
            ),
            models.CheckConstraint(condition=Q(drawn__gte=0), name="balance_drawn_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"balance of transaction {self.transaction_id}"


class Turnover(models.Model):
    """The sum of one kind of transaction in a program, fiscal year and currency. Kept by triggers only."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="turnover")
    fiscal_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=TransactionKind)
    currency = CurrencyField()
    amount = MoneyField()
    rows = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "fiscal_year", "kind", "currency"],
                name="turnover_once",
            ),
            # SQLite turns an integer that grew too large into a float without a word: stop well before.
            models.CheckConstraint(
                condition=Q(amount__range=(-LARGEST_SUM, LARGEST_SUM)),
                name="turnover_can_be_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of program {self.program_id} in {self.fiscal_year}, {self.currency}"
