"""The release tables, the only ones that public pages read."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, PublicId
from tracker.shared.money import CurrencyField, MoneyField


class Stream(models.TextChoices):
    """Who publishes: the program's side, or the audit office for itself."""

    PROGRAM = "program", "program"
    AUDIT = "audit", "audit office"


class ReleaseQuerySet(AppendOnlyQuerySet):
    def opened(self) -> "ReleaseQuerySet":
        """Not under an embargo: that there was such a release is known, though it may be taken back.

        One that was taken back before its day never was public: it is not here then either.
        """
        never = Tombstone.objects.standing().filter(
            release=OuterRef("pk"), raised_at__lt=OuterRef("public_from")
        )
        open_now = Q(public_from__isnull=True) | Q(public_from__lte=Now())
        return self.filter(open_now).exclude(Exists(never))

    def public(self) -> "ReleaseQuerySet":
        """Not under an embargo, and not taken back: what a public page may read."""
        gone = Tombstone.objects.standing().filter(release=OuterRef("pk"))
        return self.opened().exclude(Exists(gone))


class Release(AppendOnly, PublicId):
    """What was published at one moment: a manifest of released rows. Never changed.

    `public_from`: until then it is frozen and nobody outside sees it (an embargo); null without one.
    """

    stream = models.CharField(max_length=7, choices=Stream)
    subject = models.UUIDField()  # the program, the finding or the engagement
    number = models.PositiveIntegerField()
    data_until = models.DateField()
    journal_size = models.PositiveBigIntegerField()  # "as of entry N"
    manifest = models.CharField(max_length=64)
    published_at = models.DateTimeField(db_default=Now())
    public_from = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = ReleaseQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "subject", "number"], name="release_numbered_once"
            ),
            models.CheckConstraint(
                condition=Q(stream__in=Stream.values), name="release_stream_known"
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.subject}"


class TombstoneQuerySet(AppendOnlyQuerySet):
    def standing(self) -> "TombstoneQuerySet":
        """Those that no second person took away again."""
        return self.exclude(verdict__verdict=TombstoneVerdict.RESTORED)


class Tombstone(AppendOnly, PublicId):
    """What stands in the place of a release that was taken back: that there was one, and why it is gone. Public.

    `review_due_at` is set where one person took it down in a hurry: a second one looks at it until then.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="tombstones")
    urgent = models.BooleanField()
    category = models.CharField(max_length=25)
    legal_basis = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    office = models.CharField(max_length=200)
    raised_at = models.DateTimeField(db_default=Now())
    review_due_at = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    objects = TombstoneQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(urgent=True, review_due_at__isnull=False)
                | Q(urgent=False, review_due_at__isnull=True),
                name="tombstone_urgent_has_a_review",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="tombstone_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"tombstone of release {self.release_id}"


class TombstoneVerdict(AppendOnly, PublicId):
    """What a second person decided about a release that was taken down in a hurry. Public."""

    UPHELD, RESTORED = "upheld", "restored"

    tombstone = models.OneToOneField(Tombstone, on_delete=models.PROTECT, related_name="verdict")
    verdict = models.CharField(
        max_length=8, choices=[(UPHELD, "it stays down"), (RESTORED, "it is public again")]
    )
    reason = models.CharField(max_length=300)
    office = models.CharField(max_length=200)
    decided_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["upheld", "restored"]), name="tombstone_verdict_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="tombstone_verdict_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict}: tombstone {self.tombstone_id}"


class ReleasedRow(AppendOnly):
    """A public row, addressed by its content, so that releases share what did not change.

    `cells` maps each public field to {"state": "stated" | "not_stated" | "withheld", ...}.
    """

    digest = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.UUIDField(db_index=True)  # the record itself; its program, where it has no uid
    cells = models.JSONField()

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"


class ReleaseItem(AppendOnly):
    """A row's place in a release."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="items")
    row = models.ForeignKey(ReleasedRow, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=40)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "kind", "position"], name="release_item_placed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} of release {self.release_id}"


class ReleasedEntry(AppendOnly):
    """A journal entry that is public with a release: its bytes as they were hashed, and the values that the release states.

    It stands behind a released row, or it is the entry of a release itself. `disclosed` maps a field to its
    disclosure (salt and value); `withheld` maps a field that the row could state to why its value is kept back. Every
    other field of the entry is internal.
    """

    row = models.OneToOneField(
        ReleasedRow, on_delete=models.PROTECT, related_name="entry", null=True, blank=True
    )
    release = models.OneToOneField(
        Release, on_delete=models.PROTECT, related_name="own_entry", null=True, blank=True
    )
    entry = models.ForeignKey("tracker.Entry", on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()
    disclosed = models.JSONField()
    withheld = models.JSONField()

    class Meta:
        verbose_name_plural = "released entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(row__isnull=False) ^ Q(release__isnull=False),
                name="released_entry_of_a_row_or_a_release",
            )
        ]

    def __str__(self) -> str:
        return f"released entry {self.entry_id}"


class ReleasedFile(AppendOnly):
    """A file that a release offers, by its digest; the release's journal entry commits to it. Its bytes are made from
    the released rows and are the same every time."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="released_file_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of release {self.release_id}"


class PublishedProgram(models.Model):
    """A public program: its newest release, and what the list is searched and sorted by."""

    uid = models.UUIDField(unique=True)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=250)
    summary = models.TextField(blank=True)
    identifier = models.CharField(max_length=100)
    owner = models.CharField(max_length=200)
    nature = models.CharField(max_length=12)
    kind_of_aid = models.CharField(max_length=24)
    status = models.CharField(max_length=1)
    donors = models.CharField(max_length=400, blank=True)
    recipients = models.CharField(max_length=400, blank=True)
    words = models.TextField(blank=True)
    fields_withheld = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class PublishedTotal(models.Model):
    """A public total of a program's newest release, per fiscal year, kind, what it came off, and currency.

    The sum of the amounts that the release states. `withheld_rows` more are in the release without their amount;
    where all of them are, neither amount nor currency is stated. `off` is for what came back and what was given up:
    the kind of transaction that it came off. `partly_withheld` is the part of the amount whose rows withhold something
    else. `withheld_amount` is what rows without their amount come to, where the law lets a sum say so: it is in no
    `amount`.
    """

    program = models.ForeignKey(PublishedProgram, on_delete=models.CASCADE, related_name="totals")
    fiscal_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12)
    off = models.CharField(max_length=12, blank=True)
    currency = CurrencyField(blank=True)
    amount = MoneyField(null=True, blank=True)
    rows = models.PositiveIntegerField()
    withheld_rows = models.PositiveIntegerField(default=0)
    partly_withheld = MoneyField(null=True, blank=True)
    withheld_amount = MoneyField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "fiscal_year", "kind", "off", "currency"],
                name="published_total_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fiscal_year} of {self.program_id}, {self.currency}"


class PublishedReport(models.Model):
    """A public report: the release that froze it.

    `program` is null while the program's newest release is taken back: the report's own release still stands.
    `newer_withdrawn`: a newer one of its kind and period was taken back, and none has followed yet.
    """

    uid = models.UUIDField(unique=True)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(
        PublishedProgram, on_delete=models.SET_NULL, related_name="reports", null=True, blank=True
    )
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=250)
    period_start = models.DateField()
    period_end = models.DateField()
    words = models.TextField(blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="supersedes", null=True, blank=True
    )
    newer_withdrawn = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class PublishedEngagement(models.Model):
    """An engagement that its audit office released, with its newest release."""

    uid = models.UUIDField(unique=True)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    office = models.CharField(max_length=200)
    office_uid = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    standard = models.CharField(max_length=20)
    status = models.CharField(max_length=30)
    as_of = models.DateField()
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.number} {self.title} ({self.pk})"


class PublishedFinding(models.Model):
    """A finding that the audit office released, with its newest release."""

    uid = models.UUIDField(unique=True)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=250)
    office = models.CharField(max_length=200)
    engagement = models.CharField(max_length=300)
    office_uid = models.UUIDField(null=True, blank=True, db_index=True)
    engagement_uid = models.UUIDField(null=True, blank=True, db_index=True)
    severity = models.CharField(max_length=8)
    issued_on = models.DateField()
    recommendations = models.PositiveSmallIntegerField()
    open_recommendations = models.PositiveSmallIntegerField()
    as_of = models.DateField()
    words = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.title} ({self.pk})"


class PublishedFindingProgram(models.Model):
    """A released finding concerns this program (named by its identifier even while it is not public)."""

    finding = models.ForeignKey(PublishedFinding, on_delete=models.CASCADE, related_name="programs")
    program = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "program"], name="published_finding_program_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} concerns {self.program}"


class UnpublishedCount(models.Model):
    """How many programs are not public for one reason, and when the next of them is looked at again."""

    category = models.CharField(max_length=25, unique=True)
    programs = models.PositiveIntegerField()
    next_review_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.programs} not published: {self.category}"
