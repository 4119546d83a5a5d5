"""Where a report stands, and who has to do what next."""

from typing import Any

from django.urls import reverse

from tracker.accounts.models import User
from tracker.publishing import policies
from tracker.publishing.models import Report, ReportStatus
from tracker.shared.policies import permits

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
        {"label": label, "state": "done" if n < at or ended else "current" if n == at else ""}
        for n, (label, _) in enumerate(_ORDER)
    ]


def next_step(report: Report, user: User) -> dict[str, Any]:
    """For `next.html`: the step, who takes it, and the way there when it is this person's."""
    if report.status == ReportStatus.PUBLISHED:
        return {
            "what": "Nothing: the report is public and stays as it is. A newer one can follow it."
        }
    step, check, action = _NEXT[report.status]
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
