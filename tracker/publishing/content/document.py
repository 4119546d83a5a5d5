"""A report as a document to be printed, made from the rows of its release alone: the same release, the same document."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from tracker.audits.models import Severity
from tracker.ledger.models import TransactionKind
from tracker.programs.models import Nature
from tracker.publishing.content.cells import Cell, Cells, is_withheld, value_of
from tracker.publishing.models import Category, Release, ReportKind
from tracker.results.models import Verification
from tracker.shared.instead import in_words
from tracker.shared.money import Money

Rows = Mapping[str, Sequence[tuple[UUID, Cells]]]
Gap = tuple[str, str, str, str]  # kind of record, field, category, reason
NOT_STATED = "not stated"
_SUBTITLES = {
    Nature.ILLUSTRATIVE: "An illustrative program: nothing of it happened.",
    Nature.DOCUMENTED: "Documented from the public record.",
}
_KINDS = {
    "program": ("the program", "programs"),
    "participant": ("1 organisation taking part", "organisations taking part"),
    "transaction": ("1 payment or commitment", "payments and commitments"),
    "figure": ("1 stated figure", "stated figures"),
    "discrepancy": ("1 discrepancy", "discrepancies"),
    "report_indicator": ("1 indicator of this report", "indicators of this report"),
}


def document_of(rows: Rows, gaps: Mapping[Gap, int], release: Release, site: str) -> dict[str, Any]:
    """`rows` are those of `files.REPORT_KINDS` by kind, `gaps` what the release withholds with how often."""
    (report, cells), *_ = rows["report"]
    (_, program), *_ = rows["program"]
    return {
        "title": value_of(cells["title"]),
        "subtitle": _SUBTITLES.get(value_of(program.get("nature", {})), ""),
        "program": said(program["title"]),
        "owner": said(cells.get("office") or cells["owner"]),  # an audit report is its office's
        "period": [value_of(cells["period_start"]), value_of(cells["period_end"])],
        "kind_label": ReportKind(value_of(cells["kind"])).label,
        "release": {
            "uid": str(release.uid),
            "number": release.number,
            "data_until": release.data_until.isoformat(),
            "journal_size": release.journal_size,
        },
        "published_on": release.data_until.isoformat(),
        "check_url": f"{site}/reports/{report}/",
        "sections": _sections(value_of(cells["sections"]) or [], rows),
        "withheld": list(_withheld(gaps)),
    }


def gap_of(cells: Cells) -> Gap:
    """What a row of kind `withheld` says, without the record that it says it of."""
    kind, field, category, reason = (
        value_of(cells[name]) for name in ("record_kind", "field", "category", "reason")
    )
    return kind, field, category, reason


def gaps_in(rows: Iterable[tuple[UUID, Cells]]) -> Counter[Gap]:
    return Counter(gap_of(cells) for _, cells in rows)


def pictures_of(document: Mapping[str, Any]) -> set[str]:
    """The SHA-256 of each picture that the document shows."""
    blocks = (block for section in document["sections"] for block in section.get("blocks", []))
    return {block["sha256"] for block in blocks if block["kind"] == "image"}


# --- Cells in words -------------------------------------------------------------------------------------------------


def said(cell: Cell) -> str:
    """A cell as it is printed: its value, *not stated*, or withheld with its stand-in or its category."""
    if is_withheld(cell):
        instead = in_words(cell.get("stand_in"))
        withheld = f"withheld: {_category(cell['category'])}"
        return f"{instead} ({withheld})" if instead else withheld
    value = value_of(cell)
    if value is None:
        return NOT_STATED
    if isinstance(value, Mapping) and "minor" in value:
        return str(Money(value["minor"], value["currency"]))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _number(cell: Cell) -> str:
    """128 rather than 128.000000."""
    value = value_of(cell)
    if value is None:
        return said(cell)
    number = Decimal(value)
    whole = number.to_integral_value()
    return f"{whole if number == whole else number.normalize():,f}"


def _label(cell: Cell, labels: Any) -> str:
    value = value_of(cell)
    return labels(value).label if value in labels.values else said(cell)


def _category(code: str) -> str:
    return Category(code).label if code in Category.values else code


# --- The figures that the system puts in ----------------------------------------------------------------------------


def _sections(written: list[dict[str, Any]], rows: Rows) -> list[dict[str, Any]]:
    """What was written, then the tables that the report's page has at its end, but for those that a section shows."""
    blocks = (block for section in written for block in section.get("blocks", []))
    shown = {block["columns"][0] for block in blocks if block["kind"] == "table"}
    own = [_section("The money in this period", _money(rows.get("report_total", [])))]
    if "Indicator" not in shown:
        own.append(_section("What was measured", _measured(rows.get("report_indicator", []))))
    if "Finding" not in shown:
        own.append(
            _section("What auditors had found by then", _found(rows.get("report_finding", [])))
        )
    return [*written, *own]


def _section(heading: str, block: dict[str, Any]) -> dict[str, Any]:
    return {"heading": heading, "body": "", "blocks": [block]}


def _table_or(nothing: str, caption: str, columns: list[str], lines: list[list[str]]) -> dict:
    if not lines:
        return {"kind": "text", "text": nothing}
    table = {"kind": "table", "caption": caption, "columns": columns, "rows": lines}
    return table | {"head_column": True}


def _money(rows: Sequence[tuple[UUID, Cells]]) -> dict[str, Any]:
    lines = [
        [
            _kind_and_gap(cells),
            *(said(cells[name]) for name in ("opening", "period", "closing")),
        ]
        for _, cells in rows
    ]
    return _table_or(
        "Not stated: no commitment and no payment is in this report.",
        "One kind of transaction in one currency each. Before and in the period make the amount at its end",
        ["Kind", "Before the period", "In the period", "At its end"],
        lines,
    )


def _kind_and_gap(cells: Cells) -> str:
    kind = _label(cells["kind"], TransactionKind)
    hidden = value_of(cells["withheld_rows"])
    if not hidden:
        return kind
    said_of = f"{kind}, without {hidden:,} row{'' if hidden == 1 else 's'} whose amount is withheld"
    lawful = cells.get("withheld_amount", {})
    return f"{said_of} ({said(lawful)} in all)" if value_of(lawful) else said_of


def _measured(rows: Sequence[tuple[UUID, Cells]]) -> dict[str, Any]:
    lines = [
        [
            f"{said(cells['title'])} ({said(cells['unit'])})",
            *(_number(cells[name]) for name in ("baseline", "target", "actual")),
            said(cells["measured_on"]),
            _label(cells["verification"], Verification),
        ]
        for _, cells in rows
    ]
    return _table_or(
        "Not stated: no indicator is in this report.",
        "Indicators at the end of the period. What nobody verified is not shown as reached",
        ["Indicator", "Baseline", "Target", "Measured", "On", "Says who"],
        lines,
    )


def _found(rows: Sequence[tuple[UUID, Cells]]) -> dict[str, Any]:
    lines = [
        [
            said(cells["title"]),
            said(cells["office"]),
            _label(cells["severity"], Severity),
            said(cells["issued_on"]),
            f"{said(cells['open_recommendations'])} of {said(cells['recommendations'])}",
        ]
        for _, cells in rows
    ]
    return _table_or(
        "No finding on the program had been released.",
        "Findings as the audit office had released them by then",
        ["Finding", "Audit office", "Severity", "Issued on", "Recommendations open"],
        lines,
    )


def _withheld(gaps: Mapping[Gap, int]) -> Iterator[dict[str, str]]:
    for (kind, field, category, reason), times in sorted(gaps.items()):
        one, many = _KINDS.get(kind, (f"1 {kind}", f"{kind}s"))
        whose = one if times == 1 else f"{times:,} {many}"
        what = f"{field.replace('_', ' ').capitalize()} of {whose.replace('_', ' ')}"
        yield {"what": what, "category": _category(category), "reason": reason}
