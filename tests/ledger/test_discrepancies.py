"""Discrepancies: two sides opened them, two sides close them, and none ever disappears."""

from copy import deepcopy
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction

from tests.factories import ledger
from tests.factories import receipts as make
from tests.factories.accounts import make_organisation, make_person
from tests.refusals import forbidden
from tracker.accounts.models import Notice, Role
from tracker.audits.policies import check_independent
from tracker.journal import actions as journal
from tracker.journal import projections
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    DISCREPANCY_TRANSITIONS,
    Balance,
    Discrepancy,
    DiscrepancyState,
    DiscrepancyStatus,
    DiscrepancyStep,
    DiscrepancyStepText,
    Turnover,
)
from tracker.shared.clock import today
from tracker.shared.errors import NotAllowed, Refused

WHY = actions.NewStep("Because.")


def build():
    dispatch = make.make_dispatch("100.00")
    make.representative_of(dispatch.program)
    return dispatch


@pytest.fixture
def dispatch(built):
    return deepcopy(built)


@pytest.fixture
def short(dispatch):
    """90.00 of 100.00 arrived."""
    return make.make_short("90.00", dispatch)


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def fresh(discrepancy):
    return Discrepancy.objects.for_table().get(pk=discrepancy.pk)


def status_of(discrepancy):
    return fresh(discrepancy).state.status


def step_by_hand(discrepancy, step, side="ours", by=None, **says):
    """A step inserted past the actions."""
    text = DiscrepancyStepText.objects.create(reason="Because.")
    row = DiscrepancyStep(
        uid=uuid4(),
        discrepancy=discrepancy,
        step=step,
        side=side,
        taken_on=today(),
        text=text,
        text_digest=text.digest,
        taken_by=by or make_person(),
        **says,
    )
    row.entry_id = journal.record("statement", record=row, op="create", by=None, fields={})
    row.save()
    return row


def open_by_hand(about, kind, **says):
    row = Discrepancy(
        uid=uuid4(),
        about=about,
        kind=kind,
        currency=about.currency,
        unit=about.unit,
        opened_on=today(),
        due_on=today(),
        opened_by=make_person(),
        **says,
    )
    row.entry_id = journal.record("statement", record=row, op="create", by=None, fields={})
    row.save()
    return row


# --- Worked examples -------------------------------------------------------


def test_100_dispatched_90_received_10_later_and_the_later_receipt_is_the_explanation(
    dispatch, short
):
    program = dispatch.program
    later = make.state(dispatch, "confirmed").transaction

    assert (later.amount.plain, status_of(short)) == ("10.00", "open"), (
        "nothing closes it by itself"
    )
    assert list(queries.could_settle(short)) == [later]
    explained = make.explain(short, make.representative_of(program), later)
    assert status_of(short) == "open", "it counts once the other side accepts it"
    assert explained.state.proposal.settled_by == later

    make.accept(explained, ledger.officer_of(program))

    found = fresh(short)
    assert (found.state.status, found.state.settled_by, found.amount.plain) == (
        "explained",
        later,
        "10.00",
    )
    assert Turnover.objects.get(kind="receipt").amount.plain == "100.00"
    assert list(projections.differences()) == []


def test_everything_is_lost_declared_so_and_written_off_with_approvals_of_its_own(dispatch):
    dispute = make.state(dispatch, "disputed").opened.get()
    officer = make.another_officer(dispatch.program)

    actions.declare_loss(discrepancy=dispute, step=WHY, by=officer)
    assert list(queries.to_write_off(officer)) == [dispute]
    write_off = make.make_write_off(dispatch, "100.00")
    named = actions.NewStep("As posted.", write_off)
    actions.name_write_off(discrepancy=dispute, step=named, by=officer)

    found = fresh(dispute)
    assert (found.state.status, found.state.settled_by) == ("loss", write_off)
    assert Balance.objects.get(transaction=dispatch).left.minor == 0
    assert not Turnover.objects.filter(kind="receipt").exists()
    assert list(queries.to_write_off(officer)) == []
    with pytest.raises(Refused, match="named already"):
        actions.name_write_off(discrepancy=dispute, step=named, by=officer)
    assert list(projections.differences()) == []


def test_what_is_damaged_is_written_off_from_the_receipt(dispatch):
    statement = make.state(dispatch, "damaged", "100.00", damaged_amount="5.00")
    write_off = make.make_write_off(statement.transaction, "5.00")
    step = actions.NewStep("Beyond repair.", write_off)

    found = actions.declare_loss(
        discrepancy=statement.opened.get(), step=step, by=make.another_officer(dispatch.program)
    )

    assert (found.state.status, found.state.settled_by) == ("loss", write_off)


# --- Its clock -------------------------------------------------------------


def test_it_is_due_after_the_days_of_the_setting_and_overdue_is_computed(dispatch, settings):
    settings.DISCREPANCY_DAYS = 12
    short = make.make_short("90.00", dispatch)

    assert short.due_on - short.opened_on == timedelta(12)
    day = short.due_on + timedelta(1)
    assert short.days_overdue(short.due_on) == 0
    assert short.days_overdue(day) == 1
    assert list(Discrepancy.objects.overdue(day)) == [short]
    make.make_explained(short)
    assert fresh(short).days_overdue(day) == 0
    assert list(Discrepancy.objects.overdue(day)) == []


# --- Two sides -------------------------------------------------------------


def test_an_explanation_of_ours_is_accepted_by_another_representative_than_who_reported(short):
    program = short.about.program
    make.explain(short, ledger.officer_of(program), reason="Packed by mistake.")
    reporter, other = (make.representative_of(program, n) for n in (0, 1))
    assert list(queries.to_answer(reporter)) == [short]

    with pytest.raises(NotAllowed, match="never closes its discrepancy"):
        make.accept(short, reporter)
    make.accept(short, other)

    assert status_of(short) == "explained"
    assert list(queries.to_answer(other)) == []


@pytest.mark.parametrize("side", ["officer", "recipient"])
def test_nobody_accepts_what_their_own_side_explained(short, side):
    program = short.about.program
    if side == "officer":
        people = (ledger.officer_of(program), ledger.approver_of(program))
    else:
        people = (make.representative_of(program), make.representative_of(program, 1))
    make.explain(short, people[0])
    for person in people:
        with pytest.raises(NotAllowed, match="Your own side"):
            make.accept(short, person)
        with pytest.raises(NotAllowed, match="Your own side"):
            actions.dispute_discrepancy(discrepancy=short, step=WHY, by=person)
    assert status_of(short) == "open"


def test_nothing_is_accepted_that_nobody_explained(short):
    with pytest.raises(Refused, match="no explanation yet"):
        make.accept(short, ledger.officer_of(short.about.program))


def test_the_other_side_disputes_an_explanation_and_a_better_one_is_accepted(short):
    program = short.about.program
    officer, representative = ledger.officer_of(program), make.representative_of(program)
    make.explain(short, officer, reason="It was never packed.")

    disputed = actions.dispute_discrepancy(discrepancy=short, step=WHY, by=representative)
    assert (disputed.state.status, disputed.state.proposal) == ("disputed", None)
    with pytest.raises(Refused, match="disputed already"):
        actions.dispute_discrepancy(discrepancy=short, step=WHY, by=officer)
    make.make_explained(short)

    assert status_of(short) == "explained"
    told = [step.text.reason for step in queries.steps_of(short)]
    assert told == ["It was never packed.", "Because.", "Came later.", ""], "every word stays"


def test_a_later_explanation_takes_the_place_of_one_that_waits(short):
    program = short.about.program
    for reason in ("First.", "Second."):
        found = make.explain(short, ledger.officer_of(program), reason=reason)
    assert found.state.proposal.text.reason == "Second."
    make.accept(short, make.representative_of(program, 1))
    assert DiscrepancyStep.objects.count() == 3


def test_either_side_reopens_what_was_settled_and_the_due_date_stays(short):
    due = short.due_on
    make.make_explained(short)
    by = make.representative_of(short.about.program)
    found = actions.reopen_discrepancy(discrepancy=short, step=WHY, by=by)

    assert (found.state.status, found.state.settled_by, found.due_on) == ("open", None, due)
    with pytest.raises(Refused, match="open already"):
        actions.reopen_discrepancy(discrepancy=short, step=WHY, by=by)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DISCLOSURE, Role.RECIPIENT])
def test_auditors_and_strangers_have_no_part_in_it(short, role):
    owner = short.about.program.owner
    stranger = make_organisation() if role == Role.AUDITOR else None
    person = make_person(role, organisation=owner, employer=stranger)
    for act in (actions.explain_discrepancy, actions.reopen_discrepancy, actions.declare_loss):
        with pytest.raises(NotAllowed):
            act(discrepancy=short, step=WHY, by=person)
    assert queries.verbs_of(fresh(short), person) == []


def test_an_auditor_who_took_a_step_does_not_audit_the_program(short):
    program = short.about.program
    with pytest.raises(Refused, match="stated what arrived"):
        check_independent(make.representative_of(program), [program])
    other = make.representative_of(program, 1)
    make.explain(short, other)
    with pytest.raises(Refused, match="step about a discrepancy"):
        check_independent(other, [program])


# --- Loss ------------------------------------------------------------------


def test_a_loss_is_declared_by_an_officer_and_never_of_a_surplus(dispatch, short):
    program = dispatch.program
    for person in (make.representative_of(program, 1), ledger.approver_of(program)):
        with pytest.raises(NotAllowed, match="Only a program officer"):
            actions.declare_loss(discrepancy=short, step=WHY, by=person)
    surplus = make.state(dispatch, "surplus", "30.00").opened.get()
    with pytest.raises(Refused, match="no loss"):
        actions.declare_loss(discrepancy=surplus, step=WHY, by=ledger.officer_of(program))
    actions.declare_loss(discrepancy=short, step=WHY, by=ledger.officer_of(program))
    assert status_of(short) == "loss"
    with pytest.raises(Refused, match="reopen it first"):
        make.explain(short, ledger.officer_of(program))


def test_who_recorded_the_recipients_paper_never_closes_what_it_opened(dispatch):
    receipt = make.make_paper_receipt(dispatch, "90.00")
    short, program = receipt.opened.get(), dispatch.program
    recorder = receipt.version.voucher.created_by
    approver = receipt.version.approvals.get().approver

    with pytest.raises(NotAllowed, match="never closes"):
        actions.declare_loss(discrepancy=short, step=WHY, by=recorder)
    make.explain(short, make.representative_of(program))
    for person in (recorder, approver):
        with pytest.raises(NotAllowed, match="never closes"):
            make.accept(short, person)
        with forbidden("discrepancy_never_closed_by_who_reported_it"):
            step_by_hand(short, "accepted", by=person)
    make.accept(short, make.another_officer(program))


def test_only_a_write_off_of_the_same_dispatch_settles_a_loss(dispatch, short):
    officer = make.another_officer(dispatch.program)
    later = make.state(dispatch, "short", "5.00").transaction
    foreign = make.make_write_off(make.make_dispatch(program=dispatch.program), "5.00")
    gone = make.make_write_off(dispatch, "5.00")
    ledger.make_reversal(gone)
    for row, words in (
        (later, "settled by a write-off"),
        (foreign, "same dispatch"),
        (gone, "in force"),
        (short.receipt, "same dispatch"),
    ):
        with pytest.raises(Refused, match=words):
            actions.declare_loss(discrepancy=short, step=actions.NewStep("Lost.", row), by=officer)
        with forbidden("discrepancy_settled_by_its_own_chain"):
            step_by_hand(short, "loss", by=officer, settled_by=row)
    with pytest.raises(Refused, match="Choose the write-off"):
        actions.name_write_off(discrepancy=short, step=WHY, by=officer)
    write_off = make.make_write_off(dispatch, "5.00")
    with pytest.raises(Refused, match="declare it first"):
        actions.name_write_off(
            discrepancy=short, step=actions.NewStep("Lost.", write_off), by=officer
        )


# --- With a reversal -------------------------------------------------------


def test_the_reversal_of_a_report_withdraws_what_it_opened_and_nothing_else_does(dispatch, short):
    with forbidden("discrepancy_withdrawn_with_its_report"):
        step_by_hand(short, "withdrawn")
    make.explain(short, ledger.officer_of(dispatch.program))

    ledger.make_reversal(short.receipt)

    found = fresh(short)
    assert (found.state.status, found.state.proposal) == ("withdrawn", None)
    assert found.amount.plain == "10.00", "it stays, as it was"
    assert queries.steps_of(short).last().text.reason == "Its report was reversed."
    with pytest.raises(Refused):
        make.explain(short, ledger.officer_of(dispatch.program))
    assert list(projections.differences()) == []


def test_the_reversal_of_a_disputed_dispatch_withdraws_the_dispute(dispatch):
    dispute = make.state(dispatch, "disputed").opened.get()
    ledger.make_reversal(dispatch)
    assert status_of(dispute) == "withdrawn"


def test_what_rested_on_a_reversed_row_is_open_again(dispatch, short):
    later = make.state(dispatch, "confirmed").transaction
    make.make_explained(short, later)
    ledger.make_reversal(later)

    assert status_of(short) == "open"
    assert queries.steps_of(short).last().text.reason == "What settled it was reversed."
    officer = make.another_officer(dispatch.program)
    write_off = make.make_write_off(dispatch, "10.00")
    actions.declare_loss(discrepancy=short, step=actions.NewStep("Lost.", write_off), by=officer)
    ledger.make_reversal(write_off)
    assert status_of(short) == "open"
    assert list(projections.differences()) == []


def test_an_explanation_that_rests_on_a_reversed_row_is_not_accepted(dispatch, short):
    later = make.state(dispatch, "confirmed").transaction
    make.explain(short, make.representative_of(dispatch.program), later)
    ledger.make_reversal(later)
    with pytest.raises(Refused, match="taken back"):
        make.accept(short, ledger.officer_of(dispatch.program))


# --- Words and papers ------------------------------------------------------


def test_every_step_but_an_acceptance_says_why_and_may_bring_a_document(short):
    program = short.about.program
    officer = make.another_officer(program)
    for act in (
        actions.explain_discrepancy,
        actions.dispute_discrepancy,
        actions.declare_loss,
    ):
        with pytest.raises(Refused, match="Say why"):
            act(discrepancy=short, step=actions.NewStep(" "), by=officer)
    file = actions.NewFile(ContentFile(b"Found it."), "count.txt", "text/plain")
    make.explain(short, officer, file=file)
    step = queries.steps_of(short).get()
    assert (step.evidence.size, step.text.evidence_name) == (9, "count.txt")
    assert list(projections.differences()) == []


def test_both_sides_hear_of_every_step_but_for_who_took_it(short):
    program = short.about.program
    officer, representative = ledger.officer_of(program), make.representative_of(program)
    make.explain(short, representative)
    told = Notice.objects.filter(person=officer, path=f"/desk/discrepancies/{short.uid}/")
    assert "Accept or dispute an explanation: short, disbursement D-1" in told.get().sentence
    assert not Notice.objects.filter(person=representative, sentence__contains="explanation")


def test_what_comes_next_is_said_with_who_does_it(dispatch, short):
    assert [n.what for n in queries.what_comes_next(fresh(short))] == [
        "Explain the difference.",
        "Declare it a loss.",
    ]
    make.explain(short, ledger.officer_of(dispatch.program))
    first = queries.what_comes_next(fresh(short))[0]
    assert (first.what, first.who) == (
        "Accept or dispute the explanation.",
        "the recipient's side: somebody who did not report the arrival",
    )
    actions.declare_loss(discrepancy=short, step=WHY, by=make.another_officer(dispatch.program))
    assert "write-off" in queries.what_comes_next(fresh(short))[0].what
    ledger.make_reversal(short.receipt)
    assert queries.what_comes_next(fresh(short)) == []


# --- What the database refuses ---------------------------------------------


def test_the_database_opens_only_the_difference_between_both_figures(dispatch):
    receipt = make.make_paper_receipt(dispatch, "90.00")
    of_it = {"receipt": receipt}
    for says in (
        {"kind": "short", "amount": 999},
        {"kind": "surplus", "amount": 1},
        {"kind": "short", "amount": 1_000, "quantity": 1},
    ):
        kind = says.pop("kind")
        with forbidden("discrepancy_is_what_was_reported|once_per_report"):
            open_by_hand(dispatch, kind, **of_it | says)
    with forbidden("discrepancy_is_of_its_report"):
        open_by_hand(dispatch, "damaged", **of_it)
    with forbidden("discrepancy_is_of_its_report"):
        open_by_hand(make.make_dispatch(), "short", **of_it)
    statement = make.state(make.make_dispatch(), "confirmed")
    with forbidden("discrepancy_is_of_its_report"):
        open_by_hand(statement.about, "disputed", statement=statement)
    with forbidden("discrepancy_names_its_report"):
        open_by_hand(
            statement.about, "disputed", statement=statement, receipt=statement.transaction
        )


def test_the_database_opens_each_difference_once(short):
    says = {"receipt": short.receipt, "statement": short.statement, "amount": 1_000}
    with forbidden("append_only|discrepancy_once_per"):
        open_by_hand(short.about, "short", **says)


ALLOWED = {
    "open": {"explained", "disputed", "loss"},
    "explained": {"reopened"},
    "loss": {"reopened"},
    "disputed": {"explained", "loss"},
}


@pytest.mark.parametrize("status", ALLOWED)
def test_the_database_allows_exactly_the_steps_of_each_state(short, status):
    program = short.about.program
    officer = make.another_officer(program)
    if status == "explained":
        make.make_explained(short)
    if status == "disputed":
        actions.dispute_discrepancy(discrepancy=short, step=WHY, by=officer)
    if status == "loss":
        actions.declare_loss(discrepancy=short, step=WHY, by=officer)
    assert status_of(short) == status
    steps = {"explained", "accepted", "disputed", "loss", "reopened"}
    for step in steps - ALLOWED[status]:
        with forbidden("discrepancy_step_follows_its_state"):
            step_by_hand(short, step, by=officer)
    for step in ALLOWED[status]:
        with transaction.atomic():
            step_by_hand(short, step, by=officer)
            transaction.set_rollback(True)


def test_the_states_that_steps_lead_to_are_those_of_the_diagram():
    assert set(DISCREPANCY_TRANSITIONS) == set(DiscrepancyStatus)
    reached = {then for all_of in DISCREPANCY_TRANSITIONS.values() for then in all_of}
    assert reached == set(DiscrepancyStatus)


def test_the_database_wants_two_sides_and_two_persons(short):
    program = short.about.program
    officer = make.another_officer(program)
    make.explain(short, officer)
    for step in ("accepted", "disputed"):
        with forbidden("discrepancy_answered_by_the_other_side"):
            step_by_hand(short, step, side="ours")
        with forbidden("discrepancy_answered_by_the_other_side"):
            step_by_hand(short, step, side="recipient", by=officer)
    with forbidden("discrepancy_never_closed_by_who_reported_it"):
        step_by_hand(short, "accepted", "recipient", make.representative_of(program))
    with forbidden("discrepancy_loss_is_declared_by_the_donor"):
        step_by_hand(short, "loss", "recipient")


def test_the_database_says_why_where_our_checks_are_gone(short, monkeypatch):
    for name in ("check_can_accept", "check_can_declare_loss"):
        monkeypatch.setattr(policies, name, lambda *a: None)
    program = short.about.program
    make.explain(short, ledger.officer_of(program))
    with pytest.raises(Refused, match="the other side answers it"):
        make.accept(short, ledger.approver_of(program))
    with pytest.raises(Refused, match="never closes"):
        make.accept(short, make.representative_of(program))


def test_a_state_is_what_the_steps_led_to_and_is_never_deleted(short):
    table = "tracker_discrepancystate"
    with forbidden("discrepancy_stands_where_its_steps_led"):
        execute(f"UPDATE {table} SET status = 'explained'")
    with forbidden("discrepancy_state_stays"):
        execute(f"DELETE FROM {table}")
    with forbidden("discrepancy_stands_where_its_steps_led"):
        state = DiscrepancyState.objects.get()
        DiscrepancyState(discrepancy=short, status="loss", since=state.since).save(
            force_insert=True
        )
    for name in ("tracker_discrepancy", "tracker_discrepancystep"):
        make.explain(short, make.representative_of(short.about.program))
        with forbidden("append_only"):
            execute(f"DELETE FROM {name}")
