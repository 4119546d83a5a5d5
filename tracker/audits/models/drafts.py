"""Drafts sent for comment: what was sent is frozen; comments and their answers are only added."""

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from tracker.accounts.models import Membership, Organisation, Role, User
from tracker.audits.models.engagements import Engagement, EngagementScope
from tracker.audits.models.findings import Finding, Severity
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId
from tracker.shared.money import Money

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class DraftText(ErasableText):
    """What was sent, to the letter: the covering words, and the draft findings as canonical JSON."""

    message = models.TextField(blank=True)
    content = models.TextField()
    TEXTS = ("message", "content")

    def __str__(self) -> str:
        return f"words of draft report {self.pk}"

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The draft findings as they were sent; none if the words were erased."""
        sent = json.loads(self.content)["findings"] if self.content else []
        for one in sent:
            one["questioned"] = Money.of(*one["questioned"]) if one["questioned"] else None
            one["severity_said"] = Severity(one["severity"]).label
            for asked in one["recommendations"]:
                asked["due_on"] = date.fromisoformat(asked["due_on"])
        return sent


def officer_for(user: "User | AnonymousUser") -> Q:
    """Rows of `DraftPart` that ask an organisation for which the person answers: as its officer, or as an officer of
    a program of it that the engagement looks at."""
    held = Membership.objects.in_force().filter(person_id=user.pk, role=Role.OFFICER)
    whole = held.filter(organisation__isnull=False).values("organisation")
    programs = held.filter(program__isnull=False).values("program")
    looked_at = EngagementScope.objects.filter(
        engagement=models.OuterRef("draft__engagement"),
        program__in=programs,
        program__owner=models.OuterRef("organisation"),
    )
    return Q(organisation__in=whole) | Q(models.Exists(looked_at))


class DraftQuerySet(AppendOnlyQuerySet):
    def sent_to(self, user: "User | AnonymousUser") -> "DraftQuerySet":
        """Drafts on which the person may comment for an audited organisation."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        asked = DraftPart.objects.filter(officer_for(user))
        return self.filter(pk__in=asked.values("draft"))

    def newest(self) -> "DraftQuerySet":
        """The last one of each engagement: the one that counts."""
        later = DraftReport.objects.filter(
            engagement=models.OuterRef("engagement"), number__gt=models.OuterRef("number")
        )
        return self.exclude(models.Exists(later))


class DraftReport(AppendOnly, PublicId):
    """A version of the draft report, sent on a day to the audited organisations for comment through a day.

    `term_days` is the term that was set, recorded beside the day that follows from it.
    """

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="drafts")
    number = models.PositiveSmallIntegerField()
    sent_on = models.DateField()
    term_days = models.PositiveSmallIntegerField()
    comments_due_on = models.DateField()
    text = models.OneToOneField(DraftText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = DraftQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "number"], name="draft_report_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(comments_due_on__gt=F("sent_on")),
                name="draft_report_term_runs_forward",
                violation_error_message="The term for comments ends before it begins: allow at least a day.",
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.number} of engagement {self.engagement_id}"

    def is_open(self, day: date) -> bool:
        """May still be commented on that day."""
        return day <= self.comments_due_on


class DraftPart(models.Model):
    """An organisation is asked about a finding of a draft, or, without one, about the draft as a whole."""

    draft = models.ForeignKey(DraftReport, on_delete=models.PROTECT, related_name="parts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="drafted_in", null=True, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "organisation", "finding"], name="draft_part_once"
            ),
            models.UniqueConstraint(
                fields=["draft", "organisation"],
                condition=Q(finding__isnull=True),
                name="draft_asks_an_organisation_once",
            ),
        ]

    def __str__(self) -> str:
        return f"draft {self.draft_id} asks {self.organisation_id} about {self.finding_id}"


class Stance(models.TextChoices):
    """The views of responsible officials (GAGAS 2018, 9.50)."""

    AGREE = "agree", "agrees"
    PARTLY = "partly", "agrees in part"
    DISAGREE = "disagree", "disagrees"
    NO_COMMENT = "no_comment", "has no comment"


class CommentText(ErasableText):
    """What the audited organisation says about a draft."""

    note = models.TextField(blank=True)
    TEXTS = ("note",)

    def __str__(self) -> str:
        return f"words of comment {self.pk}"


class DraftComment(AppendOnly, PublicId):
    """An audited organisation's view of a draft finding or, without one, of the draft as a whole.

    A view of the whole is the organisation's answer: with it, the auditors need not wait for the term to end. Comments
    are never changed or deleted, also not while nobody has read them; who changes their mind adds another.
    """

    draft = models.ForeignKey(DraftReport, on_delete=models.PROTECT, related_name="comments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="comments", null=True, blank=True
    )
    stance = models.CharField(max_length=10, choices=Stance)
    text = models.OneToOneField(CommentText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stance__in=Stance.values), name="draft_comment_stance_known"
            )
        ]

    def __str__(self) -> str:
        return f"comment {self.pk} on draft {self.draft_id}"


class ReplyText(ErasableText):
    """What the auditors answer."""

    note = models.TextField()
    TEXTS = ("note",)

    def __str__(self) -> str:
        return f"words of reply {self.pk}"


class CommentReply(AppendOnly, PublicId):
    """The auditors' answer to a comment; there is one, and it stands."""

    comment = models.OneToOneField(DraftComment, on_delete=models.PROTECT, related_name="reply")
    changed = models.BooleanField()  # the report was changed because of the comment
    text = models.OneToOneField(ReplyText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    replied_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"reply to comment {self.comment_id}"
