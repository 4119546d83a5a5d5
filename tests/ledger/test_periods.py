"""Periods: two persons close a quarter and open it again, in order; nothing is booked into what is closed."""

import itertools
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.db import connection

from tests.factories import ledger as make
from tests.factories import periods, receipts
from tests.factories.accounts import give_role, make_organisation, make_person
from tests.factories.periods import IN_Q1, IN_Q2, IN_Q3
from tests.refusals import forbidden, refused_at
from tests.worlds import staffed_program
from tracker.accounts.models import Notice, Role
from tracker.journal import queries as journal
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    AuthorityYear,
    Period,
    PeriodChange,
    PeriodDecision,
    Transaction,
    Voucher,
    VoucherVersion,
)
from tracker.shared.calendars import US_FEDERAL_ERAS
from tracker.shared.errors import NotAllowed, Refused


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def owner(program):
    return program.owner


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def without(monkeypatch, *names):
    """The actions' own checks are gone: what is left is the database."""
    rooms = (policies, policies.vouchers, policies.periods, actions.periods, actions.batches)
    for name, room in itertools.product(names, rooms):
        if hasattr(room, name):
            monkeypatch.setattr(room, name, lambda *a, **k: None)


def status_of(period):
    return Period.objects.with_status().get(pk=period.pk).status


# --- Two persons, in order -------------------------------------------------


def test_a_period_is_closed_once_a_second_person_confirms_it(owner):
    change = periods.propose_closing(owner, reason="The quarter is over.")
    assert status_of(change.period) == "closing"
    assert not change.period.closed

    decision = periods.decide(change)

    period = Period.objects.get()
    assert (period.name, period.fiscal_year, period.quarter) == ("FY2024 Q1", 2024, 1)
    assert (period.first_day, period.last_day) == (date(2024, 1, 1), date(2024, 3, 31))
    assert status_of(period) == "closed"
    assert decision.change.text.reason == "The quarter is over."
    told = [event.sentence for event in journal.history_of(period, change, decision)]
    assert any("begins on 2024-01-01 and ends on 2024-03-31" in said for said in told)


def test_it_is_opened_again_by_two_persons_with_a_reason(owner):
    period = periods.close(owner)
    change = periods.propose_reopening(period, "An invoice was overlooked.")
    assert status_of(period) == "reopening"

    periods.decide(change)

    assert status_of(period) == "open"
    assert PeriodChange.objects.get(kind="reopen").text.reason == "An invoice was overlooked."
    again = periods.close(owner)
    assert again == period
    assert PeriodDecision.objects.count() == 3


def test_opening_again_needs_a_reason(owner):
    period = periods.close(owner)
    with refused_at("reason", "Say why"):
        periods.propose_reopening(period, "  ")
    assert status_of(period) == "closed"


def test_a_declined_closing_leaves_it_open_and_keeps_its_reason(owner):
    change = periods.propose_closing(owner)
    with refused_at("reason", "Say why"):
        periods.decide(change, confirm=False)

    decision = periods.decide(change, confirm=False, reason="Two invoices are missing.")

    assert decision.text.reason == "Two invoices are missing."
    assert status_of(change.period) == "open"
    with pytest.raises(Refused, match="declined already"):
        periods.decide(change)
    assert periods.close(owner) == change.period


def test_who_proposed_never_decides_and_the_database_knows_it(owner, monkeypatch):
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=owner)
    change = periods.propose_closing(owner, by=both)

    with pytest.raises(NotAllowed, match="another person confirms"):
        periods.decide(change, by=both)

    without(monkeypatch, "check_can_decide_period")
    with pytest.raises(Refused, match="another person decides"):
        periods.decide(change, by=both)
    assert not PeriodDecision.objects.exists()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.DISCLOSURE])
def test_only_an_approver_of_the_organisation_decides(owner, role):
    change = periods.propose_closing(owner)
    home = {"employer": make_organisation()} if role == Role.AUDITOR else {}
    for person in (make_person(role, organisation=owner, **home), make_person(Role.APPROVER)):
        with pytest.raises(NotAllowed, match="Only an approver"):
            periods.decide(change, by=person)


def test_only_officers_and_approvers_of_the_organisation_propose(owner):
    period = periods.close(owner)
    for person in (make_person(Role.DISCLOSURE, organisation=owner), make_person(Role.OFFICER)):
        with pytest.raises(NotAllowed, match="Only a program officer or approver"):
            periods.propose_closing(owner, IN_Q2, by=person)
        with pytest.raises(NotAllowed, match="Only a program officer or approver"):
            periods.propose_reopening(period, by=person)
    approvers = [make_person(Role.APPROVER, organisation=owner) for _ in "12"]
    periods.decide(periods.propose_closing(owner, IN_Q2, by=approvers[0]), by=approvers[1])


def test_an_approver_of_one_program_closes_nothing(program, owner):
    change = periods.propose_closing(owner)
    guest = make_person(employer=owner)
    give_role(guest, Role.APPROVER, program=program)
    with pytest.raises(NotAllowed):
        periods.decide(change, by=guest)


def test_one_change_at_a_time(owner, monkeypatch):
    periods.propose_closing(owner)
    with pytest.raises(Refused, match="is proposed already"):
        periods.propose_closing(owner)

    without(monkeypatch, "check_nothing_is_proposed")
    with pytest.raises(Refused, match="waits for its second person"):
        periods.propose_closing(owner)


def test_quarters_close_in_order_within_and_across_years(owner):
    with pytest.raises(Refused, match="FY2024 Q1 is open: begin with the first quarter"):
        periods.propose_closing(owner, IN_Q2)
    periods.close(owner)
    with pytest.raises(Refused, match="FY2024 Q2 comes next"):
        periods.propose_closing(owner, IN_Q3)
    with pytest.raises(Refused, match="is closed already"):
        periods.propose_closing(owner, IN_Q1)
    with pytest.raises(Refused, match="FY2024 Q1 is closed already, and quarters close in order"):
        periods.propose_closing(owner, date(2023, 2, 1))

    newest = periods.close(owner, IN_Q2, IN_Q3, date(2024, 12, 31), date(2025, 1, 1))

    assert newest.name == "FY2025 Q1"


def test_a_closing_that_is_out_of_order_by_now_is_refused_at_its_confirmation(owner):
    late = periods.propose_closing(owner, IN_Q1)
    other = periods.propose_closing(owner, date(2025, 1, 1))
    periods.decide(other)
    with pytest.raises(Refused, match="FY2025 Q1 is closed already"):
        periods.decide(late)
    assert not Period.objects.get(pk=late.period_id).closed


def test_periods_open_again_from_the_newest_backwards(owner, monkeypatch):
    first = periods.close(owner)
    second = periods.close(owner, IN_Q2)
    with pytest.raises(Refused, match="FY2024 Q2 was closed after FY2024 Q1"):
        periods.propose_reopening(first)

    without(monkeypatch, "check_can_be_reopened", "check_change_is_possible")
    with pytest.raises(Refused, match="A later period is closed"):
        periods.reopen(first)
    monkeypatch.undo()

    periods.reopen(second)
    periods.decide(PeriodChange.objects.get(decision=None))
    with pytest.raises(Refused, match="is not closed"):
        periods.propose_reopening(first)


def test_a_period_that_goes_on_is_not_closed(owner, monkeypatch):
    today = owner.today()
    quarter = owner.calendar().quarter_of(today)
    with pytest.raises(Refused, match=f"{quarter.label} runs until"):
        periods.propose_closing(owner, today)

    without(monkeypatch, "check_can_be_closed", "check_change_is_possible")
    with pytest.raises(Refused, match="can be closed once it has ended"):
        periods.close(owner, today + timedelta(days=100))


@pytest.mark.parametrize("zone, days", [("Pacific/Kiritimati", 1), ("Pacific/Pago_Pago", 0)])
def test_whether_it_has_ended_is_a_matter_of_the_organisations_own_day(monkeypatch, zone, days):
    """1 April in Kiritimati is still 31 March in Pago Pago."""
    owner = make_organisation(time_zone=zone)
    make_person(Role.OFFICER, organisation=owner)
    monkeypatch.setattr(
        "tracker.accounts.models.Organisation.today",
        lambda self: date(2024, 3, 31) + timedelta(days=days),
    )
    if days:
        periods.propose_closing(owner)
    else:
        with pytest.raises(Refused, match="runs until 31 Mar 2024"):
            periods.propose_closing(owner)


def test_the_database_holds_the_order_without_our_own_check(owner, monkeypatch):
    periods.close(owner)
    without(monkeypatch, "check_can_be_closed", "check_change_is_possible")
    for day in (IN_Q3, date(2023, 2, 1)):
        with pytest.raises(Refused, match="close the one before first"):
            periods.close(owner, day)


def test_organisations_close_their_own_quarters():
    owner = make_organisation(fiscal_eras=US_FEDERAL_ERAS)
    with pytest.raises(Refused, match="FY2024 Q1 is open"):
        periods.propose_closing(owner, IN_Q1)

    period = periods.close(owner, date(2023, 10, 1))

    assert (period.name, period.last_day) == ("FY2024 Q1", date(2023, 12, 31))
    assert period.day_before == date(2023, 9, 30)
    transition = periods.close(make_organisation(fiscal_eras=US_FEDERAL_ERAS), date(1976, 8, 1))
    assert transition.name == "FY1976 TQ"
    assert periods.close(transition.organisation, date(1976, 10, 1)).name == "FY1977 Q1"


def test_a_day_that_no_calendar_knows_is_refused():
    owner = make_organisation(fiscal_eras=US_FEDERAL_ERAS)
    with refused_at("quarter", "before this fiscal calendar begins"):
        periods.propose_closing(owner, date(1800, 1, 1))


def test_those_who_can_confirm_are_told_and_the_proposer_hears_of_it(owner):
    approver = make.person_of(owner, Role.APPROVER)
    change = periods.propose_closing(owner)
    assert Notice.objects.filter(person=approver, sentence__contains="waits for your conf").exists()

    periods.decide(change)

    told = Notice.objects.filter(person=change.proposed_by, sentence__contains="was confirmed")
    assert told.get().path == f"/desk/periods/{change.period.uid}/"


# --- What is on its way ----------------------------------------------------


def test_a_closing_is_refused_while_a_voucher_is_on_its_way_and_says_which(program, owner):
    voucher = make.make_voucher_at("submitted", program)

    with pytest.raises(Refused) as caught:
        periods.propose_closing(owner)

    said = caught.value.sentence
    assert f"commitment {voucher.number} of 1,000.00 USD, 15 Mar 2024" in said
    assert "1 voucher is on the way into FY2024 Q1" in said
    assert "approved or returned first" in said


def test_the_sentence_lists_five_and_says_how_many_more(program, owner):
    for _ in range(7):
        make.make_voucher_at("submitted", program)

    with pytest.raises(Refused, match=r"7 vouchers are .*; and 2 more\.") as caught:
        periods.propose_closing(owner)

    assert caught.value.sentence.count("commitment 20") == 5


@pytest.mark.parametrize("status", ["draft", "returned", "posted", "withdrawn"])
def test_only_what_waits_for_a_decision_is_in_flight(program, owner, status):
    make.make_voucher_at(status, program)
    make.make_voucher_at("submitted", program, value_date=IN_Q2)
    make.make_voucher_at("submitted")  # of another organisation

    assert periods.close(owner).closed


def test_a_voucher_submitted_after_the_proposal_stops_the_confirmation(program, owner, monkeypatch):
    change = periods.propose_closing(owner)
    version = make.submit(make.make_voucher(program))

    with pytest.raises(Refused, match="1 voucher is on the way"):
        periods.decide(change)
    without(monkeypatch, "check_change_is_possible")
    with pytest.raises(Refused, match="waits for approval"):
        periods.decide(change)
    monkeypatch.undo()

    make.approve(version)
    periods.decide(change)


def test_a_late_entry_is_in_flight_where_it_would_be_booked(program, owner):
    periods.close(owner)
    make.submit(make.make_voucher(program, value_date=IN_Q1, booked_on=IN_Q2))

    with pytest.raises(Refused, match=r"commitment .*, 2 May 2024"):
        periods.propose_closing(owner, IN_Q2)


# --- A date in a closed period ---------------------------------------------


def test_a_date_in_a_closed_period_is_refused_and_the_sentence_names_it_and_the_remedy(
    program, owner
):
    voucher = make.make_voucher(program)
    periods.close(owner)

    with refused_at("value_date") as caught:
        make.submit(voucher)

    said = caught.value.sentence
    assert "15 Mar 2024 lies in FY2024 Q1 (1 Jan 2024 to 31 Mar 2024)" in said
    assert owner.label in said
    assert "state also a booking day in an open period" in said
    assert "after 31 Mar 2024" in said
    assert voucher.versions.count() == 0


def test_a_late_entry_keeps_both_dates_and_counts_where_it_is_booked(program, owner):
    periods.close(owner, IN_Q1, IN_Q2, IN_Q3, date(2024, 11, 1))

    posted = periods.make_late_commitment(program, booked_on=date(2025, 1, 2))

    assert (posted.value_date, posted.booked_on) == (IN_Q1, date(2025, 1, 2))
    assert posted.fiscal_year == 2025
    assert posted.booking_day == date(2025, 1, 2)
    assert VoucherVersion.objects.get().booked_on == date(2025, 1, 2)
    said = policies.say_transaction(
        Transaction.objects.select_related("text", "version__voucher").get()
    )
    assert "15 Mar 2024, booked 2 Jan 2025 (late entry)" in said


def test_the_ceiling_is_that_of_the_year_in_which_it_is_booked(program, owner):
    authority = make.make_authority(owner)
    make.set_ceiling(authority, "100.00", 2025)
    periods.close(owner, IN_Q1, IN_Q2, IN_Q3, date(2024, 11, 1))
    says = {"authority": authority, "booked_on": date(2025, 1, 2)}

    with refused_at("amount", "Only 100.00 USD is left"):
        periods.make_late_commitment(program, "100.01", **says)
    voucher = make.make_voucher(program, value_date=IN_Q1, **says)
    assert "100.00 USD is left under the ceiling" in queries.headroom_note(voucher)
    periods.make_late_commitment(program, "100.00", **says)

    assert AuthorityYear.objects.get(fiscal_year=2025).committed.plain == "100.00"


@pytest.mark.parametrize(
    "booked_on, words",
    [
        (date(2024, 3, 14), "lies before the value date"),
        (date(2024, 3, 31), "closed as well: state a day after 30 Jun 2024"),
        (IN_Q2, r"FY2024 Q2 \(1 Apr 2024 to 30 Jun 2024\), which is closed as well"),
        (date(2190, 1, 1), "lies ahead"),
    ],
)
def test_a_booking_day_lies_in_an_open_period_not_before_its_date_and_not_ahead(
    program, owner, booked_on, words
):
    periods.close(owner, IN_Q1, IN_Q2)
    with refused_at("booked_on", words):
        periods.make_late_commitment(program, booked_on=booked_on)
    assert periods.make_late_commitment(program, booked_on=IN_Q3)


def test_a_booking_day_that_cannot_be_right_is_refused_in_the_draft(program):
    with refused_at("booked_on", "check the year"):
        make.make_voucher(program, booked_on=date(3000, 1, 1))


def test_a_booking_day_is_only_for_dates_in_a_closed_period(program, owner):
    with refused_at("booked_on", "leave the booking day empty"):
        make.submit(make.make_voucher(program, booked_on=IN_Q2))


@pytest.mark.parametrize(
    "precision, words",
    [
        ("fiscal_year", "Only the fiscal year is known, so give a day of it in an open period"),
        ("month", r"The month \(Mar 2024\) is what is known of it"),
    ],
)
def test_a_coarser_date_is_in_the_period_of_its_day_and_the_sentence_says_so(
    program, owner, precision, words
):
    periods.close(owner)
    says = {"date_precision": precision}

    with refused_at("value_date", words):
        make.make_commitment(program, **says)

    assert make.make_commitment(program, value_date=IN_Q2, **says).booked_on is None
    assert periods.make_late_commitment(program, **says).booked_on == IN_Q2


def test_a_year_that_closed_between_submission_and_approval_is_refused_with_the_sentence(
    program, owner, monkeypatch
):
    version = make.submit(make.make_voucher(program))
    with monkeypatch.context() as patch:
        without(patch, "_check_nothing_is_in_flight")
        change = periods.propose_closing(owner)
    Voucher.objects.update(status="draft")  # as if it had not been there
    periods.decide(change)
    Voucher.objects.update(status="submitted")

    with refused_at("value_date", "15 Mar 2024 lies in FY2024 Q1"):
        make.approve(version)

    without(monkeypatch, "check_booking_day")
    with refused_at("value_date", "Its period was closed"):
        make.approve(version)
    assert not Transaction.objects.exists()


def test_a_booking_day_that_is_not_needed_any_more_is_refused_at_approval(
    program, owner, monkeypatch
):
    period = periods.close(owner)
    version = make.submit(make.make_voucher(program, value_date=IN_Q1, booked_on=IN_Q2))
    periods.reopen(period)

    with refused_at("booked_on", "leave the booking day empty"):
        make.approve(version)

    without(monkeypatch, "check_booking_day")
    with refused_at("booked_on", "closed period only"):
        make.approve(version)


def test_days_of_quarters_that_nobody_ever_closed_stay_open(program, owner):
    periods.close(owner)
    assert make.make_commitment(program, value_date=date(2023, 12, 31)).booked_on is None
    assert make.make_commitment(program, value_date=date(2024, 4, 1)).booked_on is None


def test_other_organisations_are_not_concerned(owner):
    periods.close(owner)
    assert make.make_commitment(value_date=IN_Q1)


def test_the_recipients_word_keeps_its_day_and_is_booked_today_if_that_is_closed(program, owner):
    """The recipient knows nothing of our books, and what it states is never sent back."""
    first, second = (receipts.make_dispatch(program=program) for _ in "12")
    on_time = receipts.state(first).transaction
    periods.close(owner, IN_Q1, IN_Q2)

    late = receipts.state(second).transaction

    assert (on_time.booked_on, on_time.fiscal_year) == (None, 2024)
    assert (late.value_date, late.booked_on) == (receipts.ARRIVED, owner.today())
    assert late.fiscal_year == owner.today().year
    assert list(queries.late_out_of(Transaction.objects.all(), Period.objects.last())) == [late]


def test_a_correction_dated_in_a_closed_period_needs_a_booking_day_of_its_own(program, owner):
    commitment = make.make_commitment(program)
    periods.close(owner)
    late = periods.make_late_commitment(program)
    by = make.officer_of(program)
    again = {"reason": "Error.", "by": by}
    for original in (commitment, late):
        voucher = actions.draft_reversal(transaction=original, value_date=IN_Q1, **again)
        with refused_at("value_date", "lies in FY2024 Q1"):
            make.submit(voucher)
        actions.withdraw_voucher(voucher=voucher, by=by)

    voucher = actions.draft_reversal(
        transaction=commitment, value_date=IN_Q1, booked_on=IN_Q2, **again
    )
    assert make.approve(make.submit(voucher)).booked_on == IN_Q2
    on_time = actions.draft_reversal(transaction=late, value_date=IN_Q3, **again)
    assert make.approve(make.submit(on_time)).booked_on is None


# --- The database's own rules, past the actions ----------------------------


def test_the_database_books_nothing_into_a_closed_period_whoever_asks(program, owner):
    posted = make.make_commitment(program)
    version = make.submit(make.make_voucher(program, value_date=IN_Q2))
    periods.close(owner)
    copied = {
        f.attname: getattr(posted, f.attname)
        for f in Transaction._meta.concrete_fields
        if f.name not in ("id", "uid", "version", "amount")
    }
    with forbidden("transaction_in_an_open_period"):
        Transaction.objects.bulk_create([Transaction(**copied, version=version, amount=100)])


def test_what_is_posted_is_booked_as_approved(program, owner, monkeypatch):
    periods.close(owner)
    version = make.submit(make.make_voucher(program, value_date=IN_Q1, booked_on=IN_Q2))
    monkeypatch.setattr(
        actions.posting,
        "details_of",
        lambda v: actions.vouchers.details_of(v) | {"booked_on": IN_Q3},
    )
    with pytest.raises(Refused, match="differs from what was approved"):
        make.approve(version)


def test_a_period_stays_what_it_is(owner):
    period = periods.close(owner)
    for column, value in [
        ("name", "FY2024"),
        ("fiscal_year", 2023),
        ("quarter", 2),
        ("first_day", date(2024, 1, 2)),
        ("last_day", date(2024, 3, 30)),
        ("day_before", date(2023, 12, 30)),
        ("organisation_id", make_organisation().pk),
    ]:
        with forbidden("period_stays_what_it_is"):
            execute(f"UPDATE tracker_period SET {column} = %s", value)
    with forbidden("period_closed_as_confirmed"):
        execute("UPDATE tracker_period SET closed = %s", False)
    with forbidden("period_never_deleted"):
        execute("DELETE FROM tracker_period")
    assert status_of(period) == "closed"


def test_a_period_is_not_recorded_as_closed_nor_twice(owner):
    period = periods.propose_closing(owner).period
    days = {"day_before": date(2023, 12, 31), "first_day": date(2024, 1, 1)}
    says = {"organisation": owner, "name": "FY2024", "fiscal_year": 2024, "quarter": 1}
    with forbidden("period_begins_open"):
        Period.objects.bulk_create(
            [Period(**says | {"organisation": make_organisation()}, **days, last_day=IN_Q2, closed=True)]
        )  # fmt: skip
    with forbidden("period_overlaps_no_other"):
        Period.objects.bulk_create([Period(**says, **days, last_day=IN_Q2)])
    with forbidden("period_closed_as_confirmed"):
        execute("UPDATE tracker_period SET closed = %s WHERE id = %s", True, period.pk)


def test_an_open_period_is_not_opened_and_a_closed_one_not_closed(owner, monkeypatch):
    without(monkeypatch, "check_can_be_reopened", "check_can_be_closed")
    period = periods.propose_closing(owner).period
    periods.decide(PeriodChange.objects.get(), confirm=False, reason="Not yet.")
    with pytest.raises(Refused, match="at the same moment"):
        periods.propose_reopening(period)
    periods.close(owner)
    with pytest.raises(Refused, match="at the same moment"):
        periods.propose_closing(owner)
