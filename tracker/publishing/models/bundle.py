"""Evidence that leaves the house: who carried what away."""

from django.db import models
from django.db.models.functions import Now

from tracker.accounts.models import User
from tracker.audits.models import Engagement, Finding
from tracker.shared.models import AppendOnly, PublicId


class BundleExport(AppendOnly, PublicId):
    """Who carried which evidence away. `manifest` is the SHA-256 of the bundle's contents.txt."""

    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="exports")
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="exports", null=True, blank=True
    )
    manifest = models.CharField(max_length=64)
    records = models.PositiveIntegerField()
    files = models.PositiveIntegerField()
    exported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    exported_at = models.DateTimeField(db_default=Now())
    entry = models.OneToOneField("tracker.Entry", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"export {self.pk} of engagement {self.engagement_id}"
