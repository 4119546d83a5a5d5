"""A payment's page: facts, chain, findings, signatures, evidence and history."""

import pytest
from django.urls import reverse

from tests.factories.accounts import make_person, sign_in
from tests.factories.audits import make_auditor, make_finding
from tests.factories.ledger import (
    approve,
    make_attachment,
    make_commitment,
    make_disbursement,
    make_reversal,
    make_voucher,
    money,
    submit,
)
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.dashboards import queries
from tracker.dashboards.queries.transactions import ROWS
from tracker.ledger import actions
from tracker.ledger.models import Transaction


@pytest.fixture
def program():
    return make_program(title="Field hospitals")


@pytest.fixture
def payment(program):
    """400.00 of 1,000.00 USD, on an attached invoice."""
    commitment = make_commitment(program, "1000.00", reference="LAW-1")
    voucher = make_voucher(
        program, "disbursement", amount=money("400.00"), draws_on=commitment, reference="PAY-1"
    )
    make_attachment(voucher, "invoice-of-the-depot.txt")
    return approve(submit(voucher))


@pytest.fixture
def officer(program):
    return make_person(Role.OFFICER, organisation=program.owner)


def page(client, person, transaction):
    response = sign_in(client, person).get(
        reverse("dashboards:transaction", args=[transaction.uid])
    )
    assert response.status_code == 200
    return response.content.decode()


def read(transaction, person):
    found = Transaction.objects.select_related(*queries.RELATED).get(pk=transaction.pk)
    return queries.transaction_page(found, person)


def test_a_stranger_is_told_that_there_is_no_such_transaction(payment, client):
    sign_in(client, make_person(Role.OFFICER))

    assert client.get(reverse("dashboards:transaction", args=[payment.uid])).status_code == 404


def test_staff_read_who_signed_what_and_the_evidence(payment, officer, client):
    text = page(client, officer, payment)
    version = payment.version
    attachment = version.voucher.attachments.get()

    assert version.content_hash in text
    assert version.submitted_by.name in text
    assert version.approvals.get().approver.name in text
    assert f"/desk/evidence/{attachment.uid}/" in text
    assert attachment.file.sha256 in text


def test_a_representative_sees_the_payment_and_no_voucher_evidence_or_name(payment, client):
    program = payment.program
    representative = make_person(Role.RECIPIENT, organisation=program.recipients[0])
    text = page(client, representative, payment)
    version = payment.version

    assert "400.00" in text and "PAY-1" in text
    for secret in (
        "invoice-of-the-depot",
        version.content_hash,
        version.voucher.number,
        str(version.voucher.uid),
        version.submitted_by.name,
        version.approvals.get().approver.name,
        "/desk/evidence/",
    ):
        assert secret not in text


def test_evidence_that_was_taken_off_before_submission_is_not_shown(program, officer, client):
    voucher = make_voucher(program)
    removed = make_attachment(voucher, "wrong-file.txt")
    actions.remove_attachment(attachment=removed, by=voucher.created_by)
    transaction = approve(submit(voucher))

    assert removed not in read(transaction, officer).signatures.evidence
    assert f"/desk/evidence/{removed.uid}/" not in page(client, officer, transaction)


def test_the_chain_shows_the_commitment_what_is_drawn_and_what_is_left(payment, officer, client):
    text = page(client, officer, payment)

    assert "600.00 USD left to draw" in text
    assert reverse("dashboards:transaction", args=[payment.draws_on.uid]) in text
    assert "this one" in text


def test_a_reversal_and_its_original_name_each_other(payment, officer, client):
    reversal = make_reversal(payment)

    original = page(client, officer, payment)
    assert "no longer counts" in original
    assert reverse("dashboards:transaction", args=[reversal.uid]) in original
    assert "It takes back" in page(client, officer, reversal)
    assert str(read(payment, officer).family.left) == "1,000.00 USD"


def test_the_row_itself_is_shown_however_many_came_after_it(payment, officer):
    for _ in range(ROWS + 2):
        make_disbursement(payment.draws_on, "1.00")
    family = read(payment, officer).family

    assert payment in family.rows
    assert len(family.rows) == ROWS
    assert family.total == ROWS + 3


def test_its_findings_and_recommendations_stand_on_the_page(payment, officer, client):
    make_finding(payment, title="No receipt", recommendations=1)
    make_finding(payment, title="Still a draft", issued=False)
    text = page(client, officer, payment)

    assert "No receipt" in text
    assert "Name a person who collects the receipts." in text
    assert "Still a draft" not in text


def test_an_auditor_may_raise_a_finding_and_an_officer_may_reverse(payment, officer, client):
    auditors = page(client, make_auditor(payment.program), payment)
    assert f"/desk/findings/new/?transaction={payment.uid}" in auditors
    assert "Reverse this transaction" not in auditors

    officers = page(client, officer, payment)
    assert reverse("ledger:reverse", args=[payment.uid]) in officers
    assert "Raise a finding" not in officers


def test_what_cannot_be_reversed_says_why(payment, officer, client):
    text = page(client, officer, payment.draws_on)

    assert reverse("ledger:reverse", args=[payment.draws_on.uid]) not in text
    assert "This commitment is drawn on" in text


def test_the_history_names_entries(payment, officer):
    history = read(payment, officer).history

    assert payment.entry_id in [line.entry for line in history]
    assert any("was approved" in line.what for line in history)


def test_many_rows_and_findings_cost_as_many_queries_as_one(
    payment, officer, client, count_queries
):
    make_finding(payment, recommendations=1)
    sign_in(client, officer)
    url = reverse("dashboards:transaction", args=[payment.uid])
    client.get(url)
    before = count_queries(lambda: client.get(url))
    for _ in range(9):
        make_disbursement(payment.draws_on, "1.00")
        make_finding(payment, recommendations=2)

    assert count_queries(lambda: client.get(url)) == before


def test_a_payment_that_was_reversed_has_no_part_in_the_line(payment, officer):
    assert [stage["label"] for stage in read(payment, officer).stages][-1] == "This payment"

    make_reversal(payment)
    again = Transaction.objects.get(pk=payment.pk)
    assert [stage["label"] for stage in read(again, officer).stages] == ["Committed", "Drawn"]
