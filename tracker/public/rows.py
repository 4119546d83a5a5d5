"""Released rows as pages read them: a cell is stated, not stated or withheld, and a code gets its words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from tracker.public import words
from tracker.publishing.models import ReleasedRow
from tracker.publishing.released import NOT_STATED
from tracker.shared.money import Money
from tracker.templatetags.tracker import money_of

Cell = Mapping[str, Any]

CODES: Mapping[str, Mapping[str, words.Labels]] = {
    "program": {
        "status": words.STATUSES,
        "nature": words.NATURES,
        "kind_of_aid": words.KINDS_OF_AID,
    },
    "participant": {"role": words.ROLES},
    "objective": {"level": words.LEVELS},
    "indicator": {"direction": words.DIRECTIONS, "verification": words.VERIFICATIONS},
    "measurement": {"verification": words.VERIFICATIONS},
    "target": {"kind": words.TARGET_KINDS},
    "figure": {"qualifier": words.QUALIFIERS},
    "transaction": {
        "kind": words.TRANSACTION_KINDS,
        "provenance": words.PROVENANCES,
        "purpose": words.PURPOSES,
        "valuation_basis": words.VALUATIONS,
        "verdict": words.VERDICTS,
    },
    "revaluation": {
        "kind": words.TRANSACTION_KINDS,
        "old_basis": words.VALUATIONS,
        "new_basis": words.VALUATIONS,
        "method": words.METHODS,
    },
    "alternative_value": {"kind": words.TRANSACTION_KINDS, "basis": words.VALUATIONS},
    "discrepancy": {"kind": words.DISCREPANCIES, "state": words.DISCREPANCY_STATES},
    "certification": {"side": words.SIDES},
    "report": {"kind": words.REPORT_KINDS},
    "report_total": {"kind": words.TRANSACTION_KINDS},
    "report_indicator": {"direction": words.DIRECTIONS, "verification": words.VERIFICATIONS},
    "report_finding": {"severity": words.SEVERITIES},
    "withheld": {"category": words.CATEGORIES, "scope": words.SCOPES},
    "withheld_rule": {"category": words.CATEGORIES},
    "finding": {
        "kind": words.ENGAGEMENT_KINDS,
        "severity": words.SEVERITIES,
        "standard": words.STANDARDS,
    },
    "recommendation": {"state": words.STATES, "response": words.RESPONSES},
    "recommendation_state": {
        "before": words.STATES,
        "after": words.STATES,
        "response": words.RESPONSES,
    },
    "engagement": {
        "kind": words.ENGAGEMENT_KINDS,
        "standard": words.STANDARDS,
        "status": words.ENGAGEMENT_STATES,
    },
}
NUMBERS = frozenset({"baseline", "target", "actual", "value", "quantity"})  # decimals, as text


def _number(text: str) -> Decimal | str:
    """128 rather than 128.000000; what is no number stays as it is."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    whole = number.to_integral_value()
    return whole if number == whole else number.normalize()


@dataclass(frozen=True)
class Row:
    """One released row. `uid` is the record it tells about."""

    uid: str
    kind: str
    codes: Mapping[str, Cell]  # the cells as they were released
    proven: bool = False  # its journal entry is public with it

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """The cells in words, for templates."""
        return {name: self._worded(name, cell) for name, cell in self.codes.items()}

    def _worded(self, name: str, cell: Cell) -> Cell:
        value = cell.get("value")
        if not isinstance(value, str):
            return cell
        if name in NUMBERS:
            return {**cell, "value": _number(value)}
        labels = CODES.get(self.kind, {}).get(name, {})
        return {**cell, "value": labels[value]} if value in labels else cell

    def code(self, name: str) -> Any:
        """The stated value as released; None when it is not stated or withheld."""
        cell = self.codes.get(name, NOT_STATED)
        return cell.get("value") if cell.get("state") == "stated" else None

    def said(self, name: str) -> Any:
        """The stated value in words."""
        return self._worded(name, {"value": self.code(name)})["value"]

    @property
    def field_words(self) -> str:
        """Of a row that tells of a withheld field: the field in words."""
        return words.field_words(self.code("field") or "")

    @property
    def kind_words(self) -> str:
        """And in which rows it is."""
        kind = self.code("record_kind") or ""
        return words.KIND_WORDS.get(kind, kind)

    @property
    def link(self) -> str:
        """The address of a source, if it is one that a browser may safely follow."""
        address = str(self.code("source_url") or "")
        return address if address.startswith(("https://", "http://")) else ""

    def money(self, name: str) -> Money | None:
        value = money_of(self.code(name))
        return value if isinstance(value, Money) else None


def row_of(released: ReleasedRow) -> Row:
    proven = getattr(released, "proven", False)
    return Row(str(released.subject), released.kind, released.cells, proven)


def rows_of(released: Iterable[ReleasedRow]) -> list[Row]:
    return [row_of(row) for row in released]
