"""Who may withhold, review and lift, and who decides that a program is not published."""

from datetime import date

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds
from tracker.programs.models import Program
from tracker.publishing.models import (
    WITHHOLDING_TRANSITIONS,
    NotPublished,
    PublishedProgram,
    Release,
    Stream,
    Takedown,
    TakedownStatus,
    Tombstone,
    Withholding,
    WithholdingStatus,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition


def check_withholds(user: User) -> None:
    """Somewhere at all: whether for the chosen program, `check_can_withhold` says."""
    check_holds(user, Role.DISCLOSURE, to="propose what is withheld")


def check_can_withhold(user: User, program: Program) -> None:
    check_holds(user, Role.DISCLOSURE, program=program, to="withhold fields")


def check_reviewed_later(review_on: date, today: date) -> None:
    if review_on <= today:
        raise Refused({"review_on": "The review lies in the past: choose a day after today."})


def check_can_decide_withholding(user: User, withholding: Withholding) -> None:
    """Accept or decline: another disclosure officer than the one who proposed it."""
    check_can_withhold(user, withholding.program)
    if user.pk == withholding.proposed_by_id:
        raise NotAllowed("You proposed this: another disclosure officer decides.")
    check_transition(WITHHOLDING_TRANSITIONS, withholding.status, WithholdingStatus.IN_FORCE)


def check_can_lift_withholding(user: User, withholding: Withholding) -> None:
    check_can_withhold(user, withholding.program)
    if user.pk == withholding.decided_by_id:
        raise NotAllowed("You decided this: another disclosure officer lifts it.")
    if user.pk == withholding.proposed_by_id:
        raise NotAllowed("You proposed this: another disclosure officer lifts it.")
    check_transition(WITHHOLDING_TRANSITIONS, withholding.status, WithholdingStatus.LIFTED)


def check_can_review_withholding(user: User, withholding: Withholding) -> None:
    """Keep it in force until a later day: somebody else than the last one who looked at it."""
    check_can_withhold(user, withholding.program)
    last = withholding.reviewed_by_id or withholding.decided_by_id
    if user.pk == last:
        raise NotAllowed("You looked at this last: another disclosure officer reviews it.")
    if withholding.status != WithholdingStatus.IN_FORCE:
        raise Refused("Only a withholding in force is reviewed.")


def check_can_decide_not_published(user: User, program: Program) -> None:
    check_holds(user, Role.DISCLOSURE, program=program, to="decide that it is not published")
    if PublishedProgram.objects.filter(uid=program.uid).exists():
        raise Refused("The program is public already: withhold single fields of it instead.")
    if _is_frozen_for_later(program):
        raise Refused(
            "A release of this program is frozen and becomes public by itself: withdraw it first."
        )
    if Takedown.objects.filter(program=program, status=TakedownStatus.URGENT).exists():
        raise Refused(
            "A release of this program was taken down and may be restored: have that reviewed first."
        )
    if NotPublished.objects.in_force().filter(program=program).exists():
        raise Refused("This program has such a decision already: lift it before you decide anew.")


def _is_frozen_for_later(program: Program) -> bool:
    """Under an embargo, and not taken back."""
    found = Release.objects.filter(stream=Stream.PROGRAM, subject=program.uid)
    gone = Tombstone.objects.standing().filter(release=OuterRef("pk"))
    return found.filter(public_from__gt=Now()).exclude(Exists(gone)).exists()


def check_can_lift_not_published(user: User, decision: NotPublished) -> None:
    check_holds(user, Role.DISCLOSURE, program=decision.program, to="lift this decision")
    if decision.lifted_at is not None:
        raise Refused("This decision is lifted already.")
