"""The tree recomputed from the entries' bytes alone. Knows no database, so that a stranger and the bench can run it.

Nothing that the log says about itself is used: no stored leaf hash, no stored tile.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tracker.journal.merkle import HASH, Growth

_AT_ONCE = 4096


@dataclass(frozen=True)
class Root:
    """The root over the first `size` entries."""

    size: int
    root: bytes


@dataclass(frozen=True)
class Row:
    """The hashes of one tile, and the node above them; a partial tile has none above."""

    level: int
    number: int
    row: bytes
    above: bytes | None

    @property
    def width(self) -> int:
        return len(self.row) // HASH


def leaves_of(bodies: Iterable[bytes]) -> bytes:
    """RFC 6962 §2.1: SHA-256 of a zero byte and the entry, one after the other."""
    sha256 = hashlib.sha256
    return b"".join([sha256(b"\x00" + body).digest() for body in bodies])


class Tree:
    """Grows leaf by leaf in constant memory, and says the roots at the wanted sizes and every tile."""

    def __init__(self, sizes: Iterable[int] = ()) -> None:
        """`sizes` rise; each may come more than once."""
        self._growth = Growth()
        self._sizes = iter(sizes)
        self._next = next(self._sizes, None)

    @property
    def size(self) -> int:
        return self._growth.size

    def extend(self, leaves: bytes) -> Iterator[Root | Row]:
        """Put leaf hashes at the end. Tiles come out when they are full, a root when its size is reached."""
        start, end = self.size, self.size + len(leaves) // HASH
        yield from self._roots()
        done = start
        while self._next is not None and self._next <= end:
            upto = self._next
            yield from self._grow(leaves[(done - start) * HASH : (upto - start) * HASH])
            yield from self._roots()
            done = upto
        yield from self._grow(leaves[(done - start) * HASH :])

    def _grow(self, leaves: bytes) -> Iterator[Row]:
        if leaves:
            self._growth.extend(leaves)
            for full in self._growth.take():
                yield Row(*full)

    def _roots(self) -> Iterator[Root]:
        while self._next is not None and self._next <= self.size:
            if self._next == self.size:
                yield Root(self.size, self._growth.root())
            self._next = next(self._sizes, None)

    def edges(self) -> Iterator[Row]:
        """The partial tiles at the right edge, and the roots that end there."""
        for level, row in enumerate(self._growth.edges):
            if row:
                yield Row(level, (self.size >> 8 * level) // 256, row, None)


def recompute(bodies: Iterable[bytes], sizes: Iterable[int] = ()) -> Iterator[Root | Row]:
    """Roots at the wanted sizes (rising) and all tiles of the log with these entries, in the order they arise."""
    tree, rest = Tree(sizes), iter(bodies)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield from tree.extend(leaves_of(chunk))
    yield from tree.extend(b"")
    yield from tree.edges()


def root_of(bodies: Sequence[bytes]) -> bytes:
    """The root over all entries."""
    (found,) = (one.root for one in recompute(bodies, [len(bodies)]) if isinstance(one, Root))
    return found
