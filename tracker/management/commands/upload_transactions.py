"""`upload_transactions FILE --mapping FILE --by EMAIL`: check a file of transactions, and submit it as one batch."""

import getpass
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.accounts.models import Organisation, User
from tracker.shared.errors import NotAllowed, Refused
from tracker.uploads import actions, policies, queries
from tracker.uploads.events import Origin
from tracker.uploads.models import Channel, RowState, Upload, UploadStatus
from tracker.uploads.reading.mapping_file import parse_json

WRONG_CALL = (
    2  # exit code when file, mapping or person are not there; 1: they are, and a rule says no
)

Errors = Iterable[tuple[int, dict[str, str]]]


def origin() -> Origin:
    """The command line, and who is signed in on this machine."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user without an entry in the machine's list
        name = "unknown"
    return Origin(Channel.COMMAND, name)


def person(email: str) -> User:
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise CommandError(f"Nobody here has the e-mail address “{email}”.", returncode=WRONG_CALL)
    if not found.is_active:
        raise CommandError(f"{found} can no longer sign in.", returncode=WRONG_CALL)
    return found


def sentence_of(refusal: Exception) -> str:
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


class Command(BaseCommand):
    help = "Checks a CSV of transactions by a mapping, prints every error, and submits it as one batch voucher."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the CSV file")
        parser.add_argument(
            "--mapping", required=True, metavar="FILE", help="JSON; docs/uploads.md"
        )
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the program officer")
        parser.add_argument("--organisation", metavar="NAME", help="the owner of the batch")
        parser.add_argument("--dry-run", action="store_true", help="check only; keep nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        by = person(options["by"])
        try:
            mapping = parse_json(_bytes_of(options["mapping"], "mapping"))
            organisation = _organisation(by, options["organisation"])
            with _opened(options["file"]) as file:
                if options["dry_run"]:
                    self._try(file, mapping, organisation, by, options)
                else:
                    self._upload(file, mapping, organisation, by, options)
        except (Refused, NotAllowed) as refusal:
            raise CommandError(sentence_of(refusal)) from None

    def _try(
        self, file: Any, mapping: Any, organisation: Organisation, by: User, options: dict[str, Any]
    ) -> None:
        policies.check_can_upload(by, organisation)
        preview, errors = queries.try_file(
            organisation=organisation,
            file=file,
            file_name=Path(options["file"]).name,
            mapping=mapping,
        )
        self._show(preview, errors, None, options)
        _exit_on_errors(preview)

    def _upload(
        self, file: Any, mapping: Any, organisation: Organisation, by: User, options: dict[str, Any]
    ) -> None:
        upload = actions.create_upload(
            organisation=organisation,
            file=File(file),
            file_name=Path(options["file"]).name,
            mapping=mapping,
            origin=origin(),
            by=by,
        )
        while upload.status == UploadStatus.CHECKING:
            upload = actions.check_next(upload=upload, origin=origin(), by=by)
            if not options["json"]:
                done = upload.rows_good + upload.rows_wrong + upload.rows_known
                self.stderr.write(f"checked {done:,} of {upload.rows_total:,} rows")
        upload, refusal = _submit(upload, by)
        preview = queries.preview_of(upload)
        self._show(preview, queries.errors_of(upload), upload, options)
        if refusal:
            raise CommandError(refusal)

    def _show(
        self,
        preview: queries.Preview,
        errors: Errors,
        upload: Upload | None,
        options: dict[str, Any],
    ) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(preview, errors, upload), indent=2))
        else:
            for line in _as_text(preview, errors, upload):
                self.stdout.write(line)


def _bytes_of(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(
            f"The {what} {path} cannot be read: {error.strerror}.", returncode=WRONG_CALL
        ) from None


def _opened(path: str) -> Any:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise CommandError(
            f"The file {path} cannot be read: {error.strerror}.", returncode=WRONG_CALL
        ) from None


def _organisation(by: User, name: str | None) -> Organisation:
    """The named one, or the only one for which the person is an officer."""
    if name:
        found = Organisation.objects.filter(name__iexact=name).first()
        if found is None:
            raise CommandError(f"There is no organisation “{name}”.", returncode=WRONG_CALL)
        return found
    choices = list(queries.organisations_for(by))
    if len(choices) == 1:
        return choices[0]
    if not choices:
        raise CommandError(f"{by} is not a program officer of any organisation.")
    names = ", ".join(f"“{o.name}”" for o in choices)
    raise CommandError(
        f"{by} is a program officer of {names}: choose with --organisation.", returncode=WRONG_CALL
    )


def _submit(upload: Upload, by: User) -> tuple[Upload, str]:
    """Submit what can be submitted. What cannot is discarded: the corrected file is a new upload."""
    try:
        return actions.submit_upload(upload=upload, origin=origin(), by=by), ""
    except Refused as refusal:
        upload = actions.discard_upload(upload=upload, origin=origin(), by=by)
        return upload, f"Nothing was submitted. {refusal.sentence}"


def _exit_on_errors(preview: queries.Preview) -> None:
    wrong = preview.tally.count(RowState.WRONG)
    if wrong:
        raise CommandError(f"{wrong} of {preview.form.rows} rows have errors: correct the file.")


def _as_text(preview: queries.Preview, errors: Errors, upload: Upload | None) -> Iterable[str]:
    tally = preview.tally
    yield preview.file_name
    yield from (f"  {name}: {value}" for name, value in preview.facts)
    yield (
        f"  New rows: {tally.count(RowState.GOOD):,}; with errors: {tally.count(RowState.WRONG):,}; "
        f"posted before: {tally.count(RowState.KNOWN):,}"
    )
    yield "Control totals of the new rows"
    for line in queries.control_totals(tally, RowState.GOOD):
        yield f"  FY{line.fiscal_year}  {line.kind}  {line.rows:,} rows  {line.amount}"
    for kind, rows, amount in queries.sums_by_kind(tally.totals(), RowState.GOOD):
        yield f"  all years  {kind}  {rows:,} rows  {amount}"
    if preview.proposed:
        yield f"Programs that will be set up: {len(preview.proposed)}"
        yield from (f"  {p['identifier']}  {p['title']}" for p in preview.proposed)
    yield from (f"Note: {warning}" for warning in preview.warnings)
    for number, problem in errors:
        column = f", column “{problem['column']}”" if problem["column"] else ""
        yield f"line {number}{column}: “{problem['value']}”: {problem['cause']} {problem['remedy']}"
    if upload is None:
        yield "Dry run: nothing was kept."
    elif upload.status == UploadStatus.SUBMITTED:
        yield f"Submitted as voucher {upload.voucher.number}. Another person approves it:"
        yield f"  manage.py approve_upload {upload.uid} --by EMAIL"


def _as_json(preview: queries.Preview, errors: Errors, upload: Upload | None) -> dict[str, Any]:
    tally = preview.tally
    return {
        "upload": None if upload is None else str(upload.uid),
        "voucher": None if upload is None else upload.voucher.number,
        "status": "tried" if upload is None else upload.status,
        "file": {"name": preview.file_name, "sha256": preview.sha256, **preview.form.as_json()},
        "reference_rule": preview.reference_rule,
        "digest": preview.digest,
        "rows": {
            "total": preview.form.rows,
            "new": tally.count(RowState.GOOD),
            "wrong": tally.count(RowState.WRONG),
            "known": tally.count(RowState.KNOWN),
        },
        "totals": [
            {
                "state": "new" if t.state == RowState.GOOD else "known",
                "kind": t.kind,
                "currency": t.currency,
                "fiscal_year": t.fiscal_year,
                "rows": t.rows,
                "amount": t.amount.plain,
            }
            for t in tally.totals()
        ],
        "programs": preview.proposed,
        "warnings": preview.warnings,
        "errors": [{"line": line, **problem} for line, problem in errors],
    }
