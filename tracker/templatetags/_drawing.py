"""Geometry of the line and of the bar charts: from amounts to percentages of a width.

Percentages are SVG attributes, so that drawings stretch with the page and the content policy can forbid
style attributes. Floats are fine here: they place ink, nobody reads them as figures.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tracker.shared.money import Money

LABELS_THAT_FIT = 8  # under a column chart on a phone


def size(value: Any) -> float | None:
    """How much ink a value deserves; None when nobody stated it."""
    if value is None:
        return None
    return float(value.minor if isinstance(value, Money) else value)


def line_stages(stages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The stages with their bars. A share that is not given is the part of the largest stated amount.

    A stage that stands apart is drawn to the same scale, and nothing lies inside it. What is withheld is the hatched
    end of its bar.
    """
    rows = [dict(stage) for stage in stages]
    base = _common_base(rows)
    above: float | None = None
    for number, row in enumerate(rows, start=1):
        amount = row.get("amount")
        share = row.get("share")
        if share is None and base and amount is not None:
            share = 100 * amount.minor / base
        row["stage"] = min(number, 5)
        row["void"] = amount is None
        row["bar"] = _percent(share or 0)
        row["above"] = None if above is None else _percent(above)
        _hatch(row, base)
        if not (row["void"] or row.get("apart")):
            above = float(row["bar"])
        elif number == 1 and not row.get("apart"):
            above = 100.0
    return rows


def _hatch(row: dict[str, Any], base: int) -> None:
    """Where in the bar lies what is withheld: at its end, never beyond it."""
    share, withheld = row.get("withheld_share") or 0, row.get("withheld")
    if withheld is not None and base:
        share = 100 * withheld.minor / base
    bar = float(row["bar"])
    part = min(max(float(share), 0.0), bar)
    row["hatched"], row["from"] = (_percent(part), _percent(bar - part)) if part > 0 else (None, "")


def _common_base(rows: list[dict[str, Any]]) -> int:
    """The largest amount, if all are in one currency: two currencies share no scale."""
    stated = [row["amount"] for row in rows if row.get("amount") is not None]
    if len({amount.currency for amount in stated}) > 1:
        return 0
    return max((amount.minor for amount in stated), default=0)


def _percent(share: float) -> str:
    """With a point whatever the language: it is an attribute, not a text."""
    return f"{min(max(float(share), 0.0), 100.0):.2f}"


def bars(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Horizontal bars from a common zero; negative values run to the left of it."""
    marks = [dict(row, size=size(row.get("value"))) for row in rows]
    low, high = _extent(marks)
    zero = -low / (high - low) * 100
    for mark in marks:
        if mark["size"] is None:
            continue
        length = abs(mark["size"]) / (high - low) * 100
        mark["below"] = mark["size"] < 0
        mark["x"] = _percent(zero - length if mark["below"] else zero)
        mark["width"] = _percent(length)
        mark["zero"] = _percent(zero) if low < 0 else None
    return marks


def columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Vertical bars in a field of 100 by 100; the words below are thinned out to what fits a phone."""
    marks = bars(rows)
    low, high = _extent(marks)
    room, every = 86.0, max(1, -(-len(marks) // LABELS_THAT_FIT))
    zero = 4 + room * high / (high - low)
    step = 100 / max(len(marks), 1)
    for index, mark in enumerate(marks):
        tall = room * abs(mark["size"] or 0) / (high - low)
        mark["x"] = _percent(index * step + step * 0.14)
        mark["width"] = _percent(step * 0.72)
        mark["middle"] = _percent((index + 0.5) * step)
        mark["y"] = _percent(zero if mark.get("below") else zero - tall)
        mark["height"] = _percent(tall)
        mark["named"] = index % every == 0
    return {"marks": marks, "zero": _percent(zero), "ceiling": _percent(4)}


def _extent(marks: list[dict[str, Any]]) -> tuple[float, float]:
    sizes = [mark["size"] for mark in marks if mark["size"] is not None]
    low, high = min([0.0, *sizes]), max([0.0, *sizes])
    return (low, high) if high > low else (0.0, 1.0)
