"""What happened to records, as pages list it."""

from collections.abc import Sequence
from typing import Any

from tracker.accounts.models import User
from tracker.journal import queries as journal


def said_events(events: Sequence[journal.Event], plain: bool = False) -> list[dict[str, Any]]:
    """Events with the names of those who acted, in two queries however many there are. `plain`: only what happened."""
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names = dict(people.values_list("uid", "name"))
    return [
        {
            "what": _plainly(event) if plain else event.sentence,
            "by": names.get(event.actor, "") if event.actor else "",
            "at": event.at,
            "entry": event.number,
        }
        for event in events
    ]


def _plainly(event: journal.Event) -> str:
    return f"{event.kind.replace('_', ' ').capitalize()}: {event.op.replace('_', ' ')}."
