"""The money of a finding: what is questioned, what could be put to better use, and how it comes down to zero."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.audits.models.findings import Finding
from tracker.ledger.models import EvidenceFile, Transaction
from tracker.shared.models import AppendOnly, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField


class CostKind(models.TextChoices):
    """Why a cost is questioned (5 U.S.C. 405(a)(4)). Unsupported is one of the three, never a sum beside them."""

    VIOLATION = "violation", "violation of a law or an agreement"
    UNSUPPORTED = "unsupported", "not supported by adequate documentation"
    UNREASONABLE = "unreasonable", "unnecessary or unreasonable"


class QuestionedLine(models.Model):
    """A part of the questioned cost: why, of which payment where that is known, and how much.

    `known` was identified by the auditors; `likely` is their best estimate of the whole, projected, and so at least
    `known` (2 CFR 200.516(a)(3)); null where nothing was projected. `basis` says what the projection rests on.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=CostKind)
    transaction = models.ForeignKey(
        Transaction,
        on_delete=models.PROTECT,
        related_name="questioned_lines",
        null=True,
        blank=True,
    )
    currency = CurrencyField()
    known = MoneyField()
    likely = MoneyField(null=True, blank=True)
    basis = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "position"], name="questioned_line_once"),
            models.CheckConstraint(
                condition=Q(kind__in=CostKind.values), name="questioned_line_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(known__gte=0) & ~Q(currency=""),
                name="questioned_line_not_below_zero",
                violation_error_message="A questioned cost has a currency and is not below zero.",
            ),
            models.CheckConstraint(
                condition=Q(likely__isnull=True) | Q(likely__gte=F("known")),
                name="questioned_line_likely_at_least_known",
                violation_error_message="The likely cost includes the known one: it is at least as much.",
            ),
            models.CheckConstraint(
                condition=Q(likely__isnull=True) | ~Q(basis=""),
                name="questioned_line_projection_rests_on_something",
                violation_error_message="Say what the likely cost rests on: the sample, or how it was estimated.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} line {self.position} of finding {self.finding_id}"


class BetterUseKind(models.TextChoices):
    """How money could be put to better use (5 U.S.C. 405(a)(5))."""

    OUTLAYS = "outlays", "reduced outlays"
    DEOBLIGATION = "deobligation", "deobligation of funds"
    INTEREST = "interest", "interest subsidy not paid"
    IMPROVEMENTS = "improvements", "costs not incurred after improvements"
    PREAWARD = "preaward", "unnecessary expenditure avoided before award"
    OTHER = "other", "other savings"


class BetterUse(models.Model):
    """Funds that would be used better if management did what is recommended. Not a questioned cost."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="better_use")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=BetterUseKind)
    currency = CurrencyField()
    amount = MoneyField()
    basis = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "position"], name="better_use_once"),
            models.CheckConstraint(
                condition=Q(kind__in=BetterUseKind.values), name="better_use_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(currency=""),
                name="better_use_above_zero",
                violation_error_message="Funds put to better use have a currency and are more than zero.",
            ),
        ]

    def __str__(self) -> str:
        return f"better use {self.position} of finding {self.finding_id}"


class CostOutcome(models.TextChoices):
    """By what a questioned cost gets smaller. What none of them covers is still unsupported, or still questioned."""

    REFUNDED = "refunded", "refunded"
    DOCUMENTED = "documented", "documented"
    JUSTIFIED = "justified", "justified"
    WRITTEN_OFF = "written_off", "written off"


class CostStep(models.TextChoices):
    """The owner claims; the auditors accept or decline; what was accepted in error they reverse. Only acceptances count."""

    CLAIMED = "claimed", "claimed"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"
    REVERSED = "reversed", "reversed"


class CostEventText(ErasableText):
    """The words that came with a step about a questioned cost."""

    note = models.TextField(blank=True)
    evidence_name = models.CharField(max_length=200, blank=True)
    TEXTS = ("note", "evidence_name")

    def __str__(self) -> str:
        return f"words of cost event {self.pk}"


class CostEvent(AppendOnly, PublicId):
    """One step on the way of a questioned cost to zero. `answers` is the claim that is accepted or declined, or the
    acceptance that is reversed; a claim answers nothing. Amounts are in minor units and above zero."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="cost_events")
    step = models.CharField(max_length=8, choices=CostStep)
    outcome = models.CharField(max_length=11, choices=CostOutcome)
    answers = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="answer", null=True, blank=True
    )
    currency = CurrencyField()
    amount = MoneyField()
    # What brought the money back (a refund, a reversal), or wrote it off.
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="cost_events", null=True, blank=True
    )
    evidence = models.ForeignKey(
        EvidenceFile, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    text = models.OneToOneField(CostEventText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now())
    taken_on = models.DateField()  # the day in the office's time zone
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(step__in=CostStep.values, outcome__in=CostOutcome.values),
                name="cost_event_words_known",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) & ~Q(currency=""),
                name="cost_event_above_zero",
                violation_error_message="State an amount above zero, with its currency.",
            ),
            models.CheckConstraint(
                condition=Q(step="claimed", answers__isnull=True)
                | (~Q(step="claimed") & Q(answers__isnull=False)),
                name="cost_event_only_a_claim_answers_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(step__in=["claimed", "accepted"])
                | Q(outcome="refunded", transaction__isnull=False)
                | Q(outcome="documented", evidence__isnull=False)
                | Q(outcome="justified")
                | Q(outcome="written_off", transaction__isnull=False)
                | Q(outcome="written_off", evidence__isnull=False),
                name="cost_event_rests_on_something",
                violation_error_message="A refund needs its transaction, a documented cost its document, "
                "a write-off its transaction or the decision.",
            ),
        ]
        indexes = [models.Index(fields=["finding", "step"], name="cost_event_of_finding")]

    def __str__(self) -> str:
        return f"{self.outcome} {self.step} on finding {self.finding_id}"


class ManagementDecisionText(ErasableText):
    """What management decided, in its words (2 CFR 200.521(a))."""

    reasons = models.TextField()
    action = models.TextField(
        blank=True
    )  # what is expected of the audited: repay, adjust, or other action
    timetable = models.TextField(blank=True)
    appeal = models.TextField(blank=True)
    TEXTS = ("reasons", "action", "timetable", "appeal")

    def __str__(self) -> str:
        return f"words of management decision {self.pk}"


class ManagementDecision(AppendOnly, PublicId):
    """Management's decision on a finding (5 U.S.C. 405(a)(3)). The newest one counts; a revised one is a new row.

    `allowed` and `disallowed` divide `questioned`, `agreed` and `not_agreed` divide `better_use`, all in minor units
    as they stand in the finding; null where the finding has none.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="decisions")
    revises = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="revised_by", null=True, blank=True
    )
    sustained = models.BooleanField()
    currency = CurrencyField(blank=True)
    questioned = MoneyField(null=True, blank=True)
    allowed = MoneyField(null=True, blank=True)
    disallowed = MoneyField(null=True, blank=True)
    better_currency = CurrencyField(blank=True)
    better_use = MoneyField(null=True, blank=True, currency_field="better_currency")
    agreed = MoneyField(null=True, blank=True, currency_field="better_currency")
    not_agreed = MoneyField(null=True, blank=True, currency_field="better_currency")
    act_by = models.DateField(null=True, blank=True)  # the day by which final action is expected
    text = models.OneToOneField(ManagementDecisionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    decided_on = models.DateField()  # the day in the office's time zone
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    questioned__isnull=True,
                    allowed__isnull=True,
                    disallowed__isnull=True,
                    currency="",
                )
                | (
                    Q(allowed__gte=0, disallowed__gte=0, questioned=F("allowed") + F("disallowed"))
                    & ~Q(currency="")
                ),
                name="decision_allowed_and_disallowed_are_questioned",
                violation_error_message="Allowed and disallowed together are exactly what was questioned.",
            ),
            models.CheckConstraint(
                condition=Q(
                    better_use__isnull=True,
                    agreed__isnull=True,
                    not_agreed__isnull=True,
                    better_currency="",
                )
                | (
                    Q(agreed__gte=0, not_agreed__gte=0, better_use=F("agreed") + F("not_agreed"))
                    & ~Q(better_currency="")
                ),
                name="decision_agreed_and_not_agreed_are_the_better_use",
                violation_error_message="Agreed and not agreed together are exactly the funds put to better use.",
            ),
        ]
        indexes = [models.Index(fields=["decided_on"], name="decision_by_day")]

    def __str__(self) -> str:
        return f"management decision {self.pk} on finding {self.finding_id}"
