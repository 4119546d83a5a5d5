"""Samples: the frozen population, the draw, the items, their tests, the evaluation. Facts, every one of them."""

from typing import TYPE_CHECKING

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse

from tracker.accounts.models import User
from tracker.audits.models.engagements import Engagement
from tracker.ledger.models import Transaction
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField
from tracker.shared.numbers import ScaledField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

PER_CENT = 4  # decimals of a rate or a confidence in per cent
MOST_ATTRIBUTES = 20


class SampleMethod(models.TextChoices):
    RANDOM = "random", "simple random"
    STRATIFIED = "stratified", "stratified random"
    SYSTEMATIC = "systematic", "systematic"
    MONETARY = "monetary", "monetary unit"


class SampleTest(models.TextChoices):
    """What is asked of each item: yes or no, or how much."""

    ATTRIBUTES = "attributes", "attributes: does each item meet what is asked?"
    AMOUNTS = "amounts", "amounts: what should each item have been recorded at?"


class Allocation(models.TextChoices):
    """How a sample is shared among strata."""

    PROPORTIONAL = "proportional", "in proportion to the items of each"
    NEYMAN = "neyman", "more where amounts vary more (Neyman)"
    GIVEN = "given", "as given"


class Estimator(models.TextChoices):
    """Which estimate decides; chosen before the draw, so that nobody picks the one that pleases."""

    DIFFERENCE = "difference", "difference"
    RATIO = "ratio", "ratio"
    MEAN = "mean", "mean per unit"


class Outcome(models.TextChoices):
    PASSED = "pass", "pass"
    DEVIATION = "deviation", "deviation"
    NOT_APPLICABLE = "not_applicable", "not applicable"
    NOT_EXAMINED = "not_examined", "could not be examined"


class SampleText(ErasableText):
    """What the auditors wrote about a sample: they may have filtered by the name of a payee."""

    purpose = models.CharField(max_length=300)
    population = models.CharField(max_length=600, blank=True)
    filters = models.CharField(max_length=2000, blank=True)
    strata_names = models.TextField(blank=True)  # one a line: a payee may be a person
    size_reason = models.TextField(blank=True, validators=[MaxLengthValidator(2000)])
    again_reason = models.TextField(blank=True, validators=[MaxLengthValidator(2000)])
    TEXTS = ("purpose", "population", "filters", "strata_names", "size_reason", "again_reason")

    def __str__(self) -> str:
        return f"words of sample {self.pk}"


class SampleQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "SampleQuerySet":
        """As its engagement: samples are the auditors' working papers."""
        return self.filter(engagement__in=Engagement.objects.visible_to(user).values("pk"))


class Sample(AppendOnly, PublicId):
    """A population, frozen, and how a sample is drawn from it. Journalled before anybody can know the seed.

    `digest` is the SHA-256 of the population's canonical lines, which lie compressed in `stored_as`. Rates and
    confidence are per cent; amounts are in `currency`. `strata` holds for each stratum its items, recorded
    amount (minor units, as text) and sample (their names are words beside it); `excluded` what was left out and why.
    """

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="samples")
    number = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=20)
    method = models.CharField(max_length=10, choices=SampleMethod)
    test = models.CharField(max_length=10, choices=SampleTest)
    attributes = models.JSONField(default=list, blank=True)
    confidence = ScaledField(scale=PER_CENT)
    tolerable_rate = ScaledField(scale=PER_CENT, null=True, blank=True)
    expected_rate = ScaledField(scale=PER_CENT, null=True, blank=True)
    currency = CurrencyField(blank=True)
    tolerable_amount = MoneyField(null=True, blank=True)
    expected_amount = MoneyField(null=True, blank=True)
    estimator = models.CharField(max_length=10, choices=Estimator, blank=True)
    allocation = models.CharField(max_length=12, choices=Allocation, blank=True)
    strata = models.JSONField(default=list, blank=True)
    excluded = models.JSONField(default=list, blank=True)
    items = models.PositiveBigIntegerField()
    recorded = models.JSONField(default=dict, blank=True)
    digest = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=120)
    computed_size = models.PositiveIntegerField()
    computed_how = models.TextField()
    size = models.PositiveIntegerField()
    interval = MoneyField(null=True, blank=True)
    again = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="repeated", null=True, blank=True
    )
    text = models.OneToOneField(SampleText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = SampleQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["engagement", "number"], name="sample_numbered_once"),
            models.CheckConstraint(
                condition=Q(method__in=SampleMethod.values), name="sample_method_known"
            ),
            models.CheckConstraint(
                condition=Q(test__in=SampleTest.values), name="sample_test_known"
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=F("items")),
                name="sample_not_larger_than_its_population",
                violation_error_message="A sample has at least one item and at most its population.",
            ),
            models.CheckConstraint(
                condition=Q(confidence__gt=0, confidence__lt=100),
                name="sample_confidence_within_bounds",
                violation_error_message="A confidence lies between 0 and 100 per cent.",
            ),
            models.CheckConstraint(
                condition=Q(
                    test="attributes",
                    tolerable_rate__gt=0,
                    tolerable_rate__lt=100,
                    expected_rate__gte=0,
                    expected_rate__lt=F("tolerable_rate"),
                )
                | Q(
                    ~Q(currency=""),
                    test="amounts",
                    tolerable_amount__gt=0,
                    expected_amount__gte=0,
                    expected_amount__lt=F("tolerable_amount"),
                ),
                name="sample_expects_less_than_is_tolerable",
                violation_error_message="The expected error has to be lower than the tolerable one.",
            ),
            models.CheckConstraint(
                condition=Q(method="monetary", interval__gt=0, test="amounts")
                | (~Q(method="monetary") & Q(interval__isnull=True)),
                name="sample_interval_of_monetary_units",
            ),
        ]

    def __str__(self) -> str:
        return f"sample {self.number} of engagement {self.engagement_id}"

    def get_absolute_url(self) -> str:
        return reverse("audits:sample", args=[self.uid])

    @property
    def label(self) -> str:
        """The engagement's number and its own. Load the engagement with it."""
        return f"{self.engagement.number}/S{self.number}"


class SampleDraw(AppendOnly, PublicId):
    """The draw, with the seed of the first checkpoint over the plan. A plan is drawn once."""

    sample = models.OneToOneField(Sample, on_delete=models.PROTECT, related_name="draw")
    checkpoint = models.PositiveBigIntegerField()
    root = models.CharField(max_length=64)
    seed = models.CharField(max_length=64)
    drawn = models.PositiveIntegerField()
    certain = models.PositiveIntegerField()
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"draw of sample {self.sample_id}"


class SampleGivenUpText(ErasableText):
    """Why it is not drawn."""

    reason = models.TextField(validators=[MaxLengthValidator(2000)])
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of given up sample {self.pk}"


class SampleGivenUp(AppendOnly, PublicId):
    """A plan that is not drawn, with the reason. It is never drawn afterwards; another plan says why it is made again."""

    sample = models.OneToOneField(Sample, on_delete=models.PROTECT, related_name="given_up")
    text = models.OneToOneField(SampleGivenUpText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    given_up_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given_up_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"sample {self.sample_id} given up"


class SampleItem(AppendOnly, PublicId):
    """An item that was drawn: its place in the sample, in the population, its stratum; what it is, the ledger says."""

    draw = models.ForeignKey(SampleDraw, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveIntegerField()
    place = models.PositiveBigIntegerField()
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="sample_items"
    )
    stratum = models.PositiveSmallIntegerField(default=0)
    certain = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "position"], name="sample_item_once_in_place"),
            models.UniqueConstraint(fields=["draw", "transaction"], name="sample_item_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"item {self.position} of draw {self.draw_id}"

    def get_absolute_url(self) -> str:
        return reverse("audits:sample_item", args=[self.uid])


class SampleResultText(ErasableText):
    """Why, and where in the working papers."""

    reference = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True, validators=[MaxLengthValidator(4000)])
    TEXTS = ("reference", "note")

    def __str__(self) -> str:
        return f"words of result {self.pk}"


class SampleResult(AppendOnly, PublicId):
    """What a test of an item showed. A correction is a further result of the same item; the newest counts.

    `outcomes` holds one Outcome for each attribute of the sample, in their order. `audited` is what the item should
    have been recorded at; `examined` is false when an amount could not be examined: it counts as misstated whole. `excused`:
    an attribute that could not be examined is left out, for the reason in the note; else it counts as a deviation.
    """

    item = models.ForeignKey(SampleItem, on_delete=models.PROTECT, related_name="results")
    number = models.PositiveSmallIntegerField()
    outcomes = models.JSONField(default=list, blank=True)
    currency = CurrencyField(blank=True)
    audited = MoneyField(null=True, blank=True)
    examined = models.BooleanField(default=True)
    excused = models.BooleanField(default=False)
    text = models.OneToOneField(SampleResultText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="sample_result_numbered_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="sample_result_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(audited__isnull=True) | (Q(audited__gte=0) & ~Q(currency="")),
                name="sample_result_audited_not_below_zero",
                violation_error_message="An audited amount is not below zero.",
            ),
        ]

    def __str__(self) -> str:
        return f"result {self.number} of item {self.item_id}"


class SampleEvaluationText(ErasableText):
    """The auditors' own conclusion."""

    conclusion = models.TextField(blank=True, validators=[MaxLengthValidator(4000)])
    TEXTS = ("conclusion",)

    def __str__(self) -> str:
        return f"words of evaluation {self.pk}"


class SampleEvaluation(AppendOnly, PublicId):
    """What the results come to, as they stood. Reckoned again from the results it gives the same figures."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="evaluations")
    number = models.PositiveSmallIntegerField()
    results = models.CharField(max_length=64)
    figures = models.JSONField()
    text = models.OneToOneField(SampleEvaluationText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    evaluated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    evaluated_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sample", "number"], name="sample_evaluation_numbered_once"
            )
        ]

    def __str__(self) -> str:
        return f"evaluation {self.number} of sample {self.sample_id}"
