"""Totals: what one leaves without its visible rows, and what is said beside it of the rows that are not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from tracker.ledger.models import LEAVES, TransactionKind
from tracker.publishing.content.cells import kept_from_sums
from tracker.publishing.content.equations.books import (
    Books,
    counted,
    currency_of,
    hides_what_counts,
    visible,
)
from tracker.publishing.content.equations.facts import (
    Facts,
    RowLike,
    Sum,
    number_of,
    said,
)

NAMES = {"write_off": "write-offs"}


class Group(NamedTuple):
    kind: str
    off: str
    currency: str


@dataclass
class _Place:
    """The rows of one group in one year, or in all years where one of them was revalued."""

    visible: Fraction = Fraction(0)
    hidden: list[RowLike] = field(default_factory=list)
    shown: list[RowLike] = field(default_factory=list)


def all_equations(facts: Facts, books: Books) -> None:
    totals = books.version.of("total")
    for (year, group), place in _places(facts, books).items() if totals else ():
        if place.hidden:
            _of_place(facts, books, year, group, place, totals)
    _of_reports(facts, books)


def _aid(books: Books) -> Iterator[RowLike]:
    return (row for row in books.rows.values() if said(row, "purpose") in (None, "aid"))


def _places(facts: Facts, books: Books) -> dict[tuple[Any, Group], _Place]:
    """By year and group. What was revalued may count in several years: then all years of its group are one."""
    moved = {_group(facts, books, row) for row in _aid(books) if "worth" in row.cells}
    places: dict[tuple[Any, Group], _Place] = defaultdict(_Place)
    for row in _aid(books):
        group = _group(facts, books, row)
        place = places[None if group in moved else said(row, "fiscal_year"), group]
        worth = counted(facts, row)
        if worth is None:
            continue
        if hides_what_counts(facts, row):
            place.hidden.append(row)
        else:
            place.visible += worth.value
            place.shown.append(row)
    return places


def _group(facts: Facts, books: Books, row: RowLike) -> Group:
    kind = said(row, "kind")
    parent = books.of(said(row, "draws_on"))
    off = said(parent, "kind") if kind in LEAVES and parent is not None else ""
    return Group(kind, off, currency_of(facts, books, row))


def _of_place(
    facts: Facts, books: Books, year: Any, group: Group, place: _Place, totals: list[RowLike]
) -> None:
    mine = [
        row
        for row in totals
        if said(row, "kind") == group.kind
        and (said(row, "off") or "") == group.off
        and (year is None or said(row, "fiscal_year") == year)
    ]
    hidden, newly = _hidden(facts, place.hidden)
    besides = visible(facts, place.shown, "amount")
    years = f"FY{year}" if year else "all years"
    what = f"{_plural(group.kind)} of {years} in {group.currency or 'one currency'}"
    stated = _stated(mine, "amount", group.currency)
    if stated is not None and stated - place.visible - newly:
        how = (
            f"the total of {what}, less its {len(place.shown)} visible rows, leaves what is withheld "
            f"({books.version.named})"
        )
        facts.equal(hidden, Sum(stated - place.visible), how, remedies=besides)
    apart = _stated(mine, "withheld_amount", group.currency)
    if apart is not None:
        how = f"the withheld amounts among the {what} come to a stated sum ({books.version.named})"
        facts.equal(hidden, Sum(apart + newly), how, always=False, remedies=besides)


def _hidden(facts: Facts, rows: Iterable[RowLike]) -> tuple[Sum, Fraction]:
    """What withheld rows come to; and of it, in numbers, those that are judged as if they were withheld."""
    found, newly = Sum(), Fraction(0)
    for row in rows:
        found.add(counted(facts, row) or Sum())
        newly += _newly_opened(row)
    return found, newly


def _stated(totals: Iterable[RowLike], name: str, currency: str) -> Fraction | None:
    """What these totals say, in the currency; None where they say nothing."""
    found = [v for r in totals if (v := said(r, name)) and v["currency"] == currency]
    return sum((number_of(v) or Fraction(0) for v in found), Fraction(0)) if found else None


def _of_reports(facts: Facts, books: Books) -> None:
    """A report says of a kind what all its withheld rows come to, whatever their day."""
    for row in books.version.of("report_total"):
        apart = said(row, "withheld_amount")
        if apart is None:
            continue
        kind, code = said(row, "kind"), apart["currency"]
        mine = [one for one in _aid(books) if said(one, "kind") == kind]
        mine = [one for one in mine if currency_of(facts, books, one) == code]
        withheld = [one for one in mine if hides_what_counts(facts, one)]
        hidden, newly = _hidden(facts, withheld)
        how = f"the withheld {_plural(kind)} in {code} come to a stated sum in a report ({books.version.named})"
        besides = visible(facts, mine, "amount")
        whole = (number_of(apart) or Fraction(0)) + newly
        facts.equal(hidden, Sum(whole), how, always=False, remedies=besides)


def _newly_opened(row: RowLike) -> Fraction:
    """What a row counts that is judged as if withheld: it would leave the total, and stand in the sum beside it."""
    if kept_from_sums(row.cells) is not None:
        return Fraction(0)
    if "worth" in row.cells:
        return number_of(said(row, "worth")) or Fraction(0)
    over = number_of(said(row, "excess")) or Fraction(0)
    return (number_of(said(row, "amount")) or Fraction(0)) - over


def _plural(kind: str) -> str:
    return NAMES.get(kind, f"{TransactionKind(kind).label}s")
