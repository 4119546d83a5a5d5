"""Can what is withheld be reckoned from what is published? For the pages of staff, and for the test over all releases.

A hint never says the value: whoever reads it may not be one who may.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from tracker.audits.models import Finding
from tracker.ledger.models import Discrepancy, RevaluationLine, Transaction
from tracker.programs.models import Program
from tracker.publishing.content import results, valuation
from tracker.publishing.content.cells import Withheld, is_withheld
from tracker.publishing.content.equations import (
    Ref,
    RowLike,
    Secret,
    Version,
    number_of,
    version,
)
from tracker.publishing.content.equations.judging import Judged, Leak, World, propose
from tracker.publishing.models import (
    PublishedFinding,
    Release,
    ReleasedRow,
    ReleaseItem,
    Stream,
    Tombstone,
)
from tracker.shared.money import Money

MOST_ROWS = 150_000  # of all versions together
ON_A_PAGE = 1_000  # transactions that a page judges while somebody waits for it
GRADES = {
    "exact": "can be reckoned exactly",
    "within": "can be reckoned to within 10 %",
    "candidate": "has a single candidate",
    "narrowed": "can be narrowed down",
}
_NAMED_BY = ("title", "reference", "period", "kind")
_NOT_READ = ("withheld", "withheld_summary", "entry")


@dataclass(frozen=True)
class Proposal:
    """A cell to withhold besides. `what` and `record` fill in the form."""

    what: str  # kind and field
    record: str
    label: str


@dataclass(frozen=True)
class Hint:
    """A withheld cell that somebody outside can reckon or guess, how, and what to withhold besides."""

    record_kind: str
    record: str
    field: str
    grade: str
    grade_label: str
    label: str
    how: str
    proposals: tuple[Proposal, ...] = ()

    @property
    def is_value(self) -> bool:
        return self.grade in ("exact", "within")


@dataclass(frozen=True)
class Hints:
    """What the check found, and what it did not judge."""

    found: tuple[Hint, ...] = ()
    not_judged: tuple[str, ...] = ()
    judged: bool = True

    def about(self, record: UUID | None, field: str = "") -> "Hints":
        """Those of one record, or of one of its fields."""
        named = str(record)
        mine = [h for h in self.found if h.record == named and field in ("", h.field)]
        return Hints(tuple(mine), self.not_judged, self.judged)

    def of_kind(self, kind: str, field: str = "") -> "Hints":
        """Those of all records of a kind, or of one of their fields."""
        mine = [h for h in self.found if h.record_kind == kind and field in ("", h.field)]
        return Hints(tuple(mine), self.not_judged, self.judged)

    @property
    def values(self) -> list[Hint]:
        return [hint for hint in self.found if hint.is_value]


def hints(program: Program, rows: Iterable[RowLike], named: str = "the next release") -> Hints:
    """Judge rows that would be released beside everything of the program that is public. A constant number of
    queries."""
    older, limits = _released(program)
    findings, before = _findings(program)
    newest = version(named, [*rows, *findings])
    return _judged(program, [newest, *older, *before], limits)


def hints_of_releases(program: Program) -> Hints:
    """Judge what is public: the newest release beside the older ones."""
    older, limits = _released(program)
    findings, before = _findings(program)
    if not older:
        return Hints()
    newest = version(older[0].named, [*older[0].rows, *findings])
    return _judged(program, [newest, *older[1:], *before], limits)


def hints_of(program: Program, rows: Iterable[RowLike]) -> dict[str, Any]:
    """The same as `hints`, as JSON says it, to be kept with a release that is prepared."""
    return asdict(hints(program, rows))


def is_small(program: Program) -> bool:
    """May a page judge it while somebody waits?"""
    return Transaction.objects.filter(program=program)[: ON_A_PAGE + 1].count() <= ON_A_PAGE


NOT_ON_A_PAGE = Hints(
    judged=False,
    not_judged=(
        f"The program has more than {ON_A_PAGE} transactions: it is judged when a release is prepared.",
    ),
)


def _judged(program: Program, versions: list[Version], limits: list[str]) -> Hints:
    secrets, texts = _secrets(program, versions[0])
    world = World(versions, secrets, texts)
    judged = world.judge()
    if judged.leaks:
        judged = propose(world, judged)
    found = tuple(_hint(world, judged, leak) for leak in judged.leaks)
    return Hints(found, (*limits, *judged.limits))


def _hint(world: World, judged: Judged, leak: Leak) -> Hint:
    besides = judged.proposed.get(leak.ref, [])
    return Hint(
        record_kind=leak.ref.kind,
        record=leak.ref.record,
        field=leak.ref.field,
        grade=leak.grade,
        grade_label=GRADES[leak.grade],
        label=_label(world, leak.ref),
        how=f"{leak.how[:1].upper()}{leak.how[1:]}.",
        proposals=tuple(
            Proposal(f"{ref.kind}.{ref.field}", ref.record, _label(world, ref)) for ref in besides
        ),
    )


def _label(world: World, ref: Ref) -> str:
    """What the public calls it: the page may be read by somebody from whom the rest is sealed."""
    said = (world.cell(ref._replace(field=name)).get("value") for name in _NAMED_BY)
    named = next((str(text) for text in said if text), "")
    kind, field = ref.kind.replace("_", " "), ref.field.replace("_", " ")
    number = world.cell(ref._replace(field="entry")).get("value")
    entry = f", entry {number}" if number else ""
    return f"{field.capitalize()} of a {kind}{f': {named}' if named else ''}{entry}"


# --- What is public --------------------------------------------------------


def _standing(stream: str, subjects: Iterable[UUID]) -> list[Release]:
    """Releases that nobody took back, also those whose embargo still runs; the newest first."""
    gone = Tombstone.objects.standing().filter(release=OuterRef("pk"))
    found = Release.objects.filter(stream=stream, subject__in=list(subjects))
    return list(found.exclude(Exists(gone)).order_by("-number", "-pk"))


def _released(program: Program) -> tuple[list[Version], list[str]]:
    releases = _standing(Stream.PROGRAM, [program.uid])
    counted = ReleaseItem.objects.filter(release__in=releases).order_by().values("release")
    sizes = dict(counted.annotate(n=Count("pk")).values_list("release", "n"))
    read: list[Release] = []
    total = 0
    for release in releases:
        total += sizes.get(release.pk, 0)
        if read and total > MOST_ROWS:
            break
        read.append(release)
    limits = []
    if len(read) < len(releases):
        limits.append(
            f"Releases up to {releases[len(read)].number} were not read: they are too large."
        )
    rows = _rows_of(read)
    return [version(f"release {r.number}", rows[r.pk]) for r in read], limits


def _rows_of(releases: list[Release]) -> Mapping[int, list[ReleasedRow]]:
    """Rows that releases share are read once. Two queries."""
    items = ReleaseItem.objects.filter(release__in=releases).exclude(kind__in=_NOT_READ)
    rows = ReleasedRow.objects.filter(pk__in=items.values("row"))
    known = {row.pk: row for row in rows.only("pk", "kind", "subject", "cells")}
    found: dict[int, list[ReleasedRow]] = defaultdict(list)
    placed = items.order_by("release", "kind", "position").values_list("release", "row")
    for release, row in placed:
        found[release].append(known[row])
    return found


def _findings(program: Program) -> tuple[list[RowLike], list[Version]]:
    """What auditors released about the program: as it is, and as it was."""
    about = PublishedFinding.objects.filter(programs__program=program.uid)
    newest = dict(about.values_list("uid", "release"))
    releases = _standing(Stream.AUDIT, newest)
    rows = _rows_of(releases)
    now = [row for release in newest.values() for row in rows.get(release, [])]
    before = [
        version(f"release {r.number} of a finding", rows[r.pk])
        for r in releases
        if r.pk not in newest.values()
    ]
    return list(now), before


# --- What is withheld ------------------------------------------------------

_TEXTS = {
    "payee": "text__payee",
    "provider": "provider__name",
    "receiver": "receiver__name",
    "authority": "authority__title",
    "delivery_point": "delivery_point",
    "unit": "unit",
}
Known = tuple[dict[Ref, Secret], dict[Ref, str]]


def _secrets(program: Program, newest: Version) -> Known:
    """What the withheld cells hide, to judge how near somebody comes to it. A query per kind of record."""
    hidden: dict[str, set[str]] = defaultdict(set)
    for row in newest.rows:
        if any(is_withheld(cell) for cell in row.cells.values()):
            hidden[row.kind].add(str(row.subject))
    secrets, texts = _payments(hidden["transaction"]) if hidden["transaction"] else ({}, {})
    secrets |= _amounts(Discrepancy, "discrepancy", "amount", hidden["discrepancy"])
    secrets |= _amounts(Finding, "finding", "questioned", hidden["finding"])
    if hidden.keys() & {"indicator", "measurement", "target"}:
        secrets |= _of_rows(results.rows(program, Withheld([])), hidden)
    if hidden.keys() & {"revaluation", "alternative_value"}:
        secrets |= _of_rows(valuation.rows(program, Withheld([])), hidden)
    return secrets, texts


def _secret(value: Any) -> Secret:
    if isinstance(value, Money):
        return Secret(Fraction(value.minor), value.currency)
    return Secret(None if value is None else Fraction(value))


def _payments(uids: set[str]) -> Known:
    found = Transaction.objects.filter(uid__in=list(uids))
    lines = RevaluationLine.objects.filter(transaction__in=found.values("pk")).order_by("pk")
    worth = {line.transaction_id: line.now for line in lines}
    secrets: dict[Ref, Secret] = {}
    texts: dict[Ref, str] = {}
    for row in found.select_related("text", "provider", "receiver", "authority"):
        uid = str(row.uid)
        for name in ("amount", "excess", "quantity"):
            secrets[Ref("transaction", uid, name)] = _secret(getattr(row, name))
        secrets[Ref("transaction", uid, "worth")] = _secret(worth.get(row.pk))
        for name, path in _TEXTS.items():
            texts[Ref("transaction", uid, name)] = str(_at(row, path) or "")
    return secrets, texts


def _at(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = None if row is None else getattr(row, name)
    return row


def _amounts(model: Any, kind: str, name: str, uids: set[str]) -> dict[Ref, Secret]:
    if not uids:
        return {}
    return {
        Ref(kind, str(row.uid), field): _secret(getattr(row, field))
        for row in model.objects.filter(uid__in=list(uids))
        for field in {name, "quantity"} & {f.name for f in model._meta.fields}
    }


def _of_rows(rows: Iterable[RowLike], hidden: Mapping[str, set[str]]) -> dict[Ref, Secret]:
    return {
        Ref(row.kind, str(row.subject), name): Secret(
            number_of(cell.get("value")),
            cell["value"].get("currency", "") if isinstance(cell.get("value"), dict) else "",
        )
        for row in rows
        if str(row.subject) in hidden.get(row.kind, ())
        for name, cell in row.cells.items()
    }
