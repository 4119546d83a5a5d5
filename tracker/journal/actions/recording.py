"""Writing the journal. Every action of every room calls `record` inside its own transaction."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from tracker.journal import entries
from tracker.journal.kinds import Kind, kind_named
from tracker.journal.models import Disclosure, Entry
from tracker.journal.tiles import LONGEST_ENTRY
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused

CREATE = "create"


class Actor(Protocol):
    uid: UUID


class HasUid(Protocol):
    uid: UUID


def record(
    kind: str,
    *,
    record: HasUid,
    op: str,
    by: Actor | None,
    fields: Mapping[str, Any],
) -> int:
    """Add one event to the journal and return its entry's id. Must run inside the caller's transaction.

    `op="create"` begins a record's history; any other op continues it. Fields that the kind does not declare
    are an error; declared fields that are not given are committed to as null. `by=None` is the system itself.
    """
    found = kind_named(kind)
    _check(found, op, fields)
    rev, prev = (1, None) if op == CREATE else _next_revision(record.uid)
    (entry,) = _store(found, op, by, [(record.uid, rev, prev, fields)])
    return entry


def record_many(
    kind: str,
    *,
    op: str,
    by: Actor | None,
    items: Iterable[tuple[UUID, Mapping[str, Any]]],
) -> list[int]:
    """Add the first event of many new records, in the order given; returns the entries' ids in that order."""
    found = kind_named(kind)
    rows: list[tuple[UUID, int, str | None, Mapping[str, Any]]] = []
    for uid, fields in items:
        _check(found, op, fields)
        rows.append((uid, 1, None, fields))
    return _store(found, op, by, rows)


def _check(kind: Kind, op: str, fields: Mapping[str, Any]) -> None:
    if op not in kind.ops:
        raise ValueError(f"The journal knows no “{op}” of a {kind.name}.")
    unknown = set(fields) - set(kind.fields)
    if unknown:
        raise ValueError(f"{kind.name} declares no field {sorted(unknown)}.")


def _check_length(kind: Kind, length: int) -> None:
    """A value of any length is one digest in the entry, so only the number of fields can make it too long."""
    if length > LONGEST_ENTRY:
        raise Refused(
            f"An entry of the kind {kind.name} would have {length:,} bytes; the log takes at most {LONGEST_ENTRY:,} "
            "(C2SP tlog-tiles). The kind declares too many fields: split it."
        )


def _next_revision(record: UUID) -> tuple[int, str | None]:
    last = Entry.objects.filter(record=record).order_by("-rev").values("rev", "leaf").first()
    return (1, None) if last is None else (last["rev"] + 1, last["leaf"])


def _store(
    kind: Kind,
    op: str,
    by: Actor | None,
    rows: list[tuple[UUID, int, str | None, Mapping[str, Any]]],
) -> list[int]:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of its action.")
    now = database_now()
    actor = None if by is None else by.uid
    made, values = [], []
    for uid, rev, prev, fields in rows:
        full = {**fields, "at": now, "by": actor}
        written = entries.write(kind, record=uid, op=op, rev=rev, prev=prev, fields=full)
        _check_length(kind, len(written.body))
        made.append(
            Entry(
                kind=kind.name,
                record=uid,
                op=op,
                rev=rev,
                actor=actor,
                at=now,
                body=written.body,
                leaf=written.leaf,
            )
        )
        values.append(written.disclosures)
    Entry.objects.bulk_create(made)
    Disclosure.objects.bulk_create(
        Disclosure(entry=entry, values=value) for entry, value in zip(made, values, strict=True)
    )
    return [entry.pk for entry in made]
