"""The Merkle tree of RFC 6962 §2.1 (unchanged in RFC 9162 §2.1) over SHA-256: hashes, proofs, and their checks.

Nothing here knows a database. A tree is read through a `Tiles` (see `tiles.py`), which hands out rows of hashes; a
proof is first a list of spans of leaves, then their hashes. Indexes count from zero.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

HASH = 32
TILE_BITS = 8  # C2SP tlog-tiles: a tile holds 2^8 hashes
WIDTH = 1 << TILE_BITS
LONGEST_PROOF = 63
_PAIRS = struct.Struct(f"{2 * HASH}s").iter_unpack
EMPTY_ROOT = hashlib.sha256(b"").digest()


class Tiles(Protocol):
    """Where a tree's hashes lie: `width` hashes of tile `number` on `level`, concatenated."""

    def tile(self, level: int, number: int, width: int) -> bytes: ...


@dataclass(frozen=True)
class Span:
    """The leaves from `start` up to, not including, `end`, that form one node of the tree."""

    start: int
    end: int


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(row: bytes) -> bytes:
    """The node above 2^k neighbouring hashes, given as one string of bytes."""
    sha256 = hashlib.sha256
    while len(row) > HASH:
        row = b"".join([sha256(b"\x01" + pair).digest() for (pair,) in _PAIRS(row)])
    return row


def fold(nodes: Sequence[bytes]) -> bytes:
    """The root over perfect subtrees of falling size, left to right: the last one is promoted, never doubled."""
    root = nodes[-1]
    for left in reversed(nodes[:-1]):
        root = node_hash(left, root)
    return root


def _split(width: int) -> int:
    """The largest power of two strictly below `width` (RFC 6962 §2.1: k)."""
    return 1 << ((width - 1).bit_length() - 1)


# --- Which nodes a proof consists of --------------------------------------------


def inclusion_spans(index: int, size: int) -> list[Span]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1, as spans, from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    start, end, found = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(Span(middle, end))
            end = middle
        else:
            found.append(Span(start, middle))
            start = middle
    return found[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """PROOF(m, D[n]) of RFC 6962 §2.1.2, as spans. Empty for an empty or an equal older tree."""
    if not 0 <= old <= new:
        raise ValueError(f"A tree of {new} cannot grow out of one of {old}.")
    if old in (0, new):
        return []
    start, end, found = 0, new, []
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            found.append(Span(middle, end))
            end = middle
        else:
            found.append(Span(start, middle))
            start = middle
    if start > 0:  # the older tree's last node is not its root: the verifier has to be told
        found.append(Span(start, end))
    return found[::-1]


# --- Hashes from tiles ------------------------------------------------------------


def width_in(level: int, number: int, size: int) -> int:
    """How many hashes tile `number` of `level` holds in a tree of `size` leaves (C2SP tlog-tiles)."""
    return max(0, min(WIDTH, (size >> (TILE_BITS * level)) - number * WIDTH))


def _perfect_in(span: Span) -> Iterator[tuple[int, int]]:
    """The perfect subtrees of a span, the largest first: height, and index on that height."""
    start = span.start
    while start < span.end:
        height = (span.end - start).bit_length() - 1
        yield height, start >> height
        start += 1 << height


class Reader:
    """Reads the nodes of one tree of a given size; each tile is fetched once and each node computed once."""

    def __init__(self, tiles: Tiles, size: int) -> None:
        self.tiles = tiles
        self.size = size
        self._fetched: dict[tuple[int, int], bytes] = {}
        self._nodes: dict[Span, bytes] = {}

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._fetched:
            width = width_in(level, number, self.size)
            row = self.tiles.tile(level, number, width)
            if len(row) != width * HASH:
                raise ValueError(
                    f"Tile {level}/{number} has {len(row)} bytes instead of {width * HASH}."
                )
            self._fetched[level, number] = row
        return self._fetched[level, number]

    def needed(self, spans: Iterable[Span]) -> set[tuple[int, int, int]]:
        """Level, number and width of every tile that these nodes are read from, for who fetches them together."""
        found = set()
        for span in spans:
            for height, index in _perfect_in(span):
                level, above = divmod(height, TILE_BITS)
                number = (index << above) // WIDTH
                found.add((level, number, width_in(level, number, self.size)))
        return found

    def _perfect(self, height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_BITS)
        number, offset = divmod(index << above, WIDTH)
        row = self._tile(level, number)
        return perfect_root(row[offset * HASH : (offset + (1 << above)) * HASH])

    def node(self, span: Span) -> bytes:
        """MTH of a span: its perfect subtrees, the largest first."""
        if span not in self._nodes:
            self._nodes[span] = self._computed(span)
        return self._nodes[span]

    def _computed(self, span: Span) -> bytes:
        return fold([self._perfect(height, index) for height, index in _perfect_in(span)])

    def root(self) -> bytes:
        return self.node(Span(0, self.size)) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        return [self.node(span) for span in inclusion_spans(index, self.size)]

    def consistency(self, old: int) -> list[bytes]:
        return [self.node(span) for span in consistency_spans(old, self.size)]


class Growth:
    """A tree as it grows: the right edge of every level, and the full tiles that came out since the last `take`.

    Appending costs constant memory; the sequencer and the verifier use the same code.
    """

    def __init__(self, size: int = 0, edges: Sequence[bytes] = ()) -> None:
        self.size = size
        self._edges = [bytearray(edge) for edge in edges]
        self._full: list[tuple[int, int, bytes, bytes]] = []

    @classmethod
    def of(cls, tiles: Tiles, size: int) -> "Growth":
        """Continue an existing tree: one partial tile per level is read."""
        edges, level = [], 0
        while size >> (TILE_BITS * level):
            number, width = divmod(size >> (TILE_BITS * level), WIDTH)
            edges.append(tiles.tile(level, number, width) if width else b"")
            level += 1
        return cls(size, edges)

    def append(self, leaf: bytes) -> None:
        self.extend(leaf)

    def extend(self, leaves: bytes) -> None:
        """Several leaf hashes, concatenated: a tile is hashed at once."""
        if not self._edges:
            self._edges.append(bytearray())
        edge, start = self._edges[0], 0
        while start < len(leaves):
            part = leaves[start : start + WIDTH * HASH - len(edge)]
            start += len(part)
            edge += part
            self.size += len(part) // HASH
            if len(edge) == WIDTH * HASH:
                self._carry()

    def _carry(self) -> None:
        """The lowest tile is full: hand it out, and put the node above it on the next level."""
        level = 0
        while len(self._edges[level]) == WIDTH * HASH:
            row = bytes(self._edges[level])
            above = perfect_root(row)
            self._edges[level].clear()
            self._full.append((level, (self.size >> (TILE_BITS * (level + 1))) - 1, row, above))
            level += 1
            if level == len(self._edges):
                self._edges.append(bytearray())
            self._edges[level] += above

    def take(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """The tiles that became full: level, number, the 256 hashes, and the node above them."""
        full, self._full = self._full, []
        yield from full

    @property
    def edges(self) -> list[bytes]:
        """The partial tile of each level, empty where the last one is full."""
        return [bytes(edge) for edge in self._edges]

    def root(self) -> bytes:
        nodes: list[bytes] = []
        for edge in reversed(self._edges):
            start, width = 0, len(edge) // HASH
            while start < width:
                step = 1 << ((width - start).bit_length() - 1)
                nodes.append(perfect_root(bytes(edge[start * HASH : (start + step) * HASH])))
                start += step
        return fold(nodes) if nodes else EMPTY_ROOT


# --- Checking what somebody else says ---------------------------------------------


def _well_formed(*hashes: bytes) -> bool:
    return len(hashes) <= LONGEST_PROOF + 2 and all(len(one) == HASH for one in hashes)


def inclusion_holds(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Is this leaf at this index of the tree with this root? RFC 9162 §2.1.3.2."""
    if not 0 <= index < size or len(proof) > LONGEST_PROOF or not _well_formed(leaf, root, *proof):
        return False
    here, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            node = node_hash(sibling, node)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and node == root


def consistency_holds(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Did the newer tree grow out of the older one, nothing changed? RFC 9162 §2.1.4.2."""
    well_formed = len(proof) <= LONGEST_PROOF and _well_formed(old_root, new_root, *proof)
    if not 0 <= old <= new or not well_formed:
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return bool(path) and _both_roots(old, new, path) == (old_root, new_root)


def _both_roots(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    older = newer = path[0]
    for node in path[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            older, newer = node_hash(node, older), node_hash(node, newer)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            newer = node_hash(newer, node)
        here, last = here >> 1, last >> 1
    return (older, newer) if last == 0 else None
