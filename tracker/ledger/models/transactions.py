"""Transactions, posted for ever, and the sums that triggers keep of them."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from tracker.accounts.models import User
from tracker.ledger.models.authorities import LARGEST_SUM, Purpose
from tracker.ledger.models.details import MUST_DRAW, REPORTED, Details, Provenance, TransactionKind
from tracker.ledger.models.vouchers import VoucherVersion
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, Money, MoneyField
from tracker.shared.sealing import Covered, Sealable

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


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

    def aid(self) -> "TransactionQuerySet":
        """Without the replenishment of the donor's own stocks, which is in no total of aid."""
        return self.filter(purpose=Purpose.AID)

    def in_force(self) -> "TransactionQuerySet":
        """Neither reversed nor itself a reversal: what a reader should count."""
        return self.filter(reverses=None, reversal=None)

    def with_lines(self) -> "TransactionQuerySet":
        """With what they were revalued to, in one query more."""
        return self.prefetch_related("lines")

    def with_booking_day(self) -> "TransactionQuerySet":
        """With `booking`: the day on which a row counts, which of a late entry is not its value date."""
        return self.annotate(booking=Coalesce("booked_on", "value_date"))

    def booked(self, first: Any, last: Any) -> "TransactionQuerySet":
        """Those whose booking day lies between the two, both included: days, or expressions that are one."""
        on_time = Q(booked_on=None, value_date__gte=first, value_date__lte=last)
        return self.filter(on_time | Q(booked_on__gte=first, booked_on__lte=last))

    def for_table(self) -> "TransactionQuerySet":
        return self.select_related(
            "program", "provider", "receiver", "text", "reverses", "reversal", "version__voucher"
        )


class Transaction(Sealable, AppendOnly, PublicId, Details):
    """What was promised, committed, paid, received, used, paid back or given up. Posted for ever.

    `amount` is as stated; `excess` is the part of a report that is more than what it draws on had left (minor units,
    null where there is none). An unvalued row has no amount and no currency: it is in no sum.
    """

    kind = models.CharField(max_length=12, choices=TransactionKind)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="transactions")
    # What it came from: what was approved, or what the recipient's side stated. One of both, never both.
    version = models.ForeignKey(
        VoucherVersion,
        on_delete=models.PROTECT,
        related_name="transactions",
        null=True,
        blank=True,
    )
    statement = models.OneToOneField(
        "tracker.Statement",
        on_delete=models.PROTECT,
        related_name="transaction",
        null=True,
        blank=True,
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="reversal", null=True, blank=True
    )
    fiscal_year = models.PositiveSmallIntegerField()
    provenance = models.CharField(max_length=8, choices=Provenance)
    purpose = models.CharField(max_length=13, choices=Purpose, default=Purpose.AID)
    excess = MoneyField(null=True, blank=True)
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
                condition=Q(version__isnull=False, statement__isnull=True)
                | Q(version__isnull=True, statement__isnull=False),
                name="transaction_was_approved_or_stated",
            ),
            models.CheckConstraint(
                condition=Q(value_date__isnull=False)
                & (
                    (Q(amount__isnull=False) & ~Q(currency="") & ~Q(valuation_basis="unvalued"))
                    | (Q(amount__isnull=True, currency="", valuation_basis="unvalued"))
                ),
                name="transaction_states_amount_and_date",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True)
                | Q(reverses__isnull=True, amount__gt=0)
                # What was revalued to nothing is taken back as nothing.
                | Q(reverses__isnull=False, amount__lte=0),
                name="transaction_positive_unless_reversal",
                violation_error_message="An amount must be more than zero.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True)
                | Q(reverses__isnull=True, quantity__gt=0)
                | Q(reverses__isnull=False, quantity__lt=0),
                name="transaction_quantity_above_zero_unless_reversal",
            ),
            models.CheckConstraint(
                condition=Q(excess__isnull=True)
                | (
                    Q(kind__in=[kind.value for kind in REPORTED])
                    & (
                        Q(reverses__isnull=True, excess__gt=0, excess__lte=F("amount"))
                        | Q(reverses__isnull=False, excess__lt=0, excess__gte=F("amount"))
                    )
                ),
                name="transaction_excess_only_of_a_report",
            ),
            models.CheckConstraint(
                condition=Q(draws_on__isnull=True) | ~Q(kind="pledge"),
                name="transaction_pledge_draws_on_nothing",
            ),
            models.CheckConstraint(
                condition=Q(draws_on__isnull=False)
                | ~Q(kind__in=[kind.value for kind in MUST_DRAW]),
                name="transaction_draws_on_the_one_before_it",
                violation_error_message="Choose what it draws on.",
            ),
        ]
        indexes = [
            models.Index(fields=["program", "value_date", "id"], name="transaction_by_day"),
            # Every bar of the line opens the rows of one kind, and what came back is summed by kind.
            models.Index(
                fields=["program", "kind", "value_date", "id"], name="transaction_of_kind"
            ),
            models.Index(
                fields=["program", "booked_on", "id"],
                condition=Q(booked_on__isnull=False),
                name="transaction_by_late_day",
            ),
            models.Index(fields=["draws_on"], name="transaction_by_parent"),
            models.Index(fields=["kind", "fiscal_year"], name="transaction_by_year"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uid}"

    @property
    def is_reversal(self) -> bool:
        return self.reverses_id is not None

    @property
    def revalued_to(self) -> Money | None:
        """What its newest revaluation made it worth; None if it never was revalued. Load it `with_lines`."""
        if "amount" in self.sealed:
            return None
        lines = sorted(self.lines.all(), key=lambda line: line.pk)
        return lines[-1].now if lines else None

    @property
    def label(self) -> str:
        """What to call it in a line: its reference, else the voucher that it came from, else whose word it is.

        Load `text` and `version__voucher` with it.
        """
        if self.text.reference:
            return str(self.text.reference)
        return self.version.voucher.number if self.version else "stated by the recipient"

    @property
    def covered(self) -> Covered | None:
        """Stands for what it is worth where that would tell what is sealed of it."""
        return self.sealed.get("amount") or self.sealed.get("excess")

    @property
    def counted(self) -> Money | None:
        """The part that is in totals: without the excess; null where it is unvalued."""
        if "amount" in self.sealed:
            return self.amount
        if "excess" in self.sealed:
            return self.excess
        return (
            self.amount if self.amount is None or self.excess is None else self.amount - self.excess
        )


class Balance(models.Model):
    """What an original is worth now, and how much of that is drawn. Kept by triggers only.

    `value` is what counts of the amount and of its revaluations, 0 once it is reversed. An unvalued transaction has no
    balance until somebody values it: nothing that has a value can draw on it.
    """

    transaction = models.OneToOneField(
        Transaction, on_delete=models.PROTECT, primary_key=True, related_name="balance"
    )
    currency = CurrencyField()
    value = MoneyField()
    drawn = MoneyField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(drawn__lte=F("value")), name="balance_drawn_within_value"
            ),
            models.CheckConstraint(condition=Q(drawn__gte=0), name="balance_drawn_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"balance of transaction {self.transaction_id}"

    @property
    def left(self) -> Money:
        return self.value - self.drawn


class Turnover(models.Model):
    """The sum of one kind of transaction in a program, fiscal year and currency. Kept by triggers only.

    Aid and the replenishment of own stocks have rows of their own: they are never added up.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="turnover")
    fiscal_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=TransactionKind)
    purpose = models.CharField(max_length=13, choices=Purpose, default=Purpose.AID)
    currency = CurrencyField()
    amount = MoneyField()
    rows = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "fiscal_year", "kind", "purpose", "currency"],
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
