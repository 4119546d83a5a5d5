"""The illustrative program's annual report: figures named in its words, charts, a picture, and comments that were settled."""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile

from tracker.demo.people import Cast
from tracker.programs.models import Program
from tracker.publishing import actions as publishing
from tracker.publishing import queries
from tracker.publishing.models import Report, ReportImage, ReportKind, Shown
from tracker.publishing.queries import Section


def annual(cast: Cast, program: Program) -> Report:
    """Drafted, commented on, changed, reviewed and published. Every figure in it is bound to its release."""
    report = publishing.draft_report(
        program=program,
        kind=ReportKind.ANNUAL,
        title="Annual report 2025 (illustrative)",
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
        sections=[Section("Summary", "The first teams are certified.")],
        by=cast.officer,
    )
    image = publishing.add_image(report=report, file=_picture(), by=cast.officer)
    _write(report, _sections(image)[:-1], cast)
    publishing.submit_report(report=report, by=cast.officer)
    _discuss(report, cast)
    publishing.return_report(
        report=report, reason="Add the annex of payments, as you promised.", by=cast.approver
    )
    _write(report, _sections(image), cast)
    publishing.submit_report(report=report, by=cast.officer)
    publishing.accept_report(report=report, by=cast.approver)
    prepared = publishing.prepare_release(program=program, report=report, by=cast.second_disclosure)
    publishing.release_prepared(preparation=prepared, by=cast.disclosure)
    return report


def _write(report: Report, sections: list[Section], cast: Cast) -> None:
    report.refresh_from_db()
    publishing.edit_report(
        report=report,
        title=report.title,
        period_start=report.period_start,
        period_end=report.period_end,
        sections=sections,
        seen=queries.content_hash(report),
        by=cast.officer,
    )


def _discuss(report: Report, cast: Cast) -> None:
    """One comment that is followed, one that is not."""
    for number, body, followed, note in (
        (1, "List the payments themselves, not only their sums.", True, "An annex lists them."),
        (
            2,
            "Name the hospital.",
            False,
            "Its place is withheld; the reason stands in the release.",
        ),
    ):
        section = queries.written_sections(report)[number]
        comment = publishing.comment_on_section(
            report=report,
            heading=section.heading,
            seen=section.digest,
            body=body,
            by=cast.approver,
        )
        publishing.settle_comment(comment=comment, followed=followed, note=note, by=cast.officer)


def _sections(image: ReportImage) -> list[Section]:
    return [
        Section(
            "Summary",
            "The first teams are certified. In this year {{ period disbursement USD }} was paid; the program began with "
            "promises of {{ opening pledge USD }}.\n\nThe vehicles arrived late, and their receipts are being audited. "
            "{{ withheld fields }} fields of the release are withheld, each with its reason.",
            image=image,
            image_description="A drawing of the way of a wounded person: field, aid post, hospital.",
        ),
        Section(
            "Where the money is",
            "Of {{ total commitment USD }} that is committed, {{ total disbursement USD }} has been paid so far, and "
            "{{ total refund USD }} of it came back.",
            Shown.LINE,
            "Five bars from what was promised to what was used. More is committed than was promised; over half of it is "
            "paid, and little of what was received is reported as used.",
        ),
        Section(
            "Results",
            'The median time to surgery was {{ indicator "Median time to surgery" baseline }} when the program began; the '
            'target is {{ indicator "Median time to surgery" target }}.',
            Shown.INDICATORS,
            "Indicators as they stood at the end of 2025",
        ),
        Section(
            "From year to year",
            "Payments by fiscal year, as the release has them.",
            Shown.BY_YEAR,
            "One column for each fiscal year with what was paid in it, less what came back.",
        ),
        Section(
            "What auditors found",
            "Auditors have released {{ findings all }} findings. {{ recommendations open }} of their "
            "{{ recommendations all }} recommendations are still open.",
            Shown.FINDINGS,
            "Findings, as the audit office released them",
        ),
        Section("Annex: every payment", "", Shown.TRANSACTIONS, "Every transaction of 2025"),
    ]


def _picture() -> ContentFile:
    """Three stations and the way between them, drawn for this: no photograph stands behind it."""
    path = Path(settings.BASE_DIR) / "fixtures" / "illustrative" / "way.png"
    return ContentFile(path.read_bytes(), name=path.name)
