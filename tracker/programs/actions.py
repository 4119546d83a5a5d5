"""Every write about programs, their objectives and their stated figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.programs import policies
from tracker.programs.models import (
    Gap,
    Participation,
    Program,
    ProgramSector,
)


@dataclass(frozen=True)
class Sector:
    """A sector as somebody states it; `percent` may be missing."""

    code: str
    name: str
    percent: Decimal | None = None


@dataclass(frozen=True)
class Participant:
    """An organisation and what it does in the program."""

    organisation: Organisation
    role: str


@transaction.atomic
def create_program(
    *,
    owner: Organisation,
    identifier: str,
    title: str,
    kind_of_aid: str,
    status: str,
    summary: str = "",
    nature: str = "operational",
    starts_on: date | None = None,
    ends_on: date | None = None,
    legal_authority: str = "",
    sectors: Sequence[Sector] = (),
    participants: Sequence[Participant] = (),
    gaps: Sequence[str] = (),
    by: User,
) -> Program:
    """Set up a program of the organisation. Nothing of it is public until a release is made."""
    policies.check_can_create_program(by, owner)
    program = Program(
        owner=owner,
        identifier=identifier.strip(),
        title=title.strip(),
        kind_of_aid=kind_of_aid,
        status=status,
        summary=summary.strip(),
        nature=nature,
        starts_on=starts_on,
        ends_on=ends_on,
        legal_authority=legal_authority.strip(),
    )
    program.full_clean()
    program.save()
    _set_parts(program, sectors, participants, gaps)
    fields = _fields(program, sectors, participants, gaps)
    journal.record("program", record=program, op="create", by=by, fields=fields)
    return program


def _set_parts(
    program: Program,
    sectors: Sequence[Sector],
    participants: Sequence[Participant],
    gaps: Sequence[str],
) -> None:
    ProgramSector.objects.bulk_create(
        ProgramSector(program=program, code=s.code, name=s.name, percent=s.percent) for s in sectors
    )
    Participation.objects.bulk_create(
        Participation(program=program, organisation=p.organisation, role=p.role)
        for p in participants
    )
    Gap.objects.bulk_create(
        Gap(program=program, sentence=sentence, position=position)
        for position, sentence in enumerate(gaps)
    )


def _fields(
    program: Program,
    sectors: Sequence[Sector],
    participants: Sequence[Participant],
    gaps: Sequence[str],
) -> dict[str, object]:
    return {
        "identifier": program.identifier,
        "title": program.title,
        "summary": program.summary,
        "status": program.status,
        "nature": program.nature,
        "kind_of_aid": program.kind_of_aid,
        "owner": program.owner,
        "starts_on": program.starts_on,
        "ends_on": program.ends_on,
        "legal_authority": program.legal_authority,
        "sectors": [[s.code, s.percent] for s in sectors],
        "participants": [[p.organisation, p.role] for p in participants],
        "gaps": list(gaps),
    }
