"""Who may say what is measured, what is aimed at and what was reached, and when a row may take another's place."""

from datetime import date

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds
from tracker.programs.models import Objective, Program
from tracker.results.models import Indicator, Measurement, Target
from tracker.shared.errors import Refused


def check_can_add_indicator(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="add indicators")


def check_can_set_targets(user: User, indicator: Indicator) -> None:
    check_holds(user, Role.OFFICER, program=indicator.program, to="set baselines and targets")


def check_can_measure(user: User, indicator: Indicator) -> None:
    check_holds(user, Role.OFFICER, program=indicator.program, to="record measurements")


def check_objective(program: Program, objective: Objective | None) -> None:
    if objective is not None and objective.program_id != program.pk:
        raise Refused(
            {"objective": "The objective belongs to another program: choose one of this program."}
        )


def check_replaceable(row: Target | Measurement, indicator: Indicator) -> None:
    """A row takes the place of another of the same indicator, and each row is replaced at most once."""
    if row.indicator_id != indicator.pk:
        raise Refused("The row to be replaced belongs to another indicator.")
    if type(row).objects.filter(replaces=row).exists():
        raise Refused("This row has been replaced already: replace the row that took its place.")


def check_measured_on(indicator: Indicator, measured_on: date) -> None:
    """A measurement says what was found. The future is a target."""
    today = indicator.program.owner.today()
    if measured_on > today:
        raise Refused(
            {
                "measured_on": f"{measured_on} lies in the future (today is {today}): "
                "give the day on which it was measured, or set a target."
            }
        )
