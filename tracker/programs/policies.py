"""Who may set up and change programs."""

from tracker.accounts.models import Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.programs.models import Program


def check_can_create_program(user: User, owner: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=owner, to="set up programs")


def check_can_change_program(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="change the program")
