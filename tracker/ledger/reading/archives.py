"""Archives and office files: what their own directory says is inside. Nothing is unpacked but two small parts.

Limits are generous beside what people hand in, and far below what an archive can pretend: a bomb names gigabytes, lays
its parts over one another or puts archives into archives.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

from tracker.shared.errors import Refused

MOST_PARTS = 5_000
MOST_TIMES = 10  # times EVIDENCE_MAX_BYTES, when unpacked
SMALL_PART, FIRST = 1 << 20, 4096  # how much of a part is unpacked at most
TAIL = 22 + 65_535  # the end record and the longest comment behind it
END, DIRECTORY = b"PK\x05\x06", b"PK\x01\x02"
TYPES_PART, ODF_TYPE, ODF_MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"
MAIN: dict[str, tuple[str, bytes]] = {
    "docx": ("word/", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/", b"spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/", b"presentationml.presentation.main+xml"),
}
READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others cannot be unpacked to a limit
OPEN_DOCUMENTS = frozenset({"ods", "odt"})
Look = Callable[[str, bytes], None]
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError),
    *(RuntimeError, OSError, ValueError, struct.error),
)
_MACROS = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml|Basic/|Scripts/|macrosheets/)", re.I)


def _refused(name: str, what: str, remedy: str) -> Refused:
    return Refused({"file": f"“{name}” {what}: {remedy}."})


@dataclass(frozen=True)
class _End:
    """What an end record states: how many parts, how long the directory is, and the two places where it may begin."""

    parts: int
    length: int
    begins: int
    stated: int


def _ends_of(file: BinaryIO) -> list[_End]:
    """Every end record at the end of a file, the last one first: that is where programs begin to read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    found, at = [], tail.rfind(END)
    while at >= 0:
        if len(tail) - at >= 22:
            _, _, _, parts, length, stated, _ = struct.unpack("<4H2LH", tail[at + 4 : at + 22])
            found.append(_End(parts, length, size - len(tail) + at - length, stated))
        at = tail.rfind(END, 0, at)
    return found


def has_directory(file: BinaryIO) -> bool:
    """Is a file of another kind an archive as well?"""
    for end in _ends_of(file):
        for place in (end.begins, end.stated):
            if place >= 0:
                file.seek(place)
                if file.read(4) == DIRECTORY:
                    return True
    return False


def check(file: BinaryIO, name: str, ending: str, content_type: str, look: Look) -> None:
    """Refuse an archive that is none, is too much, is locked, runs something, or is another kind than its extension.

    `look` judges a file in a plain archive by its name and first bytes.
    """
    parts, begins = _parts(file, name)
    _check_amount(parts, name)
    _check_places(parts, name, begins)
    if any(part.flag_bits & 0x1 for part in parts):
        raise _refused(name, "is encrypted: nobody could check it", "save it without a password")
    names = [part.filename for part in parts]
    with zipfile.ZipFile(file) as archive:
        if ending in MAIN:
            _check_office(archive, names, name, ending)
        elif ending in OPEN_DOCUMENTS:
            _check_open_document(archive, names, name, content_type)
        else:
            _check_plain(archive, names, name, look)


def _parts(file: BinaryIO, name: str) -> tuple[list[zipfile.ZipInfo], int]:
    """What the directory lists, and where the directory begins."""
    ends = _ends_of(file)
    broken = _refused(name, "cannot be read as an archive", "save or pack it again")
    if not ends or not ends[0].parts:
        raise broken
    end = ends[0]
    # 65,535 parts or 4 GB stand for “see the larger record”, which no evidence needs.
    if end.parts > MOST_PARTS or end.length == 0xFFFFFFFF:
        raise _refused(name, f"holds more than {MOST_PARTS:,} parts", "divide it")
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            found = archive.infolist()
    except UNREADABLE as error:
        raise broken from error
    if len(found) != end.parts or any(part.compress_type not in READABLE for part in found):
        raise broken
    return found, end.begins


def _check_amount(parts: list[zipfile.ZipInfo], name: str) -> None:
    most = MOST_TIMES * settings.EVIDENCE_MAX_BYTES
    if sum(part.file_size for part in parts) > most:
        raise _refused(name, f"unpacks to more than {most // 2**20:,} MB", "divide it")


def _check_places(parts: list[zipfile.ZipInfo], name: str, begins: int) -> None:
    """Each part once, one behind the other: readers must not differ about what is inside."""
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise _refused(name, "names a part twice", "pack it again")
    ordered = sorted(parts, key=lambda part: part.header_offset)
    ends = [part.header_offset + 30 + part.compress_size for part in ordered]
    starts = [*(part.header_offset for part in ordered[1:]), begins]
    if any(end > start for end, start in zip(ends, starts, strict=True)):
        raise _refused(name, "lays its parts over one another, as bombs do", "pack it again")


def _read(archive: zipfile.ZipFile, part: str, name: str, most: int) -> bytes:
    """The beginning of a part. It is unpacked to the limit and not further, whatever its directory promises."""
    try:
        with archive.open(part) as opened:
            return opened.read(most)
    except UNREADABLE as error:
        raise _refused(name, "cannot be read as an archive", "save or pack it again") from error


def _read_small(archive: zipfile.ZipFile, part: str, name: str) -> bytes:
    found = _read(archive, part, name, SMALL_PART + 1)
    if len(found) > SMALL_PART:
        raise _refused(name, f"is no office file: its part {part} is too large", "save it again")
    return found


def _check_macros(names: list[str], name: str, told: bytes = b"") -> None:
    if b"macroEnabled" in told or any(_MACROS.search(part) for part in names):
        raise _refused(name, "holds macros, which are programs", "save it without them")


def _check_office(archive: zipfile.ZipFile, names: list[str], name: str, ending: str) -> None:
    other = _refused(name, f"is no {ending} file inside", "give it its true extension")
    if TYPES_PART not in names:
        raise other
    types = _read_small(archive, TYPES_PART, name)
    _check_macros(names, name, types)
    folder, main = MAIN[ending]
    if main not in types or not any(part.startswith(folder) for part in names):
        raise other


def _check_open_document(
    archive: zipfile.ZipFile, names: list[str], name: str, content_type: str
) -> None:
    told = _read_small(archive, ODF_TYPE, name) if ODF_TYPE in names else b""
    if told.strip() != content_type.encode():
        raise _refused(name, "is another kind of file inside", "give it its true extension")
    _check_macros(names, name)
    if ODF_MANIFEST in names and b"encryption-data" in _read_small(archive, ODF_MANIFEST, name):
        raise _refused(name, "is encrypted: nobody could check it", "save it without a password")


def _check_plain(archive: zipfile.ZipFile, names: list[str], name: str, look: Look) -> None:
    if TYPES_PART in names or ODF_TYPE in names:
        raise _refused(name, "is an office file", "give it its true extension")
    for part in names:
        if part.startswith("/") or ".." in part.split("/") or "\\" in part:
            raise _refused(name, "holds a name that leads out of its folder", "pack it again")
        if not part.endswith("/"):
            shown = part if len(part) <= 60 else f"…{part[-59:]}"
            look(shown, _read(archive, part, name, FIRST))
