"""What the database itself forbids, and whom it lets see what."""

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.factories.accounts import make_person
from tests.factories.results import make_indicator, make_measurement, make_target
from tracker.accounts.models import Role
from tracker.results.models import Indicator, Measurement, Target


def refused(rule, act):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        act()


def insert_like(row, **fields):
    """A copy of a recorded row, written past the actions."""
    columns = {f.attname: f.value_from_object(row) for f in row._meta.fields}
    columns |= {"uid": uuid.uuid4(), "entry_id": 10_000} | fields
    columns.pop("id")
    type(row).objects.bulk_create([type(row)(**columns)])


def test_an_indicator_keeps_its_rules_whoever_writes():
    indicator = make_indicator()
    rows = Indicator.objects.filter(pk=indicator.pk)

    refused("indicator_direction_known", lambda: rows.update(direction="side"))
    with pytest.raises(IntegrityError), transaction.atomic():
        Indicator.objects.create(program=indicator.program, title=indicator.title, unit="x")


@pytest.mark.parametrize(
    "rule, fields",
    [
        ("target_kind_known", {"kind": "hope"}),
        ("target_period_ends_after_it_starts", {"period_end": "2020-01-01"}),
    ],
)
def test_a_target_keeps_its_rules_whoever_writes(rule, fields):
    target = make_target(make_indicator())

    refused(rule, lambda: insert_like(target, **fields))


def test_a_measurement_keeps_its_rules_whoever_writes():
    measurement = make_measurement(make_indicator())

    refused(
        "measurement_verification_known",
        lambda: insert_like(measurement, verification="sworn", text_id=10_000),
    )


def test_a_row_is_replaced_once_whoever_writes():
    indicator = make_indicator()
    first = make_target(indicator, 1)
    second = make_target(indicator, 2)
    wrong = make_measurement(indicator, 1)
    right = make_measurement(indicator, 2, replaces=wrong)

    assert second.replaces == first
    for act in (lambda: insert_like(second), lambda: insert_like(right, text_id=10_000)):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.parametrize("model", [Target, Measurement])
@pytest.mark.parametrize("statement", ["UPDATE {} SET value = 1", "DELETE FROM {}"])
def test_what_was_recorded_cannot_be_changed_in_sql(model, statement):
    indicator = make_indicator()
    make_target(indicator)
    make_measurement(indicator)

    with (
        pytest.raises(DatabaseError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(model._meta.db_table))


def test_results_are_seen_by_those_who_see_the_program():
    indicator = make_indicator()
    target, measurement = make_target(indicator), make_measurement(indicator)
    auditor = make_person(Role.AUDITOR, organisation=indicator.program.owner)
    stranger = make_person(Role.AUDITOR)

    assert indicator in Indicator.objects.visible_to(auditor)
    assert target in Target.objects.visible_to(auditor)
    assert measurement in Measurement.objects.visible_to(auditor)
    for model in (Indicator, Target, Measurement):
        assert not model.objects.visible_to(stranger)
