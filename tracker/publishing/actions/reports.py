"""Every write about reports before they are published."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import uuid4

from django.db import transaction
from django.urls import reverse

from tracker.accounts.actions import notify
from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.programs.models import Program
from tracker.publishing import policies, queries
from tracker.publishing.models import (
    Report,
    ReportEdit,
    ReportKind,
    ReportReview,
    ReportSection,
    ReportStatus,
    Verdict,
)
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
Sections = Sequence[tuple[str, str]]


@transaction.atomic
def draft_report(
    *,
    program: Program,
    title: str,
    period_start: date,
    period_end: date,
    sections: Sections | None = None,
    kind: str = ReportKind.PROGRESS,
    by: User,
) -> Report:
    """Begin a report over a period of a program. Without sections it gets the usual headings, empty.

    Refused when the period ends before it starts or reaches past today.
    """
    policies.check_can_draft_report(by, program)
    report = Report(
        program=program,
        kind=kind,
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
    if not sections or any(not heading.strip() for heading, _ in sections):
        raise Refused("Every section needs a heading: write one, or remove the section.")
    report.sections.all().delete()
    rows = [
        ReportSection(report=report, position=n, heading=heading.strip(), body=body.strip())
        for n, (heading, body) in enumerate(sections)
    ]
    for row in rows:
        row.clean_fields(exclude=["report"])
    ReportSection.objects.bulk_create(rows)


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
        "sections": queries.sections_of(report),
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
    people = (person for person in queries.publishers_of(report) if person.pk != by.pk)
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
