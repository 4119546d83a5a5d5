"""What a file adds up to: rows, sums, programs to be set up. Lives in the upload between two steps of checking."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tracker.ledger.models import LARGEST_SUM
from tracker.shared.money import Money
from tracker.uploads.models import RowState, UploadRow

MOST_PROGRAMS = 2000


@dataclass(frozen=True)
class Total:
    """The control total of one kind, currency and fiscal year."""

    state: str
    kind: str
    currency: str
    fiscal_year: int
    rows: int
    amount: Money


@dataclass
class Tally:
    """Counts and sums over the rows checked so far."""

    done: int = 0  # rows of the file that were checked
    counts: dict[str, int] = field(default_factory=dict)
    sums: dict[str, list[Any]] = field(default_factory=dict)  # key → [rows, minor units as text]
    programs: dict[str, dict[str, Any]] = field(default_factory=dict)  # by code: what is proposed
    lookalikes: int = 0
    first_lookalikes: list[int] = field(default_factory=list)
    committed_before: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> "Tally":
        return cls(**raw)

    def count(self, state: str) -> int:
        return self.counts.get(state, 0)

    def add(self, row: UploadRow) -> None:
        self.done += 1
        self.counts[row.state] = self.count(row.state) + 1
        if row.state == RowState.WRONG or row.amount is None:
            return
        key = self._key(row)
        rows, minor = self.sums.get(key, [0, "0"])
        self.sums[key] = [rows + 1, str(int(minor) + row.amount.minor)]

    def has_room_for(self, row: UploadRow) -> bool:
        """Does the sum that the row belongs to stay within what the ledger can add up?"""
        assert row.amount is not None
        _, minor = self.sums.get(self._key(row), [0, "0"])
        return int(minor) + row.amount.minor <= LARGEST_SUM

    @staticmethod
    def _key(row: UploadRow) -> str:
        return f"{row.state}|{row.kind}|{row.currency}|{row.fiscal_year}"

    def totals(self) -> list[Total]:
        """Sums by state, kind, currency and fiscal year, in that order."""
        found = []
        for key, (rows, minor) in self.sums.items():
            state, kind, currency, year = key.split("|")
            found.append(Total(state, kind, currency, int(year), rows, Money(int(minor), currency)))
        return sorted(found, key=lambda t: (t.state, t.currency, t.fiscal_year, t.kind))


def digest(
    *, sha256: str, mapping: dict[str, Any], rows: Iterable[Sequence[Any]], tally: Tally
) -> str:
    """The hash that the approval binds to: the file, the mapping, every row as understood, and the totals."""
    hasher = hashlib.sha256()
    sums = {key: tally.sums[key] for key in sorted(tally.sums)}
    for part in (sha256, mapping, sums, tally.programs):
        hasher.update(_canonical(part))
    for row in rows:
        hasher.update(_canonical([str(cell) for cell in row]))
    return hasher.hexdigest()


def _canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


# The fields of a row that the digest covers, in this order.
COVERED = (
    "line",
    "program_code",
    "kind",
    "currency",
    "amount",
    "value_date",
    "date_precision",
    "fiscal_year",
    "reference",
    "payee",
    "description",
    "import_key",
)


def covered(row: UploadRow) -> list[Any]:
    """A row that is not stored, as the digest covers it; equal to its `values_list(*COVERED)` once it is."""
    cells = [getattr(row, name) for name in COVERED]
    return [cell.minor if isinstance(cell, Money) else cell for cell in cells]
