"""Asking a policy without writing it twice."""

from collections.abc import Callable

from tracker.shared.errors import NotAllowed, Refused


def permits(check: Callable[..., object], *args: object, **named: object) -> bool:
    """Turn a policy check into a yes or no."""
    return why_not(check, *args, **named) is None


def why_not(check: Callable[..., object], *args: object, **named: object) -> str | None:
    """The sentence with which a policy refuses, or None when it permits."""
    try:
        check(*args, **named)
    except Refused as refusal:
        return refusal.sentence
    except NotAllowed as refusal:
        return str(refusal)
    return None
