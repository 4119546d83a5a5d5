"""How a tree is cut into tiles and where they lie: C2SP tlog-tiles, tiles of height 8.

A tile `(level, number)` holds up to 256 hashes; hash `i` of it is the root over 256^level leaves. Full tiles never
change. A partial tile is the beginning of what will once be a full one; it is never hashed upwards.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tracker.journal.merkle import HASH, TILE_BITS, WIDTH, Growth, width_in

LONGEST_ENTRY = 65_535  # a bundle states an entry's length in two bytes


class Tile(NamedTuple):
    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        return f"tile/{self.level}/{numbered(self.number, self.width)}"


def numbered(number: int, width: int = WIDTH) -> str:
    """Groups of three digits, all but the last marked by an x: 1234067 is x001/x234/067."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def bundle_path(number: int, width: int = WIDTH) -> str:
    return f"tile/entries/{numbered(number, width)}"


def bundle(entries: list[bytes]) -> bytes:
    """Entries as tlog-tiles serves them: two bytes of length, then the entry."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def grown(old: int, new: int) -> Iterator[Tile]:
    """The tiles that a reader of a tree of `new` leaves may ask for and that one of `old` leaves did not have."""
    level = 0
    while new >> (TILE_BITS * level):
        first, last = (size >> (TILE_BITS * level) for size in (old, new))
        if first != last:
            for number in range(first // WIDTH, -(-last // WIDTH)):
                yield Tile(level, number, width_in(level, number, new))
        level += 1


class MemoryTiles:
    """The tiles of leaves that are at hand: for small trees, for tests, for what a stranger brought."""

    def __init__(self, leaves: list[bytes]) -> None:
        rows: dict[tuple[int, int], bytes] = {}
        self._levels: dict[int, bytearray] = {0: bytearray(b"".join(leaves))}
        growth = Growth()
        for leaf in leaves:
            growth.append(leaf)
        for level, number, row, above in growth.take():
            rows[level, number] = row
            self._levels.setdefault(level + 1, bytearray()).extend(above)
        self.full: Mapping[tuple[int, int], bytes] = rows

    def tile(self, level: int, number: int, width: int) -> bytes:
        row = self._levels.get(level, bytearray())
        start = number * WIDTH * HASH
        return bytes(row[start : start + width * HASH])
