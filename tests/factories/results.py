"""Indicators with their baselines, targets and measurements."""

from datetime import date
from decimal import Decimal
from itertools import count

from tests.factories.programs import make_program, officer_of
from tracker.results import actions
from tracker.results.models import Indicator, Measurement, Target, Verification

_numbers = count(1)
YEAR = {"period_start": date(2026, 1, 1), "period_end": date(2026, 12, 31)}


def make_indicator(*, program=None, by=None, **fields) -> Indicator:
    """Something of which more is better."""
    program = program or make_program()
    defaults = {"title": f"Trained medics {next(_numbers)}", "unit": "persons"}
    return actions.add_indicator(
        program=program, by=by or officer_of(program), **(defaults | fields)
    )


def make_baseline(indicator, value=0, *, by=None, **fields) -> Target:
    period = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31)}
    return actions.set_baseline(
        indicator=indicator,
        value=_number(value),
        by=by or officer_of(indicator.program),
        **(period | fields),
    )


def make_target(indicator, value=100, *, by=None, **fields) -> Target:
    """The target for the year 2026."""
    return actions.set_target(
        indicator=indicator,
        value=_number(value),
        by=by or officer_of(indicator.program),
        **(YEAR | fields),
    )


def make_measurement(indicator, value=71, *, by=None, **fields) -> Measurement:
    """A verified value of the middle of 2026."""
    defaults = {"measured_on": date(2026, 6, 30), "verification": Verification.VERIFIED}
    return actions.record_measurement(
        indicator=indicator,
        value=_number(value),
        by=by or officer_of(indicator.program),
        **(defaults | fields),
    )


def _number(value):
    return None if value is None else Decimal(str(value))
