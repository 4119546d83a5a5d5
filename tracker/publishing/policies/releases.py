"""Who may prepare, explain and release what becomes public of a program."""

from datetime import date, datetime, timedelta

from tracker.accounts.models import Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.programs.models import Program
from tracker.publishing.models import (
    PREPARATION_TRANSITIONS,
    REPORT_TRANSITIONS,
    NotPublished,
    Preparation,
    PreparationStatus,
    Report,
    ReportStatus,
    Withholding,
)
from tracker.publishing.policies.reports import _check_had_no_hand
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

# Ours, from no statute: it catches a slip of the year, and moments past the end of the calendar in another zone.
LONGEST_EMBARGO = timedelta(days=50 * 366)


def check_can_prepare_release(user: User, program: Program, report: Report | None = None) -> None:
    """Put a release together: a disclosure officer. Who releases it is somebody else."""
    check_holds(user, Role.DISCLOSURE, program=program, to="prepare a release of the program")
    check_may_be_public(program)
    if report is not None:
        _check_is_of(report, program)
        check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.PUBLISHED)
    if Preparation.objects.waiting().filter(program=program).exists():
        raise Refused("A release of this program is prepared already: release it or give it up.")


def _check_is_of(report: Report, program: Program) -> None:
    if report.engagement_id is not None:
        raise NotAllowed("An audit report is published by its audit office, by nobody else.")
    if report.program_id != program.pk:
        raise Refused({"report": "This report is about another program."})


def check_may_be_public(program: Program) -> None:
    """Nobody decided that it is not published, and no review of what it withholds is overdue."""
    decision = NotPublished.objects.in_force().filter(program=program).first()
    if decision is not None:
        raise Refused(
            f"It was decided not to publish this program (until {decision.review_on}): "
            "lift that decision first."
        )
    check_no_review_is_overdue(program, program.owner.today())


def check_can_prepare_report(user: User, report: Report) -> None:
    check_can_prepare_release(user, report.program, report)


def check_is_later(public_from: datetime | None, now: datetime) -> None:
    if public_from is None:
        return
    if public_from <= now:
        raise Refused({"public_from": "This moment is past: state a later one, or none."})
    if public_from > now + LONGEST_EMBARGO:
        years = LONGEST_EMBARGO.days // 366
        raise Refused(
            {"public_from": f"This is more than {years} years ahead: state an earlier moment."}
        )


def check_can_explain(user: User, preparation: Preparation) -> None:
    check_holds(
        user, Role.DISCLOSURE, program=preparation.program, to="explain a difference of its totals"
    )
    check_transition(PREPARATION_TRANSITIONS, preparation.status, PreparationStatus.RELEASED)


def check_can_drop(user: User, preparation: Preparation) -> None:
    check_holds(user, Role.DISCLOSURE, program=preparation.program, to="give up a preparation")
    check_transition(PREPARATION_TRANSITIONS, preparation.status, PreparationStatus.DROPPED)


def check_can_release_prepared(user: User, preparation: Preparation) -> None:
    """The second person: a disclosure officer who neither prepared it, nor wrote in it, nor records its data."""
    program, report = preparation.program, preparation.report
    check_holds(user, Role.DISCLOSURE, program=program, to="publish the program")
    if report is not None:
        _check_had_no_hand(user, report, "publish")
    if holds(user, Role.OFFICER, program=program):
        raise NotAllowed(
            "You are an officer of this program: who writes its data does not publish it. "
            "Ask another disclosure officer."
        )
    if user.pk == preparation.prepared_by_id:
        raise NotAllowed("You prepared this release: another disclosure officer releases it.")
    if preparation.explanations.filter(explained_by=user).exists():
        raise NotAllowed(
            "You wrote why a total differs: another disclosure officer releases what you wrote."
        )
    check_transition(PREPARATION_TRANSITIONS, preparation.status, PreparationStatus.RELEASED)
    if report is not None:
        check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.PUBLISHED)
    check_may_be_public(program)


def check_no_review_is_overdue(program: Program, day: date) -> None:
    """A withholding that nobody looked at again in time stops the next release."""
    late = Withholding.objects.filter(program=program).overdue(day).order_by("review_on", "pk")
    named = [f"{w.what} (due {w.review_on})" for w in late[:5]]
    if named:
        more = late.count() - len(named)
        tail = f", and {more} more" if more > 0 else ""
        raise Refused(
            f"Withholdings wait for their review: {', '.join(named)}{tail}. "
            "Review or lift them, then publish."
        )
