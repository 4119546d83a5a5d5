"""How many items are needed, and how that number came to be."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from math import ceil
from statistics import NormalDist

from tracker.audits.sampling.limits import (
    PRECISION,
    SMALL,
    binomial_at_most,
    hypergeometric_is_rare,
)
from tracker.shared.errors import Refused

LARGEST = 10_000  # items; who needs more audits everything, or tells the tolerable and the expected further apart


@dataclass(frozen=True)
class Size:
    """A sample size and the sentence that says how it came to be. `factor` is the confidence factor of MUS."""

    items: int
    how: str
    allowed: int = 0
    factor: Decimal | None = None


TOO_CLOSE = (
    f"The expected error lies so close to the tolerable that more than {LARGEST:,} items would be needed: "
    "raise the tolerable error, or lower the confidence."
)


def _smallest(enough: Callable[[int], bool], most: int) -> int | None:
    """The smallest of 1 … most that is enough; what is larger than one that is enough is enough too."""
    if not enough(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def attribute_size(risk: Decimal, tolerable: Decimal, expected: Decimal, population: int) -> Size:
    """The smallest sample in which as many deviations as expected would still show a rate below the tolerable.

    Rates lie between 0 and 1. With k = ⌈n × expected⌉: P(at most k deviations, if the rate were the tolerable one) is
    at most the risk. Binomial, as the tables of the AICPA Audit Guide (Audit Sampling, appendix A); for populations
    of up to 5,000 hypergeometric. A population that is too small for any sample is examined whole.
    """
    small = population <= SMALL
    deviating = int((tolerable * population).to_integral_value(ROUND_CEILING))
    most = min(population, LARGEST)
    allowed = 0
    with localcontext() as context:
        context.prec = PRECISION + (population if small else 0)

        def enough(size: int) -> bool:
            if size <= allowed:
                return False
            if small:
                return hypergeometric_is_rare(allowed, size, deviating, population, risk)
            return binomial_at_most(allowed, size, tolerable) <= risk

        while allowed < most:
            items = _smallest(enough, most)
            if items is None:
                break
            if items * expected <= allowed:
                return Size(items, _attribute_words(items, allowed, small), allowed)
            allowed += 1
    if population > LARGEST:
        raise Refused({"expected_rate": TOO_CLOSE})
    return Size(population, "The population is so small that all of it has to be examined.")


def _attribute_words(items: int, allowed: int, small: bool) -> str:
    law = "hypergeometric, for a small population" if small else "binomial"
    return (
        f"{items:,} is the smallest sample in which {allowed} deviation{'' if allowed == 1 else 's'}, as many as are "
        f"expected in it, would still show at this confidence that the rate is below the tolerable one ({law}; AICPA "
        "Audit Guide “Audit Sampling”, tables of sample sizes for tests of controls)."
    )


# --- Monetary units ---------------------------------------------------------

_PI = Decimal("3.141592653589793238462643383279502884197")
_BERNOULLI = [
    *(Decimal(a) / b for a, b in ((1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730)))
]


def _log_gamma(z: Decimal) -> Decimal:
    """ln Γ(z) by Stirling's series, moved up to where it is exact to 25 digits."""
    moved = Decimal(1)
    while z < 60:
        moved *= z
        z += 1
    series = sum(
        (b / (2 * k * (2 * k - 1)) / z ** (2 * k - 1) for k, b in enumerate(_BERNOULLI, start=1)),
        Decimal(0),
    )
    return (z - Decimal("0.5")) * z.ln() - z + (2 * _PI).ln() / 2 + series - moved.ln()


def gamma_over(shape: Decimal, value: Decimal) -> Decimal:
    """P(G > value) for a gamma variable of the shape and scale 1. With shape k+1 it is P(Poisson(value) ≤ k)."""
    if value <= 0:
        return Decimal(1)
    term = total = 1 / shape
    step = shape
    while term > total * Decimal("1e-30"):
        step += 1
        term = term * value / step
        total += term
    below = (shape * value.ln() - value - _log_gamma(shape)).exp() * total
    return 1 - below


def confidence_factor(risk: Decimal, ratio: Decimal) -> Decimal:
    """The factor F for which a sample of BV × F / tolerable bears the expected error: F with
    P(Gamma(1 + F × ratio) > F) = risk, where ratio = expected / tolerable.

    These are the confidence factors for sample sizes of the AICPA Audit Guide (3.00 without expected error, 4.63 at a
    ratio of 0.20, at 5 % risk); the derivation is in Stewart, Technical Notes on the AICPA Audit Guide Audit Sampling.
    """
    with localcontext() as context:
        context.prec = PRECISION

        def short(factor: Decimal) -> bool:
            return gamma_over(1 + factor * ratio, factor) > risk

        low, high = Decimal(0), Decimal(4)
        while short(high):
            high *= 2
            if high > LARGEST:
                raise Refused({"expected_amount": TOO_CLOSE})
        while high - low > Decimal("1e-12"):
            middle = (low + high) / 2
            low, high = (middle, high) if short(middle) else (low, middle)
        return high


def monetary_size(risk: Decimal, total: int, tolerable: int, expected: int) -> Size:
    """Book value × confidence factor / tolerable misstatement, rounded up. Amounts in minor units."""
    factor = confidence_factor(risk, Decimal(expected) / tolerable)
    exact = Fraction(total) * Fraction(factor) / tolerable
    items = max(1, ceil(exact))
    if items > LARGEST:
        raise Refused({"expected_amount" if expected else "tolerable_amount": TOO_CLOSE})
    shown = factor.quantize(Decimal("0.0001"))
    words = (
        f"{items:,} = recorded amount × {shown} ÷ tolerable misstatement, rounded up; {shown} is the confidence factor for "
        "this confidence and this share of expected in tolerable misstatement (Poisson; AICPA Audit Guide “Audit "
        "Sampling”, confidence factors for monetary unit sampling)."
    )
    return Size(items, words, factor=factor)


def classical_size(
    confidence: Decimal, tolerable: int, expected: int, spread: Fraction, population: int
) -> Size:
    """n₀ = (z·N·S / allowance)², n = n₀ / (1 + n₀/N): Cochran, Sampling Techniques (1977), ch. 4, for totals.

    `spread` is S² of the recorded amounts, within strata where there are any; the allowance is what the tolerable
    misstatement leaves over the expected one.
    """
    z = Fraction(NormalDist().inv_cdf(0.5 + float(confidence) / 200))
    first = z * z * population * population * spread / Fraction(tolerable - expected) ** 2
    items = min(population, max(2, ceil(first / (1 + first / population))))
    if items > LARGEST:
        raise Refused({"tolerable_amount": TOO_CLOSE})
    words = (
        f"{items:,} = n₀ ÷ (1 + n₀/N) with n₀ = (z·N·S ÷ A)²: S is the standard deviation of the recorded amounts, z = "
        f"{float(z):.4f}, and A what the tolerable misstatement leaves over the expected one (Cochran, “Sampling "
        "Techniques”, 3rd ed. 1977, ch. 4)."
    )
    return Size(items, words)
