"""How large a sample has to be, how it is shared, and which interval it is drawn with."""

from dataclasses import dataclass
from fractions import Fraction

from tracker.audits import policies, sampling
from tracker.audits.models import Allocation, SampleMethod
from tracker.audits.policies import SampleSpec
from tracker.audits.queries.populations import Survey
from tracker.audits.sampling import Size
from tracker.shared.errors import Refused


@dataclass(frozen=True)
class ReckonedSize:
    """The computed size, the one that is drawn, its share of each stratum, and the interval of monetary units."""

    computed: int
    how: str
    size: int
    shares: list[int]
    interval: int | None


def reckon_size(survey: Survey, spec: SampleSpec) -> ReckonedSize:
    """Size and shares for a population that was read. Refuses what is too large, or too small without a reason."""
    found = _computed(survey, spec)
    computed = min(found.items, survey.items)
    if spec.method == SampleMethod.STRATIFIED:
        computed = min(survey.items, max(computed, _least(survey)))
    how = found.how
    if found.items > survey.items:
        how += f" The population has {survey.items:,} items: at most these are drawn."
    size = sum(spec.given) if spec.given else spec.size
    if size is None:
        size = computed
    policies.check_size(size, computed, survey.items, spec.size_reason)
    if spec.monetary:
        hits = size if size != computed else found.items
        return ReckonedSize(computed, how, size, [size], max(1, survey.total // hits))
    shares = _shares(survey, spec, size)
    return ReckonedSize(computed, how, sum(shares), shares, None)


def _least(survey: Survey) -> int:
    """Two of each stratum, or all it has."""
    return sum(min(2, stratum.items) for stratum in survey.strata)


def _computed(survey: Survey, spec: SampleSpec) -> Size:
    risk = sampling.risk_of(spec.confidence)
    if not spec.of_amounts:
        assert spec.tolerable_rate is not None and spec.expected_rate is not None
        rates = spec.tolerable_rate / 100, spec.expected_rate / 100
        return sampling.attribute_size(risk, *rates, survey.items)
    assert spec.tolerable is not None and spec.expected is not None
    amounts = spec.tolerable.minor, spec.expected.minor
    if spec.monetary:
        return sampling.monetary_size(risk, survey.total, *amounts)
    spread = _spread(survey, spec)
    return sampling.classical_size(spec.confidence, *amounts, spread, survey.items)


def _spread(survey: Survey, spec: SampleSpec) -> Fraction:
    """S² that the design leaves: Σ W·S² within strata, (Σ W·S)² under Neyman's allocation (Cochran 1977, §5.5)."""
    weighted = [(Fraction(s.items, survey.items), s.variance) for s in survey.strata]
    if spec.allocation == Allocation.NEYMAN:
        return sum((w * sampling.root(s) for w, s in weighted), Fraction(0)) ** 2
    return sum((w * s for w, s in weighted), Fraction(0))


def _shares(survey: Survey, spec: SampleSpec, size: int) -> list[int]:
    counts = [stratum.items for stratum in survey.strata]
    if spec.method != SampleMethod.STRATIFIED:
        return [size]
    if spec.allocation == Allocation.GIVEN:
        return _as_given(survey, spec)
    if size < _least(survey):
        raise Refused(
            {
                "size": f"With {len(counts)} strata at least {_least(survey):,} items are drawn, two of each stratum."
            }
        )
    variances = [stratum.variance for stratum in survey.strata]
    return sampling.allocate(
        size, counts, variances if spec.allocation == Allocation.NEYMAN else None
    )


def _as_given(survey: Survey, spec: SampleSpec) -> list[int]:
    if len(spec.given) != len(survey.strata):
        named = ", ".join(f"“{stratum.name}”" for stratum in survey.strata)
        raise Refused(
            {
                "given": f"There are {len(survey.strata)} strata ({named}), and you state {len(spec.given)} numbers: one for each."
            }
        )
    for share, stratum in zip(spec.given, survey.strata, strict=True):
        if share > stratum.items:
            raise Refused(
                {
                    "given": f"{share:,} items of “{stratum.name}” are more than its {stratum.items:,}: draw at most as many as there are."
                }
            )
        if share < min(1, stratum.items):
            raise Refused(
                {
                    "given": f"Nothing is drawn from “{stratum.name}”, so nothing could be said of it: draw at least one, or narrow the list."
                }
            )
    return list(spec.given)
