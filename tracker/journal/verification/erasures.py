"""Which values of an entry were erased by decision. The decision is an entry of its own, verified at its own place."""

from tracker.journal.models import Erasure
from tracker.journal.verification.entry import opened, parsed, slots_of, values_of
from tracker.journal.verification.rows import SPOILT, Told, entries


def fields_erased_from(number: int) -> set[str]:
    """Fields of this entry that entries of the kind `erasure` name. What a decision no longer says does not count."""
    try:
        decisions = list(
            Erasure.objects.filter(target_id=number).values_list("entry_id", flat=True)
        )
    except SPOILT:
        return set()
    found: set[str] = set()
    for told in entries(decisions, lambda _: None).values():
        found |= _fields(told, number)
    return found


def _fields(decision: Told, number: int) -> set[str]:
    body, disclosed = parsed(decision.body), values_of(decision.values)
    if isinstance(body, str) or isinstance(disclosed, str) or body["kind"] != "erasure":
        return set()
    if isinstance(slots_of(body), str) or decision.pk <= number:
        return set()
    try:
        target, fields = opened(disclosed["entry"]), opened(disclosed["fields"])
    except (KeyError, ValueError):
        return set()
    return {f for f in fields if isinstance(f, str)} if target == number else set()


def names(number: int) -> bool:
    """Does any decision name this entry? What `projections.differences` asks."""
    return bool(fields_erased_from(number))
