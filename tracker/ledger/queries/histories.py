"""What happened to records, as pages list it."""

from collections.abc import Sequence
from typing import Any

from tracker.accounts.models import User
from tracker.journal import queries as journal


def said_events(events: Sequence[journal.Event]) -> list[dict[str, Any]]:
    """Events with the names of those who acted, in two queries however many there are."""
    people = User.objects.filter(uid__in={event.actor for event in events if event.actor})
    names = dict(people.values_list("uid", "name"))
    return [
        {
            "what": event.sentence,
            "by": names.get(event.actor, "") if event.actor else "",
            "at": event.at,
            "entry": event.number,
        }
        for event in events
    ]
