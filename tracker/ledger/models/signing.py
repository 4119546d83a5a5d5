"""Who may sign: the dated delegation-of-authority table of an organisation, and approving that was handed over.

The table says up to which amount one approver suffices, up to which two, and up to which two of whom one is senior. A
row counts once a second administrator has confirmed it. Nobody who signs decides how much they may sign.
"""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import MembershipStatus, Organisation, Role, User
from tracker.ledger.models.authorities import VERDICTS, ChangeStatus
from tracker.ledger.models.details import VoucherKind
from tracker.ledger.models.interests import InterestEnd
from tracker.programs.models import SEES_AS_STAFF, Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import CurrencyField, MoneyField

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import AnonymousUser

SEES_WHO_SIGNS = [*SEES_AS_STAFF, Role.ADMINISTRATOR]


class SigningLevel(models.TextChoices):
    """Whose signatures an amount needs, the mildest first."""

    ONE = "one", "one approver"
    TWO = "two", "two approvers"
    WITH_SENIOR = "with_senior", "two approvers, one of them senior"


SIGNATURES: dict[str, int] = {
    SigningLevel.ONE: 1,
    SigningLevel.TWO: 2,
    SigningLevel.WITH_SENIOR: 2,
}


class OfOrganisationQuerySet(AppendOnlyQuerySet):
    """Rows that belong to an organisation's signing: for its staff, its auditors and its administrators."""

    def visible_to(self, user: "User | AnonymousUser") -> "OfOrganisationQuerySet":
        return self.filter(organisation__in=organisations_signing_for(user))


def organisations_signing_for(user: "User | AnonymousUser") -> models.QuerySet[Organisation]:
    """The organisations whose delegation of authority a person may read."""
    if not user.is_authenticated or not user.is_active:
        return Organisation.objects.none()
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=SEES_WHO_SIGNS)
    programs = Program.objects.filter(pk__in=held.filter(program__isnull=False).values("program"))
    own = held.filter(organisation__isnull=False).values("organisation")
    return Organisation.objects.filter(Q(pk__in=own) | Q(pk__in=programs.values("owner")))


class SigningLimit(AppendOnly, PublicId):
    """Up to which amount a level of signatures suffices, from a day on. `up_to` null: without an upper limit."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="signing_limits"
    )
    level = models.CharField(max_length=11, choices=SigningLevel)
    kind = models.CharField(max_length=12, choices=VoucherKind, blank=True)  # "": every kind
    currency = CurrencyField()
    up_to = MoneyField(null=True, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)  # the last day belongs to it
    legal_reference = models.CharField(max_length=300)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = OfOrganisationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=SigningLevel.values), name="signing_limit_level_known"
            ),
            models.CheckConstraint(
                condition=Q(up_to__isnull=True) | Q(up_to__gte=0),
                name="signing_limit_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="signing_limit_days_fit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "currency", "level"], name="signing_limit_by_level"
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} of organisation {self.organisation_id}, {self.currency}"

    @property
    def status(self) -> str:
        """Read `decision` with the limit: proposed until a second administrator decided."""
        decision = getattr(self, "decision", None)
        return ChangeStatus.PROPOSED if decision is None else decision.verdict

    def holds_on(self, day: "date") -> bool:
        """Do its days contain this one? Whether it was confirmed is another question."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class DelegationStatus(models.TextChoices):
    PROPOSED = "proposed", "waits for a second person"
    CONFIRMED = "confirmed", "confirmed"
    DECLINED = "declined", "declined"
    ENDED = "ended", "ended early"


DELEGATION_TRANSITIONS: dict[str, set[str]] = {
    DelegationStatus.PROPOSED: {
        *(DelegationStatus.CONFIRMED, DelegationStatus.DECLINED, DelegationStatus.ENDED)
    },
    DelegationStatus.CONFIRMED: {DelegationStatus.ENDED},
    DelegationStatus.DECLINED: set(),
    DelegationStatus.ENDED: set(),
}


class Delegation(AppendOnly, PublicId):
    """An approver hands their approving to somebody else, from day to day. It counts once a third person confirms it."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="delegations"
    )
    delegator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="handed_over")
    delegate = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stands_in")
    valid_from = models.DateField()
    valid_until = models.DateField()  # the last day belongs to it
    proposed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = OfOrganisationQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(delegator=F("delegate")), name="delegation_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="delegation_days_fit"
            ),
        ]

    def __str__(self) -> str:
        return f"delegation {self.pk} of {self.delegator_id} to {self.delegate_id}"

    @property
    def status(self) -> str:
        """Read `decision` and `ending` with the delegation."""
        decision = getattr(self, "decision", None)
        if getattr(self, "ending", None) is not None:
            return DelegationStatus.ENDED
        return DelegationStatus.PROPOSED if decision is None else decision.verdict

    def holds_on(self, day: "date") -> bool:
        """Confirmed, not ended, and this is one of its days."""
        confirmed = self.status == DelegationStatus.CONFIRMED
        return confirmed and self.valid_from <= day <= self.valid_until


class DelegationEnd(AppendOnly, PublicId):
    """A delegation that ends before its last day, at once."""

    delegation = models.OneToOneField(Delegation, on_delete=models.PROTECT, related_name="ending")
    ended_on = models.DateField()  # by the organisation's calendar
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"end of delegation {self.delegation_id}"


class SigningDecisionText(ErasableText):
    """Why something about signing was declined."""

    reason = models.TextField(blank=True)
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of decision on signing {self.pk}"


class SigningDecision(AppendOnly, PublicId):
    """The second person's yes or no to a limit, to a delegation, or to the end of a declared interest."""

    limit = models.OneToOneField(
        SigningLimit, on_delete=models.PROTECT, related_name="decision", null=True, blank=True
    )
    delegation = models.OneToOneField(
        Delegation, on_delete=models.PROTECT, related_name="decision", null=True, blank=True
    )
    interest_end = models.OneToOneField(
        InterestEnd, on_delete=models.PROTECT, related_name="decision", null=True, blank=True
    )
    verdict = models.CharField(max_length=9, choices=[(v.value, v.label) for v in VERDICTS])
    text = models.OneToOneField(SigningDecisionText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in VERDICTS]),
                name="signing_decision_verdict_known",
            ),
            models.CheckConstraint(
                condition=Q(limit__isnull=False, delegation__isnull=True, interest_end__isnull=True)
                | Q(limit__isnull=True, delegation__isnull=False, interest_end__isnull=True)
                | Q(limit__isnull=True, delegation__isnull=True, interest_end__isnull=False),
                name="signing_decision_on_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"decision on signing {self.pk}: {self.verdict}"
