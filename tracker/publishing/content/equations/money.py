"""Amounts: what rows repeat of each other, what comes off what, and what totals of what is withheld say."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from tracker.ledger.models import LEAVES, TransactionKind
from tracker.publishing.content.cells import Cell, is_withheld
from tracker.publishing.content.equations.facts import (
    Facts,
    Ref,
    RowLike,
    Sum,
    Version,
    cell_of,
    number_of,
    said,
)

NAMES = {"write_off": "write-offs"}


class Group(NamedTuple):
    kind: str
    off: str
    currency: str


@dataclass
class Books:
    """The transactions of one version by identifier, and what is said beside them."""

    version: Version
    rows: dict[str, RowLike] = field(default_factory=dict)
    reversed: set[str] = field(default_factory=set)
    revaluations: dict[str, list[RowLike]] = field(default_factory=lambda: defaultdict(list))

    def of(self, uid: Any) -> RowLike | None:
        return self.rows.get(str(uid)) if uid else None

    def counts(self, row: RowLike) -> bool:
        """Neither reversed nor a reversal: the two come to nothing."""
        return str(row.subject) not in self.reversed and not said(row, "reverses")


def books_of(version: Version) -> Books:
    books = Books(version)
    for row in version.of("transaction"):
        books.rows[str(row.subject)] = row
        if original := said(row, "reverses"):
            books.reversed.add(str(original))
    for row in version.of("revaluation"):
        books.revaluations[str(said(row, "transaction"))].append(row)
    return books


def all_equations(facts: Facts) -> None:
    for ref, cell in facts.withheld.items():
        _bounds(facts, ref, cell)
    for ref, cell in facts.withheld_before():
        _stands_in(facts, ref, cell)
    for ref, (value, named) in facts.stated.items():
        if ref.field != "worth" and (number := number_of(value)) is not None:
            facts.equal(
                facts.unknown(ref), Sum(number), f"{named} states it and stays public", always=False
            )
    for version in facts.versions:
        books = books_of(version)
        _repeated(facts, books)
        _drawn(facts, books)
        _valued(facts, books)
        _differing(facts, books)
        _questioned(facts, books)
        _totals(facts, books)


# --- Bounds of one cell ----------------------------------------------------

_NUMBERS = {
    "transaction": ("amount", "worth", "excess", "quantity"),
    "revaluation": ("old_amount", "new_amount"),
    "alternative_value": ("amount",),
    "discrepancy": ("amount", "quantity"),
    "finding": ("questioned",),
}


def _bounds(facts: Facts, ref: Ref, cell: Cell) -> None:
    """No amount is below nothing, but that of a reversal, which is not above it; and what stands in its place."""
    if ref.field not in _NUMBERS.get(ref.kind, ()):
        return _stands_in(facts, ref, cell)
    back = ref.kind == "transaction" and ref.record in facts.reversals
    facts.within(ref, None if back else 0, 0 if back else None)
    _stands_in(facts, ref, cell)


def _stands_in(facts: Facts, ref: Ref, cell: Cell) -> None:
    ends = stand_in_of(cell)
    if ends is None or ref.field == "worth":
        return
    back = ref.kind == "transaction" and ref.record in facts.reversals
    low, high = (-ends[1], -ends[0]) if back and ends[1] > 0 else ends
    facts.within(ref, low, high, "the range that stands in its place")


def stand_in_of(cell: Cell) -> tuple[Fraction, Fraction] | None:
    stand_in = cell.get("stand_in") or {}
    if stand_in.get("kind") != "range":
        return None
    low, high = number_of(stand_in.get("low")), number_of(stand_in.get("high"))
    return None if low is None or high is None else (low, high)


# --- What a row counts -----------------------------------------------------


def amount_of(facts: Facts, row: RowLike) -> Sum | None:
    return facts.of(row, "amount")


def counted(facts: Facts, row: RowLike) -> Sum | None:
    """What totals add up: what it was revalued to, or its amount without the excess of a report."""
    if "worth" in row.cells:
        return facts.of(row, "worth")
    amount = facts.of(row, "amount")
    if amount is None:
        return None
    over = facts.of(row, "excess") if cell_of(row, "excess")["state"] != "not_stated" else None
    return amount if over is None else Sum().add(amount).add(over, -1)


def currency_of(facts: Facts, books: Books, row: RowLike) -> str:
    """Stated, known to the office, said by the range in its place, or that of what it draws on."""
    if (amount := said(row, "amount")) is not None:
        return amount["currency"]
    secret = facts.secrets.get(Ref("transaction", str(row.subject), "amount"))
    stand_in = cell_of(row, "amount").get("stand_in") or {}
    parent = books.of(said(row, "draws_on"))
    on = said(parent, "amount") if parent is not None else None
    return (
        (secret.currency if secret else "")
        or stand_in.get("currency", "")
        or (on["currency"] if on else "")
    )


# --- Rows that repeat rows -------------------------------------------------


def _repeated(facts: Facts, books: Books) -> None:
    """A reversal takes back what its original is worth."""
    for row in books.rows.values():
        original = books.of(said(row, "reverses"))
        if original is None:
            continue
        for name in ("amount", "quantity"):
            mine = facts.of(row, name)
            worth = name == "amount" and "worth" in original.cells
            theirs = facts.of(original, "worth" if worth else name)
            if mine is not None and theirs is not None:
                how = f"a reversal repeats the {name} of its original"
                besides = visible(facts, (row, original), name)
                both = Sum().add(mine).add(theirs)
                facts.equal(both, Sum(), how, always=False, remedies=besides)


def _drawn(facts: Facts, books: Books) -> None:
    """No more comes off a row than it is worth; and where the recipient confirmed, all of it did."""
    children: dict[str, list[RowLike]] = defaultdict(list)
    for row in books.rows.values():
        if (parent := said(row, "draws_on")) and books.counts(row):
            children[str(parent)].append(row)
    for uid, found in children.items():
        parent = books.of(uid)
        if parent is None or not books.counts(parent):
            continue
        if not any(_hides_amount(facts, one) for one in (parent, *found)):
            continue
        for name in ("amount", "quantity"):
            _drawn_of(facts, parent, found, name)


def _hides_amount(facts: Facts, row: RowLike) -> bool:
    return any(facts.hides(row, name) for name in ("amount", "quantity", "excess"))


def visible(facts: Facts, rows: Iterable[RowLike], name: str) -> list[Ref]:
    """The cells of these rows that state something: what could be withheld besides."""
    return [
        Ref(row.kind, str(row.subject), name)
        for row in rows
        if said(row, name) is not None and not facts.hides(row, name)
    ]


def _drawn_of(facts: Facts, parent: RowLike, children: list[RowLike], name: str) -> None:
    whole = counted(facts, parent) if name == "amount" else facts.of(parent, name)
    parts = [counted(facts, one) if name == "amount" else facts.of(one, name) for one in children]
    known = [part for part in parts if part is not None]
    if whole is None or not known:
        return
    total = Sum()
    for part in known:
        total.add(part)
    kind, on = said(children[0], "kind"), said(parent, "kind")
    if any(said(one, "verdict") == "confirmed" for one in children):
        how = f"a confirmed {kind} repeats the {name} of the {on} that it confirms"
        besides = visible(facts, (parent, *children), name)
        facts.equal(total, whole, how, always=False, remedies=besides)
    elif name == "amount" and (len(known) == len(children) or not total.terms):
        more = "what draws on it" if len(known) > 1 else f"the {kind} that draws on it"
        besides = visible(facts, (parent, *children), name)
        facts.at_most(total, whole, f"a {on} is at least as much as {more}", besides)


# --- Values ----------------------------------------------------------------


def _valued(facts: Facts, books: Books) -> None:
    """The first revaluation repeats the amount, the last what it is worth since; another value comes near."""
    for uid, found in books.revaluations.items():
        row = books.of(uid)
        if row is None:
            continue
        first, last = found[0], found[-1]
        for mine, theirs in (
            (facts.of(row, "amount"), facts.of(first, "old_amount")),
            (facts.of(row, "worth"), facts.of(last, "new_amount")),
        ):
            if mine is not None and theirs is not None:
                facts.equal(mine, theirs, "a revaluation repeats the amount", always=False)
        for before, after in zip(found, found[1:], strict=False):
            mine, theirs = facts.of(before, "new_amount"), facts.of(after, "old_amount")
            if mine is not None and theirs is not None:
                facts.equal(mine, theirs, "a revaluation repeats the one before", always=False)
    for row in books.version.of("alternative_value"):
        _comes_near(facts, row, Ref("transaction", str(said(row, "transaction")), "amount"))


def _comes_near(facts: Facts, row: RowLike, ref: Ref) -> None:
    value, secret = number_of(said(row, "amount")), facts.secrets.get(ref)
    known = value is not None and secret is not None and secret.value is not None
    if not known or ref not in facts.withheld or facts.hides(row, "amount"):
        return
    assert value is not None and secret is not None and secret.value is not None
    if abs(value - secret.value) * 10 <= abs(secret.value):
        remedy = Ref("alternative_value", str(row.subject), "amount")
        how = "another value of the same goods is stated, and it lies within 10 % of this one"
        facts.tell(ref, how, "within", [remedy])


# --- Discrepancies and findings --------------------------------------------


def _differing(facts: Facts, books: Books) -> None:
    """What is missing, beside what was sent, tells what arrived; too much is the excess of its report."""
    reports: dict[str, int] = defaultdict(int)
    for row in books.rows.values():
        if books.counts(row) and said(row, "draws_on"):
            reports[str(said(row, "draws_on"))] += 1
    for row in books.version.of("discrepancy"):
        about, receipt = books.of(said(row, "about")), books.of(said(row, "receipt"))
        if about is None or receipt is None or reports[str(about.subject)] != 1:
            continue
        kind = said(row, "kind")
        if kind not in ("short", "surplus"):
            continue
        for name in ("amount", "quantity"):
            parts = [facts.of(one, name) for one in (about, receipt, row)]
            if all(part is not None for part in parts):
                sent, came, differs = (part or Sum() for part in parts)
                sign = 1 if kind == "short" else -1
                how = f"a discrepancy says by how much the {name} that was sent and the {name} that arrived differ"
                besides = visible(facts, (row, about, receipt), name)
                between = Sum().add(sent).add(came, -1)
                more = Sum().add(differs, sign)
                facts.equal(between, more, how, always=False, remedies=besides)


def _questioned(facts: Facts, books: Books) -> None:
    """Lines, outcomes and decisions add up to what is questioned; and of a payment no more is questioned than it is."""
    for row in books.version.of("finding"):
        whole = facts.of(row, "questioned")
        if whole is None:
            continue
        for parts, how in _parts_of(row):
            facts.equal(
                whole,
                Sum(sum(parts, Fraction(0))),
                f"{how} add up to what is questioned",
                always=False,
            )
        payments = said(row, "payments") or []
        if len(payments) == 1 and (payment := books.of(payments[0]["uid"])) is not None:
            paid = facts.of(payment, "amount")
            if paid is not None:
                besides = visible(facts, [row], "questioned")
                facts.at_most(whole, paid, "a finding questions no more than the payment", besides)


def _parts_of(row: RowLike) -> list[tuple[list[Fraction], str]]:
    lines = [number_of(line["known"]) for line in said(row, "questioned_lines") or []]
    fall = [number_of(part) for part in (said(row, "waterfall") or {}).values()]
    decision = said(row, "decision") or {}
    decided = [number_of(decision.get(name)) for name in ("allowed", "disallowed")]
    found = [
        (lines, "the lines"),
        (fall, "the outcomes and what is left"),
        (decided, "what is allowed and disallowed"),
    ]
    return [
        ([n for n in parts if n is not None], how)
        for parts, how in found
        if parts and all(part is not None for part in parts)
    ]


# --- Totals ----------------------------------------------------------------


@dataclass
class _Place:
    """The rows of one group in one year, or in all years where one of them was revalued."""

    visible: Fraction = Fraction(0)
    hidden: list[RowLike] = field(default_factory=list)
    shown: list[RowLike] = field(default_factory=list)


def _totals(facts: Facts, books: Books) -> None:
    totals = books.version.of("total")
    if not totals:
        return
    moved = {_group(facts, books, row) for row in books.rows.values() if "worth" in row.cells}
    places: dict[tuple[Any, Group], _Place] = defaultdict(_Place)
    for row in books.rows.values():
        if said(row, "purpose") not in (None, "aid"):
            continue
        group = _group(facts, books, row)
        place = places[None if group in moved else said(row, "fiscal_year"), group]
        if facts.hides(row, "amount"):
            if counted(facts, row) is not None:
                place.hidden.append(row)
        elif (worth := counted(facts, row)) is not None:
            place.visible += worth.value
            place.shown.append(row)
    for (year, group), place in places.items():
        if place.hidden:
            _of_place(facts, books, year, group, place, totals)


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
    stated = [v for r in mine if (v := said(r, "amount")) and v["currency"] == group.currency]
    apart = [
        v for r in mine if (v := said(r, "withheld_amount")) and v["currency"] == group.currency
    ]
    hidden = Sum()
    for row in place.hidden:
        hidden.add(counted(facts, row) or Sum())
    what = f"{_plural(group.kind)} of {f'FY{year}' if year else 'all years'} in {group.currency or 'one currency'}"
    shown = f"less its {len(place.shown)} visible rows"
    newly = _newly_opened(facts, place.hidden)
    rest = sum((number_of(v) or Fraction(0) for v in stated), Fraction(0)) - place.visible - newly
    besides = visible(facts, place.shown, "amount")
    if stated and rest:
        how = f"the total of {what}, {shown}, leaves what is withheld ({books.version.named})"
        facts.equal(hidden, Sum(rest + newly), how, remedies=besides)
    if apart:
        said_apart = sum((number_of(v) or Fraction(0) for v in apart), newly)
        how = f"the withheld amounts among the {what} come to a stated sum ({books.version.named})"
        facts.equal(hidden, Sum(said_apart), how, always=False, remedies=besides)


def _newly_opened(facts: Facts, rows: list[RowLike]) -> Fraction:
    """What rows count that are judged as if withheld: it would leave the total, and stand in the sum beside it."""
    found = Fraction(0)
    for row in rows:
        if not is_withheld(cell_of(row, "amount")):
            name = "worth" if "worth" in row.cells else "amount"
            over = (
                number_of(said(row, "excess")) or Fraction(0) if name == "amount" else Fraction(0)
            )
            found += (number_of(said(row, name)) or Fraction(0)) - over
    return found


def _plural(kind: str) -> str:
    return NAMES.get(kind, f"{TransactionKind(kind).label}s")
