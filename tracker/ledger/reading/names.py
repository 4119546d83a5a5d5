"""File names that no page, terminal or file system misreads."""

import unicodedata
from pathlib import PurePosixPath

LONGEST = 200


def safe_name(name: str) -> str:
    """A file's name without folders, control or direction characters, at most 200 characters with its extension."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    kept = " ".join(kept.split()).strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    if len(kept) <= LONGEST:
        return kept
    return f"{stem[: LONGEST - 1 - len(ending)]}{dot}{ending[:20]}"


def ending_of(name: str) -> str:
    """What follows the last dot, in small letters: `invoice.pdf.exe` is an exe, `invoice.exe.pdf` claims to be a PDF."""
    return PurePosixPath(name).suffix.lower().lstrip(".")
