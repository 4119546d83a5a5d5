"""Declarations of independence: what an auditor says, beside what is computed from the records."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import Organisation, User
from tracker.audits.models.engagements import Engagement
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId


class Threat(models.TextChoices):
    """What can impair independence: the seven kinds of threats of GAGAS 2018, 3.30."""

    SELF_INTEREST = "self_interest", "self-interest: a financial or other stake"
    SELF_REVIEW = "self_review", "self-review: it would be one's own work"
    BIAS = "bias", "bias: a conviction for or against"
    FAMILIARITY = "familiarity", "familiarity: family, friendship or long closeness"
    UNDUE_INFLUENCE = "undue_influence", "undue influence: pressure from outside"
    PARTICIPATION = "participation", "management participation: a part in its decisions"
    STRUCTURAL = "structural", "structural: where the office stands in the government"


class DeclarationText(ErasableText):
    """What the impairment is: words about persons."""

    note = models.TextField(blank=True)
    TEXTS = ("note",)

    def __str__(self) -> str:
        return f"words of declaration of independence {self.pk}"


class DeclarationQuerySet(AppendOnlyQuerySet):
    def yearly_of(self, person: User) -> "DeclarationQuerySet":
        """The yearly ones of a person, newest first."""
        return self.filter(person=person, engagement__isnull=True).order_by("-pk")


class IndependenceDeclaration(AppendOnly, PublicId):
    """An auditor declares independence for a year or for one engagement, or says what impairs it.

    The newest of its kind counts. A yearly one is in force through `until`; one for an engagement as long as that
    lasts. `organisation` narrows a yearly impairment to one audited organisation; none means any.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="independence")
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="declarations", null=True, blank=True
    )
    threat = models.CharField(max_length=15, choices=Threat, blank=True)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    declared_on = models.DateField()
    until = models.DateField(null=True, blank=True)
    text = models.OneToOneField(DeclarationText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    declared_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = DeclarationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(engagement__isnull=True, until__isnull=False)
                | Q(engagement__isnull=False, until__isnull=True, organisation__isnull=True),
                name="independence_yearly_or_of_an_engagement",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) | ~Q(threat=""),
                name="independence_names_whom_only_if_impaired",
            ),
        ]
        indexes = [models.Index(fields=["person", "engagement"], name="independence_of_person")]

    def __str__(self) -> str:
        return f"declaration of independence {self.pk} of {self.person_id}"

    def in_force(self, day: date) -> bool:
        """Whether it still counts on the day; one for an engagement does as long as that lasts."""
        return self.until is None or day <= self.until
