"""The transactions of a version, what each counts in totals, and in which currency."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tracker.publishing.content.equations.facts import (
    Facts,
    Ref,
    RowLike,
    Sum,
    Version,
    cell_of,
    said,
)


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


# --- What a row counts -----------------------------------------------------


def counted(facts: Facts, row: RowLike) -> Sum | None:
    """What totals add up: what it was revalued to, or its amount without the excess of a report."""
    if "worth" in row.cells:
        return facts.of(row, "worth")
    amount = facts.of(row, "amount")
    if amount is None:
        return None
    over = facts.of(row, "excess") if cell_of(row, "excess")["state"] != "not_stated" else None
    return amount if over is None else Sum().add(amount).add(over, -1)


def hides_what_counts(facts: Facts, row: RowLike) -> bool:
    """Is it in no sum? `content/cells.py: kept_from_sums`, also for what is judged as if it were withheld."""
    return facts.hides(row, "amount") or facts.hides(row, "excess")


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


def visible(facts: Facts, rows: Iterable[RowLike], name: str) -> list[Ref]:
    """The cells of these rows that state something: what could be withheld besides."""
    return [
        Ref(row.kind, str(row.subject), name)
        for row in rows
        if said(row, name) is not None and not facts.hides(row, name)
    ]
