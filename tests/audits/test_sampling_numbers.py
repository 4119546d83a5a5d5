"""The arithmetic of samples against published tables and worked examples, and against itself done another way."""

import itertools
import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from uuid import UUID, uuid5

import pytest
from django.conf import settings as settings_of_django
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.audits.sampling import (
    Frozen,
    Misstated,
    Pair,
    Stratum,
    Stream,
    allocate,
    attribute_size,
    binomial_upper,
    choose,
    classical_size,
    estimates,
    evaluate_monetary,
    hypergeometric_upper,
    monetary_size,
    poisson_upper,
    seed_of,
)
from tracker.audits.sampling.estimates import t_quantile
from tracker.audits.sampling.limits import binomial_at_most, hypergeometric_is_rare
from tracker.audits.sampling.sizes import confidence_factor, gamma_over
from tracker.shared.errors import Refused

FIVE, TEN = Decimal("0.05"), Decimal("0.10")
SPACE = UUID(int=0)


def population(amounts, strata=None):
    """Items in canonical order."""
    strata = strata or [0] * len(amounts)
    items = [
        Frozen(uuid5(SPACE, str(i)), amount, "USD", stratum)
        for i, (amount, stratum) in enumerate(zip(amounts, strata, strict=True))
    ]
    return sorted(items, key=lambda item: item.uid.bytes)


def draw(method, seed, items, size=0, interval=None, strata=None):
    strata = strata or [(len(items), size)]
    return list(choose(method, seed, items, strata=strata, interval=interval))


# --- Limits against published tables ----------------------------------------


def test_poisson_factors_are_those_of_the_tables():
    """The upper limits of a Poisson mean at 5 % and 10 % risk, 0 to 10 errors: half of the chi-square quantile with
    2(k+1) degrees of freedom, as in Pearson and Hartley's Biometrika Tables and, with two decimals, in the confidence
    factors of the AICPA Audit Guide “Audit Sampling” (3.00, 4.75, 6.30, 7.76, 9.16, 10.52, …)."""
    five = [
        "2.9957",
        "4.7439",
        "6.2958",
        "7.7537",
        "9.1535",
        "10.5130",
        "11.8424",
        "13.1481",
        "14.4346",
        "15.7052",
        "16.9622",
    ]
    ten = ["2.3026", "3.8897", "5.3223", "6.6808", "7.9936"]

    assert [f"{poisson_upper(k, FIVE):.4f}" for k in range(11)] == five
    assert [f"{poisson_upper(k, TEN):.4f}" for k in range(5)] == ten


@pytest.mark.parametrize("errors", [0, 1, 4, 10])
def test_a_poisson_factor_leaves_exactly_the_risk(errors):
    mean = float(poisson_upper(errors, FIVE))

    below = sum(math.exp(-mean) * mean**k / math.factorial(k) for k in range(errors + 1))
    assert below == pytest.approx(0.05, abs=1e-12)


@pytest.mark.parametrize(
    ("size", "found", "per_cent"),
    # One-sided upper limits at 5 % risk of overreliance, as tabled for tests of controls in the AICPA Audit Guide “Audit
    # Sampling” (and after it in Arens, Elder and Beasley, Auditing and Assurance Services), rounded up to a tenth there.
    [
        (25, 0, 11.3),
        (30, 1, 14.9),
        (50, 0, 5.9),
        (50, 3, 14.8),
        (60, 0, 4.9),
        (100, 0, 3.0),
        (100, 1, 4.7),
        (100, 2, 6.2),
        (150, 0, 2.0),
        (200, 4, 4.6),
    ],
)
def test_binomial_limits_are_those_of_the_attribute_tables(size, found, per_cent):
    assert float(binomial_upper(found, size, FIVE)) * 100 == pytest.approx(per_cent, abs=0.1)


def test_a_binomial_limit_without_deviations_has_a_closed_form():
    exact = 1 - 0.05 ** (1 / 93)

    assert float(binomial_upper(0, 93, FIVE)) == pytest.approx(exact, abs=1e-12)
    assert f"{binomial_upper(0, 100, FIVE):.4f}" == "0.0295"
    assert binomial_upper(4, 4, FIVE) == 1


@given(st.integers(1, 60), st.data())
@settings(max_examples=30)
def test_a_binomial_limit_leaves_the_risk_by_independent_arithmetic(size, data):
    found = data.draw(st.integers(0, size - 1))

    rate = float(binomial_upper(found, size, FIVE))

    below = sum(math.comb(size, i) * rate**i * (1 - rate) ** (size - i) for i in range(found + 1))
    assert below == pytest.approx(0.05, abs=1e-9)


@given(st.integers(5, 60), st.data())
@settings(max_examples=30)
def test_a_hypergeometric_limit_is_the_last_count_that_is_not_rare(items, data):
    size = data.draw(st.integers(1, items - 1))
    found = data.draw(st.integers(0, size - 1))

    most = hypergeometric_upper(found, size, items, FIVE)

    def likely(deviating):
        ways = sum(
            Fraction(math.comb(deviating, i) * math.comb(items - deviating, size - i))
            for i in range(found + 1)
        )
        return ways / math.comb(items, size) > Fraction(1, 20)

    possible = range(found, items - (size - found) + 1)
    assert most == max([d for d in possible if likely(d)], default=found)


def test_who_examined_everything_knows_the_count():
    assert hypergeometric_upper(3, 40, 40, FIVE) == 3


def test_the_hypergeometric_limit_of_a_small_population_is_lower_than_the_binomial():
    assert hypergeometric_upper(0, 45, 100, FIVE) / 100 < binomial_upper(0, 45, FIVE)


# --- Sizes -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "tolerable", "size", "allowed"),
    # Sample sizes and, in brackets there, expected deviations at 5 % risk of overreliance: AICPA Audit Guide “Audit
    # Sampling”, statistical sample sizes for tests of controls.
    [
        ("0", 2, 149, 0),
        ("0", 5, 59, 0),
        ("0", 10, 29, 0),
        ("0.25", 5, 93, 1),
        ("1", 4, 156, 2),
        ("1", 5, 93, 1),
        ("1.5", 5, 124, 2),
        ("2", 5, 181, 4),
        ("2", 6, 127, 3),
        ("2", 7, 88, 2),
        ("2", 10, 46, 1),
    ],
)
def test_attribute_sizes_are_those_of_the_audit_guide(expected, tolerable, size, allowed):
    found = attribute_size(FIVE, Decimal(tolerable) / 100, Decimal(expected) / 100, 1_000_000)

    assert (found.items, found.allowed) == (size, allowed)
    assert binomial_at_most(allowed, size, Decimal(tolerable) / 100) <= FIVE
    assert binomial_at_most(allowed, size - 1, Decimal(tolerable) / 100) > FIVE


def test_a_small_population_needs_fewer_items_reckoned_without_putting_back():
    sizes = [
        attribute_size(FIVE, Decimal("0.05"), Decimal(0), items).items for items in (100, 500, 5000)
    ]

    assert sizes == [45, 56, 59]
    assert hypergeometric_is_rare(0, 45, 5, 100, FIVE)
    assert not hypergeometric_is_rare(0, 44, 5, 100, FIVE)


def test_a_population_in_which_nothing_can_be_tolerated_is_examined_whole():
    assert attribute_size(FIVE, Decimal("0.02"), Decimal("0.01"), 20).items == 20


def test_rates_that_lie_too_close_are_refused():
    with pytest.raises(Refused, match="so close to the tolerable"):
        attribute_size(FIVE, Decimal("0.05"), Decimal("0.0499"), 1_000_000)


@pytest.mark.parametrize(
    ("ratio", "factor"),
    # Confidence factors for monetary unit sample sizes at 5 % risk of incorrect acceptance, by expected in tolerable
    # misstatement: AICPA Audit Guide “Audit Sampling” (2008 and later). Rounded there.
    [
        ("0", 3.0),
        ("0.05", 3.31),
        ("0.10", 3.68),
        ("0.15", 4.11),
        ("0.20", 4.63),
        ("0.25", 5.24),
        ("0.30", 6.0),
        ("0.35", 6.92),
        ("0.40", 8.09),
        ("0.50", 11.54),
    ],
)
def test_confidence_factors_are_those_of_the_audit_guide(ratio, factor):
    assert float(confidence_factor(FIVE, Decimal(ratio))) == pytest.approx(factor, abs=0.011)


def test_the_gamma_tail_is_the_poisson_sum_where_both_are_defined():
    for errors in (0, 1, 3, 8):
        mean = poisson_upper(errors, FIVE)
        assert float(gamma_over(Decimal(errors + 1), mean)) == pytest.approx(0.05, abs=1e-12)


def test_a_monetary_size_without_expected_misstatement_is_book_value_times_three_over_tolerable():
    assert monetary_size(FIVE, 1_000_000, 50_000, 0).items == math.ceil(
        1_000_000 * 2.995732 / 50_000
    )


def test_a_monetary_size_is_near_the_older_formula_with_its_expansion_factor():
    """Book value 1,000,000, tolerable 50,000, expected 10,000 at 5 % risk: 88 with the expansion factor of 1.6, an
    approximation that university exercises after the older AICPA guide use. The exact factor of 4.63 asks for 93."""
    assert math.floor(1_000_000 * 3 / (50_000 - 10_000 * 1.6)) == 88
    assert monetary_size(FIVE, 1_000_000, 50_000, 10_000).items == 93


def test_a_classical_size_is_cochrans():
    """n0 = (1.96 × 5000 × 40 / 20000)² = 384.1…, n = n0/(1 + n0/5000) = 356.8, so 357."""
    found = classical_size(Decimal(95), 30_000, 10_000, Fraction(1600), 5000)

    first = (1.959963985 * 5000 * 40 / 20_000) ** 2
    assert found.items == math.ceil(first / (1 + first / 5000)) == 357


# --- Evaluation --------------------------------------------------------------


def test_the_upper_misstatement_limit_of_a_textbook_example():
    """Interval 26,882 at 5 % risk; taintings of 100 %, 40 % and 15 % and one item above the interval that is overstated
    by 2,500: the figures of the Good Samaritan Hospital example that Messier, Glover and Prawitt (Auditing and Assurance
    Services) and courses after it use. With the example's one-decimal factors 3.0, 4.7, 6.2, 7.6 it comes to 150,621."""
    factors = [Decimal(f) for f in ("3.0", "4.7", "6.2", "7.6")]
    found = [
        Misstated(21_906, 18_609),
        Misstated(6_705, 4_023),
        Misstated(15_000, 0),
        Misstated(32_549, 30_049, certain=True),
    ]

    limit = evaluate_monetary(found, 26_882, FIVE, factors=lambda errors: factors[errors])

    assert limit.known == 2_500
    assert limit.basic == 80_646
    # There the smallest tainting is rounded from 15.05 to 15 per cent: 18 less.
    assert float(limit.upper) == pytest.approx(150_621, abs=20)
    exact = evaluate_monetary(found, 26_882, FIVE)
    by_hand = 2_500 + 26_882 * (2.995732 + 1.748133 + 1.551929 * 0.4 + 1.457863 * 3297 / 21906)
    assert float(exact.upper) == pytest.approx(by_hand, abs=1)


def test_a_sample_without_misstatement_leaves_the_basic_precision():
    limit = evaluate_monetary([], 10_000, FIVE)

    assert (limit.most_likely, float(limit.upper)) == (0, pytest.approx(29_957.32, abs=0.01))
    assert evaluate_monetary([], 10_000, FIVE, sampled=False).upper == 0


def test_estimates_of_a_small_sample_by_hand():
    """Population 100 items, 10,000 in all; four examined: recorded 90, 110, 100, 100, audited 90, 100, 100, 90."""
    pairs = [Pair(90, 90), Pair(110, 100), Pair(100, 100), Pair(100, 90)]

    mean, difference, ratio = estimates([Stratum(100, 10_000, pairs)], Decimal(95))

    assert mean.total == 100 * Fraction(380, 4) == 9_500
    assert difference.total == 10_000 - 100 * 5 == 9_500
    assert ratio.total == 10_000 * Fraction(380, 400) == 9_500
    # s² of the audited amounts is (25+25+25+25)/3; of the differences 0, 10, 0, 10 the same.
    by_hand = math.sqrt(100 * 100 * (1 - 4 / 100) * (100 / 3) / 4)
    assert float(mean.error) == pytest.approx(by_hand)
    assert float(difference.error) == pytest.approx(by_hand)
    left = [90 - 0.95 * 90, 100 - 0.95 * 110, 100 - 95, 90 - 95]
    by_hand = math.sqrt(100 * 100 * 0.96 * (sum(e * e for e in left) / 3) / 4)
    assert float(ratio.error) == pytest.approx(by_hand)
    assert mean.freedom == 3
    assert float(mean.margin / mean.error) == pytest.approx(3.182446, abs=1e-6)


def test_strata_add_their_variances():
    strata = [
        Stratum(10, 100, [Pair(10, 8), Pair(12, 12)]),
        Stratum(5, 500, [Pair(100, 100), Pair(90, 60)]),
    ]

    _, difference, _ = estimates(strata, Decimal(90))

    assert difference.total == 600 - 10 * 1 - 5 * 15
    spread = 10 * 10 * (1 - 2 / 10) * 2 / 2 + 5 * 5 * (1 - 2 / 5) * 450 / 2
    assert float(difference.error) == pytest.approx(math.sqrt(spread))


@pytest.mark.parametrize(
    ("confidence", "freedom", "t"),
    # Student's t, two-sided: Cochran, Sampling Techniques, appendix; any table of the t distribution.
    [
        (0.95, 1, 12.7062),
        (0.95, 9, 2.2622),
        (0.95, 10, 2.2281),
        (0.90, 30, 1.6973),
        (0.99, 5, 4.0321),
    ],
)
def test_quantiles_of_student_are_those_of_the_tables(confidence, freedom, t):
    assert t_quantile(confidence, freedom) == pytest.approx(t, abs=1e-4)


# --- Drawing ------------------------------------------------------------------

SEED = bytes(range(32))


def test_the_generator_gives_the_vector_of_the_documentation():
    stream = Stream(SEED)

    block = sha256(SEED + bytes(8)).digest()
    assert stream.below(2**128) == int.from_bytes(block[:16], "big")
    assert [Stream(SEED).below(1000)] + [stream.below(1000) for _ in range(3)] == VECTOR


VECTOR = [919, 72, 518, 51]


def test_the_seed_is_a_hash_of_root_engagement_and_plan():
    root, engagement, plan = bytes(32), UUID(int=1), UUID(int=2)

    assert (
        seed_of(root, engagement, plan)
        == sha256(bytes(32) + bytes(15) + b"\x01" + bytes(15) + b"\x02").digest()
    )


def test_the_worked_vector_of_the_documentation():
    engagement = UUID("11111111-1111-4111-8111-111111111111")
    seed = seed_of(SEED, engagement, UUID("22222222-2222-4222-8222-222222222222"))
    items = [Frozen(UUID(int=n << 96 | n), n * 1000, "USD") for n in range(1, 11)]
    digest = sha256(b"".join(item.line for item in items)).hexdigest()
    text = (settings_of_django.BASE_DIR / "docs" / "sampling.md").read_text("utf-8")

    assert seed.hex() in text
    assert digest in text
    assert [one.place for one in draw("random", seed, items, 3)] == [3, 6, 9]
    assert [one.place for one in draw("systematic", seed, items, 3)] == [1, 4, 8]
    monetary = draw("monetary", seed, items, interval=9000)
    assert [one.place for one in monetary] == [1, 4, 5, 7, 8, 9]
    assert [one.place for one in monetary if one.certain] == [8, 9]


def test_numbers_above_the_last_multiple_are_passed_over():
    stream = Stream(SEED)
    stream._numbers = iter([2**128 - 1, 5])

    assert stream.below(3) == 2, "2^128 - 1 is divisible by 3 and lies above the last multiple"


amounts = st.lists(st.integers(1, 10**6), min_size=1, max_size=60)
seeds = st.binary(min_size=32, max_size=32)


@given(amounts, seeds, st.data())
@settings(max_examples=40)
def test_a_random_draw_has_its_size_and_nothing_twice(values, seed, data):
    items = population(values)
    size = data.draw(st.integers(1, len(items)))

    drawn = draw("random", seed, items, size)

    assert len({one.item.uid for one in drawn}) == len(drawn) == size
    assert all(items[one.place] == one.item for one in drawn)
    assert [one.place for one in drawn] == sorted(one.place for one in drawn)


@given(st.integers(1, 200), seeds, st.data())
@settings(max_examples=40)
def test_a_systematic_draw_covers_evenly(count, seed, data):
    size = data.draw(st.integers(1, count))

    places = [one.place for one in draw("systematic", seed, population([1] * count), size)]

    assert len(places) == len(set(places)) == size
    gaps = {after - before for before, after in itertools.pairwise(places)}
    assert gaps <= {count // size, -(-count // size)}


@given(amounts, seeds, st.integers(1, 10**6))
@settings(max_examples=60)
def test_a_monetary_draw_takes_every_large_item_and_each_hit_monetary_unit(values, seed, interval):
    items = population(values)

    drawn = draw("monetary", seed, items, interval=interval)

    assert {o.item.uid for o in drawn if o.certain} == {i.uid for i in items if i.minor >= interval}
    assert len({o.item.uid for o in drawn}) == len(drawn)
    small = sum(i.minor for i in items if i.minor < interval)
    hits = sum(not o.certain for o in drawn)
    assert small // interval <= hits <= small // interval + 1


@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), seeds, st.data())
@settings(max_examples=40)
def test_a_stratified_draw_takes_its_share_of_each_stratum(strata, seed, data):
    items = population([1] * len(strata), strata)
    counts = [sum(i.stratum == s for i in items) for s in range(4)]
    shares = [data.draw(st.integers(0, count)) for count in counts]

    drawn = draw("stratified", seed, items, strata=list(zip(counts, shares, strict=True)))

    assert [sum(o.item.stratum == s for o in drawn) for s in range(4)] == shares


def test_every_item_is_drawn_about_as_often_as_any_other():
    """5 of 20, 2,000 times: each about 500 times. The chi-square statistic stays below its 99.9 % quantile."""
    items = population([1] * 20)
    often = Counter(
        one.place
        for number in range(2000)
        for one in draw("random", sha256(number.to_bytes(4, "big")).digest(), items, 5)
    )

    chi = sum((often[place] - 500) ** 2 / 500 for place in range(20))
    assert chi < 43.82, "19 degrees of freedom; without replacement it varies less still"


def test_a_monetary_unit_is_hit_in_proportion_to_the_amount():
    items = population([100, 300, 600])
    often = Counter(
        one.item.minor
        for number in range(3000)
        for one in draw(
            "monetary", sha256(number.to_bytes(4, "big")).digest(), items, interval=1000
        )
    )

    assert sum(often.values()) == 3000, "their sum is the interval: exactly one is hit"
    assert all(abs(often[a] / 3000 - a / 1000) < 0.03 for a in (100, 300, 600))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=8).filter(any), st.data())
@settings(max_examples=60)
def test_an_allocation_gives_out_everything_and_never_more_than_there_is(counts, data):
    least = sum(min(2, count) for count in counts)
    size = data.draw(st.integers(least, sum(counts)))
    spreads = [Fraction(data.draw(st.integers(0, 10**6))) for _ in counts]

    for variances in (None, spreads):
        shares = allocate(size, counts, variances)
        assert sum(shares) == size
        assert all(min(2, n) <= share <= n for share, n in zip(shares, counts, strict=True))


def test_neymans_allocation_goes_where_amounts_vary():
    assert allocate(40, [100, 100]) == [20, 20]
    assert allocate(40, [100, 100], [Fraction(1), Fraction(9)]) == [10, 30]
