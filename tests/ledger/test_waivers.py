"""Waivers: asked for by one person, granted by another, until a day that nobody moves. Each rule broken once."""

from copy import deepcopy
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core import mail
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import TestCase

from tests.factories import documents as papers
from tests.factories import ledger as make
from tests.factories.accounts import give_role, make_person
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of
from tests.refusals import forbidden, refused_at
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.journal import projections
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import (
    LONGEST_WAIVER,
    SuppliedDocument,
    SuppliedText,
    Transaction,
    Voucher,
    Waiver,
    WaiverDecision,
    WaiverStatus,
    WaiverText,
)
from tracker.publishing.actions.erasing import erase_words
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def voucher(program):
    """A draft commitment without a document."""
    return make.make_voucher(program)


def submit_as_it_is(voucher):
    return actions.submit_voucher(voucher=voucher, by=voucher.created_by)


def standing(waiver, day=None):
    day = day or waiver.voucher.organisation.today()
    return queries.with_standing(Waiver.objects.filter(pk=waiver.pk), day).get().standing


# --- Asking and granting ---------------------------------------------------


def test_a_granted_waiver_carries_submission_and_posting(program, voucher):
    waiver = papers.ask(voucher)
    with refused_at("evidence", "lacks a contract or a decision"):
        submit_as_it_is(voucher)
    assert standing(waiver) == WaiverStatus.ASKED

    papers.grant(waiver)
    posted = make.approve(submit_as_it_is(voucher))

    assert posted.amount == voucher.amount
    assert not posted.version.evidence.exists()
    assert standing(waiver) == WaiverStatus.IN_FORCE


def test_a_declined_waiver_carries_nothing_and_keeps_its_reason(program, voucher):
    waiver = papers.ask(voucher)
    by = make.approver_of(program)
    with refused_at("reason", "Say why it is declined"):
        actions.decide_waiver(waiver=waiver, grant=False, reason=" ", by=by)

    decision = actions.decide_waiver(waiver=waiver, grant=False, reason="Get the contract.", by=by)

    assert (decision.verdict, decision.text.reason) == ("declined", "Get the contract.")
    assert standing(waiver) == WaiverStatus.DECLINED
    with refused_at("evidence"):
        submit_as_it_is(voucher)
    with pytest.raises(Refused, match="declined already"):
        papers.grant(waiver)


def test_each_step_is_told_and_reads_as_a_story(program, voucher):
    approver = make.approver_of(program)
    with TestCase.captureOnCommitCallbacks(execute=True):
        waiver = papers.ask(voucher)
    assert approver.notices.get().sentence == (
        f"Voucher {voucher.number} asks for a waiver of a contract or a decision: grant or decline it."
    )
    assert mail.outbox[-1].to == [approver.email]
    papers.grant(waiver)
    assert voucher.created_by.notices.get().sentence.endswith("was granted.")
    make.approve(submit_as_it_is(voucher))
    papers.supply(Voucher.objects.get())
    told = approver.notices.order_by("-pk").first().sentence
    assert (
        told == f"A contract was supplied to voucher {voucher.number}: you granted a waiver of it."
    )

    story = [event["what"] for event in queries.history(voucher)][::-1]
    ends = say_day(waiver.expires_on)
    assert story[1:3] == [
        f"A waiver of a required document was asked for until {ends}: "
        "“The supplier sends it next week.”.",
        "The waiver was granted by a second person.",
    ]
    assert story[-1] == "The file late.txt was supplied after the posting."


@pytest.mark.parametrize("step", ["ask", "decide", "supply"])
def test_nothing_happened_if_the_journal_fails(program, voucher, step):
    waiver = papers.ask(make.make_voucher(program))
    posted, file = papers.post_on_a_waiver(program), make.make_file()
    approver = make.approver_of(program)
    acts = {
        "ask": lambda: papers.ask(voucher),
        "decide": lambda: papers.grant(waiver, approver),
        "supply": lambda: papers.supply(posted, file=file),
    }

    def state():
        models = (Waiver, WaiverText, WaiverDecision, SuppliedDocument)
        return [m.objects.count() for m in models], voucher.edits.count()

    before = state()
    with (
        patch("tracker.journal.actions.recording._store", side_effect=OSError("journal")),
        pytest.raises(OSError, match="journal"),
    ):
        acts[step]()
    assert state() == before


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("requirement", "payment", "Choose what this voucher requires: “a contract or a decision”"),
        ("category", "boredom", "Choose why"),
        ("reason", " ", "Say why"),
    ],
)
def test_a_request_says_what_and_why(voucher, field, value, words):
    with refused_at(field, words):
        papers.ask(voucher, **{field: value})
    assert not Waiver.objects.exists()


def test_only_what_is_missing_is_waived_and_once_at_a_time(program, voucher):
    papers.ask(voucher)
    with refused_at("requirement", "waits for a decision already"):
        papers.ask(voucher)
    furnished = make.furnish(make.make_voucher(program))
    with refused_at("requirement", "This document is there"):
        papers.ask(furnished)


def test_nothing_is_waived_for_a_batch_or_a_withdrawn_voucher(program):
    officer = make.officer_of(program)
    batch = actions.create_batch_voucher(organisation=program.owner, by=officer)
    with pytest.raises(Refused, match="rests on its own file"):
        papers.ask(batch, requirement="any")
    gone = make.make_voucher_at("withdrawn", program)
    with pytest.raises(Refused, match="nothing will be posted"):
        papers.ask(gone)


# --- Its end ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-1, "still to come"),
        (0, "still to come"),
        (366, "lasts 365 days at most"),
        (9999, "lasts 365 days at most"),
    ],
)
def test_a_waiver_ends_on_a_day_to_come_within_a_year(voucher, days, words):
    with refused_at("expires_on", words):
        papers.ask(voucher, expires_on=papers.soon(voucher, days))
    papers.ask(voucher, expires_on=papers.soon(voucher, 365))


def test_the_installation_may_be_stricter_and_never_laxer(voucher, settings):
    settings.WAIVER_DAYS_MAX = 10
    with refused_at("expires_on", "lasts 10 days at most"):
        papers.ask(voucher, expires_on=papers.soon(voucher, 11))
    settings.WAIVER_DAYS_MAX = 5000
    with refused_at("expires_on", f"lasts {LONGEST_WAIVER} days at most"):
        papers.ask(voucher, expires_on=papers.soon(voucher, LONGEST_WAIVER + 1))


def test_no_side_door_leads_to_an_exception_without_an_end(program, voucher, monkeypatch):
    """DefectDojo #13439: a second path made risk acceptances that never ended. Here the table has no room for one."""
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        papers.insert_waiver(voucher, None)
    with forbidden("waiver_ends_within_a_year"):
        papers.insert_waiver(voucher, papers.soon(voucher, LONGEST_WAIVER + 3))
    with forbidden("waiver_ends_within_a_year"):
        papers.insert_waiver(voucher, papers.soon(voucher, 3650))
    monkeypatch.setattr(policies, "check_can_be_waived", lambda *a: None)
    with refused_at("expires_on", "a year at most"):
        papers.ask(voucher, expires_on=papers.soon(voucher, 3650))

    waiver = papers.ask(voucher)
    later = papers.soon(voucher, 300)
    with forbidden("append_only"):
        _execute("UPDATE tracker_waiver SET expires_on = %s WHERE id = %s", later, waiver.pk)
    with forbidden("append_only"):
        _execute("DELETE FROM tracker_waiver WHERE id = %s", waiver.pk)


def _execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_an_ended_waiver_carries_no_submission(voucher):
    ended = papers.past_waiver(voucher)
    with refused_at("evidence", "A waiver of it ended on"):
        submit_as_it_is(voucher)
    assert standing(ended) == WaiverStatus.LAPSED


def test_a_waiver_counts_on_its_last_day(program, voucher):
    papers.past_waiver(voucher, days=0)
    assert make.approve(submit_as_it_is(voucher))


def submitted_on_a_waiver_that_ends(voucher):
    """Submitted in time, and the day passes before somebody approves it. Only the calendar does that."""
    tomorrow = voucher.organisation.today() + timedelta(days=1)
    papers.grant(papers.ask(voucher, expires_on=tomorrow))
    version = submit_as_it_is(voucher)
    return version, tomorrow + timedelta(days=3)


def test_a_waiver_that_ends_before_the_approval_carries_no_posting(voucher):
    version, then = submitted_on_a_waiver_that_ends(voucher)
    with (
        patch("tracker.accounts.models.today", return_value=then),
        refused_at("evidence", "A waiver of it ended on"),
    ):
        make.approve(version)
    assert not Transaction.objects.exists()


def test_even_without_our_check_the_database_compares_the_day(voucher, monkeypatch):
    papers.past_waiver(voucher)
    monkeypatch.setattr("tracker.ledger.policies.vouchers.missing_documents", lambda v: {})
    version = submit_as_it_is(voucher)
    monkeypatch.setattr("tracker.ledger.policies.check_is_documented", lambda v: None)

    with pytest.raises(Refused, match="no waiver of it is in force"):
        make.approve(version)

    assert not Transaction.objects.exists()


@pytest.mark.parametrize("verdict", ["asked", "declined"])
def test_the_database_takes_no_ungranted_waiver_for_one(voucher, monkeypatch, verdict):
    waiver = papers.ask(voucher)
    if verdict == "declined":
        papers.decide_unasked(waiver, make.approver_of(voucher.program), "declined")
    monkeypatch.setattr("tracker.ledger.policies.vouchers.missing_documents", lambda v: {})
    version = submit_as_it_is(voucher)
    monkeypatch.setattr("tracker.ledger.policies.check_is_documented", lambda v: None)

    with pytest.raises(Refused, match="no waiver of it is in force"):
        make.approve(version)


def test_a_waiver_of_another_document_or_voucher_is_none(program, voucher, monkeypatch):
    papers.waive(make.make_voucher(program))
    papers.past_waiver(voucher, days=30, requirement="payment")
    with refused_at("evidence"):
        submit_as_it_is(voucher)
    monkeypatch.setattr("tracker.ledger.policies.vouchers.missing_documents", lambda v: {})
    version = submit_as_it_is(voucher)
    monkeypatch.setattr("tracker.ledger.policies.check_is_documented", lambda v: None)
    with pytest.raises(Refused, match="no waiver of it is in force"):
        make.approve(version)


def test_more_time_is_another_waiver_with_an_approver_of_its_own(program):
    posted = papers.post_on_a_waiver(program, expires_on=program.owner.today() + timedelta(days=2))
    first = posted.waivers.get()
    second = papers.ask(posted, expires_on=papers.soon(posted, 60))
    then = first.expires_on + timedelta(days=1)
    assert standing(first, then) == WaiverStatus.OVERDUE

    papers.grant(second, papers.another_approver(posted))

    assert standing(first, then) == WaiverStatus.RENEWED
    assert standing(second, then) == WaiverStatus.IN_FORCE
    first.refresh_from_db()
    assert first.expires_on < second.expires_on


def test_a_request_that_waited_beyond_its_day_is_not_granted(voucher):
    waiver = papers.ask(voucher)
    then = waiver.expires_on + timedelta(days=1)
    with (
        patch("tracker.accounts.models.today", return_value=then),
        pytest.raises(Refused, match="which has passed: decline it"),
    ):
        papers.grant(waiver)


# --- Two persons -----------------------------------------------------------


def both_roles(program):
    return make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)


def test_who_asked_never_decides_and_has_had_a_hand_in_the_voucher(program, voucher):
    both = both_roles(program)
    waiver = papers.ask(voucher, by=both)
    with pytest.raises(NotAllowed, match="another person grants or declines"):
        papers.grant(waiver, both)

    papers.grant(waiver, papers.another_approver(voucher))
    version = submit_as_it_is(voucher)

    with pytest.raises(NotAllowed, match="You had a hand"):
        make.approve(version, both)


def test_who_edited_the_voucher_decides_on_none_of_its_waivers(program, voucher):
    both = both_roles(program)
    make.edit(voucher, by=both, payee="Another")
    waiver = papers.ask(voucher)
    with pytest.raises(NotAllowed, match="another approver decides on its waivers"):
        papers.grant(waiver, both)
    with forbidden("waiver_decided_by_a_second_person"):
        papers.decide_unasked(waiver, both)


def test_the_database_forbids_the_same_person_twice(program, voucher, monkeypatch):
    waiver = papers.ask(voucher)
    monkeypatch.setattr(policies, "check_can_decide_waiver", lambda *a: None)
    with pytest.raises(Refused, match="another person decides"):
        papers.grant(waiver, waiver.requested_by)
    assert not WaiverDecision.objects.exists()


def test_who_granted_it_and_edits_afterwards_has_granted_nothing(program, voucher, monkeypatch):
    both = both_roles(program)
    papers.grant(papers.ask(voucher), both)
    make.edit(voucher, by=both, amount=make.money("999999.00"))
    with refused_at("evidence"):
        submit_as_it_is(voucher)

    monkeypatch.setattr("tracker.ledger.policies.vouchers.missing_documents", lambda v: {})
    version = submit_as_it_is(voucher)
    monkeypatch.setattr("tracker.ledger.policies.check_is_documented", lambda v: None)
    with pytest.raises(Refused, match="no waiver of it is in force"):
        make.approve(version, papers.another_approver(voucher))


def test_who_declared_an_interest_in_the_payee_decides_on_no_waiver(program, voucher):
    waiver, approver = papers.ask(voucher), make.approver_of(program)
    actions.declare_interest(kind="payee", payee=voucher.payee, by=approver)
    with pytest.raises(NotAllowed, match="You declared an interest"):
        papers.grant(waiver, approver)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.DISCLOSURE])
def test_only_an_approver_of_the_program_decides(program, voucher, role):
    waiver = papers.ask(voucher)
    for person in (make_person(role, organisation=program.owner), make_person(Role.APPROVER)):
        with pytest.raises(NotAllowed, match="Only an approver"):
            papers.grant(waiver, person)


def test_only_an_officer_of_the_program_asks_and_supplies(program, voucher):
    posted = papers.post_on_a_waiver(program)
    for person in (
        make_person(Role.APPROVER, Role.AUDITOR, organisation=program.owner),
        make_person(Role.OFFICER),
    ):
        with pytest.raises(NotAllowed, match="ask for waivers"):
            papers.ask(voucher, by=person)
        with pytest.raises(NotAllowed, match="supply documents"):
            papers.supply(posted, by=person)


def test_a_waiver_is_decided_once(program, voucher):
    waiver = papers.grant(papers.ask(voucher))
    with pytest.raises(Refused, match="granted already"):
        papers.grant(waiver)
    with forbidden("append_only|tracker_waiverdecision"):
        papers.decide_unasked(waiver, papers.another_approver(voucher))


def test_an_approver_of_one_program_decides_there(program, voucher):
    local = make_person(organisation=program.owner)
    give_role(local, Role.APPROVER, program=program)
    waiver = papers.ask(voucher)
    assert waiver in queries.waivers_waiting_for(local)
    papers.grant(waiver, local)


# --- The document that comes later -----------------------------------------


def test_a_supplied_document_settles_the_waiver_and_leaves_the_version_as_it_was(program):
    posted = papers.post_on_a_waiver(program)
    version, waiver = posted.versions.get(), posted.waivers.get()
    late = waiver.expires_on + timedelta(days=1)
    assert standing(waiver, late) == WaiverStatus.OVERDUE
    before = version.content_hash

    papers.supply(posted, "correspondence")
    assert standing(waiver, late) == WaiverStatus.OVERDUE
    supplied = papers.supply(posted, "contract")

    assert standing(waiver, late) == WaiverStatus.SETTLED
    version.refresh_from_db()
    assert version.content_hash == before
    assert not version.evidence.exists()
    assert supplied.text.file_name == "late.txt"
    assert policies.unmet(posted, policies.types_on(posted)) == []
    with refused_at("requirement", "This document is there"):
        papers.ask(posted)


def test_a_supplied_document_is_typed_dated_new_and_for_what_is_posted(program, voucher):
    posted = papers.post_on_a_waiver(program)
    with pytest.raises(Refused, match="only to a posted voucher"):
        papers.supply(voucher)
    with refused_at("document_type"):
        papers.supply(posted, "poem")
    with refused_at("document_date"):
        papers.supply(posted, document_date=papers.soon(posted, 1))
    first = papers.supply(posted)
    with refused_at("file", "with the voucher already"):
        papers.supply(posted, file=first.file, name="another-name.txt")
    furnished = make.make_commitment(program).version.voucher
    attached = furnished.attachments.get().file
    with refused_at("file", "with the voucher already"):
        papers.supply(furnished, file=attached)


def test_the_database_takes_documents_for_posted_vouchers_only_typed_and_once(program, voucher):
    posted = papers.post_on_a_waiver(program)
    first = papers.supply(posted)

    def raw(**other):
        """Past the action, with an entry and words of its own."""
        text = SuppliedText.objects.create(file_name="again.txt")
        entry = make.make_file().entry_id
        says = {"voucher": posted, "file": first.file, "document_type": "contract", "text": text}
        says |= {"text_digest": text.digest, "supplied_by": first.supplied_by, "entry_id": entry}
        SuppliedDocument.objects.create(**says | other)

    with forbidden("supplied_to_what_is_posted"):
        raw(voucher=voucher)
    with forbidden("supplied_once_per_voucher|append_only"):
        raw()
    with forbidden("append_only"):
        _execute("UPDATE tracker_supplieddocument SET document_type = 'invoice'")
    with forbidden("append_only"):
        _execute("DELETE FROM tracker_supplieddocument")


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("document_type", "", "supplied_document_states_its_type"),
        ("document_type", "poem", "supplied_document_type_known"),
        ("document_date", "2999-01-01", "supplied_not_dated_ahead"),
    ],
)
def test_the_database_refuses_a_supplied_document_that_says_nothing(program, column, value, rule):
    posted = papers.post_on_a_waiver(program)
    with forbidden(rule), patch.object(policies, "check_document"):
        _supply_past_the_action(posted, **{column: value})


def _supply_past_the_action(voucher, **says):
    with patch("tracker.ledger.actions.waivers.SUPPLY_RULES", {}):
        papers.supply(voucher, **says)


def test_a_waiver_on_what_was_reversed_is_overdue_no_more(program):
    posted = papers.post_on_a_waiver(program)
    waiver = posted.waivers.get()
    late = waiver.expires_on + timedelta(days=1)
    make.make_reversal(Transaction.objects.get())

    assert standing(waiver, late) == WaiverStatus.LAPSED
    assert not queries.documents_owed(make.officer_of(program), late).exists()


def test_a_voucher_that_found_its_document_before_the_posting_needs_no_waiver(program, voucher):
    waiver = papers.grant(papers.ask(voucher))
    make.approve(make.submit(voucher))
    assert standing(waiver) == WaiverStatus.SETTLED


def test_who_owes_what_and_what_the_public_is_told(program):
    today = program.owner.today()
    short = today + timedelta(days=2)
    first = papers.post_on_a_waiver(program, category="lost", expires_on=short)
    papers.post_on_a_waiver(program, category="urgent")
    papers.waive(make.make_voucher(program))  # a draft is nobody's business
    papers.supply(papers.post_on_a_waiver(program))
    officer, then = make.officer_of(program), short + timedelta(days=1)

    assert queries.documents_owed(officer, then).count() == 2
    assert not queries.documents_owed(make.officer_of(make_program()), then).exists()
    told = {
        one.category: one for one in queries.waived_in(program, then, program.transactions.all())
    }
    assert (told["lost"].in_force, told["lost"].overdue) == (0, 1)
    assert (told["urgent"].in_force, told["urgent"].overdue) == (1, 0)
    assert told["urgent"].first_ends_on == papers.soon(first, 30)
    assert set(told) == {"lost", "urgent"}


def test_rows_of_a_list_cost_as_many_queries_as_one(program, count_queries):
    papers.post_on_a_waiver(program)
    day = program.owner.today()

    def look():
        rows = queries.for_list(queries.with_standing(Waiver.objects.all(), day))
        return [(str(w.requested_by), str(w.decision.decided_by), w.text.reason) for w in rows]

    before = count_queries(look)
    for _ in range(3):
        papers.post_on_a_waiver(program)
    assert count_queries(look) == before == 1


def test_the_journal_knows_every_row(program, voucher):
    papers.ask(voucher)
    papers.supply(papers.post_on_a_waiver(program))
    assert list(projections.differences(erased=lambda entry: False)) == []


def test_the_reason_and_the_name_of_a_file_are_erased_where_law_requires_it(program):
    posted = papers.post_on_a_waiver(program)
    supplied, waiver = papers.supply(posted), posted.waivers.get()
    says = {"basis": "GDPR Article 17", "reason": "It named a person."}
    says |= {"by": disclosure_of(program), "confirmed_by": disclosure_of(program, 1)}

    erase_words(record=waiver.uid, fields=["reason"], **says)
    erase_words(record=supplied.uid, fields=["file_name"], **says)

    waiver.refresh_from_db()
    assert waiver.text.reason == ""
    assert SuppliedDocument.objects.get().name == "document"
    assert standing(waiver) == WaiverStatus.SETTLED
    assert not list(projections.differences(only={"waiver"}, erased=lambda entry: True))
