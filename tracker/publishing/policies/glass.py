"""Who may read through broken glass, and carry evidence away."""

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.audits.models import Engagement, Finding, FindingStatus
from tracker.programs.models import Program
from tracker.publishing.models import (
    BrokenGlass,
    GlassNoted,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused


def check_can_break_glass(user: User, program: Program) -> None:
    check_holds(user, Role.AUDITOR, program=program, to="break the glass over withheld values")


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused({"reason": "Say why you have to read it: its owner reads the reason."})
    if len(reason.strip()) > 300:
        raise Refused({"reason": "Say it in at most 300 characters."})


def check_can_read_through(user: User, glass: BrokenGlass) -> None:
    """Only who broke it, as long as it is broken and they are still an auditor of the program."""
    if user.pk != glass.broken_by_id:
        raise NotAllowed("Somebody else broke this glass: give a reason of your own.")
    check_can_break_glass(user, glass.program)
    if glass.expires_at <= database_now():
        raise Refused(
            "The hours are over: break the glass again if you still need it, with a reason."
        )


def check_can_note_glass(user: User, glass: BrokenGlass) -> None:
    check_holds(
        user, Role.DISCLOSURE, Role.OFFICER, program=glass.program, to="take note of broken glass"
    )
    if user.pk == glass.broken_by_id:
        raise NotAllowed("You broke this glass: somebody else of the owner's side takes note.")
    if GlassNoted.objects.filter(glass=glass).exists():
        raise Refused("Somebody took note of it already.")


def check_can_export(user: User, engagement: Engagement, finding: Finding | None) -> None:
    """Evidence is carried away by the engagement's own team."""
    if not engagement.team.filter(person=user).exists() or not holds(user, Role.AUDITOR):
        raise NotAllowed("Only the team of this engagement exports its evidence.")
    if finding is None:
        return
    if finding.engagement_id != engagement.pk:
        raise Refused({"finding": "This finding belongs to another engagement: export it there."})
    if finding.status != FindingStatus.ISSUED and finding.written_by_id != user.pk:
        raise NotAllowed("This draft is somebody else's: it can be exported once it is issued.")
