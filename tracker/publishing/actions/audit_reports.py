"""An audit report is its office's own to publish. Nobody of the program has a hand in it."""

from collections import deque
from uuid import UUID

from django.db import transaction

from tracker.accounts.models import User
from tracker.publishing import policies
from tracker.publishing.actions import pointers
from tracker.publishing.actions.printing import print_report
from tracker.publishing.actions.releases import freeze_report, gather, store
from tracker.publishing.actions.storing import Manifest
from tracker.publishing.content import audit_reports, files
from tracker.publishing.content.cells import Cells, Row
from tracker.publishing.content.reports import Writing
from tracker.publishing.models import PublishedProgram, Release, Report, Stream
from tracker.publishing.queries import check_is_what_was_accepted
from tracker.shared.errors import Refused


def figures_of(report: Report) -> Release:
    """The program's newest public release: an audit report states its figures, and no others."""
    found = PublishedProgram.objects.filter(uid=report.program.uid).select_related("release")
    program = found.filter(release__in=Release.objects.public()).first()
    if program is None:
        raise Refused(
            f"{report.program} is not public: an audit report takes its figures from a public release of the program, "
            "and there is none yet."
        )
    return program.release


@transaction.atomic
def publish_audit_report(*, report: Report, by: User) -> Release:
    """Publish a reviewed audit report as a release of its office. The author and the publisher are the two persons.

    Refused while the program has no public release, and where a section names a figure that this release does not have.
    """
    report = Report.objects.select_for_update().get(pk=report.pk)
    policies.check_can_publish_audit_report(by, report)
    check_is_what_was_accepted(report)
    assert report.engagement is not None
    writing, manifest = Writing(report), Manifest()
    figures = figures_of(report)
    rows = list(audit_reports.rows(writing, figures))
    manifest.add(rows)
    told: dict[str, list[tuple[UUID, Cells]]] = {}
    for row in rows:
        if row.kind in files.REPORT_KINDS:
            told.setdefault(row.kind, []).append((row.subject, row.cells))

    def offered(release: Release) -> list[files.FileSaid]:
        raw = files.report_bytes(report.uid, files.release_of(release), told)
        said = files.Digest(raw).said(files.REPORT)
        printed = print_report(told, audit_reports.gaps(figures), release)
        return [said, *printed, *files.images_said(writing.images())]

    today = report.engagement.office.today()
    release = store(
        Stream.AUDIT, report.uid, manifest, today, by=by, report=report, files_of=offered
    )
    freeze_report(report, release, by)
    pointers.one_at_a_time(report.program.uid)
    pointers.repoint_reports(report.program.uid)
    return release


def report_as_public(report: Report) -> Row:
    """The row in which a release made now would freeze the report. Nothing is written."""
    if report.engagement is not None:
        *_, row = audit_reports.rows(Writing(report), figures_of(report))
        return row
    passing = gather(report.program, report).rows()
    (row,) = deque(passing, maxlen=1)  # they pass by and are not kept; the report is the last
    return row
