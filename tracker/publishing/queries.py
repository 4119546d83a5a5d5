"""Reads over several tables for the staff pages of this room."""

import hashlib
import json
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from tracker.accounts.models import Membership, Role, User
from tracker.audits.models import Finding, Recommendation
from tracker.ledger.models import Transaction
from tracker.programs.models import Objective, Participation, Program
from tracker.publishing.models import Report
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


_OF_PROGRAM: dict[str, Callable[[Program], QuerySet]] = {
    "program": lambda program: Program.objects.filter(pk=program.pk),
    "objective": lambda program: Objective.objects.filter(program=program),
    "indicator": lambda program: Indicator.objects.filter(program=program),
    "measurement": lambda program: Measurement.objects.filter(indicator__program=program),
    "target": lambda program: Target.objects.filter(indicator__program=program),
    "transaction": lambda program: Transaction.objects.filter(program=program),
    "finding": lambda program: Finding.objects.issued().filter(engagement__scope__program=program),
    "recommendation": lambda program: Recommendation.objects.filter(
        finding__in=Finding.objects.issued().filter(engagement__scope__program=program)
    ),
}


def belongs(program: Program, record_kind: str, record: UUID) -> bool:
    """Is there such a record in the program? A participant is named by its organisation."""
    if record_kind == "participant":
        return Participation.objects.filter(program=program, organisation__uid=record).exists()
    return _OF_PROGRAM[record_kind](program).filter(uid=record).exists()
