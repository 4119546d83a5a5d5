"""Waivers: a required document may come later, until a day, because two persons say so. And documents that came later."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.ledger.models.evidence import (
    DocumentType,
    EvidenceFile,
    Requirement,
    document_type_known,
)
from tracker.ledger.models.vouchers import Voucher
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LONGEST_WAIVER = (
    366  # days; the setting WAIVER_DAYS_MAX may only be stricter, the database refuses more
)


class WaiverCategory(models.TextChoices):
    """Why a document is missing, in the few words that are public. The reason itself stays with the staff."""

    NOT_ISSUED = "not_issued", "not issued yet"
    ELSEWHERE = "elsewhere", "held by another office"
    LOST = "lost", "lost or destroyed"
    URGENT = "urgent", "acted before the papers were ready"
    RESTRICTED = "restricted", "must not leave the place where it is kept"


class WaiverStatus(models.TextChoices):
    """Where a waiver stands. Persons ask and decide; a document settles it; the calendar does the rest."""

    ASKED = "asked", "waits for a decision"
    DECLINED = "declined", "declined"
    IN_FORCE = "in_force", "in force"
    SETTLED = "settled", "settled: the document came"
    OVERDUE = "overdue", "overdue: posted, and the document never came"
    RENEWED = "renewed", "followed by another waiver"
    LAPSED = "lapsed", "lapsed: nothing stands on it"


WAIVER_TRANSITIONS: dict[str, set[str]] = {
    WaiverStatus.ASKED: {WaiverStatus.IN_FORCE, WaiverStatus.DECLINED},
    WaiverStatus.DECLINED: set(),
    WaiverStatus.IN_FORCE: {
        *(WaiverStatus.SETTLED, WaiverStatus.OVERDUE),
        *(WaiverStatus.RENEWED, WaiverStatus.LAPSED),
    },
    WaiverStatus.SETTLED: set(),
    WaiverStatus.OVERDUE: {WaiverStatus.SETTLED, WaiverStatus.RENEWED, WaiverStatus.LAPSED},
    WaiverStatus.RENEWED: {WaiverStatus.SETTLED},
    WaiverStatus.LAPSED: set(),
}


class WaiverVerdict(models.TextChoices):
    GRANTED = "granted", "granted"
    DECLINED = "declined", "declined"


class WaiverText(ErasableText):
    """Why the document is missing: words that may name a person."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of waiver {self.pk}"


class WaiverQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "WaiverQuerySet":
        """Who may see the voucher may see what it was waived."""
        return self.filter(voucher__in=Voucher.objects.visible_to(user))


class Waiver(AppendOnly, PublicId):
    """A request to post a voucher without a document that its kind requires, until a day. It never lasts longer:
    who needs more time asks for another one. It counts once a second person grants it."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="waivers")
    requirement = models.CharField(max_length=12, choices=Requirement)
    category = models.CharField(max_length=10, choices=WaiverCategory)
    expires_on = models.DateField()  # the last day on which it counts
    text = models.OneToOneField(WaiverText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = WaiverQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(requirement__in=Requirement.values), name="waiver_requirement_known"
            ),
            models.CheckConstraint(
                condition=Q(category__in=WaiverCategory.values), name="waiver_category_known"
            ),
        ]
        indexes = [models.Index(fields=["expires_on"], name="waiver_by_end")]

    def __str__(self) -> str:
        return f"waiver of {self.get_requirement_display()}, voucher {self.voucher_id}"


class WaiverDecisionText(ErasableText):
    """Why a waiver was declined."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of the decision {self.pk} on a waiver"


class WaiverDecision(AppendOnly, PublicId):
    """The second person's yes or no to a waiver."""

    waiver = models.OneToOneField(Waiver, on_delete=models.PROTECT, related_name="decision")
    verdict = models.CharField(max_length=8, choices=WaiverVerdict)
    text = models.OneToOneField(WaiverDecisionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=WaiverVerdict.values), name="waiver_verdict_known"
            )
        ]

    def __str__(self) -> str:
        return f"waiver {self.waiver_id} {self.verdict}"


class SuppliedText(ErasableText):
    """The name that a file came with: it may name a person."""

    file_name = models.CharField(max_length=200)
    TEXTS = ("file_name",)

    def __str__(self) -> str:
        return f"name of the supplied document {self.pk}"


class SuppliedQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "SuppliedQuerySet":
        """Who may see the voucher may see its files."""
        return self.filter(voucher__in=Voucher.objects.visible_to(user))


class SuppliedDocument(AppendOnly, PublicId):
    """A document that came after its voucher was posted. What was approved, and its hash, stay as they were."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="supplied")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="supplied")
    document_type = models.CharField(max_length=17, choices=DocumentType)
    document_date = models.DateField(null=True, blank=True)
    text = models.OneToOneField(SuppliedText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    supplied_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    supplied_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = SuppliedQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["voucher", "file"], name="supplied_once_per_voucher"),
            document_type_known("supplied"),
            models.CheckConstraint(
                condition=~Q(document_type=""), name="supplied_document_states_its_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_type} supplied to voucher {self.voucher_id}"

    @property
    def name(self) -> str:
        return self.text.file_name or "document"
