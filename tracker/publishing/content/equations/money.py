"""Amounts: what rows repeat of each other, and what comes off what."""

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise

from tracker.publishing.content.cells import Cell
from tracker.publishing.content.equations import totals
from tracker.publishing.content.equations.books import Books, books_of, counted, visible
from tracker.publishing.content.equations.facts import (
    Facts,
    Ref,
    RowLike,
    Sum,
    number_of,
    said,
)


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
        totals.all_equations(facts, books)


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
    if name == "amount" and any(_states_more(facts, one) for one in children):
        how = f"where more than the {on} is stated, all that was left of it counts"
        besides = visible(facts, (parent, *children), name)
        facts.equal(total, whole, how, always=False, remedies=besides)
    if any(said(one, "verdict") == "confirmed" for one in children):
        how = f"a confirmed {kind} repeats the {name} of the {on} that it confirms"
        besides = visible(facts, (parent, *children), name)
        facts.equal(total, whole, how, always=False, remedies=besides)
    elif name == "amount" and (len(known) == len(children) or not total.terms):
        more = "what draws on it" if len(known) > 1 else f"the {kind} that draws on it"
        besides = visible(facts, (parent, *children), name)
        facts.at_most(total, whole, f"a {on} is at least as much as {more}", besides)


def _states_more(facts: Facts, row: RowLike) -> bool:
    """Does it withhold by how much it is more than what was left? That it is more, its surplus says."""
    return facts.hides(row, "excess") and facts.of(row, "excess") is not None


# --- Values ----------------------------------------------------------------


def _valued(facts: Facts, books: Books) -> None:
    """The first revaluation repeats the amount, the last what it is worth since; another value comes near."""
    for uid, found in books.revaluations.items():
        row = books.of(uid)
        if row is None:
            continue
        pairs = [
            ((row, "amount"), (found[0], "old_amount")),
            ((row, "worth"), (found[-1], "new_amount")),
        ]
        pairs += [((one, "new_amount"), (then, "old_amount")) for one, then in pairwise(found)]
        for one, other in pairs:
            mine, theirs = facts.of(*one), facts.of(*other)
            if mine is not None and theirs is not None:
                facts.equal(mine, theirs, "a revaluation repeats the amount", always=False)
    for row in books.version.of("alternative_value"):
        _comes_near(facts, row, Ref("transaction", str(said(row, "transaction")), "amount"))


def _comes_near(facts: Facts, row: RowLike, ref: Ref) -> None:
    value, secret = number_of(said(row, "amount")), facts.secrets.get(ref)
    if value is None or secret is None or secret.value is None or ref not in facts.withheld:
        return
    if abs(value - secret.value) * 10 <= abs(secret.value) and not facts.hides(row, "amount"):
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
        if receipt is None or said(row, "kind") not in ("short", "surplus"):
            continue
        if said(row, "kind") == "surplus":
            _is_excess(facts, row, receipt)
        if about is not None and reports[str(about.subject)] == 1:
            _between(facts, row, about, receipt)


def _is_excess(facts: Facts, row: RowLike, receipt: RowLike) -> None:
    too_much, excess = facts.of(row, "amount"), facts.of(receipt, "excess")
    if too_much is not None and excess is not None:
        how = "a surplus is the excess of the report that states it"
        besides = [*visible(facts, [row], "amount"), *visible(facts, [receipt], "excess")]
        facts.equal(too_much, excess, how, always=False, remedies=besides)


def _between(facts: Facts, row: RowLike, about: RowLike, receipt: RowLike) -> None:
    for name in ("amount", "quantity"):
        parts = [facts.of(one, name) for one in (about, receipt, row)]
        if all(part is not None for part in parts):
            sent, came, differs = (part or Sum() for part in parts)
            sign = 1 if said(row, "kind") == "short" else -1
            how = f"a discrepancy says by how much the {name} that was sent and the {name} that arrived differ"
            besides = visible(facts, (row, about, receipt), name)
            between = Sum().add(sent).add(came, -1)
            facts.equal(between, Sum().add(differs, sign), how, always=False, remedies=besides)


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
