"""What the recipient's side states: of a dispatch, what arrived; of a receipt, what was used.

Nobody here authorises it. A statement stands as it was made and posts its transaction at once; only a reversal takes
that back, and the statement stays.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.ledger.models.details import DeliveryPoint
from tracker.ledger.models.evidence import EvidenceFile
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField
from tracker.shared.numbers import ScaledField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Verdict(models.TextChoices):
    """The recipient's word. The first five are of a dispatch, the last is of what was received."""

    CONFIRMED = "confirmed", "confirmed"
    SHORT = "short", "short"
    SURPLUS = "surplus", "surplus"
    DAMAGED = "damaged", "damaged"
    DISPUTED = "disputed", "disputed"
    USED = "used", "used"


OF_A_DISPATCH = [v for v in Verdict if v != Verdict.USED]


class StatementText(ErasableText):
    """What the representative remarked, and the name of the file that came with it."""

    remark = models.TextField(blank=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    TEXTS = ("remark", "evidence_name")

    def __str__(self) -> str:
        return f"words of statement {self.pk}"


class StatementQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "StatementQuerySet":
        """Both sides of the program, and its auditors."""
        return self.filter(about__program__in=Program.objects.visible_to(user))


class Statement(AppendOnly, PublicId):
    """The recipient's word about one transaction: a dispatch, or what was received of one.

    `amount` and `quantity` are what arrived (or was used), what is damaged of it included. Null is not stated: a
    disputed dispatch states none, an unvalued one has no amount. `delivery_point` says what “received” means here.
    """

    about = models.ForeignKey(
        "tracker.Transaction", on_delete=models.PROTECT, related_name="statements"
    )
    verdict = models.CharField(max_length=9, choices=Verdict)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    quantity = ScaledField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    damaged_amount = MoneyField(null=True, blank=True)
    damaged_quantity = ScaledField(null=True, blank=True)
    arrived_on = models.DateField(null=True, blank=True)
    delivery_point = models.CharField(max_length=16, choices=DeliveryPoint, blank=True)
    evidence = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    text = models.OneToOneField(StatementText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stated_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = StatementQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=Verdict.values), name="statement_verdict_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    verdict="disputed",
                    amount__isnull=True,
                    quantity__isnull=True,
                    arrived_on__isnull=True,
                )
                | (~Q(verdict="disputed") & Q(arrived_on__isnull=False)),
                name="statement_disputed_states_no_arrival",
                violation_error_message="State the day on which it arrived.",
            ),
            models.CheckConstraint(
                condition=(Q(amount__isnull=True) | Q(amount__gt=0))
                & (Q(quantity__isnull=True) | Q(quantity__gt=0)),
                name="statement_figures_above_zero",
                violation_error_message="What arrived is more than zero; if nothing arrived, dispute the dispatch.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(damaged_amount__isnull=True)
                    | Q(verdict="damaged", damaged_amount__gt=0, damaged_amount__lte=F("amount"))
                )
                & (
                    Q(damaged_quantity__isnull=True)
                    | Q(
                        verdict="damaged",
                        damaged_quantity__gt=0,
                        damaged_quantity__lte=F("quantity"),
                    )
                ),
                name="statement_damaged_is_part_of_what_arrived",
                violation_error_message="What is damaged is part of what arrived.",
            ),
        ]
        indexes = [models.Index(fields=["about", "verdict"], name="statement_by_verdict")]

    def __str__(self) -> str:
        return f"{self.verdict}, transaction {self.about_id}"
