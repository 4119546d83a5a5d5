"""Working papers: indexed, cross-referenced, in versions that are never rewritten, each reviewed by another auditor."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse

from tracker.accounts.models import User
from tracker.audits.models.engagements import Engagement
from tracker.audits.models.findings import Finding
from tracker.ledger.models import EvidenceFile, Transaction
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, ErasableText, PublicId

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

INDEX = r"^[A-Z]{1,2}(-[1-9][0-9]{0,2}){1,4}$"


class PaperQuerySet(AppendOnlyQuerySet):
    def visible_to(self, user: "User | AnonymousUser") -> "PaperQuerySet":
        """The team, and auditors of the office who audit a program in scope. Never the audited side or the public."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        seen = Engagement.objects.visible_to(user).filter(
            Q(team__person=user) | Q(office=user.organisation_id)
        )
        return self.filter(engagement__in=seen.values("pk"))

    def unreviewed(self) -> "PaperQuerySet":
        """Papers of which the newest version has no review."""
        newest = PaperVersion.objects.filter(paper=OuterRef("pk")).newest()
        return self.filter(Exists(newest.filter(review__isnull=True)))

    def supporting(self) -> "PaperQuerySet":
        """Papers of which the newest version is referred to a finding."""
        newest = PaperVersion.objects.filter(paper=OuterRef("pk")).newest()
        return self.filter(Exists(newest.filter(links__finding__isnull=False)))


class WorkingPaper(AppendOnly, PublicId):
    """A paper of an engagement, by its index: A-1, and A-1-2 below it. What it says is in its versions."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="papers")
    index = models.CharField(max_length=20)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = PaperQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "index"],
                name="working_paper_indexed_once",
                violation_error_message="The engagement has a paper of this index already.",
            )
        ]

    def __str__(self) -> str:
        return f"working paper {self.index}"

    def get_absolute_url(self) -> str:
        return reverse("audits:paper", args=[self.uid])


class PaperText(ErasableText):
    """What a version says: why it was made, where it comes from, what follows."""

    title = models.CharField(max_length=200)
    purpose = models.TextField()
    source = models.TextField()
    conclusion = models.TextField(blank=True)
    file_names = models.TextField(blank=True)  # a line for each file, in their order
    TEXTS = ("title", "purpose", "source", "conclusion", "file_names")

    def __str__(self) -> str:
        return f"words of a version of a paper {self.pk}"


class VersionQuerySet(AppendOnlyQuerySet):
    def newest(self) -> "VersionQuerySet":
        later = PaperVersion.objects.filter(paper=OuterRef("paper"), number__gt=OuterRef("number"))
        return self.exclude(Exists(later))


class PaperVersion(AppendOnly, PublicId):
    """A paper as it was on a day, with its files and references. A change is another version, to be reviewed anew."""

    paper = models.ForeignKey(WorkingPaper, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    text = models.OneToOneField(PaperText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = VersionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "number"], name="paper_version_numbered_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number} of working paper {self.paper_id}"


class PaperFile(models.Model):
    """A file that a version rests on. Its name stands among the version's words."""

    version = models.ForeignKey(PaperVersion, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "file"], name="paper_file_once")]

    def __str__(self) -> str:
        return f"file {self.file_id} of version {self.version_id}"


class PaperLink(models.Model):
    """A cross-reference of a version: to another paper, to a finding that it supports, or to a transaction."""

    version = models.ForeignKey(PaperVersion, on_delete=models.PROTECT, related_name="links")
    paper = models.ForeignKey(
        WorkingPaper, on_delete=models.PROTECT, related_name="referred", null=True, blank=True
    )
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="papers", null=True, blank=True
    )
    transaction = models.ForeignKey(
        Transaction, on_delete=models.PROTECT, related_name="papers", null=True, blank=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paper__isnull=False, finding__isnull=True, transaction__isnull=True)
                | Q(paper__isnull=True, finding__isnull=False, transaction__isnull=True)
                | Q(paper__isnull=True, finding__isnull=True, transaction__isnull=False),
                name="paper_link_points_at_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"reference of version {self.version_id}"


class PaperReview(AppendOnly, PublicId):
    """A second auditor has read the version and stands for it. Nobody reviews a paper that they prepared."""

    version = models.OneToOneField(PaperVersion, on_delete=models.PROTECT, related_name="review")
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"review of version {self.version_id}"


class NoteText(ErasableText):
    """What a reviewer asks, or what is answered."""

    note = models.TextField()
    TEXTS = ("note",)

    def __str__(self) -> str:
        return f"words of review note {self.pk}"


class ReviewNote(AppendOnly, PublicId):
    """A reviewer's question about a version, or the answer to one. No version is reviewed over an open question."""

    version = models.ForeignKey(PaperVersion, on_delete=models.PROTECT, related_name="notes")
    answers = models.OneToOneField(
        "self", on_delete=models.PROTECT, related_name="answer", null=True, blank=True
    )
    text = models.OneToOneField(NoteText, on_delete=models.PROTECT)
    text_digest = models.CharField(max_length=64)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"note on version {self.version_id}"
