"""What the donor and the recipient certified of a program's closed quarters, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.public import words
from tracker.public.rows import Row
from tracker.templatetags.tracker import money_of

SIDES = tuple(words.SIDES)


@dataclass(frozen=True)
class Figure:
    """One figure as each side certified it; a side that has not certified says nothing."""

    label: str
    donor: Any
    recipient: Any
    differs: bool


@dataclass(frozen=True)
class Line:
    """The figures of one currency; aid, or the replenishment of own stocks."""

    currency: str
    is_aid: bool
    figures: list[Figure]

    @property
    def label(self) -> str:
        """What nobody has valued has no currency."""
        return self.currency or "Without a value"

    @property
    def differs(self) -> bool:
        return any(figure.differs for figure in self.figures)


@dataclass(frozen=True)
class Quarter:
    """A quarter with the certifications that hold, by side, and those that a re-opening superseded."""

    row: Row  # any of them: they name the same quarter
    sides: list[tuple[str, Row | None]]
    lines: list[Line]
    superseded: list[Row]


def quarters_of(rows: Sequence[Row]) -> list[Quarter]:
    """The newest quarter first."""
    by_day: dict[str, list[Row]] = {}
    for row in rows:
        by_day.setdefault(str(row.code("first_day")), []).append(row)
    return [_quarter(by_day[day]) for day in sorted(by_day, reverse=True)]


def _quarter(rows: list[Row]) -> Quarter:
    standing = {row.code("side"): row for row in rows if row.code("superseded_on") is None}
    sides = [(side, standing.get(side)) for side in SIDES]
    superseded = [row for row in rows if row.code("superseded_on") is not None]
    return Quarter(rows[0], sides, _lines([row for _, row in sides]), superseded)


def _lines(sides: list[Row | None]) -> list[Line]:
    """Every currency that a side states. Withheld figures have no lines: their cell says why."""
    stated = [_by_currency(row) for row in sides]
    keys = sorted({key for lines in stated if lines for key in lines})
    return [
        Line(currency, purpose == "aid", [_figure(name, key, stated) for name in words.CERTIFIED])
        for key in keys
        for purpose, currency in [key]
    ]


def _by_currency(row: Row | None) -> dict[tuple[str, str], dict[str, Any]] | None:
    if row is None or row.codes["figures"]["state"] == "withheld":
        return None
    return {(line["purpose"], line["currency"]): line for line in row.code("figures") or []}


def _figure(
    name: str, key: tuple[str, str], stated: list[dict[tuple[str, str], dict[str, Any]] | None]
) -> Figure:
    """Two sides that both state their figures differ where one says something else, or nothing, of a figure."""
    donor, recipient = (
        None if lines is None else money_of(lines.get(key, {}).get(name)) for lines in stated
    )
    both = all(lines is not None for lines in stated)
    return Figure(words.CERTIFIED[name], donor, recipient, both and donor != recipient)
