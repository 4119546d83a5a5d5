"""The difference between what was dispatched and what the recipient states, as an object with a state and a clock.

Both figures stand for ever; the difference is opened beside them. An explanation counts once the other side accepts
it, a loss is declared by ours, and nothing ever takes a discrepancy away: with its report reversed it is *withdrawn*.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.ledger.models.evidence import EvidenceFile
from tracker.ledger.models.statements import Statement
from tracker.ledger.models.transactions import Transaction
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField
from tracker.shared.numbers import ScaledField
from tracker.shared.sealing import Covered

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class DiscrepancyKind(models.TextChoices):
    SHORT = "short", "short"
    SURPLUS = "surplus", "surplus"
    DAMAGED = "damaged", "damaged"
    DISPUTED = "disputed", "disputed"


class DiscrepancyStatus(models.TextChoices):
    OPEN = "open", "open"
    EXPLAINED = "explained", "explained"
    LOSS = "loss", "declared a loss"
    DISPUTED = "disputed", "disputed"
    WITHDRAWN = "withdrawn", "withdrawn with its report"


DISCREPANCY_TRANSITIONS: dict[str, set[str]] = {
    DiscrepancyStatus.OPEN: {
        *(DiscrepancyStatus.EXPLAINED, DiscrepancyStatus.LOSS),
        *(DiscrepancyStatus.DISPUTED, DiscrepancyStatus.WITHDRAWN),
    },
    DiscrepancyStatus.DISPUTED: {
        *(DiscrepancyStatus.EXPLAINED, DiscrepancyStatus.LOSS, DiscrepancyStatus.WITHDRAWN),
    },
    DiscrepancyStatus.EXPLAINED: {DiscrepancyStatus.OPEN, DiscrepancyStatus.WITHDRAWN},
    DiscrepancyStatus.LOSS: {DiscrepancyStatus.OPEN, DiscrepancyStatus.WITHDRAWN},
    DiscrepancyStatus.WITHDRAWN: set(),
}
# What still has to be settled, and so can be overdue.
UNSETTLED = (DiscrepancyStatus.OPEN, DiscrepancyStatus.DISPUTED)


class StepKind(models.TextChoices):
    """What somebody did about a discrepancy. An explanation alone moves nothing: the other side answers it."""

    EXPLAINED = "explained", "explained"
    ACCEPTED = "accepted", "explanation accepted"
    DISPUTED = "disputed", "disputed"
    LOSS = "loss", "declared a loss"
    WRITTEN_OFF = "written_off", "write-off named"
    REOPENED = "reopened", "reopened"
    WITHDRAWN = "withdrawn", "withdrawn with its report"


# Where a step leads. The others leave the state as it is.
LEADS_TO: dict[str, DiscrepancyStatus] = {
    StepKind.ACCEPTED: DiscrepancyStatus.EXPLAINED,
    StepKind.DISPUTED: DiscrepancyStatus.DISPUTED,
    StepKind.LOSS: DiscrepancyStatus.LOSS,
    StepKind.REOPENED: DiscrepancyStatus.OPEN,
    StepKind.WITHDRAWN: DiscrepancyStatus.WITHDRAWN,
}


class Side(models.TextChoices):
    """For whom somebody takes a step."""

    OURS = "ours", "the donor's side"
    RECIPIENT = "recipient", "the recipient's side"


class DiscrepancyQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "DiscrepancyQuerySet":
        """Both sides of the program, and its auditors."""
        return self.filter(about__program__in=Program.objects.visible_to(user))

    def unsettled(self) -> "DiscrepancyQuerySet":
        return self.filter(state__status__in=UNSETTLED)

    def overdue(self, day: date) -> "DiscrepancyQuerySet":
        return self.unsettled().filter(due_on__lt=day)

    def for_table(self) -> "DiscrepancyQuerySet":
        return self.select_related(
            *("state__proposal", "about__program__owner", "about__text", "about__version__voucher"),
            *("about__receiver", "statement"),
        )


class Discrepancy(AppendOnly, PublicId):
    """One difference, as it was when it was opened. `amount` and `quantity` never change; null is not stated.

    `about` is the dispatch (or the receipt of which more was used than arrived); `receipt` is the report that opened
    it, null where the recipient disputed the dispatch and so reported nothing.
    """

    about = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="discrepancies")
    receipt = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="opened", null=True, blank=True
    )
    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, related_name="opened", null=True, blank=True
    )
    kind = models.CharField(max_length=8, choices=DiscrepancyKind)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    quantity = ScaledField(null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    opened_on = models.DateField()
    due_on = models.DateField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = DiscrepancyQuerySet.as_manager()  # type: ignore[misc]

    # of its payments: the difference is of these
    FIGURES = ("amount", "excess", "quantity", "unit")

    class Meta:
        verbose_name_plural = "discrepancies"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DiscrepancyKind.values), name="discrepancy_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="disputed", receipt__isnull=True, statement__isnull=False)
                | (~Q(kind="disputed") & Q(receipt__isnull=False)),
                name="discrepancy_names_its_report",
            ),
            models.CheckConstraint(
                condition=(Q(amount__isnull=True) | (Q(amount__gt=0) & ~Q(currency="")))
                & (Q(quantity__isnull=True) | Q(quantity__gt=0)),
                name="discrepancy_figures_above_zero",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=models.F("opened_on")),
                name="discrepancy_due_after_it_opened",
            ),
            models.UniqueConstraint(
                fields=["receipt", "kind"], name="discrepancy_once_per_report_and_kind"
            ),
            models.UniqueConstraint(
                fields=["statement", "kind"], name="discrepancy_once_per_statement_and_kind"
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="discrepancy_by_due_day")]

    def __str__(self) -> str:
        return f"{self.kind}, transaction {self.about_id}"

    @property
    def is_unsettled(self) -> bool:
        """Load `state` with it."""
        return self.state.status in UNSETTLED

    @property
    def covered(self) -> Covered | None:
        """Stands for its figures where they would tell what is sealed of its payments. Load `receipt` with it."""
        rows = (self.about,) if self.receipt is None else (self.about, self.receipt)
        found = (row.sealed[name] for row in rows for name in self.FIGURES if name in row.sealed)
        return next(found, None)

    def days_overdue(self, day: date) -> int:
        """Days since it was due; 0 where it is not late or settled. Load `state` with it."""
        return max(0, (day - self.due_on).days) if self.is_unsettled else 0


class DiscrepancyStepText(ErasableText):
    """Why a step was taken, and the name of the file that came with it."""

    reason = models.TextField()
    evidence_name = models.CharField(max_length=200, blank=True)
    TEXTS = ("reason", "evidence_name")

    def __str__(self) -> str:
        return f"words of step {self.pk}"


class DiscrepancyStep(AppendOnly, PublicId):
    """One step in the life of a discrepancy, with its reason. `settled_by` names the transaction that settles it."""

    discrepancy = models.ForeignKey(Discrepancy, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=11, choices=StepKind)
    side = models.CharField(max_length=9, choices=Side)
    settled_by = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="settles", null=True, blank=True
    )
    evidence = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    taken_on = models.DateField()
    text = models.OneToOneField(DiscrepancyStepText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(step__in=StepKind.values) & Q(side__in=Side.values),
                name="discrepancy_step_known",
            ),
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True)
                | Q(step__in=[StepKind.EXPLAINED, StepKind.LOSS, StepKind.WRITTEN_OFF]),
                name="discrepancy_step_settles_only_as_it_can",
            ),
            models.CheckConstraint(
                condition=~Q(step="written_off") | Q(settled_by__isnull=False),
                name="discrepancy_write_off_is_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step}, discrepancy {self.discrepancy_id}"


class DiscrepancyState(models.Model):
    """Where a discrepancy stands. Kept by triggers from its steps only.

    `proposal` is the explanation that waits for the other side; `settled_by` the transaction that settles it.
    """

    discrepancy = models.OneToOneField(
        Discrepancy, on_delete=models.PROTECT, primary_key=True, related_name="state"
    )
    status = models.CharField(
        max_length=9, choices=DiscrepancyStatus, default=DiscrepancyStatus.OPEN
    )
    since = models.DateField()
    proposal = models.ForeignKey(
        DiscrepancyStep, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    settled_by = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DiscrepancyStatus.values), name="discrepancy_status_known"
            )
        ]
        indexes = [models.Index(fields=["status"], name="discrepancy_by_status")]

    def __str__(self) -> str:
        return f"{self.status}, discrepancy {self.discrepancy_id}"
