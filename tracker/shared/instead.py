"""Stand-ins in words: what is said in the place of a withheld value, on pages and in files alike."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.shared.dates import DatePrecision, say_date
from tracker.shared.money import Money


def in_words(said: Mapping[str, Any] | None) -> str:
    """What is said in the place of a withheld value, or how a rule says it: a range, a month, a year, some words."""
    if not said:
        return ""
    kind, code = said["kind"], said.get("currency", "")
    if kind == "range":
        return f"{_end(said['low'], code)} to {_end(said['high'], code)} {code}".strip()
    if kind == "bands":
        edges = [_end({"minor": e} if code else e, code) for e in said["edges"]]
        return f"the band of {', '.join(edges)} {code}".strip() + " in which it lies"
    if kind in ("month", "year") and "value" not in said:
        return f"its {kind}"
    if kind == "month":
        return say_date(date.fromisoformat(f"{said['value']}-01"), DatePrecision.MONTH)
    return str(said["value"])


def _end(end: Any, currency: str) -> str:
    """An end of a range: minor units of a currency, or decimal text."""
    number = Money(int(end["minor"]), currency).decimal if currency else Decimal(end)
    return f"{number:,f}".replace("-", "\N{MINUS SIGN}")
