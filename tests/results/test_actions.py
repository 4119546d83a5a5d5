"""What may be said about results, by whom, and what is left on record."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_objective, make_program, officer_of
from tests.factories.results import (
    make_baseline,
    make_indicator,
    make_measurement,
    make_target,
)
from tracker.accounts.models import Role
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.results.models import Indicator, Measurement, MeasurementText, Target, Verification
from tracker.shared.clock import today
from tracker.shared.errors import NotAllowed, Refused

WRONG_ROLES = [Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE]


@pytest.fixture
def broken_journal(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("The journal cannot be written.")

    return lambda: monkeypatch.setattr(journal, "record", fail)


# --- Indicators ------------------------------------------------------------


def test_an_indicator_is_added_and_the_journal_has_it():
    objective = make_objective()
    indicator = make_indicator(
        program=objective.program, objective=objective, title=" Trained medics ", direction="down"
    )

    (event,) = history_of(indicator)

    assert Indicator.objects.get().title == "Trained medics"
    assert event.sentence == "The indicator “Trained medics” was added."
    assert event.values["objective"] == str(objective.uid)
    assert event.values["direction"] == "down"


def test_an_indicator_serves_an_objective_of_its_own_program():
    with pytest.raises(Refused, match="belongs to another program"):
        make_indicator(objective=make_objective())


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"title": " "}, "cannot be blank"),
        ({"unit": ""}, "cannot be blank"),
        ({"direction": "sideways"}, "not a valid choice"),
    ],
)
def test_an_indicator_that_makes_no_sense_is_refused(fields, sentence):
    with pytest.raises(Refused, match=sentence):
        make_indicator(**fields)


def test_a_program_has_one_indicator_of_a_title():
    indicator = make_indicator()

    with pytest.raises(Refused, match="has an indicator of this title already"):
        make_indicator(program=indicator.program, title=indicator.title)
    assert make_indicator(title=indicator.title)


# --- Baselines and targets -------------------------------------------------


def test_a_baseline_and_a_target_are_set_and_the_journal_has_them():
    indicator = make_indicator()
    officer = officer_of(indicator.program)
    baseline = make_baseline(indicator, "12.5", by=officer)
    target = make_target(indicator, 100, by=officer)

    event = history_of(target)[0]

    assert set(Target.objects.in_force()) == {baseline, target}
    assert Target.objects.get(pk=baseline.pk).value == Decimal("12.5")
    assert event.sentence == "The target for 1 Jan 2026 to 31 Dec 2026 was set to 100."
    assert event.number == target.entry_id
    assert (event.actor, target.recorded_by) == (officer.uid, officer)


def test_a_changed_target_is_a_new_row_and_both_stay():
    indicator = make_indicator()
    before = make_target(indicator, 100)
    after = make_target(indicator, 80)

    assert list(Target.objects.in_force()) == [after]
    assert after.replaces == before
    assert [t.value for t in Target.objects.order_by("pk")] == [100, 80]
    assert history_of(after)[0].values["replaces"] == str(before.uid)


def test_the_targets_of_two_periods_stand_side_by_side():
    indicator = make_indicator()
    year = make_target(indicator, 100)
    decade = make_target(indicator, 900, period_end=date(2035, 12, 31))

    assert set(Target.objects.in_force()) == {year, decade}


def test_the_period_of_a_target_changes_by_naming_the_row():
    indicator = make_indicator()
    before = make_target(indicator, 100)
    after = make_target(indicator, 100, period_end=date(2027, 12, 31), replaces=before)

    assert list(Target.objects.in_force()) == [after]


def test_a_row_is_replaced_once_and_by_a_row_of_its_own_kind_and_indicator():
    indicator = make_indicator()
    before = make_target(indicator, 100)
    baseline = make_baseline(indicator)
    make_target(indicator, 80, replaces=before)

    with pytest.raises(Refused, match="has been replaced already"):
        make_target(indicator, 70, replaces=before)
    with pytest.raises(Refused, match="belongs to another indicator"):
        make_target(make_indicator(), 70, replaces=before)
    with pytest.raises(Refused, match="A target replaces a target"):
        make_target(indicator, 70, replaces=baseline)


def test_two_targets_of_one_period_do_not_come_about_by_moving_one():
    indicator = make_indicator()
    make_target(indicator, 100)
    later = make_target(indicator, 200, period_end=date(2027, 12, 31))

    with pytest.raises(Refused, match="Another target is in force for this period"):
        make_target(indicator, 200, replaces=later)


def test_an_indicator_has_one_baseline_in_force_whatever_its_period():
    indicator = make_indicator()
    make_baseline(indicator, 1)
    after = make_baseline(indicator, 1, period_start=date(2024, 1, 1))

    assert list(Target.objects.in_force()) == [after]


def test_setting_what_is_in_force_already_is_refused():
    indicator = make_indicator()
    make_baseline(indicator, 5)
    make_target(indicator, 100)

    with pytest.raises(Refused, match="this baseline is in force already"):
        make_baseline(indicator, "5.000")
    with pytest.raises(Refused, match="this target is in force already"):
        make_target(indicator, 100)


@pytest.mark.parametrize(
    "value, fields, sentence",
    [
        (1, {"period_end": date(2025, 12, 31)}, "The period ends before it starts"),
        ("0.0000001", {}, "more than 6 decimals"),
        (10**13, {}, "too large"),
    ],
)
def test_a_target_that_makes_no_sense_is_refused(value, fields, sentence):
    with pytest.raises(Refused, match=sentence):
        make_target(make_indicator(), value, **fields)

    assert not Target.objects.exists()


# --- Measurements ----------------------------------------------------------


def test_a_measurement_is_recorded_with_its_words_beside_it():
    indicator = make_indicator()
    measurement = make_measurement(indicator, "71.25", source="Mission report", comment="Late.")

    event = history_of(measurement)[0]
    text = MeasurementText.objects.get()

    assert Measurement.objects.get().value == Decimal("71.25")
    assert measurement.text_digest == text.digest
    assert event.values["source"] == "Mission report"
    assert event.values["text_digest"] == text.digest
    assert event.sentence == "On 30 Jun 2026 the value was 71.25 (verified)."


def test_looked_for_and_not_found_is_a_measurement():
    measurement = make_measurement(make_indicator(), None)

    assert Measurement.objects.get().value is None
    assert "the value was not stated" in history_of(measurement)[0].sentence


def test_a_correction_takes_a_row_s_place_once_and_both_stay():
    indicator = make_indicator()
    wrong = make_measurement(indicator, 17)
    right = make_measurement(indicator, 71, replaces=wrong)

    assert list(Measurement.objects.in_force()) == [right]
    assert Measurement.objects.count() == 2
    with pytest.raises(Refused, match="has been replaced already"):
        make_measurement(indicator, 72, replaces=wrong)
    with pytest.raises(Refused, match="belongs to another indicator"):
        make_measurement(make_indicator(), 72, replaces=right)


def test_the_same_finding_sent_twice_leaves_one_row():
    indicator = make_indicator()
    wrong = make_measurement(indicator, 71, source="Report")

    with pytest.raises(Refused, match="recorded already"):
        make_measurement(indicator, 71, source="Report ")
    with pytest.raises(Refused, match="recorded already"):
        make_measurement(indicator, 71, source="Report", replaces=wrong)

    assert Measurement.objects.count() == MeasurementText.objects.count() == 1
    assert make_measurement(indicator, 71, source="Another report")


def test_not_found_twice_leaves_one_row():
    indicator = make_indicator()
    make_measurement(indicator, None)

    with pytest.raises(Refused, match="recorded already"):
        make_measurement(indicator, None)


def test_the_future_is_not_measured():
    zone = "Pacific/Kiritimati"  # its day begins before everybody else's
    program = make_program(owner=make_organisation(time_zone=zone))
    indicator = make_indicator(program=program)
    now = today(zone)

    with pytest.raises(Refused, match="lies in the future"):
        make_measurement(indicator, measured_on=now + timedelta(days=1))
    assert make_measurement(indicator, measured_on=now)


def test_a_verification_that_nobody_knows_is_refused():
    with pytest.raises(ValidationError, match="not a valid choice"):
        make_measurement(make_indicator(), verification="sworn")

    assert not MeasurementText.objects.exists()


# --- Who, and what if the journal fails ------------------------------------


@pytest.mark.parametrize("role", WRONG_ROLES)
def test_only_an_officer_says_what_is_measured_aimed_at_and_found(role):
    indicator = make_indicator()
    person = make_person(role, organisation=indicator.program.owner)

    with pytest.raises(NotAllowed, match="add indicators"):
        make_indicator(program=indicator.program, by=person)
    with pytest.raises(NotAllowed, match="set baselines and targets"):
        make_baseline(indicator, by=person)
    with pytest.raises(NotAllowed, match="set baselines and targets"):
        make_target(indicator, by=person)
    with pytest.raises(NotAllowed, match="record measurements"):
        make_measurement(indicator, by=person)


def test_an_officer_of_somebody_else_may_not_either():
    indicator = make_indicator()

    with pytest.raises(NotAllowed):
        make_measurement(indicator, by=make_person(Role.OFFICER))


def test_nothing_is_kept_if_the_journal_cannot_be_written(broken_journal):
    indicator = make_indicator()
    officer = officer_of(indicator.program)
    broken_journal()

    for act in (
        lambda: make_indicator(program=indicator.program, by=officer),
        lambda: make_baseline(indicator, by=officer),
        lambda: make_target(indicator, by=officer),
        lambda: make_measurement(indicator, by=officer),
    ):
        with pytest.raises(RuntimeError):
            act()

    assert Indicator.objects.count() == 1
    assert not Target.objects.exists()
    assert not Measurement.objects.exists()
    assert not MeasurementText.objects.exists()


def test_every_verification_can_be_recorded():
    indicator = make_indicator()

    for value in Verification.values:
        make_measurement(indicator, verification=value)

    assert Measurement.objects.count() == len(Verification.values)
