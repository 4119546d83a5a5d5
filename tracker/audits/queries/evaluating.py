"""What the results of a sample come to: rates and amounts, projected to the population, with their upper limits.

Everything is reckoned from facts, so it comes out the same whenever it is reckoned again. Rates are per cent with four
decimals, amounts whole minor units, both as text: the journal takes no float, and its numbers end at 2^53.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from math import ceil
from typing import Any

from tracker.audits import sampling
from tracker.audits.models import (
    Outcome,
    Sample,
    SampleItem,
    SampleMethod,
    SampleResult,
    SampleTest,
)
from tracker.audits.sampling import SMALL, Limit, Misstated, Pair, Stratum

FOUR = Decimal("0.0001")
Figures = dict[str, Any]


@dataclass(frozen=True)
class Tested:
    """An item with its newest result."""

    position: int
    stratum: int
    certain: bool
    recorded: int | None
    outcomes: list[str]
    audited: int | None
    examined: bool
    excused: bool

    @property
    def found(self) -> int:
        """What the item should have been recorded at; what could not be examined is supported by nothing."""
        return self.audited if self.examined and self.audited is not None else 0


def figures_of(sample: Sample) -> tuple[Figures, str]:
    """The figures, and the SHA-256 over the newest result of each item, in their order."""
    items, digest = _tested(sample)
    figures: Figures = {
        "attributes": [_attribute(sample, items, place) for place in range(len(sample.attributes))],
        "amounts": None,
    }
    if sample.test == SampleTest.AMOUNTS:
        monetary = sample.method == SampleMethod.MONETARY
        figures["amounts"] = _monetary(sample, items) if monetary else _classical(sample, items)
    return figures, digest


def results_digest(sample: Sample) -> str:
    """The SHA-256 over the newest result of each item: whether an evaluation is still of today."""
    return _tested(sample)[1]


def _tested(sample: Sample) -> tuple[list[Tested], str]:
    names = ("item_id", "uid", "outcomes", "audited", "examined", "excused")
    results = SampleResult.objects.filter(item__draw__sample=sample).order_by("number")
    newest = {row["item_id"]: row for row in results.values(*names)}
    rows = SampleItem.objects.filter(draw__sample=sample).order_by("position")
    columns = ("pk", "uid", "position", "stratum", "certain", "transaction__amount")
    hasher, items = sha256(), []
    for pk, uid, position, stratum, certain, recorded in rows.values_list(*columns):
        row = newest[pk]
        hasher.update(f"{uid},{row['uid']}\n".encode())
        said = row["outcomes"], row["audited"], row["examined"], row["excused"]
        items.append(Tested(position, stratum, certain, recorded, *said))
    return items, hasher.hexdigest()


# --- Attributes ------------------------------------------------------------


@dataclass
class _Count:
    examined: int = 0
    deviations: int = 0
    not_applicable: int = 0
    not_examined: int = 0
    excused: int = 0

    def add(self, outcome: str, excused: bool) -> None:
        if outcome == Outcome.NOT_APPLICABLE:
            self.not_applicable += 1
            return
        self.not_examined += outcome == Outcome.NOT_EXAMINED
        if outcome == Outcome.NOT_EXAMINED and excused:
            self.excused += 1
            return
        self.examined += 1
        self.deviations += outcome != Outcome.PASSED


def _attribute(sample: Sample, items: list[Tested], place: int) -> Figures:
    whole, parts = _Count(), [_Count() for _ in sample.strata]
    for item in items:
        outcome = item.outcomes[place]
        whole.add(outcome, item.excused)
        parts[item.stratum].add(outcome, item.excused)
    told: Figures = {"text": sample.attributes[place], **vars(whole)}
    told |= {"rate": None, "upper": {}, "law": "", "limit": None, "holds": None}
    told["tolerable"] = None if sample.tolerable_rate is None else f"{sample.tolerable_rate:f}"
    if whole.examined and sample.method != SampleMethod.MONETARY:
        told |= _limits(sample, whole, parts)
    return told


def _limits(sample: Sample, whole: _Count, parts: list[_Count]) -> Figures:
    risk = sampling.risk_of(sample.confidence)
    n, found = whole.examined, whole.deviations
    if len(parts) > 1:
        rate, limit = _over_strata(sample, parts, risk)
        upper, law = {"strata": limit}, "strata"
    else:
        rate = Decimal(found) / n
        upper = {
            "binomial": sampling.binomial_upper(found, n, risk),
            "poisson": min(Decimal(1), sampling.poisson_upper(found, risk) / n),
        }
        law = "binomial"
        if sample.items <= SMALL and n == sum(s["sample"] for s in sample.strata):
            most = sampling.hypergeometric_upper(found, n, sample.items, risk)
            upper["hypergeometric"], law = Decimal(most) / sample.items, "hypergeometric"
    tolerable = sample.tolerable_rate
    return {
        "rate": _per_cent(rate),
        "upper": {name: _per_cent(value) for name, value in upper.items()},
        "law": law,
        "limit": _per_cent(upper[law]),
        "holds": None if tolerable is None else upper[law] * 100 <= tolerable,
    }


def _over_strata(sample: Sample, parts: list[_Count], risk: Decimal) -> tuple[Decimal, Decimal]:
    """Σ W·p, and Σ W·upper with the risk shared among the strata (Bonferroni): right for any allocation.

    A stratum of which nothing could be examined may deviate whole; one that was examined whole is known.
    """
    held = [s["items"] for s in sample.strata]
    apart = [(count, part) for count, part in zip(held, parts, strict=True) if count]
    rate, limit = Decimal(0), Decimal(0)
    for count, part in apart:
        weight = Decimal(count) / sample.items
        if not part.examined:
            limit += weight
            continue
        seen = Decimal(part.deviations) / part.examined
        rate += weight * seen
        known = part.examined == count
        limit += weight * (
            seen
            if known
            else sampling.binomial_upper(part.deviations, part.examined, risk / len(apart))
        )
    return rate, limit


def _per_cent(rate: Decimal) -> str:
    return f"{(rate * 100).quantize(FOUR):f}"


# --- Amounts ---------------------------------------------------------------


def _misstated(items: list[Tested]) -> list[Figures]:
    """Every item whose audited amount differs from the recorded one."""
    return [
        {
            "position": item.position,
            "recorded": str(item.recorded),
            "audited": str(item.found),
            "certain": item.certain,
            "tainting": _tainting(item),
        }
        for item in items
        if item.recorded != item.found
    ]


def _tainting(item: Tested) -> str | None:
    if not item.recorded:
        return None
    share = Fraction(item.recorded - item.found, item.recorded)
    return _per_cent(Decimal(share.numerator) / Decimal(share.denominator))


def _monetary(sample: Sample, items: list[Tested]) -> Figures:
    assert sample.interval is not None and sample.tolerable_amount is not None
    risk = sampling.risk_of(sample.confidence)
    pairs = [Misstated(item.recorded or 0, item.found, item.certain) for item in items]
    top = sum(item.recorded or 0 for item in items if item.certain)
    total = int(sample.recorded[sample.currency])
    sides = {}
    for name, sign in (("over", 1), ("under", -1)):
        wrong = [pair for pair in pairs if (pair.recorded - pair.audited) * sign > 0]
        sides[name] = sampling.evaluate_monetary(
            wrong, sample.interval.minor, risk, sampled=total > top
        )
    tolerable = sample.tolerable_amount.minor
    return {
        "kind": "monetary",
        "interval": str(sample.interval.minor),
        "top": str(top),
        "total": str(total),
        "misstated": _misstated(items),
        **{name: _side(limit) for name, limit in sides.items()},
        "tolerable": str(tolerable),
        "holds": all(limit.upper <= tolerable for limit in sides.values()),
    }


def _side(limit: Limit) -> Figures:
    return {
        "known": str(limit.known),
        "projected": str(round(limit.projected)),
        "most_likely": str(round(limit.most_likely)),
        "basic": str(round(limit.basic)),
        "incremental": str(round(limit.incremental)),
        "upper": str(ceil(limit.upper)),
    }


def _classical(sample: Sample, items: list[Tested]) -> Figures:
    assert sample.tolerable_amount is not None
    strata = [
        Stratum(
            said["items"],
            int(said["recorded"]),
            [Pair(i.recorded or 0, i.found) for i in items if i.stratum == place],
        )
        for place, said in enumerate(sample.strata)
        if said["items"]
    ]
    total, tolerable = sum(s.recorded for s in strata), sample.tolerable_amount.minor
    told = [
        _estimate(one, total, tolerable) for one in sampling.estimates(strata, sample.confidence)
    ]
    decides = next((one for one in told if one["name"] == sample.estimator), None)
    return {
        "kind": "classical",
        "total": str(total),
        "misstated": _misstated(items),
        "estimates": told,
        "decides": sample.estimator,
        "tolerable": str(tolerable),
        "holds": None if decides is None else decides["holds"],
    }


def _estimate(one: sampling.Estimate, total: int, tolerable: int) -> Figures:
    wrong = total - one.total
    farthest = max(abs(wrong - one.margin), abs(wrong + one.margin))
    return {
        "name": one.name,
        "audited": str(round(one.total)),
        "misstatement": str(round(wrong)),
        "error": str(round(one.error)),
        "margin": str(ceil(one.margin)),
        "upper": str(ceil(farthest)),
        "freedom": one.freedom,
        "holds": farthest <= tolerable,
    }
