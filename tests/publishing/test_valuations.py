"""Revaluations in public: why totals moved, with what is withheld of a transaction withheld here as well."""

import pytest
from django.db import transaction

from tests.factories import ledger as make
from tests.factories import receipts
from tests.factories import valuation as goods
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, make_report, publish, withhold
from tracker.ledger.models import Transaction
from tracker.publishing import queries, released
from tracker.publishing.fields import RELEASED
from tracker.publishing.models import PublishedTotal, ReleasedRow
from tracker.shared.errors import Refused


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """Goods at replacement cost, of which half was sent, revalued to net book value. Made once."""
    with django_db_blocker.unblock(), transaction.atomic():
        row = goods.make_goods(make_program(), amount="1000.00", reference="PKG")
        goods.draw(row, "disbursement", "500.00")
        goods.revalue(row, "400.00", reason="Depreciated over fifteen years.")
        disclosure_of(row.program), disclosure_of(row.program, 1)
        yield row.pk
        transaction.set_rollback(True)


@pytest.fixture
def package(made):
    return Transaction.objects.select_related("program__owner").get(pk=made)


def totals():
    return {
        total.kind: total.amount and total.amount.plain for total in PublishedTotal.objects.all()
    }


def rows(release, kind):
    return list(released.rows(release, kind))


def test_totals_count_what_is_worth_now_and_the_row_says_both(package):
    release = publish(package.program)

    assert totals() == {"commitment": "400.00", "disbursement": "200.00"}
    committed, sent = rows(release, "transaction")
    assert released.money(committed, "amount").plain == "1000.00"
    assert released.money(committed, "worth").plain == "400.00"
    assert released.money(sent, "worth").plain == "200.00"


def test_a_revaluation_is_a_public_row_with_its_reason_and_without_its_persons(package):
    goods.propose(package, "300.00")  # nobody has confirmed it
    goods.state_alternative(package, "900.00", citation="Audit office, page 3")
    release = publish(package.program)

    (row,) = rows(release, "revaluation")
    assert set(row.cells) <= RELEASED["revaluation"]
    assert released.value(row, "transaction") == str(package.uid)
    assert released.value(row, "reason") == "Depreciated over fifteen years."
    assert released.money(row, "old_amount").plain == "1000.00"
    assert (released.value(row, "old_basis"), released.value(row, "new_basis")) == (
        "replacement_cost",
        "net_book_value",
    )
    assert released.value(row, "rows") == 2
    (beside,) = rows(release, "alternative_value")
    assert set(beside.cells) <= RELEASED["alternative_value"]
    assert released.money(beside, "amount").plain == "900.00"


def test_the_public_page_says_why_totals_moved(package, client):
    goods.state_alternative(package, "900.00", citation="Audit office, page 3")
    publish(package.program)

    page = client.get(f"/programs/{package.program.uid}/").content.decode()

    for words in (
        "1 revaluation is in the figures above",
        "Depreciated over fifteen years.",
        "1,000.00",
        "replacement cost",
        "net book value",
        "now worth",
        "Audit office, page 3",
    ):
        assert words in page
    listed = client.get(f"/programs/{package.program.uid}/transactions/").content.decode()
    assert listed.count("now worth") == 2


@pytest.mark.parametrize("of", ["original", "reversal"])
def test_whoever_withholds_an_amount_withholds_what_tells_it(of):
    row = goods.make_goods(make_program(), amount="1000.00")
    goods.revalue(row, "777.13", reason="It is 777.13 and not 1,000.00.")
    goods.state_alternative(row, "888.17", citation="Page 12: 888.17")
    record = row
    if of == "reversal":
        record = make.make_reversal(row)
    withhold(row.program, "transaction", "amount", record.uid)

    release = publish(row.program)

    (said,) = rows(release, "revaluation")
    hidden = {name for name, cell in said.cells.items() if cell["state"] == "withheld"}
    assert hidden == {"old_amount", "new_amount", "reason"}
    assert rows(release, "transaction")[0].cells["worth"]["state"] == "withheld"
    (beside,) = rows(release, "alternative_value")
    assert beside.cells["amount"]["state"] == beside.cells["citation"]["state"] == "withheld"
    text = str([(r.cells, getattr(r, "released_entry", "")) for r in ReleasedRow.objects.all()])
    assert not any(secret in text for secret in ("77713", "777.13", "88817", "888.17"))
    assert totals() == {"commitment": None}


def test_whoever_withholds_the_excess_of_a_report_withholds_what_it_is_worth_since():
    sent = receipts.make_goods(quantity=None)
    surplus = receipts.state(sent, "surplus", "123.45").transaction
    goods.revalue(sent.draws_on, "60.00")
    withhold(sent.program, "transaction", "excess", surplus.uid)

    release = publish(sent.program)

    (found,) = [row.cells for row in rows(release, "transaction") if row.subject == surplus.uid]
    hidden = {name for name, cell in found.items() if cell["state"] == "withheld"}
    assert hidden == {"excess", "worth", "counted"}
    assert totals()["receipt"] is None
    assert totals()["disbursement"] is not None


def test_the_amounts_of_a_revaluation_are_withheld_with_those_of_its_row_and_not_alone(package):
    said = package.revaluations.get()

    for field in ("new_amount", "old_amount"):
        with pytest.raises(Refused):
            withhold(package.program, "revaluation", field, said.uid)


def test_the_reason_alone_can_be_withheld(package):
    said = package.revaluations.get()
    withhold(package.program, "revaluation", "reason", said.uid)

    (row,) = rows(publish(package.program), "revaluation")

    assert row.cells["reason"]["state"] == "withheld"
    assert row.cells["new_amount"]["state"] == "stated"


def test_what_nobody_had_valued_enters_the_totals_when_it_is_valued(client):
    row = goods.make_goods(make_program(), amount=None)
    publish(row.program)
    assert totals() == {}

    goods.revalue(row, "500.00")
    release = publish(row.program)

    assert totals() == {"commitment": "500.00"}
    (said,) = rows(release, "transaction")
    assert said.cells["amount"] == {"state": "not_stated"}
    assert released.money(said, "worth").plain == "500.00"
    page = client.get(f"/programs/{row.program.uid}/").content.decode()
    assert "Unvalued" in page


def test_a_revaluation_is_a_change_that_waits_to_be_published(package):
    publish(package.program)
    assert queries.differences(package.program) == []

    goods.revalue(package, "300.00")

    (program,) = queries.programs_with_release(
        type(package.program).objects.filter(pk=package.program_id)
    )
    assert program.changes == 1
    assert [(d.kind, d.what) for d in queries.differences(package.program)] == [
        ("revaluation", "new")
    ]
    assert publish(package.program).number == 2


def test_unchanged_rows_are_shared_with_older_releases():
    program = make_program()
    make.make_commitment(program, "1.00")
    row = goods.make_goods(program)
    publish(program)
    before = ReleasedRow.objects.filter(kind="transaction").count()

    goods.revalue(row, "400.00")
    publish(program)

    assert ReleasedRow.objects.filter(kind="transaction").count() == before + 1


def test_a_report_shows_its_period_as_the_rows_count_now(package):
    report = make_report(package.program)

    found = {one.kind: one for one in queries.period_figures(report)}

    assert found["commitment"].period.plain == "400.00"
    assert found["disbursement"].closing.plain == "200.00"
    assert found["disbursement"].rows == 1
