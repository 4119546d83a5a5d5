"""The money of a released finding, as its page shows it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.public.rows import Row
from tracker.shared.money import Money
from tracker.templatetags.tracker import money_of

OUTCOMES = (
    ("refunded", "refunded"),
    ("documented", "documented since"),
    ("justified", "justified"),
    ("written_off", "written off"),
)
_AMOUNTS = ("known", "likely", "amount", "allowed", "disallowed", "agreed", "not_agreed")


@dataclass(frozen=True)
class Fall:
    """What took something off a questioned cost: where its bar begins and how wide it is, in hundredths of the whole."""

    label: str
    value: Money
    x: str
    width: str


@dataclass(frozen=True)
class Waterfall:
    """A questioned cost on its way to zero, for the chart: the falls and what is left come to the whole."""

    whole: Money
    falls: list[Fall]
    left: Money
    left_width: str


@dataclass(frozen=True)
class FindingMoney:
    lines: list[dict[str, Any]]
    waterfall: Waterfall | None
    better: list[dict[str, Any]]
    decision: dict[str, Any] | None


def money_in(row: Row) -> FindingMoney:
    """Nothing of what a release from before this was told, or that is withheld."""
    decision = row.code("decision")
    return FindingMoney(
        lines=[_amounts(line) for line in row.code("questioned_lines") or []],
        waterfall=_waterfall(money_of(row.code("questioned")), row.code("waterfall") or {}),
        better=[_amounts(line) for line in row.code("better_use") or []],
        decision=decision and dated(_amounts(decision), "decided_on", "act_by"),
    )


def _waterfall(whole: Any, fallen: dict[str, Any]) -> Waterfall | None:
    left = money_of(fallen.get("left"))
    if not isinstance(whole, Money) or not isinstance(left, Money):
        return None
    falls, top = [], whole.minor
    for name, label in OUTCOMES:
        value = money_of(fallen.get(name))
        if isinstance(value, Money):
            top -= value.minor
            falls.append(Fall(label, value, _share(top, whole), _share(value.minor, whole)))
    return Waterfall(whole, falls, left, _share(left.minor, whole))


def _share(minor: int, whole: Money) -> str:
    hundredths = 10_000 * minor // (whole.minor or 1)
    return f"{hundredths // 100}.{hundredths % 100:02}"


def _amounts(said: dict[str, Any]) -> dict[str, Any]:
    return said | {name: money_of(said[name]) for name in _AMOUNTS if said.get(name)}


def dated(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return said | {name: date.fromisoformat(said[name]) for name in names if said.get(name)}
