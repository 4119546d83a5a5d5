"""What auditors keep at their desk: searches under a name, and stars on values."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.audits.models.engagements import Engagement, TeamMember
from tracker.shared.models import PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class SavedSearch(PublicId):
    """A list with its filters, kept by a person under a name. `seen` is the journal's newest entry when they last looked."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(max_length=80)
    page = models.CharField(max_length=30)  # which list; the desk knows them by name
    query = models.CharField(max_length=500, blank=True)
    seen = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"],
                name="saved_search_named_once",
                violation_error_message="You have a saved search of this name: choose another.",
            )
        ]

    def __str__(self) -> str:
        return f"saved search {self.pk} of {self.person_id}"


class StarQuerySet(models.QuerySet["Star"]):
    def standing(self) -> "StarQuerySet":
        return self.filter(removed_at=None)

    def visible_to(self, user: "User | AnonymousUser") -> "StarQuerySet":
        """One's own, and those shared with an engagement on whose team one is."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        teams = TeamMember.objects.filter(person=user).values("engagement")
        return self.filter(Q(person=user) | Q(engagement__in=teams))


class Star(PublicId):
    """An auditor's mark on one value of one record, with a note.

    `at_entry` is the record's newest entry then: what it says of the field is what was starred. The value itself is not
    kept here, so that a star tells nobody what they may not read.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stars")
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, related_name="stars", null=True, blank=True
    )
    record_kind = models.CharField(max_length=40)
    record = models.UUIDField(db_index=True)
    field = models.CharField(max_length=40)
    note = models.CharField(max_length=500)
    at_entry = models.PositiveBigIntegerField()  # the record's newest entry when it was starred
    starred_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = StarQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "record", "field"],
                condition=Q(removed_at__isnull=True),
                name="star_once_per_value",
                violation_error_message="You starred this value already: remove that star first.",
            ),
            models.CheckConstraint(
                condition=~Q(note=""),
                name="star_has_a_note",
                violation_error_message="Write why you star it: in a month nobody remembers.",
            ),
        ]

    def __str__(self) -> str:
        return f"star {self.pk} on {self.field} of {self.record}"
