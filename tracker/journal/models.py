"""The journal: every event of the application, once, for ever.

An entry is canonical JSON whose fields are salted digests in named slots (RFC 9901's array form), so that a value can
be shown, withheld or erased later without touching the entry. The values themselves lie beside it, one row per entry.
"""

from django.db import models

from tracker.shared.models import AppendOnly, AppendOnlyQuerySet


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
