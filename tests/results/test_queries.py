"""Where indicators stand: the formula, the thresholds, and what it costs."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.factories.programs import make_objective, make_program, officer_of
from tests.factories.results import make_baseline, make_indicator, make_measurement, make_target
from tracker.results import queries
from tracker.results.models import Verification
from tracker.results.queries import Rating

DAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    "direction, baseline, target, actual, share",
    [
        ("up", None, 100, 71, Fraction(71, 100)),
        ("up", 20, 100, 71, Fraction(51, 80)),
        ("up", 20, 100, 20, Fraction(0)),
        ("up", 20, 100, 10, Fraction(-1, 8)),
        ("up", 0, 3, 1, Fraction(1, 3)),
        ("up", -10, 0, -5, Fraction(1, 2)),
        ("up", None, 100, 130, Fraction(13, 10)),
        ("down", 100, 40, 55, Fraction(3, 4)),
        ("down", 100, 0, 100, Fraction(0)),
        ("down", 100, 40, 160, Fraction(-1)),
    ],
)
def test_achievement_is_the_exact_share_of_the_way(direction, baseline, target, actual, share):
    values = [None if v is None else Decimal(v) for v in (baseline, target, actual)]

    assert queries.achievement(direction, *values) == share


@pytest.mark.parametrize(
    "direction, baseline, target, actual, why",
    [
        ("up", None, 100, None, "No value has been measured"),
        ("up", None, None, 71, "No target is stated"),
        ("up", None, 0, 71, "no change in the right direction"),
        ("up", 100, 100, 71, "no change in the right direction"),
        ("up", 100, 50, 20, "no change in the right direction"),
        ("down", 40, 40, 40, "no change in the right direction"),
        ("down", 40, 100, 120, "no change in the right direction"),
        ("down", None, 40, 30, "without a baseline"),
    ],
)
def test_what_cannot_be_said_is_said_in_a_sentence(direction, baseline, target, actual, why):
    values = [None if v is None else Decimal(v) for v in (baseline, target, actual)]

    assert why in queries.achievement(direction, *values)


def standing_of(indicator, on=DAY):
    (found,) = queries.standing([indicator], on=on)
    return found


@pytest.mark.parametrize(
    "actual, percent, rating",
    [
        ("130", "130.0", Rating.GREEN),
        ("90", "90.0", Rating.GREEN),
        ("89.999999", "89.9", Rating.AMBER),
        ("70", "70.0", Rating.AMBER),
        ("69.999999", "69.9", Rating.RED),
        ("0", "0.0", Rating.RED),
        ("-12.34", "-12.4", Rating.RED),
    ],
)
def test_the_rating_turns_exactly_at_its_thresholds(actual, percent, rating):
    indicator = make_indicator()
    make_target(indicator, 100)
    make_measurement(indicator, actual)

    found = standing_of(indicator)

    assert (str(found.achievement), found.rating, found.why) == (percent, rating, "")


def test_what_the_recipient_reports_is_rated_and_what_nobody_verified_never():
    indicator = make_indicator()
    make_target(indicator, 100)
    make_measurement(indicator, 100, verification=Verification.SELF_REPORTED)
    assert standing_of(indicator).rating is Rating.GREEN

    make_measurement(indicator, 120, measured_on=DAY, verification=Verification.NOT_VERIFIED)

    found = standing_of(indicator)
    assert (found.rating, found.achievement) == (Rating.GREY, Decimal("120.0"))
    assert found.why == "The value is not verified."


def test_the_latest_look_counts_even_if_it_found_nothing():
    indicator = make_indicator()
    make_target(indicator, 100)
    make_measurement(indicator, 100)
    make_measurement(indicator, None, measured_on=DAY)

    found = standing_of(indicator)

    assert (found.actual.measured_on, found.rating, found.achievement) == (DAY, Rating.GREY, None)


def test_an_indicator_of_which_nothing_is_known_is_grey():
    found = standing_of(make_indicator())

    assert (found.baseline, found.target, found.actual) == (None, None, None)
    assert (found.achievement, found.rating) == (None, Rating.GREY)


def test_a_baseline_that_nobody_knows_is_no_baseline_and_a_target_taken_back_no_target():
    indicator = make_indicator()
    make_baseline(indicator, 50)
    make_baseline(indicator, None)
    make_target(indicator, 100)
    make_measurement(indicator, 75)
    assert standing_of(indicator).achievement == Decimal("75.0")

    make_target(indicator, None)

    assert standing_of(indicator).why == "No target is stated."


def test_corrections_count_and_what_they_corrected_does_not():
    indicator = make_indicator()
    make_target(indicator, 50)
    make_target(indicator, 100)
    wrong = make_measurement(indicator, 99)
    make_measurement(indicator, 71, replaces=wrong)

    found = standing_of(indicator)

    assert (found.target.value, found.actual.value) == (100, 71)


def test_of_one_day_the_row_recorded_last_counts():
    indicator = make_indicator()
    make_measurement(indicator, 1)
    make_measurement(indicator, 2)

    assert standing_of(indicator).actual.value == 2


def test_a_report_sees_what_was_measured_up_to_its_last_day():
    indicator = make_indicator()
    make_measurement(indicator, 1, measured_on=date(2026, 3, 31))
    make_measurement(indicator, 2, measured_on=date(2026, 6, 30))

    assert standing_of(indicator, on=date(2026, 6, 29)).actual.value == 1
    assert standing_of(indicator, on=date(2026, 6, 30)).actual.value == 2
    assert standing_of(indicator, on=date(2026, 1, 1)).actual is None
    (now,) = queries.standing([indicator])
    assert now.actual.value == 2


def years(indicator, *numbers):
    for number in numbers:
        make_target(
            indicator,
            number,
            period_start=date(number, 1, 1),
            period_end=date(number, 12, 31),
        )


@pytest.mark.parametrize(
    "day, value",
    [
        (date(2024, 6, 1), 2024),
        (date(2024, 12, 31), 2024),
        (date(2025, 1, 1), 2026),  # between two periods: the next
        (date(2020, 1, 1), 2024),
        (date(2030, 1, 1), 2026),  # after the last: the last
    ],
)
def test_the_target_is_that_of_the_day(day, value):
    indicator = make_indicator()
    years(indicator, 2026, 2024)

    assert standing_of(indicator, on=day).target.value == value


def test_a_year_s_target_says_more_than_a_decade_s():
    indicator = make_indicator()
    years(indicator, 2026)
    make_target(indicator, 9999, period_start=date(2021, 1, 1), period_end=date(2030, 12, 31))

    assert standing_of(indicator).target.value == 2026


def test_many_indicators_cost_as_many_queries_as_one(count_queries):
    def add(program, officer):
        indicator = make_indicator(program=program, by=officer)
        make_baseline(indicator, by=officer)
        make_target(indicator, by=officer)
        make_measurement(indicator, by=officer)
        make_measurement(indicator, 72, by=officer)

    programs = [make_program(), make_program()]
    officers = [officer_of(program) for program in programs]
    add(programs[0], officers[0])

    def read(on):
        rows = queries.Indicator.objects.order_by("pk")
        return lambda: [
            (s.actual.text.source, s.indicator.program.owner.name)
            for s in queries.standing(rows, on=on)
        ]

    one, one_today = count_queries(read(DAY)), count_queries(read(None))
    for program, officer in zip(programs, officers, strict=True):
        add(program, officer)

    assert count_queries(read(DAY)) == one == 5
    assert count_queries(read(None)) == one_today == 6


def test_no_indicators_stand_nowhere():
    assert queries.standing([]) == []


def test_the_order_of_the_question_is_the_order_of_the_answer():
    program = make_program()
    rows = [make_indicator(program=program) for _ in range(3)]

    assert [s.indicator for s in queries.standing(rows[::-1], on=DAY)] == rows[::-1]


def test_a_program_s_indicators_follow_its_objectives():
    objective = make_objective()
    program = objective.program
    without = make_indicator(program=program, title="A")
    second = make_indicator(program=program, title="C", objective=objective)
    first = make_indicator(program=program, title="B", objective=objective)
    make_indicator()

    assert list(queries.indicators_of(program)) == [first, second, without]


def test_the_course_is_what_is_in_force_oldest_first():
    indicator = make_indicator()
    late = make_measurement(indicator, 3, measured_on=date(2026, 3, 1))
    early = make_measurement(indicator, 1, measured_on=date(2026, 1, 1))
    wrong = make_measurement(indicator, 99, measured_on=date(2026, 2, 1))
    right = make_measurement(indicator, 2, measured_on=date(2026, 2, 1), replaces=wrong)

    assert queries.course_of(indicator) == [early, right, late]
    assert queries.course_of(indicator, last=2) == [right, late]
