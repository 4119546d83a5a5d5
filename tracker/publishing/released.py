"""What is public, read from the release tables alone. Public pages import this module and nothing else of the room.

A released row is `ReleasedRow(kind, subject, cells)`. `subject` is the identifier of the record itself (a transaction,
an indicator, a finding), or of its program where the record has none (participants, totals). `cells` maps a field's
name to a cell: {"state": "stated", "value": …}, {"state": "not_stated"}, or {"state": "withheld", "category",
"reason", "legal_basis", "review_on", "decided_by"}, where something may be said instead with a "stand_in"
(`standins.py`). `content/` says which fields each kind has.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from tracker.ledger.queries import halves, whole
from tracker.publishing.models import (
    PublishedEngagement,
    PublishedFinding,
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleasedEntry,
    ReleasedFile,
    ReleasedRow,
    ReleaseItem,
    Stream,
    UnpublishedCount,
)
from tracker.shared.money import Money

Cell = dict[str, Any]
NOT_STATED: Cell = {"state": "not_stated"}
KEPT_HERE = "operational"  # its totals are never mixed with documented or illustrative ones
TRANSACTION = "transaction"
WITHHELD = "withheld"


# --- Cells -----------------------------------------------------------------


def cell(row: ReleasedRow, name: str) -> Cell:
    """A field of a row; *not stated* for a row that was released before the field existed."""
    return row.cells.get(name, NOT_STATED)


def value(row: ReleasedRow, name: str) -> Any:
    """The stated value, or None where it is not stated or withheld."""
    found = cell(row, name)
    return found["value"] if found["state"] == "stated" else None


def money(row: ReleasedRow, name: str) -> Money | None:
    """A stated amount."""
    found = value(row, name)
    return None if found is None else Money(found["minor"], found["currency"])


# --- Rows ------------------------------------------------------------------


def rows(release: Release, kind: str) -> QuerySet[ReleasedRow]:
    """The rows of one kind, in the order of the release: filter, sort and page it as any queryset.

    Cells are searched as JSON: `.filter(cells__payee__value__icontains=…)`, `.order_by("cells__value_date__value")`.
    A withheld cell has no `value`, so that no search and no order tells anything about it. `proven`: the row's journal
    entry is public with it.
    """
    found = ReleasedRow.objects.filter(items__release=release, items__kind=kind)
    proven = Exists(ReleasedEntry.objects.filter(row=OuterRef("pk")))
    found = found.annotate(position=F("items__position"), proven=proven)
    return found.order_by("position", "pk")


def rows_by_kind(release: Release, *, without: Iterable[str] = ()) -> dict[str, list[ReleasedRow]]:
    """All rows of a release by kind, in one query. Leave out `transaction`: there may be millions."""
    items = ReleaseItem.objects.filter(release=release).exclude(kind__in=list(without))
    found: dict[str, list[ReleasedRow]] = {}
    for item in items.select_related("row").order_by("kind", "position"):
        found.setdefault(item.kind, []).append(item.row)
    return found


def withheld_cells(release: Release) -> QuerySet[ReleasedRow]:
    """The rows of a release in which something is withheld (kind `withheld`): each names the record's kind, its field,
    category, reason, legal basis, review date and deciding office, and `subject` is the record."""
    return rows(release, WITHHELD)


def withheld_rules(release: Release) -> list[ReleasedRow]:
    """The rules by which a release withholds a field of every record of a kind, each with the fields that it covers."""
    return list(rows(release, "withheld_rule"))


def delay_of(release: Release) -> dict[str, Any] | None:
    """For how many days the release holds payments back, and why; None where it holds none back. One query."""
    row = rows(release, "program").first()
    return None if row is None else value(row, "delay")


# --- Programs --------------------------------------------------------------


def programs() -> QuerySet[PublishedProgram]:
    """Every public program with its newest release: search `words`, filter by nature, kind_of_aid, status."""
    return PublishedProgram.objects.select_related("release")


def search(rows: QuerySet[Any], asked: str) -> QuerySet[Any]:
    """Rows whose words contain every word asked for. For programs, reports and findings alike."""
    for word in asked.split():
        rows = rows.filter(words__icontains=word)
    return rows


def current_program(uid: UUID) -> PublishedProgram | None:
    return programs().filter(uid=uid).first()


@dataclass(frozen=True)
class ProgramPage:
    """A public program as its newest release states it. Transactions are read by page: `rows(release, "transaction")`."""

    program: PublishedProgram
    release: Release
    cells: Mapping[str, Cell]
    by_kind: Mapping[str, list[ReleasedRow]]
    transactions: int
    reports: list[PublishedReport]
    findings: list[PublishedFinding]

    def of(self, kind: str) -> list[ReleasedRow]:
        """participant, objective, indicator, measurement, target, figure, emergencies, certification, total,
        withheld_summary."""
        return list(self.by_kind.get(kind, []))


def program_page(uid: UUID) -> ProgramPage | None:
    """One public program, in five queries; None for one that is not public or does not exist."""
    program = current_program(uid)
    if program is None:
        return None
    by_kind = rows_by_kind(program.release, without=[TRANSACTION, WITHHELD])
    return ProgramPage(
        program=program,
        release=program.release,
        cells=by_kind["program"][0].cells,
        by_kind=by_kind,
        transactions=ReleaseItem.objects.filter(release=program.release, kind=TRANSACTION).count(),
        reports=list(reports().filter(program=program).order_by("-period_end", "-pk")),
        findings=list(findings_of(uid).order_by("-issued_on", "-pk")),
    )


def releases_of(uid: UUID, stream: str = Stream.PROGRAM) -> QuerySet[Release]:
    """Every release of a program or a finding that is public, the newest first. `history` has those that were taken back."""
    return Release.objects.filter(stream=stream, subject=uid).public().order_by("-number")


# --- Reports ---------------------------------------------------------------


def reports() -> QuerySet[PublishedReport]:
    return PublishedReport.objects.select_related("release", "program", "superseded_by")


@dataclass(frozen=True)
class ReportPage:
    """A published report, as it was frozen: its own rows, and the program's row of the same release."""

    report: PublishedReport
    release: Release
    cells: Mapping[str, Cell]
    program: Mapping[str, Cell]
    totals: list[ReleasedRow]
    indicators: list[ReleasedRow]
    findings: list[ReleasedRow]
    supersedes: list[PublishedReport]
    about: UUID  # the program
    files: list[ReleasedFile] = field(default_factory=list)


def report_page(uid: UUID) -> ReportPage | None:
    report = reports().filter(uid=uid).first()
    if report is None:
        return None
    found = {
        kind: list(rows(report.release, kind))
        for kind in ("report", "program", "report_total", "report_indicator", "report_finding")
    }
    return ReportPage(
        report=report,
        release=report.release,
        cells=found["report"][0].cells,
        program=found["program"][0].cells,
        totals=found["report_total"],
        indicators=found["report_indicator"],
        findings=found["report_finding"],
        supersedes=list(PublishedReport.objects.filter(superseded_by=report).order_by("pk")),
        about=found["program"][0].subject,
        files=list(report.release.files.filter(name__startswith="report.").order_by("-name")),
    )


# --- Findings --------------------------------------------------------------


def findings() -> QuerySet[PublishedFinding]:
    return PublishedFinding.objects.select_related("release")


def findings_of(program: UUID) -> QuerySet[PublishedFinding]:
    """The released findings that concern a program."""
    return findings().filter(programs__program=program)


@dataclass(frozen=True)
class FindingPage:
    """A released finding with its recommendations, as of its newest release."""

    finding: PublishedFinding
    release: Release
    cells: Mapping[str, Cell]
    recommendations: list[ReleasedRow]
    withheld: list[ReleasedRow]
    programs: list[PublishedProgram]
    unpublished_programs: int
    payments: Mapping[str, ReleasedRow] = field(default_factory=dict)
    engagement_public: bool = False
    repeats_public: bool = False


def finding_page(uid: UUID) -> FindingPage | None:
    """One released finding; `payments` holds the public rows of its payments by identifier (not all need be public)."""
    finding = findings().filter(uid=uid).first()
    if finding is None:
        return None
    by_kind = rows_by_kind(finding.release)
    cells = by_kind["finding"][0].cells
    concerned = list(finding.programs.values_list("program", flat=True))
    public = list(programs().filter(uid__in=concerned).order_by("title", "pk"))
    return FindingPage(
        finding=finding,
        release=finding.release,
        cells=cells,
        recommendations=by_kind.get("recommendation", []),
        withheld=by_kind.get(WITHHELD, []),
        programs=public,
        unpublished_programs=len(concerned) - len(public),
        payments=_public_payments(cells.get("payments", NOT_STATED)),
        engagement_public=is_public_engagement(finding.engagement_uid),
        repeats_public=_repeats_public(cells),
    )


def _repeats_public(cells: Mapping[str, Cell]) -> bool:
    earlier = cells.get("repeats", NOT_STATED).get("value")
    return findings().filter(uid__in=[earlier] if earlier else []).exists()


def is_public_engagement(engagement: UUID | str | None) -> bool:
    """None for a release from before findings named their engagement."""
    named = [engagement] if engagement else []
    return PublishedEngagement.objects.filter(uid__in=named).exists()


def _public_payments(payments: Cell) -> dict[str, ReleasedRow]:
    """The transactions' rows in their programs' newest releases."""
    named = payments.get("value") or []
    current = PublishedProgram.objects.filter(uid__in=[p["program"] for p in named])
    found = ReleasedRow.objects.filter(
        kind=TRANSACTION,
        subject__in=[p["uid"] for p in named],
        items__release__in=current.values("release"),
    )
    return {str(row.subject): row for row in found.distinct()}


# --- Proofs and files ------------------------------------------------------


def _current() -> Q:
    """In the newest release of a public program, finding or engagement."""
    held = Q()
    for published in (PublishedProgram, PublishedFinding, PublishedEngagement):
        held |= Q(row__items__release__in=published._base_manager.values("release"))
    return held


def entry_of(record: UUID) -> ReleasedEntry | None:
    """The journal entry behind a record as it is public today. One query, whether there is one or not."""
    found = ReleasedEntry.objects.filter(_current(), row__subject=record)
    return found.select_related("row").order_by("-pk").first()


def file_of(release: Release, name: str) -> ReleasedFile | None:
    """A file of a public release, with the release's own journal entry."""
    public = Release.objects.public()
    found = ReleasedFile.objects.filter(release=release, name=name, release__in=public)
    return found.select_related("release__own_entry").first()


def file_with(sha256: str) -> ReleasedFile | None:
    """The file with these bytes in a public release, the newest first."""
    public = Release.objects.public().values("pk")
    found = ReleasedFile.objects.filter(sha256=sha256, release__in=public)
    return found.select_related("release__own_entry").order_by("-pk").first()


def picture(sha256: str) -> ReleasedFile | None:
    """A picture with this digest that a public report carries; one that no report carries any more is not public."""
    carried = PublishedReport.objects.filter(release__in=Release.objects.public())
    found = ReleasedFile.objects.filter(sha256=sha256, name__startswith="image-")
    return found.filter(release__in=carried.values("release")).order_by("-pk").first()


def transactions(release: Release) -> Iterator[tuple[UUID, Mapping[str, Cell]]]:
    """Every transaction of a release, in its order, read in chunks."""
    found = rows(release, TRANSACTION).values_list("subject", "cells")
    return found.iterator(chunk_size=2000)


def frozen_rows(
    release: Release, kinds: Iterable[str]
) -> dict[str, list[tuple[UUID, Mapping[str, Cell]]]]:
    """Subject and cells of the rows of some kinds, in the order of the release."""
    items = ReleaseItem.objects.filter(release=release, kind__in=list(kinds))
    found: dict[str, list[tuple[UUID, Mapping[str, Cell]]]] = {}
    for item in items.select_related("row").order_by("kind", "position"):
        found.setdefault(item.kind, []).append((item.row.subject, item.row.cells))
    return found


# --- Overview --------------------------------------------------------------


@dataclass(frozen=True)
class Total:
    """What public programs of one nature state for one kind of transaction in one currency.

    `withheld_rows` transactions more are public without their amount: the sum does not contain them. `off`, where
    totals are by what they came off: the kind that a refund or a write-off takes from.
    """

    nature: str
    kind: str
    amount: Money
    rows: int
    withheld_rows: int
    fiscal_year: int | None = None
    off: str = ""
    partly_withheld: Money | None = None


@dataclass(frozen=True)
class Hidden:
    """Public transactions of one nature and kind without their amount; and what they come to, where that is said."""

    nature: str
    kind: str
    rows: int
    amount: Money | None


@dataclass(frozen=True)
class Overview:
    """The figures of the front page. Totals of different natures and currencies stand apart and are never added up."""

    programs: Mapping[str, int]
    totals: list[Total]
    by_year: list[Total]
    hidden: list[Hidden]
    fields_withheld: int
    reports: int
    findings: int
    open_recommendations: int
    unpublished: list[UnpublishedCount]
    as_of: date | None
    journal_size: int

    def of(self, nature: str = KEPT_HERE) -> list[Total]:
        return [total for total in self.totals if total.nature == nature]

    @property
    def amounts_withheld(self) -> Mapping[tuple[str, str], int]:
        """How many public transactions do not state their amount, by nature and kind."""
        counts: Counter[tuple[str, str]] = Counter()
        for one in self.hidden:
            counts[one.nature, one.kind] += one.rows
        return counts

    @property
    def programs_unpublished(self) -> int:
        return sum(count.programs for count in self.unpublished)


def overview() -> Overview:
    """Seven queries, however much is public."""
    by_nature = PublishedProgram.objects.order_by().values("nature").annotate(n=Count("pk"))
    newest = PublishedProgram.objects.aggregate(
        data=Max("release__data_until"),
        size=Max("release__journal_size"),
        withheld=Sum("fields_withheld"),
    )
    audit = PublishedFinding.objects.aggregate(n=Count("pk"), open=Sum("open_recommendations"))
    return Overview(
        programs={row["nature"]: row["n"] for row in by_nature},
        totals=_totals(),
        by_year=_totals("fiscal_year", "off"),
        hidden=_hidden(),
        fields_withheld=newest["withheld"] or 0,
        reports=PublishedReport.objects.filter(superseded_by=None).count(),
        findings=audit["n"],
        open_recommendations=audit["open"] or 0,
        unpublished=list(UnpublishedCount.objects.order_by("category", "pk")),
        as_of=newest["data"],
        journal_size=newest["size"] or 0,
    )


def _totals(*by: str) -> list[Total]:
    grouped = (
        PublishedTotal.objects.filter(amount__isnull=False)
        .values(*by, "kind", "currency", nature=F("program__nature"))
        .annotate(
            **halves(F("amount")),
            **halves(F("partly_withheld"), "partly_"),
            n=Sum("rows"),
            withheld=Sum("withheld_rows"),
        )
        .order_by(*by, "nature", "kind", "currency")
    )
    return [
        Total(
            nature=row["nature"],
            kind=row["kind"],
            amount=Money(whole(row), row["currency"]),
            rows=row["n"],
            withheld_rows=row["withheld"],
            fiscal_year=row.get("fiscal_year"),
            off=row.get("off", ""),
            partly_withheld=Money(partly, row["currency"])
            if (partly := whole(row, "partly_"))
            else None,
        )
        for row in grouped
    ]


# Of a place that does not say what its hidden rows come to, the currency is nobody's business.
_SAID = Case(
    When(withheld_amount=None, then=Value("")), default=F("currency"), output_field=CharField()
)


def _hidden() -> list[Hidden]:
    """Rows without their amount. Places of which the sum is said stand apart from those of which it is not."""
    grouped = (
        PublishedTotal.objects.filter(Q(withheld_rows__gt=0))
        .annotate(said=_SAID)
        .values("kind", "said", nature=F("program__nature"))
        .annotate(n=Sum("withheld_rows"), **halves(F("withheld_amount")))
        .order_by("nature", "kind", "said")
    )
    return [
        Hidden(
            nature=row["nature"],
            kind=row["kind"],
            rows=row["n"],
            amount=Money(whole(row), row["said"]) if row["said"] else None,
        )
        for row in grouped
    ]
