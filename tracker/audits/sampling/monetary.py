"""Evaluating a monetary-unit sample: projected misstatement and its upper limit (Stringer's bound)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tracker.audits.sampling.limits import poisson_upper


@dataclass(frozen=True)
class Misstated:
    """An item that is recorded with `recorded` and was found to be `audited`, in minor units.

    `certain`: it is of the top stratum and stands for nothing but itself.
    """

    recorded: int
    audited: int
    certain: bool = False

    @property
    def tainting(self) -> Fraction:
        return Fraction(abs(self.recorded - self.audited), self.recorded)


@dataclass(frozen=True)
class Limit:
    """Misstatement in one direction, in minor units: known, projected, and what sampling leaves open."""

    known: Fraction
    projected: Fraction
    basic: Fraction
    incremental: Fraction

    @property
    def most_likely(self) -> Fraction:
        return self.known + self.projected

    @property
    def upper(self) -> Fraction:
        return self.most_likely + self.basic + self.incremental


Factors = Callable[[int], Decimal]


def evaluate_monetary(
    items: Sequence[Misstated],
    interval: int,
    risk: Decimal,
    factors: Factors | None = None,
    sampled: bool = True,
) -> Limit:
    """The misstatement of items that are all misstated in one direction.

    Projected: tainting × interval for each item below the interval. Basic precision: interval × factor for no error.
    Incremental allowance: taintings in descending order, the i-th times (factor(i) - factor(i-1) - 1) × interval.
    AICPA Audit Guide “Audit Sampling”, monetary unit sampling; the bound is Stringer's (1963). `factors` are the
    Poisson factors unless a table is given; without `sampled` items nothing is left open.
    """
    of = factors or (lambda errors: poisson_upper(errors, risk))
    known = Fraction(sum(abs(i.recorded - i.audited) for i in items if i.certain))
    taintings = sorted((i.tainting for i in items if not i.certain), reverse=True)
    projected = sum((taint * interval for taint in taintings), Fraction(0))
    incremental, before = Fraction(0), Fraction(of(0))
    basic = before * interval if sampled else Fraction(0)
    for number, taint in enumerate(taintings, start=1):
        after = Fraction(of(number))
        incremental += (after - before - 1) * taint * interval
        before = after
    return Limit(known, projected, basic, incremental)
