"""Reads over several tables for the staff pages of this room."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from tracker.accounts.models import Membership, Role, User
from tracker.audits.models import Finding, FindingLink, Recommendation
from tracker.ledger.models import Transaction
from tracker.programs.models import Objective, Participation, Program
from tracker.publishing.content import audit
from tracker.publishing.content.cells import Row
from tracker.publishing.models import PublishedFinding, ReleasedRow, ReleaseItem, Report
from tracker.results.models import Indicator, Measurement, Target


def people_holding(program: Program, *roles: str) -> list[User]:
    """Active people with one of the roles over the program or its owner."""
    held = Membership.objects.in_force().filter(role__in=roles)
    over = held.filter(program=program) | held.filter(organisation=program.owner_id)
    return list(User.objects.filter(pk__in=over.values("person")).order_by("pk"))


def reviewers_of(report: Report) -> list[User]:
    """Who may review a report: approvers and disclosure officers who did not write in it."""
    wrote = set(report.edits.values_list("person", flat=True))
    found = people_holding(report.program, Role.APPROVER, Role.DISCLOSURE)
    return [person for person in found if person.pk not in wrote]


def publishers_of(report: Report) -> list[User]:
    """Who may publish a report: disclosure officers who did not write in it."""
    wrote = set(report.edits.values_list("person", flat=True))
    found = people_holding(report.program, Role.DISCLOSURE)
    return [person for person in found if person.pk not in wrote]


def sections_of(report: Report) -> list[tuple[str, str]]:
    rows = report.sections.order_by("position", "pk")
    return [(section.heading, section.body) for section in rows]


def content_hash(report: Report, sections: Sequence[tuple[str, str]] | None = None) -> str:
    """What a review binds to, and what an edit must have seen: title, period and every section."""
    body = {
        "title": report.title,
        "period": [report.period_start.isoformat(), report.period_end.isoformat()],
        "sections": [list(s) for s in (sections_of(report) if sections is None else sections)],
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _findings_about(program: Program) -> QuerySet[Finding]:
    """Issued findings that point at a payment of the program."""
    return Finding.objects.issued().filter(
        pk__in=FindingLink.objects.filter(transaction__program=program).values("finding")
    )


_OF_PROGRAM: dict[str, Callable[[Program], QuerySet]] = {
    "program": lambda program: Program.objects.filter(pk=program.pk),
    "objective": lambda program: Objective.objects.filter(program=program),
    "indicator": lambda program: Indicator.objects.filter(program=program),
    "measurement": lambda program: Measurement.objects.filter(indicator__program=program),
    "target": lambda program: Target.objects.filter(indicator__program=program),
    "transaction": lambda program: Transaction.objects.filter(program=program),
    "finding": lambda program: _findings_about(program),
    "recommendation": lambda program: Recommendation.objects.filter(
        finding__in=_findings_about(program)
    ),
}


def belongs(program: Program, record_kind: str, record: UUID) -> bool:
    """Is there such a record in the program? A participant is named by its organisation."""
    if record_kind == "participant":
        return Participation.objects.filter(program=program, organisation__uid=record).exists()
    return _OF_PROGRAM[record_kind](program).filter(uid=record).exists()


def changed_findings(findings: Iterable[Finding]) -> list[Finding]:
    """The already public findings among these that would read differently today. That a day passed is no change."""
    named = {finding.uid: finding for finding in findings}
    public = PublishedFinding.objects.filter(uid__in=named).select_related("release")
    return [
        named[row.uid]
        for row in public.order_by("pk")
        if _undated(audit.rows(named[row.uid], row.as_of)) != _undated(_released(row))
    ]


def _released(published: PublishedFinding) -> Iterable[ReleasedRow]:
    kinds = ("finding", "recommendation")
    items = ReleaseItem.objects.filter(release=published.release, kind__in=kinds)
    return (item.row for item in items.select_related("row").order_by("kind", "position"))


def _undated(rows: Iterable[Row | ReleasedRow]) -> list[tuple[str, UUID, dict]]:
    return [
        (row.kind, row.subject, {k: v for k, v in row.cells.items() if k not in audit.DATED})
        for row in rows
    ]
