"""Asking for the second signature, and giving or refusing it."""

from django.db import transaction

from tracker.accounts.models import User
from tracker.ledger import actions as ledger
from tracker.ledger.models import VoucherStatus
from tracker.shared.errors import Refused
from tracker.uploads import policies, queries
from tracker.uploads.actions.moving import locked, move
from tracker.uploads.events import WEB, Origin
from tracker.uploads.models import Upload, UploadStatus


@transaction.atomic
def submit_upload(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Freeze the batch, bound to the digest of file, mapping, rows and totals, and ask the approvers.

    Refuses a file with errors, one whose every row was posted before, and one that has a row in common with
    another upload on its way or with what was posted since it was checked, or in a period that was closed since.
    """
    upload = locked(upload)
    policies.check_can_submit(by, upload)
    _check_still_new(upload)
    sums = queries.sums_of(queries.tally_of(upload))
    ledger.submit_voucher(
        voucher=upload.voucher, batch_digest=upload.digest, batch_sums=sums, by=by
    )
    upload.voucher.refresh_from_db()
    return move(upload, UploadStatus.SUBMITTED, "submit", by, origin)


def _check_still_new(upload: Upload) -> None:
    if count := queries.posted_meanwhile(upload):
        rows = "1 row was" if count == 1 else f"{count} rows were"
        raise Refused(
            f"{rows} posted since this file was checked: discard this upload, and upload the file again."
        )
    if count := queries.closed_meanwhile(upload):
        rows = "1 row lies" if count == 1 else f"{count} rows lie"
        raise Refused(
            f"{rows} in a period that was closed since this file was checked: discard this upload, and upload the file "
            "again to see which; or have the period opened again."
        )
    if rival := queries.rival_of(upload):
        raise Refused(
            f"Upload “{rival.file_name}” (voucher {rival.voucher.number}) holds some of the same rows and is on "
            "its way: wait until it is posted, then upload this file again."
        )


@transaction.atomic
def approve_upload(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Sign the batch as another person; with the last signature it is being posted (`post_next`).

    Until then it waits for the others. Refuses whoever had a hand in it, and rows that are not those that were
    submitted.
    """
    upload = locked(upload)
    version = queries.version_of(upload)
    policies.check_can_approve(by, upload, version)
    assert version is not None  # the policy has refused that
    if queries.digest_of(upload, queries.tally_of(upload)) != version.batch_digest:
        raise Refused(
            "The rows of this upload are no longer those that were submitted: "
            "do not approve it, and tell an auditor."
        )
    ledger.approve_voucher(version=version, by=by)
    upload.voucher.refresh_from_db()
    if upload.voucher.status == VoucherStatus.SUBMITTED:
        return move(upload, UploadStatus.SUBMITTED, "sign", by, origin)
    return move(upload, UploadStatus.POSTING, "approve", by, origin)


@transaction.atomic
def return_upload(*, upload: Upload, reason: str, origin: Origin = WEB, by: User) -> Upload:
    """Send the batch back to the officer, with a reason."""
    upload = locked(upload)
    version = queries.version_of(upload)
    policies.check_can_return(by, upload, version)
    assert version is not None  # the policy has refused that
    ledger.return_voucher(version=version, reason=reason, by=by)
    upload.voucher.refresh_from_db()
    return move(upload, UploadStatus.RETURNED, "return", by, origin, reason=reason.strip())
