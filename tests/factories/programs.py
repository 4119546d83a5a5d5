"""Programs."""

from itertools import count

from tests.factories.accounts import make_organisation, make_person
from tracker.accounts.models import Role
from tracker.programs import actions
from tracker.programs.models import KindOfAid, ParticipantRole, Program, ProgramStatus

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
