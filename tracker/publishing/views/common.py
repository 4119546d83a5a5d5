"""What the pages of this room share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from tracker.accounts.models import User
from tracker.journal.queries import history_of

HOME = ("Publishing", "/desk/publishing/")
_PLACES = (
    ("Programs", "publishing:home"),
    ("Reports", "publishing:reports"),
    ("Withheld fields", "publishing:withholdings"),
    ("Taken back", "publishing:takedowns"),
    ("Engagements", "publishing:engagements"),
    ("Findings", "publishing:findings"),
    ("Broken glass", "publishing:glasses"),
)


def tabs(current: str) -> list[dict[str, str]]:
    return [
        {"label": label, "url": reverse(name), "current": "page" if name == current else ""}
        for label, name in _PLACES
    ]


def tried(request: HttpRequest, act: Callable[[], Any], done: str) -> bool:
    """Run an action for a one-button page: say that it is done, or why it was refused."""
    try:
        act()
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    messages.success(request, done)
    return True


def history(record: Any) -> list[dict[str, Any]]:
    """A record's events as `history.html` shows them. Two queries."""
    events = history_of(record)
    names = dict(User.objects.filter(uid__in={e.actor for e in events}).values_list("uid", "name"))
    return [
        {"what": e.sentence, "by": names.get(e.actor, ""), "at": e.at, "entry": e.number}
        for e in events
    ]
