"""Who may set up and change programs, and what a program's parts must fulfil."""

from collections.abc import Sequence
from decimal import Decimal

from django.db.models import QuerySet

from tracker.accounts.models import MembershipStatus, Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.programs.models import (
    PARENT_LEVEL,
    Objective,
    ObjectiveLevel,
    Participation,
    Program,
    ProgramSector,
    StatedFigure,
)
from tracker.shared.errors import NotAllowed, Refused

WHOLE = Decimal(100)


def check_can_create_program(user: User, owner: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=owner, to="set up programs")


def organisations_of_officer(user: User) -> QuerySet[Organisation]:
    """The organisations for which a person may set up programs."""
    held = user.memberships.filter(status=MembershipStatus.ACTIVE, role=Role.OFFICER)
    return Organisation.objects.filter(pk__in=held.values("organisation")).order_by("name", "pk")


def check_can_create_some_program(user: User) -> None:
    """The officer of a single program may change that one, and set up no other."""
    if not organisations_of_officer(user).exists():
        raise NotAllowed("Only a program officer of an organisation may set up programs.")


def check_can_change_program(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="change the program")


def check_can_record_figure(user: User, program: Program | None) -> None:
    """An officer of the program. Figures about an organisation: whoever records or audits anything."""
    if program is None:
        check_holds(user, Role.OFFICER, Role.AUDITOR, to="record stated figures")
    else:
        check_holds(user, Role.OFFICER, program=program, to="record stated figures")


def check_can_correct_figure(user: User, figure: StatedFigure) -> None:
    check_can_record_figure(user, figure.program)
    if StatedFigure.objects.filter(replaces=figure).exists():
        raise Refused(
            "This figure has been corrected already: correct the figure that took its place."
        )


def check_sectors(sectors: Sequence[ProgramSector]) -> None:
    """Each sector once; shares above zero that do not exceed the whole."""
    codes = [sector.code for sector in sectors]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        raise Refused({"sectors": f"The sector {code} is named twice: remove one of the rows."})
    shares = [sector.percent for sector in sectors if sector.percent is not None]
    if any(share <= 0 or share > WHOLE for share in shares):
        raise Refused(
            {"sectors": "A sector's share lies above 0 and up to 100 per cent: correct it."}
        )
    if sum(shares, Decimal(0)) > WHOLE:
        raise Refused(
            {"sectors": "The shares of the sectors add up to more than 100 per cent: lower one."}
        )


def check_participants(participants: Sequence[Participation]) -> None:
    """An organisation may have several roles, but each of them once."""
    seen: set[tuple[int, str]] = set()
    for one in participants:
        key = (one.organisation_id, one.role)
        if key in seen:
            sentence = f"{one.organisation} is named twice as {one.get_role_display()}: remove one of the rows."
            raise Refused({"participants": sentence})
        seen.add(key)


def check_place_in_tree(
    program: Program, level: str, parent: Objective | None, itself: Objective | None = None
) -> None:
    """Outputs lie under outcomes, outcomes under impacts, all of one program. Any may stand at the top.

    As every level has one level above it, no objective can come to lie under itself.
    """
    if level not in PARENT_LEVEL:
        raise Refused({"level": f"“{level}” is no level: choose impact, outcome or output."})
    if parent is not None:
        _check_parent(program, level, parent)
    if itself is not None and level != itself.level and itself.children.exists():
        below = itself.get_level_display()
        raise Refused(
            {
                "level": f"Other objectives lie under this {below}: move them first, or keep its level."
            }
        )


def _check_parent(program: Program, level: str, parent: Objective) -> None:
    if parent.program_id != program.pk:
        raise Refused(
            {
                "parent": "The objective above belongs to another program: choose one of this program."
            }
        )
    above = PARENT_LEVEL[level]
    if above is None:
        raise Refused({"parent": "An impact stands at the top: leave the objective above empty."})
    if parent.level != above:
        name, wanted = ObjectiveLevel(level).label, ObjectiveLevel(above).label
        raise Refused(
            {
                "parent": f"An {name} lies under an {wanted}, not under an "
                f"{parent.get_level_display()}: choose an {wanted}, or none."
            }
        )
