"""Revaluations: two persons, one event; by the actions' word and by the database's own."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.accounts import give_role, make_organisation, make_person
from tests.ledger.valuing import (
    balance_of,
    execute,
    is_reckoned,
    ministry,
    packed,
    program,
    refused,
    row,
    turnover,
    without,
)
from tests.publishing.test_reports import break_the_journal
from tests.refusals import forbidden
from tracker.accounts.models import Notice, Role
from tracker.ledger import policies, queries
from tracker.ledger.actions import valuation as valuing
from tracker.ledger.models import (
    Revaluation,
    RevaluationDecision,
    RevaluationLine,
    Transaction,
)
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money

__all__ = ["ministry", "packed", "program", "row"]  # fixtures


# --- Two persons -----------------------------------------------------------


def test_a_revaluation_counts_once_a_second_person_confirms_it(program, row):

    proposed = goods.propose(row, "400.00")

    assert (proposed.status, proposed.old_amount.plain, proposed.old_basis) == (
        "proposed",
        "1000.00",
        "replacement_cost",
    )
    assert balance_of(row) == ("1000.00", "0.00")

    goods.confirm(proposed)

    assert balance_of(row) == ("400.00", "0.00")
    assert turnover(row.program, "commitment") == "400.00"
    row.refresh_from_db()
    assert (row.amount.plain, row.valuation_basis) == ("1000.00", "replacement_cost")
    worth = policies.worth_of(row)
    assert (worth.amount.plain, worth.basis) == ("400.00", "net_book_value")
    assert is_reckoned()


def test_a_declined_revaluation_never_counts_and_keeps_its_reason(row):

    decision = goods.decline(goods.propose(row, "400.00"), "Wrong lot.")

    assert (decision.verdict, decision.text.reason, decision.rows) == ("declined", "Wrong lot.", 0)
    assert not RevaluationLine.objects.exists()
    assert balance_of(row) == ("1000.00", "0.00")
    with refused("declined already"):
        goods.confirm(Revaluation.objects.get())
    goods.revalue(row, "300.00")
    assert is_reckoned()


def test_declining_needs_a_reason(row):
    proposed = goods.propose(row, "400.00")
    with refused("Say why it is declined", "reason"):
        goods.decline(proposed, " ")


def _both(program):
    person = make.officer_of(program)
    give_role(person, Role.APPROVER, organisation=program.owner)
    return person


def test_who_proposed_it_never_decides_on_it(program, row):
    by = make_person(Role.OFFICER, organisation=program.owner)
    give_role(by, Role.APPROVER, organisation=program.owner)
    proposed = goods.propose(row, "400.00", by=by)

    with pytest.raises(NotAllowed, match="another person"):
        goods.confirm(proposed, by=by)

    assert not RevaluationDecision.objects.exists()


def test_who_had_a_hand_in_the_voucher_never_decides_what_it_is_worth(program, row):
    goods.decider_of(program)  # approves the voucher
    by = make_person(Role.OFFICER, organisation=program.owner)
    proposed = goods.propose(row, "400.00", by=by)

    with pytest.raises(NotAllowed, match="hand in voucher"):
        goods.confirm(proposed, by=_both(program))


def test_the_database_knows_both(program, row, monkeypatch):
    by = make_person(Role.OFFICER, organisation=program.owner)
    proposed = goods.propose(row, "400.00", by=by)
    without(monkeypatch, "check_can_decide_revaluation")

    with refused("another person decides"):
        goods.confirm(proposed, by=by)
    with refused("hand in its voucher"):
        goods.confirm(proposed, by=make.officer_of(program))
    assert balance_of(row) == ("1000.00", "0.00")


def people_of_other_roles(program, *roles):
    """One of the program's owner for each role, and one of the first role of another house."""
    home = {"employer": make_organisation()}
    apart = (Role.AUDITOR, Role.RECIPIENT)
    owner = program.owner
    for role in roles:
        yield make_person(role, organisation=owner, **home if role in apart else {})


def test_only_an_approver_of_the_program_decides(program, row):
    proposed = goods.propose(row, "400.00")
    roles = (Role.OFFICER, Role.AUDITOR, Role.DISCLOSURE, Role.RECIPIENT)
    for person in [*people_of_other_roles(program, *roles), make_person(Role.APPROVER)]:
        with pytest.raises(NotAllowed, match="Only an approver"):
            goods.confirm(proposed, by=person)
    senior = make_person(Role.SENIOR_APPROVER, organisation=program.owner)
    assert goods.confirm(proposed, by=senior).decided_by == senior


def test_only_an_officer_of_the_program_proposes_and_states(program, row):
    file = make.make_file()
    roles = (Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE)
    for person in [*people_of_other_roles(program, *roles), make_person(Role.OFFICER)]:
        with pytest.raises(NotAllowed, match="Only a program officer"):
            goods.propose(row, "400.00", by=person, document=file)
        with pytest.raises(NotAllowed, match="Only a program officer"):
            goods.state_alternative(row, "400.00", by=person)


def test_those_who_can_confirm_are_told_and_the_proposer_hears_of_it(program, row):
    approver = goods.decider_of(program)
    proposed = goods.propose(row, "400.00")
    assert Notice.objects.filter(person=approver, sentence__contains="your confirmation").exists()
    assert list(queries.revaluations_waiting_for(approver)) == [proposed]
    assert approver in queries.revaluation_deciders_of(proposed)
    assert not queries.revaluations_waiting_for(proposed.proposed_by).exists()

    goods.confirm(proposed)

    told = Notice.objects.filter(person=proposed.proposed_by, sentence__contains="was confirmed")
    assert told.exists()
    assert not queries.revaluations_waiting_for(approver).exists()


def test_nothing_happens_when_the_journal_fails(row, monkeypatch):
    proposed = goods.propose(row, "400.00")
    with monkeypatch.context() as broken:
        break_the_journal(broken)
        with pytest.raises(RuntimeError), transaction.atomic():
            goods.confirm(proposed)
    assert not RevaluationDecision.objects.exists()
    assert balance_of(row) == ("1000.00", "0.00")


# --- What can be valued, and how -------------------------------------------


def test_money_is_its_own_value_and_a_reversal_has_none(program, row, monkeypatch):
    paid = make.make_commitment(program)
    back = make.make_reversal(row)
    for wrong, sentence in (
        (paid, "Money is its own value"),
        (back, "takes back that of its row"),
        (row, "was reversed"),
    ):
        with refused(sentence):
            goods.propose(wrong, "400.00")

    without(monkeypatch, "check_is_revaluable", "check_is_in_kind")
    for wrong in (paid, back, row):
        with refused("Only goods and services that are in force|is violated"):
            goods.propose(wrong, Money(40000, "USD"))
        with refused("Money is its own value"):
            goods.state_alternative(paid, "1.00")


def test_what_the_recipient_reports_follows_its_dispatch(program, monkeypatch):
    sent = goods.draw(goods.make_goods(program), "disbursement", "100.00")
    receipt = goods.draw(sent, "receipt", "100.00")

    with refused("follows what it draws on"):
        goods.propose(receipt, "40.00")
    without(monkeypatch, "check_is_revaluable")
    with refused("in force"):
        goods.propose(receipt, "40.00")


def test_one_revaluation_waits_at_a_time(row):
    goods.propose(row, "400.00")
    with refused("waits for a decision already"):
        goods.propose(row, "300.00")


UNFIT = [
    ({"basis": "money"}, "new_basis"),
    ({"basis": "unvalued"}, "new_basis"),
    ({"basis": "not_stated"}, "new_basis"),
    ({"basis": ""}, "new_basis"),
    ({"amount": "-0.01"}, "new_amount"),
    ({"amount": None}, "new_amount"),
    ({"amount": make.money("5.00", "EUR")}, "currency"),
    ({"day": date(1776, 7, 4)}, "valuation_date"),
    ({"day": date(2199, 1, 1)}, "valuation_date"),
    ({"reason": "  "}, "reason"),
]


def test_a_new_value_says_its_basis_its_day_and_why(row):
    for says, field in UNFIT:
        with refused(".", field):
            goods.propose(row, **{"amount": "400.00"} | says)
    assert not Revaluation.objects.exists()


def test_the_database_wants_a_basis_and_an_amount_too(row):
    proposed = goods.propose(row, "400.00")
    for column, value in (
        ("new_basis", "not_stated"),
        ("new_amount", -1),
        ("old_amount", None),
        ("method", "straight_line"),
        ("acquisition_cost", 5),
    ):
        copy = Revaluation(**{f.attname: getattr(proposed, f.attname) for f in _own_fields()})
        copy.__dict__[column] = value
        copy.text = valuing.RevaluationText.objects.create(reason="x", document_name="x")
        copy.entry_id = row.entry_id
        with forbidden("revaluation_"):
            Revaluation.objects.bulk_create([copy])


def _own_fields():
    return [f for f in Revaluation._meta.concrete_fields if f.name not in ("id", "uid", "text")]


def test_the_same_value_again_is_no_revaluation_but_another_basis_is(row):
    with refused("already"):
        goods.propose(row, "1000.00", basis="replacement_cost")

    goods.revalue(row, "1000.00", basis="acquisition_cost")

    assert policies.worth_of(row).basis == "acquisition_cost"
    assert is_reckoned()


def test_depreciation_is_reckoned_and_must_agree_with_a_stated_amount(program):
    row = goods.make_goods(program, amount="1000000.00")
    line = ("1000000.00", "0.00", Decimal(15), Decimal(9))
    with refused("give 400,000.00 USD, not 1.00 USD", "new_amount"):
        goods.propose(row, "1.00", straight_line=line)
    with refused("gives a net book value", "new_basis"):
        goods.propose(row, straight_line=line, basis="market_value")

    goods.revalue(row, straight_line=line)

    said = Revaluation.objects.get()
    assert balance_of(row) == ("400000.00", "0.00")
    assert (said.method, said.useful_life, said.age) == ("straight_line", 15, 9)
    assert is_reckoned()


def test_a_revaluation_states_its_document_and_the_old_value_as_they_are(row, monkeypatch):
    monkeypatch.setattr(
        policies,
        "worth_of",
        lambda found: policies.Worth(make.money("7.00"), "replacement_cost", None),
    )
    with refused("at this moment"):
        goods.propose(row, "400.00")


# --- Other bases -----------------------------------------------------------


def test_a_value_on_another_basis_stands_beside_and_is_never_counted(program):
    row = goods.make_goods(program, amount="171.50", valuation_basis="acquisition_cost")

    goods.state_alternative(row, "2710.00", basis="replacement_cost")

    found = queries.valued(row)
    (other,) = found.others
    assert (other.ratio, other.stated.amount.plain) == (Decimal("15.80"), "2710.00")
    assert balance_of(row)[0] == turnover(program, "commitment") == "171.50"
    assert is_reckoned()


def test_a_value_beside_has_a_basis_a_source_and_a_day(row):
    for says, field in [
        ({"basis": "replacement_cost"}, "basis"),
        ({"basis": "unvalued"}, "basis"),
        ({"amount": "-1.00"}, "amount"),
        ({"citation": " "}, "citation"),
        ({"day": date(2199, 1, 1)}, "valuation_date"),
    ]:
        with refused(".", field):
            goods.state_alternative(row, **{"amount": "5.00"} | says)


# --- The database's own rules, past the actions ----------------------------


def test_what_was_valued_is_never_changed(row):
    goods.revalue(row, "400.00")
    goods.state_alternative(row, "5.00")
    for table in ("revaluation", "revaluationdecision", "revaluationline", "alternativevalue"):
        for statement in (f"UPDATE tracker_{table} SET id = id", f"DELETE FROM tracker_{table}"):
            with forbidden("append_only"):
                execute(statement)


def test_the_first_line_is_what_was_decided(row, monkeypatch):
    proposed = goods.propose(row, "400.00")
    for change in [
        {"position": 1},
        {"was": make.money("999.99")},
        {"delta": make.money("-599.99")},
        {"delta": make.money("-1000.01")},
        {"currency": "EUR"},
    ]:
        with monkeypatch.context() as lax:
            _with_lines(lax, lambda lines, c=change: [_changed(lines[0], c), *lines[1:]])
            with pytest.raises((Refused, DatabaseError)), transaction.atomic():
                goods.confirm(proposed)


def _changed(line, change):
    for name, value in change.items():
        line.__dict__[name] = value.minor if isinstance(value, Money) else value
    return line


def _with_lines(monkeypatch, alter):
    """What the action would write is altered on its way to the database."""
    honest = RevaluationLine.objects.bulk_create
    monkeypatch.setattr(RevaluationLine.objects, "bulk_create", lambda lines: honest(alter(lines)))


def test_a_package_is_revalued_with_everything_of_it_and_nothing_else(program, monkeypatch):
    package = goods.make_goods(program, amount="100.00")
    sent = goods.draw(package, "disbursement", "80.00")
    stranger = goods.make_goods(program, amount="80.00")
    proposed = goods.propose(package, "90.00")

    def instead(other, **change):
        def alter(lines):
            return [lines[0], _changed(lines[1], {"transaction_id": other.pk} | change)]

        return alter

    for alter in (
        instead(stranger),
        instead(sent, delta=make.money("8.00")),  # against the others
        instead(sent, was=make.money("79.00")),
        instead(package),
    ):
        with monkeypatch.context() as lax:
            _with_lines(lax, alter)
            with pytest.raises((Refused, DatabaseError)), transaction.atomic():
                goods.confirm(proposed)

    without(monkeypatch, "_check_stages")
    monkeypatch.setattr(policies.consequences, "_below", lambda root: [])
    with refused("at this moment"):
        goods.confirm(proposed)
    assert balance_of(package) == ("100.00", "80.00")


def test_no_line_follows_the_last_and_none_a_declined_decision(program, row):
    other = goods.make_goods(program)
    confirmed = goods.revalue(row, "400.00")
    declined = goods.decline(goods.propose(other, "400.00"))
    for decision, position in ((confirmed, 1), (declined, 0)):
        with forbidden("revaluation_line_"):
            RevaluationLine.objects.create(
                decision=decision,
                position=position,
                transaction=other,
                currency="USD",
                was=make.money("1000.00"),
                delta=make.money("-600.00"),
            )


def test_a_balance_is_what_was_posted_and_revalued(program, row):
    goods.revalue(row, "400.00")
    for value in (100000, 40001):
        with forbidden("balance_value_is_its_transactions"):
            execute("UPDATE tracker_balance SET value = %s", value)
    unvalued = goods.make_goods(program, amount=None)
    with forbidden("balance_value_is_its_transactions"):
        execute(
            "INSERT INTO tracker_balance (transaction_id, currency, value, drawn) "
            "VALUES (%s, 'USD', 5, 0)",
            unvalued.pk,
        )


# --- Reading ---------------------------------------------------------------


def test_the_story_of_a_value_names_every_step(packed):
    package, first, *_ = packed
    goods.revalue(package, "400.00")
    goods.revalue(first, "100.00", basis="market_value")
    goods.decline(goods.propose(first, "90.00"))
    goods.propose(first, "80.00")

    found = queries.valued(first)

    assert [(line.was.plain, line.now.plain) for line in found.lines] == [
        ("600.00", "240.00"),
        ("240.00", "100.00"),
    ]
    assert (found.difference.plain, found.worth.basis) == ("-500.00", "market_value")
    assert [one.status for one in found.proposals] == ["proposed", "declined"]
    assert found.waiting.new_amount.plain == "80.00"


def test_a_preview_tells_everything_before_anybody_proposes(packed):
    package, *_ = packed

    told = queries.preview(package, goods.valuation("400.00"))

    assert told.amount.plain == "400.00"
    assert [change.now.plain for change in told.shown][:3] == ["400.00", "240.00", "120.00"]
    assert (
        "state the new value"
        in queries.preview(package, goods.valuation("400.00", currency="EUR")).refused
    )
    assert not Revaluation.objects.exists()


def test_totals_of_a_list_count_what_is_worth_now(packed):
    package, *_ = packed
    goods.revalue(package, "400.00")

    totals = queries.turnover_of(Transaction.objects.all())
    assert {t.kind: t.amount.plain for t in totals}["disbursement"] == "360.00"
    moved = queries.changes_by_kind(queries.changed_by(Revaluation.objects.all()))
    assert [(m.kind, m.delta.plain) for m in moved][:2] == [
        ("commitment", "-600.00"),
        ("disbursement", "-540.00"),
    ]


@pytest.mark.thorough
def test_a_revaluation_takes_as_many_queries_for_one_dispatch_as_for_many(program, count_queries):
    def revalue_package(parts):
        package = goods.make_goods(program, amount="1000.00")
        for _ in range(parts):
            goods.draw(package, "disbursement", "10.00")
        proposed = goods.propose(package, "500.00")
        by = goods.decider_of(program)
        return count_queries(lambda: goods.confirm(proposed, by=by))

    assert revalue_package(1) == revalue_package(7)
