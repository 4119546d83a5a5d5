"""Decisions to withhold: fields, records, whole classes of fields, payments for some days, and whole programs."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Category(models.TextChoices):
    """Why something is withheld: the four that IATI proposes, and three that military aid needs."""

    INTERNATIONAL_RELATIONS = "international_relations", "international relations"
    SAFETY = "safety", "safety or harm"
    PERSONAL = "personal", "personal information"
    COMMERCIAL = "commercial", "commercially sensitive"
    OPERATIONAL_SECURITY = "operational_security", "operational security"
    CLASSIFIED = "classified", "classified"
    INVESTIGATION = "investigation", "ongoing investigation"


class Scope(models.TextChoices):
    """How much one decision covers."""

    FIELD = "field", "one field of one record"
    RECORD = "record", "every field of one record that may be withheld"
    RULE = "rule", "one field of every record of a kind"
    DELAY = "delay", "payments, for a number of days after they were recorded"


class WithholdingStatus(models.TextChoices):
    PROPOSED = "proposed", "waits for a second person"
    IN_FORCE = "in_force", "in force"
    DECLINED = "declined", "declined"
    LIFTED = "lifted", "lifted"


WITHHOLDING_TRANSITIONS: dict[str, set[str]] = {
    WithholdingStatus.PROPOSED: {
        WithholdingStatus.IN_FORCE,
        WithholdingStatus.DECLINED,
    },
    WithholdingStatus.IN_FORCE: {WithholdingStatus.LIFTED},
    WithholdingStatus.DECLINED: set(),
    WithholdingStatus.LIFTED: set(),
}


class WithholdingQuerySet(models.QuerySet["Withholding"]):
    def visible_to(self, user: "User | AnonymousUser") -> "WithholdingQuerySet":
        """Staff and auditors of the program; never the recipient's side."""
        return self.filter(program__in=Program.objects.held_as(user, *SEES_AS_STAFF))

    def in_force(self) -> "WithholdingQuerySet":
        return self.filter(status=WithholdingStatus.IN_FORCE)

    def waiting(self) -> "WithholdingQuerySet":
        return self.filter(status=WithholdingStatus.PROPOSED)

    def overdue(self, day: date) -> "WithholdingQuerySet":
        """In force although the day of their review has passed."""
        return self.in_force().filter(review_on__lt=day)

    def for_table(self) -> "WithholdingQuerySet":
        return self.select_related("program", "proposed_by", "decided_by")


class Withholding(PublicId):
    """What the public does not see of a program, with the reason that it does see.

    `scope` says how much: see `Scope`. `stand_in` is what the public reads in the place of the value
    (`standins.py`); of a rule it says how each value's stand-in is made. `minimum_percent`, of a rule alone: how wide a
    range has to be at least, in percent of its upper end. `in_sums`: the law lets totals contain the amount, though
    the row does not show it. `days`, of a delay alone: how long payments are held back.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="withholdings")
    scope = models.CharField(max_length=6, choices=Scope, default=Scope.FIELD)
    record = models.UUIDField(null=True, blank=True)
    record_kind = models.CharField(max_length=40)
    field = models.CharField(max_length=40, blank=True)
    stand_in = models.JSONField(null=True, blank=True)
    minimum_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    in_sums = models.BooleanField(default=False)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    category = models.CharField(max_length=25, choices=Category)
    legal_basis = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    review_on = models.DateField()
    status = models.CharField(
        max_length=10, choices=WithholdingStatus, default=WithholdingStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    office = models.CharField(max_length=200, blank=True)  # who decided, as the public reads it
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = WithholdingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="withholding_decided_by_another",
                violation_error_message="Somebody else must decide what you proposed.",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="withholding_decided_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
                name="withholding_reviewed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, status="lifted"),
                name="withholding_lifted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("decided_by")),
                name="withholding_lifted_by_another",
                violation_error_message="Somebody else must lift what you decided.",
            ),
            models.CheckConstraint(
                condition=(Q(scope="field", record__isnull=False) & ~Q(field=""))
                | Q(scope="record", record__isnull=False, field="")
                | (Q(scope="rule", record__isnull=True) & ~Q(field=""))
                | Q(scope="delay", record__isnull=True, field="", record_kind="transaction"),
                name="withholding_scope_names_what",
                violation_error_message="Say of which record and which field.",
            ),
            models.CheckConstraint(
                condition=Q(scope="delay", days__gte=1, days__lte=3650)
                | (~Q(scope="delay") & Q(days__isnull=True)),
                name="withholding_delay_has_days",
                violation_error_message="Say for how many days payments are held back, from 1 to 3650.",
            ),
            models.CheckConstraint(
                condition=Q(minimum_percent__isnull=True)
                | Q(scope="rule", minimum_percent__gte=1, minimum_percent__lte=1000),
                name="withholding_minimum_is_a_rules",
            ),
            models.CheckConstraint(
                condition=Q(in_sums=False) | Q(field="amount") | Q(scope="record"),
                name="withholding_in_sums_has_an_amount",
                violation_error_message="Only amounts can be in a sum.",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=Scope.values), name="withholding_scope_known"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="withholding_has_a_reason",
                violation_error_message="Write the reason that the public will read.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WithholdingStatus.values),
                name="withholding_status_known",
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values),
                name="withholding_category_known",
            ),
            models.UniqueConstraint(
                fields=["program", "record", "field"],
                condition=Q(status__in=["proposed", "in_force"]),
                name="withholding_once_per_field",
                violation_error_message="This field is withheld already, or the proposal waits for a decision.",
            ),
            models.UniqueConstraint(
                fields=["program", "scope", "record_kind", "field"],
                condition=Q(status__in=["proposed", "in_force"], record__isnull=True),
                name="withholding_rule_once",
                violation_error_message="There is such a rule already, or its proposal waits for a decision.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} ({self.record or self.program_id})"

    @property
    def field_label(self) -> str:
        return self.field.replace("_", " ")

    @property
    def what(self) -> str:
        """What is withheld, for a sentence: payee of a transaction, every field of a transaction, …"""
        kind = self.record_kind.replace("_", " ")
        return {
            Scope.FIELD: f"{self.field_label} of a {kind}",
            Scope.RECORD: f"every field of a {kind}",
            Scope.RULE: f"{self.field_label} of every {kind}",
            Scope.DELAY: f"payments for {self.days} days",
        }[Scope(self.scope)]


class NotPublishedQuerySet(models.QuerySet["NotPublished"]):
    def in_force(self) -> "NotPublishedQuerySet":
        return self.filter(lifted_at=None)


class NotPublished(PublicId):
    """The decision that a program is not public, with its reason and the day on which it is looked at again."""

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="not_published")
    category = models.CharField(max_length=25, choices=Category)
    reason = models.CharField(max_length=300)
    review_on = models.DateField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    lifted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = NotPublishedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "not published"
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(lifted_at__isnull=True),
                name="not_published_once_per_program",
                violation_error_message="This program has such a decision already: lift it first.",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="not_published_lifted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values),
                name="not_published_category_known",
            ),
        ]

    def __str__(self) -> str:
        return f"program {self.program_id} is not published"
