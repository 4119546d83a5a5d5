"""Giving waiting entries their places in the log: without a gap, none lost, none twice."""

from django.db import connection, transaction

from tracker.journal.log import DatabaseTiles, size
from tracker.journal.merkle import Growth
from tracker.journal.models import Entry, Leaf, Pending, Tile
from tracker.journal.notes import decoded

BATCH = 1000
_LOCK = 0x746C6F67  # “tlog”: the name of the sequencer's advisory lock


@transaction.atomic
def sequence(*, limit: int = BATCH) -> int:
    """Put up to `limit` waiting entries at the end of the log and return how many. The system itself acts.

    The queue is taken in the order of its ids, never “every id above the last one”: an id that was drawn early and
    committed late would be lost. A second sequencer finds the lock taken and does nothing.
    """
    if not _alone():
        return 0
    waiting = list(Pending.objects.order_by("entry_id").values_list("entry_id", flat=True)[:limit])
    if not waiting:
        return 0
    first = size()
    leaves = dict(Entry.objects.filter(pk__in=waiting).values_list("pk", "leaf"))
    hashes = [decoded(leaves[entry], f"The leaf of entry {entry}") for entry in waiting]
    growth = Growth.of(DatabaseTiles(), first)
    growth.extend(b"".join(hashes))
    Leaf.objects.bulk_create(
        Leaf(seq=first + place, entry_id=entry, hash=leaf)
        for place, (entry, leaf) in enumerate(zip(waiting, hashes, strict=True))
    )
    Tile.objects.bulk_create(
        Tile(level=level, number=number, row=row, above=above)
        for level, number, row, above in growth.take()
    )
    Pending.objects.filter(entry_id__in=waiting).delete()
    return len(waiting)


def _alone() -> bool:
    """SQLite's BEGIN IMMEDIATE lets one writer in; PostgreSQL has a lock that ends with the transaction."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])
