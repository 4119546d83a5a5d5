"""What the illustrative program wants to reach, and what was measured."""

from decimal import Decimal

from tracker.demo.illustrative_money import day
from tracker.demo.people import Cast
from tracker.programs import actions as programs
from tracker.programs.models import Objective, ObjectiveLevel, Program
from tracker.results import actions
from tracker.results.models import Direction, Indicator, Verification

YEAR_2024 = (day(2024, 1, 1), day(2024, 12, 31))
YEAR_2026 = (day(2026, 1, 1), day(2026, 12, 31))


def measure(cast: Cast, program: Program) -> None:
    """One indicator on its way, one reached, one that nobody verified, one never measured."""
    outcome, output = _objectives(cast, program)
    time = _indicator(
        cast, outcome, "Median time to surgery", "minutes", Direction.DOWN, "128", "60"
    )
    _measured(cast, time, (2025, 12, 15), "94", Verification.SELF_REPORTED)
    _measured(cast, time, (2026, 9, 20), "71", Verification.VERIFIED)
    teams = _indicator(cast, output, "Teams certified", "teams", Direction.UP, "0", "12")
    _measured(cast, teams, (2025, 12, 15), "6", Verification.VERIFIED)
    _measured(cast, teams, (2026, 9, 20), "12", Verification.VERIFIED)
    women = _indicator(cast, output, "Women among those trained", "%", Direction.UP, None, "20")
    _measured(cast, women, (2026, 9, 20), "17", Verification.NOT_VERIFIED)
    _indicator(
        cast, outcome, "Survival after evacuation", "% of evacuated", Direction.UP, "81", "90"
    )


def _objectives(cast: Cast, program: Program) -> tuple[Objective, Objective]:
    by = cast.officer
    impact = programs.add_objective(
        program=program, level=ObjectiveLevel.IMPACT, title="Fewer wounded people die", by=by
    )
    outcome = programs.add_objective(
        program=program,
        level=ObjectiveLevel.OUTCOME,
        title="Wounded people reach surgery in time",
        parent=impact,
        by=by,
    )
    output = programs.add_objective(
        program=program,
        level=ObjectiveLevel.OUTPUT,
        title="Twelve evacuation teams are trained and equipped",
        parent=outcome,
        by=by,
    )
    return outcome, output


def _indicator(
    cast: Cast,
    objective: Objective,
    title: str,
    unit: str,
    direction: str,
    baseline: str | None,
    target: str,
) -> Indicator:
    indicator = actions.add_indicator(
        program=objective.program,
        objective=objective,
        title=title,
        unit=unit,
        direction=direction,
        by=cast.officer,
    )
    if baseline is not None:
        start, end = YEAR_2024
        actions.set_baseline(
            indicator=indicator,
            value=Decimal(baseline),
            period_start=start,
            period_end=end,
            by=cast.officer,
        )
    start, end = YEAR_2026
    actions.set_target(
        indicator=indicator,
        value=Decimal(target),
        period_start=start,
        period_end=end,
        by=cast.officer,
    )
    return indicator


def _measured(
    cast: Cast, indicator: Indicator, when: tuple[int, int, int], value: str, verification: str
) -> None:
    actions.record_measurement(
        indicator=indicator,
        measured_on=day(*when),
        value=Decimal(value),
        verification=verification,
        source="Register of the training command (illustrative)",
        by=cast.officer,
    )
