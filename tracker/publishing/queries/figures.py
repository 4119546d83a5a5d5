"""The figures that an author can name: what the release would state, as far as it can be said without making one."""

from collections.abc import Iterator

from tracker.ledger.models import Purpose, Turnover
from tracker.publishing.content import audit_reports, reports, results
from tracker.publishing.content.cells import Row, Withheld, cells_of
from tracker.publishing.figures import Book, Figure
from tracker.publishing.models import PublishedProgram, Report, Withholding
from tracker.publishing.queries.reports import period_figures
from tracker.shared.money import Money


def available_figures(report: Report) -> list[Figure]:
    """As they are now. Of a program: from the ledger, before what is withheld is taken out. Of an audit report: from
    the program's newest public release. A fixed number of queries."""
    if report.engagement is not None:
        return Book.of(_public_rows(report)).available()
    return Book.of(_ledger_rows(report)).available()


def _public_rows(report: Report) -> Iterator[Row]:
    public = PublishedProgram.objects.filter(uid=report.program.uid).select_related("release")
    program = public.first()
    if program is not None:
        yield from audit_reports.copied(program.release)
    yield from reports.findings(report)


def _ledger_rows(report: Report) -> Iterator[Row]:
    program = report.program
    for kind, currency, sums in _by_period(report):
        yield Row("report_total", report.uid, cells_of(kind=kind, currency=currency, **sums))
    books = Turnover.objects.filter(program=program, purpose=Purpose.AID)
    for book in books.order_by("kind", "currency", "-fiscal_year"):
        place = {"fiscal_year": book.fiscal_year, "kind": book.kind, "amount": book.amount}
        yield Row("total", program.uid, cells_of(**place, withheld_rows=0))
    in_force = Withheld(Withholding.objects.in_force().filter(program=program))
    yield from results.report_rows(program, report.period_end, in_force)
    yield from reports.findings(report)


def _by_period(report: Report) -> Iterator[tuple[str, str, dict[str, Money | int]]]:
    for figure in period_figures(report):
        sums = {"opening": figure.opening, "period": figure.period, "closing": figure.closing}
        yield figure.kind, figure.period.currency, {**sums, "withheld_rows": 0}
