"""Reads about uploads: what the preview shows, and what posting needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from tracker.accounts.models import MembershipStatus, Organisation, Role, User
from tracker.journal.queries import Event, history_of
from tracker.ledger.models import (
    Balance,
    Provenance,
    Transaction,
    TransactionKind,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.money import Money
from tracker.uploads.models import RowState, Upload, UploadRow, UploadStatus
from tracker.uploads.reading.checking import Checker
from tracker.uploads.reading.files import FileForm
from tracker.uploads.reading.mapping import Mapping
from tracker.uploads.reading.mapping_file import mapping_from
from tracker.uploads.reading.tally import COVERED, Tally, Total, digest

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
    """Who answers for what is posted from this version."""
    return version.approvals.select_related("approver").order_by("pk")[0].approver


def organisations_for(user: User) -> QuerySet[Organisation]:
    """Where the person may upload files."""
    held = user.memberships.filter(
        status=MembershipStatus.ACTIVE, role=Role.OFFICER, organisation__isnull=False
    )
    return Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name", "pk")


# --- What stands in the way ------------------------------------------------


def posted_meanwhile(upload: Upload) -> int:
    """Rows that were new when the file was checked and are in the ledger now."""
    there = Transaction.objects.filter(import_key=OuterRef("import_key"))
    return upload.rows.filter(Exists(there), state=RowState.GOOD).count()


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


# --- What the page shows ---------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A control total as the preview shows it."""

    kind: str
    fiscal_year: int
    rows: int
    amount: Money


def _lines(totals: Iterable[Total], state: str) -> list[Line]:
    return [
        Line(TransactionKind(t.kind).label, t.fiscal_year, t.rows, t.amount)
        for t in totals
        if t.state == state
    ]


def control_totals(upload: Upload) -> dict[str, list[Line]]:
    """The sums per kind, currency and fiscal year: what would be posted, and what was posted before."""
    totals = tally_of(upload).totals()
    return {"new": _lines(totals, RowState.GOOD), "known": _lines(totals, RowState.KNOWN)}


def sums_by_kind(totals: Iterable[Total], state: str) -> list[tuple[str, int, Money]]:
    """One sum for each kind and currency: kind, rows, amount. Currencies are never added up."""
    found: dict[tuple[str, str], tuple[int, Money]] = {}
    for total in totals:
        if total.state == state:
            rows, amount = found.get((total.kind, total.currency), (0, Money(0, total.currency)))
            found[total.kind, total.currency] = (rows + total.rows, amount + total.amount)
    return [(kind, *found[kind, currency]) for kind, currency in sorted(found)]


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


def history(upload: Upload) -> list[Event]:
    return history_of(upload)


# --- What posting needs ----------------------------------------------------


def needed_openings(upload: Upload) -> dict[Slot, int]:
    """What the rows of this batch draw, by program, currency and fiscal year, in minor units."""
    rows = (
        upload.rows.filter(
            kind=TransactionKind.DISBURSEMENT, state__in=[RowState.GOOD, RowState.POSTED]
        )
        .order_by("program_code", "currency", "fiscal_year")
        .values_list("program_code", "currency", "fiscal_year")
        .annotate(total=Sum("amount"))
    )
    return {(code, currency, year): int(total) for code, currency, year, total in rows}


def openings_of(version: VoucherVersion) -> QuerySet[Transaction]:
    """The opening commitments that were posted with this batch."""
    return Transaction.objects.filter(
        version=version, provenance=Provenance.OPENING, kind=TransactionKind.COMMITMENT
    )


def drawn_openings(programs: Iterable[Program], years: Iterable[int]) -> QuerySet[Balance]:
    """Opening commitments of any batch from which something is drawn: where a refund can go back to."""
    return (
        Balance.objects.filter(
            Q(transaction__provenance=Provenance.OPENING),
            drawn__gt=0,
            transaction__program__in=list(programs),
            transaction__fiscal_year__in=list(years),
        )
        .select_related("transaction")
        .order_by("pk")
    )
