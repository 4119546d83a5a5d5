"""What a release withholds, told with the release: each covered cell as a row of its own, and their count."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from tracker.publishing.content.cells import Cell, Row, cells_of, is_withheld

_NOT_COUNTED = frozenset({"total", "withheld", "withheld_summary"})
_TOLD = ("category", "reason", "legal_basis", "review_on", "decided_by")


@dataclass
class Summary:
    """Gathered while rows are written."""

    fields: int = 0
    rows: int = 0
    covered: list[tuple[str, UUID, str, Cell]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        if row.kind in _NOT_COUNTED:
            return
        self.fields += len(row.cells)
        hidden = [name for name, cell in row.cells.items() if is_withheld(cell)]
        self.rows += bool(hidden)
        self.covered += [(row.kind, row.subject, name, row.cells[name]) for name in hidden]

    def release_rows(self, subject: UUID) -> Iterator[Row]:
        counted = {"fields_withheld": len(self.covered), "fields_total": self.fields}
        yield Row("withheld_summary", subject, cells_of(**counted, rows=self.rows))
        for kind, record, name, cell in self.covered:
            told = {part: cell[part] for part in _TOLD}
            yield Row("withheld", record, cells_of(record_kind=kind, field=name, **told))
