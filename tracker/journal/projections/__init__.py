"""Domain tables are projections: what the entries say, compared with what the tables hold.

A room declares in its `projections.py` how its rows are rebuilt from entries; `tracker.apps` registers that here.
`differences` finds a row that was changed, added or deleted by hand, and names it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain

from django.db.models import Model

from tracker.journal.projections.reckoned import Reckoning, added_up, in_order
from tracker.journal.projections.rows import Accepted, Part, Projection, Row, Side
from tracker.journal.projections.said import (
    Always,
    By,
    Difference,
    First,
    Happened,
    Last,
    Number,
    Occasion,
    Says,
    Story,
    Subject,
    Through,
    When,
    WhenLast,
    While,
)

Declared = Projection | Reckoning
Progress = Callable[[str, int], None]

_registered: dict[str, Declared] = {}
_not_projected: dict[str, str] = dict.fromkeys(
    ("Entry", "Disclosure", "Pending", "Leaf", "Tile", "Checkpoint", "Cosignature"),
    "the journal itself: its own verification recomputes it",
)


def register(declared: Iterable[Declared]) -> None:
    """Called by `tracker.apps` for each room, from the ground up."""
    for one in declared:
        _registered[one.word] = one


def leave_out(tables: dict[str, str]) -> None:
    """Tables, by the name of their model, that no entry speaks of, each with the reason."""
    _not_projected.update(tables)


def tables() -> list[str]:
    """The words of everything that is compared, in the order of the rooms: what `only` may name."""
    return list(_registered)


def not_projected() -> dict[str, str]:
    """Tables, by the name of their model, that are not compared, each with the reason."""
    return dict(_not_projected)


def registered() -> list[Declared]:
    return list(_registered.values())


def coverage() -> dict[type[Model], dict[str, str]]:
    """Every field that is compared (with an empty reason) or is not (with its reason), by model."""
    found: dict[type[Model], dict[str, str]] = {}
    for model, fields in chain.from_iterable(one.covers() for one in _registered.values()):
        found.setdefault(model, {}).update(fields)
    return found


def _nothing_erased(entry: int) -> bool:
    return False


def differences(
    *,
    only: Collection[str] | None = None,
    erased: Callable[[int], bool] = _nothing_erased,
    progress: Progress | None = None,
) -> Iterator[Difference]:
    """Every place where a table says something else than the journal. Streams: memory stays the same.

    `only` names some of `tables()`. `erased` answers whether an erasure entry names the entry of this number: the
    values of such an entry are then not known, and nothing is held against the row. `progress` hears, after each
    chunk, the table's word and the rows compared so far. A difference is read twice before it is reported, so that
    a row and its entry that are written between two queries are no difference.

    Raises ValueError for a name in `only` that is no table: a misspelt one would find nothing.
    """
    if unknown := set(only or ()) - set(_registered):
        raise ValueError(f"No table is called {sorted(unknown)}: choose of {tables()}.")
    for word, declared in _registered.items():
        if only is not None and word not in only:
            continue
        yield from declared.differences(erased, progress or (lambda word, done: None))


__all__ = [
    "Accepted",
    "Always",
    "By",
    "Difference",
    "First",
    "Happened",
    "Last",
    "Number",
    "Occasion",
    "Part",
    "Projection",
    "Reckoning",
    "Row",
    "Says",
    "Side",
    "Story",
    "Subject",
    "Through",
    "When",
    "WhenLast",
    "While",
    "added_up",
    "coverage",
    "differences",
    "in_order",
    "leave_out",
    "not_projected",
    "register",
    "registered",
    "tables",
]
