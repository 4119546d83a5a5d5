"""Every write about programs, their objectives and their stated figures."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max

from tracker.accounts.models import Organisation, User
from tracker.journal import actions as journal
from tracker.programs import policies, queries
from tracker.programs.models import (
    Gap,
    Objective,
    Participation,
    Program,
    ProgramSector,
    StatedFigure,
)
from tracker.programs.queries import Participant, Sector
from tracker.shared.errors import Refused
from tracker.shared.money import Money, digits_of

Parts = tuple[list[ProgramSector], list[Participation], list[Gap]]


class Description(TypedDict, total=False):
    """What may be left out of a program's description. What is left out is not stated."""

    summary: str
    starts_on: date | None
    ends_on: date | None
    legal_authority: str
    sectors: Sequence[Sector]
    participants: Sequence[Participant]
    gaps: Sequence[str]


@transaction.atomic
def create_program(
    *,
    owner: Organisation,
    identifier: str,
    title: str,
    kind_of_aid: str,
    status: str,
    nature: str = "operational",
    by: User,
    **further: Unpack[Description],
) -> Program:
    """Set up a program of the organisation. Nothing of it is public until a release is made.

    `nature` says where its figures come from and stays: the three kinds of figures are never added up together,
    and a program that moved from one to another would take its figures with it.
    """
    policies.check_can_create_program(by, owner)
    program = Program(owner=owner, nature=nature, kind_of_aid=kind_of_aid, status=status)
    program.identifier, program.title = identifier.strip(), title.strip()
    parts, fields = _describe(program, further)
    program.full_clean()
    program.save()
    _set_parts(program, parts)
    journal.record("program", record=program, op="create", by=by, fields=fields)
    return program


@transaction.atomic
def change_program(
    *,
    program: Program,
    identifier: str,
    title: str,
    kind_of_aid: str,
    status: str,
    seen: str = "",
    by: User,
    **further: Unpack[Description],
) -> Program:
    """Put a program's description in the given state, wholly: what is left out is removed.

    The journal records the whole new state. `seen` is the `queries.fingerprint` of the state that the person
    looked at; if somebody else has changed the program since, nothing is overwritten.
    """
    program = Program.objects.select_for_update().get(pk=program.pk)
    policies.check_can_change_program(by, program)
    if seen and seen != queries.fingerprint(program):
        raise Refused(
            "Somebody else has changed this program since you opened the form: open it again and repeat your change."
        )
    before = queries.state_of(program)
    program.identifier, program.title = identifier.strip(), title.strip()
    program.kind_of_aid, program.status = kind_of_aid, status
    parts, fields = _describe(program, further)
    if fields == before:
        raise Refused("Nothing was changed: the program is described in exactly this way already.")
    program.full_clean()
    program.save()
    for kept in (program.sectors, program.participations, program.gaps):
        kept.all().delete()
    _set_parts(program, parts)
    journal.record("program", record=program, op="change", by=by, fields=fields)
    return program


def _describe(program: Program, further: Description) -> tuple[Parts, dict[str, object]]:
    """Write the rest of the description into the program; its rows and what the journal will say, not yet saved."""
    program.summary = further.get("summary", "").strip()
    program.legal_authority = further.get("legal_authority", "").strip()
    program.starts_on, program.ends_on = further.get("starts_on"), further.get("ends_on")
    sectors, participants = further.get("sectors", ()), further.get("participants", ())
    gaps = [gap.strip() for gap in further.get("gaps", ()) if gap.strip()]
    fields = queries.described(program, sectors, participants, gaps)
    return _checked_parts(program, sectors, participants, gaps), fields


def _checked_parts(
    program: Program,
    sectors: Sequence[Sector],
    participants: Sequence[Participant],
    gaps: Sequence[str],
) -> Parts:
    """The rows that belong to a program, each checked by itself and with the others."""
    sector_rows = [
        ProgramSector(program=program, code=s.code, name=s.name, percent=s.percent) for s in sectors
    ]
    participant_rows = [
        Participation(program=program, organisation=p.organisation, role=p.role)
        for p in participants
    ]
    gap_rows = [
        Gap(program=program, sentence=sentence, position=position)
        for position, sentence in enumerate(gaps)
    ]
    for name, rows in (
        ("sectors", sector_rows),
        ("participants", participant_rows),
        ("gaps", gap_rows),
    ):
        _check_rows(name, rows)
    policies.check_sectors(sector_rows)
    policies.check_participants(participant_rows)
    return sector_rows, participant_rows, gap_rows


def _check_rows(name: str, rows: Iterable[models.Model]) -> None:
    for number, row in enumerate(rows, start=1):
        try:
            row.full_clean(exclude=["program"])
        except ValidationError as error:
            raise Refused({name: f"Row {number}: {' '.join(error.messages)}"}) from error


def _set_parts(program: Program, parts: Parts) -> None:
    for rows in parts:
        for row in rows:
            row.program = program
    sectors, participants, gaps = parts
    ProgramSector.objects.bulk_create(sectors)
    Participation.objects.bulk_create(participants)
    Gap.objects.bulk_create(gaps)


@transaction.atomic
def add_objective(
    *,
    program: Program,
    level: str,
    title: str,
    parent: Objective | None = None,
    position: int | None = None,
    by: User,
) -> Objective:
    """Add what the program wants to reach. Without a position it comes last among those beside it."""
    program = Program.objects.select_for_update().get(pk=program.pk)
    policies.check_can_change_program(by, program)
    policies.check_place_in_tree(program, level, parent)
    if position is None:
        beside = Objective.objects.filter(program=program, parent=parent)
        last = beside.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    objective = Objective(
        program=program, level=level, title=title.strip(), parent=parent, position=position
    )
    objective.full_clean()
    objective.save()
    _record_objective(objective, "create", by)
    return objective


@transaction.atomic
def change_objective(
    *,
    objective: Objective,
    level: str,
    title: str,
    parent: Objective | None,
    position: int,
    by: User,
) -> Objective:
    """Word an objective anew or move it to another place in the tree of its program."""
    # The program's lock first, as in `add_objective`: two moves must not meet in the tree.
    program = Program.objects.select_for_update().get(pk=objective.program_id)
    objective = Objective.objects.select_for_update().get(pk=objective.pk)
    policies.check_can_change_program(by, program)
    policies.check_place_in_tree(program, level, parent, itself=objective)
    new = (level, title.strip(), parent.pk if parent else None, position)
    if new == (objective.level, objective.title, objective.parent_id, objective.position):
        raise Refused("Nothing was changed: the objective reads exactly like this already.")
    objective.level, objective.title = level, title.strip()
    objective.parent, objective.position = parent, position
    objective.full_clean()
    objective.save()
    _record_objective(objective, "change", by)
    return objective


def _record_objective(objective: Objective, op: str, by: User) -> None:
    fields = {
        "program": objective.program,
        "parent": objective.parent,
        "level": objective.level,
        "title": objective.title,
        "position": objective.position,
    }
    journal.record("objective", record=objective, op=op, by=by, fields=fields)


class Statement(TypedDict, total=False):
    """What may be left out of a stated figure. One of amount, quantity and words holds its value."""

    qualifier: str
    amount: Money | None
    quantity: Decimal | None
    unit: str
    words: str
    period_start: date | None
    period_end: date | None
    as_of: date | None
    period_text: str
    source_url: str
    note: str


@transaction.atomic
def record_stated_figure(
    *,
    program: Program | None = None,
    organisation: Organisation | None = None,
    label: str,
    kind: str,
    citation: str,
    grade: str,
    replaces: StatedFigure | None = None,
    by: User,
    **stated: Unpack[Statement],
) -> StatedFigure:
    """Record a figure from the public record, for ever, with the document that states it and how sure it is.

    `kind` says which of amount, quantity (also for per cent) and words holds the value. `replaces` makes the row
    the correction of an older one of the same program; each figure is corrected at most once, the correction may
    be corrected in turn. A figure is about a program or, if it tells of an office's own work, about an `organisation`.
    """
    if program is not None:
        program = Program.objects.select_for_update().get(pk=program.pk)
    policies.check_can_record_figure(by, program)
    amount = stated.get("amount")
    texts = {"label": label, "citation": citation, **stated}
    tidy = {name: text.strip() if isinstance(text, str) else text for name, text in texts.items()}
    figure = StatedFigure(
        program=program,
        organisation=organisation,
        kind=kind,
        grade=grade,
        replaces=replaces,
        currency="" if amount is None else amount.currency,
        **tidy,
    )
    if amount is not None:
        digits_of(amount.currency)  # refuses a currency that nobody knows
    if replaces is not None:
        _check_correction(figure, replaces, by)
    figure.full_clean(exclude=["entry"])
    fields = _figure_fields(figure)
    entry = journal.record("stated_figure", record=figure, op="create", by=by, fields=fields)
    figure.entry_id = entry
    figure.save()
    return figure


def _check_correction(figure: StatedFigure, replaced: StatedFigure, by: User) -> None:
    about = (figure.program_id, figure.organisation_id)
    if (replaced.program_id, replaced.organisation_id) != about:
        raise Refused("The figure to be corrected belongs to another program or organisation.")
    policies.check_can_correct_figure(by, replaced)
    ours, theirs = _figure_fields(figure), _figure_fields(replaced)
    if ours | {"replaces": None} == theirs | {"replaces": None}:
        raise Refused("Nothing was changed: the figure reads exactly like this already.")


def _figure_fields(figure: StatedFigure) -> dict[str, object]:
    names = (
        "program",
        "label",
        "kind",
        "qualifier",
        "currency",
        "amount",
        "quantity",
        "unit",
        "words",
        "period_start",
        "period_end",
        "as_of",
        "period_text",
        "citation",
        "source_url",
        "grade",
        "note",
        "replaces",
        "organisation",
    )
    return {name: getattr(figure, name) for name in names}
