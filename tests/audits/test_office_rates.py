"""Ages and rates of an office on recommendations with known answers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.audits import (
    make_engagement,
    make_finding,
    owner_officer,
    proof,
    walk,
)
from tests.factories.ledger import approver_of, money, officer_of, post
from tests.factories.office import decide, make_audited, on_day, pay, question
from tests.worlds import staffed_program
from tracker.audits import actions, queries
from tracker.audits.models import Recommendation
from tracker.audits.models import RecommendationState as S
from tracker.audits.policies import CostLine
from tracker.audits.queries import rates
from tracker.shared.clock import today

NOW = date(2026, 11, 26)


def issue(auditor, payment, day, state=S.ISSUED, engagement=None, due=30):
    """A recommendation issued on the day that walked to the state; the rest of the world stays where it is."""
    with on_day(day):
        engagement = engagement or make_engagement(payment.program, lead=auditor)
        finding = make_finding(payment, engagement=engagement, issued=False)
        actions.draft_recommendation(
            finding=finding,
            text="Collect the receipts.",
            owner=payment.program.owner,
            due_on=day + timedelta(days=due),
            by=auditor,
        )
        actions.issue_finding(finding=finding, by=auditor)
        return walk(Recommendation.objects.get(finding=finding), state)


def build():
    """Issued in 2022: two implemented, one closed otherwise, one open. Issued later: one of each age."""
    program = staffed_program()
    office, _, auditor = make_audited(program)
    payment = pay(program)
    owner_officer_of = [
        issue(auditor, payment, date(2022, 1, 1), S.CLOSED_IMPLEMENTED),
        issue(auditor, payment, date(2022, 12, 31), S.CLOSED_IMPLEMENTED),
        issue(auditor, payment, date(2022, 6, 1), S.CLOSED_NOT_IMPLEMENTED),
        issue(auditor, payment, date(2022, 6, 1), S.OPEN_UNRESOLVED),
        issue(auditor, payment, date(2021, 11, 26), S.OPEN_RESOLVED),
        issue(auditor, payment, date(2026, 11, 1), S.OPEN_RESOLVED),
        issue(auditor, payment, date(2026, 2, 1), S.ISSUED, due=400),
    ]
    return {"office": office, "auditor": auditor, "payment": payment, "rows": owner_officer_of}


def figures(built):
    with on_day(NOW):
        return queries.office_figures(built["office"])


def rate_of(built, label):
    return next(rate for rate in figures(built).rates if label in rate.label)


@pytest.mark.thorough
def test_implementation_is_judged_on_what_was_issued_four_fiscal_years_before(built):
    rate = rate_of(built, "implemented of those issued in FY2022")
    assert (rate.part, rate.whole, rate.percent) == (2, 4, Decimal("50.0"))


def test_acceptance_counts_who_concurred_of_all_that_was_issued(built):
    """Concurred: two implemented and two resolved; not: one unresolved. Two were never answered."""
    rate = rate_of(built, "accepted")
    assert (rate.part, rate.whole) == (4, 7)
    assert rate.percent == Decimal("57.1")


def test_overdue_is_what_is_open_after_its_date_of_all_that_is_open(built):
    rate = rate_of(built, "overdue")
    assert (rate.part, rate.whole) == (2, 4)


def test_ages_are_counted_by_owner_and_a_day_decides(built):
    found = figures(built)
    (owner,) = found.owners
    assert [bucket.count for bucket in owner.buckets] == [1, 1, 0, 0, 1, 1]
    assert [bucket.count for bucket in found.ages] == [1, 1, 0, 0, 1, 1]
    assert (owner.count, owner.overdue) == (4, 2)
    assert found.oldest_share == Decimal("25.0")


def test_another_offices_recommendations_are_not_counted(built):
    program = staffed_program()
    _, _, stranger = make_audited(program)
    issue(stranger, pay(program), date(2022, 5, 5), S.CLOSED_IMPLEMENTED)

    assert rate_of(built, "implemented").whole == 4


def test_a_rate_of_nothing_is_null_and_says_what_is_missing():
    office, _, _ = make_audited(staffed_program())
    found = queries.office_figures(office)
    assert [rate.percent for rate in found.rates] == [None] * len(found.rates)
    assert all(rate.nothing for rate in found.rates)
    assert [mean.days for mean in found.means] == [None] * len(found.means)
    assert found.oldest_share is None
    assert found.owners == ()


def test_sustained_and_recovered_are_parts_of_questioned_and_of_disallowed_by_currency():
    (dollars,) = rates.sustained([("USD", 30, 40), ("USD", 0, 80)])
    assert (dollars.part, dollars.whole, dollars.percent) == (30, 120, Decimal("25.0"))
    assert dollars.said == "0.30 USD of 1.20 USD"
    yen, usd = rates.recovered([("USD", 1, 3), ("JPY", 7, 7)])
    assert (yen.currency, yen.percent) == ("JPY", Decimal("100.0"))
    assert (usd.currency, usd.percent) == ("USD", Decimal("33.3"))
    (nothing,) = rates.recovered([])
    assert (nothing.percent, nothing.nothing) == (None, "nothing disallowed")


def test_the_mean_of_days_is_rounded_to_a_whole_day_and_null_of_nothing():
    mean = rates.Days("days", 7, 2, "", "", "nothing")
    assert mean.days == 4  # 3.5, halves to even
    assert rates.Days("days", 0, 0, "", "", "nothing").days is None


# --- The tracker -----------------------------------------------------------


def labels(rows):
    return {row.pk for row in rows}


@pytest.mark.parametrize(
    ("highlight", "places"),
    [
        ("no_decision", [3, 4, 6]),
        ("no_action", [3, 4]),
        ("five_years", [4]),
    ],
)
def test_what_stands_out_is_found_by_its_age_and_state(built, highlight, places):
    rows = Recommendation.objects.filter(queries.highlighted(highlight, NOW))
    assert labels(rows) == {built["rows"][place].pk for place in places}
    counted = {one.name: one.count for one in queries.highlights(Recommendation.objects.all(), NOW)}
    assert counted[highlight] == len(places)


def test_a_decision_on_its_finding_takes_it_out_of_the_undecided(built):
    row = built["rows"][6]
    decide(row.finding, approver_of(built["payment"].program))
    found = Recommendation.objects.filter(queries.highlighted("no_decision", NOW))
    assert row.pk not in labels(found)


def test_sustain_recovery_and_days_are_reckoned_from_decisions_and_refunds(built):
    """Of 100.00 questioned and decided 60.00 are disallowed, and 15.00 of these refunded. 50.00 are undecided."""
    auditor, payment = built["auditor"], built["payment"]
    program = payment.program
    with on_day(date(2026, 1, 1)):
        engagement = make_engagement(program, lead=auditor)
        line = CostLine("unsupported", money("100.00"))
        finding = question(engagement, payment, lines=[line])
        undecided = pay(program, "50.00")
        make_finding(undecided, engagement=engagement, questioned=money("50.00"))
    with on_day(date(2026, 1, 31)):
        parts = {"allowed": money("40.00"), "disallowed": money("60.00")}
        decide(finding, approver_of(program), **parts)
    refund = post(program, "refund", "15.00", draws_on=payment)
    claim = actions.claim_cost(
        finding=finding,
        outcome="refunded",
        amount=money("15.00"),
        payment=refund,
        by=officer_of(program),
    )
    actions.accept_cost(claim=claim, by=auditor)

    found = figures(built)
    said = {rate.label: (rate.part, rate.whole, rate.percent) for rate in found.rates}
    assert said["sustained"] == (6000, 10000, Decimal("60.0"))
    assert said["recovered"] == (1500, 6000, Decimal("25.0"))
    assert [mean.days for mean in found.means] == [30]

    table = queries.semiannual(built["office"], queries.half_of(date(2026, 1, 1)))
    (dollars,) = table.questioned
    rows = {row.letter: (row.reports, row.amount.minor) for row in dollars.rows}
    assert rows["B"] == (1, 15000)
    assert rows["C"] == (0, 10000)
    assert rows["C1"] == (1, 6000)
    assert rows["D"] == (1, 5000)
    assert table.balances


def test_the_buckets_of_the_filter_are_those_of_the_table(built):
    found = queries.by_age(Recommendation.objects.all(), NOW)
    for number, bucket in enumerate(found):
        rows = Recommendation.objects.open().filter(queries.aged(number, NOW))
        assert rows.count() == bucket.count
        assert {queries.bucket_of(row.issued_on, NOW) for row in rows} <= {bucket.label}


def test_slippage_is_what_lies_between_the_first_and_the_present_date(built):
    row = Recommendation.objects.get(pk=built["rows"][5].pk)
    assert row.slippage == 0
    extended = actions.extend_due_date(
        recommendation=row,
        due_on=row.due_on + timedelta(days=45),
        reason="The unit moved.",
        by=built["auditor"],
    )
    assert extended.slippage == 45


def test_the_tracker_tells_what_is_claimed_from_what_is_verified(built):
    row = Recommendation.objects.get(pk=built["rows"][5].pk)
    officer = owner_officer(row)
    actions.claim_implementation(recommendation=row, note="Done.", file=proof(), by=officer)

    found = {r.pk: r for r in queries.for_tracker(Recommendation.objects.all())}

    assert found[row.pk].claimed_at is not None
    assert found[row.pk].verified_at is None
    assert found[built["rows"][0].pk].verified_at is not None
    assert today() >= found[row.pk].claimed_at.date()
