"""How uploads are rebuilt from the journal; the digest that approval binds to vouches for their rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracker.journal.projections import (
    Accepted,
    By,
    Difference,
    First,
    Last,
    Projection,
    Reckoning,
    Row,
    Story,
    Through,
    When,
    While,
    in_order,
)
from tracker.journal.projections.said import UNKNOWN
from tracker.ledger.models import Voucher, VoucherStatus
from tracker.uploads import queries
from tracker.uploads.models import Upload, UploadRow, UploadStatus
from tracker.uploads.reading.tally import COVERED

UNDER_WAY = {UploadStatus.CHECKING, UploadStatus.POSTING}
COUNTS = ("rows_total", "rows_good", "rows_wrong", "rows_known", "rows_posted", "digest")
DECIDED = {
    VoucherStatus.POSTED: UploadStatus.POSTING,
    VoucherStatus.RETURNED: UploadStatus.RETURNED,
}


def _rests(row: Row) -> bool:
    return row["status"] not in UNDER_WAY


def _standing(rows: Sequence[Row], stories: Mapping[Any, Story]) -> Accepted:
    """As its entries say, or what its voucher went through on the voucher's own page, which it catches up with."""
    vouchers = dict(
        Voucher.objects.filter(pk__in=[row["voucher_id"] for row in rows]).values_list(
            "pk", "status"
        )
    )
    found: dict[int, set[str]] = {}
    for row in rows:
        stated = Last("status").of(stories.get(row["uid"], Story()))
        if stated is UNKNOWN:
            continue
        found[row["id"]] = {stated}
        voucher = vouchers.get(row["voucher_id"])
        if voucher == VoucherStatus.WITHDRAWN:
            found[row["id"]].add(UploadStatus.DISCARDED)
        elif stated == UploadStatus.SUBMITTED and voucher in DECIDED:
            found[row["id"]].add(DECIDED[VoucherStatus(voucher)])
    return found


def _rows(keys: Sequence[int]) -> Iterator[Difference]:
    """Each upload whose rows, mapping and totals are not those that its digest was made of."""
    uploads = Upload.objects.filter(pk__in=keys).exclude(digest="").select_related("file")
    for upload in uploads:
        try:
            now = queries.digest_of(upload, queries.tally_of(upload))
        except (KeyError, TypeError, ValueError):
            now = "unreadable"
        if now != upload.digest:
            said = (
                f"Upload {upload.uid}: its rows, its mapping or its totals are not those "
                "that were checked and that the journal has the digest of."
            )
            yield Difference("upload row", upload.uid, None, said)


PROJECTIONS = [
    Projection(
        "upload",
        Upload,
        ("upload",),
        {
            **{name: First(name) for name in ("organisation", "voucher", "file_name", "source")},
            "file": Through("sha256", First("file")),
            "mapping": First("mapping"),
            "channel": First("channel"),
            "os_user": First("os_user"),
            **{name: While(Last(name), _rests) for name in COUNTS},
            "uploaded_by": By(),
            "uploaded_at": When(),
        },
        reckoned={"status": _standing},
        unmapped={
            "facts": "how far the work is; the totals in it are held by the digest of the rows"
        },
    ),
    Reckoning(
        "upload row",
        UploadRow,
        ("upload", *COVERED),
        lambda: in_order(Upload, 20),
        _rows,
        unmapped={
            "id": "the row's key in this database; nothing outside knows it",
            "state": "how far the work is: what was posted is in the ledger",
            "problems": "what was told about a wrong row, which is never posted",
            "program": "set when the row is posted, from its program's code",
            "program_name": "as the file has it; the file is kept",
            "number": "as the file has it; the file is kept",
            "transaction": "found by the import key, which is compared on both sides",
        },
    ),
]
