"""What was tried and refused: a control that nobody tests is not known to work, one that is tested often is attacked."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import MembershipStatus, Organisation, Role, User
from tracker.programs.models import Program
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class RefusedAttemptText(ErasableText):
    """The sentence that the person read: it may name somebody."""

    sentence = models.TextField()
    TEXTS = ("sentence",)

    def __str__(self) -> str:
        return f"words of refusal {self.pk}"


class RefusedAttemptQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "RefusedAttemptQuerySet":
        """To auditors, of the organisations that they audit (of a program: of its owner)."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        held = user.memberships.filter(status=MembershipStatus.ACTIVE, role=Role.AUDITOR)
        programs = Program.objects.filter(
            pk__in=held.filter(program__isnull=False).values("program")
        )
        own = held.filter(organisation__isnull=False).values("organisation")
        return self.filter(Q(organisation__in=own) | Q(organisation__in=programs.values("owner")))


class RefusedAttempt(AppendOnly, PublicId):
    """Somebody submitted something and was refused. Nothing of what they wanted happened."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    verb = models.CharField(max_length=40)
    noun = models.CharField(max_length=40)
    what = models.UUIDField(null=True, blank=True)  # the thing itself, if it has a name yet
    text = models.OneToOneField(RefusedAttemptText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    attempted_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = RefusedAttemptQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        indexes = [
            models.Index(fields=["person", "attempted_at"], name="attempt_by_person"),
            models.Index(fields=["organisation", "id"], name="attempt_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"refused attempt {self.pk} of {self.person_id}"
