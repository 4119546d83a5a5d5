"""Declarations of interest: what a person has a stake in, and so neither submits nor approves."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import (
    SIGNERS,
    Membership,
    MembershipStatus,
    Organisation,
    Role,
    User,
)
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class InterestKind(models.TextChoices):
    """What is declared. Saying that there is nothing is a declaration too, and due every year."""

    NOTHING = "nothing", "nothing else to declare"
    ORGANISATION = "organisation", "an interest in an organisation"
    PAYEE = "payee", "an interest in a payee"


class InterestStatus(models.TextChoices):
    IN_FORCE = "in_force", "in force"
    ENDING = "ending", "in force; its end waits for a second person"
    ENDED = "ended", "ended"


INTEREST_TRANSITIONS: dict[str, set[str]] = {
    InterestStatus.IN_FORCE: {InterestStatus.ENDING},
    InterestStatus.ENDING: {InterestStatus.IN_FORCE, InterestStatus.ENDED},
    InterestStatus.ENDED: set(),
}


class InterestText(ErasableText):
    """In whom, and what the interest is: words about persons."""

    payee = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    TEXTS = ("payee", "note")

    def __str__(self) -> str:
        return f"words of declaration {self.pk}"


def colleagues_of(user: User, *roles: str) -> models.QuerySet[User]:
    """Those who hold a role where this person holds one of `roles`: over the same organisation or program, its owner too."""
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role__in=roles)
    organisations = held.filter(organisation__isnull=False).values("organisation")
    owned = Program.objects.filter(owner__in=organisations)
    within = Q(organisation__in=organisations) | Q(program__in=owned.values("pk"))
    programs = Program.objects.filter(pk__in=held.filter(program__isnull=False).values("program"))
    within |= Q(program__in=programs.values("pk")) | Q(organisation__in=programs.values("owner"))
    return User.objects.filter(pk__in=Membership.objects.filter(within).values("person"))


class InterestQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "InterestQuerySet":
        """One's own; to auditors those of the people whom they audit; to who decides on an end what is to be ended."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        audited = colleagues_of(user, Role.AUDITOR).values("pk")
        decided = colleagues_of(user, *SIGNERS, Role.ADMINISTRATOR).values("pk")
        ends = InterestEnd.objects.filter(declaration__person__in=decided).values("declaration")
        return self.filter(Q(person=user) | Q(person__in=audited) | Q(pk__in=ends))

    def in_force(self) -> "InterestQuerySet":
        """Interests whose end nobody has confirmed."""
        ended = InterestEnd.objects.filter(decision__verdict="confirmed").values("declaration")
        return self.exclude(kind=InterestKind.NOTHING).exclude(pk__in=ended)


class InterestDeclaration(AppendOnly, PublicId):
    """What a person declares on a day. An interest blocks until a second person confirms its end."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=12, choices=InterestKind)
    concerns = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    text = models.OneToOneField(InterestText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    declared_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = InterestQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="organisation", concerns__isnull=False)
                | Q(kind__in=["nothing", "payee"], concerns__isnull=True),
                name="interest_names_what_it_is_in",
            )
        ]
        indexes = [models.Index(fields=["person", "kind"], name="interest_of_person")]

    def __str__(self) -> str:
        return f"declaration {self.pk} of {self.person_id}"

    @property
    def status(self) -> str:
        """Read `ends__decision` with the declaration."""
        decisions = [getattr(end, "decision", None) for end in self.ends.all()]
        if any(one is not None and one.verdict == "confirmed" for one in decisions):
            return InterestStatus.ENDED
        return InterestStatus.ENDING if None in decisions else InterestStatus.IN_FORCE


class InterestEndText(ErasableText):
    """Why an interest is over."""

    reason = models.TextField()
    TEXTS = ("reason",)

    def __str__(self) -> str:
        return f"words of the end of an interest {self.pk}"


class InterestEnd(AppendOnly, PublicId):
    """A person says that an interest of theirs is over. It is once another person confirms it."""

    declaration = models.ForeignKey(
        InterestDeclaration, on_delete=models.PROTECT, related_name="ends"
    )
    text = models.OneToOneField(InterestEndText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    proposed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"end {self.pk} of declaration {self.declaration_id}"
