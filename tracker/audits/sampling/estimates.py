"""Classical estimates of a total from random, systematic and stratified samples, with their precision.

Formulas: Cochran, Sampling Techniques, 3rd ed. 1977: mean per unit ch. 2 and 5; difference ch. 7 (a regression
estimate with slope 1); ratio ch. 6 and, over strata, the combined ratio §6.11.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from math import atan, cos, pi, sin, sqrt

DIGITS = 40


@dataclass(frozen=True)
class Pair:
    """What is recorded and what the auditor found, in minor units."""

    recorded: int
    audited: int


@dataclass(frozen=True)
class Stratum:
    """A stratum of the population: its items, what they come to as recorded, and those that were examined."""

    items: int
    recorded: int
    examined: Sequence[Pair]


@dataclass(frozen=True)
class Estimate:
    """An estimated audited total, with how far it may be off to both sides at the confidence asked for."""

    name: str
    total: Fraction
    error: Fraction  # standard error
    margin: Fraction
    freedom: int


def _mean(values: Sequence[Fraction | int]) -> Fraction:
    return Fraction(sum(values)) / len(values)


def variance(values: Sequence[Fraction | int]) -> Fraction:
    """s² with n-1; nothing of one value."""
    if len(values) < 2:
        return Fraction(0)
    middle = _mean(values)
    return sum(((v - middle) ** 2 for v in values), Fraction(0)) / (len(values) - 1)


def _spread(strata: Sequence[Stratum], per_item: Sequence[Sequence[Fraction | int]]) -> Fraction:
    """Var(total) = Σ N²(1 - n/N)s²/n, Cochran (5.3) for totals."""
    total = Fraction(0)
    for stratum, values in zip(strata, per_item, strict=True):
        n = len(values)
        total += (
            Fraction(stratum.items * stratum.items)
            * (1 - Fraction(n, stratum.items))
            * variance(values)
            / n
        )
    return total


def estimates(strata: Sequence[Stratum], confidence: Decimal) -> list[Estimate]:
    """Mean per unit, difference and ratio. Every stratum has at least one examined item."""
    audited = [[p.audited for p in s.examined] for s in strata]
    off = [[p.recorded - p.audited for p in s.examined] for s in strata]
    book = sum(s.recorded for s in strata)
    whole = sum((s.items * _mean(v) for s, v in zip(strata, audited, strict=True)), Fraction(0))
    errors = sum((s.items * _mean(v) for s, v in zip(strata, off, strict=True)), Fraction(0))
    found = [
        ("mean", whole, _spread(strata, audited)),
        ("difference", book - errors, _spread(strata, off)),
    ]
    expanded = sum((s.items * _mean([p.recorded for p in s.examined]) for s in strata), Fraction(0))
    if expanded:
        ratio = whole / expanded
        left = [[p.audited - ratio * p.recorded for p in s.examined] for s in strata]
        found.append(("ratio", ratio * book, _spread(strata, left)))
    freedom = max(1, sum(len(s.examined) for s in strata) - len(strata))
    t = Fraction(t_quantile(float(confidence) / 100, freedom))
    return [_estimate(name, total, spread, t, freedom) for name, total, spread in found]


def _estimate(name: str, total: Fraction, spread: Fraction, t: Fraction, freedom: int) -> Estimate:
    with localcontext() as context:
        context.prec = DIGITS
        error = Fraction((Decimal(spread.numerator) / Decimal(spread.denominator)).sqrt())
    return Estimate(name, total, error, t * error, freedom)


def t_within(value: float, freedom: int) -> float:
    """P(|T| ≤ value) of Student's t: the finite series of Abramowitz and Stegun, 26.7.3 and 26.7.4."""
    angle = atan(value / sqrt(freedom))
    c, s = cos(angle), sin(angle)
    if freedom % 2:
        term, total = c, 0.0
        for i in range(1, freedom - 1, 2):
            total += term
            term *= c * c * (i + 1) / (i + 2)
        return 2 / pi * (angle + s * total)
    term, total = 1.0, 0.0
    for i in range(0, freedom - 1, 2):
        total += term
        term *= c * c * (i + 1) / (i + 2)
    return s * total


def t_quantile(confidence: float, freedom: int) -> float:
    """The two-sided quantile: |T| lies within it with the confidence. Exact to nine digits."""
    low, high = 0.0, 1.0
    while t_within(high, freedom) < confidence and high < 1e9:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if t_within(middle, freedom) >= confidence else (middle, high)
    return high
