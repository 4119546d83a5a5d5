"""Storing a release: rows under their content's digest, then the manifest, then each row's place in it."""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tracker.journal.sealed import newest_of
from tracker.publishing.content import entries
from tracker.publishing.content.cells import Row, digest_of_kinds, line_of_row
from tracker.publishing.content.files import FileSaid
from tracker.publishing.models import (
    Release,
    ReleasedEntry,
    ReleasedFile,
    ReleasedRow,
    ReleaseItem,
)

CHUNK = 1000


@dataclass
class Manifest:
    """The rows of a release that is being made. Constant queries per chunk, eight bytes per row kept.

    Each kind of row has the SHA-256 of its lines “position digest”, in order of position. The digest of the manifest
    is that of one line “kind rows digest” for each kind, by the kind's name: who has the rows can reckon it again.
    """

    rows: dict[str, array] = field(default_factory=dict)
    _hashers: "dict[str, hashlib._Hash]" = field(default_factory=dict)

    def add(self, rows: Iterable[Row]) -> None:
        remaining = iter(rows)
        while chunk := list(islice(remaining, CHUNK)):
            known = _stored(chunk)
            for row in chunk:
                self._place(row, known[row.digest])

    def _place(self, row: Row, key: int) -> None:
        keys = self.rows.setdefault(row.kind, array("q"))
        hasher = self._hashers.setdefault(row.kind, hashlib.sha256())
        hasher.update(line_of_row(len(keys), row.digest))
        keys.append(key)

    @property
    def digest(self) -> str:
        return digest_of_kinds((k, len(self.rows[k]), h) for k, h in self._hashers.items())

    def __len__(self) -> int:
        return sum(len(keys) for keys in self.rows.values())

    def write_items(self, release: Release) -> None:
        items = self._items(release)
        while chunk := list(islice(items, CHUNK)):
            ReleaseItem.objects.bulk_create(chunk)

    def _items(self, release: Release) -> Iterator[ReleaseItem]:
        for kind, keys in self.rows.items():
            for position, key in enumerate(keys):
                yield ReleaseItem(release=release, row_id=key, kind=kind, position=position)


class Fingerprint:
    """The digest of a manifest whose rows are not stored."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._hashers: dict[str, hashlib._Hash] = {}

    def pass_by(self, rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            position = self._counts.get(row.kind, 0)
            hasher = self._hashers.setdefault(row.kind, hashlib.sha256())
            hasher.update(line_of_row(position, row.digest))
            self._counts[row.kind] = position + 1
            yield row

    def count(self, kind: str) -> int:
        return self._counts.get(kind, 0)

    @property
    def digest(self) -> str:
        return digest_of_kinds((k, self._counts[k], h) for k, h in self._hashers.items())


def _keys(digests: Iterable[str]) -> dict[str, int]:
    found = ReleasedRow.objects.filter(digest__in=list(digests))
    return dict(found.values_list("digest", "pk"))


def _stored(chunk: list[Row]) -> dict[str, int]:
    """The keys of these rows by digest. Rows that some release has already are shared, the others are added."""
    by_digest = {row.digest: row for row in chunk}
    known = _keys(by_digest)
    missing = [row for digest, row in by_digest.items() if digest not in known]
    if not missing:
        return known
    # Another release may add the same row at this moment: then it is shared, too.
    ReleasedRow.objects.bulk_create(
        (
            ReleasedRow(digest=row.digest, kind=row.kind, subject=row.subject, cells=row.cells)
            for row in missing
        ),
        ignore_conflicts=True,
    )
    added = _keys(row.digest for row in missing)
    _keep_entries([(row, added[row.digest]) for row in missing if row.kind in entries.MODELS])
    return known | added


def _keep_entries(rows: list[tuple[Row, int]]) -> None:
    """The entry behind each row that became public: its bytes, and the values that the row states."""
    found = newest_of({row.subject for row, _ in rows}) if rows else {}
    made = []
    for row, key in rows:
        if entry := found.get(row.subject):
            disclosed, withheld = entries.parted(row.kind, row.cells, entry.disclosures)
            made.append(
                ReleasedEntry(
                    row_id=key,
                    entry_id=entry.number,
                    body=entry.body,
                    disclosed=disclosed,
                    withheld=withheld,
                )
            )
    ReleasedEntry.objects.bulk_create(made, ignore_conflicts=True)


def keep_own_entry(release: Release, files: Iterable[FileSaid]) -> None:
    """The entry of the release itself, and the files that it commits to."""
    entry = newest_of([release.uid])[release.uid]
    ReleasedEntry.objects.create(
        release=release,
        entry_id=entry.number,
        body=entry.body,
        disclosed=entries.parted_of_release(entry.disclosures),
        withheld={},
    )
    ReleasedFile.objects.bulk_create(
        ReleasedFile(release=release, name=name, sha256=sha256, size=size)
        for name, sha256, size in files
    )
