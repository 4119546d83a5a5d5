"""Files that survive a crash: temporary file, fsync, rename, fsync of the folder."""

import os
import tempfile
from pathlib import Path


class Different(Exception):
    """A file that never changes would have been overwritten with other bytes. Carries a sentence."""


def write_durably(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Put the whole content in place or nothing; after a crash the old file or the new one is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(mode)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_once(path: Path, content: bytes) -> None:
    """Put a file in place that never changes. The same bytes again are fine; others are refused."""
    try:
        there = path.read_bytes()
    except FileNotFoundError:
        write_durably(path, content)
        return
    if there != content:
        raise Different(
            f"{path.name} was already published with other bytes: somebody changed the file or the log. "
            "Nothing was overwritten; `journal_verify` names the difference."
        )
