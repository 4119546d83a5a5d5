"""Files and closed periods: no row of a file is booked into one, and none closes over a batch on its way."""

from datetime import date

import pytest

from tests.factories import periods
from tests.factories.uploads import csv_of, make_office, make_upload, mapping, post_all
from tracker.ledger import actions as ledger
from tracker.ledger import policies
from tracker.ledger.models import Provenance, Transaction
from tracker.shared.errors import Refused
from tracker.uploads import actions
from tracker.uploads.models import RowState

DATED = mapping(columns__fiscal_year=None, columns__date="Day")
HEADER = "Ref,Code,Country,Day,Amount,Payee"
Q1, Q2, Q3 = date(2009, 11, 2), date(2010, 2, 1), date(2010, 5, 3)  # of the United States' 2010


def row(ref, day, amount="100.00"):
    return f"{ref},FRA,France,{day},{amount},Depot"


@pytest.fixture
def people():
    return make_office()


def upload_of(people, *rows, **options):
    office, officer, _ = people
    content = csv_of(*rows, header=HEADER)
    return make_upload(content, by=officer, organisation=office, mapping=DATED, **options)


def submitted(people, *rows):
    return actions.submit_upload(upload=upload_of(people, *rows), by=people[1])


def posted(people, *rows):
    upload = actions.approve_upload(upload=submitted(people, *rows), by=people[2])
    return post_all(upload, by=people[2])


def test_a_row_in_a_closed_period_is_refused_with_its_line_and_the_remedy(people):
    period = periods.close(people[0], Q1)

    upload = upload_of(people, row("A", Q2), row("B", Q1), row("C", period.last_day))

    rows = {one.reference: one for one in upload.rows.all()}
    assert [rows[name].state for name in "ABC"] == ["good", "wrong", "wrong"]
    (problem,) = rows["B"].problems
    assert problem["column"] == "Day"
    assert problem["value"] == "2009-11-02"
    assert (
        "2 Nov 2009 lies in FY2010 Q1 (1 Oct 2009 to 31 Dec 2009), which is closed."
        in (problem["cause"])
    )
    assert "enter it as a voucher with a booking day" in problem["remedy"]
    with pytest.raises(Refused, match="2 rows have errors"):
        actions.submit_upload(upload=upload, by=people[1])


def test_a_year_is_in_the_period_of_the_day_that_stands_for_it(people):
    periods.close(people[0], Q1)
    ends, begins = mapping(), mapping(fiscal_year__date="start")
    content = csv_of("A,FRA,France,2010,100.00,Depot")
    states = [
        make_upload(content, by=people[1], organisation=people[0], mapping=raw).rows.get().state
        for raw in (ends, begins)
    ]
    assert states == ["good", "wrong"]


def test_what_was_posted_before_is_known_also_in_a_period_that_is_closed_now(people):
    posted(people, row("A", Q1))
    periods.close(people[0], Q1)

    upload = upload_of(people, row("A", Q1), row("B", Q2))

    assert sorted(upload.rows.values_list("state", flat=True)) == ["good", "known"]


def test_a_period_that_closed_after_the_check_stops_the_submission(people):
    upload = upload_of(people, row("A", Q1), row("B", Q2))
    periods.close(people[0], Q1)

    with pytest.raises(Refused, match="1 row lies in a period that was closed since"):
        actions.submit_upload(upload=upload, by=people[1])


def test_a_batch_on_its_way_keeps_the_periods_of_its_rows_open(people):
    upload = submitted(people, row("A", Q1), row("B", Q2))
    with pytest.raises(Refused, match=f"batch {upload.voucher.number}"):
        periods.propose_closing(people[0], Q1)

    upload = actions.approve_upload(upload=upload, by=people[2])
    actions.stop_posting(upload=upload, by=people[2])
    with pytest.raises(Refused, match="1 voucher is on the way"):
        periods.propose_closing(people[0], Q1)

    upload = actions.continue_posting(upload=upload, by=people[2])
    post_all(upload, by=people[2])
    assert periods.close(people[0], Q1, Q2, Q3).name == "FY2010 Q3"


def test_a_returned_or_discarded_batch_keeps_nothing_open(people):
    upload = submitted(people, row("A", Q1))
    upload = actions.return_upload(upload=upload, reason="Wrong file.", by=people[2])
    assert periods.close(people[0], Q1).closed
    actions.discard_upload(upload=upload, by=people[1])
    assert periods.close(people[0], Q2).closed


def test_an_opening_commitment_is_dated_on_the_first_day_of_its_year_that_is_open(people):
    posted(people, row("A", Q1))
    periods.close(people[0], Q1, Q2)

    posted(people, row("B", Q3))

    days = Transaction.objects.filter(provenance=Provenance.OPENING).order_by("pk")
    assert list(days.values_list("value_date", "fiscal_year")) == [
        (date(2009, 10, 1), 2010),
        (date(2010, 4, 1), 2010),
    ]


def test_posting_refuses_a_row_of_a_closed_period_with_a_sentence(people, monkeypatch):
    upload = submitted(people, row("A", Q1))
    with monkeypatch.context() as patch:
        patch.setattr(policies.periods, "_check_nothing_is_in_flight", lambda period: None)
        periods.close(people[0], Q1)
    upload = actions.approve_upload(upload=upload, by=people[2])

    # The opening commitment goes to an open day; the row itself has no other.
    with pytest.raises(Refused, match=r"“A”, 2 Nov 2009, lies in FY2010 Q1 .* which is closed"):
        post_all(upload, by=people[2])

    assert upload.rows.get().state == RowState.GOOD
    monkeypatch.setattr(ledger.batches, "_check_periods_are_open", lambda *a: None)
    with pytest.raises(Refused, match="Its period was closed"):
        post_all(upload, by=people[2])
