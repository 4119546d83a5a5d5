"""A report as it is frozen: its words with the figures of its release put in, what its sections show, the standing of
indicators at the end of its period, the released findings."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from tracker.publishing.content import results
from tracker.publishing.content.blocks import Annex, Block, image_block, shown_blocks, text_blocks
from tracker.publishing.content.cells import Cells, Row, Withheld, cells_of
from tracker.publishing.figures import Book, Figure, NoFigure
from tracker.publishing.models import (
    PublishedFinding,
    Release,
    Report,
    ReportSection,
    Shown,
)
from tracker.shared.errors import Refused

SOURCES = frozenset(
    {
        *("total", "report_total", "indicator", "report_indicator", "report_finding"),
        "withheld_summary",
    }
)


def facts(report: Report, withheld: Withheld) -> Iterator[Row]:
    """What a report tells beside the program's own rows."""
    yield from results.report_rows(report.program, report.period_end, withheld)
    yield from findings(report)


class Writing:
    """A report that is put together while the rows of its release pass by."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.book = Book()
        rows = report.sections.select_related("image").order_by("position", "pk")
        self.sections: Sequence[ReportSection] = list(rows)
        with_annex = any(section.shows == Shown.TRANSACTIONS for section in self.sections)
        self.annex = Annex(report.period_start, report.period_end) if with_annex else None

    def saw(self, row: Row) -> None:
        if row.kind in SOURCES:
            self.book.rows.setdefault(row.kind, []).append(row)
        elif row.kind == "transaction" and self.annex is not None:
            self.annex.add(row)

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            self.saw(row)
            yield row

    def images(self) -> list[tuple[str, str, int]]:
        """SHA-256, media type and size of each picture, once."""
        found = {s.image.sha256: s.image for s in self.sections if s.image is not None}
        return [(i.sha256, i.media, i.size) for _, i in sorted(found.items())]

    def row(self, figures_from: Release | None = None) -> Row:
        """The report itself, last of all: its figures are in the rows that came before it. Sections that say and show
        nothing are left out. Refused where a section names a figure that no row carries.

        `figures_from`: of an audit report, the program's release whose figures it states."""
        sections = [
            self._section(number, section)
            for number, section in enumerate(self.sections, start=1)
            if section.body.strip() or section.shows or section.image
        ]
        report = self.report
        cells = cells_of(
            title=report.title,
            kind=report.kind,
            period_start=report.period_start,
            period_end=report.period_end,
            sections=sections,
            owner=report.program.owner.name,
            as_of=_today(report),
        )
        return Row("report", report.uid, cells | self._of_office(figures_from))

    def _of_office(self, figures_from: Release | None) -> Cells:
        engagement = self.report.engagement
        if engagement is None:
            return {}
        return cells_of(
            office=engagement.office.name,
            engagement=engagement.uid,
            engagement_number=engagement.number,
            program=self.report.program.uid,
            figures_from=figures_from and figures_from.number,
        )

    def _section(self, number: int, section: ReportSection) -> dict[str, Any]:
        try:
            body, figures = self.book.fill(section.body)
            description, more = self.book.fill(section.description)
        except NoFigure as error:
            raise Refused(f"Section {number} (“{section.heading}”) {error}") from None
        blocks = text_blocks(body) + _figures_block([*figures, *more])
        blocks += shown_blocks(section.shows, description, self.book, self.annex)
        blocks += image_block(section)
        return {"heading": section.heading, "body": body, "blocks": blocks}


def _figures_block(figures: list[Figure]) -> list[Block]:
    """Each figure of a section once, with the row that it comes from."""
    told = {str(figure.token): figure.as_released() for figure in figures}
    return [{"kind": "figures", "figures": list(told.values())}] if told else []


def _today(report: Report) -> date:
    return report.program.owner.today()


def findings(report: Report) -> Iterator[Row]:
    """What audit offices have released about the program, with the states as they released them; in an audit report,
    what its own office has.

    A finding that they have not released is theirs to publish, not the program's.
    """
    found = PublishedFinding.objects.filter(programs__program=report.program.uid)
    if report.engagement is not None:
        found = found.filter(office_uid=report.engagement.office.uid)
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
