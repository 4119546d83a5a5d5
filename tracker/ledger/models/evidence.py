"""Files as they were received."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.shared.models import AppendOnly, PublicId


class EvidenceFile(AppendOnly, PublicId):
    """A file as it was received, stored once under its SHA-256."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=120)
    received_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0),
                name="evidence_is_not_empty",
                violation_error_message="The file is empty (0 bytes): choose the right one.",
            )
        ]

    def __str__(self) -> str:
        return f"file {self.sha256[:12]}"
