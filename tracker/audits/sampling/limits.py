"""One-sided upper limits, exact: what a rate could be, given how many deviations a sample had.

Each limit is the value at which so few deviations would be as unlikely as the risk that the auditor accepts.
"""

from collections.abc import Callable
from decimal import Decimal, localcontext
from math import comb

PRECISION = 40
SMALL = 5_000  # up to here the hypergeometric is reckoned; above, the binomial says the same to the fourth digit
CLOSE = Decimal("1e-14")


def risk_of(confidence: Decimal) -> Decimal:
    """The risk beside a confidence in per cent: 95 → 0.05."""
    return 1 - confidence / 100


def _rising(falls: Callable[[Decimal], Decimal], target: Decimal, high: Decimal) -> Decimal:
    """Where a falling function reaches the target, between 0 and `high`."""
    low = Decimal(0)
    while high - low > CLOSE * max(high, Decimal(1)):
        middle = (low + high) / 2
        if falls(middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def poisson_at_most(found: int, mean: Decimal) -> Decimal:
    """P(X ≤ found) for a Poisson variable."""
    term = total = Decimal(1)
    for i in range(1, found + 1):
        term = term * mean / i
        total += term
    return total * (-mean).exp()


def poisson_upper(found: int, risk: Decimal) -> Decimal:
    """The mean at which at most `found` would turn up with probability `risk`: the confidence factor of MUS tables.

    0 at 5 % gives 2.9957, 1 gives 4.7439 (AICPA Audit Guide, Audit Sampling, confidence factors).
    """
    with localcontext() as context:
        context.prec = PRECISION
        high = Decimal(found + 10)
        while poisson_at_most(found, high) > risk:
            high *= 2
        return _rising(lambda mean: poisson_at_most(found, mean), risk, high)


def binomial_at_most(found: int, size: int, rate: Decimal) -> Decimal:
    """P(X ≤ found) for `size` draws that deviate with probability `rate`."""
    if found >= size:
        return Decimal(1)
    if rate >= 1:
        return Decimal(0)
    term = total = (1 - rate) ** size
    odds = rate / (1 - rate)
    for i in range(1, found + 1):
        term = term * odds * (size - i + 1) / i
        total += term
    return total


def binomial_upper(found: int, size: int, risk: Decimal) -> Decimal:
    """The one-sided Clopper-Pearson limit of a rate (Biometrika 26, 1934)."""
    if found >= size:
        return Decimal(1)
    with localcontext() as context:
        context.prec = PRECISION
        return _rising(lambda rate: binomial_at_most(found, size, rate), risk, Decimal(1))


def hypergeometric_is_rare(
    found: int, size: int, deviating: int, population: int, risk: Decimal
) -> bool:
    """P(X ≤ found) ≤ risk when `deviating` of the population deviate and `size` are drawn without putting back."""
    ways = sum(
        comb(deviating, i) * comb(population - deviating, size - i)
        for i in range(min(found, size) + 1)
    )
    return ways <= risk * comb(population, size)


def hypergeometric_upper(found: int, size: int, population: int, risk: Decimal) -> int:
    """The most items of the population that may deviate: with one more, so few found would be rarer than the risk.

    The upper limit of Cochran, Sampling Techniques (1977), §3.6, reckoned in whole numbers.
    """
    low, high = found, population - (size - found)  # what was seen to be in order does not deviate
    with localcontext() as context:
        context.prec = PRECISION + population
        while low < high:
            middle = (low + high + 1) // 2
            if hypergeometric_is_rare(found, size, middle, population, risk):
                high = middle - 1
            else:
                low = middle
    return low
