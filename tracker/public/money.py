"""The money of a released finding, as its page shows it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.public.rows import Row
from tracker.shared.money import Money
from tracker.templatetags.tracker import money_of

OUTCOMES = (
    ("refunded", "Refunded"),
    ("documented", "Documented since"),
    ("justified", "Justified"),
    ("written_off", "Written off"),
    ("left", "Still questioned"),
)
_AMOUNTS = ("known", "likely", "amount", "allowed", "disallowed", "agreed", "not_agreed")


@dataclass(frozen=True)
class Fall:
    """What took something off a questioned cost, or what is left of it."""

    label: str
    amount: Money


@dataclass(frozen=True)
class FindingMoney:
    lines: list[dict[str, Any]]
    falls: list[Fall]
    better: list[dict[str, Any]]
    decision: dict[str, Any] | None
    left: Money | None = None


def money_in(row: Row) -> FindingMoney:
    """Nothing of what a release from before this was told, or that is withheld."""
    fallen, decision = row.code("waterfall") or {}, row.code("decision")
    falls = [
        Fall(label, amount)
        for name, label in OUTCOMES
        if isinstance(amount := money_of(fallen.get(name)), Money)
    ]
    return FindingMoney(
        lines=[_amounts(line) for line in row.code("questioned_lines") or []],
        falls=falls,
        better=[_amounts(line) for line in row.code("better_use") or []],
        decision=decision and dated(_amounts(decision), "decided_on", "act_by"),
        left=falls[-1].amount if falls else None,
    )


def _amounts(said: dict[str, Any]) -> dict[str, Any]:
    return said | {name: money_of(said[name]) for name in _AMOUNTS if said.get(name)}


def dated(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return said | {name: date.fromisoformat(said[name]) for name in names if said.get(name)}
