"""Equations with whole coefficients, and between which bounds their unknowns lie."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import NamedTuple

Number = int | Fraction
TENTH = Fraction(1, 10)


class Interval(NamedTuple):
    """Both ends belong to it; None is no bound."""

    low: Number | None = None
    high: Number | None = None

    @property
    def is_one(self) -> bool:
        return self.low is not None and self.low == self.high

    @property
    def is_empty(self) -> bool:
        return self.low is not None and self.high is not None and self.low > self.high

    def holds(self, value: Number) -> bool:
        above = self.low is None or self.low <= value
        return above and (self.high is None or value <= self.high)

    def both(self, other: "Interval") -> "Interval":
        lows = [end for end in (self.low, other.low) if end is not None]
        highs = [end for end in (self.high, other.high) if end is not None]
        return Interval(max(lows, default=None), min(highs, default=None))

    def near(self, value: Number | None = None, share: Fraction = TENTH) -> bool:
        """Is the value bounded to within a share of itself? Without the value: could it be, for some value in it?"""
        if self.low is None or self.high is None:
            return False
        low, high = Fraction(self.low), Fraction(self.high)
        if value is not None:
            margin = abs(Fraction(value)) * share
            return low >= value - margin and high <= value + margin
        if low * high < 0:
            return False
        small, large = sorted((abs(low), abs(high)))
        return large / (1 + share) <= small / (1 - share)


ANY = Interval()


class Equation(NamedTuple):
    """The sum of each unknown times its coefficient comes to the value. `source` says it in words."""

    terms: Mapping[Hashable, int]
    value: int
    source: str


class Slack(NamedTuple):
    """What is left between the two sides of “at most”."""

    number: int


@dataclass
class System:
    """What is known of some unknowns."""

    equations: list[Equation] = field(default_factory=list)
    bounds: dict[Hashable, Interval] = field(default_factory=dict)
    why: dict[Hashable, str] = field(
        default_factory=dict
    )  # where an unknown's own bounds come from

    def within(
        self, name: Hashable, low: Number | None, high: Number | None = None, source: str = ""
    ) -> None:
        """The unknown lies between these, and between what was said of it before."""
        self.bounds[name] = self.bounds.get(name, ANY).both(Interval(low, high))
        if source:
            self.why[name] = source

    def equate(self, terms: Mapping[Hashable, Number], value: Number, source: str) -> None:
        """Terms whose coefficient is 0 are left out; fractions are brought to whole numbers."""
        kept = {name: Fraction(factor) for name, factor in terms.items() if factor}
        value = Fraction(value)
        if not kept:
            return
        scale = lcm(value.denominator, *(factor.denominator for factor in kept.values()))
        whole = {name: int(factor * scale) for name, factor in kept.items()}
        self.equations.append(Equation(whole, int(value * scale), source))

    def at_most(self, terms: Mapping[Hashable, Number], value: Number, source: str) -> None:
        """The sum of the terms is the value or less."""
        if any(terms.values()):
            slack = Slack(len(self.equations))
            self.bounds[slack] = Interval(0)
            self.equate({**terms, slack: 1}, value, source)

    @property
    def unknowns(self) -> set[Hashable]:
        named = {name for equation in self.equations for name in equation.terms}
        return named | set(self.bounds)

    def parts(self) -> "list[System]":
        """Systems that have no unknown in common. One pass over the terms."""
        above: dict[Hashable, Hashable] = {name: name for name in self.unknowns}

        def top(name: Hashable) -> Hashable:
            while above[name] != name:
                above[name] = above[above[name]]
                name = above[name]
            return name

        for equation in self.equations:
            first, *others = equation.terms
            for other in others:
                above[top(other)] = top(first)
        found: dict[Hashable, System] = {}
        for name in above:
            part = found.setdefault(top(name), System())
            part.bounds[name] = self.bounds.get(name, ANY)
            if name in self.why:
                part.why[name] = self.why[name]
        for equation in self.equations:
            found[top(next(iter(equation.terms)))].equations.append(equation)
        return list(found.values())


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
