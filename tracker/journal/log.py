"""Reading the log: its tiles, its head, and proofs, all from the database."""

from django.db.models import Max

from tracker.journal.checkpoints import Head, Proof
from tracker.journal.merkle import WIDTH, Reader
from tracker.journal.models import Checkpoint, Cosignature, Leaf, Tile
from tracker.journal.notes import BadNote


class DatabaseTiles:
    """The log's tiles. Full ones are rows; a partial one is put together from the level below it."""

    def tile(self, level: int, number: int, width: int) -> bytes:
        if width == WIDTH:
            row = Tile.objects.filter(level=level, number=number).values_list("row", flat=True)
            return bytes(row.first() or b"")
        return b"".join(_parts(level, number, width))


def _parts(level: int, number: int, width: int) -> list[bytes]:
    start = number * WIDTH
    if level == 0:
        leaves = Leaf.objects.filter(seq__gte=start, seq__lt=start + width)
        return [bytes(h) for h in leaves.order_by("seq").values_list("hash", flat=True)]
    below = Tile.objects.filter(level=level - 1, number__gte=start, number__lt=start + width)
    return [bytes(h) for h in below.order_by("number").values_list("above", flat=True)]


def size() -> int:
    """How many entries have a place in the log."""
    last = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    return 0 if last is None else last + 1


def root_at(size: int) -> bytes:
    """The root over the first `size` entries."""
    return Reader(DatabaseTiles(), size).root()


def head(origin: str) -> Head:
    """The log as it stands, signed or not."""
    now = size()
    return Head(origin, now, root_at(now))


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the log of `new` entries grew out of the one of `old`."""
    return Reader(DatabaseTiles(), new).consistency(old)


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
    return Proof(index, tuple(Reader(DatabaseTiles(), size).inclusion(index)), checkpoint, extra)
