"""Taking a file in, checking it step by step, giving it up."""

from itertools import islice
from typing import Any

from django.core.files.base import File
from django.db import transaction

from tracker.accounts.models import Organisation, User
from tracker.ledger import actions as ledger
from tracker.ledger.actions.evidence import safe_name
from tracker.ledger.models import DocumentType, VoucherStatus
from tracker.uploads import policies, queries
from tracker.uploads.actions.moving import locked, move, record
from tracker.uploads.events import WEB, Origin
from tracker.uploads.models import RowState, Upload, UploadRow, UploadStatus
from tracker.uploads.reading import files
from tracker.uploads.reading.mapping import Mapping
from tracker.uploads.reading.mapping_file import mapping_from
from tracker.uploads.reading.tally import Tally

ROWS_PER_STEP = 1500


def create_upload(
    *,
    organisation: Organisation,
    file: File,
    file_name: str,
    mapping: Any,
    origin: Origin = WEB,
    by: User,
) -> Upload:
    """Take a file in and draft its batch voucher; `check_next` then reads its rows.

    `mapping` is what the JSON of a mapping says. Refuses a wrong mapping key by key, and a file that is no such
    table: empty, not CSV, in two encodings, without a column that the mapping names, too large.
    """
    # Reading the file takes a while: nothing is locked meanwhile, so this part is outside the transaction.
    policies.check_can_upload(by, organisation)
    understood = mapping_from(mapping)
    form = files.inspect(queries.binary(file), understood)
    return _take_in(organisation, file, file_name, understood, form, origin, by)


@transaction.atomic
def _take_in(
    organisation: Organisation,
    file: File,
    file_name: str,
    mapping: Mapping,
    form: files.FileForm,
    origin: Origin,
    by: User,
) -> Upload:
    name = safe_name(file_name)
    # The reader has found text in columns: that is what the evidence is kept as, whatever its ending.
    kept_as = name if name.lower().endswith((".csv", ".txt")) else f"{name}.csv"
    stored = ledger.store_file(file=file, name=kept_as, content_type="text/csv", by=by)
    voucher = ledger.create_batch_voucher(
        organisation=organisation,
        description=f"Rows of the file {name}, read by the mapping “{mapping.name}”.",
        by=by,
    )
    ledger.attach_file(
        voucher=voucher, file=stored, name=kept_as, document_type=DocumentType.ROWS, by=by
    )
    upload = Upload(
        organisation=organisation,
        voucher=voucher,
        file=stored,
        file_name=name,
        source=mapping.source,
        mapping=mapping.raw,
        facts={
            "form": form.as_json(),
            "reference_rule": mapping.reference_rule,
            "tally": Tally().as_json(),
        },
        rows_total=form.rows,
        channel=origin.channel,
        os_user=origin.os_user[:60],
        uploaded_by=by,
    )
    upload.save(force_insert=True)
    record(upload, "create", by, origin, mapping=mapping.raw)
    return upload


@transaction.atomic
def check_next(
    *, upload: Upload, rows: int = ROWS_PER_STEP, origin: Origin = WEB, by: User
) -> Upload:
    """Check the next rows of the file; after the last one the upload is *checked* and has its digest.

    Every row is kept with what was understood and what is wrong. Nothing reaches the ledger.
    """
    upload = locked(upload)
    policies.check_can_check(by, upload)
    tally, form = queries.tally_of(upload), queries.form_of(upload)
    with queries.stored(upload) as file:
        unread = files.records(queries.binary(file), form, skip=tally.done)
        records = list(islice(unread, rows))
        unread.close()
    checked = queries.checker_of(upload, tally).check(records)
    for row in checked:
        row.upload = upload
    UploadRow.objects.bulk_create(checked)
    _keep(upload, tally)
    if tally.done < form.rows:
        upload.save()
        return upload
    upload.digest = queries.digest_of(upload, tally)
    return move(upload, UploadStatus.CHECKED, "check", by, origin)


def check_upload(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Check the whole file, step by step."""
    while upload.status == UploadStatus.CHECKING:
        upload = check_next(upload=upload, origin=origin, by=by)
    return upload


def _keep(upload: Upload, tally: Tally) -> None:
    upload.facts["tally"] = tally.as_json()
    upload.rows_good = tally.count(RowState.GOOD)
    upload.rows_wrong = tally.count(RowState.WRONG)
    upload.rows_known = tally.count(RowState.KNOWN)


@transaction.atomic
def discard_upload(*, upload: Upload, origin: Origin = WEB, by: User) -> Upload:
    """Give up an upload that was not submitted, or was returned. Its voucher is withdrawn with it."""
    upload = locked(upload)
    policies.check_can_discard(by, upload)
    if upload.voucher.status != VoucherStatus.WITHDRAWN:
        upload.voucher = ledger.withdraw_voucher(voucher=upload.voucher, by=by)
    return move(upload, UploadStatus.DISCARDED, "discard", by, origin)
