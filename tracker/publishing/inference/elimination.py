"""Gauss and Jordan over whole numbers, with few terms per row: exact, and no fraction is ever written down."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import gcd

from tracker.publishing.inference.systems import Equation, distinct


class TooMuch(Exception):
    """More work than was allowed."""


@dataclass
class Work:
    """How many terms may still be looked at."""

    left: int

    def spend(self, terms: int) -> None:
        self.left -= terms
        if self.left < 0:
            raise TooMuch


@dataclass
class Row:
    """An equation on its way: `sources` are those that it was put together from."""

    terms: dict[Hashable, int]
    value: int
    sources: tuple[str, ...]

    def reduce(self) -> None:
        shared = gcd(self.value, *self.terms.values())
        if shared > 1:
            self.terms = {name: factor // shared for name, factor in self.terms.items()}
            self.value //= shared

    def without(self, name: Hashable, pivot: "Row") -> None:
        """Take the pivot's multiple away, so that the unknown is gone."""
        ours, theirs = self.terms[name], pivot.terms[name]
        shared = gcd(ours, theirs)
        times, less = theirs // shared, ours // shared
        terms = {key: factor * times for key, factor in self.terms.items()}
        for key, factor in pivot.terms.items():
            terms[key] = terms.get(key, 0) - factor * less
        self.terms = {key: factor for key, factor in terms.items() if factor}
        self.value = self.value * times - pivot.value * less
        self.sources = distinct((*self.sources, *pivot.sources))
        self.reduce()


@dataclass
class Reduced:
    """Rows of which each has an unknown that no other has."""

    rows: list[Row] = field(default_factory=list)
    contradicts: tuple[str, ...] = ()  # equations that cannot all be true

    def equations(self) -> list[Equation]:
        return [Equation(row.terms, row.value, "\n".join(row.sources)) for row in self.rows]


def eliminate(equations: Sequence[Equation], work: Work) -> Reduced:
    """Short rows first, and in each the unknown that fewest rows have: so rows stay short. `TooMuch` if they do not."""
    rows = [Row(dict(e.terms), e.value, (e.source,)) for e in equations]
    having: dict[Hashable, set[int]] = {}
    for number, row in enumerate(rows):
        for name in row.terms:
            having.setdefault(name, set()).add(number)
    waiting, done = set(range(len(rows))), Reduced()
    while waiting:
        number = min(waiting, key=lambda one: (len(rows[one].terms), one))
        work.spend(len(waiting))
        waiting.discard(number)
        pivot = rows[number]
        if not pivot.terms:
            done.contradicts = done.contradicts or (pivot.sources if pivot.value else ())
            continue
        name = min(pivot.terms, key=lambda one: (len(having[one]), repr(one)))
        for other in having[name] - {number}:
            before = set(rows[other].terms)
            rows[other].without(name, pivot)
            work.spend(len(before) + len(pivot.terms))
            _moved(having, other, before, rows[other].terms)
        done.rows.append(pivot)
    return done


def _moved(
    having: dict[Hashable, set[int]], row: int, before: set[Hashable], now: Iterable[Hashable]
) -> None:
    now = set(now)
    for name in before - now:
        having[name].discard(row)
    for name in now - before:
        having.setdefault(name, set()).add(row)
