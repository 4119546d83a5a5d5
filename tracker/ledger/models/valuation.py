"""Valuations: what goods and services were said to be worth, and by whose word that changed.

The posted row stays as it was stated for ever. A revaluation is proposed by one person with a reason and a document,
and counts once another has confirmed it: then a line for the row, and for everything in force that draws on it,
says by how much each is worth more or less. A balance is what was posted plus its lines.
"""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.ledger.models.authorities import VERDICTS, ChangeStatus
from tracker.ledger.models.details import TransactionKind, ValuationBasis
from tracker.ledger.models.evidence import EvidenceFile
from tracker.ledger.models.transactions import Transaction
from tracker.ledger.models.vouchers import Voucher
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, Money, MoneyField
from tracker.shared.numbers import ScaledField
from tracker.shared.sealing import Covered

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

# What we state ourselves. What the recipient reports follows the dispatch that it draws on; only what nobody has
# valued yet may be valued, whatever its kind.
REVALUED = (*(TransactionKind.PLEDGE, TransactionKind.COMMITMENT, TransactionKind.DISBURSEMENT),)
# A basis that a value can be stated on: money is its own value, and the other two are none.
BASES = [
    (basis.value, basis.label)
    for basis in ValuationBasis
    if basis not in (ValuationBasis.MONEY, ValuationBasis.UNVALUED, ValuationBasis.NOT_STATED)
]
STATED_BASES = [value for value, _ in BASES]


class Method(models.TextChoices):
    """How the new value was reckoned. Straight-line depreciation states its parameters, and they are checked."""

    DOCUMENT = "document", "as the document says"
    STRAIGHT_LINE = "straight_line", "straight-line depreciation"


class RevaluationQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "RevaluationQuerySet":
        """Who may see the voucher may see what was said of its value, by whom, and the document.

        What the recipient's side stated came from no voucher: then who may see that of what it draws on.
        """
        seen = Voucher.objects.visible_to(user)
        steps = (
            "",
            "draws_on__",
            "draws_on__draws_on__",
        )  # a use is of a receipt, that of a dispatch
        found = Q()
        for step in steps:
            found |= Q(**{f"transaction__{step}version__voucher__in": seen})
        return self.filter(found)

    def waiting(self) -> "RevaluationQuerySet":
        return self.filter(decision=None)

    def confirmed(self) -> "RevaluationQuerySet":
        return self.filter(decision__verdict=ChangeStatus.CONFIRMED)

    def for_table(self) -> "RevaluationQuerySet":
        related = ("transaction__program", "transaction__text", "proposed_by", "document", "text")
        decided = ("decision__decided_by", "decision__text")
        return self.select_related(
            *related, *decided, "transaction__version__voucher", "transaction__statement"
        )


class RevaluationText(ErasableText):
    """Why something is revalued, and the name that its document came with: words that may name a person."""

    reason = models.TextField()
    document_name = models.CharField(max_length=200)
    TEXTS = ("reason", "document_name")

    def __str__(self) -> str:
        return f"words of revaluation {self.pk}"


class Revaluation(AppendOnly, PublicId):
    """A new value for goods or services, on a stated basis. It counts once confirmed.

    Amounts are in minor units of `currency`; `old_amount` is null where it was unvalued. The four parameters belong to
    straight-line depreciation: cost and salvage value, useful life and age in years.
    """

    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="revaluations"
    )
    old_basis = models.CharField(max_length=20, choices=ValuationBasis)
    currency = CurrencyField()
    old_amount = MoneyField(null=True, blank=True)
    new_basis = models.CharField(max_length=20, choices=BASES)
    new_amount = MoneyField()
    valuation_date = models.DateField()
    method = models.CharField(max_length=13, choices=Method, default=Method.DOCUMENT)
    acquisition_cost = MoneyField(null=True, blank=True)
    salvage = MoneyField(null=True, blank=True)
    useful_life = ScaledField(null=True, blank=True)
    age = ScaledField(null=True, blank=True)
    document = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="+")
    text = models.OneToOneField(RevaluationText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = RevaluationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(new_basis__in=STATED_BASES), name="revaluation_basis_is_one"
            ),
            models.CheckConstraint(
                condition=Q(new_amount__gte=0) & ~Q(currency=""),
                name="revaluation_states_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(old_basis="unvalued", old_amount__isnull=True)
                | (~Q(old_basis="unvalued") & Q(old_amount__isnull=False, old_amount__gte=0)),
                name="revaluation_of_a_value_or_of_none",
            ),
            models.CheckConstraint(
                condition=Q(
                    method="straight_line",
                    new_basis="net_book_value",
                    acquisition_cost__isnull=False,
                    acquisition_cost__gte=F("salvage"),
                    salvage__isnull=False,
                    salvage__gte=0,
                    useful_life__isnull=False,
                    useful_life__gt=0,
                    age__isnull=False,
                    age__gte=0,
                )
                | Q(
                    method="document",
                    acquisition_cost__isnull=True,
                    salvage__isnull=True,
                    useful_life__isnull=True,
                    age__isnull=True,
                ),
                name="revaluation_method_and_its_parameters",
            ),
        ]

    def __str__(self) -> str:
        return f"revaluation {self.uid}"

    @property
    def status(self) -> str:
        """Read `decision` with it: proposed until a second person decided."""
        decision = getattr(self, "decision", None)
        return ChangeStatus.PROPOSED if decision is None else decision.verdict

    @property
    def status_label(self) -> str:
        return ChangeStatus(self.status).label

    @property
    def is_first(self) -> bool:
        """Until then nobody had put a value on it."""
        return self.old_amount is None

    @property
    def before(self) -> tuple[Money | Covered | None, str]:
        was = self.old_amount and (self.transaction.covered or self.old_amount)
        return was, self.get_old_basis_display()

    @property
    def after(self) -> tuple[Money | Covered | None, str]:
        return self.transaction.covered or self.new_amount, self.get_new_basis_display()

    @property
    def difference(self) -> Money | Covered | None:
        """By how much it is worth more (or less) than before; null where there was no value."""
        if self.old_amount is None:
            return None
        return self.transaction.covered or self.new_amount - self.old_amount


class RevaluationDecisionText(ErasableText):
    """Why a revaluation was declined."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of decision {self.pk} on a revaluation"


class RevaluationDecision(AppendOnly, PublicId):
    """The second person's yes or no. `rows` is how many lines a yes has: the last of them puts all into effect."""

    revaluation = models.OneToOneField(
        Revaluation, on_delete=models.PROTECT, related_name="decision"
    )
    verdict = models.CharField(max_length=9, choices=[(v.value, v.label) for v in VERDICTS])
    rows = models.PositiveIntegerField()
    text = models.OneToOneField(RevaluationDecisionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict=ChangeStatus.CONFIRMED.value, rows__gte=1)
                | Q(verdict=ChangeStatus.DECLINED.value, rows=0),
                name="revaluation_decision_has_its_lines",
            )
        ]

    def __str__(self) -> str:
        return f"revaluation {self.revaluation_id} {self.verdict}"


class RevaluationLineQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "RevaluationLineQuerySet":
        """With the rows that they are about: both sides read what is in the figures that they sign."""
        return self.filter(transaction__in=Transaction.objects.visible_to(user))

    def for_table(self) -> "RevaluationLineQuerySet":
        return self.select_related("transaction__program", "transaction__text", "decision")

    def booked(self, first: date, last: date) -> "RevaluationLineQuerySet":
        """Those that count between the two days, both included."""
        rows = Transaction.objects.all().booked(first, last)
        with_its_row = Q(booked_on=None, transaction__in=rows.order_by().values("pk"))
        return self.filter(with_its_row | Q(booked_on__range=(first, last)))


class RevaluationLine(AppendOnly):
    """By how much a transaction is worth more or less since a decision: the one that was revalued comes first, what
    draws on it follows. `was` is null where nobody had valued it. Part of the decision and of its entry.

    It counts where its transaction is booked. Where that lies in a closed period it has a booking day of its own, the
    day of the decision; the fiscal year is that of its booking day.
    """

    decision = models.ForeignKey(
        RevaluationDecision, on_delete=models.PROTECT, related_name="lines"
    )
    position = models.PositiveIntegerField()
    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="lines")
    currency = CurrencyField()
    was = MoneyField(null=True, blank=True)
    delta = MoneyField()
    booked_on = models.DateField(null=True, blank=True)
    fiscal_year = models.PositiveSmallIntegerField()

    objects = RevaluationLineQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "position"], name="revaluation_line_at_its_place"
            ),
            models.UniqueConstraint(
                fields=["decision", "transaction"], name="revaluation_line_once"
            ),
            models.CheckConstraint(
                condition=Q(was__isnull=True, delta__gte=0) | Q(was__gte=0, delta__gte=-F("was")),
                name="revaluation_line_not_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.position} of decision {self.decision_id}"

    @property
    def now(self) -> Money:
        return self.delta if self.was is None else self.was + self.delta


class AlternativeValue(AppendOnly, PublicId):
    """What the same goods are worth by another basis. Shown beside what counts, and never counted."""

    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="alternatives"
    )
    basis = models.CharField(max_length=20, choices=BASES)
    currency = CurrencyField()
    amount = MoneyField()
    valuation_date = models.DateField()
    citation = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(basis__in=STATED_BASES), name="alternative_value_basis_is_one"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & ~Q(currency=""),
                name="alternative_value_states_an_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.basis} of transaction {self.transaction_id}"
