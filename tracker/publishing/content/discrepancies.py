"""Discrepancies as public rows: what differs, where it stands and by when it is due. The letters about it stay inside."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tracker.ledger.models import Discrepancy, DiscrepancyKind
from tracker.programs.models import Program
from tracker.publishing.content.cells import Cells, Row, Withheld, cells_of, withheld_cell
from tracker.publishing.fields import WITHHOLDABLE
from tracker.shared.money import Money

CHUNK = 1000
_COLUMNS = (
    *("pk", "uid", "kind", "currency", "amount", "quantity", "unit", "opened_on", "due_on"),
    *("state__status", "state__since", "state__settled_by__uid", "entry_id"),
    "state__settled_by__posted_at",
    *("about__uid", "about__reversal__uid", "about__draws_on__uid"),
    *("receipt__uid", "receipt__reversal__uid"),
)
FIGURES = ("amount", "quantity", "unit")
DAYS = ("opened_on", "due_on", "since")


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    """In the order in which they were opened, one query per chunk."""
    last = 0
    while True:
        found = list(
            Discrepancy.objects.filter(about__program=program, pk__gt=last)
            .exclude(withheld.held_back("about__"))
            .exclude(withheld.held_back("receipt__"))
            .order_by("pk")
            .values(*_COLUMNS)[:CHUNK]
        )
        if not found:
            return
        yield from (_row(row, withheld) for row in found)
        last = found[-1]["pk"]


def _row(row: dict[str, Any], withheld: Withheld) -> Row:
    amount = None if row["amount"] is None else Money(row["amount"], row["currency"])
    cells = cells_of(
        about=row["about__uid"],
        receipt=row["receipt__uid"],
        kind=row["kind"],
        amount=amount,
        quantity=row["quantity"],
        unit=row["unit"] or None,
        state=row["state__status"],
        since=row["state__since"],
        settled_by=row["state__settled_by__uid"],
        opened_on=row["opened_on"],
        due_on=row["due_on"],
        entry=row["entry_id"],
    )
    if withheld.delay is not None and withheld.holds_back(row["state__settled_by__posted_at"]):
        cells["settled_by"] = withheld_cell(withheld.delay)
    # The difference between two figures tells the one that is withheld, and its days tell when something moved.
    both = (
        *(row["about__uid"], row["about__reversal__uid"], row["about__draws_on__uid"]),
        *(row["receipt__uid"], row["receipt__reversal__uid"]),
    )
    cells |= _figures(row["kind"], both, withheld)
    if (cell := withheld.of("value_date", *both, kind="transaction")) is not None:
        cells = _with_days(cells, cell)
    own = withheld.cover(cells, WITHHOLDABLE["discrepancy"], row["uid"], kind="discrepancy")
    return Row("discrepancy", row["uid"], own)


def _figures(kind: str, both: tuple[UUID | None, ...], withheld: Withheld) -> Cells:
    """The figures that the reports withhold on which the difference rests. A surplus is the excess of its report."""
    found = {name: withheld.of(name, *both, kind="transaction") for name in FIGURES}
    if kind == DiscrepancyKind.SURPLUS:
        found["amount"] = withheld.counted(*both)
    return {name: cell for name, cell in found.items() if cell is not None}


def _with_days(cells: Cells, cell: dict[str, Any]) -> Cells:
    return cells | dict.fromkeys(DAYS, cell)
