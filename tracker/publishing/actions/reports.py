"""Every write about reports before they are published."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import uuid4

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.audits.models import Engagement
from tracker.journal import actions as journal
from tracker.programs.models import Program
from tracker.publishing import policies, queries
from tracker.publishing.figures import NoFigure, has_tokens, tokens_of
from tracker.publishing.models import (
    Report,
    ReportEdit,
    ReportKind,
    ReportReview,
    ReportSection,
    ReportStatus,
    Shown,
    Verdict,
)
from tracker.publishing.queries import Section
from tracker.shared.clock import database_now
from tracker.shared.errors import Refused
from tracker.shared.refusals import check_fields

HEADINGS = (
    "Summary",
    "What was done",
    "Where the money is",
    "Results",
    "What auditors found",
    "What comes next",
)
CHARTS = (Shown.BY_YEAR, Shown.LINE)
Sections = Sequence[Section | tuple[str, str]]


@transaction.atomic
def draft_report(
    *,
    program: Program,
    title: str,
    period_start: date,
    period_end: date,
    sections: Sections | None = None,
    kind: str = ReportKind.PROGRESS,
    engagement: Engagement | None = None,
    by: User,
) -> Report:
    """Begin a report over a period of a program. Without sections it gets the usual headings, empty.

    An audit report names the engagement that it is about, and is drafted by an auditor of that office. Refused when the
    period ends before it starts or reaches past today.
    """
    if engagement is None:
        if kind == ReportKind.AUDIT:
            raise Refused({"engagement": "Say which engagement the audit report is about."})
        policies.check_can_draft_report(by, program)
    else:
        kind = ReportKind.AUDIT
        policies.check_can_draft_audit_report(by, program, engagement)
    report = Report(
        program=program,
        kind=kind,
        engagement=engagement,
        title=title.strip(),
        period_start=period_start,
        period_end=period_end,
        drafted_by=by,
    )
    _check_period(report)
    check_fields(report, exclude=("changed_at",))
    report.save()
    written = [(heading, "") for heading in HEADINGS] if sections is None else sections
    _write_sections(report, written)
    _record_edit(report, "create", by)
    return report


def _check_period(report: Report) -> None:
    if report.period_end > report.program.owner.today():
        raise Refused({"period_end": "The period ends in the future: a report looks back."})


def _write_sections(report: Report, sections: Sections) -> None:
    written = [_tidy(Section(*section)) for section in sections]
    if not written or any(not section.heading for section in written):
        raise Refused("Every section needs a heading: write one, or remove the section.")
    for number, section in enumerate(written, start=1):
        _check_section(report, section, f"Section {number} (“{section.heading}”)")
    report.sections.all().delete()
    rows = [
        ReportSection(report=report, position=n, **section._asdict())
        for n, section in enumerate(written)
    ]
    for row in rows:
        row.clean_fields(exclude=["report"])
    ReportSection.objects.bulk_create(rows)


def _tidy(section: Section) -> Section:
    """A description describes something: without a chart or a picture it is nothing."""
    return Section(
        heading=section.heading.strip(),
        body=section.body.strip(),
        shows=section.shows,
        description=section.description.strip() if section.shows else "",
        image=section.image,
        image_description=section.image_description.strip() if section.image else "",
    )


def _check_section(report: Report, section: Section, where: str) -> None:
    if has_tokens(f"{section.heading} {section.image_description}"):
        raise Refused(f"{where}: figures stand in its words, not in a heading or beside a picture.")
    try:
        tokens_of(section.body), tokens_of(section.description)
    except NoFigure as error:
        raise Refused(f"{where}: {error}") from None
    if section.shows in CHARTS and not section.description:
        raise Refused(f"{where}: Describe the chart for those who do not see it: what it shows.")
    if section.image is None:
        return
    if not section.image_description:
        raise Refused(f"{where}: Say what the picture shows, for those who do not see it.")
    if section.image.report_id != report.pk:
        raise Refused(f"{where}: this picture belongs to another report: add it here first.")


def _record_edit(report: Report, op: str, by: User) -> None:
    entry = record(report, op, by)
    ReportEdit.objects.create(report=report, person=by, entry_id=entry)


def record(report: Report, op: str, by: User, **more: object) -> int:
    """The report's whole state after an event. Part of every action about it."""
    fields = {
        "program": report.program,
        "kind": report.kind,
        "title": report.title,
        "period_start": report.period_start,
        "period_end": report.period_end,
        "status": report.status,
        "release": report.release,
        "engagement": report.engagement,
        "sections": [
            [*section[:4], section.image and str(section.image.uid), section.image_description]
            for section in queries.written_sections(report)
        ],
        "content_hash": queries.content_hash(report),
    }
    return journal.record("report", record=report, op=op, by=by, fields=fields | more)


def _locked(report: Report) -> Report:
    return Report.objects.select_for_update().get(pk=report.pk)


@transaction.atomic
def edit_report(
    *,
    report: Report,
    title: str,
    period_start: date,
    period_end: date,
    sections: Sections,
    seen: str,
    by: User,
) -> Report:
    """Rewrite a draft. `seen` is the content hash of what the editor had before them (`queries.content_hash`).

    Refused when somebody saved another text meanwhile: nothing is overwritten unseen.
    """
    report = _locked(report)
    policies.check_can_edit_report(by, report)
    if queries.content_hash(report) != seen:
        raise Refused(
            "Somebody else saved this report while you were writing. Copy your text, "
            "open the report again and put it in there."
        )
    report.title = title.strip()
    report.period_start, report.period_end = period_start, period_end
    report.changed_at = database_now()
    _check_period(report)
    check_fields(report)
    report.save()
    _write_sections(report, sections)
    _record_edit(report, "edit", by)
    return report


@transaction.atomic
def submit_report(*, report: Report, by: User) -> Report:
    """Send a draft to review. Its reviewers are told."""
    report = _locked(report)
    policies.check_can_submit_report(by, report)
    _move(report, ReportStatus.IN_REVIEW)
    record(report, "submit", by)
    _tell(
        (person for person in queries.reviewers_of(report) if person.pk != by.pk),
        f"Review the report “{report.title}”.",
        report,
    )
    return report


def _move(report: Report, status: str) -> None:
    report.status = status
    report.changed_at = database_now()
    report.save(update_fields=["status", "changed_at"])


def _tell(people: Iterable[User], sentence: str, report: Report) -> None:
    path = reverse("publishing:report", args=[report.uid])
    for person in people:
        notify(person=person, sentence=sentence[:300], path=path)


@transaction.atomic
def accept_report(*, report: Report, by: User) -> ReportReview:
    """Say that a report is right as it stands. The disclosure officers are told that it waits for them."""
    report = _locked(report)
    policies.check_can_accept_report(by, report)
    _move(report, ReportStatus.REVIEWED)
    review = _review(report, Verdict.ACCEPTED, "", by)
    # an auditor who accepted an audit report may publish it: its author is the other of the two
    may_both = report.engagement_id is not None
    people = (p for p in queries.publishers_of(report) if p.pk != by.pk or may_both)
    _tell(people, f"Publish the report “{report.title}”: it is reviewed.", report)
    return review


@transaction.atomic
def return_report(*, report: Report, reason: str, by: User) -> ReportReview:
    """Send a report back to its authors with a reason that they read."""
    report = _locked(report)
    policies.check_can_review_report(by, report)
    if not reason.strip():
        raise Refused({"reason": "Say why you return it: the author has to know what to change."})
    _move(report, ReportStatus.RETURNED)
    review = _review(report, Verdict.RETURNED, reason.strip(), by)
    wrote = User.objects.filter(pk__in=report.edits.values("person"), is_active=True)
    _tell(wrote.order_by("pk"), f"Revise the report “{report.title}”: it was returned.", report)
    return review


def _review(report: Report, verdict: str, reason: str, by: User) -> ReportReview:
    op = "accept" if verdict == Verdict.ACCEPTED else "return"
    review = uuid4()
    entry = record(report, op, by, reason=reason or None, review=review)
    return ReportReview.objects.create(
        uid=review,
        report=report,
        verdict=verdict,
        reason=reason,
        content_hash=queries.content_hash(report),
        reviewed_by=by,
        entry_id=entry,
    )
