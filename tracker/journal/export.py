"""The whole log as a folder that a stranger checks without us: keys, checkpoints, tiles, proofs (docs/verifying.md).

Everything is streamed: memory stays the same for ten million entries. The folder appears whole or not at all.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from tracker.journal import log, service
from tracker.journal.checkpoints import Head, Proof
from tracker.journal.export_words import readme
from tracker.journal.merkle import EMPTY_ROOT, WIDTH, Reader
from tracker.journal.models import Checkpoint, Leaf, Pending
from tracker.journal.notes import Verifier, encoded
from tracker.journal.tiles import LONGEST_ENTRY, bundle, bundle_path, grown

MOST_CONSISTENCY = 1000  # with more checkpoints, a sample of so many is linked
PROOFS = 1000
_PAGE = 1000
_TOLD = 10_000  # progress is said after so many files

Say = Callable[[str], None]
T = TypeVar("T")


class CannotExport(Exception):
    """Nothing was written. Carries the sentence a person reads."""


@dataclass(frozen=True)
class Content:
    """What goes in besides keys, checkpoints and hash tiles.

    `entries`: the bytes of every entry and `proofs` inclusion proofs. `disclosures`: every value with its salt.
    """

    entries: bool = False
    proofs: int = PROOFS
    disclosures: bool = False

    @property
    def private(self) -> bool:
        return self.entries or self.disclosures


@dataclass(frozen=True)
class Summary:
    """What an export holds, and how many entries are not in it yet."""

    size: int
    waiting: int
    checkpoints: int
    proofs: int


def export(
    *, folder: Path, content: Content, witnesses: Iterable[Verifier] = (), say: Say
) -> Summary:
    """Write the log up to the published checkpoint into `folder`, which must be empty or absent. Raises CannotExport."""
    head, text = _newest()
    with _whole(folder, private=content.private) as part:
        keys = _write_keys(part, witnesses)
        count, sample = _write_checkpoints(part, head.size, say)
        _write(part / "checkpoints" / str(head.size), text.encode())
        _write_consistency(part, _linked(sample), say)
        _write_tiles(part, head.size, say)
        proofs = 0
        if content.entries:
            _write_bundles(part, head.size, say)
            proofs = _write_proofs(part, head.size, text, content.proofs, say)
        if content.disclosures:
            _write_disclosures(part, head.size, say)
        _write(part / "README.txt", readme(head=head, keys=keys, content=content).encode())
        # The checkpoint comes last, as when the log is published.
        _write(part / "log" / "checkpoint", text.encode())
    waiting = Pending.objects.count() + max(0, log.size() - head.size)
    return Summary(head.size, waiting, max(1, count), proofs)


# --- The folder --------------------------------------------------------------------


@contextmanager
def _whole(folder: Path, *, private: bool) -> Iterator[Path]:
    """A folder beside the one that is wanted, put in its place when it is complete; after an error it is gone."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotExport(
            f"{folder} is not an empty folder: name a new one, so that nothing old is taken for a part of the export."
        )
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    place = folder.absolute()
    part = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.part-"))
    try:
        yield part
        part.chmod(0o700 if private else 0o755)
        os.sync()  # one for all: tens of thousands of files would each wait for the disk
        part.replace(place)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _told(items: Iterable[T], total: int, what: str, say: Say) -> Iterator[T]:
    """The items, with a line before the first one and after every ten thousand."""
    if total:
        say(f"{what}: {total:,}")
    for number, item in enumerate(items, start=1):
        yield item
        if number % _TOLD == 0 and number < total:
            say(f"  {number:,} of {total:,}")


# --- Which checkpoint, which keys --------------------------------------------------


def _newest() -> tuple[Head, str]:
    """The published checkpoint; before the first publication the last one signed; for an empty log one of size 0."""
    published, signed = service.publication().head(), log.latest_checkpoint()
    if published is not None:
        size = published.size
    elif signed is not None:
        size = signed.size
    else:
        return _of_an_empty_log()
    found = Checkpoint.objects.filter(size=size).first()
    head = None if found is None else Head(service.keyring().origin, size, bytes(found.root))
    if head is None or found is None or published not in (None, head):
        raise CannotExport(
            f"The published checkpoint of {size} entries is not the database's: the database is another copy. "
            "`journal_verify` says more."
        )
    if size > log.size() or log.root_at(size) != head.root:
        raise CannotExport(
            f"The first {size} entries do not give the root that was signed: an entry was changed, removed or moved. "
            "`journal_verify` names it."
        )
    return head, _published(found)


def _of_an_empty_log() -> tuple[Head, str]:
    if reason := service.stop().reason:
        raise CannotExport(f"Nothing is signed: {reason}")
    if log.size():
        raise CannotExport(
            "Nothing was signed yet: wait for the journal's next round, or run `journal_run --once`."
        )
    head = Head(service.keyring().origin, 0, EMPTY_ROOT)
    return head, str(service.signer().sign(head, [], fresh=True))


def _published(checkpoint: Checkpoint) -> str:
    """As `Checkpoint.published`, from cosignatures that were fetched by the page."""
    lines = sorted(checkpoint.cosignatures.all(), key=lambda one: one.witness)
    return checkpoint.note + "".join(one.line for one in lines)


def _write_keys(part: Path, witnesses: Iterable[Verifier]) -> list[tuple[str, Verifier]]:
    """`log.vkey` is the newest key, then older ones. A retired key's name says up to which size it counts."""
    keys = []
    for number, (verifier, until) in enumerate(reversed(service.keyring().every()), start=1):
        name = "log" if number == 1 else f"log-{number}"
        keys.append(
            (f"{name}.vkey" if until is None else f"{name}.retired-at-{until}.vkey", verifier)
        )
    keys += [(f"w{number}.vkey", one) for number, one in enumerate(witnesses, start=1)]
    for name, verifier in keys:
        _write(part / name, f"{verifier.vkey}\n".encode())
    return keys


# --- Checkpoints and what links them -----------------------------------------------


def _write_checkpoints(part: Path, size: int, say: Say) -> tuple[int, list[int]]:
    """Every checkpoint up to `size`, with the lines of its witnesses. Returns how many, and the sizes to be linked."""
    rows = Checkpoint.objects.filter(size__lte=size).order_by("size")
    count, sample = rows.count(), []
    wanted = set(spread(count, MOST_CONSISTENCY))
    pages = rows.prefetch_related("cosignatures").iterator(chunk_size=_PAGE)
    for place, checkpoint in enumerate(_told(pages, count, "Checkpoints", say)):
        _write(part / "checkpoints" / str(checkpoint.size), _published(checkpoint).encode())
        if place in wanted:
            sample.append(checkpoint.size)
    return count, sample


def spread(count: int, most: int) -> Iterator[int]:
    """Up to `most` of the numbers below `count`, evenly spread, the first and the last among them."""
    chosen = min(count, most)
    return (step * (count - 1) // max(1, chosen - 1) for step in range(chosen))


def _linked(sizes: list[int]) -> list[tuple[int, int]]:
    """Pairs of neighbours, and the first with the last."""
    ends = [(sizes[0], sizes[-1])] if len(sizes) > 2 else []
    return [*pairwise(sizes), *ends]


def _write_consistency(part: Path, pairs: list[tuple[int, int]], say: Say) -> None:
    """Each as the body of a witness's add-checkpoint request (C2SP tlog-witness)."""
    for old, new in _told(pairs, len(pairs), "Consistency proofs", say):
        proof = [encoded(one) for one in log.consistency(old, new)]
        checkpoint = (part / "checkpoints" / str(new)).read_text()
        body = "\n".join([f"old {old}", *proof, "", checkpoint])
        _write(part / "consistency" / f"{old}-{new}", body.encode())


# --- Tiles, entries, proofs, values ------------------------------------------------


def _write_tiles(part: Path, size: int, say: Say) -> None:
    tiles = log.DatabaseTiles()
    for tile in _told(grown(0, size), sum(1 for _ in grown(0, size)), "Tiles", say):
        _write(part / "log" / tile.path, tiles.tile(*tile))


def _bodies(start: int, end: int) -> list[bytes]:
    rows = Leaf.objects.filter(seq__gte=start, seq__lt=end).order_by("seq")
    return [bytes(body) for body in rows.values_list("entry__body", flat=True)]


def _write_bundles(part: Path, size: int, say: Say) -> None:
    starts = range(0, size, WIDTH)
    for start in _told(starts, len(starts), "Bundles of entries", say):
        found = _bodies(start, min(start + WIDTH, size))
        for place, body in enumerate(found, start=start):
            if len(body) > LONGEST_ENTRY:
                raise CannotExport(
                    f"Entry number {place} has {len(body):,} bytes; a bundle holds at most {LONGEST_ENTRY:,} "
                    "(C2SP tlog-tiles), and none longer was ever accepted. `journal_verify` says more."
                )
        _write(part / "log" / bundle_path(start // WIDTH, len(found)), bundle(found))


def _write_proofs(part: Path, size: int, checkpoint: str, most: int, say: Say) -> int:
    count = min(size, most)
    for number, index in enumerate(_told(spread(size, most), count, "Inclusion proofs", say)):
        if number % _PAGE == 0:
            tree = Reader(log.DatabaseTiles(), size)  # it remembers what it read: not for ever
        (body,) = _bodies(index, index + 1)
        proof = Proof(index, tuple(tree.inclusion(index)), checkpoint, body)
        _write(part / "proofs" / f"{index}.tlog-proof", str(proof).encode())
    return count


def _write_disclosures(part: Path, size: int, say: Say) -> None:
    """One line per entry, in the order of the log: {"index", "record", "disclosures": {field: string}}."""
    wanted = ("seq", "entry__record", "entry__disclosure__values")
    rows = Leaf.objects.filter(seq__lt=size).order_by("seq").values_list(*wanted)
    with (part / "disclosures.jsonl").open("w", encoding="utf-8") as file:
        for index, record, values in _told(
            rows.iterator(chunk_size=_PAGE), size, "Lines of values", say
        ):
            line = {"index": index, "record": str(record), "disclosures": values or {}}
            file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
