"""What a sum's other parts leave for one part of it, until nothing moves any more."""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tracker.publishing.inference.elimination import TooMuch, Work
from tracker.publishing.inference.systems import ANY, Equation, Interval, Number

MOST_TURNS = 60  # bounds can creep towards a limit without end


@dataclass
class Narrowed:
    """Bounds, the equation that moved each of them last, and whether there was more to do."""

    bounds: dict[Hashable, Interval]
    moved_by: dict[Hashable, list[str]] = field(default_factory=dict)
    unfinished: bool = False
    contradicts: str = ""


def narrow(
    equations: Sequence[Equation], bounds: Mapping[Hashable, Interval], work: Work
) -> Narrowed:
    """Each equation is looked at again when a bound of one of its unknowns moved."""
    found = Narrowed(dict(bounds))
    having: dict[Hashable, list[int]] = {}
    for number, equation in enumerate(equations):
        for name in equation.terms:
            having.setdefault(name, []).append(number)
    queue, turns = deque(range(len(equations))), [0] * len(equations)
    waiting = set(queue)
    while queue:
        number = queue.popleft()
        waiting.discard(number)
        turns[number] += 1
        if turns[number] > MOST_TURNS:
            found.unfinished = True
            continue
        try:
            work.spend(len(equations[number].terms))
        except TooMuch:
            found.unfinished = True
            return found
        for name in _apply(equations[number], found):
            again = [n for n in having[name] if n != number and n not in waiting]
            queue.extend(again)
            waiting.update(again)
        if found.contradicts:
            return found
    return found


@dataclass
class _End:
    """The sum of one end of each term; how many terms have none, and which."""

    total: Number = 0
    open: int = 0

    def add(self, end: Number | None) -> None:
        if end is None:
            self.open += 1
        else:
            self.total += end

    def without(self, end: Number | None) -> Number | None:
        """The same, but for one term; None where another has no end."""
        if self.open > (end is None):
            return None
        return self.total - (0 if end is None else end)


def _apply(equation: Equation, found: Narrowed) -> list[Hashable]:
    """Narrow every unknown of one equation once; those that moved."""
    spans = {
        name: _span(factor, found.bounds.get(name, ANY)) for name, factor in equation.terms.items()
    }
    least, most = _End(), _End()
    for low, high in spans.values():
        least.add(low)
        most.add(high)
    moved: list[Hashable] = []
    for name, factor in equation.terms.items():
        low, high = spans[name]
        others = Interval(least.without(low), most.without(high))
        left = _span(
            -1, Interval(*(None if end is None else end - equation.value for end in others))
        )
        before = found.bounds.get(name, ANY)
        now = before.both(_span(Fraction(1, factor), left))
        if now.is_empty:
            found.contradicts = equation.source
            return moved
        if now != before:
            found.bounds[name] = now
            found.moved_by.setdefault(name, []).append(equation.source)
            moved.append(name)
    return moved


def _span(factor: Number, of: Interval) -> Interval:
    ends = [None if end is None else end * factor for end in of]
    return Interval(*ends) if factor > 0 else Interval(*reversed(ends))
