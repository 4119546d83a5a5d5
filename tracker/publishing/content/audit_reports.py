"""An audit report as its office releases it. Its figures are those of the program's newest public release, row by row;
nothing of the ledger is read."""

from collections import Counter
from collections.abc import Iterable, Iterator

from tracker.publishing.content import reports
from tracker.publishing.content.blocks import Annex
from tracker.publishing.content.cells import Cells, Row, kept_from_sums, value_of
from tracker.publishing.content.document import Gap, gaps_in
from tracker.publishing.content.money import Counted, PeriodTally
from tracker.publishing.models import Release, ReleaseItem, Report
from tracker.shared.money import Money

COPIED = ("program", "total", "indicator", "withheld_summary")


def rows(writing: reports.Writing, of: Release) -> Iterator[Row]:
    """`of` is the public release that the figures come from: rows that it has, and what is reckoned from them."""
    report = writing.report
    yield from writing.watch(_released(of, report, writing.annex))
    yield from writing.watch(reports.findings(report))
    yield writing.row(figures_from=of)


def copied(of: Release) -> Iterator[Row]:
    """The rows of the program's release that an audit report states again."""
    return _rows(of, *COPIED)


def gaps(of: Release) -> Counter[Gap]:
    """What that release withholds, with how often: what the audit report cannot state either."""
    return gaps_in((row.subject, row.cells) for row in _rows(of, "withheld"))


def _released(of: Release, report: Report, annex: Annex | None) -> Iterator[Row]:
    yield from copied(of)
    period = PeriodTally(report.period_start, report.period_end)
    for row in _rows(of, "transaction"):
        period.add(row, Counted(_worth(row.cells)))
        if annex is not None:
            annex.add(row)
    yield from period.release_rows(report, _Sums(_rows(of, "total")))


class _Sums:
    """What the release says that rows without their amount come to."""

    def __init__(self, totals: Iterable[Row]) -> None:
        self.hiding = [row.cells for row in totals if value_of(row.cells["withheld_rows"])]

    def withheld_of(self, kind: str) -> Money | None:
        """None where it is not said of all of them, in one currency."""
        mine = [cells for cells in self.hiding if value_of(cells["kind"]) == kind]
        said = [amount for cells in mine if (amount := _money(cells, "withheld_amount"))]
        if len(said) < len(mine) or len({amount.currency for amount in said}) != 1:
            return None
        return sum(said[1:], said[0])


def _rows(of: Release, *kinds: str) -> Iterator[Row]:
    items = ReleaseItem.objects.filter(release=of, kind__in=kinds).order_by("kind", "position")
    columns = ("kind", "row__subject", "row__cells")
    for kind, subject, cells in items.values_list(*columns).iterator(chunk_size=2000):
        yield Row(kind, subject, cells)


def _worth(cells: Cells) -> Money | None:
    """What the row counts as, as far as it is public; where that is withheld, any amount: it is only counted."""
    if kept_from_sums(cells) is not None:
        return Money(0, "XXX")
    counts = _money(cells, "worth") or _money(cells, "amount")
    excess = None if _money(cells, "worth") else _money(cells, "excess")
    return counts - excess if counts is not None and excess is not None else counts


def _money(cells: Cells, name: str) -> Money | None:
    found = value_of(cells.get(name, {}))
    return Money(found["minor"], found["currency"]) if found else None
