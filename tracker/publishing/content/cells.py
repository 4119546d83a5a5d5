"""Cells and rows: the only shapes in which anything becomes public."""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from tracker.publishing.models import Withholding
from tracker.shared.money import Money

Cell = dict[str, Any]
Cells = dict[str, Cell]

NOT_STATED: Cell = {"state": "not_stated"}

# The order matters: a bool is an int.
_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    ((bool, int), lambda value: value),
    (str, lambda value: unicodedata.normalize("NFC", value)),
    (Money, lambda value: {"minor": value.minor, "currency": value.currency}),
    (Decimal, lambda value: f"{value:f}"),
    (date, date.isoformat),
    (UUID, str),
    (Mapping, lambda value: {str(key): written(item) for key, item in value.items()}),
    ((list, tuple), lambda value: [written(item) for item in value]),
)


def written(value: Any) -> Any:
    """A value as a release carries it: no floats, decimals and dates as text, money in minor units."""
    if value is None:
        return None
    for kinds, write in _WRITERS:
        if isinstance(value, kinds):
            return write(value)
    raise TypeError(f"{value!r} ({type(value).__name__}) cannot be released.")


def stated(value: Any) -> Cell:
    """A cell of a value; a missing one, an empty text or list is *not stated*."""
    if value is None or value == "" or value == []:
        return NOT_STATED
    return {"state": "stated", "value": written(value)}


def cells_of(**values: Any) -> Cells:
    return {name: stated(value) for name, value in values.items()}


def is_withheld(cell: Cell) -> bool:
    return cell["state"] == "withheld"


def value_of(cell: Cell) -> Any:
    return cell.get("value")


@dataclass(frozen=True)
class Row:
    """A public row before it is stored. Equal content has an equal digest, in whatever release."""

    kind: str
    subject: UUID
    cells: Cells

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the row as JSON: keys sorted, no spaces, UTF-8."""
        body = {"kind": self.kind, "subject": str(self.subject), "cells": self.cells}
        text = json.dumps(
            body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return hashlib.sha256(text.encode()).hexdigest()


def line_of_row(position: int, digest: str) -> bytes:
    """A row's line in the digest of its kind."""
    return f"{position} {digest}\n".encode()


def digest_of_kinds(kinds: "Iterable[tuple[str, int, hashlib._Hash]]") -> str:
    """The digest of a manifest from kind, rows and the running hash of each kind's lines."""
    lines = [
        f"{kind} {rows} {hasher.hexdigest()}\n"
        for kind, rows, hasher in sorted(kinds, key=lambda one: one[0])
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def withheld_cell(withholding: Withholding) -> Cell:
    """What the public reads in the place of the value. The value itself is nowhere in it."""
    return {
        "state": "withheld",
        "category": withholding.category,
        "reason": withholding.reason,
        "legal_basis": withholding.legal_basis,
        "review_on": withholding.review_on.isoformat(),
        "decided_by": withholding.office,
    }


class Withheld:
    """The withholdings in force, by record and field. One query to make, none to ask."""

    def __init__(self, withholdings: Iterable[Withholding]):
        self._cells: dict[tuple[UUID, str], Cell] = {
            (w.record, w.field): withheld_cell(w) for w in withholdings
        }

    def __bool__(self) -> bool:
        return bool(self._cells)

    def of(self, field: str, *records: UUID | None) -> Cell | None:
        """The withheld cell for a field of the first of these records that has one."""
        for record in records:
            if record is not None and (found := self._cells.get((record, field))):
                return found
        return None

    def records(self, *fields: str) -> set[UUID]:
        """The records of which one of these fields is withheld."""
        return {record for record, field in self._cells if field in fields}

    def cover(self, cells: Cells, fields: Iterable[str], *records: UUID | None) -> Cells:
        """The cells with every withheld field covered. A missing value is covered too: that it is missing tells."""
        if not self._cells:
            return cells
        covered = {name: self.of(name, *records) or cells[name] for name in fields if name in cells}
        return cells | covered
