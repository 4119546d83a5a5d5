"""Balances, chains, statements and comparisons say what goods count as now, and in a closed quarter what they counted."""

import csv
import io
from datetime import date

import pytest
from django.urls import reverse

from tests.factories import ledger as make
from tests.factories import periods
from tests.factories import valuation as goods
from tests.factories.accounts import make_organisation, make_person, sign_in
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.ledger import queries
from tracker.ledger.models import Transaction
from tracker.programs.models import Program

IN_Q2 = periods.IN_Q2


@pytest.fixture
def staff():
    return make_organisation("General Staff of the South")


@pytest.fixture
def program(staff):
    return make_program(recipient=staff)


@pytest.fixture
def sent(program, staff):
    """Of goods of 1,000 in the first quarter, 600 left in the second; 400 of that arrived."""
    to = {"provider": program.owner, "receiver": staff}
    package = goods.make_goods(program, amount="1000.00", reference="CO", **to)
    sent = goods.draw(package, "disbursement", "600.00", value_date=IN_Q2, reference="D1", **to)
    goods.draw(sent, "receipt", "400.00", value_date=IN_Q2, reference="R1")
    return sent


def rows_in_order():
    return list(Transaction.objects.order_by("value_date", "pk"))


def undisbursed(program, currency="USD"):
    """After each row that the account has; the same one by one, in both directions."""
    account = queries.account_of_program(program, currency)
    rows = rows_in_order()
    after = account.after(rows)
    for newest_first in (False, True):
        walk = account.walk(newest_first=newest_first)
        listed = reversed(rows) if newest_first else rows
        assert {row.pk: walk(row) for row in listed} == {r.pk: after.get(r.pk) for r in rows}
        walk.close()
    assert account.total() == queries.money_of([program])[program.pk][0].remaining.minor
    return [getattr(after.get(row.pk), "plain", None) for row in rows]


def test_the_running_balance_follows_a_revaluation_from_the_row_that_was_revalued(program, sent):
    assert undisbursed(program) == ["1000.00", "400.00", "400.00"]

    goods.revalue(sent.draws_on, "500.00")

    assert undisbursed(program) == ["500.00", "200.00", "200.00"]


def test_in_a_closed_quarter_the_balance_stays_and_moves_on_the_day_of_the_decision(program, sent):
    periods.close(program.owner)

    goods.revalue(sent.draws_on, "500.00")
    today = program.owner.today()
    make.make_commitment(program, "7.00", value_date=today)

    # 1,000 less 300 (the open quarter's dispatch follows at once); the 500 come off before today's 7 are added.
    assert undisbursed(program) == ["1000.00", "700.00", "700.00", "207.00"]


def test_what_is_valued_for_the_first_time_enters_the_account_of_its_currency(program):
    row = goods.make_goods(program, amount=None)
    goods.revalue(row, make.money("500.00", "EUR"))

    assert undisbursed(program, "EUR") == ["500.00"]
    (way,) = queries.ways_of(Program.objects.filter(pk=program.pk))
    assert (way.currency, way.committed.plain) == ("EUR", "500.00")
    flow = queries.flow_of(Transaction.objects.get(pk=row.pk))
    assert str(flow.tree.value) == "500.00 EUR" and not flow.unvalued.total


def test_what_is_valued_for_the_first_time_is_found_by_its_currency(client, program, staff):
    to = {"provider": program.owner, "receiver": staff}
    row = goods.make_goods(program, amount=None, **to)
    make.make_commitment(program, "7.00", **to)
    goods.revalue(row, make.money("500.00", "EUR"))
    officer = make_person(Role.OFFICER, organisation=program.owner)
    sign_in(client, officer)

    asked = {"program": program.uid, "currency": "EUR"}
    table = client.get("/desk/ledger/", asked).context["table"]
    assert [listed.record for listed in table.rows] == [row]
    table = client.get("/desk/ledger/", {"only": "unvalued"}).context["table"]
    assert not table.rows
    (held,) = [h for h in queries.accounts_of(staff, officer) if h.currency == "EUR"]
    statement = queries.statement_of(staff, held, officer, None, None)
    assert (held.rows, statement.kinds[0].rows) == (1, 1)
    assert statement.kinds[0].closing.plain == "500.00"


def test_the_chain_is_drawn_as_it_counts_and_says_what_was_stated(client, program, sent):
    goods.revalue(sent.draws_on, "500.00")

    flow = queries.flow_of(sent)
    assert [(node.label, node.value.plain) for _, node in flow.nodes] == [
        ("commitment CO", "500.00"),
        ("disbursement D1", "300.00"),
        ("receipt R1", "200.00"),
    ]
    sign_in(client, make_person(Role.OFFICER, organisation=program.owner))
    page = client.get(reverse("dashboards:transaction", args=[sent.uid])).content.decode()
    assert page.count("now by net book value") == 3


def test_a_statement_of_a_closed_quarter_stays_as_it_was(program, sent, staff):
    officer = make_person(Role.OFFICER, organisation=program.owner)
    (held,) = [h for h in queries.accounts_of(staff, officer) if h.side == "received"]
    end = date(2024, 3, 31)

    def committed(start, end):
        statement = queries.statement_of(staff, held, officer, start, end)
        found = statement.kinds[0]
        return [getattr(one, "plain", None) for one in (found.opening, found.moved, found.closing)]

    before = committed(None, end)
    periods.close(program.owner)
    goods.revalue(sent.draws_on, "500.00")

    assert before == committed(None, end) == ["0.00", "1000.00", "1000.00"]
    assert committed(date(2024, 4, 1), None) == ["1000.00", "-500.00", "500.00"]
    waits = queries.statement_of(staff, held, officer, None, None).balances[0]
    assert waits.closing.plain == "100.00"  # of 300 that were sent, 200 arrived


def test_both_parties_figures_are_compared_at_the_value_of_now(client, program, sent):
    goods.revalue(sent.draws_on, "500.00")

    rows = queries.with_both_sides(queries.payments(Transaction.objects.all()))
    pair = queries.pair_of(rows.get(), program.owner.today())
    assert [pair.sent_value.plain, pair.theirs.plain, pair.waits.plain, pair.difference.plain] == [
        "300.00",
        "200.00",
        "100.00",
        "100.00",
    ]
    (sides,) = queries.sides_of(queries.payments(Transaction.objects.all()))
    assert [sides.ours.plain, sides.theirs.plain, sides.waits.plain] == [
        "300.00",
        "200.00",
        "100.00",
    ]
    sign_in(client, make_person(Role.OFFICER, organisation=program.owner))
    answer = client.get("/desk/reconciliation/", {"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode()))
    assert "300.00" in row.values() and "600.00" not in row.values()


def test_what_is_worth_nothing_waits_for_the_recipients_word_like_anything_else(program):
    package = goods.make_goods(program, amount="1000.00")
    goods.draw(package, "disbursement", "600.00", value_date=IN_Q2)
    goods.revalue(package, "0.00")

    waiting = queries.standing_as(queries.payments(Transaction.objects.all()), "open")
    (row,) = queries.with_both_sides(waiting)
    tone, said = queries.pair_of(row, program.owner.today()).state
    assert tone == "warn" and said.startswith("waits since")
