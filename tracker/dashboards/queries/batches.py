"""Batches that were approved and are not wholly posted: either side may carry them on."""

from datetime import date

from tracker.accounts.models import SIGNERS, MembershipStatus, Role, User
from tracker.dashboards import addresses
from tracker.dashboards.queries.items import Group, Item, days_since, group_of, waited
from tracker.ledger.models import VoucherStatus
from tracker.uploads.models import Upload, UploadStatus


def to_carry_on(user: User, day: date) -> Group:
    """Uploads whose posting is under way or was stopped."""

    def say(upload: Upload) -> Item:
        days = days_since(upload.uploaded_at, day)
        why = (
            f"{upload.organisation.label} · {upload.rows_posted:,} of {upload.rows_good:,} rows posted"
            " · nothing is posted twice"
        )
        return Item(
            f"Carry on posting {upload.file_name}",
            addresses.of_upload(upload.uid),
            why,
            *waited(days),
            days,
        )

    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE,
        role__in=[Role.OFFICER, *SIGNERS],
        organisation__isnull=False,
    )
    left = [UploadStatus.SUBMITTED, UploadStatus.POSTING, UploadStatus.STOPPED]
    rows = Upload.objects.filter(
        organisation__in=held.values("organisation"),
        status__in=left,
        voucher__status=VoucherStatus.POSTED,
    )
    rows = rows.select_related("organisation", "voucher").order_by("uploaded_at", "pk")
    return group_of("Posting to carry on", rows, say, addresses.UPLOADS)
