"""Everything together: eliminate, narrow, and where it is small enough, the exact least and most."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from tracker.publishing.inference.elimination import Reduced, TooMuch, Work, eliminate
from tracker.publishing.inference.intervals import Narrowed, narrow
from tracker.publishing.inference.simplex import extremes
from tracker.publishing.inference.systems import ANY, Equation, Interval, System, distinct

WORK = 3_000_000  # terms looked at, for each way of looking at one part
SMALL = 40  # unknowns of a part whose least and most are worked out exactly
SMALL_WORK = 4_000_000


@dataclass(frozen=True)
class Known:
    """Where an unknown lies, and which equations say so."""

    interval: Interval
    sources: tuple[str, ...] = ()

    @property
    def is_determined(self) -> bool:
        return self.interval.is_one


@dataclass(frozen=True)
class Limit:
    """What was not judged: the unknowns, and why."""

    why: str
    unknowns: frozenset[Hashable]


@dataclass
class Solution:
    known: dict[Hashable, Known] = field(default_factory=dict)
    limits: list[Limit] = field(default_factory=list)

    def of(self, name: Hashable) -> Known:
        return self.known.get(name, Known(ANY))


def solve(system: System, wanted: Iterable[Hashable] | None = None, work: int = WORK) -> Solution:
    """For every unknown, or for those that are wanted, between which bounds it lies."""
    found = Solution()
    asked = None if wanted is None else set(wanted)
    for part in system.parts():
        if asked is None or not asked.isdisjoint(part.bounds):
            _solve_part(part, asked, work, found)
    return found


def _solve_part(part: System, asked: set[Hashable] | None, work: int, found: Solution) -> None:
    wanted = [name for name in part.bounds if asked is None or name in asked]
    try:
        reduced = eliminate(part.equations, Work(work))
    except TooMuch:
        reduced = Reduced()
        found.limits.append(_limit("too many sums hang together to solve them", wanted))
    if reduced.contradicts:
        return _contradiction(reduced.contradicts, wanted, found)
    rows = [*part.equations, *reduced.equations()]
    narrowed = narrow(rows, part.bounds, Work(work))
    if narrowed.contradicts:
        return _contradiction(narrowed.contradicts.split("\n"), wanted, found)
    exact = _exactly(part, reduced, narrowed, wanted, found)
    for name in wanted:
        before = narrowed.bounds[name]
        now = before if exact is None else before.both(exact.get(name, ANY))
        by = (
            [e.source for e in part.equations] if now != before else narrowed.moved_by.get(name, [])
        )
        said = [part.why.get(name, ""), *(line for source in by for line in source.split("\n"))]
        found.known[name] = Known(now, distinct(said))


def _exactly(
    part: System, reduced: Reduced, narrowed: Narrowed, wanted: list[Hashable], found: Solution
) -> dict[Hashable, Interval] | None:
    """The exact least and most, for a small part; for a larger one that narrowing left open, that it was not done."""
    open_ones = [name for name in wanted if not narrowed.bounds[name].is_one]
    rows: list[Equation] = reduced.equations() or part.equations
    if not open_ones or len(rows) < 2:
        return None  # of a single sum, narrowing says it all
    if len(part.bounds) > SMALL:
        if narrowed.unfinished:
            found.limits.append(_limit("bounds were still moving", open_ones))
        found.limits.append(
            _limit(f"more than {SMALL} unknowns hang together: bounds may be narrower", open_ones)
        )
        return None
    try:
        exact = extremes(rows, narrowed.bounds, open_ones, Work(SMALL_WORK))
    except TooMuch:
        found.limits.append(_limit("too much to find the exact least and most", open_ones))
        return None
    if exact is None:
        _contradiction([e.source for e in part.equations], wanted, found)
    return exact


def _contradiction(sources: Iterable[str], wanted: list[Hashable], found: Solution) -> None:
    said = "; ".join(distinct(sources))
    found.limits.append(_limit(f"figures that cannot all be true: {said}", wanted))


def _limit(why: str, unknowns: Iterable[Hashable]) -> Limit:
    return Limit(why, frozenset(unknowns))
