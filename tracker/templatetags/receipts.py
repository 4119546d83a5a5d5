"""The receipt beside an event of a history: its place in the log, and since when it is there at the latest."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tracker.dashboards.queries.receipts import SEEN
from tracker.journal.receipts import Receipt
from tracker.journal.receipts import receipts as found_for
from tracker.templatetags.tracker import stated, when

register = template.Library()


@register.simple_tag
def receipts_of(events: Iterable[Any]) -> Mapping[int, Receipt]:
    """The receipts of all events of a history, by entry: two queries, however many."""
    numbers = [_entry(event) for event in events]
    return found_for([number for number in numbers if number])


def _entry(event: Any) -> int | None:
    return event.get("entry") if isinstance(event, Mapping) else getattr(event, "entry", None)


@register.simple_tag
def receipt(receipts: Mapping[int, Receipt], entry: int | None) -> SafeString:
    """Nothing for an event without an entry; a sentence for one that waits for a signature."""
    found = receipts.get(entry or 0)
    if found is None:
        return SafeString("")
    return format_html('<span class="by">{}{}</span>', _place(found), _link(found))


def _place(found: Receipt) -> SafeString:
    if found.index is None or found.logged is None:
        return SafeString("Not yet under a signed checkpoint")
    said = "Logged no later than {}{}, index {}"
    by = " (seen outside)" if found.logged.witnessed else ""
    return format_html(said, when(found.logged.no_later_than), by, stated(found.index))


def _link(found: Receipt) -> SafeString:
    if found.kind not in SEEN:
        return SafeString("")
    address = reverse("dashboards:receipts", args=[found.record])
    return format_html(', <a href="{}#event-{}">receipt</a>', address, found.rev)
