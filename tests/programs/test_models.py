"""What the database itself forbids, and whom it lets see what."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.programs import make_figure, make_objective, make_program
from tracker.accounts.models import Role
from tracker.programs.models import (
    Objective,
    Participation,
    Program,
    ProgramSector,
    StatedFigure,
)


def refused(rule, act):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        act()


@pytest.mark.parametrize(
    "rule, fields",
    [
        ("program_status_known", {"status": "9"}),
        ("program_nature_known", {"nature": "guessed"}),
        ("program_kind_of_aid_known", {"kind_of_aid": "gift"}),
        (
            "program_ends_after_it_starts",
            {"starts_on": "2026-01-02", "ends_on": "2026-01-01"},
        ),
    ],
)
def test_a_program_keeps_its_rules_whoever_writes(rule, fields):
    program = make_program()

    refused(rule, lambda: Program.objects.filter(pk=program.pk).update(**fields))


def test_an_identifier_is_unique_whoever_writes():
    first, second = make_program(), make_program()

    with pytest.raises(IntegrityError), transaction.atomic():
        Program.objects.filter(pk=second.pk).update(identifier=first.identifier)


def test_parts_are_unique_whoever_writes():
    program = make_program()
    donor = Participation.objects.filter(program=program).first()
    row = {"program": program, "code": "15210", "name": "x"}
    ProgramSector.objects.create(**row)

    for act in (
        lambda: ProgramSector.objects.create(**row),
        lambda: Participation.objects.create(
            program=program, organisation=donor.organisation, role=donor.role
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    refused(
        "participation_role_known",
        lambda: Participation.objects.create(
            program=program, organisation=donor.organisation, role="sponsor"
        ),
    )


def test_an_objective_keeps_its_rules_whoever_writes():
    rows = Objective.objects.filter(pk=make_objective().pk)

    refused("objective_level_known", lambda: rows.update(level="goal"))
    refused("objective_is_not_its_own_parent", lambda: rows.update(parent=rows.get()))


def insert_like(figure, **fields):
    """A copy of a recorded figure, written past the actions."""
    columns = {f.attname: f.value_from_object(figure) for f in StatedFigure._meta.fields}
    columns["amount"] = figure.amount.minor  # as Money it would set the currency, too
    columns |= {"uid": make_organisation().uid, "entry_id": 10_000} | fields
    columns.pop("id")
    StatedFigure.objects.bulk_create([StatedFigure(**columns)])


@pytest.mark.parametrize(
    "rule, fields",
    [
        ("figure_states_what_its_kind_says", {"amount": None}),
        ("figure_states_what_its_kind_says", {"currency": ""}),
        ("figure_states_what_its_kind_says", {"quantity": 3}),
        ("figure_states_what_its_kind_says", {"kind": "quantity"}),
        ("figure_states_what_its_kind_says", {"kind": "text"}),
        ("figure_states_what_its_kind_says", {"kind": "weight"}),
        ("figure_has_a_citation", {"citation": ""}),
        ("figure_grade_known", {"grade": "C"}),
        ("figure_qualifier_known", {"qualifier": "roughly"}),
        (
            "figure_period_ends_after_it_starts",
            {"period_start": "2024-02-01", "period_end": "2024-01-01"},
        ),
    ],
)
def test_a_figure_keeps_its_rules_whoever_writes(rule, fields):
    figure = make_figure()

    refused(rule, lambda: insert_like(figure, **fields))


def test_a_figure_is_replaced_once_whoever_writes():
    wrong = make_figure()
    right = make_figure(program=wrong.program, label="Right", replaces=wrong)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert_like(right)


@pytest.mark.parametrize("statement", ["UPDATE {} SET note = 'x'", "DELETE FROM {}"])
def test_a_recorded_figure_cannot_be_changed_in_sql(statement):
    make_figure()

    with (
        pytest.raises(DatabaseError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(StatedFigure._meta.db_table))


def test_roles_reach_the_programs_of_the_owner_and_single_programs():
    program = make_program()
    staff = make_person(Role.APPROVER, organisation=program.owner)
    stranger = make_person(Role.APPROVER)
    figure, objective = make_figure(program=program), make_objective(program=program)

    assert program in Program.objects.visible_to(staff)
    assert figure in StatedFigure.objects.visible_to(staff)
    assert objective in Objective.objects.visible_to(staff)
    assert not Program.objects.visible_to(stranger)
    assert not StatedFigure.objects.visible_to(stranger)
    assert not Objective.objects.visible_to(stranger)

    give_role(stranger, Role.AUDITOR, program=program)

    assert program in Program.objects.visible_to(stranger)


def test_an_administrator_sees_no_program_and_a_recipient_its_own():
    recipient = make_organisation()
    program = make_program(recipient=recipient)
    representative = make_person(Role.RECIPIENT, organisation=recipient)
    administrator = make_person(organisation=program.owner)
    give_role(administrator, Role.ADMINISTRATOR, organisation=program.owner)

    assert list(Program.objects.visible_to(representative)) == [program]
    assert not Program.objects.visible_to(administrator)
