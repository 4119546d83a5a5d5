"""Revaluations of goods whose quarter is closed, whose arrival the recipient stated, or in which somebody has a stake."""

from copy import deepcopy

import pytest

from tests.factories import ledger as make
from tests.factories import periods, receipts
from tests.factories import valuation as goods
from tests.factories.accounts import make_person, sign_in
from tests.factories.periods import IN_Q2
from tests.factories.publishing import publish, withhold
from tests.factories.signing import declare
from tests.ledger.valuing import balance_of, is_reckoned, refused, without
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    AuthorityYear,
    Period,
    Revaluation,
    RevaluationLine,
    Transaction,
    Turnover,
)
from tracker.publishing import released
from tracker.publishing.models import ReleasedRow
from tracker.shared.errors import NotAllowed


def build():
    """A program without vouchers; a package in a program of another office; goods that were sent, valued and not."""
    return (
        staffed_program(),
        goods.make_goods(staffed_program(), amount="1000.00", reference="PKG-7"),
        receipts.make_goods(40, "100.00"),
        receipts.make_goods(40, None),
    )


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def package(built):
    return deepcopy(built[1])


@pytest.fixture
def sent(built):
    return deepcopy(built[2])


@pytest.fixture
def unvalued(built):
    return deepcopy(built[3])


def now_of(program):
    """The running quarter, as it would be closed once it has ended."""
    owner = program.owner
    return policies.period_of(owner, owner.calendar().quarter_of(owner.today()))


def summed_in(program, period, *names):
    (line,) = queries.figures_of(program, period).lines
    return [getattr(line.values[name], "plain", line.values[name]) for name in names]


def turned_over(program, kind="commitment"):
    rows = Turnover.objects.filter(program=program, kind=kind).order_by("fiscal_year")
    return [(row.fiscal_year, row.amount.plain, row.rows) for row in rows]


# --- Closed quarters -------------------------------------------------------


def test_nothing_moves_in_a_closed_quarter_and_the_difference_counts_when_it_is_decided(program):
    authority = make.make_authority(program.owner, kind="drawdown")
    make.set_ceiling(authority, "1000.00")
    package = goods.make_goods(program, amount="1000.00", authority=authority)
    sent = goods.draw(package, "disbursement", "600.00", value_date=IN_Q2)
    closed = periods.close(program.owner)
    before = queries.figures_of(program, closed).digest

    decision = goods.revalue(package, "400.00")

    today, year = program.owner.today(), program.owner.today().year
    assert list(decision.lines.order_by("position").values_list("booked_on", "fiscal_year")) == [
        (today, year),
        (None, 2024),  # its quarter is open: it counts where the dispatch counts
    ]
    assert [balance_of(row) for row in (package, sent)] == [
        ("400.00", "240.00"),
        ("240.00", "0.00"),
    ]
    assert summed_in(program, closed, "committed", "revalued_in", "revalued_out") == [
        "1000.00",
        0,
        1,
    ]
    assert summed_in(program, now_of(program), "committed", "revalued_in", "revalued_out") == [
        "-600.00",
        1,
        0,
    ]
    assert queries.figures_of(program, closed).digest != before, "that it was revalued is told"
    assert turned_over(program) == [(2024, "1000.00", 1), (year, "-600.00", 0)]
    assert turned_over(program, "disbursement") == [(2024, "240.00", 1)]
    # The ceiling is that of the year in which the goods were committed: there its headroom comes back.
    assert AuthorityYear.objects.get().committed.plain == "400.00"
    assert queries.headroom(authority, 2024) == queries.years_of(authority)
    assert is_reckoned(everything=True)


def test_a_later_reversal_takes_back_what_counts_and_nothing_remains(package):
    program = package.program
    periods.close(program.owner)
    goods.revalue(package, "400.00")

    voucher = actions.draft_reversal(
        transaction=package, reason="Error.", value_date=IN_Q2, by=make.officer_of(program)
    )
    make.approve(make.submit(voucher))

    assert sum(row.amount.minor for row in Turnover.objects.filter(program=program)) == 0
    assert summed_in(program, Period.objects.get(), "committed") == ["1000.00"]
    assert is_reckoned()


def test_what_nobody_had_valued_enters_the_year_of_the_decision_where_its_quarter_is_closed(
    program,
):
    row = goods.make_goods(program, amount=None)
    closed = periods.close(program.owner)

    goods.revalue(row, "500.00")

    year = program.owner.today().year
    assert turned_over(program) == [(year, "500.00", 1)]
    assert summed_in(program, now_of(program), "committed", "unvalued") == ["500.00", 0]
    assert [line.values["revalued_out"] for line in queries.figures_of(program, closed).lines] == [
        1
    ]
    assert list(queries.programs_in(now_of(program))) == [program]
    publish(program)
    (total,) = ReleasedRow.objects.filter(kind="total")
    assert (total.cells["fiscal_year"]["value"], total.cells["rows"]["value"]) == (year, 1)
    assert is_reckoned()


def test_released_totals_stand_in_the_years_in_which_they_count(package):
    program = package.program
    goods.draw(package, "disbursement", "600.00", value_date=IN_Q2)
    periods.close(program.owner)
    goods.revalue(package, "400.00")

    release = publish(program)

    year = program.owner.today().year
    told = {
        (released.value(row, "fiscal_year"), released.value(row, "kind")): (
            released.money(row, "amount").plain,
            released.value(row, "rows"),
        )
        for row in released.rows(release, "total")
    }
    assert told == {
        (2024, "commitment"): ("1000.00", 1),
        (year, "commitment"): ("-600.00", 0),
        (2024, "disbursement"): ("240.00", 1),
    }


def test_a_proposal_says_what_will_be_booked_late(package, client):
    program = package.program
    periods.close(program.owner)
    asked = goods.propose(package, "400.00")

    preview = queries.preview_of(asked)
    assert preview.consequences.late == 1
    page = sign_in(client, goods.decider_of(program)).get(f"/desk/revaluations/{asked.uid}/")
    assert "closed quarter" in page.content.decode()


def test_both_quarters_list_what_was_revalued_late(package, client):
    program = package.program
    closed = periods.close(program.owner)
    goods.revalue(package, "400.00")
    reader = sign_in(client, make_person(Role.APPROVER, organisation=program.owner))

    for address in (
        f"/desk/periods/{closed.uid}/",
        f"/desk/periods/{closed.uid}/programs/{program.uid}/",
    ):
        page = reader.get(address).content.decode()
        assert "Of this quarter, revalued after it was closed" in page
        assert "PKG-7" in page


def test_the_database_lets_no_line_count_in_a_closed_quarter(package, monkeypatch):
    periods.close(package.program.owner)
    asked = goods.propose(package, "400.00")
    monkeypatch.setattr(policies.consequences, "closed_periods", lambda *a: [])

    with refused("closed at this moment"):
        goods.confirm(asked)


def test_the_database_books_no_line_late_that_is_not_late(package, monkeypatch):
    asked = goods.propose(package, "400.00")

    class Always:
        def holds(self, day):
            return True

    monkeypatch.setattr(policies.consequences, "closed_periods", lambda *a: [Always()])
    with refused("at this moment"):
        goods.confirm(asked)


def test_withheld_amounts_are_not_told_by_the_quarter_in_which_they_were_revalued(package):
    program = package.program
    goods.make_goods(program, amount="7.00", value_date=IN_Q2)
    periods.close(program.owner)
    goods.revalue(package, "400.00")
    withhold(program, "transaction", "amount", package.uid)

    publish(program)

    told = str(list(ReleasedRow.objects.values_list("cells", flat=True)))
    assert not any(secret in told for secret in ("600.00", "400.00", "1000.00"))


# --- What the recipient states ---------------------------------------------


def test_a_statement_about_revalued_goods_is_reckoned_at_what_they_are_worth_now(sent):
    goods.revalue(sent, "60.00", basis="net_book_value")

    short = receipts.state(sent, "short", quantity=30)

    posted = short.transaction
    assert (posted.amount.plain, posted.valuation_basis) == ("45.00", "net_book_value")
    assert balance_of(sent) == ("60.00", "45.00")
    assert [(d.kind, d.amount.plain) for d in short.opened.all()] == [("short", "15.00")]
    rest = receipts.state(sent, "confirmed")
    assert rest.transaction.amount.plain == "15.00"
    assert is_reckoned(everything=True)


def test_what_arrived_follows_its_dispatch_and_the_difference_stays_as_it_was_reported(sent):
    short = receipts.state(sent, "short", quantity=30)

    goods.revalue(Transaction.objects.get(pk=sent.draws_on_id), "50.00")

    assert balance_of(sent) == ("50.00", "37.50")
    ends = queries.both_ends(Transaction.objects.get(pk=sent.pk))
    assert (ends.dispatched.plain, ends.received.plain, ends.missing.plain) == (
        "50.00",
        "37.50",
        "12.50",
    )
    assert ends.first_stated.plain == "100.00"
    assert short.opened.get().amount.plain == "25.00"
    assert is_reckoned(everything=True)


def test_a_surplus_stays_outside_totals_and_its_pieces_are_worth_what_the_others_are(sent):
    more = receipts.state(sent, "surplus", quantity=44)
    assert (more.transaction.amount.plain, more.transaction.excess.plain) == ("110.00", "10.00")

    goods.revalue(sent, "50.00")

    assert balance_of(more.transaction) == ("50.00", "0.00")
    used = receipts.state(more.transaction, "used", quantity=11)
    assert used.transaction.amount.plain == "13.75"  # 55.00 are 44 of them at the value of now
    make.make_reversal(used.transaction)
    make.make_reversal(more.transaction)
    assert balance_of(sent) == ("50.00", "0.00")
    assert is_reckoned(everything=True)


def test_goods_that_were_valued_after_the_dispatch_are_stated_with_that_value(unvalued):
    commitment = Transaction.objects.get(pk=unvalued.draws_on_id)
    for row in (commitment, unvalued):
        goods.revalue(row, "80.00", basis="market_value")

    word = receipts.state(unvalued, "confirmed")

    assert (word.transaction.amount.plain, word.transaction.currency) == ("80.00", "USD")
    assert word.transaction.valuation_basis == "market_value"
    assert not word.opened.exists()


@pytest.mark.parametrize("quantity", [40, None])
def test_what_is_worth_nothing_is_still_waited_for_and_arrives_without_a_value(quantity, client):
    sent = receipts.make_goods(quantity, "100.00")
    goods.revalue(sent, "0.00")
    by = receipts.representative_of(sent.program)
    assert list(queries.waiting_for_word_of(by)) == [sent]
    assert sign_in(client, by).get(f"/desk/dispatches/{sent.uid}/").status_code == 200

    word = receipts.state(sent, "confirmed", by=by)

    assert (word.currency, word.amount, word.quantity) == ("", None, quantity)
    assert word.transaction.valuation_basis == "unvalued"
    assert list(queries.waiting_for_word_of(by)) == []
    assert not word.opened.exists()
    assert is_reckoned(everything=True)


def test_what_was_stated_without_a_value_can_be_valued_but_not_by_who_stated_it(
    unvalued, monkeypatch
):
    word = receipts.state(unvalued, "confirmed")
    for row in (Transaction.objects.get(pk=unvalued.draws_on_id), unvalued):
        goods.revalue(row, "80.00")
    asked = goods.propose(word.transaction, "80.00")
    decider = goods.decider_of(unvalued.program)
    assert asked in Revaluation.objects.visible_to(decider)
    assert asked not in Revaluation.objects.visible_to(word.stated_by)
    assert asked in queries.revaluations_waiting_for(decider)

    monkeypatch.setattr(policies.valuation, "check_holds", lambda *a, **k: None)
    with pytest.raises(NotAllowed, match="hand in the statement"):
        goods.confirm(asked, by=word.stated_by)
    without(monkeypatch, "check_can_decide_revaluation")
    with refused("hand in its voucher"):
        goods.confirm(asked, by=word.stated_by)
    goods.confirm(asked)
    assert balance_of(word.transaction) == ("80.00", "0.00")
    assert is_reckoned(everything=True)


def test_a_reversal_of_a_stated_receipt_takes_back_what_it_counts_as_now(sent):
    word = receipts.state(sent, "confirmed")
    goods.revalue(sent, "30.00")

    taken = make.make_reversal(word.transaction)

    assert taken.amount.plain == "-30.00"
    assert balance_of(sent) == ("30.00", "0.00")
    assert queries.both_ends(sent).received is None
    assert is_reckoned(everything=True)


# --- Interests -------------------------------------------------------------


def test_whoever_declared_an_interest_neither_proposes_a_value_nor_decides_on_one(
    program, monkeypatch
):
    row = goods.make_goods(program, payee="Carpathian Works")
    officer, approver = make.officer_of(program), goods.decider_of(program)
    asked = goods.propose(row, "400.00")
    for person in (officer, approver):
        declare(person, payee="carpathian works")

    for act in (lambda: goods.propose(row, "300.00"), lambda: goods.confirm(asked)):
        with pytest.raises(NotAllowed, match="declared an interest that concerns this transaction"):
            act()
    without(monkeypatch, "check_has_no_interest", "check_can_propose_revaluation")
    with refused("declared an interest"):
        goods.propose(row, "300.00", by=officer)
    with refused("declared an interest"):
        goods.confirm(asked, by=approver)
    assert not RevaluationLine.objects.exists()
