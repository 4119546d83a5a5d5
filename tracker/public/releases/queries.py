"""A release of a program by its number: its figures, its files, and what it says otherwise than another one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator

from tracker.public import words
from tracker.public.releases.past import Past, pasts
from tracker.public.rows import Row, row_of, rows_of
from tracker.publishing import history, released
from tracker.publishing.comparing import Comparison, TotalCompared, compare
from tracker.publishing.content.lines import Line, Total, hidden_rows, lines_of
from tracker.publishing.models import Release, ReleasedFile, ReleasedRow
from tracker.shared.money import Money

ON_A_PAGE = 25
CHANGES_ON_A_PAGE = 50
ROWS_SHOWN = 100  # of those that explain a total: all are in the list of changes below
FIGURES = ("program", "total")


# --- The list ----------------------------------------------------------------


@dataclass(frozen=True)
class History:
    uid: UUID
    title: str
    current: bool
    pages: Page
    releases: list[Past]


def history_page(uid: UUID, number: str) -> History | None:
    """Every release that is known outside. None for a program of which none is."""
    pages = Paginator(history.releases(uid), ON_A_PAGE).get_page(number)
    found = list(pages.object_list)
    if not found:
        return None
    names = history.called(uid)
    newest = history.releases(uid).values_list("number", flat=True).first()
    return History(uid, names.title, names.current is not None, pages, pasts(found, newest))


# --- One release ---------------------------------------------------------------


class File(NamedTuple):
    name: str
    sha256: str
    size: int
    path: str
    proof: str


class Change(NamedTuple):
    """A field that reads otherwise, or a row that is new or gone."""

    what: str
    kind: str
    name: str
    field: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


class Differs(NamedTuple):
    """A total that differs: the rows that explain it to the last unit, and the sentence that was published with it."""

    place: str
    before: Money | None
    after: Money | None
    difference: Money
    rows: list[Any]
    more: int
    explained: bool
    sentence: str


@dataclass(frozen=True)
class Compared:
    """`before` is the older one, whichever was asked for first."""

    before: Past
    after: Past
    totals: list[Differs]
    changes: Page
    counts: Mapping[str, int]

    @property
    def nothing(self) -> bool:
        return not (self.totals or self.changes.paginator.count)


@dataclass(frozen=True)
class ReleasePage:
    uid: UUID
    title: str
    row: Row
    one: Past
    others: list[Past]
    lines: list[Line]
    amounts_withheld: int
    files: list[File]
    compared: Compared | None
    passed_over: list[Past]  # taken back, between the two


def release_page(uid: UUID, release: Release, against: str, page: str) -> ReleasePage:
    """`release` from `history.numbered`, and public. `against`: the number of another one; else the one before it."""
    every = pasts(history.releases(uid))
    one = next(p for p in every if p.release.pk == release.pk)
    standing = [p for p in every if p.stone is None]
    other = _other(standing, one, against)
    by_kind = _rows(release)
    totals = [_total(row) for row in rows_of(by_kind["total"])]
    between = _between(every, one, other)
    return ReleasePage(
        uid=uid,
        title=history.called(uid).title,
        row=row_of(by_kind["program"][0]),
        one=one,
        others=[p for p in standing if p is not one],
        lines=lines_of(totals),
        amounts_withheld=hidden_rows(totals),
        files=_files(release),
        compared=None if other is None else _compared(one, other, page, not between),
        passed_over=[p for p in between if p.stone],
    )


def _between(every: list[Past], one: Past, other: Past | None) -> list[Past]:
    if other is None:
        return []
    first, last = sorted((one.release.number, other.release.number))
    return [p for p in every if first < p.release.number < last]


def _rows(release: Release) -> dict[str, list[ReleasedRow]]:
    found: dict[str, list[ReleasedRow]] = {kind: [] for kind in FIGURES}
    for row in ReleasedRow.objects.filter(items__release=release, items__kind__in=FIGURES).order_by(
        "items__kind", "items__position"
    ):
        found[row.kind].append(row)
    return found


def _other(standing: list[Past], one: Past, against: str) -> Past | None:
    """A number that no public release has is as none: the page says what it compares."""
    if against.isdecimal() and len(against) < 10:
        for p in standing:
            if p.release.number == int(against) and p is not one:
                return p
    return next((p for p in standing if p.release.number < one.release.number), None)


def _total(row: Row) -> Total:
    return Total(
        row.code("fiscal_year"),
        row.code("kind"),
        row.money("amount"),
        row.code("withheld_rows") or 0,
        row.code("off") or "",
        row.money("partly_withheld"),
    )


def _files(release: Release) -> list[File]:
    own = f"/programs/{release.subject}/releases/{release.number}/"
    reports = [item.row.subject for item in history.reports_in(release)]
    found = []
    for file in history.files_in(release):
        path = own + file.name
        if file.name.startswith("report") and reports:
            path = f"/reports/{reports[0]}/{file.name}"
        found.append(_file(file, path))
    return found


def _file(file: ReleasedFile, path: str) -> File:
    return File(file.name, file.sha256, file.size, path, f"{path}.tlog-proof")


# --- Two side by side ------------------------------------------------------------


def _compared(one: Past, other: Past, page: str, next_to_each_other: bool) -> Compared:
    before, after = sorted((one, other), key=lambda p: p.release.number)
    found = compare(before.release, after.release)
    sentences = _sentences(after.release)
    changes = Paginator(_changes(found), CHANGES_ON_A_PAGE).get_page(page)
    return Compared(
        before=before,
        after=after,
        totals=[
            _differs(total, _sentence(sentences, total, next_to_each_other))
            for total in found.totals
        ],
        changes=changes,
        counts={
            "changed": len(found.fields),
            "new": len(found.new),
            "gone": len(found.gone),
        },
    )


def _sentences(release: Release) -> list[Row]:
    """What was published with a release about totals that differ from the one before it then."""
    return rows_of(released.rows(release, "difference"))


def _sentence(rows: Iterable[Row], total: TotalCompared, next_to_each_other: bool) -> str:
    """Only beside the difference that it was written for. Where a row was newly withheld, it does not say what the total
    was before: then the two releases have to follow one another."""
    for row in rows:
        before = row.money("before")
        same = next_to_each_other if before is None else before == total.before
        if row.code("place") == str(total.place) and row.money("after") == total.after and same:
            return str(row.code("sentence") or "")
    return ""


def _differs(total: TotalCompared, sentence: str) -> Differs:
    year, kind, currency = total.place
    return Differs(
        place=f"FY{year}, {words.TRANSACTION_KINDS.get(kind, kind)}, {currency}",
        before=total.before,
        after=total.after,
        difference=total.difference,
        rows=total.rows[:ROWS_SHOWN],
        more=max(0, len(total.rows) - ROWS_SHOWN),
        explained=total.explained,
        sentence=sentence,
    )


def _changes(found: Comparison) -> list[Change]:
    """Fields first: what was public and reads otherwise. Then rows that are gone, then new ones."""
    fields = [
        Change(
            "changed",
            words.field_words(f.kind),
            f.name,
            words.field_words(f.field),
            _shown(f.kind, f.field, f.before),
            _shown(f.kind, f.field, f.after),
        )
        for f in found.fields
    ]
    moved = [
        Change(what, words.field_words(row.kind), row.name, "", None, None)
        for what, rows in (("gone", found.gone), ("new", found.new))
        for row in rows
    ]
    return fields + moved


def _shown(kind: str, name: str, cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """A cell in words; a list in a line."""
    said = Row("", kind, {name: cell}).cells[name]
    value = said.get("value")
    if isinstance(value, dict) and "minor" in value:
        return said
    if isinstance(value, list | dict):
        return {**said, "value": _line(value)}
    return said


def _line(value: Any) -> str:
    if isinstance(value, dict):
        if {"minor", "currency"} <= value.keys():
            amount = Money(value["minor"], value["currency"])
            return f"{amount.plain} {amount.currency}"
        return ", ".join(
            f"{words.field_words(str(key))}: {_line(item)}" for key, item in value.items()
        )
    if isinstance(value, list):
        return "; ".join(_line(item) for item in value)
    return "not stated" if value is None else str(value)
