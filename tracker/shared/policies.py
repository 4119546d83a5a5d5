"""Asking a policy without writing it twice."""

from collections.abc import Callable
from typing import TypeVar

from tracker.shared.errors import NotAllowed, Refused

T = TypeVar("T")


def permits(check: Callable[..., object], *args: object, **named: object) -> bool:
    """Turn a policy check into a yes or no."""
    return why_not(check, *args, **named) is None


def why_not(check: Callable[..., object], *args: object, **named: object) -> str | None:
    """The sentence with which a policy refuses, or None when it permits."""
    return asked(check, *args, **named)[1]


def asked(check: Callable[..., T], *args: object, **named: object) -> tuple[T | None, str | None]:
    """What a policy answers when it permits, and no sentence; or nothing, and the sentence with which it refuses."""
    try:
        return check(*args, **named), None
    except Refused as refusal:
        return None, refusal.sentence
    except NotAllowed as refusal:
        return None, str(refusal)
