"""States are a dict from a state to the states that may follow it. No library is needed for that."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from tracker.shared.errors import Refused

Transitions = Mapping[str, AbstractSet[str]]


def check_transition(transitions: Transitions, current: str, target: str) -> None:
    """Refuse a step that the dict does not list."""
    if target not in transitions[current]:
        if current == target:
            raise Refused(f"It is {current.replace('_', ' ')} already: nothing is left to do.")
        now, then = current.replace("_", " "), target.replace("_", " ")
        raise Refused(f"It is {now} now; from there it cannot become {then}.")
