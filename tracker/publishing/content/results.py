"""Indicators, targets and measurements as public rows. What a withheld value could be reckoned from is withheld too."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from tracker.programs.models import Program
from tracker.publishing.content.cells import (
    NOT_STATED,
    Cell,
    Cells,
    Row,
    Withheld,
    bare,
    cells_of,
    is_withheld,
    stated,
)
from tracker.publishing.fields import WITHHOLDABLE
from tracker.results.models import Measurement, Target
from tracker.results.queries import Standing, indicators_of, standing
from tracker.shared.dates import say_day


@dataclass
class Facts:
    """What is on record of one indicator, and where it stands."""

    standing: Standing
    targets: list[Target] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)


def _facts(program: Program, withheld: Withheld, on: date | None = None) -> list[Facts]:
    """A fixed number of queries for all indicators of a program. Without a day: as of today.

    Measurements stand in the order of the journal: an order by day would tell a day that is withheld.
    """
    found = {s.indicator.pk: Facts(s) for s in standing(indicators_of(program), on=on)}
    targets = Target.objects.filter(indicator__in=list(found))
    for target in targets.order_by("period_start", "pk"):
        found[target.indicator_id].targets.append(target)
    measured = Measurement.objects.filter(indicator__in=list(found)).select_related("text")
    for measurement in measured.order_by("pk"):
        found[measurement.indicator_id].measurements.append(measurement)
    return list(_in_order(found.values(), withheld))


def _in_order(facts: Iterable[Facts], withheld: Withheld) -> Iterator[Facts]:
    """By title below each objective; those whose title is withheld come after the others, in the order in which they
    were added: among them they would stand where their title tells."""

    def hidden(known: Facts) -> int:
        indicator = known.standing.indicator
        is_told = withheld.of("title", indicator.uid, kind="indicator") is None
        return 0 if is_told else indicator.pk

    for _, group in groupby(facts, key=lambda known: known.standing.indicator.objective_id):
        yield from sorted(group, key=hidden)


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    facts = _facts(program, withheld)
    for known in facts:
        yield _indicator(known, withheld)
    for known in facts:
        yield from _targets(known, withheld)
        yield from _measurements(known, withheld)


def report_rows(program: Program, on: date, withheld: Withheld) -> Iterator[Row]:
    """Each indicator as it stood on the last day of a report's period."""
    for known in _facts(program, withheld, on):
        indicator = known.standing.indicator
        told = cells_of(
            indicator=indicator.uid,
            title=indicator.title,
            unit=indicator.unit,
            direction=indicator.direction,
        )
        told = withheld.cover(told, ["title"], indicator.uid, kind="indicator")
        yield Row("report_indicator", indicator.uid, told | _standing(known, withheld))


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
            indicator=known.standing.indicator.uid,
            kind=target.kind,
            period_start=target.period_start,
            period_end=target.period_end,
            value=target.value,
        )
        covered = withheld.cover(cells, WITHHOLDABLE["target"], *line, kind="target")
        yield Row("target", target.uid, covered)


def _measurements(known: Facts, withheld: Withheld) -> Iterator[Row]:
    for measurement, line in _in_force(known.measurements):
        cells = cells_of(
            indicator=known.standing.indicator.uid,
            measured_on=measurement.measured_on,
            value=measurement.value,
            verification=measurement.verification,
            source=measurement.text.source,
        )
        covered = withheld.cover(cells, WITHHOLDABLE["measurement"], *line, kind="measurement")
        yield Row("measurement", measurement.uid, covered)


# --- Where an indicator stands ---------------------------------------------


def _indicator(known: Facts, withheld: Withheld) -> Row:
    indicator = known.standing.indicator
    cells = cells_of(
        title=indicator.title,
        unit=indicator.unit,
        direction=indicator.direction,
        definition=indicator.definition,
        objective=indicator.objective.uid if indicator.objective else None,
    )
    covered = withheld.cover(cells, WITHHOLDABLE["indicator"], indicator.uid, kind="indicator")
    return Row("indicator", indicator.uid, covered | _standing(known, withheld))


def _standing(known: Facts, withheld: Withheld) -> Cells:
    """Baseline, target and actual value, each withheld where its own row is; the achievement with any of them."""
    stands = known.standing
    targets, measured = (known.targets, withheld), (known.measurements, withheld)
    cells = {
        "baseline": _cell(stands.baseline, "value", "target", *targets),
        "target": _cell(stands.target, "value", "target", *targets),
        "actual": _cell(stands.actual, "value", "measurement", *measured),
    }
    hidden = [cell for cell in cells.values() if is_withheld(cell)]
    reached = None if stands.achievement is None else f"{stands.achievement:f}"
    return cells | {
        "target_period": stated(_period(stands.target)),
        "measured_on": _cell(stands.actual, "measured_on", "measurement", *measured),
        "verification": stated(stands.actual.verification if stands.actual else None),
        "achievement": bare(hidden[0]) if hidden else stated(reached),
    }


def _cell(row: Any, name: str, kind: str, rows: Sequence[Any], withheld: Withheld) -> Cell:
    """What the row in force says, covered as in the row itself, with the same stand-in."""
    if row is None:
        return NOT_STATED
    line = _line(row, {one.pk: one for one in rows})
    return withheld.cover({name: stated(getattr(row, name))}, [name], *line, kind=kind)[name]


def _period(target: Target | None) -> str | None:
    if target is None:
        return None
    return f"{say_day(target.period_start)} to {say_day(target.period_end)}"
