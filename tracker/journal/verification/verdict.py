"""What a verification found: the checks it made, the differences, and what it could not compare."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was logged. `place` counts from 0, as the log does; `what` is a clause, or the `whole` sentence."""

    check: str
    what: str
    record: UUID | None = None
    entry: int | None = None
    place: int | None = None
    whole: bool = False

    @property
    def sentence(self) -> str:
        if self.whole:
            return self.what
        named = [] if self.entry is None else [f"entry {self.entry}"]
        named += [] if self.place is None else [f"place {self.place} of the log"]
        where = ", ".join(named)
        if self.record is not None:
            where = f"Record {self.record} ({where})" if where else f"Record {self.record}"
        return f"{where[:1].upper()}{where[1:]}: {self.what}" if where else self.what

    @property
    def plain(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "record": None if self.record is None else str(self.record),
            "entry": self.entry,
            "place": self.place,
            "sentence": self.sentence,
        }


@dataclass
class Verdict:
    """Filled while the verification runs. `most` bounds the differences kept; all of them are counted."""

    most: int = 1000
    size: int = 0
    differences: list[Difference] = field(default_factory=list)
    found: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    against: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def differ(self, difference: Difference) -> None:
        self.found += 1
        if len(self.differences) < self.most:
            self.differences.append(difference)

    @property
    def holds(self) -> bool:
        return not self.found

    @property
    def first(self) -> Difference | None:
        """The first that names a record; where none does, the first."""
        named = (one for one in self.differences if one.record is not None)
        return next(named, self.differences[0] if self.differences else None)

    @property
    def plain(self) -> dict[str, Any]:
        first = self.first
        return {
            "holds": self.holds,
            "size": self.size,
            "checks": dict(self.checks),
            "against": self.against,
            "not_compared": self.not_compared,
            "remarks": self.remarks,
            "first": None if first is None else first.plain,
            "found": self.found,
            "differences": [one.plain for one in self.differences],
        }
