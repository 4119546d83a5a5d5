"""The blocks of a released report on a page: they are drawn as they were frozen, and nothing is reckoned again."""

import re
from collections.abc import Mapping
from typing import Any

from django import template

from tracker.shared.money import Money
from tracker.templatetags.tracker import bar_chart

register = template.Library()
_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?( [A-Z]{3}| %)?")
FOLDED = 30  # rows that a table shows before it is folded
_SOURCES = {
    "opening": "#figures",
    "period": "#figures",
    "closing": "#figures",
    "indicator": "#results",
    "findings": "#audit",
    "recommendations": "#audit",
}


@register.inclusion_tag("_components/chart.html")
def report_chart(block: Mapping[str, Any], section: int, place: int) -> dict[str, Any]:
    """A chart with its description and the table that says the same. `section` and `place`
    keep names on a page apart."""
    rows = [
        {"label": label, "value": _value(amounts[0], block["unit"])}
        for label, *amounts in block["rows"]
    ]
    first, *others = block["columns"]
    upright = first == "Fiscal year" and len(rows) > 1
    heads = "|".join([first, *others[:1]])
    drawn = bar_chart(rows, block["title"], block["description"], heads=heads, upright=upright)
    return drawn | {"name": f"{drawn['name']}-{section}-{place}"}


def _value(amount: Mapping[str, Any], unit: str) -> Any:
    if amount.get("minor") is not None:
        return Money(amount["minor"], unit)
    return amount.get("number")


@register.filter
def is_long(rows: list[Any]) -> bool:
    return len(rows) > FOLDED


@register.filter
def is_number(text: str) -> bool:
    """An amount, a count or a share: it stands to the right and is never broken."""
    return bool(_NUMBER.fullmatch(text))


@register.filter
def is_short(text: str) -> bool:
    """A day, or a word or two: not broken either."""
    return len(text) <= 12


@register.filter
def source_of(figure: Mapping[str, Any], program: str) -> str:
    """Where on the public site the row of a figure is shown."""
    what = figure["token"].strip("{} ").partition(" ")[0]
    if what in _SOURCES:
        return _SOURCES[what]
    return f"/programs/{program}/withheld/" if what == "withheld" else f"/programs/{program}/"
