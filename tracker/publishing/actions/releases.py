"""What a release of a program holds, and freezing it."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.journal.queries import size as journal_size
from tracker.programs.models import Program
from tracker.publishing.actions import reports as reports_of_staff
from tracker.publishing.actions.printing import print_report
from tracker.publishing.actions.storing import Manifest, keep_own_entry
from tracker.publishing.comparing import Place
from tracker.publishing.content import (
    certified,
    discrepancies,
    document,
    emergencies,
    files,
    money,
    programs,
    reports,
    results,
    valuation,
)
from tracker.publishing.content.cells import Cells, Row, Withheld
from tracker.publishing.content.summary import Summary
from tracker.publishing.models import (
    Release,
    Report,
    ReportStatus,
    StandingRelease,
    Stream,
    Withholding,
)
from tracker.publishing.sheet import books_of
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused


@dataclass
class Content:
    """What goes into a release of a program, gathered while it is written."""

    program: Program
    report: Report | None
    withheld: Withheld
    day: date
    summary: Summary = field(default_factory=Summary)
    tally: money.Tally = field(default_factory=money.Tally)
    small: list[Row] = field(default_factory=list)
    period: money.PeriodTally | None = None
    transactions: files.Digest = field(default_factory=lambda: files.Digest(files.HEAD_LINE))
    told: dict[str, list[tuple[UUID, Cells]]] = field(default_factory=dict)
    gaps: Counter[document.Gap] = field(default_factory=Counter)
    writing: reports.Writing | None = None

    def __post_init__(self) -> None:
        if self.report is not None:
            self.writing = reports.Writing(self.report, self.day)

    def rows(self) -> Iterator[Row]:
        """Every row, in the order of the manifest; the report last, which is written from those before it. Transactions
        pass by in chunks and are not kept."""
        if self.writing is None:
            yield from self._own_rows()
            return
        for row in self.writing.watch(self._own_rows()):
            self._tell(row)
            yield row
        row = self.writing.row()
        self._tell(row)
        yield row

    def _tell(self, row: Row) -> None:
        """Keep what the report's file is made from."""
        if row.kind in files.REPORT_KINDS:
            self.told.setdefault(row.kind, []).append((row.subject, row.cells))

    def _own_rows(self) -> Iterator[Row]:
        for row in self._told():
            self.summary.add(row)
            if row.kind == "transaction":
                self.transactions.add(files.transaction_line(row.subject, row.cells))
            yield row
        yield emergencies.row(self.program, self.withheld)
        yield from money.total_rows(self.program, self.tally)
        for row in self.summary.release_rows(self.program.uid):
            if row.kind == "withheld":
                self.gaps[document.gap_of(row.cells)] += 1
            yield row

    def files(self, release: Release) -> list[files.FileSaid]:
        """Name, SHA-256 and size of each file of the release, once all rows have passed by."""
        found = [self.transactions.said(files.TRANSACTIONS)]
        if self.report is not None:
            raw = files.report_bytes(self.report.uid, files.release_of(release), self.told)
            found.append(files.Digest(raw).said(files.REPORT))
            found += print_report(self.told, self.gaps, release)
        return found + (files.images_said(self.writing.images()) if self.writing else [])

    def _told(self) -> Iterator[Row]:
        self.small = [
            *programs.rows(self.program, self.withheld),
            *results.rows(self.program, self.withheld),
            *valuation.rows(self.program, self.withheld),
            *certified.rows(self.program, self.withheld),
        ]
        yield from self.small
        yield from self._transactions()
        yield from discrepancies.rows(self.program, self.withheld)
        if self.report is not None:
            yield from reports.facts(self.report, self.withheld)
            assert self.period is not None
            yield from self.period.release_rows(self.report, self.tally)

    def _transactions(self) -> Iterator[Row]:
        if self.report is not None:
            self.period = money.PeriodTally(self.report.period_start, self.report.period_end)
        for chunk in money.chunks(self.program, self.withheld):
            for row, counted in chunk:
                self.tally.add(row, counted)
                if counted.held_back:
                    continue
                if self.period is not None:
                    self.period.add(row, counted)
                yield row


def gather(program: Program, report: Report | None = None, day: date | None = None) -> Content:
    """The content of a release made now; `day` is the one that a report names, today without it."""
    in_force = Withholding.objects.in_force().filter(program=program)
    withheld = Withheld(in_force.select_related("program__owner"))
    summary = Summary(rules=list(withheld.rules.values()))
    tally = money.tally_for(program)
    return Content(program, report, withheld, day or program.owner.today(), summary, tally)


def locked(program: Program) -> Program:
    """FOR UPDATE: a posting that is under way is waited for, the next one waits, so that the numbers agree."""
    return (
        Program.objects.select_for_update(of=("self",)).select_related("owner").get(pk=program.pk)
    )


def check_reconciles(program: Program, tally: money.Tally) -> None:
    """The rows of the release, withheld amounts included, and those that a delay holds back come to exactly what the
    ledger's own books of aid say."""
    counted = {Place(*place): minor for place, minor in tally.ledger.items()}
    if books_of(program) != counted:
        raise Refused(
            "The transactions and the ledger's totals differ: nothing is published until the cause "
            "is found. Tell your administrator."
        )


def store(
    stream: str,
    subject: UUID,
    manifest: Manifest,
    day: date,
    *,
    by: User | None,
    report: Report | None = None,
    public_from: datetime | None = None,
    order: StandingRelease | None = None,
    files_of: Callable[[Release], list[files.FileSaid]] = lambda release: [],
) -> Release:
    """Freeze the manifest as the next release of its subject. Part of another action.

    Whether a program has changed, the action says: it may follow a release that nobody outside has seen.
    """
    last = Release.objects.filter(stream=stream, subject=subject).order_by("-number").first()
    if stream == Stream.AUDIT and last is not None and last.manifest == manifest.digest:
        raise Refused(nothing_changed(last))
    release = Release(
        stream=stream,
        subject=subject,
        number=last.number + 1 if last else 1,
        data_until=day,
        journal_size=journal_size(),
        manifest=manifest.digest,
        public_from=public_from,
    )
    names = ("stream", "subject", "number", "data_until", "journal_size", "manifest", "public_from")
    fields = {name: getattr(release, name) for name in names}
    offered = files_of(release)
    told = {"rows": len(manifest), "report": report, "files": offered, "order": order}
    release.entry_id = journal.record(
        "release", record=release, op="create", by=by, fields=fields | told
    )
    release.save()
    manifest.write_items(release)
    keep_own_entry(release, offered)
    return Release.objects.get(pk=release.pk)


def nothing_changed(last: Release) -> str:
    return f"Nothing has changed since release {last.number}: there is nothing to publish."


def freeze_report(report: Report, release: Release, by: User) -> None:
    """The report is frozen with its release, and its author is told. Part of another action."""
    report.status, report.release = ReportStatus.PUBLISHED, release
    report.changed_at = database_now()
    report.save(update_fields=["status", "release", "changed_at"])
    reports_of_staff.record(report, "publish", by)
    if report.drafted_by_id != by.pk:
        sentence = f"Published: the report “{report.title}”."[:300]
        path = reverse("publishing:report", args=[report.uid])
        notify(person=report.drafted_by, sentence=sentence, path=path)
