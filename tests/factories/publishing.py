"""Reports, withholdings and releases at every stage."""

from datetime import date, timedelta
from itertools import count
from uuid import UUID

from tests.factories.accounts import make_person
from tests.factories.ledger import approver_of, officer_of
from tests.factories.programs import make_program
from tracker.accounts.models import Role, User
from tracker.programs.models import Program
from tracker.publishing import actions, queries
from tracker.publishing.models import (
    Category,
    NotPublished,
    Release,
    Report,
    ReportStatus,
    Withholding,
)
from tracker.shared.clock import today

_numbers = count(1)
PERIOD = (date(2024, 1, 1), date(2024, 6, 30))
SECTIONS = [("Summary", "Two field hospitals were equipped."), ("Results", "Staff were trained.")]


def in_a_year() -> date:
    return today() + timedelta(days=365)


def disclosure_of(program: Program, number: int = 0) -> User:
    """A disclosure officer of the program; `number` 0, 1, 2 … are different people, the same every time."""
    held = {"memberships__role": Role.DISCLOSURE, "memberships__organisation": program.owner}
    found = list(User.objects.filter(**held, memberships__status="active").order_by("pk"))
    while len(found) <= number:
        found.append(make_person(Role.DISCLOSURE, organisation=program.owner))
    return found[number]


def make_report(program: Program | None = None, **says) -> Report:
    """A draft with two written sections about the first half of 2024."""
    program = program or make_program()
    start, end = PERIOD
    fields = {
        "title": f"Progress report {next(_numbers)}",
        "period_start": start,
        "period_end": end,
        "sections": SECTIONS,
    }
    by = says.pop("by", None) or officer_of(program)
    return actions.draft_report(program=program, by=by, **fields | says)


def make_report_at(status: str, program: Program | None = None, **says) -> Report:
    """A report that walked to the status: draft, in_review, returned, reviewed or published."""
    report = make_report(program, **says)
    if status != ReportStatus.DRAFT:
        actions.submit_report(report=report, by=report.drafted_by)
    reviewer = approver_of(report.program)
    if status == ReportStatus.RETURNED:
        actions.return_report(report=report, reason="The sums are missing.", by=reviewer)
    if status in (ReportStatus.REVIEWED, ReportStatus.PUBLISHED):
        actions.accept_report(report=report, by=reviewer)
    if status == ReportStatus.PUBLISHED:
        publish_report(report)
    report.refresh_from_db()
    assert report.status == status
    return report


def edit(report: Report, **says) -> Report:
    """Edited by its author, who has seen the newest text."""
    fields = {
        "title": report.title,
        "period_start": report.period_start,
        "period_end": report.period_end,
        "sections": SECTIONS,
        "seen": queries.content_hash(report),
        "by": report.drafted_by,
    }
    return actions.edit_report(report=report, **fields | says)


def propose(
    program: Program,
    kind: str = "program",
    field: str = "summary",
    record: UUID | None = None,
    **says,
) -> Withholding:
    """A proposal of the first disclosure officer."""
    fields = {
        "category": Category.OPERATIONAL_SECURITY,
        "legal_basis": "Military Secrets Act, section 4",
        "reason": "The place of a depot could be read from it.",
        "review_on": in_a_year(),
        "by": disclosure_of(program, 0),
    }
    return actions.propose_withholding(
        program=program,
        record_kind=kind,
        field=field,
        record=record or program.uid,
        **fields | says,
    )


def withhold(
    program: Program,
    kind: str = "program",
    field: str = "summary",
    record: UUID | None = None,
    **says,
) -> Withholding:
    """In force: proposed by the first disclosure officer, decided by the second."""
    proposed = propose(program, kind, field, record, **says)
    return actions.decide_withholding(withholding=proposed, by=disclosure_of(program, 1))


def make_overdue(withholding: Withholding) -> Withholding:
    """As it is when nobody looked at it in time. Only the calendar does this; no action can."""
    late = today() - timedelta(days=3)
    Withholding.objects.filter(pk=withholding.pk).update(review_on=late)
    withholding.refresh_from_db()
    return withholding


def decide_not_published(program: Program | None = None, **says) -> NotPublished:
    program = program or make_program()
    fields = {
        "category": Category.CLASSIFIED,
        "reason": "The partner asked for it.",
        "review_on": in_a_year(),
        "by": disclosure_of(program),
    }
    return actions.decide_not_published(program=program, **fields | says)


def publish(program: Program | None = None, by: User | None = None) -> Release:
    program = program or make_program()
    return actions.release_program(program=program, by=by or disclosure_of(program))


def publish_report(report: Report) -> Release:
    return actions.publish_report(report=report, by=disclosure_of(report.program))
