"""Authorities: what is committed stays below confirmed ceilings, by the actions' word and by the database's own."""

import itertools
from copy import deepcopy
from datetime import date

import pytest
from django.db import DatabaseError, connection

from tests.factories import ledger as make
from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.programs import make_program
from tests.refusals import forbidden, refused_at
from tests.worlds import staffed_program
from tracker.accounts.models import Notice, Role
from tracker.dashboards.queries.money import portfolio_of
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    AuthorityChange,
    AuthorityDecision,
    AuthorityYear,
    Transaction,
    Turnover,
)
from tracker.programs.models import Program
from tracker.shared.calendars import US_FEDERAL_ERAS
from tracker.shared.errors import NotAllowed, Refused


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def authority(program):
    return make.make_authority(program.owner)


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def year_of(authority, fiscal_year=2024):
    return AuthorityYear.objects.get(authority=authority, fiscal_year=fiscal_year)


def left_under(authority, fiscal_year=2024):
    (year,) = queries.headroom(authority, fiscal_year)
    assert year in queries.years_of(authority)
    return year.left


def without(monkeypatch, *names):
    """The actions' own checks are gone: what is left is the database."""
    rooms = (policies, policies.vouchers, policies.transactions, policies.authorities)
    for name, room in itertools.product(names, rooms):
        if hasattr(room, name):
            monkeypatch.setattr(room, name, lambda *a, **k: None)


# --- The ceiling -----------------------------------------------------------


def test_a_ceiling_counts_once_a_second_person_confirms_it(program, authority):
    change = make.propose(authority, "set", "500.00")
    assert change.status == "proposed"
    assert not AuthorityYear.objects.exists()
    make.make_commitment(program, "400.00", authority=authority)

    change = make.confirm(change)

    assert change.status == "confirmed"
    year = year_of(authority)
    assert (year.ceiling.plain, year.committed.plain, year.disbursed.plain) == (
        "500.00",
        "400.00",
        "0.00",
    )


def test_a_declined_change_never_counts_and_keeps_its_reason(authority):
    change = make.propose(authority, "set", "500.00")
    by = make.person_of(authority.organisation, Role.APPROVER)

    actions.decide_change(change=change, confirm=False, reason="Another act.", by=by)

    assert not AuthorityYear.objects.exists()
    decision = AuthorityDecision.objects.get()
    assert (decision.verdict, decision.text.reason) == ("declined", "Another act.")
    change = AuthorityChange.objects.get()
    with pytest.raises(Refused, match="declined already"):
        actions.decide_change(change=change, confirm=True, by=by)


def test_who_proposed_a_change_never_decides_on_it_and_the_database_knows_it(authority):
    both = make.person_of(authority.organisation, Role.OFFICER)
    give_role(both, Role.APPROVER, organisation=authority.organisation)
    change = make.propose(authority, "set", "500.00", by=both)

    with pytest.raises(NotAllowed, match="another person"):
        actions.decide_change(change=change, confirm=True, by=both)

    assert not AuthorityDecision.objects.exists()


def test_the_database_forbids_the_same_person_twice(authority, monkeypatch):
    change = make.propose(authority, "set", "500.00")
    without(monkeypatch, "check_can_decide_change")

    with pytest.raises(Refused, match="another person decides"):
        actions.decide_change(change=change, confirm=True, by=change.proposed_by)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.DISCLOSURE])
def test_only_an_approver_of_the_organisation_decides(authority, role):
    change = make.propose(authority, "set", "500.00")
    home = {"employer": make_organisation()} if role == Role.AUDITOR else {}
    stranger = make_person(Role.APPROVER)
    for person in (make_person(role, organisation=authority.organisation, **home), stranger):
        with pytest.raises(NotAllowed, match="Only an approver"):
            actions.decide_change(change=change, confirm=True, by=person)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.DISCLOSURE])
def test_only_an_officer_of_the_organisation_proposes_and_states(authority, role):
    for person in (
        make_person(role, organisation=authority.organisation),
        make_person(Role.OFFICER),
    ):
        with pytest.raises(NotAllowed):
            make.propose(authority, "set", "1.00", by=person)
        with pytest.raises(NotAllowed):
            make.propose_dates(authority, availability="no_year", by=person)
        with pytest.raises(NotAllowed):
            make.make_stage(authority, by=person)


def test_those_who_can_confirm_are_told_and_the_proposer_hears_of_the_decision(authority):
    approver = make.person_of(authority.organisation, Role.APPROVER)
    change = make.propose(authority, "set", "500.00")
    assert Notice.objects.filter(person=approver, sentence__contains="your confirmation").exists()

    make.confirm(change)

    told = Notice.objects.filter(person=change.proposed_by)
    assert told.filter(sentence__contains="was confirmed").exists()


def test_a_commitment_of_the_whole_remainder_is_posted_and_a_cent_more_is_refused(
    program, authority
):
    make.set_ceiling(authority, "1000.00")
    make.make_commitment(program, "400.00", authority=authority)
    too_much = make.make_voucher(program, amount=make.money("600.01"), authority=authority)

    with refused_at("amount", "Only 600.00 USD is left under the ceiling"):
        make.submit(too_much)

    make.make_commitment(program, "600.00", authority=authority)
    assert left_under(authority).minor == 0


def test_the_database_refuses_a_cent_more_without_our_own_check(program, authority, monkeypatch):
    make.set_ceiling(authority, "1000.00")
    without(monkeypatch, "check_can_commit_under")
    version = make.submit(
        make.make_voucher(program, amount=make.money("1000.01"), authority=authority)
    )

    with refused_at("amount", "no longer has that much left"):
        make.approve(version)

    assert not Transaction.objects.exists()
    assert year_of(authority).committed.minor == 0


def test_what_was_possible_at_submission_is_checked_again_at_approval(program, authority):
    make.set_ceiling(authority, "1000.00")
    first, second = (
        make.submit(make.make_voucher(program, amount=make.money("600.00"), authority=authority))
        for _ in "12"
    )
    make.approve(first)

    with refused_at("amount", "Only 400.00 USD is left"):
        make.approve(second)


def test_a_reversal_frees_the_year_of_what_it_reversed_even_in_a_later_year(program, authority):
    make.set_ceiling(authority, "1000.00", 2024)
    make.set_ceiling(authority, "10.00", 2025)
    commitment = make.make_commitment(program, "1000.00", authority=authority)
    by = make.officer_of(program)

    make.approve(
        make.submit(
            actions.draft_reversal(
                transaction=commitment, reason="Error.", value_date=date(2025, 2, 1), by=by
            )
        )
    )

    assert left_under(authority, 2024).plain == "1000.00"
    assert left_under(authority, 2025).plain == "10.00"


def test_raising_and_lowering_add_up_and_lowering_stops_at_what_is_committed(program, authority):
    make.set_ceiling(authority, "1000.00")
    make.confirm(make.propose(authority, "raise", "500.00"))
    make.make_commitment(program, "1200.00", authority=authority)

    with refused_at("amount", "1,200.00 USD is committed"):
        make.propose(authority, "lower", "300.01")

    make.confirm(make.propose(authority, "lower", "300.00"))
    assert year_of(authority).ceiling.plain == "1200.00"
    assert left_under(authority).minor == 0


def test_a_lowering_that_became_too_low_is_refused_at_its_confirmation(program, authority):
    make.set_ceiling(authority, "1000.00")
    change = make.propose(authority, "lower", "500.00")
    make.make_commitment(program, "600.00", authority=authority)

    with refused_at("amount", "600.00 USD is committed"):
        make.confirm(change)

    assert year_of(authority).ceiling.plain == "1000.00"


def test_the_database_refuses_a_lowering_below_what_is_committed(program, authority, monkeypatch):
    make.set_ceiling(authority, "1000.00")
    make.make_commitment(program, "600.00", authority=authority)
    without(monkeypatch, "check_ceiling_can_change")
    change = make.propose(authority, "lower", "400.01")

    with pytest.raises(Refused, match="ceiling cannot be that low"):
        make.confirm(change)

    assert not AuthorityDecision.objects.filter(change=change).exists()


def test_a_ceiling_below_what_is_committed_already_is_refused(program, authority):
    make.make_commitment(program, "600.00", authority=authority)

    with refused_at("amount", "600.00 USD is committed"):
        make.propose(authority, "set", "599.99")


def test_a_ceiling_is_set_once_and_moved_only_when_it_is_set(authority, monkeypatch):
    with refused_at("kind", "No ceiling is set"):
        make.propose(authority, "raise", "1.00")
    twice = make.propose(authority, "set", "2.00")
    make.set_ceiling(authority, "1.00")
    with refused_at("kind", "is set to 1.00 USD"):
        make.propose(authority, "set", "1.00")
    with refused_at("kind", "is set to 1.00 USD"):
        make.confirm(twice)

    without(monkeypatch, "check_ceiling_can_change")
    with pytest.raises(Refused, match="set already"):
        make.confirm(twice)
    with pytest.raises(Refused, match="set it first"):
        make.confirm(make.propose(authority, "raise", "1.00", 2031))


@pytest.mark.parametrize(
    "says, field",
    [
        ({"kind": "abolish"}, "kind"),
        ({"amount": "-1.00"}, "amount"),
        ({"kind": "raise", "amount": "0.00"}, "amount"),
        ({"legal_reference": "  "}, "legal_reference"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_change_says_how_much_why_and_by_what_law(authority, says, field):
    said = {"kind": "set", "amount": "5.00"} | says
    with refused_at(field):
        make.propose(authority, **said)
    assert not AuthorityChange.objects.exists()


def test_a_ceiling_is_in_the_authoritys_currency_and_needs_one(program, authority, monkeypatch):
    with refused_at("amount", "in USD"):
        make.propose(authority, "set", make.money("5.00", "EUR"))
    silent = make.make_authority(program.owner, currency="")
    with pytest.raises(Refused, match="states no currency"):
        make.propose(silent, "set", make.money("5.00"))

    without(monkeypatch, "check_ceiling_can_change")
    with refused_at("amount", "authority's currency"):
        make.propose(authority, "set", make.money("5.00", "EUR"))


def test_the_fiscal_year_is_that_of_the_owners_calendar():
    owner = make_organisation(fiscal_eras=US_FEDERAL_ERAS)
    program, authority = make_program(owner=owner), make.make_authority(owner)
    make.set_ceiling(authority, "1000.00", 2025)

    make.make_commitment(program, "10.00", authority=authority, value_date=date(2024, 10, 1))
    make.make_commitment(program, "5000.00", authority=authority, value_date=date(2024, 9, 30))

    assert left_under(authority, 2025).plain == "990.00"
    assert left_under(authority, 2024) is None
    with refused_at("fiscal_year", "cannot be right"):
        make.propose(authority, "set", "1.00", 1700)


# --- Nothing is invented ---------------------------------------------------


def test_without_a_ceiling_nothing_is_bounded_and_nothing_is_stated(program, authority):
    make.make_commitment(program, "999999999.00", authority=authority)
    make.make_commitment(program, "999999999.00")

    (year,) = queries.years_of(authority)
    assert (year.ceiling, year.left, year.committed.plain) == (None, None, "999999999.00")
    assert queries.headroom(authority, 2024) == [year]


def test_payments_count_in_the_year_of_their_commitment(program, authority):
    commitment = make.make_commitment(program, "100.00", authority=authority)
    paid = make.make_disbursement(commitment, "40.00", value_date=date(2026, 1, 5))
    make.make_disbursement(commitment, "30.00", authority=authority)
    make.make_reversal(paid)

    (year,) = queries.headroom(authority, 2024)
    assert year.disbursed.plain == "30.00"
    assert queries.years_of(authority) == [year]


# --- Availability ----------------------------------------------------------


def test_an_authority_that_has_ended_takes_no_commitment_of_a_later_day(program):
    dates = actions.Dates("dated", date(2024, 2, 1), date(2024, 3, 15))
    authority = make.make_authority(program.owner, dates=dates)
    make.make_commitment(program, authority=authority, value_date=date(2024, 3, 15))

    with refused_at("authority", "ended on 15 Mar 2024"):
        make.make_commitment(program, authority=authority, value_date=date(2024, 3, 16))
    with refused_at("authority", "from 1 Feb 2024 on"):
        make.make_commitment(program, authority=authority, value_date=date(2024, 1, 31))


def test_payments_and_reversals_go_on_after_an_authority_has_ended(program):
    dates = actions.Dates("dated", None, date(2024, 3, 15))
    authority = make.make_authority(program.owner, dates=dates)
    commitment = make.make_commitment(program, authority=authority)

    paid = make.make_disbursement(commitment, value_date=date(2025, 1, 1), authority=authority)

    make.make_reversal(paid)
    make.make_reversal(commitment)

    (year,) = authority.years.all()
    assert (year.committed.minor, year.disbursed.minor) == (0, 0)


def test_the_database_refuses_a_commitment_after_the_end(program, monkeypatch):
    authority = make.make_authority(
        program.owner, dates=actions.Dates("dated", None, date(2024, 3, 14))
    )
    without(monkeypatch, "check_can_commit_under")

    with refused_at("authority", "not available on that day"):
        make.make_commitment(program, authority=authority)


def test_other_dates_count_once_confirmed_and_touch_no_ceiling(program):
    authority = make.make_authority(
        program.owner, dates=actions.Dates("dated", None, date(2024, 3, 14))
    )
    change = make.propose_dates(authority, availability="dated", available_to=date(2024, 12, 31))
    with refused_at("authority"):
        make.make_commitment(program, authority=authority)

    make.confirm(change)

    authority.refresh_from_db()
    assert authority.available_to == date(2024, 12, 31)
    make.make_commitment(program, authority=authority)
    make.confirm(make.propose_dates(authority, availability="no_year"))
    authority.refresh_from_db()
    assert (authority.availability, authority.available_to) == ("no_year", None)


@pytest.mark.parametrize(
    "dates",
    [
        {"availability": "dated"},
        {"availability": "no_year", "available_to": date(2024, 1, 1)},
        {
            "availability": "dated",
            "available_from": date(2024, 2, 1),
            "available_to": date(2024, 1, 1),
        },
    ],
)
def test_dates_that_do_not_fit_are_refused(program, authority, dates):
    with refused_at("available_to"):
        make.make_authority(program.owner, dates=actions.Dates(**dates))
    with refused_at("available_to"):
        make.propose_dates(authority, **dates)


# --- Currency, owner, kinds ------------------------------------------------


def test_an_authority_in_one_currency_takes_no_commitment_in_another(
    program, authority, monkeypatch
):
    with refused_at("currency", "is in USD"):
        make.make_commitment(program, make.money("5.00", "EUR"), authority=authority)

    without(monkeypatch, "check_fits_its_authority")
    with refused_at("currency", "another currency"):
        make.make_commitment(program, make.money("5.00", "EUR"), authority=authority)


def test_a_payment_stands_under_the_authority_of_its_commitment(program, authority, monkeypatch):
    commitment = make.make_commitment(program, authority=authority)
    other = make.make_authority(program.owner)

    with refused_at("authority", "The commitment stands under"):
        make.make_disbursement(commitment, authority=other)

    without(monkeypatch, "check_fits_its_authority")
    with refused_at("authority", "stands under another authority"):
        make.make_disbursement(commitment, authority=other)


def test_an_authority_of_another_organisation_is_refused_by_the_database_too(program, monkeypatch):
    foreign = make.make_authority(make_organisation())
    with refused_at("authority", "another organisation"):
        make.make_commitment(program, authority=foreign)
    monkeypatch.setattr(policies.vouchers, "check_fits", lambda voucher: None)

    with refused_at("authority", "another organisation"):
        make.make_commitment(program, authority=foreign)


def test_a_title_is_used_once_and_an_unknown_currency_is_refused(program, authority):
    with refused_at("title"):
        make.make_authority(program.owner, title=authority.title)
    with refused_at("currency"):
        make.make_authority(program.owner, currency="XXQ")
    with refused_at("kind"):
        make.make_authority(program.owner, kind="gift")


# --- Replenishment is no aid -----------------------------------------------


@pytest.fixture
def stock(program):
    return make.make_authority(program.owner, purpose="replenishment", kind="appropriation")


def test_replenishment_is_recorded_and_is_in_no_total_of_aid(program, authority, stock):
    aid = make.make_commitment(program, "100.00", authority=authority)
    make.make_disbursement(aid, "10.00")
    refill = make.make_commitment(program, "7000.00", authority=stock)
    paid = make.make_disbursement(refill, "6000.00")
    assert (refill.purpose, paid.purpose, aid.purpose) == ("replenishment", "replenishment", "aid")

    (total,) = queries.totals_of([program])
    assert (total.committed.plain, total.disbursed.plain) == ("100.00", "10.00")
    assert queries.money_of([program])[program.pk] == [total]
    (year,) = queries.by_year([program])
    assert year.money == total
    (recipient,) = queries.by_recipient([program])
    assert recipient.money.committed.plain == "100.00"
    (line,) = portfolio_of(Program.objects.filter(pk=program.pk)).lines
    assert (line.way.committed, line.way.disbursed) == (total.committed, total.disbursed)
    (outside,) = queries.replenishment_of([program])
    assert (outside.committed.plain, outside.disbursed.plain) == ("7000.00", "6000.00")


def test_a_list_of_transactions_adds_aid_and_replenishment_up_apart(program, stock):
    make.make_commitment(program, "100.00")
    make.make_commitment(program, "7000.00", authority=stock)

    totals = queries.turnover_of(Transaction.objects.all())

    assert [(t.purpose, t.amount.plain) for t in totals] == [
        ("aid", "100.00"),
        ("replenishment", "7000.00"),
    ]
    assert "not aid" in totals[1].label
    assert [t.amount.plain for t in queries.turnover_of(Transaction.objects.all().aid())] == [
        "100.00"
    ]


def test_a_reversal_of_replenishment_leaves_aid_alone(program, stock):
    make.make_commitment(program, "100.00")
    make.make_reversal(make.make_commitment(program, "7000.00", authority=stock))

    kept = Turnover.objects.values_list("purpose", "amount").order_by("purpose")
    assert list(kept) == [("aid", 10000), ("replenishment", 0)]


def test_a_payment_of_aid_names_no_replenishment_and_the_other_way_round(
    program, authority, stock, monkeypatch
):
    plain = make.make_commitment(program)
    refill = make.make_commitment(program, authority=stock)
    for commitment, other in ((plain, stock), (refill, authority)):
        with refused_at("authority"):
            make.make_disbursement(commitment, authority=other)

    without(monkeypatch, "check_fits_its_authority")
    with refused_at("authority", "never count as each other"):
        make.make_disbursement(plain, authority=stock)


def test_the_database_knows_replenishment_when_an_action_calls_it_aid(program, stock, monkeypatch):
    monkeypatch.setattr(policies, "purpose_of", lambda authority, draws_on: "aid")

    with refused_at("authority", "never count as each other"):
        make.make_commitment(program, authority=stock)


# --- The database's own rules, past the actions ----------------------------


def test_an_authority_stays_what_it_is(authority):
    for column, value in [
        ("title", "Another"),
        ("legal_basis", "Another law"),
        ("kind", "drawdown"),
        ("purpose", "replenishment"),
        ("currency", "EUR"),
    ]:
        with forbidden("authority_stays_what_it_is"):
            execute(f"UPDATE tracker_authority SET {column} = %s", value)
    with forbidden("authority_never_deleted"):
        execute("DELETE FROM tracker_authority")


def test_dates_change_only_by_a_confirmed_change(authority):
    make.propose_dates(authority, availability="no_year")
    with forbidden("authority_availability_was_confirmed"):
        execute("UPDATE tracker_authority SET availability = 'no_year'")
    make.confirm(make.propose_dates(authority, availability="no_year"))
    make.confirm(make.propose_dates(authority, availability="dated", available_to=date(2030, 1, 1)))
    with forbidden("authority_availability_was_confirmed"):  # confirmed once, but not lately
        execute("UPDATE tracker_authority SET availability = 'no_year', available_to = NULL")


def test_a_ceiling_is_the_sum_of_confirmed_changes_whoever_writes_it(authority):
    make.set_ceiling(authority, "5.00")
    make.propose(authority, "raise", "5.00")
    for value in ("1000", "NULL", "499"):
        with forbidden("authority_ceiling_is_what_was_confirmed"):
            execute(f"UPDATE tracker_authorityyear SET ceiling = {value}")
    with forbidden("authority_ceiling_is_what_was_confirmed"):
        execute(
            "INSERT INTO tracker_authorityyear "
            "(authority_id, fiscal_year, currency, ceiling, committed, disbursed) "
            "VALUES (%s, 2031, 'USD', 5, 0, 0)",
            authority.pk,
        )
    with forbidden("authority_year_stays"):
        execute("DELETE FROM tracker_authorityyear")


def test_committed_above_the_ceiling_cannot_be_written(program, authority):
    make.set_ceiling(authority, "5.00")
    with forbidden("authority_committed_within_ceiling"):
        execute("UPDATE tracker_authorityyear SET committed = 501")


@pytest.mark.parametrize("table", ["authoritychange", "authoritydecision", "authoritystage"])
def test_changes_decisions_and_stages_are_never_changed(authority, table):
    make.set_ceiling(authority, "5.00")
    make.make_stage(authority)
    for statement in (f"UPDATE tracker_{table} SET uid = uid", f"DELETE FROM tracker_{table}"):
        with forbidden("append_only"):
            execute(statement)


def test_what_is_posted_stands_under_the_approved_authority(program, authority, monkeypatch):
    version = make.submit(make.make_voucher(program, authority=authority))
    other = make.make_authority(program.owner)
    before = actions.posting._transaction_of

    def another(version, text):
        made = before(version, text)
        made.authority = other
        return made

    monkeypatch.setattr(actions.posting, "_transaction_of", another)
    with pytest.raises(DatabaseError, match="transaction_under_the_approved_authority"):
        make.approve(version)


# --- The ladder ------------------------------------------------------------


def test_the_ladder_shows_the_newest_statement_and_what_the_ledger_knows(program, authority):
    make.make_stage(authority, "appropriated", stated_on=date(2024, 2, 1))
    make.make_stage(authority, "appropriated", amount=make.money("8000.00"))
    commitment = make.make_commitment(program, "8500.00", authority=authority)
    make.make_disbursement(commitment, "100.00")

    rungs = queries.ladder(authority, 2024, queries.years_of(authority)[0])

    shown = {rung.label: rung.amount and rung.amount.plain for rung in rungs}
    assert shown == {
        "Requested": None,
        "Authorised": None,
        "Appropriated": "8000.00",
        "Apportioned": None,
        "Allotted": None,
        "Obligated": None,
        "Committed": "8500.00",
        "Disbursed": "100.00",
    }
    assert queries.upside_down(rungs) == [
        "Committed (8,500.00 USD) is more than appropriated (8,000.00 USD)."
    ]


@pytest.mark.parametrize(
    "kind, stage",
    [
        ("drawdown", "obligated"),
        ("drawdown", "appropriated"),
        ("pooled_fund", "apportioned"),
        ("commitment_authority", "appropriated"),
        ("appropriation", "mobilised"),
        ("not_stated", "allotted"),
    ],
)
def test_a_kind_takes_no_rung_of_another(program, kind, stage):
    authority = make.make_authority(program.owner, kind=kind)
    with refused_at("stage", "no such rung"):
        make.make_stage(authority, stage)


@pytest.mark.parametrize(
    "says, field",
    [
        ({"amount": "eur"}, "amount"),
        ({"amount": "negative"}, "amount"),
        ({"citation": " "}, "citation"),
        ({"fiscal_year": 0}, "fiscal_year"),
    ],
)
def test_a_stage_is_cited_and_in_the_authoritys_currency(authority, says, field):
    amounts = {"eur": make.money("1.00", "EUR"), "negative": make.money("-1.00")}
    if "amount" in says:
        says = {"amount": amounts[says["amount"]]}
    with refused_at(field):
        make.make_stage(authority, **says)


# --- Running headroom ------------------------------------------------------


def test_running_headroom_goes_back_from_now_and_pages_agree(program, authority):
    make.set_ceiling(authority, "1000.00")
    made = [make.make_commitment(program, f"{n}00.00", authority=authority) for n in (1, 2, 3)]
    made.append(make.make_reversal(made[1]))
    rows, years = queries.commitments_under(authority, 2024), queries.years_of(authority)

    whole = queries.running(rows, list(rows), years)

    assert [(one.transaction, one.left.plain) for one in whole] == [
        (made[3], "600.00"),
        (made[2], "400.00"),
        (made[1], "700.00"),
        (made[0], "900.00"),
    ]
    assert queries.running(rows, list(rows[2:]), years) == whole[2:]
    assert queries.running(rows, [], years) == []
