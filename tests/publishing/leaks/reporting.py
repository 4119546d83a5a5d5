"""Reports that say all that a report can say: every figure, chart and table, and a picture with a place in its file."""

from datetime import date

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.factories import publishing
from tests.factories import reports as make
from tests.publishing.leaks.marks import Marks
from tests.publishing.leaks.withholding import HIDES
from tracker.programs.models import Program
from tracker.publishing import actions as publish
from tracker.publishing import queries
from tracker.publishing.models import Report, Shown
from tracker.publishing.queries import Section

PERIOD = {"period_start": date(2019, 1, 1), "period_end": date(2024, 12, 31)}
TOLD = "All that a report can say"  # what the reader has to come across


def reports(marks: Marks) -> None:
    """On the program of which most is withheld: its own report, and one of its audit office."""
    program = Program.objects.get(title=HIDES)
    told = filled(make.make_report(program, title=TOLD, **PERIOD), marks)
    publish.submit_report(report=told, by=told.drafted_by)
    publish.accept_report(report=told, by=publishing.approver_of(program))
    publishing.publish_report(told)

    told = filled(make.make_audit_report(program, title=f"{TOLD}, of auditors", **PERIOD), marks)
    other = make.second_auditor(told)
    publish.submit_report(report=told, by=told.drafted_by)
    publish.accept_report(report=told, by=other)
    publish.publish_audit_report(report=told, by=other)


def filled(report: Report, marks: Marks) -> Report:
    """With every figure that its author is offered, everything that a section can show, and the picture."""
    image = make.add_image(report, photograph(marks, f"ReportImage of a report, {report.kind}"))
    offered = queries.available_figures(report)
    body = "\n".join(f"{figure.token.label}: {figure.token}" for figure in offered)
    shown = [
        make.chart(shows, heading=f"Shown: {shows.label}") for shows in Shown if shows.value != ""
    ]
    picture = Section("A picture", image=image, image_description="Tents in a row.")
    return publishing.edit(
        report, **PERIOD, title=report.title, sections=[Section("Figures", body), *shown, picture]
    )


def photograph(marks: Marks, where: str) -> bytes:
    """With camera, place and author in its file, and something behind its end."""

    def mark(part: str) -> str:
        return marks.word(f"{part}-{len(marks.words)}@example.org", f"{where}: {part}")

    exif, told = Image.Exif(), PngInfo()
    exif[0x0110] = mark("camera")
    exif.get_ifd(0x8825)[29] = mark("place")
    told.add_text("Author", mark("author"))
    return make.picture(exif=exif, pnginfo=told) + f"\n{mark('behind')}".encode()
