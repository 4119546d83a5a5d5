"""How reports, withholdings and releases are rebuilt from the journal, and public tables from the releases."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Model, OuterRef

from tracker.journal.projections import (
    Difference,
    Reckoning,
    added_up,
)
from tracker.publishing.content.cells import Cells, Row, digest_of_kinds, line_of_row
from tracker.publishing.content.pointed import (
    Pointed,
    engagement_as_pointed,
    finding_as_pointed,
    program_as_pointed,
    report_as_pointed,
)
from tracker.publishing.models import (
    PublishedEngagement,
    PublishedFinding,
    PublishedFindingProgram,
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    ReleasedRow,
    ReleaseItem,
    Report,
    Stream,
    UnpublishedCount,
)
from tracker.publishing.projected import RECORDS
from tracker.publishing.queries import unpublished_counts

KEY = {"id": "the row's key in this database; nothing outside knows it"}

# --- What a release holds --------------------------------------------------


def _contents(keys: Sequence[int]) -> Iterator[Difference]:
    """Rows whose content is not what they are addressed by."""
    held = Exists(ReleaseItem.objects.filter(row=OuterRef("pk")))
    for row in ReleasedRow.objects.filter(pk__in=keys).annotate(held=held).order_by("pk"):
        if not row.held:
            said = f"Released row {row.digest} ({row.kind} {row.subject}): no release holds it."
            yield Difference("released row", row.subject, None, said)
        if Row(row.kind, row.subject, row.cells).digest != row.digest:
            said = f"Released row {row.digest} ({row.kind} {row.subject}): its content is not what its digest says."
            yield Difference("released row", row.subject, None, said)


def _manifests(keys: Sequence[int]) -> Iterator[Difference]:
    """Releases that hold other rows, or rows in other places, than the journal has the manifest of."""
    for release in Release.objects.filter(pk__in=keys).order_by("pk"):
        if _manifest_of(release) != release.manifest:
            said = (
                f"Release {release.uid} (entry {release.entry_id}): its rows are not those "
                "whose manifest is in the journal."
            )
            yield Difference("release item", release.uid, release.entry_id, said)


def _manifest_of(release: Release) -> str:
    hashers: dict[str, Any] = {}
    counts: dict[str, int] = defaultdict(int)
    items = ReleaseItem.objects.filter(release=release).order_by("kind", "position")
    for kind, position, row_kind, digest in items.values_list(
        "kind", "position", "row__kind", "row__digest"
    ).iterator(chunk_size=2000):
        counts[kind] += 1
        line = line_of_row(position, digest if kind == row_kind else "another kind")
        hashers.setdefault(kind, hashlib.sha256()).update(line)
    return digest_of_kinds((kind, counts[kind], hasher) for kind, hasher in hashers.items())


# --- What public pages are searched by -------------------------------------

_Told = Mapping[UUID, tuple[Release, list[tuple[str, UUID, Cells]]]]
_NEEDED = {
    Stream.PROGRAM: ("program", "participant", "total", "withheld_summary"),
    Stream.AUDIT: ("finding", "recommendation", "engagement"),
}


def _newest(stream: str, subjects: Sequence[UUID]) -> _Told:
    """The newest release of each subject with the rows that its public list is made of. Two queries."""
    found = {
        release.subject: (release, [])
        for release in Release.objects.filter(stream=stream, subject__in=subjects).order_by(
            "number"
        )
    }  # type: dict[UUID, tuple[Release, list[tuple[str, UUID, Cells]]]]
    by_key = {release.pk: rows for release, rows in found.values()}
    items = ReleaseItem.objects.filter(release__in=by_key, kind__in=_NEEDED[Stream(stream)])
    columns = ("release", "kind", "row__subject", "row__cells")
    for key, kind, subject, cells in items.order_by("release", "kind", "position").values_list(
        *columns
    ):
        by_key[key].append((kind, subject, cells))
    return found


def _subjects(stream: str, model: type[Model], kind: str = "") -> Iterator[list[UUID]]:
    """Everything that was released, or is on the public list: by identifier. `kind`: the row that says what it is."""
    last = UUID(int=0)
    releases = Release.objects.filter(stream=stream)
    if kind:
        said = ReleaseItem.objects.filter(release=OuterRef("pk"), kind=kind)
        releases = releases.filter(Exists(said))
    released = releases.values_list(F("subject")).order_by()
    listed = model._base_manager.values_list(F("uid")).order_by()
    while True:
        chunk = {
            row[0] for row in released.filter(subject__gt=last).order_by("subject").distinct()[:50]
        }
        chunk |= {row[0] for row in listed.filter(uid__gt=last).order_by("uid")[:50]}
        if not chunk:
            return
        keys = sorted(chunk, key=lambda uid: uid.hex)[:50]
        yield keys
        last = keys[-1]


def _compared(
    word: str, expected: Mapping[UUID, Pointed], actual: Mapping[UUID, Pointed]
) -> Iterator[Difference]:
    for uid in sorted({*expected, *actual}, key=str):
        said = f"{word.capitalize()} {uid}"
        if uid not in actual:
            told = "it was released, and the public list does not have it."
            yield Difference(word, uid, None, f"{said}: {told}")
        elif uid not in expected:
            told = "it is on the public list, and no release has it."
            yield Difference(word, uid, None, f"{said}: {told}")
        else:
            yield from _columns(word, uid, expected[uid], actual[uid])


def _columns(word: str, uid: UUID, expected: Pointed, actual: Pointed) -> Iterator[Difference]:
    for name, value in expected.items():
        if actual.get(name) != value:
            told = (
                f"the public list says {name.replace('_', ' ')} “{_short(actual.get(name))}”, "
                f"its release says “{_short(value)}”."
            )
            yield Difference(word, uid, None, f"{word.capitalize()} {uid}: {told}")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 120 else f"{text[:119]}…"


def _programs(subjects: Sequence[UUID]) -> Iterator[Difference]:
    told = _newest(Stream.PROGRAM, subjects)
    expected = {uid: program_as_pointed(release.pk, rows) for uid, (release, rows) in told.items()}
    listed = PublishedProgram.objects.filter(uid__in=subjects)
    totals: dict[UUID, list[Any]] = defaultdict(list)
    found = PublishedTotal.objects.filter(program__uid__in=subjects)
    for uid, *cells in found.values_list("program__uid", *_TOTAL):
        totals[uid].append(tuple(cells))
    actual = {
        p["uid"]: {**p, "totals": sorted(totals[p["uid"]], key=lambda total: total[:4])}
        for p in listed.values(*_PROGRAM, "uid", "release")
    }
    yield from _compared("published program", expected, actual)


def _findings(subjects: Sequence[UUID]) -> Iterator[Difference]:
    told = _newest(Stream.AUDIT, subjects)
    expected = {uid: finding_as_pointed(release, rows) for uid, (release, rows) in told.items()}
    concerned: dict[UUID, list[str]] = defaultdict(list)
    links = PublishedFindingProgram.objects.filter(finding__uid__in=subjects)
    for uid, program in links.values_list("finding__uid", "program"):
        concerned[uid].append(str(program))
    listed = PublishedFinding.objects.filter(uid__in=subjects)
    actual = {
        f["uid"]: {**f, "programs": sorted(concerned[f["uid"]])}
        for f in listed.values(*_FINDING, "uid", "release")
    }
    yield from _compared("published finding", expected, actual)


def _engagements(subjects: Sequence[UUID]) -> Iterator[Difference]:
    told = _newest(Stream.AUDIT, subjects)
    expected = {uid: engagement_as_pointed(release, rows) for uid, (release, rows) in told.items()}
    listed = PublishedEngagement.objects.filter(uid__in=subjects)
    actual = {e["uid"]: e for e in listed.values(*_ENGAGEMENT, "uid", "release")}
    yield from _compared("published engagement", expected, actual)


def _reports() -> Iterator[list[UUID]]:
    """Every report that a release froze or that is on the public list."""
    last = UUID(int=0)
    while True:
        frozen = Report.objects.filter(release__isnull=False, uid__gt=last).order_by("uid")
        listed = PublishedReport.objects.filter(uid__gt=last).order_by("uid")
        keys = {
            *frozen.values_list("uid", flat=True)[:200],
            *listed.values_list("uid", flat=True)[:200],
        }
        if not keys:
            return
        chunk = sorted(keys, key=lambda uid: uid.hex)[:200]
        yield chunk
        last = chunk[-1]


def _published_reports(subjects: Sequence[UUID]) -> Iterator[Difference]:
    frozen = dict(
        Report.objects.filter(uid__in=subjects, release__isnull=False).values_list("uid", "release")
    )
    cells: dict[tuple[int, str], dict[UUID, Cells]] = defaultdict(dict)
    items = ReleaseItem.objects.filter(release__in=frozen.values(), kind__in=["report", "program"])
    for key, kind, subject, said in items.values_list(
        "release", "kind", "row__subject", "row__cells"
    ):
        cells[key, kind][subject] = said
    # the release of an audit report is the office's own: which program it is about, its rows say
    programs = {key: next(iter(cells[key, "program"]), UUID(int=0)) for key in set(frozen.values())}
    expected = {
        uid: report_as_pointed(
            key,
            programs[key],
            cells[key, "report"].get(uid, {}),
            cells[key, "program"].get(programs[key], {}),
        )
        for uid, key in frozen.items()
    }
    listed = PublishedReport.objects.filter(uid__in=subjects)
    actual = {
        r["uid"]: r | {"program": r["program__uid"]}
        for r in listed.values(*_REPORT, "uid", "release", "program__uid")
    }
    yield from _compared("published report", expected, actual)
    yield from _successions(subjects)


def _successions(subjects: Sequence[UUID]) -> Iterator[Difference]:
    """A report is followed by the next one of its kind and period, and by no other."""
    slot = ("program", "kind", "period_start", "period_end")
    engagements = dict(
        Report.objects.filter(engagement__isnull=False).values_list("uid", "engagement")
    )
    own = PublishedReport.objects.filter(uid__in=subjects)
    frozen = Report.objects.filter(release__isnull=False).values("uid")
    same = PublishedReport.objects.filter(program__in=own.values("program"), uid__in=frozen)
    chains: dict[Any, list[tuple[int, UUID, int | None]]] = defaultdict(list)
    for pk, uid, follows, *place in same.order_by("pk").values_list(
        "pk", "uid", "superseded_by", *slot
    ):
        chains[(*place, engagements.get(uid))].append((pk, uid, follows))
    for chain in chains.values():
        for (_, uid, follows), after in zip(chain, [*chain[1:], None], strict=True):
            if uid in subjects and follows != (after[0] if after else None):
                said = f"Published report {uid}: another report is said to follow it than the one that does."
                yield Difference("published report", uid, None, said)


def _counts(_: Sequence[int]) -> Iterator[Difference]:
    columns = ("category", "programs", "next_review_on")
    kept = {row[0]: row[1:] for row in UnpublishedCount.objects.values_list(*columns)}
    right = {row["why"]: (row["programs"], row["next_review"]) for row in unpublished_counts()}
    for category in sorted({*kept, *right}):
        if kept.get(category) != right.get(category):
            said = (
                f"Count of unpublished programs ({category}): the public list says {_count(kept.get(category))}, "
                f"the programs come to {_count(right.get(category))}."
            )
            yield Difference("count of unpublished programs", None, None, said)


def _count(row: tuple[int, date | None] | None) -> str:
    return "nothing" if row is None else f"{row[0]}, next review {row[1] or 'not stated'}"


_PROGRAM = (
    *("title", "summary", "identifier", "owner", "nature", "kind_of_aid", "status"),
    *("donors", "recipients", "words", "fields_withheld"),
)
_TOTAL = (
    *("fiscal_year", "kind", "off", "currency", "amount", "rows", "withheld_rows"),
    "partly_withheld",
)
_FINDING = (
    *("title", "office", "engagement", "severity", "issued_on", "recommendations"),
    *("open_recommendations", "as_of", "words", "office_uid", "engagement_uid"),
)
_ENGAGEMENT = (
    *("number", "title", "office", "office_uid", "kind", "standard", "status", "as_of", "words"),
)
_REPORT = ("kind", "title", "period_start", "period_end", "words")


def _all(model: type[Model], *columns: str) -> dict[type[Model], dict[str, str]]:
    return {model: dict.fromkeys(columns, "") | KEY}


RECKONED = [
    added_up(
        "released row",
        ReleasedRow,
        ("digest", "kind", "subject", "cells"),
        _contents,
        unmapped=KEY,
    ),
    Reckoning(
        "release item",
        ReleaseItem,
        ("release", "row", "kind", "position"),
        added_up("", Release, (), _manifests).keys,
        _manifests,
        unmapped=KEY,
    ),
    Reckoning(
        "published program",
        PublishedProgram,
        ("uid", "release", *_PROGRAM),
        lambda: _subjects(Stream.PROGRAM, PublishedProgram),
        _programs,
        unmapped=KEY,
        others=_all(
            PublishedTotal,
            *("program", *_TOTAL),
        ),
    ),
    Reckoning(
        "published finding",
        PublishedFinding,
        ("uid", "release", *_FINDING),
        lambda: _subjects(Stream.AUDIT, PublishedFinding, "finding"),
        _findings,
        unmapped=KEY,
        others=_all(PublishedFindingProgram, "finding", "program"),
    ),
    Reckoning(
        "published engagement",
        PublishedEngagement,
        ("uid", "release", *_ENGAGEMENT),
        lambda: _subjects(Stream.AUDIT, PublishedEngagement, "engagement"),
        _engagements,
        unmapped=KEY,
    ),
    Reckoning(
        "published report",
        PublishedReport,
        ("uid", "release", "program", "superseded_by", *_REPORT),
        _reports,
        _published_reports,
        unmapped=KEY,
    ),
    Reckoning(
        "count of unpublished programs",
        UnpublishedCount,
        ("category", "programs", "next_review_on"),
        lambda: iter([[0]]),
        _counts,
        unmapped=KEY,
    ),
]

PROJECTIONS = [*RECORDS, *RECKONED]

NOT_PROJECTED = {
    "ReleasedEntry": "it proves itself: its bytes hash to a leaf of the log, its values to the digests in them"
}
