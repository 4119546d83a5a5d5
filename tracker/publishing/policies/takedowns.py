"""Who may take a release back, and who decides about it."""

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.programs.models import Program
from tracker.publishing.models import (
    TAKEDOWN_TRANSITIONS,
    Release,
    Stream,
    Takedown,
    TakedownStatus,
    Tombstone,
    TombstoneVerdict,
)
from tracker.publishing.policies.releases import check_may_be_public
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

DOWN_ALREADY = "This release is taken down already, or it is proposed to."
NOT_OF_A_PROGRAM = (
    "Only the releases of a program are taken back here: the audit office's own stream is its own."
)


def check_can_take_back(user: User, program: Program, release: Release) -> None:
    """Propose it, or do it: any disclosure officer of the program."""
    check_holds(user, Role.DISCLOSURE, program=program, to="take a release back")
    if release.stream != Stream.PROGRAM:
        raise Refused(NOT_OF_A_PROGRAM)
    if _takedown_in_the_way(release) is not None:
        raise Refused(DOWN_ALREADY)


def _takedown_in_the_way(release: Release) -> Takedown | None:
    over = (TakedownStatus.DECLINED, TakedownStatus.RESTORED)
    return Takedown.objects.filter(release=release).exclude(status__in=over).first()


def check_can_take_down(user: User, program: Program, release: Release) -> Takedown | None:
    """At once and alone. Gives back the person's own proposal, which waits no longer."""
    waiting = _takedown_in_the_way(release)
    if waiting is None or waiting.status != TakedownStatus.PROPOSED:
        check_can_take_back(user, program, release)
        return None
    check_holds(user, Role.DISCLOSURE, program=program, to="take a release back")
    if waiting.raised_by_id != user.pk:
        raise Refused(
            "It is proposed already, by somebody else: decide that, and it is down at once."
        )
    return waiting


def check_was_not_taken_back(program: Program, manifest: str) -> None:
    """Exactly what was taken back is not released again: something has to be put right first."""
    gone = Tombstone.objects.standing().filter(release__preparation__manifest=manifest)
    stone = gone.filter(release__subject=program.uid).select_related("release").first()
    if stone is not None:
        raise Refused(
            f"This is what release {stone.release.number} said, and it was taken back: “{stone.reason}” "
            "Put right or withhold what must not be read, then prepare it again."
        )


def _check_is_another(user: User, takedown: Takedown, to: str) -> None:
    check_holds(user, Role.DISCLOSURE, program=takedown.program, to=to)
    if user.pk == takedown.raised_by_id:
        raise NotAllowed("You raised this: another disclosure officer decides.")


def check_can_decide_withdrawal(user: User, takedown: Takedown, status: str) -> None:
    """Take it back as proposed, or decline: another disclosure officer."""
    _check_is_another(user, takedown, "decide about taking a release back")
    if takedown.status == TakedownStatus.URGENT:
        raise Refused("It is down already: review it, with a verdict and a reason.")
    check_transition(TAKEDOWN_TRANSITIONS, takedown.status, status)


def check_can_review_takedown(user: User, takedown: Takedown, verdict: str = "") -> None:
    """Another disclosure officer; and who writes the program's data does not make it public again. What must not be
    published is not restored either.
    """
    _check_is_another(user, takedown, "review what was taken down")
    if takedown.status != TakedownStatus.URGENT:
        raise Refused("Only what was taken down in a hurry is reviewed, and only once.")
    if verdict == TombstoneVerdict.RESTORED and holds(user, Role.OFFICER, program=takedown.program):
        raise NotAllowed(
            "You are an officer of this program: who writes its data does not publish it. "
            "Ask another disclosure officer."
        )
    if verdict == TombstoneVerdict.RESTORED:
        check_may_be_public(takedown.program)
    if verdict not in ("", TombstoneVerdict.UPHELD, TombstoneVerdict.RESTORED):
        raise Refused({"verdict": "Say whether it stays down or is public again."})
