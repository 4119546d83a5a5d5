"""Over all totals of all releases: no withheld number is determined, or bounded to within a tenth of itself.

Each test below the first breaks it on purpose, and the check has to find it.
"""

from copy import deepcopy
from datetime import date
from inspect import signature

import pytest

from tests.factories import periods, receipts, valuation
from tests.factories.ledger import (
    make_commitment,
    make_disbursement,
    make_reversal,
    post,
)
from tests.factories.money import make_questioned
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, make_report_at, publish, withhold
from tests.factories.results import make_baseline, make_indicator, make_measurement, make_target
from tracker.programs.models import Program
from tracker.publishing import actions, queries
from tracker.publishing.actions.releases import gather
from tracker.publishing.content.cells import Row, is_withheld, value_of
from tracker.publishing.models import PublishedProgram


def would_be(program):
    return list(gather(program).rows())


def judged(program, rows=None):
    return queries.hints(program, would_be(program) if rows is None else rows)


def leaks(found, record=None, field=""):
    """What is told of a record, as (field, grade)."""
    mine = found.about(record, field).found if record else found.found
    return {(hint.field, hint.grade) for hint in mine}


def values_told():
    """The rank test itself: every public program, the newest release beside all older ones."""
    public = Program.objects.filter(uid__in=PublishedProgram.objects.values("uid")).order_by("pk")
    found = {program: queries.hints_of_releases(program) for program in public}
    assert not any(f.not_judged for f in found.values()), found
    return [(p.title, hint) for p, f in found.items() for hint in f.values]


def standing_in(rows, uid, low, high, field="amount"):
    """The rows with a range in the place of a withheld amount, in whole units of money."""
    ends = {"low": {"minor": low * 100}, "high": {"minor": high * 100}}
    shown = {"stand_in": {"kind": "range", "currency": "USD", **ends}}
    return [
        Row(r.kind, r.subject, r.cells | {field: r.cells[field] | shown})
        if r.subject == uid and r.kind == "transaction"
        else r
        for r in rows
    ]


def with_sums(rows, program):
    """The rows of a law that lets sums say what is withheld: beside each total stands what its withheld rows come to."""
    hidden = {r.subject for r in rows if r.kind == "transaction" and is_withheld(r.cells["amount"])}
    beside = {}
    for one in program.transactions.filter(uid__in=hidden).select_related("draws_on"):
        off = one.draws_on.kind if one.kind in ("refund", "write_off") and one.draws_on else None
        place = (one.fiscal_year, one.kind, off)
        beside[place] = beside.get(place, 0) + one.amount.minor
    told = []
    for row in rows:
        if row.kind == "total":
            place = tuple(value_of(row.cells[n]) for n in ("fiscal_year", "kind", "off"))
            if place in beside:
                money = {"minor": beside[place], "currency": "USD"}
                row = Row(
                    "total",
                    row.subject,
                    row.cells | {"withheld_amount": {"state": "stated", "value": money}},
                )
        told.append(row)
    return told


# --- A world in which nothing is told --------------------------------------


def make_payments(*amounts, program=None, **says):
    """A commitment with room to spare, and payments from it."""
    program = program or make_program()
    commitment = make_commitment(program, "90000.00", payee="Another supplier")
    return program, [make_disbursement(commitment, amount, **says) for amount in amounts]


def build():
    """Nothing of it is public yet."""
    program, payments = make_payments("400.00", "500.00", "60.00")
    pair = make_payments("400.00", "500.00")
    for one in (program, pair[0]):
        for number in range(2):
            disclosure_of(one, number)
    return (program, payments), pair


@pytest.fixture
def trio(built):
    """A program with payments of 400, 500 and 60 USD."""
    return deepcopy(built[0])


@pytest.fixture
def pair(built):
    """A program with payments of 400 and 500 USD."""
    return deepcopy(built[1])


def hide(program, *payments, fields=("amount",)):
    for payment in payments:
        for field in fields:
            withhold(program, "transaction", field, payment.uid)


def hide_lawfully(program, payment, low, high):
    """Withheld, with a range in its place, where the law lets sums say the amount."""
    ends = {"low": {"minor": low * 100}, "high": {"minor": high * 100}}
    says = {"in_sums": True, "stand_in": {"kind": "range", "currency": "USD", **ends}}
    known = signature(actions.propose_withholding).parameters
    told = {name: value for name, value in says.items() if name in known}
    withhold(program, "transaction", "amount", payment.uid, **told)


def make_world():
    """Several programs: withheld amounts, ranges and lawful sums, a reversal, goods revalued, a report, two releases,
    indicators."""
    first, (one, two, _) = make_payments("400.00", "500.00", "60.00")
    hide(first, one, two)
    make_reversal(one)
    publish(first)
    make_disbursement(one.draws_on, "75.00")
    make_report_at("published", first)

    lawful, (one, two, _) = make_payments("400.00", "500.00", "60.00")
    hide_lawfully(lawful, one, 100, 1000)
    hide_lawfully(lawful, two, 100, 1000)
    publish(lawful)
    more = [make_disbursement(one.draws_on, amount) for amount in ("300.00", "350.00")]
    for payment in more:
        hide_lawfully(lawful, payment, 100, 1000)
    make_report_at("published", lawful)

    second = make_program()
    goods = valuation.make_goods(second, amount="1000.00")
    other = valuation.make_goods(second, amount="800.00")
    hide(second, goods)
    publish(second)
    valuation.revalue(goods, "700.00")
    valuation.revalue(other, "500.00")
    publish(second)

    third = make_program()
    indicator = make_indicator(program=third)
    make_baseline(indicator), make_target(indicator)
    measured = make_measurement(indicator)
    withhold(third, "measurement", "value", measured.uid)
    publish(third)
    return first, second, third


def test_no_withheld_number_is_told_by_all_that_is_public():
    make_world()

    assert values_told() == []


def test_nothing_withheld_is_nothing_told():
    program, _ = make_payments("400.00")

    assert judged(program) == queries.Hints()


# --- Broken on purpose -----------------------------------------------------


def test_one_row_withheld_alone_under_a_lawful_sum_is_found(trio):
    program, (one, *_) = trio
    hide(program, one)

    found = judged(program, with_sums(would_be(program), program))

    assert leaks(found, one.uid) == {("amount", "exact")}
    (hint,) = found.about(one.uid).found
    assert "withheld amounts among the disbursements of FY2024 in USD" in hint.how


def test_the_proposal_besides_hides_it_and_is_the_row_nearest_in_size(trio):
    program, (one, two, _) = trio
    hide(program, one)

    (hint,) = judged(program, with_sums(would_be(program), program)).about(one.uid).found
    assert [(p.what, p.record) for p in hint.proposals] == [("transaction.amount", str(two.uid))]

    hide(program, two)
    assert judged(program, with_sums(would_be(program), program)).values == []


def test_a_row_that_an_older_release_states_is_never_proposed_besides(pair):
    program, (_, _) = pair
    publish(program)
    new = make_disbursement(program.transactions.get(kind="commitment"), "450.00")
    hide(program, new)

    (hint,) = judged(program, with_sums(would_be(program), program)).about(new.uid).found

    assert (hint.grade, hint.proposals) == ("exact", ())


def test_two_rows_of_which_one_is_small_bound_the_large_one():
    program, (large, small) = make_payments("900.00", "20.00")
    hide(program, large, small)

    found = judged(program, with_sums(would_be(program), program))

    assert leaks(found, large.uid) == set()  # nothing says that the other is not the large one
    narrow = standing_in(with_sums(would_be(program), program), small.uid, 10, 40)
    assert leaks(judged(program, narrow), large.uid) == {("amount", "within")}
    assert leaks(judged(program, narrow), small.uid) == set()


def test_a_narrow_range_is_found_and_a_wide_one_is_not(pair):
    program, (one, _) = pair
    hide(program, one)

    assert leaks(judged(program, standing_in(would_be(program), one.uid, 390, 420))) == {
        ("amount", "within")
    }
    assert leaks(judged(program, standing_in(would_be(program), one.uid, 100, 1000))) == set()


def test_a_total_that_still_contains_the_row_is_found(pair):
    program, (one, *_) = pair
    hide(program, one)
    rows = [
        Row(
            r.kind,
            r.subject,
            r.cells | {"amount": {"state": "stated", "value": {"minor": 90000, "currency": "USD"}}},
        )
        if r.kind == "total" and value_of(r.cells["kind"]) == "disbursement"
        else r
        for r in would_be(program)
    ]

    (hint,) = judged(program, rows).about(one.uid).found

    assert hint.grade == "exact"
    assert "less its 1 visible rows, leaves" in hint.how


def test_a_value_that_an_older_release_states_is_found_and_the_release_named(pair):
    program, (one, _) = pair
    publish(program)
    hide(program, one)

    before = judged(program)
    publish(program)

    for found in (before, queries.hints_of_releases(program)):
        (hint,) = found.about(one.uid).found
        assert hint.grade == "exact"
        assert "elease 1 states it and stays public" in hint.how
    assert [hint.record for _, hint in values_told()] == [str(one.uid)]


def test_a_single_donor_is_found():
    program = make_program()
    paid = post(program, "commitment", provider=program.owner)
    withhold(program, "transaction", "provider", paid.uid)

    (hint,) = judged(program).about(paid.uid, "provider").found

    assert (hint.grade, hint.how) == ("exact", "The program names a single donor.")


def test_a_payee_that_every_other_row_of_the_way_names_is_a_candidate(pair):
    program, (one, two) = pair
    same = make_disbursement(one.draws_on, "10.00", payee="Another supplier")
    withhold(program, "transaction", "payee", same.uid)

    assert leaks(judged(program), same.uid) == set()  # the others name somebody else, too
    hide(program, one, two, fields=("payee",))
    assert ("payee", "candidate") in leaks(judged(program), same.uid)
    assert leaks(judged(program), one.uid) == set()  # the guess would be wrong


def test_a_receipt_that_repeats_a_dispatch_is_found():
    dispatch = receipts.make_dispatch("100.00")
    receipts.state(dispatch)
    program = dispatch.program
    shown = next(r for r in would_be(program) if value_of(r.cells.get("kind", {})) == "receipt")
    hide(program, dispatch)
    assert leaks(judged(program)) == set()

    rows = [shown if r.subject == shown.subject else r for r in would_be(program)]
    found = judged(program, rows)

    assert leaks(found, dispatch.uid) == {("amount", "exact")}
    assert "confirmed receipt repeats the amount" in found.about(dispatch.uid).found[0].how


def test_what_was_reported_without_a_confirmation_bounds_a_dispatch():
    """The commitment has room for no more, and the receipt for no less."""
    commitment = make_commitment(amount="100.00")
    dispatch = make_disbursement(commitment, "97.00")
    program = dispatch.program
    receipts.make_paper_receipt(dispatch, "95.00")
    shown = next(r for r in would_be(program) if value_of(r.cells.get("kind", {})) == "receipt")
    hide(program, dispatch)
    rows = [shown if r.subject == shown.subject else r for r in would_be(program)]

    found = judged(program, rows)

    assert leaks(found, dispatch.uid) == {("amount", "within")}


def test_a_discrepancy_tells_what_was_sent():
    discrepancy = receipts.make_short("90.00")
    about = discrepancy.about
    shown = {r.subject: r for r in would_be(about.program)}
    hide(about.program, about)
    repeat = {discrepancy.uid, discrepancy.receipt.uid}
    rows = [shown[r.subject] if r.subject in repeat else r for r in would_be(about.program)]

    assert leaks(judged(about.program)) == set()
    assert leaks(judged(about.program, rows), about.uid) == {("amount", "exact")}


def test_a_reversal_that_repeats_its_original_is_found(pair):
    program, (one, _) = pair
    back = make_reversal(one)
    shown = next(r for r in would_be(program) if r.subject == back.uid)
    hide(program, one)
    rows = [shown if r.subject == back.uid else r for r in would_be(program)]

    assert leaks(judged(program)) == set()
    assert leaks(judged(program, rows), one.uid) == {("amount", "exact")}


def test_a_revaluation_and_another_value_of_the_same_goods_are_found():
    goods = valuation.make_goods(amount="1000.00")
    program = goods.program
    valuation.revalue(goods, "700.00")
    valuation.state_alternative(goods, "1050.00")
    shown = {r.kind: r for r in would_be(program)}
    hide(program, goods)
    rows = would_be(program)

    assert leaks(judged(program, rows)) == set()
    for kind, grade in (("revaluation", "exact"), ("alternative_value", "within")):
        told = [shown[kind] if r.kind == kind else r for r in rows]
        assert ("amount", grade) in leaks(judged(program, told), goods.uid)


def test_the_totals_of_a_period_that_still_hold_the_row_tell_its_amount(pair):
    program, (one, *_) = pair
    report = make_report_at("reviewed", program)
    whole = list(gather(program, report).rows())
    hide(program, one)
    now = list(gather(program, report).rows())
    told = [r for r in whole if r.kind == "report_total"]
    rows = [r for r in now if r.kind != "report_total"] + told

    assert leaks(judged(program, now)) == set()
    assert leaks(judged(program, rows), one.uid) == {("amount", "exact")}


def test_the_totals_of_a_short_period_that_still_hold_the_row_tell_its_day(pair):
    program, (one, *_) = pair
    short = make_report_at(
        "reviewed", program, period_start=date(2024, 3, 1), period_end=date(2024, 3, 31)
    )
    long = make_report_at("reviewed", program)
    for report, grade in ((short, "within"), (long, "narrowed")):
        whole = [r for r in gather(program, report).rows() if r.kind == "report_total"]
        if report is short:
            hide(program, one, fields=("value_date",))
        rows = [r for r in gather(program, report).rows() if r.kind != "report_total"]
        if report is short:
            assert leaks(judged(program, [*rows, *whole]), one.uid) == {("value_date", grade)}
        assert leaks(judged(program, gather(program, report).rows())) == set()


def test_certified_figures_that_hold_the_row_tell_its_amount(pair):
    program, (one, *_) = pair
    period = periods.close(program.owner)
    periods.certify_both(program, period)
    whole = would_be(program)
    hide(program, one)
    now = would_be(program)
    rows = [r for r in now if r.kind != "certification"]
    rows += [r for r in whole if r.kind == "certification"]

    assert leaks(judged(program, now), one.uid) == set()
    assert leaks(judged(program, rows), one.uid) == {("amount", "exact")}


def test_the_one_quarter_whose_certified_figures_are_withheld_tells_a_day(pair):
    program, (one, *_) = pair
    make_commitment(program, "10.00", value_date=periods.IN_Q2)
    for day in (periods.IN_Q1, periods.IN_Q2):
        periods.certify_both(program, periods.close(program.owner, day))
    hide(program, one, fields=("value_date",))

    (hint,) = judged(program).about(one.uid, "value_date").found

    assert hint.grade == "narrowed"
    assert {p.what for p in hint.proposals} <= {"certification.figures"}


def test_an_achievement_tells_a_measurement():
    program = make_program()
    indicator = make_indicator(program=program)
    make_baseline(indicator), make_target(indicator)
    measured = make_measurement(indicator, 71)
    whole = {r.subject: r for r in would_be(program) if r.kind == "indicator"}
    withhold(program, "measurement", "value", measured.uid)
    now = would_be(program)
    told = {"achievement": whole[indicator.uid].cells["achievement"]}
    rows = [Row(r.kind, r.subject, r.cells | told) if r.kind == "indicator" else r for r in now]

    assert leaks(judged(program, now)) == set()
    assert leaks(judged(program, rows), measured.uid) == {("value", "within")}


def test_the_lines_of_a_finding_tell_what_it_questions():
    finding = make_questioned("60.00")
    payment = finding.links.get().transaction
    program = payment.program
    cells = {
        "questioned": {"state": "withheld", "category": "safety", "reason": "Because."},
        "questioned_lines": {
            "state": "stated",
            "value": [{"kind": "unsupported", "known": {"minor": 6000, "currency": "USD"}}],
        },
        "payments": {"state": "not_stated"},
    }

    found = judged(program, [*would_be(program), Row("finding", finding.uid, cells)])

    assert leaks(found, finding.uid) == {("questioned", "exact")}


def test_a_finding_that_questions_nearly_all_of_a_payment_bounds_it():
    commitment = make_commitment(amount="100.00")
    payment = make_disbursement(commitment, "98.00")
    program = payment.program
    hide(program, payment)
    cells = {
        "questioned": {"state": "stated", "value": {"minor": 9600, "currency": "USD"}},
        "payments": {
            "state": "stated",
            "value": [{"uid": str(payment.uid), "program": str(program.uid)}],
        },
    }
    rows = [*would_be(program), Row("finding", payment.program.uid, cells)]

    assert leaks(judged(program, rows), payment.uid) == {("amount", "within")}


def test_two_releases_of_which_only_the_second_has_the_row_tell_it_by_difference():
    """Release 1 has a total without the row; release 2 a total with it."""
    program, _ = make_payments("500.00")
    publish(program)
    new = make_disbursement(program.transactions.get(kind="commitment"), "300.00")
    hide(program, new)
    rows = [
        Row(
            r.kind,
            r.subject,
            r.cells | {"amount": {"state": "stated", "value": {"minor": 80000, "currency": "USD"}}},
        )
        if r.kind == "total" and value_of(r.cells["kind"]) == "disbursement"
        else r
        for r in would_be(program)
    ]

    assert leaks(judged(program, rows), new.uid) == {("amount", "exact")}


def test_a_withheld_donor_that_the_payments_name_is_found():
    program = make_program()
    post(program, "commitment", provider=program.owner)
    withhold(program, "participant", "organisation", program.owner.uid)

    found = judged(program)

    assert [(h.field, h.grade) for h in found.found if h.record_kind == "participant"] == [
        ("organisation", "exact")
    ]


# --- Work ------------------------------------------------------------------


def test_the_check_asks_the_same_number_of_questions_however_much_is_withheld(
    django_assert_max_num_queries, django_assert_num_queries, trio
):
    program, (one, two, three) = trio
    hide(program, one)
    publish(program)
    rows = would_be(program)
    with django_assert_max_num_queries(12) as few:
        judged(program, rows)
    hide(program, two, three)
    rows = would_be(program)

    with django_assert_num_queries(len(few)):
        judged(program, rows)


def test_a_hint_does_not_say_the_value():
    program, (one, _) = make_payments("417.00", "500.00")
    hide(program, one)

    kept = queries.hints_of(program, with_sums(would_be(program), program))

    assert kept["found"][0]["grade"] == "exact"
    assert "417" not in str(kept["found"][0]["how"])


def test_releases_that_are_too_large_are_said_to_be_unread(pair, monkeypatch):
    program, (one, _) = pair
    publish(program)
    hide(program, one)
    publish(program)
    monkeypatch.setitem(queries.hints.__globals__, "MOST_ROWS", 1)

    found = queries.hints_of_releases(program)

    assert "Releases up to 1 were not read: they are too large." in found.not_judged
