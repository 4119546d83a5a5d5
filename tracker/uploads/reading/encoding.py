"""Which characters the bytes of a file mean. A file in two encodings at once is refused, by line."""

import codecs
import re
from typing import BinaryIO

from tracker.shared.errors import Refused

NAMES = {
    "ascii": "ASCII",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with a byte order mark",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
}
# What a file begins with, and what it then is. An Excel workbook is a ZIP archive.
FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or another ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or another Office document"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
MARKUP = re.compile(rb"\s*(<\?xml|<!doctype|<html|<table|\{\s*[\"}]|\[\s*[\[{\"])", re.IGNORECASE)
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
SAVE_AS = "Save it as “CSV UTF-8” in the program that made it, and upload that file."


def _refuse(cause: str, remedy: str = SAVE_AS) -> Refused:
    return Refused(f"{cause} {remedy}")


def detect(stream: BinaryIO) -> str:
    """The encoding of a file of text; refuses files that are something else. Leaves the stream at its start."""
    head = stream.read(4096)
    _check_it_is_text(head)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _refuse("The file is in UTF-32, which this reader does not know.")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        found = "utf-16"
    elif _is_utf16_without_mark(head):
        raise _refuse("The file is in UTF-16 and lacks the byte order mark that would say so.")
    else:
        stream.seek(0)
        found = _eight_bits(stream)
    if found == "utf-8" and head.startswith(codecs.BOM_UTF8):
        found = "utf-8-sig"
    stream.seek(0)
    return found


def _check_it_is_text(head: bytes) -> None:
    if not head:
        raise _refuse("The file is empty (0 bytes).", "Choose the right file.")
    for start, what in FOREIGN:
        if head.startswith(start):
            raise _refuse(f"The file is not CSV: it is {what}.")
    if MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise _refuse("The file is not CSV: it looks like HTML, XML or JSON.")


def _is_utf16_without_mark(head: bytes) -> bool:
    """Text in Latin letters has a zero in every second byte then."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return len(head) >= 8 and max(even, odd) > 0.3 * len(head) and min(even, odd) == 0


def _eight_bits(stream: BinaryIO) -> str:
    """ASCII, UTF-8 or Windows-1252: whichever fits every line."""
    unicode_line = other_line = 0
    for number, line in enumerate(stream, 1):
        if b"\0" in line:
            raise _refuse(
                f"The file is not a text file, or it is damaged: line {number} holds a NUL byte."
            )
        if line.isascii():
            continue
        if _is_utf8(line):
            unicode_line = unicode_line or number
            continue
        other_line = other_line or number
        if UTF8_SEQUENCE.search(line):
            unicode_line = unicode_line or number
        _check_windows_1252(line, number)
    if unicode_line and other_line:
        raise _refuse(
            f"The file mixes two encodings: line {unicode_line} is UTF-8, line {other_line} is not."
        )
    if other_line:
        return "cp1252"
    return "utf-8" if unicode_line else "ascii"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check_windows_1252(line: bytes, number: int) -> None:
    try:
        line.decode("cp1252")
    except UnicodeDecodeError as error:
        raise _refuse(
            f"Line {number} is neither UTF-8 nor Windows-1252: the byte {line[error.start]:02X} "
            "means nothing in either."
        ) from None
