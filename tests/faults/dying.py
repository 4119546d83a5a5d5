"""One round of the journal's pipeline that dies (kill -9) at a step, and the round after it. In processes of their own.

    python -m tests.faults.dying STEP       on a fresh copy of the database that `DATABASE_URL` names

Prints as JSON what the killed round left behind, and fails unless the next round repairs everything.
"""

import json
import os
import signal
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import django

BEFORE, MORE = 300, 300  # entries of the round that lived, and of the one that dies


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(act: Callable[..., Any]) -> Callable[..., Any]:
    """The act is done, then the process dies."""

    def done_and_dead(*given: Any, **named: Any) -> None:
        act(*given, **named)
        die()

    return done_and_dead


def steps() -> dict[str, Any]:
    """Where a round dies, in the order in which it passes there."""
    from tracker.journal import pipeline, publication
    from tracker.journal.actions import sequencing
    from tracker.journal.models import Checkpoint, Leaf
    from tracker.journal.signer import Signer

    keep, once, durably = (
        Checkpoint.objects.create,
        publication.write_once,
        publication.write_durably,
    )
    tiles = iter([once, die])
    move = Path.replace

    def move_no_tile(partial: Path, target: Path) -> Path:
        return die() if "tile" in target.parts else move(partial, target)

    def no_checkpoint(path: Path, *more: Any) -> None:
        die() if path.name == publication.CHECKPOINT else durably(path, *more)

    swap = mock.patch.object
    return {
        "places given, not committed": swap(
            Leaf.objects, "bulk_create", after(Leaf.objects.bulk_create)
        ),
        "tiles kept, not committed": swap(sequencing.Pending.objects, "filter", die),
        "sequenced, not signed": swap(Signer, "sign", die),
        "marked, not signed": swap(Signer, "remember", after(Signer.remember)),
        "signed, not kept": swap(pipeline, "keep_checkpoint", die),
        "kept, not committed": swap(Checkpoint.objects, "create", after(keep)),
        "kept, not witnessed": swap(pipeline.Pipeline, "_publish", die),
        "witnessed, not published": swap(publication.Publication, "publish", die),
        "within a tile": swap(Path, "replace", move_no_tile),
        "between tiles": swap(publication, "write_once", lambda *given: next(tiles)(*given)),
        "between tiles and checkpoint": swap(publication, "write_durably", no_checkpoint),
        "all done": swap(pipeline.Pipeline, "round", after(pipeline.Pipeline.round)),
    }


def write(count: int) -> list[int]:
    from django.db import transaction

    from tracker.journal.actions import record, record_many

    class Thing:
        uid = uuid.uuid4()

    with transaction.atomic():
        items = [(uuid.uuid4(), {"title": f"Authority {n}"}) for n in range(count - 5)]
        made = record_many("authority", op="create", by=None, items=items)
        for op in ("create", *["change"] * 4):
            fields = {"title": op}
            made.append(record("program", record=Thing(), op=op, by=None, fields=fields))
    return made


def in_a_child(act: Callable[[], Any]) -> int:
    """Run it in a process of its own; returns the signal that ended it, 0 for none."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if not child:
        act()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code <= 0, f"the child ended with {code}"
    return -code


def left_behind() -> dict[str, int]:
    """How far each store got."""
    from tracker.journal import log, service
    from tracker.journal.models import Pending

    mark, kept, published = (
        service.signer().mark(),
        log.latest_checkpoint(),
        service.publication().head(),
    )
    sizes = {"marked": mark, "kept": kept, "published": published}
    found = {name: one.size if one else 0 for name, one in sizes.items()}
    return {"placed": log.size(), "waiting": Pending.objects.count(), **found}


def main(step: str) -> None:
    django.setup()
    from tests.concurrency.journal import Written, check_the_log
    from tracker.journal import service

    made = write(BEFORE)
    assert service.bring_up_to_date().published == BEFORE
    made += write(MORE)

    def dying() -> None:
        with steps()[step]:
            service.bring_up_to_date()

    ended = in_a_child(dying)
    print(json.dumps({"signal": ended, **left_behind()}))
    made += write(10)  # life goes on before the sequencer is started again
    report = service.bring_up_to_date()
    assert report is not None and not report.said, report
    check_the_log([Written(made)], Path(os.environ["VAR_DIR"]))
    assert service.bring_up_to_date().signed is None


if __name__ == "__main__":
    main(*sys.argv[1:])
