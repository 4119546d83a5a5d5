"""The figures of samples as pages say them: money, sentences, and beside each figure the formula and its source."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from tracker.accounts.models import User
from tracker.audits import policies
from tracker.audits.models import Estimator, Outcome, Sample, SampleItem
from tracker.audits.queries.evaluating import Figures
from tracker.audits.queries.samples import next_untested, results_of, samples_waiting, untested
from tracker.audits.queries.waiting_lines import NextStep, Waiting
from tracker.shared.money import Money
from tracker.shared.policies import permits
from tracker.shared.sealing import Covered

SHOWN = 20
LAWS = {
    "binomial": (
        "Binomial",
        "Clopper and Pearson, one-sided: the rate p with P(X ≤ deviations | n, p) = risk (Biometrika 26, 1934).",
    ),
    "poisson": (
        "Poisson",
        "Confidence factor for the deviations found ÷ n (AICPA Audit Guide “Audit Sampling”); never below the binomial.",
    ),
    "hypergeometric": (
        "Hypergeometric",
        "The most deviating items of the population that leave P(X ≤ deviations) above the risk, for draws without putting back "
        "(Cochran, “Sampling Techniques”, 1977, §3.6).",
    ),
    "strata": (
        "Over strata",
        "Σ weight × binomial limit of each stratum, the risk shared equally among them (Bonferroni): right for any allocation.",
    ),
}
FORMULAS = {
    "known": "Items of at least the interval: all of them are in the sample, nothing is projected.",
    "projected": "Σ tainting × interval, tainting = (recorded - audited) ÷ recorded, for each item below the interval.",
    "most_likely": "Known + projected.",
    "basic": "Interval × Poisson factor for no error: what may be there although nothing was found.",
    "incremental": "Σ (factor of i errors - factor of i-1 - 1) × tainting × interval, taintings in descending order.",
    "upper": "The sum. AICPA Audit Guide “Audit Sampling”, monetary unit sampling; the bound is Stringer's (1963).",
}
LINES = {
    "known": "Known, in the top stratum",
    "projected": "Projected",
    "most_likely": "Most likely misstatement",
    "basic": "Basic precision",
    "incremental": "Incremental allowance",
    "upper": "Upper misstatement limit",
}
ESTIMATES = {
    "mean": "N × mean of the audited amounts (Cochran 1977, ch. 2; strata added, ch. 5)",
    "difference": "Recorded total - N × mean difference (Cochran 1977, ch. 7; strata added, ch. 5)",
    "ratio": "Recorded total × audited ÷ recorded in the sample (Cochran 1977, ch. 6; combined over strata, §6.11)",
}
NO_RATE = "The sample was drawn by amount, so its rate says nothing of how many items deviate: the counts stand as they are."


def recorded_of(sample: Sample) -> list[Money]:
    """What its population comes to, currency by currency."""
    return [Money(int(minor), code) for code, minor in sorted(sample.recorded.items())]


def strata_of(sample: Sample) -> list[Figures]:
    """Its strata with their names, where there is more than one. Load `text` with it."""
    if len(sample.strata) < 2:
        return []
    names = sample.text.strata_names.split("\n")
    currency = next(iter(sample.recorded)) if len(sample.recorded) == 1 else ""
    return [
        {
            "name": names[place] if place < len(names) and names[place] else f"stratum {place + 1}",
            "items": stratum["items"],
            "recorded": Money(int(stratum["recorded"]), currency) if currency else None,
            "sample": stratum["sample"],
        }
        for place, stratum in enumerate(sample.strata)
    ]


def sample_records(sample: Sample) -> list[Any]:
    """What its history is made of."""
    drawn = [sample.draw] if hasattr(sample, "draw") else []
    given_up = [sample.given_up] if hasattr(sample, "given_up") else []
    return [sample, *given_up, *drawn, *sample.evaluations.all()]


def told_results(item: SampleItem) -> list[Figures]:
    """Every result of an item in words, the newest first."""
    attributes = item.draw.sample.attributes
    return [
        {
            "result": result,
            "outcomes": [
                (text, Outcome(outcome).label, outcome in (Outcome.DEVIATION, Outcome.NOT_EXAMINED))
                for text, outcome in zip(attributes, result.outcomes, strict=True)
            ],
        }
        for result in results_of(item)
    ]


SEALED_SUM = Covered("it holds amounts that are sealed")


def sealed_sums(strata: list[Figures]) -> list[Figures]:
    """Strata for a reader to whom their sums would tell an amount that is sealed."""
    return [{**one, "recorded": SEALED_SUM} for one in strata]


# --- An evaluation -----------------------------------------------------------


def told_figures(sample: Sample, figures: Figures, sealed: Collection[int] = ()) -> Figures:
    """The figures of an evaluation, ready for the page. `sealed`: positions whose amount the reader may not see."""
    attributes = [_attribute(sample, one) for one in figures["attributes"]]
    amounts = figures["amounts"]
    told = None
    if amounts is not None:
        told = (
            _monetary(sample, amounts)
            if amounts["kind"] == "monetary"
            else _classical(sample, amounts)
        )
    bars = [bar for one in attributes for bar in one["bars"]]
    if bars and sample.tolerable_rate is not None:
        bars.append({"label": "tolerable", "value": sample.tolerable_rate})
    for one in (told or {}).get("misstated", []):
        if one["position"] in sealed:
            cover = Covered("its amount is sealed")
            one["recorded"] = one["audited"] = one["tainting"] = cover
    return {"attributes": attributes, "amounts": told, "bars": bars}


def _attribute(sample: Sample, one: Figures) -> Figures:
    one = {**one, "unseen": one["not_examined"] - one["excused"]}
    limits = [
        (*LAWS[name], Decimal(value), name == one["law"]) for name, value in one["upper"].items()
    ]
    if one["limit"] is None:
        said = NO_RATE if one["examined"] else "No item could be judged by it: nothing can be said."
        return {**one, "limits": limits, "said": said, "bars": []}
    limit, tolerable = Decimal(one["limit"]), Decimal(one["tolerable"])
    said = f"At {sample.confidence} % confidence at most {limit} % of the items deviate. " + (
        f"That is not more than the tolerable {tolerable} %."
        if one["holds"]
        else f"That is more than the tolerable {tolerable} %: the population cannot be relied on in this."
    )
    bars = [
        {"label": f"{one['text']}: found", "value": Decimal(one["rate"])},
        {"label": f"{one['text']}: at most", "value": limit},
    ]
    return {**one, "limits": limits, "said": said, "bars": bars}


def _misstated(sample: Sample, amounts: Figures) -> list[Figures]:
    return [
        {
            **one,
            "recorded": Money(int(one["recorded"]), sample.currency),
            "audited": Money(int(one["audited"]), sample.currency),
        }
        for one in amounts["misstated"]
    ]


def _monetary(sample: Sample, amounts: Figures) -> Figures:
    def money(side: str, name: str) -> Money:
        return Money(int(amounts[side][name]), sample.currency)

    tolerable = Money(int(amounts["tolerable"]), sample.currency)
    over, under = money("over", "upper"), money("under", "upper")
    rows = [
        (LINES[name], money("over", name), money("under", name), FORMULAS[name]) for name in LINES
    ]
    parts = ("known", "projected", "basic", "incremental", "upper")
    bars = [{"label": LINES[name], "value": money("over", name)} for name in parts]
    said = (
        f"At {sample.confidence} % confidence the population is overstated by at most {over} and understated by at "
        f"most {under}. "
        + (
            f"Both lie within the tolerable {tolerable}."
            if amounts["holds"]
            else f"The tolerable misstatement is {tolerable}: the recorded amount cannot be relied on."
        )
    )
    return {
        "kind": "monetary",
        "rows": rows,
        "bars": [*bars, {"label": "Tolerable", "value": tolerable}],
        "said": said,
        "holds": amounts["holds"],
        "misstated": _misstated(sample, amounts),
    }


def _classical(sample: Sample, amounts: Figures) -> Figures:
    def money(one: Figures, name: str) -> Money:
        return Money(int(one[name]), sample.currency)

    names = ("audited", "misstatement", "error", "margin", "upper")
    rows = [
        {
            "name": Estimator(one["name"]).label,
            "decides": one["name"] == amounts["decides"],
            "formula": ESTIMATES[one["name"]],
            **{name: money(one, name) for name in names},
        }
        for one in amounts["estimates"]
    ]
    tolerable = money(amounts, "tolerable")
    chosen = next((row for row in rows if row["decides"]), None)
    return {
        "kind": "classical",
        "rows": rows,
        "bars": [
            *({"label": f"{row['name']}: at most", "value": row["upper"]} for row in rows),
            {"label": "Tolerable", "value": tolerable},
        ],
        "said": _classical_words(sample, chosen, tolerable, amounts["holds"]),
        "holds": amounts["holds"],
        "misstated": _misstated(sample, amounts),
    }


def _classical_words(
    sample: Sample, chosen: Figures | None, tolerable: Money, holds: bool | None
) -> str:
    if chosen is None:
        return "The estimate that was to decide cannot be reckoned: the sample's recorded amounts come to nothing."
    return (
        f"By the {chosen['name']} estimate the population is misstated by {chosen['misstatement']}, give or take "
        f"{chosen['margin']} at {sample.confidence} % confidence: at most {chosen['upper']} in either direction. "
        + (
            f"That lies within the tolerable {tolerable}."
            if holds
            else f"The tolerable misstatement is {tolerable}: the recorded amount cannot be relied on."
        )
    )


# --- What happens next ---------------------------------------------------------


def next_for_sample(sample: Any, user: User, waits: bool) -> NextStep:
    """The next step of a sample that was loaded alone; `waits`: no checkpoint covers its plan yet."""
    mine = permits(policies.check_can_sample, user, sample.engagement)
    team = f"the team, led by {sample.engagement.lead}"
    if hasattr(sample, "given_up"):
        return NextStep("Nothing: the sample was given up before the draw.")
    if waits:
        return NextStep(
            "The journal signs its next checkpoint; its hash becomes the seed.",
            "the journal",
            follows="It takes some seconds. Load this page again.",
        )
    if not hasattr(sample, "draw"):
        return NextStep("Draw the sample.", team, mine=mine, follows="Then test each item.")
    left = untested(sample)
    if left:
        item = next_untested(sample, 0) if mine else None
        return NextStep(
            f"Test {len(left)} item{'' if len(left) == 1 else 's'}.",
            team,
            mine=mine,
            follows="Then evaluate.",
            href=item.get_absolute_url() if item else "",
            action=f"Test item {item.position}" if item else "",
        )
    if not sample.evaluations.exists():
        href = f"{sample.get_absolute_url()}evaluation/" if mine else ""
        return NextStep("Evaluate the sample.", team, mine=mine, href=href, action="Evaluate it")
    return NextStep("Nothing: the sample is evaluated. A correction can be evaluated anew.")


def sample_lines(user: User) -> list[Waiting]:
    """Lines of a desk: samples of the person's teams to draw, to test, to evaluate."""
    return [_line(sample) for sample in samples_waiting(user)[:SHOWN]]


def _line(sample: Any) -> Waiting:
    why, href = f"“{sample.text.purpose}”", sample.get_absolute_url()
    if not hasattr(sample, "draw"):
        return Waiting(f"Draw sample {sample.label}", href, why)
    left = sample.draw.drawn - sample.tested
    if left:
        items = f"{left:,} item{'' if left == 1 else 's'}"
        return Waiting(f"Test {items} of sample {sample.label}", href, why)
    return Waiting(f"Evaluate sample {sample.label}", f"{href}evaluation/", why)
