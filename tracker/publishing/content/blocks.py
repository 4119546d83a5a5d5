"""What a section of a report is made of: its words, the figures in them, a chart or table of the release, a picture.

Every block is plain data that HTML, PDF and JSON are made from: nothing is reckoned again when it is shown.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from tracker.publishing.content.cells import Cell, Row, is_withheld, value_of
from tracker.publishing.content.lines import Line, Total, hidden_rows, lines_of
from tracker.publishing.figures import Book
from tracker.publishing.models import ReportSection, Shown
from tracker.shared.errors import Refused
from tracker.shared.money import Money
from tracker.shared.wording import say_cell, say_words

Block = dict[str, Any]
MOST_ANNEX_ROWS = 6_000  # about 200 pages


def text_blocks(text: str) -> list[Block]:
    """One for each paragraph; an empty line parts two."""
    parts = text.replace("\r\n", "\n").split("\n\n")
    return [{"kind": "text", "text": part.strip()} for part in parts if part.strip()]


def image_block(section: ReportSection) -> list[Block]:
    image = section.image
    if image is None:
        return []
    told = {"sha256": image.sha256, "media": image.media}
    size = {"width": image.width, "height": image.height}
    return [{"kind": "image", **told, **size, "description": section.image_description}]


# --- Charts -----------------------------------------------------------------


def _totals(book: Book) -> list[Total]:
    """The public line is drawn from these very rows."""
    return [
        Total(
            row.cells["fiscal_year"]["value"],
            row.cells["kind"]["value"],
            _money(row.cells["amount"]),
            row.cells["withheld_rows"].get("value") or 0,
            row.cells.get("off", {}).get("value") or "",
            _money(row.cells.get("partly_withheld", {})),
        )
        for row in book.rows.get("total", [])
    ]


def _money(cell: Mapping[str, Any]) -> Money | None:
    found = cell.get("value")
    return Money(found["minor"], found["currency"]) if found else None


def _by_year(book: Book, description: str) -> list[Block]:
    totals = _totals(book)
    return _charts(totals, description, _chart_of_years)


def _line(book: Book, description: str) -> list[Block]:
    return _charts(_totals(book), description, _chart_of_line)


def _charts(
    totals: list[Total], description: str, draw: Callable[[Line, str], list[Block]]
) -> list[Block]:
    """One for each currency: they are never added up."""
    blocks = [block for line in lines_of(totals) for block in draw(line, description)]
    if not blocks:
        blocks = text_blocks("The release states no amount that could be drawn.")
    if hidden := hidden_rows(totals):
        are = "row is" if hidden == 1 else "rows are"
        text = f"{hidden:,} more {are} public without the amount, and not in these figures."
        blocks += text_blocks(text)
    return blocks


def _chart_of_years(line: Line, description: str) -> list[Block]:
    return [
        {
            "kind": "chart",
            "title": f"Disbursed by fiscal year, {line.currency}",
            "description": description,
            "unit": line.currency,
            "columns": ["Fiscal year", "Disbursed"],
            "rows": [[year["label"], _amount(year["value"])] for year in line.by_year],
        }
    ]


def _chart_of_line(line: Line, description: str) -> list[Block]:
    chart = {
        "kind": "chart",
        "title": line.label,
        "description": description,
        "unit": line.currency,
        "columns": ["Stage", "Amount"],
        "rows": [[stage["label"], _amount(stage["amount"])] for stage in line.stages],
    }
    stuck = [stage["gap_text"] for stage in line.stages if stage["gap_text"]]
    said = [line.description, *(f"{gap[:1].upper()}{gap[1:]}." for gap in stuck), *line.notes]
    return [chart, *text_blocks(" ".join(said))]


def _amount(money: Money | None) -> Block:
    """A stage or a year that nobody stated is no nought."""
    if money is None:
        return {"minor": None, "text": "not stated"}
    return {"minor": money.minor, "text": str(money)}


# --- Tables -----------------------------------------------------------------


def _table(caption: str, columns: list[str], rows: Iterable[list[str]]) -> list[Block]:
    told = {"caption": caption, "columns": columns, "rows": list(rows), "head_column": True}
    return [{"kind": "table", **told}]


def _indicators(book: Book, description: str) -> list[Block]:
    rows = [
        [
            say_words(row.cells["title"]),
            say_words(row.cells["unit"]),
            *(say_cell(row.cells[name]) for name in ("baseline", "target", "actual")),
            say_cell(row.cells["measured_on"]),
            say_cell(row.cells["achievement"])
            + (" %" if row.cells["achievement"]["state"] == "stated" else ""),
        ]
        for row in book.indicators()
    ]
    if not rows:
        return text_blocks("No indicator is in this release.")
    columns = ["Indicator", "Unit", "Baseline", "Target", "Actual", "Measured on", "Of the way"]
    return _table(description or "Indicators", columns, rows)


def _findings(book: Book, description: str) -> list[Block]:
    rows = [
        [
            say_words(row.cells["title"]),
            say_words(row.cells["office"]),
            say_words(row.cells["severity"]),
            say_cell(row.cells["issued_on"]),
            f"{say_cell(row.cells['open_recommendations'])} of {say_cell(row.cells['recommendations'])}",
            say_cell(row.cells["as_of"]),
        ]
        for row in book.rows.get("report_finding", [])
    ]
    if not rows:
        return text_blocks("The audit office had released no finding about the program.")
    columns = ["Finding", "Audit office", "Severity", "Issued", "Recommendations open", "As of"]
    return _table(description or "What auditors found", columns, rows)


# --- The annex --------------------------------------------------------------


class Annex:
    """Every payment of the period, kept while transactions pass by; refused when there are too many to be read."""

    def __init__(self, start: date, end: date) -> None:
        self.start, self.end = start.isoformat(), end.isoformat()
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """A payment whose day is withheld is in, whether it was in the period or not: leaving it out would tell."""
        day = row.cells["value_date"]
        if not is_withheld(day) and not self.start <= (value_of(day) or "") <= self.end:
            return
        self.rows.append(row)
        if len(self.rows) > MOST_ANNEX_ROWS:
            raise Refused(
                f"The annex has more than {MOST_ANNEX_ROWS:,} payments, about 200 pages that nobody reads: take it out "
                "of the report. They are published as CSV with every release, and the report can say so."
            )

    def blocks(self, description: str) -> list[Block]:
        if not self.rows:
            return text_blocks("No payment is in the period of this report.")
        hidden = sum(is_withheld(row.cells["value_date"]) for row in self.rows)
        beside = (
            f" Also the {hidden:,} whose day is withheld, in the period or not." if hidden else ""
        )
        caption = (
            description or f"Every transaction of the period, in the order of posting.{beside}"
        )
        columns = ["Day", "What", "What for", "Paid to", "Amount", "Journal entry"]
        return _table(caption, columns, map(self._line, self.rows))

    @staticmethod
    def _line(row: Row) -> list[str]:
        cells: Mapping[str, Cell] = row.cells
        kind = str(value_of(cells["kind"])).replace("_", "-")
        kind = f"reversal of a {kind}" if value_of(cells["reverses"]) else kind
        kind += ", reversed" if value_of(cells["reversed"]) else ""
        texts = [say_words(cells[name]) for name in ("description", "payee")]
        worth = cells.get("worth") or cells["amount"]
        return [
            say_cell(cells["value_date"]),
            kind,
            *texts,
            say_cell(worth),
            say_words(cells["entry"]),
        ]


_MAKERS: Mapping[str, Callable[[Book, str], list[Block]]] = {
    Shown.BY_YEAR: _by_year,
    Shown.LINE: _line,
    Shown.INDICATORS: _indicators,
    Shown.FINDINGS: _findings,
}


def shown_blocks(shows: str, description: str, book: Book, annex: Annex | None) -> list[Block]:
    """What a section shows below its words."""
    if shows == Shown.TRANSACTIONS:
        return annex.blocks(description) if annex else []
    return _MAKERS[shows](book, description) if shows else []
