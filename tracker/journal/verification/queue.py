"""What is not in the log: entries that wait, rows that hang in the air, rows that are there twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, Model, OuterRef

from tracker.journal import log
from tracker.journal.merkle import TILE_BITS
from tracker.journal.models import Disclosure, Entry, Leaf, Pending, Tile
from tracker.journal.verification import rows
from tracker.journal.verification.rows import SPOILT, Told
from tracker.journal.verification.tree import leaves_of
from tracker.journal.verification.verdict import Difference, Verdict
from tracker.journal.verification.walk import Walk
from tracker.shared import triggers
from tracker.shared.clock import database_now

PATIENCE = timedelta(minutes=10)  # the sequencer needs a second; a stopped one should be noticed
_MOST = 1000


def check(verdict: Verdict, walk: Walk) -> None:
    _waiting(verdict, walk)
    for told in _neither():
        what = "it has no place in the log and does not wait for one: somebody took it out of the queue."
        verdict.differ(Difference("queue", what, told.record, told.pk))
    for number in _in(Pending, Exists(Leaf.objects.filter(entry=OuterRef("pk")))):
        what = "it has a place in the log and still waits for one."
        verdict.differ(Difference("queue", what, _record_of(number), number))
    for model, what in (
        (Pending, "something waits under this number, but the entry itself is gone."),
        (Disclosure, "values lie there under this number, but the entry itself is gone."),
    ):
        for number in _in(model, ~Exists(Entry.objects.filter(pk=OuterRef("pk")))):
            verdict.differ(Difference("queue", what, None, number))
    _twice(verdict)
    _tiles_beyond(verdict)


def _waiting(verdict: Verdict, walk: Walk) -> None:
    """An entry that waits is held against itself like every other one."""
    old = 0
    limit = database_now() - PATIENCE
    for numbers in rows.without_place():
        for told in rows.entries(numbers, walk.spoilt).values():
            verdict.checks["entries that wait"] += 1
            walk.entry(told, None, leaves_of([told.body]))
            old += isinstance(told.at, datetime) and told.at < limit
    if old:
        verdict.remarks.append(
            f"{old} entries have waited for their place for more than {PATIENCE.seconds // 60} minutes: "
            "nothing protects them yet. Is the sequencer (`journal_run`) at work?"
        )


def _neither() -> Iterator[Told]:
    """One statement sees both tables at the same instant, so that an entry on its way is not named."""
    found = Entry.objects.filter(
        ~Exists(Leaf.objects.filter(entry=OuterRef("pk"))),
        ~Exists(Pending.objects.filter(pk=OuterRef("pk"))),
    )
    numbers = list(found.order_by("pk").values_list("pk", flat=True)[:_MOST])
    yield from rows.entries(numbers, lambda _: None).values()


def _in(model: type[Model], where: Any) -> list[int]:
    try:
        found = model._base_manager.filter(where).order_by("pk")
        return list(found.values_list("pk", flat=True)[:_MOST])
    except SPOILT:
        return []


def _twice(verdict: Verdict) -> None:
    """What a unique index forbids, unless somebody dropped it."""
    again = Entry.objects.values("record", "rev").annotate(n=Count("pk")).filter(n__gt=1)
    for row in again.order_by()[:_MOST]:
        what = f"revision {row['rev']} of it is there {row['n']} times."
        verdict.differ(Difference("places", what, row["record"]))
    leaves = Leaf.objects.values_list("entry_id").annotate(n=Count("pk")).filter(n__gt=1)
    for number, times in leaves.order_by()[:_MOST]:
        what = f"it has {times} places in the log."
        verdict.differ(Difference("places", what, _record_of(number), number))


def _record_of(number: int) -> UUID | None:
    found = rows.entries([number], lambda _: None).get(number)
    return None if found is None else found.record


def _tiles_beyond(verdict: Verdict) -> None:
    """Tiles of places that the log does not have."""
    tiles = list(_suspects())
    now = log.size()
    for level, number in tiles:
        if (number + 1) << (TILE_BITS * (level + 1)) > now:
            what = f"Tile {level}/{number} of the log is there, but its entries are not."
            verdict.differ(Difference("tiles", what))


def _suspects() -> Iterator[tuple[int, int]]:
    size, level = log.size(), 0
    while size >> (TILE_BITS * (level + 1)):
        full = size >> (TILE_BITS * (level + 1))
        beyond = Tile.objects.filter(level=level, number__gte=full)
        yield from beyond.order_by("number").values_list("level", "number")[:_MOST]
        level += 1
    yield from Tile.objects.filter(level__gte=level).values_list("level", "number")[:_MOST]


def guards(verdict: Verdict) -> None:
    """The rules that the database itself holds."""
    verdict.checks["triggers"] = len(triggers.declared(connection.vendor))
    for name in triggers.missing(connection):
        what = (
            f"The trigger {name} is missing, switched off or altered: what it forbids could be done. "
            "`manage.py migrate` puts it back."
        )
        verdict.differ(Difference("triggers", what))
