"""The log as static files, laid out as C2SP tlog-tiles says: any web server or CDN can serve the folder.

Hash tiles and checkpoints are public at once. Entries' bytes are not among them: they are published with the release
of their record (docs/journal.md says why), and auditors get them with `journal_export --all`.
"""

from pathlib import Path

from tracker.journal.checkpoints import Head
from tracker.journal.files import write_durably, write_once
from tracker.journal.merkle import WIDTH, Tiles
from tracker.journal.notes import Note
from tracker.journal.tiles import Tile, grown

CHECKPOINT = "checkpoint"


class Publication:
    """A folder with `checkpoint` and `tile/…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoint(self) -> str | None:
        """The published checkpoint as it is served."""
        try:
            return (self.folder / CHECKPOINT).read_text()
        except FileNotFoundError:
            return None

    def head(self) -> Head | None:
        found = self.checkpoint()
        return None if found is None else Head.read(Note.read(found).text)

    def publish(self, tiles: Tiles, checkpoint: str) -> None:
        """First the tiles that the checkpoint needs, then the checkpoint. A crash in between leaves the older one."""
        head = Head.read(Note.read(checkpoint).text)
        before = self.head()
        old = 0 if before is None else min(before.size, head.size)
        for tile in grown(old, head.size):
            write_once(self.folder / tile.path, tiles.tile(*tile))
        if self.checkpoint() != checkpoint:
            write_durably(self.folder / CHECKPOINT, checkpoint.encode())

    def read(self, path: str) -> bytes | None:
        """A published file by its path, as it lies there; None where there is none."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None


class PublishedTiles:
    """The tiles as a stranger reads them from the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def tile(self, level: int, number: int, width: int) -> bytes:
        for candidate in (Tile(level, number, width), Tile(level, number, WIDTH)):
            try:
                return (self.folder / candidate.path).read_bytes()[: width * 32]
            except FileNotFoundError:
                continue
        return b""
