"""What follows from sums, compared with trying everything out."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.publishing.inference import Interval, System, solve
from tracker.publishing.inference.elimination import TooMuch, Work
from tracker.publishing.inference.simplex import extremes

NAMES = "abcd"


def system_of(*equations, **bounds):
    system = System()
    for terms, value in equations:
        system.equate(terms, value, f"{terms} = {value}")
    for name in NAMES:
        system.within(name, *bounds.get(name, (0, None)))
    return system


def test_a_total_with_one_unknown_part_tells_it():
    solved = solve(system_of(({"a": 1}, 7)))

    assert solved.of("a").interval == (7, 7)
    assert solved.of("a").sources == ("{'a': 1} = 7",)


def test_a_total_with_two_unknown_parts_bounds_both():
    solved = solve(system_of(({"a": 1, "b": 1}, 10)))

    assert [solved.of(name).interval for name in "ab"] == [(0, 10), (0, 10)]
    assert solved.of("c").interval == (0, None)
    assert not solved.limits


def test_three_totals_over_pairs_tell_all_three():
    pairs = [({"a": 1, "b": 1}, 5), ({"b": 1, "c": 1}, 7), ({"a": 1, "c": 1}, 6)]

    solved = solve(system_of(*pairs))

    assert [solved.of(name).interval.low for name in "abc"] == [2, 3, 4]
    assert all(solved.of(name).is_determined for name in "abc")


def test_amounts_that_come_to_nothing_are_nothing():
    assert solve(system_of(({"a": 1, "b": 1}, 0))).of("a").is_determined


def test_fractions_stay_exact():
    system = system_of(({"a": Fraction(1, 3), "b": Fraction(1, 7)}, Fraction(1, 2)), b=(1, 1))

    assert solve(system).of("a").interval.low == Fraction(15, 14)


def test_at_most_leaves_the_other_end_open():
    system = system_of()
    system.at_most({"a": -1}, -90, "what came of it is 90")

    assert solve(system).of("a").interval == (90, None)


def test_bounds_that_only_both_sums_together_give_are_found():
    """a + b + c = 10 and a − b = 0: so c = 10 − 2a, and narrowing each sum alone does not see a ≤ 5."""
    solved = solve(system_of(({"a": 1, "b": 1, "c": 1}, 10), ({"a": 1, "b": -1}, 0)))

    assert solved.of("a").interval == (0, 5)


def test_figures_that_contradict_each_other_are_not_judged_and_said():
    solved = solve(system_of(({"a": 1}, 7), ({"a": 1}, 8)))

    assert "cannot all be true" in solved.limits[0].why
    assert "a" in solved.limits[0].unknowns


def test_a_part_that_is_too_large_is_said_and_not_passed_over():
    system = System()
    for n in range(60):
        system.within(n, 0, 100)
    for n in range(58):
        system.equate({n: 1, n + 1: 2, n + 2: 3}, 300, f"sum {n}")

    solved = solve(system)
    hardly = solve(system, work=5)

    assert any("more than 40 unknowns" in limit.why for limit in solved.limits)
    assert any("too many sums" in limit.why for limit in hardly.limits)
    assert all(limit.unknowns for limit in [*solved.limits, *hardly.limits])


def test_the_simplex_stops_at_the_end_of_its_work():
    system = system_of(({"a": 1, "b": 2}, 9), ({"b": 1, "c": 1}, 7))

    with pytest.raises(TooMuch):
        extremes(system.equations, system.bounds, "abc", Work(3))


@pytest.mark.parametrize(
    ("low", "high", "value", "near"),
    [
        (90, 110, 100, True),
        (89, 110, 100, False),
        (90, 111, 100, False),
        (-110, -90, -100, True),
        (None, 100, 100, False),
        (90, 110, None, True),
        (90, 111, None, False),
        (0, 0, None, True),
        (-1, 1, None, False),
    ],
)
def test_within_a_tenth(low, high, value, near):
    assert Interval(low, high).near(value) is near


# --- Against trying everything out -----------------------------------------

TERMS = st.dictionaries(st.sampled_from(NAMES), st.integers(-3, 3), min_size=1)
BOXES = st.tuples(*[st.tuples(st.integers(-4, 4), st.integers(0, 6)) for _ in NAMES])


def solved_for(free, equations, point):
    """The values of the free unknowns when the others are as in the point; None where they are not one."""
    rows = [
        [
            *(Fraction(terms.get(n, 0)) for n in free),
            value - sum(f * point[n] for n, f in terms.items() if n not in free),
        ]
        for terms, value in equations
    ]
    for column in range(len(free)):
        at = next((n for n in range(column, len(rows)) if rows[n][column]), None)
        if at is None:
            return None
        rows[column], rows[at] = rows[at], rows[column]
        rows[column] = [number / rows[column][column] for number in rows[column]]
        for n, row in enumerate(rows):
            if n != column:
                rows[n] = [a - row[column] * b for a, b in zip(row, rows[column], strict=True)]
    if any(row[-1] for row in rows[len(free) :]):
        return None
    return {name: rows[n][-1] for n, name in enumerate(free)}


def corners(equations, bounds):
    """Every corner of what is possible: each unknown at one of its ends, or told by the equations."""
    for ends in product(("low", "high", "free"), repeat=len(NAMES)):
        free = [n for n, end in zip(NAMES, ends, strict=True) if end == "free"]
        point = {
            n: bounds[n][end == "high"] for n, end in zip(NAMES, ends, strict=True) if end != "free"
        }
        found = solved_for(free, equations, point)
        if found is None:
            continue
        point |= found
        if all(bounds[n][0] <= point[n] <= bounds[n][1] for n in NAMES):
            yield point


@given(st.lists(st.tuples(TERMS, st.integers(-12, 12)), min_size=1, max_size=3), BOXES)
def test_the_bounds_are_exactly_those_of_the_corners(equations, boxes):
    bounds = {n: (low, low + width) for n, (low, width) in zip(NAMES, boxes, strict=True)}
    equations = [(t, v) for t, v in equations if any(t.values())]
    possible = list(corners(equations, bounds))

    solved = solve(system_of(*equations, **bounds))

    if not possible:
        assert solved.limits or not equations
        return
    assert not solved.limits
    for name in NAMES:
        told = [point[name] for point in possible]
        assert solved.of(name).interval == (min(told), max(told))


@given(st.lists(st.tuples(TERMS, st.integers(-12, 12)), min_size=1, max_size=4), BOXES)
def test_no_whole_solution_lies_outside_the_bounds(equations, boxes):
    bounds = {n: (low, low + width) for n, (low, width) in zip(NAMES, boxes, strict=True)}

    solved = solve(system_of(*equations, **bounds))

    for values in product(*(range(low, high + 1) for low, high in bounds.values())):
        point = dict(zip(NAMES, values, strict=True))
        if all(sum(f * point[n] for n, f in terms.items()) == v for terms, v in equations):
            assert all(solved.of(n).interval.holds(point[n]) for n in NAMES)


@given(st.lists(st.tuples(TERMS, st.integers(-12, 12)), min_size=1, max_size=3))
@example([({"a": -1, "c": 3}, 0), ({"b": -1, "a": 2}, 0), ({"a": 0, "b": 0, "c": -1, "d": 2}, 0)])
def test_what_has_no_bound_stays_without_one(equations):
    """Amounts of zero or more, with no upper end: what has a bound has it in a larger box too, what grows has none."""
    equations = [(t, v) for t, v in equations if any(t.values())]
    possible, larger = (
        list(corners(equations, dict.fromkeys(NAMES, (0, end)))) for end in (10_000, 20_000)
    )

    solved = solve(system_of(*equations))

    if not possible:
        return
    for name in NAMES:
        most, more = (max(point[name] for point in box) for box in (possible, larger))
        low, high = solved.of(name).interval
        assert low == min(point[name] for point in possible)
        assert high == (most if most == more else None)
