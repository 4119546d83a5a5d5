"""The arithmetic of audit samples: drawing, sizes, limits, estimates. It knows no table; docs/sampling.md says it in words."""

from tracker.audits.sampling.draw import Chosen, Frozen, Stream, allocate, choose, root, seed_of
from tracker.audits.sampling.estimates import Estimate, Pair, Stratum, estimates
from tracker.audits.sampling.limits import (
    SMALL,
    binomial_upper,
    hypergeometric_upper,
    poisson_upper,
    risk_of,
)
from tracker.audits.sampling.monetary import Limit, Misstated, evaluate_monetary
from tracker.audits.sampling.sizes import Size, attribute_size, classical_size, monetary_size

__all__ = [
    "SMALL",
    "Chosen",
    "Estimate",
    "Frozen",
    "Limit",
    "Misstated",
    "Pair",
    "Size",
    "Stratum",
    "Stream",
    "allocate",
    "attribute_size",
    "binomial_upper",
    "choose",
    "classical_size",
    "estimates",
    "evaluate_monetary",
    "hypergeometric_upper",
    "monetary_size",
    "poisson_upper",
    "risk_of",
    "root",
    "seed_of",
]
