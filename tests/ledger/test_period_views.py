"""The pages of periods: closing a quarter, late entries with both dates, and the page where both sides sign."""

from copy import deepcopy
from datetime import date
from functools import partial

import pytest

from tests.factories import accounts, periods
from tests.factories import ledger as make
from tests.factories.periods import IN_Q1, IN_Q2
from tests.factories.programs import make_program
from tests.worlds import staffed_program
from tracker.ledger import queries
from tracker.ledger.models import (
    Certification,
    Period,
    PeriodChange,
    PeriodDecision,
    Transaction,
    Voucher,
)


def build():
    """Two offices: one without vouchers, one with a commitment."""
    empty, committed = staffed_program(), staffed_program()
    make.make_commitment(committed)
    return empty, committed


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def committed(built):
    return deepcopy(built[1])


@pytest.fixture
def sign_in(client):
    return partial(accounts.sign_in, client)


def text(response):
    return " ".join(response.content.decode().split())


def address(period, verb=""):
    return f"/desk/periods/{period.uid}/{verb}"


def signing(period, program, verb=""):
    return f"/desk/periods/{period.uid}/programs/{program.uid}/{verb}"


# --- Closing ---------------------------------------------------------------


def test_an_officer_proposes_and_an_approver_confirms(sign_in, committed):
    client = sign_in(make.officer_of(committed))
    assert "Closing begins with the first quarter" in text(client.get("/desk/periods/"))
    form = text(client.get("/desk/periods/close/"))
    choice = f"{committed.owner.uid}/2024-01-01"
    assert f"FY2024 Q1 of {committed.owner.label}, 1 Jan 2024 to 31 Mar 2024" in form

    page = text(
        client.post("/desk/periods/close/", {"quarter": choice, "reason": "Over."}, follow=True)
    )
    assert "The closing of FY2024 Q1 is proposed." in page
    assert "Only an approver" in page
    assert make.approver_of(committed).name in page

    client = sign_in(make.approver_of(committed))
    assert "Confirm or decline the closing of FY2024 Q1" in text(client.get("/desk/"))
    decide = f"/desk/period-changes/{PeriodChange.objects.get().uid}/"
    page = text(client.post(decide, {"verdict": "confirm"}, follow=True))
    assert "The closing of FY2024 Q1 is confirmed." in page
    assert "by nobody yet" in page
    assert Period.objects.get().closed
    listed = text(client.get("/desk/periods/"))
    assert "Next is <b>FY2024 Q2</b>" in listed
    assert "it has ended and can be closed" in listed


def test_what_is_in_flight_is_shown_in_the_list_and_on_the_page(sign_in, program):
    change = periods.propose_closing(program.owner)
    voucher = make.make_voucher_at("submitted", program)
    client = sign_in(make.officer_of(program))

    page = text(client.get(address(change.period)))
    assert voucher.number in page
    assert "cannot be closed before each of these" in page
    listed = text(client.get("/desk/periods/"))
    assert f"an approver other than {change.proposed_by.name}" in listed
    file = b"".join(client.get("/desk/periods/?format=csv").streaming_content).decode()
    assert file.splitlines()[1].endswith(f",an approver other than {change.proposed_by.name},1,0")


def test_the_list_filters_by_state(sign_in, program):
    first = periods.close(program.owner)
    periods.propose_closing(program.owner, IN_Q2)
    client = sign_in(make.officer_of(program))
    only = text(client.get("/desk/periods/?status=closing"))
    assert "FY2024 Q2</a>" in only
    assert "FY2024 Q1</a>" not in only
    assert "FY2024 Q1</a>" in text(client.get("/desk/periods/?status=closed"))
    assert first.name in text(client.get(f"/desk/periods/?organisation={program.owner.uid}"))


@pytest.mark.parametrize(
    "said, words",
    [
        ({"quarter": ""}, "required"),
        ({"quarter": "x"}, "cannot be closed now"),
        ({"quarter": "00000000-0000-4000-8000-000000000000/2024-01-01"}, "cannot be closed now"),
    ],
)
def test_bad_input_gets_a_sentence(sign_in, committed, said, words):
    client = sign_in(make.officer_of(committed))
    answer = client.post("/desk/periods/close/", said)
    assert answer.status_code == 200
    assert words in text(answer)
    assert not PeriodChange.objects.exists()


def test_a_quarter_with_vouchers_on_their_way_is_refused_on_the_form(sign_in, committed):
    voucher = make.make_voucher_at("submitted", committed)
    client = sign_in(make.officer_of(committed))
    answer = client.post("/desk/periods/close/", {"quarter": f"{committed.owner.uid}/2024-01-01"})
    assert "1 voucher is on the way into FY2024 Q1" in text(answer)
    assert voucher.number in text(answer)


def test_nothing_to_close_says_so(sign_in, program):
    today = program.owner.today()
    quarter = program.owner.calendar().quarter_of(today)
    first = date(quarter.year, 1, 1)
    days = [q.start for q in program.owner.calendar().quarters(first, quarter.start)][:-1]
    if days:
        periods.close(program.owner, *days)
        client = sign_in(make.officer_of(program))
        assert "Nothing can be closed now" in text(client.get("/desk/periods/close/"))
        assert "which goes on" in text(client.get("/desk/periods/"))


def test_declining_needs_a_reason_and_an_unclear_decision_does_nothing(sign_in, program):
    change = periods.propose_closing(program.owner)
    client = sign_in(make.approver_of(program))
    decide = f"/desk/period-changes/{change.uid}/"
    said = {"verdict": "decline"}
    assert "Say why it is declined" in text(client.post(decide, said, follow=True))
    maybe = client.post(decide, {"verdict": "maybe"}, follow=True)
    assert "It is unclear what you decided" in text(maybe)
    done = client.post(decide, said | {"reason": "Too early."}, follow=True)
    assert "Too early." in text(done)
    assert "is declined" in text(done)
    assert "declined already" in text(client.post(decide, {"verdict": "confirm"}, follow=True))


def test_a_stale_session_decides_and_signs_nothing(client, committed):
    change = periods.propose_closing(committed.owner)
    accounts.sign_in(client, make.approver_of(committed), recently=False)
    answer = client.post(f"/desk/period-changes/{change.uid}/", {"verdict": "confirm"})
    assert "/reauthenticate/" in answer.url
    assert not PeriodDecision.objects.exists()
    periods.decide(change)
    seen = queries.figures_of(committed, change.period).digest
    where = signing(change.period, committed, "sign/")
    answer = client.post(where, {"side": "donor", "seen": seen})
    assert "/reauthenticate/" in answer.url
    assert not Certification.objects.exists()


def test_opening_again_is_proposed_with_a_reason_and_what_was_signed_is_superseded(
    sign_in, committed
):
    period = periods.close(committed.owner)
    periods.certify_both(committed, period)
    client = sign_in(make.officer_of(committed))
    assert "certified of it then no longer holds" in text(client.get(address(period, "reopen/")))
    assert "Say why it is opened again" in text(
        client.post(address(period, "reopen/"), {"reason": " "})
    )
    client.post(address(period, "reopen/"), {"reason": "An invoice."})
    again = text(client.post(address(period, "reopen/"), {"reason": "An invoice."}))
    assert "is proposed already" in again

    periods.decide(PeriodChange.objects.get(kind="reopen"))

    page = text(client.get(signing(period, committed)))
    assert page.count("that signature no longer holds") == 2
    refused = text(client.get(address(period, "reopen/")))
    assert "is not closed: there is nothing to open again" in refused


def test_only_the_newest_can_be_opened_again_and_the_page_says_why(sign_in, program):
    first = periods.close(program.owner)
    periods.close(program.owner, IN_Q2)
    client = sign_in(make.officer_of(program))
    said = "FY2024 Q2 was closed after FY2024 Q1"
    assert said in text(client.get(address(first)))
    assert said in text(client.get(address(first, "reopen/")))
    assert said in text(client.post(address(first, "reopen/"), {"reason": "x"}))


@pytest.mark.thorough
def test_pages_cost_the_same_queries_for_one_row_and_for_many(sign_in, committed, count_queries):
    period = periods.close(committed.owner)
    periods.make_late_commitment(committed)
    client = sign_in(make.officer_of(committed))
    wheres = ("/desk/periods/", address(period), signing(period, committed))
    once = []
    for where in wheres:
        client.get(where)
        once.append(count_queries(lambda where=where: client.get(where)))
    periods.reopen(period)
    for _ in range(3):
        make.make_commitment(make_program(owner=committed.owner))
        make.make_commitment(committed)
    periods.close(committed.owner)
    for _ in range(2):
        periods.make_late_commitment(committed)
    again = [count_queries(lambda where=where: client.get(where)) for where in wheres]
    # The re-opening and its decision are two changes more on the page, which reads them together.
    assert again == once


# --- Late entries ----------------------------------------------------------


def test_both_dates_stand_on_every_page_of_a_late_entry(sign_in, program):
    period = periods.close(program.owner)
    client = sign_in(make.officer_of(program))
    said = {
        "amount": "50",
        "currency": "USD",
        "value_date": "2024-03-12",
        "date_precision": "day",
        "valuation_basis": "money",
        "reference": "LATE-1",
    }
    new = f"/desk/vouchers/new/?program={program.uid}&kind=commitment"
    client.post(new, said)
    voucher = make.furnish(Voucher.objects.get(program=program))
    submit = f"/desk/vouchers/{voucher.uid}/submit/"
    assert "12 Mar 2024 lies in FY2024 Q1" in text(client.post(submit, follow=True))

    edit = f"/desk/vouchers/{voucher.uid}/edit/"
    client.post(edit, said | {"booked_on": "2024-04-02"})
    assert 'value="2024-04-02"' in text(client.get(edit))
    client.post(submit)
    make.approve(voucher.versions.get())

    posted = Transaction.objects.get(program=program)
    late = 'booked <time datetime="2024-04-02">2 Apr 2024</time> (late entry)</span>'
    both = f'>12 Mar 2024</time>, <span class="small muted">{late}'
    for where in (
        f"/desk/vouchers/{voucher.uid}/",
        f"/desk/transactions/{posted.uid}/",
        f"/desk/programs/{program.uid}/",
        "/desk/ledger/",
        "/desk/vouchers/",
        address(period),
        signing(period, program),
    ):
        assert both in text(client.get(where)).replace(",<br>", ", "), where
    file = b"".join(client.get("/desk/ledger/?format=csv").streaming_content).decode()
    head, row = (line.split(",") for line in file.splitlines())
    assert dict(zip(head, row, strict=True))["Booked on"] == "2024-04-02"
    make.make_commitment(program, value_date=IN_Q2, reference="ON-TIME")
    assert "ON-TIME" not in text(client.get("/desk/ledger/?late=yes"))


def test_a_late_entry_that_is_known_to_the_year_does_not_borrow_the_year_of_its_booking(
    sign_in, program
):
    periods.close(program.owner, IN_Q1, IN_Q2, date(2024, 8, 1), date(2024, 11, 1))
    periods.make_late_commitment(
        program, date_precision="fiscal_year", booked_on=date(2025, 2, 3), reference="L"
    )
    page = text(sign_in(make.officer_of(program)).get("/desk/ledger/"))
    assert 'the fiscal year of <time datetime="2024-03-15">15 Mar 2024</time>' in page
    assert 'booked <time datetime="2025-02-03">' in page


def test_a_correction_states_its_booking_day_on_its_form(sign_in, committed):
    commitment = committed.transactions.get()
    periods.close(committed.owner)
    client = sign_in(make.officer_of(committed))
    said = {"reason": "Error.", "value_date": "2024-03-20", "booked_on": "2024-04-02"}
    client.post(f"/desk/transactions/{commitment.uid}/reverse/", said)
    voucher = Voucher.objects.get(kind="reversal")
    assert voucher.booked_on == date(2024, 4, 2)
    client.post(f"/desk/vouchers/{voucher.uid}/edit/", said | {"booked_on": "2024-05-02"})
    voucher.refresh_from_db()
    assert voucher.booked_on == date(2024, 5, 2)
    assert "Booked on" not in text(client.get(f"/desk/vouchers/{voucher.uid}/"))
    make.submit(voucher)
    make.actions.return_voucher(
        version=voucher.versions.get(), reason="When?", by=make.approver_of(committed)
    )
    client.post(f"/desk/vouchers/{voucher.uid}/edit/", said)
    client.post(f"/desk/vouchers/{voucher.uid}/submit/")
    assert "Booked on" in text(client.get(f"/desk/vouchers/{voucher.uid}/"))


# --- Signing ---------------------------------------------------------------


def test_both_sides_read_the_figures_and_sign_from_their_desks(sign_in, program):
    make.make_disbursement(make.make_commitment(program), "300.00", reference="D-1")
    period = periods.close(program.owner)
    where = signing(period, program)
    for side, person in (
        ("donor", make.approver_of(program)),
        ("recipient", periods.representative_of(program)),
    ):
        client = sign_in(person)
        assert where in text(client.get("/desk/"))
        page = text(client.get(where))
        for words in ("1,000.00", "300.00", "D-1", "not stated", f"Your signature for the {side}"):
            assert words in page, (side, words)
        assert queries.STATEMENTS[side] in page.replace("&#x27;", "'")
        seen = client.get(where).context["figures"].digest
        said = {"side": side, "seen": seen, "remark": f"Remark of the {side}"}
        done = text(client.post(f"{where}sign/", said, follow=True))
        assert f"FY2024 Q1 is certified for the {side}." in done
        assert f"Remark of the {side}" in done
        assert "is certified for the" in text(client.post(f"{where}sign/", said, follow=True))
        assert where not in text(client.get("/desk/"))
    assert Certification.objects.count() == 2


def test_what_differs_between_the_signatures_is_marked(sign_in, committed):
    period = periods.close(committed.owner)
    periods.certify(committed, period)
    client = sign_in(make.officer_of(committed))
    assert "differs" not in text(client.get(signing(period, committed)))
    periods.make_late_commitment(committed)
    periods.certify(committed, period, "recipient")
    page = text(client.get(signing(period, committed)))
    assert "One of the figures has changed since" in page
    assert page.count("differs</span>") == 1


def test_figures_that_were_not_read_or_changed_are_not_signed(sign_in, committed):
    period = periods.close(committed.owner)
    client = sign_in(make.approver_of(committed))
    where = f"{signing(period, committed)}sign/"
    for said, words in (
        ({"side": "donor"}, "unclear which figures you read"),
        ({"side": "donor", "seen": "x"}, "unclear which figures you read"),
        ({"side": "auditor", "seen": "0" * 64}, "unclear which figures you read"),
        ({"side": "donor", "seen": "0" * 64}, "The figures changed since"),
    ):
        assert words in text(client.post(where, said, follow=True))
    recipient = client.post(where, {"side": "recipient", "seen": "0" * 64})
    assert recipient.status_code == 403
    assert not Certification.objects.exists()


def test_who_signs_for_no_side_reads_and_is_offered_nothing(sign_in, committed):
    period = periods.close(committed.owner)
    page = text(sign_in(make.officer_of(committed)).get(signing(period, committed)))
    assert "not certified yet" in page
    assert "Your signature" not in page
    assert make.approver_of(committed).name in page


def test_a_recipient_sees_their_programs_only(sign_in, program):
    period = periods.close(program.owner)
    other = make_program(owner=program.owner)
    client = sign_in(periods.representative_of(program))
    assert client.get(signing(period, program)).status_code == 200
    assert client.get(signing(period, other)).status_code == 404
    assert client.get(address(period)).status_code == 404
    strangers = periods.close(make_program().owner)
    assert client.get(signing(strangers, program)).status_code == 404
