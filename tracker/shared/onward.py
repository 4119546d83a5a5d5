"""What upper rooms do in the transaction of a lower room's action.

A lower room says what happened and knows nobody above it; `tracker.apps` registers who listens. A listener runs at
once, inside the action: when it fails, the action did not happen.
"""

from collections.abc import Callable
from typing import Any

AUDIT_MOVED = "audit moved"  # says `engagement`, and `finding` where it was a step in one

_listeners: dict[str, list[Callable[..., Any]]] = {}


def listen(what: str, act: Callable[..., Any]) -> None:
    if act not in _listeners.setdefault(what, []):
        _listeners[what].append(act)


def happened(what: str, **said: Any) -> None:
    for act in _listeners.get(what, ()):
        act(**said)
