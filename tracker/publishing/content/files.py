"""The files of a release, made from released rows alone. Their bytes are the same every time they are made.

The release's journal entry commits to their SHA-256. So a file's form never changes once it is published: another form
is another file name.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from tracker.publishing.content.cells import Cell, is_withheld, value_of
from tracker.publishing.images import SUFFIXES
from tracker.publishing.models import Release
from tracker.shared.money import Money

TRANSACTIONS = "transactions.csv"
REPORT = "report.json"
REPORT_PDF, REPORT_HTML = "report.pdf", "report.html"  # their bytes are kept, see kept.py
REPORT_KINDS = ("report", "program", "report_total", "report_indicator", "report_finding")
FIELDS = (
    *("kind", "value_date", "date_precision", "fiscal_year", "payee", "provider", "receiver"),
    *("description", "reference", "draws_on", "reverses", "reversed", "provenance"),
    *("valuation_basis", "authority", "entry"),
)
HEADS = ("uid", *FIELDS, "amount", "currency", "withheld")
IMAGE = "image-"  # and the beginning of its SHA-256
FileSaid = tuple[str, str, int]  # name, SHA-256, length: as the release's entry states it
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


class Digest:
    """The SHA-256 and the length of a file, taken while it passes by."""

    def __init__(self, *parts: bytes) -> None:
        self.size = 0
        self._hasher = hashlib.sha256()
        for part in parts:
            self.add(part)

    def add(self, part: bytes) -> None:
        self._hasher.update(part)
        self.size += len(part)

    def said(self, name: str) -> FileSaid:
        return name, self._hasher.hexdigest(), self.size


def images_said(images: Iterable[tuple[str, str, int]]) -> list[FileSaid]:
    """The pictures of a report, by SHA-256, media type and size, as files of its release."""
    return [
        (f"{IMAGE}{sha256[:32]}.{SUFFIXES[media]}", sha256, size) for sha256, media, size in images
    ]


class _Echo:
    def write(self, line: str) -> str:
        return line


_writerow: Callable[[Iterable[Any]], Any] = csv.writer(_Echo()).writerow
HEAD_LINE: bytes = _writerow(HEADS).encode()


def transaction_line(subject: UUID, cells: Mapping[str, Cell]) -> bytes:
    """One released transaction: RFC 4180, UTF-8. A withheld cell is empty and named in the last column with its reason."""
    stated = [_text(value_of(cells.get(name, {}))) for name in FIELDS]
    amount = value_of(cells["amount"]) if not is_withheld(cells["amount"]) else None
    money = (
        (Money(amount["minor"], amount["currency"]).plain, amount["currency"])
        if amount
        else ("", "")
    )
    hidden = "; ".join(f"{n}: {c['reason']}" for n, c in sorted(cells.items()) if is_withheld(c))
    return _writerow([str(subject), *stated, *money, _text(hidden)]).encode()


def _text(value: Any) -> str:
    """Plain text that a spreadsheet will not run as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"'{text}" if text.startswith(_RUNS) else text


def transaction_lines(rows: Iterable[tuple[UUID, Mapping[str, Cell]]]) -> Iterator[bytes]:
    yield HEAD_LINE
    for subject, cells in rows:
        yield transaction_line(subject, cells)


def release_of(release: Release) -> dict[str, Any]:
    """What a file says of the release that it belongs to."""
    return {
        "program": str(release.subject),
        "number": release.number,
        "data_until": release.data_until.isoformat(),
        "journal_size": release.journal_size,
    }


def report_bytes(
    report: UUID, release: Mapping[str, Any], rows: Mapping[str, list[tuple[UUID, Any]]]
) -> bytes:
    """A report as it was frozen: JSON, keys sorted. `release` names program, number, day and journal."""
    told = {
        "format": "countersign-report-1",
        "report": str(report),
        "release": dict(release),
        "rows": {
            kind: [{"subject": str(subject), "cells": cells} for subject, cells in rows[kind]]
            for kind in REPORT_KINDS
            if rows.get(kind)
        },
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    return f"{text}\n".encode()
