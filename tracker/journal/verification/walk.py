"""Through the log from its first place to its last: every entry, every hash, every tile, every root that was claimed.

Memory stays the same: a chunk of entries, the right edge of the tree, and the differences that are kept.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial

from tracker.journal.merkle import HASH, TILE_BITS, WIDTH
from tracker.journal.models import Tile
from tracker.journal.notes import encoded
from tracker.journal.verification import entry as check
from tracker.journal.verification import erasures, rows
from tracker.journal.verification.rows import Place, Told, as_bytes
from tracker.journal.verification.tree import Root, Row, Tree, leaves_of
from tracker.journal.verification.verdict import Difference, Verdict

NOTHING = bytes(
    HASH
)  # stands at a place whose entry is gone, so that every other place stays where it was
LARGEST_HOLE = 1 << 16
JITTER = timedelta(
    minutes=1
)  # entries of transactions that ran side by side are not in the order of their times

Progress = Callable[[str, int], None]
RootSeen = Callable[[Root], None]
TileSeen = Callable[[Row], None]


class Walk:
    """One verification's way through the log. `on_root` hears every root that was asked for."""

    def __init__(self, verdict: Verdict, sizes: Iterable[int], on_root: RootSeen) -> None:
        self.verdict = verdict
        self.tree = Tree(sizes)
        self.on_root = on_root
        self.on_tile: TileSeen = lambda computed: None
        self.moved: list[int] = []  # places whose hash is not what the log committed to, rising
        self.latest: datetime | None = None
        self.backwards = 0
        self.lacking: dict[str, set[str]] = {}

    def run(self, size: int, progress: Progress) -> None:
        for chunk in rows.places(size):
            self._chunk(chunk)
            progress("entries", chunk[-1].seq + 1)
        self._hole(size)
        for event in (*self.tree.extend(b""), *self.tree.edges()):
            self._event(event)
        self._remark()

    def explained(self, start: int, end: int) -> bool:
        """Was a difference already found at a place from `start` up to, not including, `end`?"""
        return any(start <= place < end for place in self.moved)

    def differ(self, kind: str, what: str, told: Told | None, place: int | None) -> None:
        record, number = (None, None) if told is None else (told.record, told.pk)
        self.verdict.differ(Difference(kind, what, record, number, place))

    # --- Entries ------------------------------------------------------------------

    def _chunk(self, chunk: list[Place]) -> None:
        self._hole(chunk[0].seq)
        found = rows.entries([place.entry for place in chunk], self.spoilt)
        leaves = bytearray()
        first = self.tree.size
        for place in chunk:
            missing = place.seq - first - len(leaves) // HASH
            if missing > 0:
                self._event_all(self.tree.extend(bytes(leaves)))
                leaves.clear()
                self._hole(place.seq)
                first = self.tree.size
            leaves += self._leaf(place, found.get(place.entry))
        self._event_all(self.tree.extend(bytes(leaves)))

    def _leaf(self, place: Place, told: Told | None) -> bytes:
        if told is None:
            self._mark(place.seq)
            what = "the log gives it a place, but the entry itself is gone."
            self.verdict.differ(Difference("places", what, None, place.entry, place.seq))
            return NOTHING
        leaf = leaves_of([told.body])
        self.verdict.checks["entries in the log"] += 1
        if leaf != place.hash:
            self._mark(place.seq)
            self.differ(
                "hashes", "its bytes do not have the hash that the log holds.", told, place.seq
            )
        self.entry(told, place.seq, leaf)
        self._time(told)
        return leaf

    def entry(self, told: Told, place: int | None, leaf: bytes) -> None:
        """Everything about one entry that needs no other entry than the one before it."""
        differ = partial(self.differ, told=told, place=place)
        if encoded(leaf) != told.leaf:
            differ("hashes", "its bytes do not have the hash that stands beside them.")
        body = check.parsed(told.body)
        slots = body if isinstance(body, str) else check.slots_of(body)
        if isinstance(body, str) or isinstance(slots, str):
            differ("entries", slots if isinstance(slots, str) else str(body))
            return
        for what in (*check.of_columns(told, body), *check.of_kind(body, slots)):
            differ("columns", what)
        for name in check.lacks(body, slots):
            self.lacking.setdefault(str(told.kind), set()).add(name)
        disclosed = check.values_of(told.values)
        if isinstance(disclosed, str):
            differ("disclosures", disclosed)
            return
        decided = partial(erasures.fields_erased_from, told.pk)
        self.verdict.checks["disclosures"] += len(disclosed)
        self.verdict.checks["erased values"] += len(slots.keys() - disclosed.keys())
        for what in check.of_disclosures(slots, disclosed, decided):
            differ("disclosures", what)
        for what in check.of_values(told, disclosed):
            differ("disclosures", what)

    def spoilt(self, number: int) -> None:
        self.verdict.differ(
            Difference("entries", "its row cannot be read at all.", None, number, None)
        )

    def _time(self, told: Told) -> None:
        if not isinstance(told.at, datetime):
            return
        if self.latest is not None and told.at < self.latest - JITTER:
            self.backwards += 1
        else:
            self.latest = told.at

    # --- The tree -----------------------------------------------------------------

    def _mark(self, place: int) -> None:
        if len(self.moved) < self.verdict.most:
            self.moved.append(place)

    def _hole(self, upto: int) -> None:
        """Places without a row. The tree goes on behind them as if something else lay there."""
        start, hole = self.tree.size, upto - self.tree.size
        if hole <= 0:
            return
        for place in range(start, min(upto, start + self.verdict.most)):
            self._mark(place)
        places = f"place {start}" if hole == 1 else f"places {start} to {upto - 1}"
        what = f"The log has nothing at {places}: {hole} of its rows were removed."
        self.verdict.differ(Difference("places", what, place=None))
        self._event_all(self.tree.extend(NOTHING * min(hole, LARGEST_HOLE)))

    def _event_all(self, events: Iterator[Root | Row]) -> None:
        tiles: list[Row] = []
        for event in events:
            if isinstance(event, Root):
                self._tiles(tiles)
                tiles = []
                self.on_root(event)
            else:
                tiles.append(event)
        self._tiles(tiles)

    def _event(self, event: Root | Row) -> None:
        self._event_all(iter([event]))

    def _tiles(self, computed: list[Row]) -> None:
        full = [one for one in computed if one.above is not None]
        for level in sorted({one.level for one in full}):
            here = [one for one in full if one.level == level]
            stored = self._stored(level, here[0].number, here[-1].number)
            for one in here:
                self._tile(one, stored.get(one.number, []))
        for one in computed:
            self.on_tile(one)

    @staticmethod
    def _stored(level: int, first: int, last: int) -> dict[int, list[tuple[bytes, bytes]]]:
        found: dict[int, list[tuple[bytes, bytes]]] = {}
        tiles = Tile.objects.filter(level=level, number__gte=first, number__lte=last)
        for number, row, above in tiles.values_list("number", "row", "above"):
            found.setdefault(number, []).append((as_bytes(row), as_bytes(above)))
        return found

    def _tile(self, computed: Row, stored: list[tuple[bytes, bytes]]) -> None:
        name = f"Tile {computed.level}/{computed.number}"
        self.verdict.checks["tiles in the database"] += 1
        if len(stored) != 1:
            what = f"{name} of the log is {'missing' if not stored else 'there twice'}."
            self.verdict.differ(Difference("tiles", what))
        for row, above in stored[:1]:
            if row != computed.row:
                self.row_differs(computed, row, "tile", f"the database's tile {name[5:]}")
            elif above != computed.above:
                self._above_differs(computed, name)

    def row_differs(self, computed: Row, found: bytes, kind: str, where: str) -> None:
        """A tile holds other hashes than the entries have: at its lowest level each one is an entry."""
        width = computed.width
        start, span = computed.number * WIDTH, 1 << (TILE_BITS * computed.level)
        if len(found) != width * HASH:
            what = (
                f"{where[:1].upper()}{where[1:]} has {len(found)} bytes instead of {width * HASH}."
            )
            self.verdict.differ(Difference(f"{kind}s", what))
            return
        for index in range(width):
            cut = slice(index * HASH, (index + 1) * HASH)
            first = (start + index) * span
            if found[cut] == computed.row[cut] or self.explained(first, first + span):
                continue
            if computed.level:
                what = (
                    f"{where[:1].upper()}{where[1:]} does not hold the hash over the places {first} to "
                    f"{first + span - 1} as their entries give it."
                )
                self.verdict.differ(Difference(f"{kind}s", what))
            else:
                self._mark_in_order(first)
                record, number = rows.who_lies_at(first)
                what = f"{where} holds another hash for it: the entry was changed, or moved here, or the tile was changed."
                self.verdict.differ(Difference(f"{kind}s", what, record, number, first))

    def _above_differs(self, computed: Row, name: str) -> None:
        span = WIDTH << (TILE_BITS * computed.level)
        first = computed.number * span
        if self.explained(first, first + span):
            return
        what = (
            f"{name} fits its entries, but not the node that the log put above it: one of the entries at the places "
            f"{first} to {first + span - 1} was changed together with the tile."
        )
        self.verdict.differ(Difference("tiles", what))

    def _mark_in_order(self, place: int) -> None:
        self._mark(place)
        self.moved.sort()

    def _remark(self) -> None:
        if self.backwards:
            self.verdict.remarks.append(
                f"{self.backwards} entries state a time more than a minute before one that was logged earlier: "
                "the clock of the database went back, or the times were not true when they were logged."
            )
        for kind, fields in sorted(self.lacking.items()):
            self.verdict.remarks.append(
                f"Some entries of the kind {kind} were written before it had all its fields; "
                f"they do not commit to {', '.join(sorted(fields))}."
            )
