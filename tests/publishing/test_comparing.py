"""Two releases side by side: every changed field, and every total explained to the cent by the rows that are listed."""

import random
from copy import deepcopy
from datetime import date

import pytest

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.periods import close
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, make_report_at, publish, withhold
from tests.factories.results import make_indicator
from tracker.ledger.models import Transaction
from tracker.publishing import actions
from tracker.publishing.actions.releases import gather
from tracker.publishing.comparing import compare
from tracker.publishing.models import Withholding


def build():
    """A program whose payment of 100 USD is released, and goods of which nothing is public yet."""
    program = make_program()
    paid = pay(program, "100.00")
    return program, paid, publish(program), goods.make_goods(amount="1000.00")


@pytest.fixture
def made(built):
    return deepcopy(built)


@pytest.fixture
def program(made):
    return made[0]


@pytest.fixture
def paid(made):
    return made[1]


@pytest.fixture
def first(made):
    return made[2]


@pytest.fixture
def row(made):
    return made[3]


def pay(program, amount, **says):
    return make.make_disbursement(make.make_commitment(program, amount), amount, **says)


def lift(withholding):
    by = disclosure_of(withholding.program, 2)
    return actions.lift_withholding(withholding=withholding, by=by)


def plain(money):
    return None if money is None else money.plain


def said(comparison):
    return {
        str(total.place): (
            plain(total.before),
            plain(total.after),
            [(row.what, row.delta.plain) for row in total.rows],
        )
        for total in comparison.totals
    }


def test_before_the_first_release_everything_is_new_and_explains_itself(first):
    found = compare(None, first)

    assert said(found) == {
        "2024 commitment USD": (None, "100.00", [("new", "100.00")]),
        "2024 disbursement USD": (None, "100.00", [("new", "100.00")]),
    }
    assert all(total.explains_itself for total in found.totals)
    assert not found.to_explain


def test_what_did_not_change_is_not_listed(program, first):
    make_indicator(program=program)
    new = publish(program)

    found = compare(first, new)

    assert not found.totals
    assert [row.kind for row in found.new] == ["indicator"]
    assert not compare(new, new)


def test_a_withheld_amount_needs_a_sentence_and_so_does_one_that_is_stated_again(program, paid):
    pay(program, "40.00")
    first = publish(program)
    withholding = withhold(program, "transaction", "amount", paid.uid)
    second = publish(program)
    lift(withholding)
    third = publish(program)

    (hidden,) = compare(first, second).totals
    assert [(row.what, row.subject, row.delta.plain) for row in hidden.rows] == [
        ("newly withheld", paid.uid, "-100.00")
    ]
    assert (hidden.before.plain, hidden.after.plain) == ("140.00", "40.00")
    assert hidden.explained
    assert not hidden.explains_itself
    (shown,) = compare(second, third).totals
    assert [(row.what, row.delta.plain) for row in shown.rows] == [("no longer withheld", "100.00")]
    assert not compare(first, third)


def test_where_every_amount_is_withheld_the_total_is_no_longer_stated(program, paid, first):
    withhold(program, "transaction", "amount", paid.uid)
    second = publish(program)

    (total,) = compare(first, second).totals

    assert (total.before.plain, total.after, total.difference.plain) == ("100.00", None, "-100.00")
    assert total.explained


def test_a_reversal_is_a_new_row_and_its_original_changed_without_moving_the_total(
    program, paid, first
):
    make.make_reversal(paid)
    second = publish(program)

    found = compare(first, second)

    assert said(found) == {
        "2024 disbursement USD": ("100.00", "0.00", [("new", "-100.00")]),
    }
    assert not found.to_explain
    changed = [(row.kind, row.subject, row.field) for row in found.fields]
    assert changed == [("transaction", paid.uid, "reversed")]


def test_a_revaluation_changes_rows_that_were_public(row):
    goods.draw(row, "disbursement", "500.00")
    first = publish(row.program)
    goods.revalue(row, "400.00")
    second = publish(row.program)

    found = compare(first, second)

    assert said(found) == {
        "2024 commitment USD": ("1000.00", "400.00", [("changed", "-600.00")]),
        "2024 disbursement USD": ("500.00", "200.00", [("changed", "-300.00")]),
    }
    assert len(found.to_explain) == 2


def test_a_revaluation_that_counts_in_another_year_explains_the_total_of_that_year(row):
    program = row.program
    first = publish(program)
    close(program.owner, row.value_date)
    goods.revalue(row, "400.00")
    second = publish(program)

    found = compare(first, second)

    line = Transaction.objects.get(pk=row.pk).lines.get()
    assert line.fiscal_year != row.fiscal_year
    assert said(found) == {
        f"{line.fiscal_year} commitment USD": (None, "-600.00", [("changed", "-600.00")])
    }


def test_rows_that_are_not_stored_yet_compare_as_the_release_that_they_become(program, paid, first):
    pay(program, "7.00")
    withhold(program, "transaction", "amount", paid.uid)
    prepared = compare(first, gather(program).rows())
    second = publish(program)

    assert prepared == compare(first, second)


def test_the_rows_of_a_report_are_no_difference_of_the_program(program, first):
    report = make_report_at("published", program)

    assert not compare(first, report.release)


def _step(rng, program, paid):
    what = rng.choice(["pay", "pay", "reverse", "withhold", "lift", "revalue", "foreign"])
    left = [row for row in paid if not Transaction.objects.filter(reverses=row).exists()]
    if what in ("pay", "foreign") or not left:
        currency = "EUR" if what == "foreign" else "USD"
        amount = make.money(f"{rng.randint(1, 999)}.{rng.randint(10, 99)}", currency)
        row = goods.make_goods(program, amount=amount)
        paid.append(row)
        return
    row = rng.choice(left)
    if what == "reverse":
        make.make_reversal(row)
    elif what == "revalue":
        goods.revalue(row, f"{rng.randint(1, 999)}.00", day=date(2024, 1, 1))
    elif what == "withhold":
        if not Withholding.objects.in_force().filter(record=row.uid).exists():
            withhold(program, "transaction", "amount", row.uid)
    elif standing := Withholding.objects.in_force().filter(program=program).first():
        lift(standing)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_over_any_sequence_of_releases_the_listed_rows_come_to_each_difference(seed):
    rng, program, paid = random.Random(seed), make_program(), []
    releases = []
    for _ in range(4):
        for _ in range(3):
            _step(rng, program, paid)
        pay(program, "1.00")  # so that there is something new each time
        releases.append(publish(program))

    for n, older in enumerate(releases):
        for newer in releases[n:]:
            found = compare(older, newer)
            assert all(total.explained for total in found.totals), said(found)
            back = compare(newer, older)
            assert {t.place: t.difference for t in back.totals} == {
                t.place: -t.difference for t in found.totals
            }


@pytest.mark.thorough
def test_two_releases_take_the_same_number_of_queries_however_much_they_hold(
    django_assert_num_queries, program, first
):
    for _ in range(5):
        pay(program, "10.00")
    second = publish(program)

    with django_assert_num_queries(4):
        assert len(compare(first, second).new) == 10
