"""Indicators, targets and measurements as public rows. What a withheld value could be reckoned from is withheld too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

from tracker.programs.models import Program
from tracker.publishing.content.cells import (
    NOT_STATED,
    Cell,
    Cells,
    Row,
    Withheld,
    cells_of,
    is_withheld,
    stated,
)
from tracker.publishing.fields import WITHHOLDABLE
from tracker.results.models import Indicator, Measurement, Target, TargetKind


@dataclass
class Facts:
    """What is on record of one indicator."""

    indicator: Indicator
    targets: list[Target] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)


def _facts(program: Program) -> list[Facts]:
    """Three queries for all indicators of a program."""
    indicators = program.indicators.select_related("objective").order_by("pk")
    found = {indicator.pk: Facts(indicator) for indicator in indicators}
    targets = Target.objects.filter(indicator__in=list(found)).select_related("replaces")
    for target in targets.order_by("period_start", "pk"):
        found[target.indicator_id].targets.append(target)
    measured = Measurement.objects.filter(indicator__in=list(found)).select_related("text")
    for measurement in measured.order_by("measured_on", "pk"):
        found[measurement.indicator_id].measurements.append(measurement)
    return list(found.values())


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    facts = _facts(program)
    for known in facts:
        yield _indicator(known, program.owner.today(), withheld)
    for known in facts:
        yield from _targets(known, withheld)
        yield from _measurements(known, withheld)


def report_rows(program: Program, on: date, withheld: Withheld) -> Iterator[Row]:
    """Each indicator as it stood on the last day of a report's period."""
    for known in _facts(program):
        indicator = known.indicator
        told = cells_of(
            indicator=indicator.uid,
            title=indicator.title,
            unit=indicator.unit,
            direction=indicator.direction,
        )
        told = withheld.cover(told, ["title"], indicator.uid)
        standing = _standing(known, on, withheld)
        yield Row("report_indicator", indicator.uid, told | standing)


# --- Rows in force, and what the rows that they replace withhold ------------


def _in_force(rows: Sequence[Any]) -> list[tuple[Any, list[UUID]]]:
    """Rows that nothing replaces, each with its identifier and those of all rows that it replaced.

    A corrected number stays withheld where the number before it was.
    """
    by_key = {row.pk: row for row in rows}
    replaced = {row.replaces_id for row in rows}
    return [(row, _line(row, by_key)) for row in rows if row.pk not in replaced]


def _line(row: Any, by_key: Mapping[int, Any]) -> list[UUID]:
    line: list[UUID] = []
    while row is not None:
        line.append(row.uid)
        row = by_key.get(row.replaces_id)
    return line


def _targets(known: Facts, withheld: Withheld) -> Iterator[Row]:
    for target, line in _in_force(known.targets):
        cells = cells_of(
            indicator=known.indicator.uid,
            kind=target.kind,
            period_start=target.period_start,
            period_end=target.period_end,
            value=target.value,
        )
        yield Row("target", target.uid, withheld.cover(cells, WITHHOLDABLE["target"], *line))


def _measurements(known: Facts, withheld: Withheld) -> Iterator[Row]:
    for measurement, line in _in_force(known.measurements):
        cells = cells_of(
            indicator=known.indicator.uid,
            measured_on=measurement.measured_on,
            value=measurement.value,
            verification=measurement.verification,
            source=measurement.text.source,
        )
        covered = withheld.cover(cells, WITHHOLDABLE["measurement"], *line)
        yield Row("measurement", measurement.uid, covered)


# --- Where an indicator stands ---------------------------------------------


def _indicator(known: Facts, on: date, withheld: Withheld) -> Row:
    indicator = known.indicator
    cells = cells_of(
        title=indicator.title,
        unit=indicator.unit,
        direction=indicator.direction,
        definition=indicator.definition,
        objective=indicator.objective.uid if indicator.objective else None,
    )
    covered = withheld.cover(cells, WITHHOLDABLE["indicator"], indicator.uid)
    return Row("indicator", indicator.uid, covered | _standing(known, on, withheld))


def _standing(known: Facts, on: date, withheld: Withheld) -> Cells:
    """Baseline, target and actual value of a day, each withheld where its own row is; the achievement with any of them."""
    baseline = _target_on(known, TargetKind.BASELINE, on)
    target = _target_on(known, TargetKind.TARGET, on)
    actual = _measured_by(known, on)
    cells = {
        "baseline": _cell(baseline, "value", withheld),
        "target": _cell(target, "value", withheld),
        "target_period": stated(_period(target[0]) if target else None),
        "actual": _cell(actual, "value", withheld),
        "measured_on": _cell(actual, "measured_on", withheld),
        "verification": stated(actual[0].verification if actual else None),
    }
    hidden = [cell for cell in cells.values() if is_withheld(cell)]
    numbers = [row[0].value if row else None for row in (baseline, target, actual)]
    reached = hidden[0] if hidden else stated(_achieved(known.indicator, *numbers))
    return cells | {"achievement": reached}


Standing = tuple[Any, list[UUID]]


def _target_on(known: Facts, kind: str, on: date) -> Standing | None:
    """The row whose period holds the day; else the last before it; else the first after it."""
    rows = [found for found in _in_force(known.targets) if found[0].kind == kind]
    begun = [found for found in rows if found[0].period_start <= on]
    return begun[-1] if begun else (rows[0] if rows else None)


def _measured_by(known: Facts, on: date) -> Standing | None:
    rows = [found for found in _in_force(known.measurements) if found[0].measured_on <= on]
    return rows[-1] if rows else None


def _cell(found: Standing | None, name: str, withheld: Withheld) -> Cell:
    if found is None:
        return NOT_STATED
    row, line = found
    return withheld.of(name, *line) or stated(getattr(row, name))


def _period(target: Target) -> str:
    return f"{target.period_start.isoformat()} to {target.period_end.isoformat()}"


def _achieved(
    indicator: Indicator, baseline: Decimal | None, target: Decimal | None, actual: Decimal | None
) -> str | None:
    """The way from the baseline to the target, in per cent to one decimal; not stated where a number is missing."""
    if baseline is None or target is None or actual is None or target == baseline:
        return None
    share = (actual - baseline) / (target - baseline) * 100
    return f"{share.quantize(Decimal('0.1'), ROUND_HALF_EVEN):f}"
