"""Released cells in plain words, for texts that are frozen with them: reports, and the files made from them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tracker.shared.dates import say_day
from tracker.shared.money import Money

Cell = Mapping[str, Any]


def say_cell(cell: Cell) -> str:
    """“1,204.00 USD”, “28 Sep 2026”, “not stated”, “between 10 and 100 (withheld)” or “withheld (the reason)”."""
    value = cell.get("value")
    return say_value(value) if cell["state"] == "stated" else _say_gap(cell)


def say_words(cell: Cell) -> str:
    """A text as it is, also where it looks like a number."""
    return str(cell.get("value")) if cell["state"] == "stated" else _say_gap(cell)


def _say_gap(cell: Cell) -> str:
    if cell["state"] != "withheld":
        return "not stated"
    stands = say_stand_in(cell.get("stand_in"))
    return f"{stands} (withheld)" if stands else f"withheld ({cell['reason'].rstrip('.')})"


def say_value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and "minor" in value:
        return str(Money(value["minor"], value["currency"]))
    if isinstance(value, int):
        return f"{value:,}"
    return _say_text(str(value))


def _say_text(text: str) -> str:
    """A decimal or a day that is kept as text, as people read it; any other text as it is."""
    try:
        return say_day(date.fromisoformat(text))
    except ValueError:
        pass
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    whole = number.to_integral_value()
    return f"{whole:,f}" if number == whole else f"{number.normalize():,f}"


def say_stand_in(stand_in: Cell | None) -> str:
    """What the public reads in the place of a withheld value; empty where nothing stands in for it."""
    if not stand_in:
        return ""
    if stand_in["kind"] == "range":
        return f"between {_bound(stand_in, 'low')} and {_bound(stand_in, 'high')}"
    return str(stand_in["value"])


def _bound(stand_in: Cell, name: str) -> str:
    bound = stand_in[name]
    if isinstance(bound, Mapping):
        return str(Money(bound["minor"], stand_in["currency"]))
    return _say_text(str(bound))
