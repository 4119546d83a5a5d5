"""What every write about an upload does: take it alone, move it on, record that."""

from typing import Any

from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.uploads.events import Origin
from tracker.uploads.models import Upload


def locked(upload: Upload) -> Upload:
    """The upload, held until the end of the transaction; first it catches up with what its voucher went through."""
    Upload.objects.select_for_update(no_key=True).get(pk=upload.pk)
    related = ("organisation", "voucher", "file", "uploaded_by")
    fresh = Upload.objects.select_related(*related).get(pk=upload.pk)
    if fresh.status != fresh.stands:
        fresh.status = fresh.stands
        fresh.save(update_fields=["status"])
    return fresh


def record(upload: Upload, op: str, by: User, origin: Origin, **more: Any) -> int:
    """One event of the upload, with the way on which it came about."""
    fields = {
        "organisation": upload.organisation,
        "voucher": upload.voucher,
        "file": upload.file.sha256,
        "file_name": upload.file_name,
        "source": upload.source,
        "status": upload.status,
        "channel": origin.channel,
        "os_user": origin.os_user,
        "rows_total": upload.rows_total,
        "rows_good": upload.rows_good,
        "rows_wrong": upload.rows_wrong,
        "rows_known": upload.rows_known,
        "rows_posted": upload.rows_posted,
        "digest": upload.digest,
        **more,
    }
    return journal.record("upload", record=upload, op=op, by=by, fields=fields)


def move(upload: Upload, status: str, op: str, by: User, origin: Origin, **more: Any) -> Upload:
    upload.status = status
    upload.save()
    record(upload, op, by, origin, **more)
    return upload
