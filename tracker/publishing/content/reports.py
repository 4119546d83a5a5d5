"""A report as it is frozen: its words, the standing of indicators at the end of its period, the released findings."""

from collections.abc import Iterator
from datetime import date

from tracker.publishing.content import results
from tracker.publishing.content.cells import Row, Withheld, cells_of
from tracker.publishing.models import PublishedFinding, Report


def rows(report: Report, withheld: Withheld, day: date) -> Iterator[Row]:
    """`day`: as of which day the report stands."""
    yield _report(report, day)
    yield from results.report_rows(report.program, report.period_end, withheld)
    yield from _findings(report)


def _report(report: Report, day: date) -> Row:
    """Sections in which nothing is written are left out."""
    sections = report.sections.order_by("position", "pk")
    cells = cells_of(
        title=report.title,
        kind=report.kind,
        period_start=report.period_start,
        period_end=report.period_end,
        sections=[{"heading": s.heading, "body": s.body} for s in sections if s.body.strip()],
        owner=report.program.owner.name,
        as_of=day,
    )
    return Row("report", report.uid, cells)


def _findings(report: Report) -> Iterator[Row]:
    """What the audit office has released about the program, with the states as it released them.

    A finding that it has not released is its own to publish, not the program's.
    """
    found = PublishedFinding.objects.filter(programs__program=report.program.uid)
    for finding in found.order_by("issued_on", "pk"):
        cells = cells_of(
            finding=finding.uid,
            title=finding.title,
            office=finding.office,
            severity=finding.severity,
            issued_on=finding.issued_on,
            recommendations=finding.recommendations,
            open_recommendations=finding.open_recommendations,
            as_of=finding.as_of,
        )
        yield Row("report_finding", finding.uid, cells)
