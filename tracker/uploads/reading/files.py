"""What kind of table a file holds, and its rows, one by one, however many there are."""

import csv
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.conf import settings

from tracker.shared.errors import Refused
from tracker.uploads.reading.encoding import NAMES, detect
from tracker.uploads.reading.mapping import Mapping
from tracker.uploads.reading.problems import shown

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


@dataclass(frozen=True)
class FileForm:
    """How the file is written, found out once and stated in the preview."""

    encoding: str
    delimiter: str
    header: list[str]
    rows: int
    line_ending: str
    unused: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def encoding_said(self) -> str:
        return NAMES.get(self.encoding, self.encoding)

    @property
    def delimiter_said(self) -> str:
        return DELIMITERS[self.delimiter]


@dataclass(frozen=True)
class Record:
    """One row of the file: the line on which it begins, its place among the rows, its cells."""

    line: int
    position: int
    cells: list[str]


class _Text:
    """The file's text; lets go of the binary stream at the end without closing it."""

    def __init__(self, stream: BinaryIO, encoding: str):
        self.stream, self.encoding = stream, encoding

    def __enter__(self) -> io.TextIOWrapper:
        self.stream.seek(0)
        self.text = io.TextIOWrapper(self.stream, encoding=self.encoding, newline="")
        return self.text

    def __exit__(self, *_: object) -> None:
        self.text.detach()


def inspect(stream: BinaryIO, mapping: Mapping) -> FileForm:
    """Find encoding, delimiter and header, and read the file once to its end. Refuses what is no such table."""
    _check_size(stream)
    encoding = detect(stream)
    try:
        with _Text(stream, encoding) as text:
            header, delimiter = _find_header(text, mapping)
            ending = _line_ending(text)
        form = FileForm(encoding, delimiter, header, 0, ending, mapping.unused(header))
        counted = sum(1 for _ in _counted(stream, form))
    except UnicodeError:
        raise Refused(
            f"The file begins as {NAMES.get(encoding, encoding)} and is damaged further on. "
            "Save it again as “CSV UTF-8”, and upload that file."
        ) from None
    if not counted:
        raise Refused("The file holds a header and no rows. Choose a file with rows.")
    return FileForm(encoding, delimiter, header, counted, ending, form.unused)


def _check_size(stream: BinaryIO) -> None:
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    # An uploaded file is kept as evidence, so the limit of evidence holds too.
    limit = min(settings.UPLOAD_MAX_BYTES, settings.EVIDENCE_MAX_BYTES)
    if size > limit:
        raise Refused(
            f"The file is larger than {limit / 1024 / 1024:g} MB, the most that one upload takes. "
            "Split it into several files and upload them one after the other."
        )


def _counted(stream: BinaryIO, form: FileForm) -> Iterator[Record]:
    for record in records(stream, form):
        if record.position > settings.UPLOAD_MAX_ROWS:
            raise Refused(
                f"The file has more than {settings.UPLOAD_MAX_ROWS:,} rows, the most that one upload takes. "
                "Split it into several files and upload them one after the other."
            )
        yield record


def _line_ending(text: io.TextIOWrapper) -> str:
    found = text.newlines or ()
    kinds = [found] if isinstance(found, str) else list(found)
    names = {"\r\n": "CR LF", "\n": "LF", "\r": "CR"}
    return ", ".join(sorted(names[kind] for kind in kinds)) or "none"


# --- The header ------------------------------------------------------------


def _find_header(text: io.TextIOWrapper, mapping: Mapping) -> tuple[list[str], str]:
    """The first line that is not blank, split by the delimiter that finds the most columns of the mapping."""
    first = ""
    for line in text:
        first += line
        if first.strip() and first.count('"') % 2 == 0:
            break
        if len(first) > csv.field_size_limit():
            raise Refused("The header is too long or has a quote that never closes: correct it.")
    wanted = set(mapping.used_columns())
    candidates = [mapping.delimiter] if mapping.delimiter else list(DELIMITERS)
    split = {d: _cells_of(first, d) for d in candidates}
    best = max(candidates, key=lambda d: (len(wanted & set(split[d])), len(split[d])))
    header = split[best]
    _check_header(header, mapping)
    return header, best


def _cells_of(line: str, delimiter: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(line.lstrip("\r\n"), newline=""), delimiter=delimiter))
    return [cell.strip() for cell in rows[0]] if rows else []


def _check_header(header: list[str], mapping: Mapping) -> None:
    if not any(header):
        raise Refused("The file holds no text. Choose the right file.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Refused(
            f"The header names {_list(twice)} more than once: rename or remove the other column."
        )
    missing = [name for name in mapping.used_columns() if name not in header]
    if missing:
        raise Refused(
            f"The header lacks {_list(missing)}. Expected: {_list(mapping.used_columns())}; "
            f"found: {_list(header)}. Choose the mapping that fits the file, or correct its first line."
        )


def _list(names: list[str], most: int = 40) -> str:
    said = [f"“{shown(name)}”" if name else "“” (no name)" for name in names[:most]]
    return ", ".join(said) + (f" and {len(names) - most} more" if len(names) > most else "")


# --- The rows --------------------------------------------------------------

QUOTE_EARLY = re.compile(r"expected after")


def records(stream: BinaryIO, form: FileForm, skip: int = 0) -> Generator[Record, None, None]:
    """The rows below the header, blank ones left out; the first `skip` of them are passed over."""
    with _Text(stream, form.encoding) as text:
        yield from islice(_records(text, form.delimiter), skip, None)


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    position, begins, header_seen = 0, 1, False
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(_quote_sentence(str(error), begins, reader.line_num)) from None
        line, begins = begins, reader.line_num + 1
        if not any(cells) or not any(cell.strip() for cell in cells):
            continue
        if not header_seen:
            header_seen = True
            continue
        position += 1
        yield Record(line, position, cells)


def _quote_sentence(error: str, begins: int, ends: int) -> str:
    remedy = "Put quotes around the whole cell, and write a quote inside it twice."
    if QUOTE_EARLY.search(error):
        where = f"line {ends}" if begins == ends else f"the lines {begins} to {ends}"
        return f"In {where} a quote closes before the cell ends. {remedy}"
    if "field larger" in error:
        return (
            f"A cell that begins in line {begins} is longer than {csv.field_size_limit():,} characters; "
            f"most often a quote was not closed. {remedy}"
        )
    return f"A quote that opens in line {begins} is never closed. {remedy}"
