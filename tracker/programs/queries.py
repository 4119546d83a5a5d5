"""Reads about programs: their state as the journal has it, the objective tree, figures, who gives and who receives."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tracker.accounts.models import Organisation
from tracker.programs.models import (
    Gap,
    Objective,
    Participation,
    Program,
    ProgramQuerySet,
    StatedFigure,
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


@dataclass(frozen=True)
class Branch:
    """An objective and those that lie under it."""

    objective: Objective
    children: tuple["Branch", ...]


def sectors_of(program: Program) -> list[Sector]:
    rows = program.sectors.order_by("code", "pk")
    return [Sector(row.code, row.name, row.percent) for row in rows]


def participants_of(program: Program) -> list[Participant]:
    rows = program.participations.select_related("organisation").order_by("pk")
    return [Participant(row.organisation, row.role) for row in rows]


def gaps_of(program: Program) -> list[str]:
    """What the public record does not state about the program, each in a sentence."""
    rows = Gap.objects.filter(program=program).order_by("position", "pk")
    return list(rows.values_list("sentence", flat=True))


def described(
    program: Program,
    sectors: Sequence[Sector],
    participants: Sequence[Participant],
    gaps: Sequence[str],
) -> dict[str, Any]:
    """The whole state of a program, in one order, so that two states can be compared."""
    named = sorted(participants, key=lambda p: (p.role, str(p.organisation.uid)))
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
        "sectors": [[s.code, s.name, s.percent] for s in sorted(sectors, key=lambda s: s.code)],
        "participants": [[p.organisation, p.role] for p in named],
        "gaps": list(gaps),
    }


def state_of(program: Program) -> dict[str, Any]:
    """What is recorded of the program now."""
    return described(program, sectors_of(program), participants_of(program), gaps_of(program))


def fingerprint(program: Program) -> str:
    """A short mark of that state: a form carries it, so that nobody overwrites what they have not seen."""
    text = json.dumps(state_of(program), default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def objective_tree(program: Program) -> tuple[Branch, ...]:
    """The objectives from the top, in one query however deep."""
    under: dict[int | None, list[Objective]] = defaultdict(list)
    for objective in Objective.objects.filter(program=program).order_by("position", "pk"):
        under[objective.parent_id].append(objective)

    def branches(parent: int | None) -> tuple[Branch, ...]:
        return tuple(Branch(one, branches(one.pk)) for one in under[parent])

    return branches(None)


def figures_of(program: Program) -> QuerySet[StatedFigure]:
    """The stated figures in force, in the order in which they were recorded, each with what it corrected."""
    rows = StatedFigure.objects.filter(program=program).in_force()
    return rows.select_related("replaces").order_by("pk")


def organisations_in_role(
    programs: Iterable[Program], role: str
) -> dict[int, tuple[Organisation, ...]]:
    """Who takes part as this, by program key: one query for any number of programs."""
    found: dict[int, list[Organisation]] = {program.pk: [] for program in programs}
    rows = Participation.objects.filter(program__in=list(found), role=role)
    for row in rows.select_related("organisation").order_by("organisation__name", "pk"):
        found[row.program_id].append(row.organisation)
    return {program: tuple(names) for program, names in found.items()}


def organisations_taking_part(programs: ProgramQuerySet, role: str) -> QuerySet[Organisation]:
    """Everybody who takes part in one of the programs as this, by name: the choices of a filter."""
    part = Participation.objects.filter(
        organisation=OuterRef("pk"), role=role, program__in=programs.order_by().values("pk")
    )
    return Organisation.objects.filter(Exists(part)).order_by("name", "pk")
