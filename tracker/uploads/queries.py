"""Reads about uploads: what the preview shows, and what posting needs."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from tracker.accounts.models import MembershipStatus, Organisation, Role, User
from tracker.journal.queries import Event, history_of
from tracker.ledger import policies as ledger
from tracker.ledger.models import (
    Balance,
    Provenance,
    Transaction,
    TransactionKind,
    VoucherVersion,
)
from tracker.ledger.queries import halves, whole
from tracker.programs.models import Program
from tracker.shared.money import Money
from tracker.uploads.models import Channel, RowState, Upload, UploadRow, UploadStatus
from tracker.uploads.reading import files
from tracker.uploads.reading.checking import Checker
from tracker.uploads.reading.files import FileForm
from tracker.uploads.reading.mapping import Mapping
from tracker.uploads.reading.mapping_file import mapping_from
from tracker.uploads.reading.tally import COVERED, Tally, Total, covered, digest

Slot = tuple[str, str, int]  # a program's code, a currency, a fiscal year


def binary(file: Any) -> BinaryIO:
    """The seekable bytes below Django's file objects."""
    return getattr(file, "file", file)


def stored(upload: Upload) -> Any:
    """The file as it was handed in; use it in a `with`."""
    return default_storage.open(upload.file.stored_as)


def mapping_of(upload: Upload) -> Mapping:
    return mapping_from(upload.mapping)


def form_of(upload: Upload) -> FileForm:
    return FileForm(**upload.facts["form"])


def tally_of(upload: Upload) -> Tally:
    return Tally.from_json(upload.facts["tally"])


def checker_of(upload: Upload, tally: Tally) -> Checker:
    """The checker that goes on where the last step ended."""

    def earlier(keys: Sequence[str]) -> dict[str, int]:
        rows = UploadRow.objects.filter(upload=upload, import_key__in=keys)
        return dict(rows.values_list("import_key", "line"))

    return Checker(
        organisation=upload.organisation,
        mapping=mapping_of(upload),
        form=form_of(upload),
        tally=tally,
        earlier=earlier,
    )


def digest_of(upload: Upload, tally: Tally) -> str:
    """The hash of the upload as its rows stand now in the database."""
    rows = upload.rows.order_by("line").values_list(*COVERED).iterator(chunk_size=5000)
    return digest(sha256=upload.file.sha256, mapping=upload.mapping, rows=rows, tally=tally)


def version_of(upload: Upload) -> VoucherVersion | None:
    """The newest submitted version of the upload's voucher."""
    rows = VoucherVersion.objects.filter(voucher=upload.voucher_id)
    return rows.select_related("voucher").order_by("-number").first()


def approver_of(version: VoucherVersion) -> User:
    """Who answers for what is posted from this version: whose signature was the last."""
    return version.approvals.select_related("approver").order_by("-pk")[0].approver


def organisations_for(user: User) -> QuerySet[Organisation]:
    """Where the person may upload files."""
    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE, role=Role.OFFICER, organisation__isnull=False
    )
    return Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name", "pk")


# --- The preview -----------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What a person reads before a file goes any further."""

    file_name: str
    sha256: str
    form: FileForm
    reference_rule: str
    tally: Tally
    digest: str

    @property
    def facts(self) -> list[tuple[str, str]]:
        unused = ", ".join(f"“{name}”" for name in self.form.unused)
        return [
            ("Encoding", self.form.encoding_said),
            ("Delimiter", self.form.delimiter_said),
            ("Line ends", self.form.line_ending),
            ("Columns that are not used", unused or "none"),
            ("Rows", f"{self.form.rows:,}"),
            ("Reference", self.reference_rule),
            ("SHA-256 of the file", self.sha256),
            ("Digest of the batch", self.digest or "once every row is checked"),
        ]

    @property
    def warnings(self) -> list[str]:
        return warnings_of(self.tally)

    @property
    def proposed(self) -> list[dict[str, Any]]:
        """The programs that the file would set up, by identifier."""
        return sorted(self.tally.programs.values(), key=lambda p: p["identifier"])


def preview_of(upload: Upload) -> Preview:
    return Preview(
        upload.file_name,
        upload.file.sha256,
        form_of(upload),
        upload.facts["reference_rule"],
        tally_of(upload),
        upload.digest,
    )


def errors_of(upload: Upload) -> Iterable[tuple[int, dict[str, str]]]:
    """Every problem of every wrong row: line, and what is wrong."""
    rows = upload.rows.filter(state=RowState.WRONG).order_by("line")
    for line, problems in rows.values_list("line", "problems").iterator(chunk_size=2000):
        yield from ((line, problem) for problem in problems)


def try_file(
    *, organisation: Organisation, file: BinaryIO, file_name: str, mapping: Any
) -> tuple[Preview, list[tuple[int, dict[str, str]]]]:
    """Check a whole file and keep nothing: its preview and every error."""
    understood = mapping_from(mapping)
    form = files.inspect(file, understood)
    tally = Tally()
    seen: dict[str, int] = {}
    checker = Checker(
        organisation=organisation,
        mapping=understood,
        form=form,
        tally=tally,
        earlier=lambda keys: {key: seen[key] for key in keys if key in seen},
    )
    errors, content = [], []
    unread = files.records(file, form)
    while batch := list(islice(unread, 2000)):
        for row in checker.check(batch):
            seen.setdefault(row.import_key, row.line)
            errors += [(row.line, problem) for problem in row.problems]
            content.append(covered(row))
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    whole = digest(sha256=sha256, mapping=understood.raw, rows=content, tally=tally)
    return Preview(file_name, sha256, form, understood.reference_rule, tally, whole), errors


# --- What stands in the way ------------------------------------------------


def posted_meanwhile(upload: Upload) -> int:
    """Rows that were new when the file was checked and are in the ledger now."""
    there = Transaction.objects.filter(import_key=OuterRef("import_key"))
    return upload.rows.filter(Exists(there), state=RowState.GOOD).count()


def closed_meanwhile(upload: Upload) -> int:
    """Rows that were right when the file was checked, and lie in a period that was closed since."""
    closed = ledger.closed_periods(upload.organisation)
    days = Q()
    for period in closed:
        days |= Q(value_date__range=(period.first_day, period.last_day))
    return upload.rows.filter(days, state=RowState.GOOD).count() if closed else 0


def rival_of(upload: Upload) -> Upload | None:
    """Another upload on its way that holds a row of this one."""
    on_its_way = [UploadStatus.SUBMITTED, UploadStatus.POSTING, UploadStatus.STOPPED]
    mine = upload.rows.filter(state=RowState.GOOD, import_key=OuterRef("import_key"))
    shared = UploadRow.objects.filter(
        Exists(mine), upload=OuterRef("pk"), state=RowState.GOOD
    ).order_by()
    others = Upload.objects.filter(
        organisation=upload.organisation_id, source=upload.source, status__in=on_its_way
    )
    return others.exclude(pk=upload.pk).filter(Exists(shared)).order_by("pk").first()


# --- Control totals and warnings -------------------------------------------


@dataclass(frozen=True)
class Line:
    """A control total as the preview shows it."""

    kind: str
    fiscal_year: int
    rows: int
    amount: Money


def control_totals(tally: Tally, state: str) -> list[Line]:
    """The sums per kind, currency and fiscal year of the rows in a state."""
    return [
        Line(TransactionKind(t.kind).label, t.fiscal_year, t.rows, t.amount)
        for t in tally.totals()
        if t.state == state
    ]


def sums_by_kind(totals: Iterable[Total], state: str) -> list[tuple[str, int, Money]]:
    """One sum for each kind and currency: kind, rows, amount. Currencies are never added up."""
    found: dict[tuple[str, str], tuple[int, Money]] = {}
    for total in totals:
        if total.state == state:
            rows, amount = found.get((total.kind, total.currency), (0, Money(0, total.currency)))
            found[total.kind, total.currency] = (rows + total.rows, amount + total.amount)
    return [(kind, *found[kind, currency]) for kind, currency in sorted(found)]


def sums_of(tally: Tally) -> list[Money]:
    """What the new rows come to in each currency, by which signatures are chosen: a refund moves money as well, so
    it is added, never taken off."""
    found: dict[str, Money] = {}
    for _, _, amount in sums_by_kind(tally.totals(), RowState.GOOD):
        known = found.get(amount.currency, Money(0, amount.currency))
        found[amount.currency] = known + abs(amount)
    return [found[code] for code in sorted(found)]


def warnings_of(tally: Tally) -> list[str]:
    """What the approver should look at although nothing is wrong."""
    said = []
    if tally.lookalikes:
        lines = ", ".join(map(str, tally.first_lookalikes))
        more = " and others" if tally.lookalikes > len(tally.first_lookalikes) else ""
        rows = "1 new row equals" if tally.lookalikes == 1 else f"{tally.lookalikes} new rows equal"
        said.append(
            f"{rows} a posted transaction in program, kind, date and amount, under another "
            f"reference: line {lines}{more}. Make sure that these are not the same payments again."
        )
    if tally.committed_before:
        names = ", ".join(tally.committed_before[:10])
        more = " and others" if len(tally.committed_before) > 10 else ""
        said.append(
            f"These programs hold commitments already: {names}{more}. The opening commitments of this "
            "batch come on top of them."
        )
    return said


# --- What the page shows ---------------------------------------------------


def stored_mappings() -> dict[str, dict[str, Any]]:
    """The mappings that the application brings along, by file name without ending."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "mappings"
    return {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))
    }


def history(upload: Upload) -> list[dict[str, Any]]:
    """What happened to the upload, the newest first."""
    events = history_of(upload)
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names = dict(people.values_list("uid", "name"))
    return [
        {
            "what": f"{event.sentence}{_way(event)}",
            "by": names.get(event.actor, "") if event.actor else "",
            "at": event.at,
            "entry": event.number,
        }
        for event in events
    ]


def _way(event: Event) -> str:
    if event.values.get("channel") != Channel.COMMAND:
        return ""
    return f" (command line, operating-system user {event.values.get('os_user')})"


# Each state of an upload, as five steps: how many are done, and which one is under way or stopped.
PLACES = {
    UploadStatus.CHECKING: (1, "current"),
    UploadStatus.CHECKED: (2, "current"),
    UploadStatus.RETURNED: (2, "stopped"),
    UploadStatus.SUBMITTED: (3, "current"),
    UploadStatus.POSTING: (4, "current"),
    UploadStatus.STOPPED: (4, "stopped"),
    UploadStatus.POSTED: (5, ""),
    UploadStatus.DISCARDED: (2, "stopped"),
}


def steps(upload: Upload) -> list[dict[str, str]]:
    """Where the upload stands on its way."""
    done, now = PLACES[UploadStatus(upload.stands)]
    notes = {1: f"{upload.rows_total:,} rows", 4: f"{upload.rows_posted:,} of {upload.rows_good:,}"}
    return [
        {
            "label": label,
            "state": "done" if place < done else now if place == done else "",
            "note": notes.get(place, "") if place <= done else "",
        }
        for place, label in enumerate(["Handed in", "Checked", "Submitted", "Approved", "Posted"])
    ]


def progress(upload: Upload) -> tuple[int, int] | None:
    """How much of the present work is done, and of how much; None when nothing is under way."""
    if upload.stands == UploadStatus.CHECKING:
        return upload.rows_good + upload.rows_wrong + upload.rows_known, upload.rows_total
    if upload.stands in (UploadStatus.POSTING, UploadStatus.STOPPED):
        return upload.rows_posted, upload.rows_good
    return None


# --- What posting needs ----------------------------------------------------


def needed_openings(upload: Upload) -> dict[Slot, int]:
    """What the rows of this batch draw, by program, currency and fiscal year, in minor units."""
    slot = ("program_code", "currency", "fiscal_year")
    drawn = upload.rows.filter(
        kind=TransactionKind.DISBURSEMENT, state__in=[RowState.GOOD, RowState.POSTED]
    )
    rows = drawn.order_by(*slot).values(*slot).annotate(**halves(F("amount")))
    return {(row["program_code"], row["currency"], row["fiscal_year"]): whole(row) for row in rows}


def openings_of(version: VoucherVersion) -> QuerySet[Transaction]:
    """The opening commitments that were posted with this batch."""
    return Transaction.objects.filter(
        version=version, provenance=Provenance.OPENING, kind=TransactionKind.COMMITMENT
    )


def balances_of_openings(programs: Iterable[Program], years: Iterable[int]) -> QuerySet[Balance]:
    """What is drawn of the opening commitments of all batches: where a refund can go back to."""
    rows = Balance.objects.filter(
        transaction__provenance=Provenance.OPENING,
        transaction__program__in=list(programs),
        transaction__fiscal_year__in=list(years),
    )
    return rows.select_related("transaction").order_by("pk")
