"""Where indicators stand: baseline, target, latest measurement, and how far that is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.db.models import F, OuterRef, QuerySet, Subquery, prefetch_related_objects

from tracker.programs.models import Program
from tracker.results.models import (
    Direction,
    Indicator,
    Measurement,
    Target,
    TargetKind,
    Verification,
)
from tracker.shared.clock import database_now

GREEN_FROM, AMBER_FROM = Fraction(90, 100), Fraction(70, 100)


class Rating(StrEnum):
    """The traffic light. Grey is for everything that cannot be judged, and is never a kind of green."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True)
class Standing:
    """Where one indicator stands on a day.

    `achievement` is in per cent with one decimal, rounded down so that nothing looks reached that is not; None is
    *not stated*. `why` says in a sentence why there is no achievement, or why it is not rated.
    """

    indicator: Indicator
    baseline: Target | None
    target: Target | None
    actual: Measurement | None
    achievement: Decimal | None
    rating: Rating
    why: str


def achievement(
    direction: str, baseline: Decimal | None, target: Decimal | None, actual: Decimal | None
) -> Fraction | str:
    """The share of the way that has been gone, exactly; or a sentence that says why it cannot be said.

    Higher is better: actual / target, from a baseline (actual - baseline) / (target - baseline). Lower is better:
    (baseline - actual) / (baseline - target). The formulas and the thresholds of the rating (green from 0.90, amber
    from 0.70, red below, grey without data or verification) are those of OVERSIGHT section 4, traffic light.
    """
    if actual is None:
        return "No value has been measured."
    if target is None:
        return "No target is stated."
    if direction == Direction.DOWN and baseline is None:
        return "Lower is better here, and without a baseline nobody can say how far it fell."
    start = Fraction(0) if baseline is None else Fraction(baseline)
    way = Fraction(target) - start
    if direction == Direction.DOWN:
        way, gone = -way, start - Fraction(actual)
    else:
        gone = Fraction(actual) - start
    if way <= 0:
        return (
            "The target asks for no change in the right direction, so no share of it can be said."
        )
    return gone / way


def _percent(share: Fraction) -> Decimal:
    """Per cent with one decimal, rounded down: 0.8999 is 89.9, not 90."""
    return Decimal(share * 1000 // 1).scaleb(-1)


def _rate(
    indicator: Indicator,
    baseline: Target | None,
    target: Target | None,
    actual: Measurement | None,
) -> Standing:
    values = [None if row is None else row.value for row in (baseline, target, actual)]
    share = achievement(indicator.direction, *values)
    rows = (indicator, baseline, target, actual)
    if isinstance(share, str):
        return Standing(*rows, None, Rating.GREY, share)
    if actual is None or actual.verification == Verification.NOT_VERIFIED:
        return Standing(*rows, _percent(share), Rating.GREY, "The value is not verified.")
    if share >= GREEN_FROM:
        rating = Rating.GREEN
    else:
        rating = Rating.AMBER if share >= AMBER_FROM else Rating.RED
    return Standing(*rows, _percent(share), rating, "")


def _todays(indicators: Sequence[Indicator]) -> dict[int, date]:
    """Today for each indicator, in the time zone of its program's owner, from one look at the clock."""
    now = database_now()
    return {row.pk: now.astimezone(row.program.owner.zone()).date() for row in indicators}


def _target_of(targets: Sequence[Target], day: date) -> Target | None:
    """The target of the period that contains the day; else of the next period; else of the last that ended.

    Of several that contain it the one with the shorter period: a year's target says more than a decade's.
    """
    if current := [t for t in targets if t.period_start <= day <= t.period_end]:
        return min(current, key=lambda t: (t.period_end - t.period_start, -t.pk))
    if coming := [t for t in targets if t.period_start > day]:
        return min(coming, key=lambda t: (t.period_start, t.period_end, -t.pk))
    return max(targets, key=lambda t: (t.period_end, t.pk), default=None)


def _latest(indicators: Sequence[Indicator], on: date | None) -> dict[int, Measurement]:
    """The measurement in force with the latest day, by indicator; of one day the one recorded last."""
    rows = Measurement.objects.in_force().filter(indicator=OuterRef("pk"))
    if on is not None:
        rows = rows.filter(measured_on__lte=on)
    newest = Subquery(rows.order_by("-measured_on", "-pk").values("pk")[:1])
    wanted = Indicator.objects.filter(pk__in=[row.pk for row in indicators])
    found = Measurement.objects.filter(pk__in=wanted.annotate(newest=newest).values("newest"))
    return {row.indicator_id: row for row in found.select_related("text", "recorded_by")}


def standing(indicators: Iterable[Indicator], *, on: date | None = None) -> list[Standing]:
    """Where the indicators stand, in the order given: at most five queries for any number of them.

    `on` is the last day that counts, such as the end of a report's period: later measurements are left out and the
    target is the one of that day. Without it: today, in the time zone of each program's owner.

    The latest measurement counts even if its value is null: somebody looked and found nothing.
    """
    rows = list(indicators)
    prefetch_related_objects(rows, "program__owner")
    days = dict.fromkeys((row.pk for row in rows), on) if on else _todays(rows)
    stated: dict[int, list[Target]] = defaultdict(list)
    for target in Target.objects.in_force().filter(indicator__in=rows).order_by("pk"):
        stated[target.indicator_id].append(target)
    actuals = _latest(rows, on)
    found = []
    for row in rows:
        bases = [t for t in stated[row.pk] if t.kind == TargetKind.BASELINE]
        aims = [t for t in stated[row.pk] if t.kind == TargetKind.TARGET]
        aim = _target_of(aims, days[row.pk])
        found.append(_rate(row, bases[-1] if bases else None, aim, actuals.get(row.pk)))
    return found


def indicators_of(program: Program) -> QuerySet[Indicator]:
    """The indicators of a program in the order of its objectives; those without objective come last."""
    rows = Indicator.objects.filter(program=program).select_related("objective", "program__owner")
    by_objective = F("objective__position").asc(nulls_last=True)
    return rows.order_by(by_objective, "objective", "title", "pk")


def targets_of(indicator: Indicator) -> QuerySet[Target]:
    """Every baseline and target that was ever set, newest period first, with what took its place."""
    rows = Target.objects.filter(indicator=indicator)
    return rows.select_related("recorded_by", "replaced_by").order_by(
        "kind", "-period_start", "-pk"
    )


def course_of(indicator: Indicator, last: int = 12) -> list[Measurement]:
    """The latest measurements in force, oldest first: the line that a chart draws."""
    rows = Measurement.objects.in_force().filter(indicator=indicator)
    return list(rows.order_by("-measured_on", "-pk")[:last])[::-1]
