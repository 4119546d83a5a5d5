"""Programs."""

from itertools import count

from tests.factories.accounts import make_organisation, make_person
from tracker.accounts.models import Role
from tracker.programs import actions
from tracker.programs.models import (
    FigureKind,
    Grade,
    KindOfAid,
    Objective,
    ObjectiveLevel,
    ParticipantRole,
    Program,
    ProgramStatus,
    StatedFigure,
)
from tracker.shared.money import Money

_numbers = count(1)


def make_program(*, owner=None, recipient=None, by=None, **fields) -> Program:
    """A program of a ministry, with a recipient organisation."""
    owner = owner or make_organisation()
    recipient = recipient or make_organisation(f"General Staff {next(_numbers)}")
    officer = by or make_person(Role.OFFICER, organisation=owner)
    number = next(_numbers)
    defaults = {
        "identifier": f"PROG-{number}",
        "title": f"Program {number}",
        "summary": "Equipment for field hospitals.",
        "kind_of_aid": KindOfAid.EQUIPMENT,
        "status": ProgramStatus.IMPLEMENTATION,
        "participants": [
            actions.Participant(owner, ParticipantRole.DONOR),
            actions.Participant(recipient, ParticipantRole.RECIPIENT),
        ],
    }
    return actions.create_program(owner=owner, by=officer, **(defaults | fields))


def officer_of(program: Program):
    """Somebody who may change the program."""
    return make_person(Role.OFFICER, organisation=program.owner)


def make_objective(*, program=None, by=None, **fields) -> Objective:
    """An outcome at the top of a program's tree."""
    program = program or make_program()
    defaults = {"level": ObjectiveLevel.OUTCOME, "title": f"Outcome {next(_numbers)}"}
    return actions.add_objective(
        program=program, by=by or officer_of(program), **(defaults | fields)
    )


def make_figure(*, program=None, by=None, **fields) -> StatedFigure:
    """An amount from an official page."""
    program = program or make_program()
    defaults = {
        "label": f"Yearly grant {next(_numbers)}",
        "kind": FigureKind.MONEY,
        "citation": "Ministry of Finance, budget report, page 12",
        "grade": Grade.A,
    }
    if fields.get("kind", FigureKind.MONEY) == FigureKind.MONEY:
        defaults["amount"] = Money.of(1_300_000_000, "USD")
    return actions.record_stated_figure(
        program=program, by=by or officer_of(program), **(defaults | fields)
    )
