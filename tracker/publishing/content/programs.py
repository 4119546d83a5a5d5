"""A program, who takes part, what it wants to reach and what the public record says of it, as public rows."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tracker.ledger.queries import waived_in
from tracker.programs.models import ParticipantRole, Program, StatedFigure
from tracker.publishing.content.cells import Row, Withheld, cells_of, is_withheld, value_of
from tracker.publishing.fields import WITHHOLDABLE
from tracker.publishing.models import Withholding


def rows(program: Program, withheld: Withheld) -> Iterator[Row]:
    yield program_row(program, withheld)
    yield from participant_rows(program, withheld)
    yield from _objectives(program, withheld)
    yield from _figures(program)


def program_row(program: Program, withheld: Withheld) -> Row:
    sectors = program.sectors.order_by("code", "pk")
    gaps = program.gaps.order_by("position", "pk")
    cells = cells_of(
        title=program.title,
        summary=program.summary,
        identifier=program.identifier,
        status=program.status,
        nature=program.nature,
        kind_of_aid=program.kind_of_aid,
        owner=program.owner.name,
        starts_on=program.starts_on,
        ends_on=program.ends_on,
        legal_authority=program.legal_authority,
        sectors=[{"code": s.code, "name": s.name, "percent": s.percent} for s in sectors],
        gaps=[gap.sentence for gap in gaps],
        waivers=_waivers(program, withheld),
    )
    covered = withheld.cover(cells, WITHHOLDABLE["program"], program.uid, kind="program")
    if withheld.delay is not None:  # without one, the row stays that of older releases
        covered |= cells_of(delay=_delay(withheld.delay))
    return Row("program", program.uid, covered)


def _delay(delay: Withholding) -> dict[str, Any]:
    """For how many days payments are held back, and why: said where the data are."""
    return {
        "days": delay.days,
        "category": delay.category,
        "reason": delay.reason,
        "legal_basis": delay.legal_basis,
        "review_on": delay.review_on,
        "decided_by": delay.office,
    }


def _waivers(program: Program, withheld: Withheld) -> dict[str, Any]:
    """How many required documents released rows still lack, by the category of the waiver. Reckoned by the calendar."""
    found = waived_in(program, program.owner.today(), withheld.not_held_back(program))
    return {
        "in_force": sum(one.in_force for one in found),
        "overdue": sum(one.overdue for one in found),
        "by_category": [vars(one) for one in found],
    }


def participant_rows(
    program: Program, withheld: Withheld, organisation: UUID | None = None
) -> Iterator[Row]:
    """The subject is the program: the organisation's own identifier would tell who is withheld."""
    found = program.participations.select_related("organisation")
    if organisation is not None:
        found = found.filter(organisation__uid=organisation)
    for part in found.order_by("role", "pk"):
        name = part.organisation
        cells = cells_of(organisation=name.name, role=part.role, country=name.country)
        if cell := withheld.of("organisation", name.uid, kind="participant"):
            cells |= {"country": cell}  # alone it would tell who it is
            cells = withheld.cover(cells, ["organisation"], name.uid, kind="participant")
        else:
            cells = withheld.cover(cells, ["country"], name.uid, kind="participant")
        yield Row("participant", program.uid, cells)


def names_in_role(rows: list[Row], role: ParticipantRole) -> str:
    """The stated names of a role, for the list of programs: a withheld one is left out."""
    cells = [r.cells for r in rows if r.kind == "participant" and value_of(r.cells["role"]) == role]
    names = [value_of(c["organisation"]) for c in cells if not is_withheld(c["organisation"])]
    return ", ".join(names)


def _objectives(program: Program, withheld: Withheld) -> Iterator[Row]:
    found = program.objectives.select_related("parent").order_by("position", "pk")
    for objective in found:
        cells = cells_of(
            level=objective.level,
            title=objective.title,
            parent=objective.parent.uid if objective.parent else None,
        )
        covered = withheld.cover(cells, WITHHOLDABLE["objective"], objective.uid, kind="objective")
        yield Row("objective", objective.uid, covered)


_FIGURE = (
    *("label", "kind", "qualifier", "amount", "quantity", "unit", "words"),
    *("period_text", "period_start", "period_end", "as_of"),
    *("citation", "source_url", "grade", "note"),
)


def _figures(program: Program) -> Iterator[Row]:
    """Stated figures in force: the public record cannot be withheld."""
    found = StatedFigure.objects.filter(program=program, replaced_by=None)
    for figure in found.order_by("pk"):  # “of which …” stays below the figure it is a part of
        cells = cells_of(**{name: getattr(figure, name) for name in _FIGURE})
        yield Row("figure", figure.uid, cells)
