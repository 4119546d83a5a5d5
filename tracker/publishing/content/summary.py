"""What a release withholds, told with the release: each covered cell as a row of its own, each rule once, and their count."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tracker.publishing.content.cells import Cell, Cells, Hidden, Row, cells_of, is_withheld
from tracker.publishing.models import Scope, Withholding

_NOT_COUNTED = frozenset({"total", "withheld", "withheld_rule", "withheld_summary"})
_TOLD = ("category", "reason", "legal_basis", "review_on", "decided_by")


@dataclass
class Summary:
    """Gathered while rows are written. `rules` are those in force, told also while they cover nothing."""

    fields: int = 0
    rows: int = 0
    covered: list[tuple[str, UUID, str, Cell]] = field(default_factory=list)
    rules: list[Withholding] = field(default_factory=list)

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
        covers = Counter(self._rule_of(cell) for *_, cell in self.covered)
        for rule in sorted(self.rules, key=lambda rule: (rule.record_kind, rule.field)):
            yield Row("withheld_rule", subject, _of_rule(rule, covers[rule.pk]))
        for kind, record, name, cell in self.covered:
            told = {part: cell[part] for part in _TOLD} | _how(cell, name)
            yield Row("withheld", record, cells_of(record_kind=kind, field=name, **told))

    def _rule_of(self, cell: Cell) -> int | None:
        is_of_rule = isinstance(cell, Hidden) and cell.decision.scope == Scope.RULE
        return cell.decision.pk if is_of_rule else None  # type: ignore[attr-defined]


def _how(cell: Cell, name: str) -> dict[str, Any]:
    """By which kind of decision, what stands there instead, and, of an amount, whether sums contain it."""
    decision = cell.decision if isinstance(cell, Hidden) else None
    told = {"scope": decision.scope if decision else None, "stand_in": cell.get("stand_in")}
    return told | ({"in_sums": decision.in_sums} if decision and name == "amount" else {})


def _of_rule(rule: Withholding, covers: int) -> Cells:
    return cells_of(
        record_kind=rule.record_kind,
        field=rule.field,
        fields_withheld=covers,
        stand_in=rule.stand_in,
        in_sums=rule.in_sums,
        category=rule.category,
        reason=rule.reason,
        legal_basis=rule.legal_basis,
        review_on=rule.review_on,
        decided_by=rule.office,
    )
