"""The published tiles, byte for byte: every file is what the entries give, and none is there that should not be."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tracker.journal import log
from tracker.journal.merkle import HASH, TILE_BITS, WIDTH, width_in
from tracker.journal.models import Checkpoint
from tracker.journal.tiles import Tile
from tracker.journal.verification.tree import Row
from tracker.journal.verification.verdict import Difference, Verdict

_PATH = re.compile(r"tile/(\d{1,2})/((?:x\d{3}/)*\d{3})(?:\.p/(\d{1,3}))?")
_CHUNK = 500
RowDiffers = Callable[[Row, bytes, str, str], None]


class PublishedFiles:
    """Is told of every tile that the entries give. `size` is what the published checkpoint counts."""

    def __init__(self, verdict: Verdict, folder: Path, size: int, row_differs: RowDiffers) -> None:
        self.verdict = verdict
        self.folder = folder
        self.size = size
        self.row_differs = row_differs

    def on_tile(self, computed: Row) -> None:
        level, number = computed.level, computed.number
        promised = width_in(level, number, self.size)
        there = False
        for width in self._widths(level, number):
            if width > computed.width:
                continue  # more than the log holds: `stray` names it
            there |= width >= promised
            self._compare(computed, width)
        if promised and not there:
            path = Tile(level, number, promised).path
            self._differ(f"The published file {path} is missing.")

    def _widths(self, level: int, number: int) -> list[int]:
        partial = self.folder / f"{Tile(level, number).path}.p"
        names = os.listdir(partial) if partial.is_dir() else []
        found = sorted(int(name) for name in names if name.isascii() and name.isdigit())
        return [*found, *([WIDTH] if (self.folder / Tile(level, number).path).is_file() else [])]

    def _compare(self, computed: Row, width: int) -> None:
        tile = Tile(computed.level, computed.number, width)
        self.verdict.checks["published tiles"] += 1
        try:
            found = (self.folder / tile.path).read_bytes()
        except OSError as fault:
            self._differ(f"The published file {tile.path} cannot be read: {fault}")
            return
        expected = computed.row[: width * HASH]
        if found != expected:
            cut = Row(computed.level, computed.number, expected, None)
            self.row_differs(cut, found, "published tile", f"the published file {tile.path}")

    def _differ(self, what: str) -> None:
        self.verdict.differ(Difference("published tiles", what))

    def stray(self) -> None:
        """Files that no log of this size has, and partial tiles of checkpoints that the database does not know."""
        counted: list[int] = []
        now = log.size()
        for path in self._files():
            tile = _tile(path)
            if tile is None:
                self._differ(f"The published folder holds {path}, which is no tile.")
            elif tile.number * WIDTH + tile.width > now >> (TILE_BITS * tile.level):
                self._differ(
                    f"The published file {path} holds hashes of entries that the database does not have."
                )
            elif tile.level == 0 and tile.width < WIDTH:
                counted.append(tile.number * WIDTH + tile.width)
            if len(counted) >= _CHUNK:
                self._signed(counted)
                counted = []
        self._signed(counted)

    def _files(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.folder / "tile"):
            folders.sort()
            inside = Path(folder).relative_to(self.folder).as_posix()
            if inside == "tile":
                folders[:] = [name for name in folders if name != "entries"]
            yield from (f"{inside}/{name}" for name in sorted(names) if not name.startswith("."))

    def _signed(self, sizes: list[int]) -> None:
        """A partial tile was written for a checkpoint that was kept before: its row must be there."""
        known = set(Checkpoint.objects.filter(size__in=sizes).values_list("size", flat=True))
        for size in sorted(set(sizes) - known):
            self._differ(
                f"A tile was published for a checkpoint of {size} entries, which is not in the database any more."
            )


def _tile(path: str) -> Tile | None:
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level, number, width = found.groups()
    tile = Tile(int(level), int(number.replace("x", "").replace("/", "")), int(width or WIDTH))
    return tile if tile.path == path else None
