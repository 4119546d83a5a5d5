"""The journal: every event of the application, once, for ever.

An entry is canonical JSON whose fields are salted digests in named slots (RFC 9901's array form), so that a value can
be shown, withheld or erased later without touching the entry. The values themselves lie beside it, one row per entry.
"""

from django.db import models

from tracker.journal.merkle import HASH, WIDTH
from tracker.shared.models import AppendOnly, AppendOnlyQuerySet, PublicId


class EntryQuerySet(AppendOnlyQuerySet):
    def of_record(self, record: object) -> "EntryQuerySet":
        """The history of one record, oldest first."""
        uid = getattr(record, "uid", record)
        return self.filter(record=uid).order_by("rev", "pk")


class Entry(AppendOnly):
    """One event: what happened to which record, as it was hashed."""

    kind = models.CharField(max_length=40)
    record = models.UUIDField()
    op = models.CharField(max_length=40)
    rev = models.PositiveIntegerField()
    actor = models.UUIDField(null=True, blank=True, db_index=True)
    at = models.DateTimeField()
    body = models.BinaryField()
    leaf = models.CharField(max_length=44)

    objects = EntryQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(fields=["record", "rev"], name="entry_one_per_revision"),
            models.CheckConstraint(
                condition=models.Q(rev__gte=1), name="entry_revisions_count_from_one"
            ),
        ]
        indexes = [models.Index(fields=["kind", "op"], name="entry_by_kind")]

    def __str__(self) -> str:
        return f"entry {self.pk}: {self.kind} {self.op}"


class Disclosure(models.Model):
    """The values of one entry with their salts. The only part of the journal that may be erased."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)
    values = models.JSONField()

    def __str__(self) -> str:
        return f"values of entry {self.pk}"


class Erasure(AppendOnly, PublicId):
    """A decision, itself an entry, that values of another entry are erased. Without one no disclosure is touched."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="erasures")

    def __str__(self) -> str:
        return f"erasure in entry {self.target_id}"


# --- The log -----------------------------------------------------------------------


class Pending(models.Model):
    """An entry that has no place in the log yet. A trigger adds the row; only a place in the log takes it away."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True)

    class Meta:
        verbose_name_plural = "pending entries"

    def __str__(self) -> str:
        return f"entry {self.pk} waits for its place"


class Leaf(AppendOnly):
    """The place of an entry in the log, counted from 0, and its hash (RFC 6962 §2.1)."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="place")
    hash = models.BinaryField(max_length=HASH)

    class Meta:
        verbose_name_plural = "leaves"

    def __str__(self) -> str:
        return f"leaf {self.seq}: entry {self.entry_id}"


class Tile(AppendOnly):
    """A full tile: 256 hashes of one level, and the node above them. Partial tiles are read from the level below."""

    level = models.PositiveSmallIntegerField()
    number = models.PositiveBigIntegerField()
    row = models.BinaryField(max_length=HASH * WIDTH)
    above = models.BinaryField(max_length=HASH)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "number"], name="tile_one_per_place"),
        ]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.number}"


class Checkpoint(AppendOnly):
    """What the log signed: so many entries, this root. One per size, for ever; kept before the signature leaves."""

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=HASH)
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"

    @property
    def published(self) -> str:
        """The signed note with the lines of the witnesses."""
        return self.note + "".join(c.line for c in self.cosignatures.order_by("witness"))


class Cosignature(AppendOnly):
    """A witness saw this checkpoint at this time (POSIX seconds), and it grew out of every one it saw before."""

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="cosignatures"
    )
    witness = models.CharField(max_length=200)
    time = models.PositiveBigIntegerField()
    line = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "witness"], name="cosignature_one_per_witness"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.witness} on checkpoint {self.checkpoint_id}"
