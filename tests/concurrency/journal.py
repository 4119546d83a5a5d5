"""Many writers and a sequencer: what each of them does, and what must be true of the log when all have finished.

    python -m tests.concurrency.journal write SEED SECONDS START_AT     writes, prints what it committed as JSON
    python -m tests.concurrency.journal sequence SECONDS                a sequencer that knows of no other one
    python -m tests.concurrency.journal live SECONDS LIFE               journal_run, killed (-9) after LIFE seconds, again and again
    python -m tests.concurrency.journal check                           reads what the writers printed, one JSON per line

`DATABASE_URL` and `VAR_DIR` say where.
"""

import json
import os
import random
import signal
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
SHARED = [uuid.UUID(int=n) for n in range(1, 4)]  # records that every writer continues


@dataclass
class Thing:
    uid: uuid.UUID


@dataclass
class Written:
    """What one writer saw: the entries that it committed, how often it took a transaction back, what else happened."""

    committed: list[int] = field(default_factory=list)
    taken_back: int = 0
    overtaken: int = 0
    broken: list[str] = field(default_factory=list)


class TakenBack(Exception):
    pass


def write(seed: int, until: float) -> Written:
    """Transactions of one to four entries; some are taken back, all stay open for up to 8 ms."""
    from django.db import DatabaseError, IntegrityError

    dice, told, mine = random.Random(seed), Written(), Thing(uuid.uuid4())
    _transaction(dice, told, [(mine, "create")])
    while time.time() < until:
        acts = [(mine, "change"), (Thing(uuid.uuid4()), "create"), (Thing(uuid.uuid4()), "create")]
        acts = acts[: dice.randint(1, 3)]
        if dice.random() < 0.3:
            acts.append((Thing(dice.choice(SHARED)), "change"))
        try:
            _transaction(dice, told, acts)
        except TakenBack:
            told.taken_back += 1
        except (
            IntegrityError
        ) as error:  # two continued the same record at once: one of them did nothing
            told.overtaken += "record" in str(error)
            told.broken += [] if "record" in str(error) else [repr(error)]
        except DatabaseError as error:
            told.broken.append(repr(error))
    return told


def _transaction(dice: random.Random, told: Written, acts: list[tuple[Thing, str]]) -> None:
    from django.db import transaction

    from tracker.journal.actions import record

    with transaction.atomic():
        made = []
        for thing, op in acts:
            fields = {"title": f"Program {dice.random()}"}
            made.append(record("program", record=thing, op=op, by=None, fields=fields))
            time.sleep(dice.random() * 0.008 / len(acts))
        if len(made) < 4 and dice.random() < 0.15 and told.committed:
            raise TakenBack
    told.committed += made


def sequence_until(until: float) -> None:
    """A sequencer as another machine would run it: no lock file keeps it from being the second one."""
    from tracker.journal.actions import sequence

    while time.time() < until:
        if not sequence(limit=50):
            time.sleep(0.01)


def live(seconds: float, life: float) -> None:
    """`journal_run`, a whole process each time, killed without a warning. Says how often."""
    from django.core.management import call_command

    deaths, end = 0, time.time() + seconds
    while time.time() < end:
        child = os.fork()
        if not child:
            call_command("journal_run", stdout=sys.stderr)
            os._exit(1)
        time.sleep(life * random.uniform(0.7, 1.3))
        os.kill(child, signal.SIGKILL)
        deaths += os.waitpid(child, 0)[1] == signal.SIGKILL
    print(deaths)


# --- Afterwards --------------------------------------------------------------------


def check_the_log(told: list[Written], folder: Path) -> None:
    """Every committed entry has exactly one place, in the order of its record; tree, mark, checkpoints and files agree."""
    broken = [line for one in told for line in one.broken]
    assert not broken, broken[:5]
    check_places(sorted(entry for one in told for entry in one.committed))
    check_order_within_records()
    check_tree(folder)


def check_places(committed: list[int]) -> None:
    from tracker.journal.models import Entry, Leaf, Pending

    assert len(committed) == len(set(committed)) > 0
    assert not Pending.objects.exists()
    assert list(Entry.objects.order_by("pk").values_list("pk", flat=True)) == committed
    places = list(Leaf.objects.order_by("seq").values_list("seq", "entry_id"))
    assert [seq for seq, _ in places] == list(range(len(committed))), "a gap"
    assert sorted(entry for _, entry in places) == committed, "lost, or there twice"


def check_order_within_records() -> None:
    """Each revision of a record lies behind the one that it names as its `prev`."""
    from tracker.journal.models import Leaf

    rows = Leaf.objects.order_by("seq").values_list(
        "entry__record", "entry__rev", "entry__leaf", "entry__body"
    )
    last: dict[uuid.UUID, tuple[int, str | None]] = {}
    for record, rev, leaf, body in rows:
        before, hashed = last.get(record, (0, None))
        assert (rev, json.loads(bytes(body))["prev"]) == (before + 1, hashed), record
        last[record] = rev, leaf
    assert max(rev for rev, _ in last.values()) > 3


def check_tree(folder: Path) -> None:
    """Recomputed from the entries' bytes: every checkpoint's root, every tile, the mark and the published files."""
    from django.conf import settings

    from tracker.journal import log
    from tracker.journal.checkpoints import read_checkpoint
    from tracker.journal.merkle import Reader, leaf_hash
    from tracker.journal.models import Checkpoint, Leaf, Tile
    from tracker.journal.publication import Publication, PublishedTiles
    from tracker.journal.signer import Keyring, Signer
    from tracker.journal.tiles import MemoryTiles

    rows = Leaf.objects.order_by("seq").values_list("hash", "entry__body")
    leaves = [leaf_hash(bytes(body)) for _, body in rows]
    assert [bytes(stored) for stored, _ in rows] == leaves
    size, tiles = len(leaves), MemoryTiles(leaves)
    stored = {(level, number): bytes(row) for level, number, row in _rows(Tile)}
    assert stored == tiles.full
    keyring = Keyring(folder / "keys", settings.JOURNAL_ORIGIN)
    checkpoints = list(Checkpoint.objects.order_by("size"))
    for one in checkpoints:
        head, _ = read_checkpoint(one.note, *keyring.verifiers(one.size))
        assert (head.size, head.root) == (one.size, bytes(one.root))
        assert head.root == Reader(tiles, one.size).root(), one
    root = Reader(tiles, size).root()
    assert (checkpoints[-1].size, log.size(), log.root_at(size)) == (size, size, root)
    mark = Signer(keyring, folder / "signer").mark()
    assert mark is not None and (mark.size, mark.root) == (size, root)
    published = Publication(folder / "journal")
    assert published.checkpoint() == checkpoints[-1].published
    outside = Reader(PublishedTiles(folder / "journal"), size)
    assert outside.root() == root
    assert [outside.inclusion(n) for n in (0, size - 1)] == [
        Reader(tiles, size).inclusion(n) for n in (0, size - 1)
    ]
    assert not (folder / "signer/stopped").exists()


def _rows(model):
    return model.objects.values_list("level", "number", "row")


def main(what: str, *arguments: str) -> None:
    django.setup()
    if what == "write":
        seed, seconds, start_at = map(float, arguments)
        time.sleep(max(0.0, start_at - time.time()))
        print(json.dumps(vars(write(int(seed), start_at + seconds))))
    elif what == "sequence":
        sequence_until(time.time() + float(arguments[0]))
    elif what == "live":
        live(*map(float, arguments))
    elif what == "check":
        check_the_log(
            [Written(**json.loads(line)) for line in sys.stdin], Path(os.environ["VAR_DIR"])
        )
        print("held")


if __name__ == "__main__":
    main(*sys.argv[1:])
