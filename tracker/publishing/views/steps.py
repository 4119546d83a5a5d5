"""Where a report stands, and who has to do what next."""

from typing import Any

from django.urls import reverse

from tracker.accounts.models import User
from tracker.publishing import policies
from tracker.publishing.models import Report, ReportStatus, Withholding
from tracker.shared.clock import today
from tracker.shared.policies import permits


def publishing_check(report: Report) -> Any:
    """Who may publish it is another question for an audit report."""
    if report.engagement_id:
        return policies.check_can_publish_audit_report
    return policies.check_can_publish_report


_ORDER = (
    ("Drafted", {ReportStatus.DRAFT, ReportStatus.RETURNED}),
    ("Reviewed by another person", {ReportStatus.IN_REVIEW}),
    ("Published by a disclosure officer", {ReportStatus.REVIEWED}),
    ("Public", {ReportStatus.PUBLISHED}),
)


def steps(report: Report) -> list[dict[str, str]]:
    at = next(n for n, (_, statuses) in enumerate(_ORDER) if report.status in statuses)
    ended = report.status == ReportStatus.PUBLISHED
    return [
        {
            "label": _label(label, report),
            "state": "done" if n < at or ended else "current" if n == at else "",
        }
        for n, (label, _) in enumerate(_ORDER)
    ]


def _label(label: str, report: Report) -> str:
    return (
        label.replace("a disclosure officer", "another auditor") if report.engagement_id else label
    )


def next_step(report: Report, user: User) -> dict[str, Any]:
    """For `next.html`: the step, who takes it, and the way there when it is this person's."""
    if report.status == ReportStatus.PUBLISHED:
        return {
            "what": "Nothing: the report is public and stays as it is. A newer one can follow it."
        }
    step, check, action = (_OF_OFFICE if report.engagement_id else _NEXT)[report.status]
    mine = permits(check, user, report)
    href = reverse(action, args=[report.uid]) if mine and action else ""
    return step | {"mine": mine, "href": href}


_NEXT: dict[str, tuple[dict[str, str], Any, str]] = {
    ReportStatus.DRAFT: (
        {
            "what": "Write the sections, then send the report to review.",
            "who": "a program officer",
            "action": "Edit the report",
            "follows": "Somebody who did not write in it reviews it.",
        },
        policies.check_can_edit_report,
        "publishing:report_edit",
    ),
    ReportStatus.RETURNED: (
        {
            "what": "Change what the reviewer asked for, then send the report to review again.",
            "who": "a program officer",
            "action": "Edit the report",
            "follows": "Somebody who did not write in it reviews it.",
        },
        policies.check_can_edit_report,
        "publishing:report_edit",
    ),
    ReportStatus.IN_REVIEW: (
        {
            "what": "Read the report and its figures; accept it or return it with a reason.",
            "who": "an approver or a disclosure officer who did not write in it",
            "follows": "An accepted report waits for a disclosure officer, who publishes it.",
        },
        policies.check_can_accept_report,
        "",
    ),
    ReportStatus.REVIEWED: (
        {
            "what": "See what becomes public and what is withheld, then publish.",
            "who": "a disclosure officer who did not write in it",
            "action": "Go to publication",
            "follows": "The report and a release of its program are frozen and public.",
        },
        policies.check_can_publish_report,
        "publishing:report_publish",
    ),
}


_AUTHOR = "an auditor of the office"
_OTHER = "an auditor of the office who did not write in it"
_OF_OFFICE: dict[str, tuple[dict[str, str], Any, str]] = {
    status: (
        step
        | {"who": _AUTHOR if status in (ReportStatus.DRAFT, ReportStatus.RETURNED) else _OTHER},
        *rest,
    )
    for status, (step, *rest) in _NEXT.items()
} | {
    ReportStatus.IN_REVIEW: (
        {
            "what": "Read the report and its figures; accept it or return it with a reason.",
            "who": _OTHER,
            "follows": "An accepted report waits for an auditor who did not write in it, who publishes it.",
        },
        policies.check_can_accept_report,
        "",
    ),
    ReportStatus.REVIEWED: (
        {
            "what": "See how the public will read it, then publish. Nobody of the program is asked.",
            "who": _OTHER,
            "action": "Go to publication",
            "follows": "The report is frozen and public, as a release of the audit office.",
        },
        policies.check_can_publish_audit_report,
        "publishing:audit_report_publish",
    ),
}


def waiting_for(user: User) -> list[dict[str, Any]]:
    """What waits in this room, of what the person sees: for `todo.html`. Four counts."""
    reports = Report.objects.visible_to(user)
    withheld = Withholding.objects.visible_to(user)
    found = (
        (
            withheld.overdue(today()).count(),
            "withheld field|s wait|0 for an overdue review",
            "/desk/withholdings/?status=in_force&sort=review_on",
            "A disclosure officer reviews or lifts them; until then their programs are not published.",
        ),
        (
            withheld.waiting().count(),
            "proposal|s to withhold a field wait|0 for a decision",
            "/desk/withholdings/?status=proposed",
            "Another disclosure officer than the one who proposed decides.",
        ),
        (
            reports.filter(status=ReportStatus.IN_REVIEW).count(),
            "report|s wait|0 for review",
            "/desk/reports/?status=in_review",
            "Somebody who did not write in it accepts or returns it.",
        ),
        (
            reports.filter(status=ReportStatus.REVIEWED).count(),
            "report|s wait|0 for publication",
            "/desk/reports/?status=reviewed",
            "A disclosure officer publishes it.",
        ),
    )
    return [
        {"what": f"{count} {_counted(words, count)}", "href": href, "why": why}
        for count, words, href, why in found
        if count
    ]


def _counted(words: str, count: int) -> str:
    """One report waits, two reports wait."""
    if count == 1:
        return words.replace("|s", "").replace("|0", "s")
    return words.replace("|s", "s").replace("|0", "")
