"""Reports with more than words: charts, pictures, comments; and those of audit offices."""

import io

from django.core.files.base import ContentFile
from PIL import Image

from tests.factories.audits import join, make_engagement
from tests.factories.ledger import approver_of
from tests.factories.publishing import PERIOD, make_report
from tracker.accounts.models import User
from tracker.audits.models import Engagement
from tracker.programs.models import Program
from tracker.publishing import actions, queries
from tracker.publishing.models import (
    CommentSettled,
    ReleasedRow,
    Report,
    ReportImage,
    ReportStatus,
    SectionComment,
    Shown,
)
from tracker.publishing.queries import Section


def picture(kind="PNG", mode="RGB", size=(40, 30), color="steelblue", **saved) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **saved)
    return out.getvalue()


def chart(shows: str = Shown.BY_YEAR, **says) -> Section:
    fields = {"heading": "Money", "description": "Payments grow each year.", "shows": shows}
    return Section(**fields | says)


def add_image(report: Report, raw: bytes | None = None) -> ReportImage:
    file = ContentFile(picture() if raw is None else raw, name="camp.png")
    return actions.add_image(report=report, file=file, by=report.drafted_by)


def comment(report: Report, by: User | None = None, section: int = 0, **says) -> SectionComment:
    """By an approver, on the first section as it stands."""
    read = queries.written_sections(report)[section]
    fields = {"heading": read.heading, "seen": read.digest, "body": "Which hospitals?"}
    by = by or approver_of(report.program)
    return actions.comment_on_section(report=report, by=by, **fields | says)


def settle(comment: SectionComment, followed: bool = True, note: str = "") -> CommentSettled:
    by = comment.report.drafted_by
    return actions.settle_comment(comment=comment, followed=followed, note=note, by=by)


def row_of(report: Report) -> ReleasedRow:
    """The row in which a published report is frozen."""
    report.refresh_from_db()
    return ReleasedRow.objects.get(kind="report", subject=report.uid, items__release=report.release)


def blocks_of(report: Report, kind: str = "") -> list[dict]:
    """What the sections of a published report are made of."""
    found = [b for s in row_of(report).cells["sections"]["value"] for b in s["blocks"]]
    return [block for block in found if kind in ("", block["kind"])]


# --- Of audit offices ---------------------------------------------------------


def make_audit_report(program: Program, engagement: Engagement | None = None, **says) -> Report:
    """A draft of the lead auditor, about the first half of 2024."""
    engagement = engagement or make_engagement(program)
    start, end = PERIOD
    fields = {
        "title": "Audit of the program",
        "period_start": start,
        "period_end": end,
        "sections": [("Summary", "We looked at every payment.")],
        "by": engagement.lead,
    }
    return actions.draft_report(program=program, engagement=engagement, **fields | says)


def second_auditor(report: Report) -> User:
    """Another auditor of the team, the same every time."""
    assert report.engagement
    team = report.engagement.team.exclude(person=report.drafted_by).order_by("pk")
    member = team.first()
    return member.person if member else join(report.engagement)


def make_audit_report_at(status: str, program: Program, **says) -> Report:
    report = make_audit_report(program, **says)
    other = second_auditor(report)
    if status != ReportStatus.DRAFT:
        actions.submit_report(report=report, by=report.drafted_by)
    if status in (ReportStatus.REVIEWED, ReportStatus.PUBLISHED):
        actions.accept_report(report=report, by=other)
    if status == ReportStatus.PUBLISHED:
        actions.publish_audit_report(report=report, by=other)
    report.refresh_from_db()
    assert report.status == status
    return report


__all__ = [
    "add_image",
    "blocks_of",
    "chart",
    "comment",
    "make_audit_report",
    "make_audit_report_at",
    "make_report",
    "picture",
    "row_of",
    "second_auditor",
    "settle",
]
