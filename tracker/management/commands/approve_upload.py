"""`approve_upload ID --by EMAIL`: approve a submitted batch as another person, and post it to its end."""

import json
import time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.accounts.models import User
from tracker.ledger.queries import signatures_of
from tracker.management.commands.upload_transactions import (
    WRONG_CALL,
    origin,
    person,
    sentence_of,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.uploads import actions
from tracker.uploads.models import Upload, UploadStatus
from tracker.uploads.queries import version_of


class Command(BaseCommand):
    help = "Signs an upload and, with the last signature, posts its rows; an approved one that was interrupted is continued."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "id", metavar="ID", help="the upload's identifier, as upload_transactions says it"
        )
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the approver")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        by, started = person(options["by"]), time.monotonic()
        upload = _find(options["id"], by)
        try:
            upload = _set_going(upload, by)
            while upload.status == UploadStatus.POSTING:
                upload = actions.post_next(upload=upload, origin=origin(), by=by)
                if not options["json"]:
                    self.stderr.write(f"posted {upload.rows_posted:,} of {upload.rows_good:,} rows")
        except (Refused, NotAllowed) as refusal:
            raise CommandError(sentence_of(refusal)) from None
        seconds = round(time.monotonic() - started, 1)
        if upload.status == UploadStatus.SUBMITTED and not options["json"]:
            self.stdout.write(f"Voucher {upload.voucher.number} is signed; {_said(upload)}.")
            return
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(upload, seconds), indent=2))
        else:
            self.stdout.write(
                f"Voucher {upload.voucher.number} is {upload.get_status_display()}: "
                f"{upload.rows_posted:,} rows in {seconds} s; {upload.rows_known:,} were posted before."
            )


def _find(text: str, by: User) -> Upload:
    """What a person may not see is not there for them."""
    try:
        uid = UUID(text)
    except ValueError:
        raise CommandError(
            f"“{text}” is not an upload's identifier: upload_transactions prints it.",
            returncode=WRONG_CALL,
        ) from None
    found = Upload.objects.visible_to(by).select_related("voucher").filter(uid=uid).first()
    if found is None:
        raise CommandError(f"There is no upload {text} that {by} may see.", returncode=WRONG_CALL)
    return found


def _set_going(upload: Upload, by: User) -> Upload:
    """Approve what waits; continue what was stopped or interrupted."""
    if upload.stands == UploadStatus.STOPPED:
        return actions.continue_posting(upload=upload, origin=origin(), by=by)
    if upload.stands == UploadStatus.POSTING:
        return actions.post_next(upload=upload, origin=origin(), by=by)
    return actions.approve_upload(upload=upload, origin=origin(), by=by)


def _said(upload: Upload) -> str:
    """How many signatures there are, and that nothing is posted before the last."""
    found = signatures_of(upload.voucher, version_of(upload))
    return f"it has {found.said}, and nothing is posted before the last" if found else "it waits"


def _as_json(upload: Upload, seconds: float) -> dict[str, Any]:
    return {
        "upload": str(upload.uid),
        "voucher": upload.voucher.number,
        "status": upload.status,
        "rows_posted": upload.rows_posted,
        "rows_known": upload.rows_known,
        "digest": upload.digest,
        "seconds": seconds,
    }
