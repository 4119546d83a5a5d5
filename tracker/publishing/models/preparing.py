"""Releases on their way: prepared by one person, released by another; and taken back by two."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.publishing.models.releases import Release, Tombstone
from tracker.publishing.models.reports import Report
from tracker.publishing.models.withholding import Category
from tracker.shared.models import AppendOnly, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PreparationStatus(models.TextChoices):
    PREPARED = "prepared", "waits for a second person"
    RELEASED = "released", "released"
    DROPPED = "dropped", "given up"


PREPARATION_TRANSITIONS: dict[str, set[str]] = {
    PreparationStatus.PREPARED: {PreparationStatus.RELEASED, PreparationStatus.DROPPED},
    PreparationStatus.RELEASED: set(),
    PreparationStatus.DROPPED: set(),
}


class PreparationQuerySet(models.QuerySet["Preparation"]):
    def visible_to(self, user: "User | AnonymousUser") -> "PreparationQuerySet":
        """Staff and auditors of the program; never the recipient's side."""
        return self.filter(program__in=Program.objects.held_as(user, *SEES_AS_STAFF))

    def waiting(self) -> "PreparationQuerySet":
        return self.filter(status=PreparationStatus.PREPARED)


class Preparation(PublicId):
    """A release that one person put together and another has still to release: its reconciliation sheet, frozen.

    `manifest` and `journal_size` bind the second person's decision to what the first one saw.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="preparations")
    report = models.ForeignKey(
        Report, on_delete=models.PROTECT, related_name="preparations", null=True, blank=True
    )
    status = models.CharField(
        max_length=8, choices=PreparationStatus, default=PreparationStatus.PREPARED
    )
    manifest = models.CharField(max_length=64)
    journal_size = models.PositiveBigIntegerField()
    sheet = models.JSONField()
    public_from = models.DateTimeField(null=True, blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)  # why it was given up
    release = models.OneToOneField(
        Release, on_delete=models.PROTECT, related_name="preparation", null=True, blank=True
    )

    objects = PreparationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program"],
                condition=Q(status="prepared"),
                name="preparation_once_per_program",
                violation_error_message="A release of this program is prepared already: release it or give it up.",
            ),
            models.CheckConstraint(
                condition=~Q(status="released") | ~Q(decided_by=F("prepared_by")),
                name="preparation_released_by_another",
                violation_error_message="Somebody else must release what you prepared.",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="released",
                    release__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(status="prepared", release__isnull=True, decided_by__isnull=True)
                | (
                    Q(status="dropped", release__isnull=True, decided_by__isnull=False)
                    & ~Q(reason="")
                ),
                name="preparation_state_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"preparation {self.pk} of program {self.program_id}"


class DifferenceExplained(AppendOnly):
    """Why a total is not what the last release said: the public reads the sentence beside the difference."""

    preparation = models.ForeignKey(
        Preparation, on_delete=models.PROTECT, related_name="explanations"
    )
    place = models.CharField(max_length=60)  # “2024 disbursement USD”
    sentence = models.CharField(max_length=300)
    explained_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "differences explained"
        constraints = [
            models.CheckConstraint(
                condition=~Q(sentence=""),
                name="difference_explained_in_words",
                violation_error_message="Write why the total differs: the public reads it.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} of preparation {self.preparation_id}"


class TakedownStatus(models.TextChoices):
    PROPOSED = "proposed", "waits for a second person"
    DECLINED = "declined", "declined"
    URGENT = "urgent", "down, a second person reviews it"
    STANDING = "standing", "withdrawn"
    RESTORED = "restored", "public again"


TAKEDOWN_TRANSITIONS: dict[str, set[str]] = {
    TakedownStatus.PROPOSED: {
        TakedownStatus.STANDING,
        TakedownStatus.DECLINED,
        TakedownStatus.URGENT,
    },
    TakedownStatus.URGENT: {TakedownStatus.STANDING, TakedownStatus.RESTORED},
    TakedownStatus.DECLINED: set(),
    TakedownStatus.STANDING: set(),
    TakedownStatus.RESTORED: set(),
}


class TakedownQuerySet(models.QuerySet["Takedown"]):
    def visible_to(self, user: "User | AnonymousUser") -> "TakedownQuerySet":
        return self.filter(program__in=Program.objects.held_as(user, *SEES_AS_STAFF))

    def waiting(self) -> "TakedownQuerySet":
        return self.filter(status__in=[TakedownStatus.PROPOSED, TakedownStatus.URGENT])


class Takedown(PublicId):
    """Who takes a release back, and who decides about it. In a hurry one person does it, and a second reviews it
    within 24 hours; otherwise the second person decides first. The public reads the `tombstone`, not the persons.

    The database does not check `program`: to check it, it would wait for a release of the program that is being made.
    """

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="takedowns", db_constraint=False
    )
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="takedowns")
    status = models.CharField(max_length=8, choices=TakedownStatus)
    category = models.CharField(max_length=25, choices=Category)
    legal_basis = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(db_default=Now())
    review_due_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=300, blank=True)  # why the second person decided so
    tombstone = models.OneToOneField(
        Tombstone, on_delete=models.PROTECT, related_name="takedown", null=True, blank=True
    )

    objects = TakedownQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release"],
                condition=Q(status__in=["proposed", "urgent", "standing"]),
                name="takedown_once_per_release",
                violation_error_message="This release is taken down already, or it is proposed to.",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("raised_by")),
                name="takedown_decided_by_another",
                violation_error_message="Somebody else must decide about what you took down.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "urgent"], decided_by__isnull=True)
                | Q(
                    status__in=["declined", "standing", "restored"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="takedown_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "declined"], tombstone__isnull=True)
                | Q(status__in=["urgent", "standing", "restored"], tombstone__isnull=False),
                name="takedown_leaves_a_tombstone",
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="takedown_category_known"
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="takedown_has_a_reason",
                violation_error_message="Write the reason that the public will read.",
            ),
        ]

    def __str__(self) -> str:
        return f"takedown {self.pk} of release {self.release_id}"
