"""The recipient's word: recorded as stated, posted at once, never changed; and what the database itself refuses."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from tests.factories import ledger
from tests.factories import receipts as make
from tests.factories.accounts import end, give_role, make_organisation, make_person
from tests.factories.programs import make_program
from tests.ledger.test_database import approve_only
from tests.refusals import forbidden, refused_at
from tracker.accounts.models import Notice, Role
from tracker.journal import actions as journal
from tracker.journal import projections
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    Balance,
    Discrepancy,
    Statement,
    StatementText,
    Transaction,
    TransactionText,
    Turnover,
)
from tracker.programs.actions import Participant
from tracker.shared.errors import NotAllowed, Refused


def build():
    dispatch = make.make_dispatch("100.00")
    make.representative_of(dispatch.program)
    return dispatch


@pytest.fixture
def dispatch(built):
    return deepcopy(built)


def entry_for(row):
    return journal.record("statement", record=row, op="create", by=None, fields={})


def stated_by_hand(about, **other):
    """A statement inserted past the actions: all of a dispatch, confirmed, save for `other`."""
    text = StatementText.objects.create()
    says = {
        "about": about,
        "verdict": "confirmed",
        "currency": about.currency,
        "amount": about.amount and about.amount.minor,
        "unit": about.unit,
        "arrived_on": make.ARRIVED,
        "stated_by": make.representative_of(about.program),
    }
    row = Statement(uid=uuid4(), text=text, text_digest=text.digest, **says | other)
    row.entry_id = entry_for(row)
    row.save()
    return row


def posted_by_hand(said, **other):
    """A receipt inserted past the actions, as the statement says, save for `other`."""
    about, text = said.about, TransactionText.objects.create()
    says = {
        "kind": "receipt",
        "program": about.program,
        "statement": said,
        "fiscal_year": 2024,
        "provenance": "reported",
        "currency": said.currency,
        "amount": said.amount and said.amount.minor,
        "value_date": said.arrived_on,
        "draws_on": about,
        "unit": said.unit,
    }
    row = Transaction(uid=uuid4(), text=text, text_digest=text.digest, **says | other)
    row.entry_id = entry_for(row)
    row.save()
    return row


def received(dispatch):
    found = Turnover.objects.filter(program=dispatch.program, kind="receipt").first()
    return None if found is None else found.amount.plain


def nothing_differs():
    assert list(projections.differences()) == []


# --- What is stated is posted ----------------------------------------------


def test_a_confirmation_posts_all_that_is_left_without_a_voucher_or_an_approval(dispatch):
    statement = make.state(dispatch, "confirmed")

    receipt = statement.transaction
    assert (receipt.kind, receipt.amount.plain, receipt.provenance) == (
        "receipt",
        "100.00",
        "reported",
    )
    assert (receipt.version, receipt.value_date) == (None, make.ARRIVED)
    assert (receipt.draws_on, receipt.receiver) == (dispatch, dispatch.receiver)
    assert Balance.objects.get(transaction=dispatch).left.minor == 0
    assert received(dispatch) == "100.00"
    assert not Discrepancy.objects.exists()
    nothing_differs()


def test_the_dispatch_stays_what_it_was_and_both_figures_stand_side_by_side(dispatch):
    make.state(dispatch, "short", "90.00")

    ends = queries.both_ends(Transaction.objects.get(pk=dispatch.pk))
    assert (ends.dispatch.amount.plain, ends.received.plain, ends.missing.plain) == (
        "100.00",
        "90.00",
        "10.00",
    )
    assert [d.kind for d in ends.discrepancies] == ["short"]


def test_several_partial_receipts_add_up_and_a_confirmation_takes_the_rest(dispatch):
    for amount in ("60.00", "30.00"):
        make.state(dispatch, "short", amount)
    last = make.state(dispatch, "confirmed")

    assert last.amount.plain == "10.00"
    assert received(dispatch) == "100.00"
    assert [d.amount.plain for d in Discrepancy.objects.all()] == ["40.00"], "the same rest, once"
    with refused_at("verdict", "Nothing of it is left"):
        make.state(dispatch, "confirmed")


def test_more_than_was_dispatched_is_recorded_as_stated_and_its_excess_is_in_no_total(dispatch):
    receipt = make.state(dispatch, "surplus", "120.00").transaction

    assert (receipt.amount.plain, receipt.excess.plain, receipt.counted.plain) == (
        "120.00",
        "20.00",
        "100.00",
    )
    balance = Balance.objects.get(transaction=dispatch)
    assert (balance.value.plain, balance.drawn.plain) == ("100.00", "100.00")
    assert Balance.objects.get(transaction=receipt).value.plain == "100.00"
    assert received(dispatch) == "100.00"
    assert make.state(dispatch, "surplus", "5.00").transaction.counted.minor == 0
    assert [d.amount.plain for d in Discrepancy.objects.order_by("pk")] == ["20.00", "5.00"]
    assert received(dispatch) == "100.00"
    nothing_differs()


def test_a_dispute_posts_nothing_and_opens_a_discrepancy_of_all_that_is_left(dispatch):
    statement = make.state(dispatch, "disputed", remark="We never saw it.")

    assert not Transaction.objects.filter(draws_on=dispatch).exists()
    opened = Discrepancy.objects.get()
    assert (opened.kind, opened.amount.plain, opened.receipt) == ("disputed", "100.00", None)
    assert statement.text.remark == "We never saw it."
    assert received(dispatch) is None
    make.state(dispatch, "confirmed")  # it came after all: both words stand
    assert received(dispatch) == "100.00"
    nothing_differs()


def test_what_is_damaged_is_part_of_what_arrived(dispatch):
    statement = make.state(dispatch, "damaged", "100.00", damaged_amount="5.00")

    assert statement.transaction.amount.plain == "100.00"
    assert [(d.kind, d.amount.plain) for d in statement.opened.all()] == [("damaged", "5.00")]


def test_goods_are_counted_and_their_value_follows_from_the_dispatch():
    goods = make.make_goods(40, "100.00")
    statement = make.state(goods, "damaged", quantity=38, damaged_quantity=2)

    receipt = statement.transaction
    assert (receipt.amount.plain, receipt.quantity, receipt.unit) == ("95.00", 38, "beds")
    assert (receipt.form, receipt.valuation_basis, receipt.delivery_point) == (
        "goods",
        "donor_stated",
        "title_transfer",
    )
    opened = [(d.kind, d.amount.plain, d.quantity) for d in statement.opened.order_by("pk")]
    assert opened == [("short", "5.00", 2), ("damaged", "5.00", 2)]
    rest = make.state(goods, "confirmed").transaction
    assert (rest.amount.plain, rest.quantity) == ("5.00", 2)
    nothing_differs()


def test_the_value_of_pieces_is_rounded_and_the_last_ones_take_the_rest():
    goods = make.make_goods(3, "100.00")
    amounts = [make.state(goods, "short", quantity=1).amount.plain for _ in "12"]

    assert [*amounts, make.state(goods, "confirmed").amount.plain] == ["33.33", "33.33", "33.34"]


def test_a_surplus_is_one_of_pieces_too_and_only_of_those_beyond():
    goods = make.make_goods(40, None)
    opened = make.state(goods, "surplus", quantity=50).opened.get()
    again = make.state(goods, "surplus", quantity=3).opened.get()

    assert (opened.kind, opened.amount, opened.quantity) == ("surplus", None, 10)
    assert again.quantity == 3
    nothing_differs()


def test_what_is_unvalued_stays_unvalued_and_is_never_zero():
    goods = make.make_goods(40, None)
    statement = make.state(goods, "short", quantity=36)

    receipt = statement.transaction
    assert (receipt.amount, receipt.currency, receipt.valuation_basis) == (None, "", "unvalued")
    assert statement.opened.get().quantity == 4
    assert received(goods) is None
    with refused_at("amount", "unvalued"):
        make.state(goods, "short", ledger.money("1.00"), quantity=1)


def test_where_neither_side_states_a_figure_words_say_what_differs():
    goods = make.make_goods(None, None)

    with refused_at("remark", "in words"):
        make.state(goods, "short")
    opened = make.state(goods, "short", remark="One crate of three is missing.").opened.get()
    assert (opened.kind, opened.amount, opened.quantity) == ("short", None, None)


def test_what_was_used_is_an_expenditure_and_more_than_was_received_an_open_surplus(dispatch):
    receipt = make.state(dispatch, "short", "90.00").transaction
    used = make.state(receipt, "used", "60.00").transaction
    more = make.state(receipt, "used", "40.00")

    assert (used.kind, used.draws_on, used.excess) == ("expenditure", receipt, None)
    assert more.transaction.excess.plain == "10.00"
    assert [(d.kind, d.amount.plain) for d in more.opened.all()] == [("surplus", "10.00")]
    assert Turnover.objects.get(kind="expenditure").amount.plain == "90.00"
    nothing_differs()


def test_a_document_comes_with_it_under_its_sha256(dispatch):
    file = actions.NewFile(ContentFile(b"Signed."), "../note.txt", "text/plain")
    statement = make.state(dispatch, "confirmed", file=file)

    assert statement.evidence.size == 7
    assert statement.text.evidence_name == "note.txt"
    nothing_differs()


def test_the_fiscal_year_of_a_receipt_is_that_of_its_day_by_the_owners_calendar(dispatch):
    receipt = make.state(dispatch, "confirmed", arrived_on=date(2025, 1, 3)).transaction
    assert receipt.fiscal_year == 2025


# --- Pending until somebody speaks -----------------------------------------


def test_a_dispatch_waits_until_its_recipient_speaks_and_again_when_that_is_reversed(dispatch):
    representative = make.representative_of(dispatch.program)

    def asked():
        return list(queries.waiting_for_word_of(representative))

    assert asked() == [dispatch]
    receipt = make.state(dispatch, "short", "90.00", by=representative).transaction
    assert asked() == []
    ledger.make_reversal(receipt)
    assert asked() == [dispatch]
    make.state(dispatch, "disputed", by=representative)
    assert asked() == []


def test_representatives_are_told_of_a_dispatch_and_officers_of_the_word(dispatch):
    program = make_program()
    representative = make.representative_of(program)
    other = make.make_dispatch(program=program)
    told = Notice.objects.filter(person=representative)
    assert told.get().sentence.startswith("State what arrived: disbursement D-1")
    assert told.get().path == f"/desk/dispatches/{other.uid}/"

    make.state(other, "short", "90.00", by=representative)
    officers = Notice.objects.filter(person=ledger.officer_of(program))
    assert officers.filter(sentence__contains="short. A discrepancy is open").exists()


# --- Who -------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE])
def test_nobody_of_the_donors_side_states_what_arrived(dispatch, role):
    office = make_organisation() if role == Role.AUDITOR else None
    person = make_person(role, organisation=dispatch.program.owner, employer=office)
    with pytest.raises(NotAllowed, match="donor's side"):
        make.state(dispatch, by=person)
    if role == Role.OFFICER:  # nor does somebody with a foot on each
        give_role(person, Role.RECIPIENT, program=dispatch.program)
        with pytest.raises(NotAllowed, match="donor's side"):
            make.state(dispatch, by=person)


def test_only_a_representative_of_this_recipient_states_it(dispatch):
    for stranger in (
        make_person(Role.RECIPIENT),
        make_person(Role.RECIPIENT, organisation=dispatch.program.owner),
        make_person(),
    ):
        with pytest.raises(NotAllowed, match="Only a representative of its recipient"):
            make.state(dispatch, by=stranger)
    home = make.recipient_of(dispatch.program)
    of_the_program = make_person(employer=home)
    give_role(of_the_program, Role.RECIPIENT, program=dispatch.program)
    assert make.state(dispatch, by=of_the_program).transaction


def test_of_several_recipients_the_one_that_a_dispatch_names_speaks_of_it():
    owner, first, second = (make_organisation() for _ in "123")
    parts = [Participant(owner, "donor"), Participant(first, "recipient")]
    program = make_program(owner=owner, participants=[*parts, Participant(second, "recipient")])
    people = [make_person(Role.RECIPIENT, organisation=home) for home in (first, second)]
    named = make.make_dispatch(program=program, receiver=second)
    open_one = make.make_dispatch(program=program, receiver=None)

    assert list(queries.representatives_of(named)) == people[1:]
    assert set(queries.representatives_of(open_one)) == set(people)
    assert list(queries.waiting_for_word_of(people[0])) == [open_one]
    with pytest.raises(NotAllowed):
        make.state(named, by=people[0])
    assert make.state(named, by=people[1]).transaction


def test_who_drafted_or_approved_a_payment_does_not_confirm_it_later(dispatch):
    voucher = dispatch.version.voucher
    hands = (voucher.created_by, dispatch.version.approvals.get().approver)
    for person in hands:
        role = "officer" if person == voucher.created_by else "approver"
        end(person.memberships.get(role=role))
        give_role(person, Role.RECIPIENT, program=dispatch.program)
        with pytest.raises(NotAllowed, match="had a hand"):
            make.state(dispatch, by=person)
        with forbidden("statement_never_by_who_dispatched"):
            stated_by_hand(dispatch, stated_by=person)


# --- Bad input -------------------------------------------------------------


@pytest.mark.parametrize(
    "verdict, says, field, words",
    [
        ("lost", {}, "verdict", "Choose one of"),
        ("used", {"amount": "1.00"}, "verdict", "Choose one of"),
        ("short", {"amount": "100.00"}, "amount", "state less"),
        ("short", {"amount": "0.00"}, "amount", "more than zero"),
        ("short", {}, "amount", "State what arrived"),
        ("surplus", {"amount": "100.00"}, "amount", "state more"),
        ("confirmed", {"amount": "90.00"}, "amount", "Confirmed means all"),
        ("confirmed", {"arrived_on": None}, "arrived_on", "State the day"),
        ("confirmed", {"arrived_on": date(1066, 1, 1)}, "arrived_on", "cannot be right"),
        ("confirmed", {"arrived_on": date(2199, 1, 1)}, "arrived_on", "after today"),
        ("short", {"amount": "90.00", "quantity": 3}, "quantity", "states no quantity"),
        ("short", {"amount": "9.00", "damaged_amount": "1.00"}, "damaged_amount", "Only of a"),
        ("damaged", {"amount": "90.00"}, "damaged_amount", "how much of what arrived"),
        ("damaged", {"amount": "9.00", "damaged_amount": "9.01"}, "damaged_amount", "More cannot"),
        ("disputed", {"remark": " "}, "remark", "what you dispute"),
        ("disputed", {"amount": "1.00"}, "amount", "states no arrival"),
        ("confirmed", {"delivery_point": "moon"}, "delivery_point", "moon"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(dispatch, verdict, says, field, words):
    with refused_at(field, words):
        make.state(dispatch, verdict, says.pop("amount", None), **says)
    assert not Statement.objects.exists()


def test_another_currency_is_refused(dispatch):
    with refused_at("amount", "in USD"):
        make.state(dispatch, "short", ledger.money("90.00", "EUR"))


def test_goods_say_which_point_received_means():
    with refused_at("delivery_point", "which point"):
        make.state(make.make_goods(), delivery_point="")


def test_nothing_is_stated_of_what_was_taken_back_or_is_no_dispatch(dispatch):
    representative = make.representative_of(dispatch.program)
    with pytest.raises(Refused, match="what arrived of a dispatch"):
        make.state(dispatch.draws_on, by=representative)
    reversal = ledger.make_reversal(dispatch)
    for gone in (dispatch, reversal):
        with pytest.raises(Refused, match="taken back"):
            make.state(gone, by=representative)


# --- Reversal --------------------------------------------------------------


def test_a_statement_is_corrected_by_a_reversal_like_any_other_and_stays(dispatch):
    statement = make.state(dispatch, "short", "90.00")
    reversal = ledger.make_reversal(statement.transaction)

    assert reversal.version.approvals.exists()
    assert (reversal.amount.plain, reversal.kind, reversal.statement) == (
        "-90.00",
        "receipt",
        None,
    )
    assert Statement.objects.get() == statement
    assert Balance.objects.get(transaction=dispatch).left.plain == "100.00"
    assert received(dispatch) == "0.00"
    assert Discrepancy.objects.get().state.status == "withdrawn"
    again = make.state(dispatch, "confirmed")
    assert again.amount.plain == "100.00"
    with pytest.raises(Refused, match=r"drawn on\. Reverse first: receipt"):
        ledger.make_reversal(dispatch)
    nothing_differs()


def test_the_reversal_of_a_surplus_takes_its_excess_back_with_it(dispatch):
    receipt = make.state(dispatch, "surplus", "120.00").transaction
    reversal = ledger.make_reversal(receipt)

    assert (reversal.excess.plain, received(dispatch)) == ("-20.00", "0.00")
    nothing_differs()


# --- The recipient's paper -------------------------------------------------


def test_a_receipt_from_the_recipients_paper_opens_the_same_discrepancies(dispatch):
    receipt = make.make_paper_receipt(dispatch, "90.00")
    more = make.make_paper_receipt(make.make_dispatch(), "130.00")

    assert (receipt.provenance, receipt.statement) == ("voucher", None)
    short, surplus = Discrepancy.objects.order_by("pk")
    assert (short.kind, short.amount.plain, short.receipt, short.statement) == (
        "short",
        "10.00",
        receipt,
        None,
    )
    assert (surplus.kind, surplus.amount.plain, surplus.receipt) == ("surplus", "30.00", more)
    nothing_differs()


def test_a_paper_receipt_of_goods_says_its_point_before_it_is_submitted():
    goods = make.make_goods()
    with refused_at("delivery_point", "the arrival is recorded at"):
        make.make_paper_receipt(
            goods,
            "100.00",
            form="goods",
            valuation_basis="donor_stated",
            valuation_date=make.ARRIVED,
        )


# --- What the database refuses ---------------------------------------------


def test_the_database_compares_a_verdict_with_what_is_left(dispatch):
    for says in (
        {"amount": 9_999},
        {"verdict": "short"},
        {"verdict": "short", "amount": 10_001},
        {"verdict": "surplus"},
    ):
        with forbidden("statement_fits_its_figures"):
            stated_by_hand(dispatch, **says)
    goods = make.make_goods(40, None)
    with forbidden("statement_fits_its_figures"):
        stated_by_hand(goods, verdict="short", quantity=Decimal(40))


def test_the_database_keeps_a_statement_to_what_it_is_about(dispatch):
    receipt = make.make_paper_receipt(make.make_dispatch(), "100.00")
    for about, says in (
        (dispatch, {"verdict": "used"}),
        (receipt, {"verdict": "damaged"}),
        (dispatch.draws_on, {"verdict": "damaged"}),
    ):
        with forbidden("statement_about_what_it_can_be_about"):
            stated_by_hand(about, **says)
    ledger.make_reversal(dispatch)
    with forbidden("statement_about_what_it_can_be_about"):
        stated_by_hand(dispatch, verdict="damaged")


def test_the_database_keeps_a_statement_to_the_measures_of_its_dispatch(dispatch):
    for says in (
        {"currency": "EUR", "amount": 1},
        {"amount": None},
        {"quantity": Decimal(1)},
        {"unit": "beds"},
    ):
        with forbidden("statement_in_the_measures_of_the_dispatch"):
            stated_by_hand(dispatch, verdict="damaged", **says)


@pytest.mark.parametrize(
    "rule, says",
    [
        ("statement_verdict_known", {"verdict": "lost"}),
        ("statement_disputed_states_no_arrival", {"verdict": "disputed"}),
        ("statement_disputed_states_no_arrival", {"arrived_on": None}),
        ("statement_figures_above_zero", {"verdict": "short", "amount": 0}),
        ("statement_damaged_is_part_of_what_arrived", {"damaged_amount": 1}),
        (
            "statement_damaged_is_part_of_what_arrived",
            {"verdict": "damaged", "damaged_amount": 10_001},
        ),
    ],
)
def test_the_database_knows_what_a_statement_can_say(dispatch, rule, says):
    with forbidden(rule):
        stated_by_hand(dispatch, **says)


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 9_999},
        {"value_date": date(2024, 4, 3)},
        {"date_precision": "month"},
        {"kind": "refund"},
        {"delivery_point": "title_transfer"},
        {"quantity": Decimal(1)},
        {"provenance": "voucher"},
    ],
)
def test_the_database_posts_exactly_what_was_stated(dispatch, other):
    statement = stated_by_hand(dispatch)
    with forbidden("transaction_is_what_was_stated"):
        posted_by_hand(statement, **other)


def test_the_database_posts_a_statement_once_and_a_dispute_never(dispatch):
    statement = stated_by_hand(dispatch, verdict="short", amount=5_000)
    posted_by_hand(statement)
    with forbidden("tracker_transaction.statement_id|statement_id_key|append_only"):
        posted_by_hand(statement)
    dispute = stated_by_hand(dispatch, verdict="disputed", amount=None, arrived_on=None)
    with forbidden("transaction_is_what_was_stated"):
        posted_by_hand(dispute, amount=1, value_date=make.ARRIVED)


def test_the_database_takes_what_was_approved_or_stated_and_nothing_else(dispatch):
    statement = stated_by_hand(dispatch)
    says = {"amount": dispatch.amount, "draws_on": dispatch, "value_date": make.ARRIVED}
    version = ledger.submit(ledger.make_voucher(dispatch.program, "receipt", **says))
    approve_only(version)
    with forbidden("transaction_was_approved_or_stated"):
        posted_by_hand(statement, version=version)
    with forbidden("transaction_needs_an_approval"):
        posted_by_hand(statement, statement=None, provenance="voucher")
    with forbidden("transaction_is_what_was_stated"):
        posted_by_hand(statement, statement=None)


def test_a_statement_and_its_words_are_never_changed_or_deleted(dispatch):
    statement = make.state(dispatch, "disputed")
    for sql, rule in (
        ("UPDATE tracker_statement SET verdict = 'confirmed'", "append_only"),
        ("DELETE FROM tracker_statement", "append_only"),
        ("UPDATE tracker_statementtext SET remark = 'All is well.'", "keeps its words"),
    ):
        with forbidden(rule), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Statement.objects.get().verdict == statement.verdict


def test_even_without_our_checks_the_database_holds_and_says_why(dispatch, monkeypatch):
    for name in ("check_fits_what_is_left", "check_can_state"):
        monkeypatch.setattr(policies, name, lambda *a: None)
    with refused_at("verdict", "does not fit what is left"):
        make.state(dispatch, "short", "100.00")
    assert not Statement.objects.exists()
