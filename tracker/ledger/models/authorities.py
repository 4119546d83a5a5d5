"""Authorities: the legal basis that money comes from, its ceilings by fiscal year, and who confirmed them.

A ceiling is the sum of confirmed changes: set, raised, lowered. A change counts once a second person has confirmed
it. What is committed and paid under it is kept by triggers in one row per fiscal year (`AuthorityYear`), and a CHECK
holds committed ≤ ceiling. A ceiling that nobody stated is null and limits nothing.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import MembershipStatus, Organisation, User
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import AppendOnly, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LARGEST_SUM = 9 * 10**18  # minor units; a BIGINT ends at 9.22 × 10^18


class AuthorityKind(models.TextChoices):
    """What sort of permission it is. The kinds have different ladders: none stands in for another."""

    NOT_STATED = "not_stated", "not stated"
    APPROPRIATION = "appropriation", "appropriation"
    DRAWDOWN = "drawdown", "drawdown authority"
    COMMITMENT_AUTHORITY = "commitment_authority", "commitment authority"
    POOLED_FUND = "pooled_fund", "pooled fund"
    OFF_BUDGET = "off_budget", "off-budget facility"


class Purpose(models.TextChoices):
    """Aid goes to a recipient. Replenishment buys back the donor's own stock: adding both would count it twice."""

    AID = "aid", "aid"
    REPLENISHMENT = "replenishment", "replenishment of own stocks"


class Availability(models.TextChoices):
    NOT_STATED = "not_stated", "not stated"
    DATED = "dated", "until a date"
    NO_YEAR = "no_year", "until spent (no-year)"


class Stage(models.TextChoices):
    """Rungs of the budget ladder that are stated by others. Committed and disbursed come from the ledger."""

    REQUESTED = "requested", "requested"
    AUTHORISED = "authorised", "authorised"
    APPROPRIATED = "appropriated", "appropriated"
    APPORTIONED = "apportioned", "apportioned"
    ALLOTTED = "allotted", "allotted"
    OBLIGATED = "obligated", "obligated"
    EXECUTED = "executed", "executed"
    DELIVERED = "delivered", "delivered"
    MOBILISED = "mobilised", "mobilised"


# The rungs of each kind, from the top (OVERSIGHT 2.1, 2.3). A drawdown has no appropriation and no obligation; a pooled
# fund or off-budget facility is decided and mobilised; nothing is apportioned that no parliament appropriated.
LADDERS: dict[str, list[Stage]] = {
    AuthorityKind.NOT_STATED: [Stage.REQUESTED, Stage.AUTHORISED],
    AuthorityKind.APPROPRIATION: [
        *(Stage.REQUESTED, Stage.AUTHORISED, Stage.APPROPRIATED),
        *(Stage.APPORTIONED, Stage.ALLOTTED, Stage.OBLIGATED),
    ],
    AuthorityKind.DRAWDOWN: [Stage.AUTHORISED, Stage.EXECUTED, Stage.DELIVERED],
    AuthorityKind.COMMITMENT_AUTHORITY: [Stage.REQUESTED, Stage.AUTHORISED, Stage.ALLOTTED],
    AuthorityKind.POOLED_FUND: [Stage.REQUESTED, Stage.AUTHORISED, Stage.MOBILISED],
    AuthorityKind.OFF_BUDGET: [Stage.REQUESTED, Stage.AUTHORISED, Stage.MOBILISED],
}


class ChangeKind(models.TextChoices):
    SET = "set", "ceiling set"
    RAISE = "raise", "ceiling raised"
    LOWER = "lower", "ceiling lowered"
    AVAILABILITY = "availability", "availability changed"


class ChangeStatus(models.TextChoices):
    PROPOSED = "proposed", "waits for a second person"
    CONFIRMED = "confirmed", "confirmed"
    DECLINED = "declined", "declined"


CHANGE_TRANSITIONS: dict[str, set[str]] = {
    ChangeStatus.PROPOSED: {ChangeStatus.CONFIRMED, ChangeStatus.DECLINED},
    ChangeStatus.CONFIRMED: set(),
    ChangeStatus.DECLINED: set(),
}
VERDICTS = [ChangeStatus.CONFIRMED, ChangeStatus.DECLINED]


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def visible_to(self, user: "User | AnonymousUser") -> "AuthorityQuerySet":
        """Staff and auditors of the organisation, or of one of its programs; never the recipient's side."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=SEES_AS_STAFF)
        organisations = held.filter(organisation__isnull=False).values("organisation")
        programs = held.filter(program__isnull=False).values("program")
        owners = Program.objects.filter(pk__in=programs).values("owner")
        return self.filter(Q(organisation__in=organisations) | Q(organisation__in=owners))


def _dates_fit(prefix: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=(
            Q(availability="dated", available_to__isnull=False)
            & (Q(available_from__isnull=True) | Q(available_from__lte=F("available_to")))
        )
        | (~Q(availability="dated") & Q(available_to__isnull=True)),
        name=f"{prefix}_dates_fit",
        violation_error_message="Money until a date needs that date, not before its first day; "
        "other money has no last day.",
    )


class Authority(PublicId):
    """The legal basis that money or stock comes from."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="authorities"
    )
    title = models.CharField(max_length=200)
    legal_basis = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=AuthorityKind, default=AuthorityKind.NOT_STATED)
    purpose = models.CharField(max_length=13, choices=Purpose, default=Purpose.AID)
    currency = CurrencyField(blank=True)
    availability = models.CharField(
        max_length=10, choices=Availability, default=Availability.NOT_STATED
    )
    available_from = models.DateField(null=True, blank=True)
    available_to = models.DateField(null=True, blank=True)

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "authorities"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "title"], name="authority_title_once"),
            models.CheckConstraint(
                condition=Q(kind__in=AuthorityKind.values), name="authority_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values), name="authority_purpose_known"
            ),
            models.CheckConstraint(
                condition=Q(availability__in=Availability.values),
                name="authority_availability_known",
            ),
            _dates_fit("authority"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.legal_basis})"

    @property
    def is_replenishment(self) -> bool:
        return self.purpose == Purpose.REPLENISHMENT


class AuthorityChangeText(ErasableText):
    """Why a ceiling or an availability was to change: words that may name a person."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of change {self.pk}"


class AuthorityChange(AppendOnly, PublicId):
    """A ceiling to be set, raised or lowered, or an availability to be changed. It counts once confirmed."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=ChangeKind)
    fiscal_year = models.PositiveSmallIntegerField(null=True, blank=True)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)  # lowering: negative
    availability = models.CharField(
        max_length=10, choices=Availability, default=Availability.NOT_STATED
    )
    available_from = models.DateField(null=True, blank=True)
    available_to = models.DateField(null=True, blank=True)
    legal_reference = models.CharField(max_length=300)
    stated_on = models.DateField()
    text = models.OneToOneField(AuthorityChangeText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="set", amount__gte=0)
                | Q(kind="raise", amount__gt=0)
                | Q(kind="lower", amount__lt=0)
                | Q(kind="availability", amount__isnull=True),
                name="authority_change_amount_fits_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="availability", fiscal_year__isnull=True)
                | (~Q(kind="availability") & Q(fiscal_year__isnull=False) & ~Q(currency="")),
                name="authority_change_of_a_year_or_of_none",
            ),
            _dates_fit("authority_change"),
        ]
        indexes = [
            models.Index(fields=["authority", "fiscal_year"], name="authority_change_by_year")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, authority {self.authority_id}"

    @property
    def status(self) -> str:
        """Read `decision` with the change: proposed until a second person decided."""
        decision = getattr(self, "decision", None)
        return ChangeStatus.PROPOSED if decision is None else decision.verdict


class AuthorityDecisionText(ErasableText):
    """Why a change was declined."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of decision {self.pk}"


class AuthorityDecision(AppendOnly, PublicId):
    """The second person's yes or no to a change."""

    change = models.OneToOneField(
        AuthorityChange, on_delete=models.PROTECT, related_name="decision"
    )
    verdict = models.CharField(max_length=9, choices=[(v.value, v.label) for v in VERDICTS])
    text = models.OneToOneField(AuthorityDecisionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in VERDICTS]),
                name="authority_decision_verdict_known",
            )
        ]

    def __str__(self) -> str:
        return f"change {self.change_id} {self.verdict}"


class AuthorityStage(AppendOnly, PublicId):
    """What others state of a rung of the budget ladder, cumulative for the fiscal year, with its source."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="stages")
    fiscal_year = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=12, choices=Stage)
    currency = CurrencyField()
    amount = MoneyField()
    stated_on = models.DateField()
    citation = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="authority_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="authority_stage_not_below_zero"
            ),
        ]
        indexes = [
            models.Index(
                fields=["authority", "fiscal_year", "stage"], name="authority_stage_by_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.fiscal_year}, authority {self.authority_id}"


class AuthorityYear(models.Model):
    """An authority's fiscal year: its ceiling, null where nobody stated one, and what is used. Kept by triggers only."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="years")
    fiscal_year = models.PositiveSmallIntegerField()
    currency = CurrencyField()
    ceiling = MoneyField(null=True, blank=True)
    committed = MoneyField(default=0)
    disbursed = MoneyField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "fiscal_year", "currency"], name="authority_year_once"
            ),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(committed__lte=F("ceiling")),
                name="authority_committed_within_ceiling",
            ),
            models.CheckConstraint(
                condition=Q(ceiling__isnull=True) | Q(ceiling__range=(0, LARGEST_SUM)),
                name="authority_ceiling_not_below_zero",
            ),
            # SQLite turns an integer that grew too large into a float without a word: stop well before.
            models.CheckConstraint(
                condition=Q(committed__range=(0, LARGEST_SUM), disbursed__range=(0, LARGEST_SUM)),
                name="authority_year_can_be_counted",
            ),
        ]

    def __str__(self) -> str:
        return f"authority {self.authority_id} in {self.fiscal_year}, {self.currency}"
