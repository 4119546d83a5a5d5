"""Reading the log: its tiles, its head, and proofs, all from the database."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Max, QuerySet, Value

from tracker.journal.checkpoints import Head, Proof
from tracker.journal.merkle import HASH, WIDTH, Reader, Span, consistency_spans, inclusion_spans
from tracker.journal.models import Checkpoint, Cosignature, Leaf, Tile
from tracker.journal.notes import BadNote


class DatabaseTiles:
    """The log's tiles. Full ones are rows; a partial one is put together from the level below it."""

    def __init__(self) -> None:
        self._brought: dict[tuple[int, int, int], bytes] = {}

    def bring(self, wanted: Collection[tuple[int, int, int]]) -> None:
        """Fetch tiles (level, number, width) in one query. A proof waits for the way to the database once."""
        parts = [_rows_of(*tile) for tile in sorted(wanted, reverse=True) if tile[2]]
        if not parts:
            return
        found: dict[tuple[int, int], list[tuple[int, bytes]]] = {}
        for level, place, row in parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]:
            alone = len(row) == HASH  # one hash of the tile above, or a whole tile
            name = (level + 1, place // WIDTH) if alone else (level, place)
            found.setdefault(name, []).append((place, bytes(row)))
        for level, number, width in wanted:
            rows = sorted(found.get((level, number), []))
            self._brought[level, number, width] = b"".join(row for _, row in rows)

    def tile(self, level: int, number: int, width: int) -> bytes:
        asked = (level, number, width)
        if asked not in self._brought:
            self.bring([asked])
        return self._brought.pop(asked, b"")


def _rows_of(level: int, number: int, width: int) -> QuerySet[Any, Any]:
    """The rows that a tile is put together from: the level they stand on (leaves: -1), their place on it, hashes."""
    if width == WIDTH:
        return Tile.objects.filter(level=level, number=number).values_list("level", "number", "row")
    start = number * WIDTH
    if level == 0:
        leaves = Leaf.objects.filter(seq__gte=start, seq__lt=start + width)
        return leaves.values_list(Value(-1), "seq", "hash")
    below = Tile.objects.filter(level=level - 1, number__gte=start, number__lt=start + width)
    return below.values_list("level", "number", "above")


def _reader(size: int, spans: Iterable[Span]) -> Reader:
    """A reader of the first `size` entries that has what it needs for these nodes already."""
    tiles = DatabaseTiles()
    reader = Reader(tiles, size)
    tiles.bring(reader.needed(spans))
    return reader


def size() -> int:
    """How many entries have a place in the log."""
    last = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    return 0 if last is None else last + 1


def root_at(size: int) -> bytes:
    """The root over the first `size` entries."""
    return _reader(size, [Span(0, size)]).root()


def head(origin: str) -> Head:
    """The log as it stands, signed or not."""
    now = size()
    return Head(origin, now, root_at(now))


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` entries grew out of the one of `old`."""
    return _reader(new, consistency_spans(old, new)).consistency(old)


def latest_checkpoint() -> Checkpoint | None:
    """The last one that was signed. It is published as soon as the policy's witnesses have seen it."""
    return Checkpoint.objects.order_by("-size").first()


def cosigned_sizes() -> dict[str, int]:
    """Up to which size each witness, by the name of its key, has cosigned."""
    rows = Cosignature.objects.values_list("witness").annotate(Max("checkpoint_id"))
    return dict(rows.order_by())


def witnesses_of(size: int) -> set[str]:
    """Who has cosigned the checkpoint of this size, by the names of their keys."""
    return set(Cosignature.objects.filter(checkpoint_id=size).values_list("witness", flat=True))


def first_checkpoint_over(index: int) -> Checkpoint | None:
    """The oldest checkpoint that covers a place: “logged no later than” is its time."""
    return Checkpoint.objects.filter(size__gt=index).order_by("size").first()


def index_of(entry: int) -> int | None:
    """The place of an entry, counted from 0; None while it waits."""
    return Leaf.objects.filter(entry_id=entry).values_list("seq", flat=True).first()


def prove(index: int, checkpoint: str, extra: bytes | None = None) -> Proof:
    """A proof that place `index` is under a checkpoint of ours (its text as published)."""
    size = Head.read(checkpoint.rsplit("\n\n", 1)[0] + "\n").size
    if not 0 <= index < size:
        raise BadNote(f"Entry {index} is not in the log of {size} entries that was signed.")
    return Proof(
        index,
        tuple(_reader(size, inclusion_spans(index, size)).inclusion(index)),
        checkpoint,
        extra,
    )
