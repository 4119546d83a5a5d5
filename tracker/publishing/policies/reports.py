"""Who may write, comment on, review and publish reports."""

from tracker.accounts.models import SIGNERS, Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.audits.models import Engagement
from tracker.programs.models import Program
from tracker.publishing.models import (
    REPORT_TRANSITIONS,
    CommentSettled,
    Report,
    ReportStatus,
    SectionComment,
)
from tracker.publishing.policies.offices import check_is_auditor_of
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.policies import permits
from tracker.shared.states import check_transition


def check_drafts_reports(user: User) -> None:
    """Somewhere at all: whether for the chosen program, `check_can_draft_report` says."""
    check_holds(user, Role.OFFICER, to="draft reports")


def check_can_draft_report(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="draft its reports")


def check_can_draft_audit_report(user: User, program: Program, engagement: Engagement) -> None:
    """An auditor of the office, about a program that the engagement looks at; its staff have no hand in it."""
    _check_is_of_the_office(user, program, engagement, "draft its audit reports")
    if not engagement.scope.filter(program=program).exists():
        raise Refused({"engagement": f"{engagement} does not look at this program: choose one."})


def _check_is_of_the_office(user: User, program: Program, engagement: Engagement, to: str) -> None:
    check_is_auditor_of(user, engagement, to)
    if holds(user, Role.OFFICER, *SIGNERS, Role.DISCLOSURE, program=program):
        raise NotAllowed(f"You work for this program: only its auditors may {to}.")


def check_writes_report(user: User, report: Report, to: str) -> None:
    """In the role of an author: an officer of the program, or an auditor of the office whose report it is."""
    if report.engagement is not None:
        _check_is_of_the_office(user, report.program, report.engagement, to)
    else:
        check_holds(user, Role.OFFICER, program=report.program, to=to)


def check_can_edit_report(user: User, report: Report) -> None:
    check_writes_report(user, report, "edit its reports")
    if report.status not in (ReportStatus.DRAFT, ReportStatus.RETURNED):
        raise Refused(
            f"The report is {report.get_status_display()}: only a draft or a returned report is edited."
        )


def check_can_submit_report(user: User, report: Report) -> None:
    check_writes_report(user, report, "send its reports to review")
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.IN_REVIEW)
    if not any(section.body.strip() for section in report.sections.all()):
        raise Refused("The report says nothing yet: write at least one section, then send it.")


def _check_had_no_hand(user: User, report: Report, to: str) -> None:
    if user.pk in report.hands():
        raise NotAllowed(
            f"You wrote in this report or put a picture into it: somebody else has to {to} it."
        )


def _check_reviews(user: User, report: Report) -> None:
    if report.engagement is not None:
        _check_is_of_the_office(user, report.program, report.engagement, "review its reports")
    else:
        check_holds(user, *SIGNERS, Role.DISCLOSURE, program=report.program, to="review reports")
    _check_had_no_hand(user, report, "review")


def check_can_review_report(user: User, report: Report) -> None:
    """Accept or return. A report that was accepted can still be returned, until it is published."""
    _check_reviews(user, report)
    if report.status not in (ReportStatus.IN_REVIEW, ReportStatus.REVIEWED):
        raise Refused(
            f"The report is {report.get_status_display()}: only what was sent to review is reviewed."
        )


def check_can_accept_report(user: User, report: Report) -> None:
    """Not while a comment waits: what somebody said of the text is answered first."""
    check_can_review_report(user, report)
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.REVIEWED)
    waiting = report.comments.filter(settled__isnull=True).count()
    if waiting:
        said = "1 comment is" if waiting == 1 else f"{waiting} comments are"
        raise Refused(f"{said} open: an author says first what came of it.")


def check_can_comment(user: User, report: Report) -> None:
    """Who may write in it or review it, until it is accepted."""
    if not permits(check_writes_report, user, report, "comment on its reports"):
        _check_reviews(user, report)
    if report.status in (ReportStatus.REVIEWED, ReportStatus.PUBLISHED):
        raise Refused(
            f"The report is {report.get_status_display()}: comments are written before that. "
            "Return it with a reason instead."
        )


def check_can_settle(user: User, comment: SectionComment) -> None:
    """One who wrote in the report says what came of a comment, once."""
    report = comment.report
    check_writes_report(user, report, "settle comments on its reports")
    if not report.edits.filter(person=user).exists():
        raise NotAllowed("You did not write in this report: an author settles its comments.")
    if CommentSettled.objects.filter(comment=comment).exists():
        raise Refused("This comment is settled already.")
    if report.status == ReportStatus.PUBLISHED:
        raise Refused("The report is published and stays as it is.")


def check_can_publish_audit_report(user: User, report: Report) -> None:
    """An auditor of the office who had no hand in it. Nobody of the program is asked."""
    if report.engagement is None:
        raise Refused("This is no audit report: it is published with a release of its program.")
    _check_is_of_the_office(user, report.program, report.engagement, "publish its reports")
    _check_had_no_hand(user, report, "publish")
    check_transition(REPORT_TRANSITIONS, report.status, ReportStatus.PUBLISHED)
