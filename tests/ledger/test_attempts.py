"""What was tried and refused is recorded: on submission only, in a transaction of its own, at most so often."""

import ast
from collections import defaultdict
from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError
from django.urls import resolve

from tests.access.test_matrix import filled, rows
from tests.access.world import build_world
from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import make_person, sign_in
from tests.factories.audits import make_auditor
from tests.factories.programs import make_program
from tests.factories.uploads import make_office, make_upload
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.journal.models import Entry
from tracker.ledger import actions
from tracker.ledger.models import Approval, RefusedAttempt, Voucher
from tracker.uploads import actions as uploads

VIEWS = [
    *sorted((Path(django_settings.BASE_DIR) / "tracker" / "ledger" / "views").glob("*.py")),
    Path(django_settings.BASE_DIR) / "tracker" / "uploads" / "views.py",
]


def build():
    return staffed_program()


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def version(program):
    return make.submit(make.make_voucher(program))


def approve(client, version):
    address = f"/desk/vouchers/{version.voucher.uid}/approve/"
    return client.post(address, {"version": version.uid}, follow=True)


# --- What is recorded ------------------------------------------------------


def test_a_refusal_for_the_person_is_recorded_with_its_sentence_and_its_entry(
    client, program, version
):
    officer = version.voucher.created_by
    sign_in(client, officer)

    assert approve(client, version).status_code == 403

    (attempt,) = RefusedAttempt.objects.all()
    assert (attempt.person, attempt.organisation) == (officer, program.owner)
    assert (attempt.noun, attempt.verb, attempt.what) == (
        "voucher",
        "approve",
        version.voucher.uid,
    )
    assert "Only an approver" in attempt.text.sentence
    entry = Entry.objects.get(record=attempt.uid)
    assert (entry.kind, entry.actor) == ("refused_attempt", officer.uid)
    assert not Approval.objects.exists()


def test_a_refusal_that_the_page_tells_is_recorded_too(client, program):
    posted = make.make_voucher_at("posted", program)
    sign_in(client, sign.make_approver(program.owner))

    shown = approve(client, posted.versions.get())

    (attempt,) = RefusedAttempt.objects.all()
    assert "posted already" in attempt.text.sentence
    assert "posted already" in shown.content.decode()


def test_a_refusal_in_a_form_is_recorded_too(client, program):
    sign_in(client, make.officer_of(program))
    said = {"amount": "0", "currency": "USD", "date_precision": "day", "valuation_basis": "money"}
    said |= {"form": "money"}
    address = f"/desk/vouchers/new/?program={program.uid}&kind=commitment"
    assert "The amount is zero" in client.post(address, said).content.decode()

    (attempt,) = RefusedAttempt.objects.all()
    assert (attempt.noun, attempt.verb, attempt.what) == ("voucher", "new", None)
    assert attempt.organisation == program.owner
    assert not Voucher.objects.exists()


def test_a_refused_batch_is_recorded_with_its_organisation(client):
    office, officer, _ = make_office()
    upload = make_upload(by=officer, organisation=office)
    upload = uploads.submit_upload(upload=upload, by=officer)
    sign_in(client, officer)

    client.post(f"/desk/uploads/{upload.uid}/approve/")

    (attempt,) = RefusedAttempt.objects.all()
    assert (attempt.noun, attempt.verb, attempt.organisation) == ("upload", "approve", office)


def test_a_reversal_that_is_refused_names_the_transaction(client, program):
    commitment = make.make_commitment(program)
    make.make_reversal(commitment)
    sign_in(client, make.officer_of(program))

    client.post(
        f"/desk/transactions/{commitment.uid}/reverse/",
        {"reason": "Again.", "value_date": "2024-03-15"},
    )

    (attempt,) = RefusedAttempt.objects.all()
    assert (attempt.noun, attempt.verb, attempt.what) == (
        "transaction",
        "reverse",
        commitment.uid,
    )


def test_looking_and_asking_what_one_may_do_records_nothing(client, program, version):
    officer = make_person(Role.OFFICER, organisation=program.owner)
    sign_in(client, officer)
    client.get(f"/desk/vouchers/{version.voucher.uid}/")
    assert client.get("/desk/refused/").status_code == 403
    sign_in(client, make_person(Role.DISCLOSURE, organisation=program.owner))
    assert client.get("/desk/vouchers/new/").status_code == 403
    assert not RefusedAttempt.objects.exists()


def test_what_is_done_and_what_is_not_there_records_nothing(client, program, version):
    sign_in(client, sign.make_approver(program.owner))
    approve(client, version)
    assert Approval.objects.exists()
    sign_in(client, make_person(Role.APPROVER))
    assert approve(client, version).status_code == 404
    assert not RefusedAttempt.objects.exists()


def test_an_action_that_is_refused_outside_a_request_records_nothing(program, version):
    with pytest.raises(Exception, match="Only an approver"):
        actions.approve_voucher(version=version, by=version.voucher.created_by)
    assert not RefusedAttempt.objects.exists()


# --- How often -------------------------------------------------------------


def test_one_person_leaves_so_many_records_in_an_hour_and_no_more(client, version, settings):
    settings.REFUSALS_PER_HOUR = 3
    sign_in(client, version.voucher.created_by)
    for _ in range(5):
        assert approve(client, version).status_code == 403
    assert RefusedAttempt.objects.count() == 3

    other = make_person(Role.OFFICER, organisation=version.voucher.organisation)
    sign_in(client, other)
    approve(client, version)
    assert RefusedAttempt.objects.filter(person=other).count() == 1


# --- Who reads it ----------------------------------------------------------


def test_auditors_of_the_organisation_read_it_and_nobody_else(client, program, version):
    sign_in(client, version.voucher.created_by)
    approve(client, version)

    for person in (
        make_person(Role.AUDITOR, organisation=program.owner, employer=make_program().owner),
        make_auditor(program),
    ):
        sign_in(client, person)
        page = client.get("/desk/refused/?q=approver").content.decode()
        assert "voucher: approve" in page
        assert version.voucher.created_by.name in page
        csv = b"".join(client.get("/desk/refused/?format=csv").streaming_content).decode()
        assert "Only an approver" in csv
    sign_in(client, make_auditor(make_program()))
    assert "voucher: approve" not in client.get("/desk/refused/").content.decode()
    for role in (Role.APPROVER, Role.DISCLOSURE):
        sign_in(client, make_person(role, organisation=program.owner))
        assert client.get("/desk/refused/").status_code == 403


def test_the_list_costs_the_same_for_more_rows(client, program, version, count_queries):
    auditor = make_auditor(program)

    def refuse():
        sign_in(client, version.voucher.created_by)
        approve(client, version)

    def look():
        return client.get("/desk/refused/?since=2020-01-01")

    refuse()
    sign_in(client, auditor)
    before = count_queries(look)
    for _ in range(3):
        refuse()
    sign_in(client, auditor)
    assert count_queries(look) == before


# --- Nothing slips through -------------------------------------------------


def test_every_view_that_answers_a_refusal_itself_notes_it():
    """A middleware sees what is raised; what a view catches, it has to tell."""
    for path in VIEWS:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ExceptHandler) or ast.unparse(node.type) != "Refused":
                continue
            said = ast.unparse(node)
            # a form that is only looked at says beforehand that it will be refused
            assert "note_refusal(request" in said or "context['refused']" in said, (
                f"{path.name}:{node.lineno}"
            )


@pytest.mark.thorough
def test_every_submission_to_the_ledger_that_is_refused_to_a_role_is_recorded(client, settings):
    """By the access matrix: a 403 on a POST leaves one row, whatever the address."""
    settings.REFUSALS_PER_HOUR = 10_000
    world, people = build_world()
    asked = 0
    for who in ("officer", "approver", "auditor", "disclosure", "administrator"):
        sign_in(client, people[who])
        for method, path, answers in rows():
            if method != "POST" or answers[who] != "no" or not _of_the_ledger(path):
                continue
            before = RefusedAttempt.objects.count()
            assert client.post(filled(path, world)).status_code == 403, path
            assert RefusedAttempt.objects.count() == before + 1, f"{who}: {path}"
            asked += 1
    assert asked > 50


def _of_the_ledger(path):
    """Named by its room: any identifier will do."""
    anything = defaultdict(lambda: "00000000-0000-4000-8000-000000000000")
    return resolve(filled(path, anything)).namespace in ("ledger", "uploads")


def test_a_record_that_cannot_be_written_is_no_silent_loss(client, version, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError("the journal is full")

    monkeypatch.setattr("tracker.ledger.actions.attempts.journal.record", fail)
    sign_in(client, version.voucher.created_by)
    with pytest.raises(IntegrityError):
        approve(client, version)
    assert not RefusedAttempt.objects.exists()
