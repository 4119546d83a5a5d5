"""A payment's page: facts, chain, findings, signatures, evidence and history."""

import re
from copy import deepcopy

import pytest
from django.urls import reverse

from tests.factories import chains
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
from tracker.ledger import actions
from tracker.ledger.models import Transaction


def build():
    """400.00 of 1,000.00 USD, on an attached invoice; and an officer."""
    program = make_program(title="Field hospitals")
    commitment = make_commitment(program, "1000.00", reference="LAW-1")
    voucher = make_voucher(
        program, "disbursement", amount=money("400.00"), draws_on=commitment, reference="PAY-1"
    )
    make_attachment(voucher, "invoice-of-the-depot.txt")
    return approve(submit(voucher)), make_person(Role.OFFICER, organisation=program.owner)


@pytest.fixture
def payment(built):
    return deepcopy(built[0])


@pytest.fixture
def program(payment):
    return payment.program


@pytest.fixture
def officer(built):
    return deepcopy(built[1])


def page(client, person, transaction):
    response = sign_in(client, person).get(
        reverse("dashboards:transaction", args=[transaction.uid])
    )
    assert response.status_code == 200
    return response.content.decode()


def words(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


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


def test_the_chain_shows_the_commitment_what_is_drawn_and_where_it_is_stuck(
    payment, officer, client
):
    text = page(client, officer, payment)

    assert "600.00 USD committed and not disbursed" in text
    assert "400.00 USD disbursed and not confirmed as received" in text
    assert reverse("dashboards:transaction", args=[payment.draws_on.uid]) in text
    assert "this one" in text


def bars(text):
    """What is drawn: tone, place and width in percent."""
    found = re.findall(
        r'<svg class="mark" x="([\d.]+)%" width="([\d.]+)%".*?class="bar ([^"]+)"', text
    )
    return [(tone, float(x), float(width)) for x, width, tone in found]


def test_every_bar_lies_under_the_one_that_it_draws_on(payment, officer, client):
    received = chains.make_receipt(payment, "300.00")
    chains.make_expenditure(received, "200.00")
    chains.make_write_off(payment, "50.00")

    assert bars(page(client, officer, payment)) == [
        ("stage-2", 0, 100), ("stage-3 own", 0, 40), ("stuck", 40, 60), ("stage-4", 0, 30),
        ("lost", 30, 5), ("stuck", 35, 5), ("stage-5", 0, 20), ("stuck", 20, 10),
    ]  # fmt: skip


def test_what_came_back_makes_room_for_what_was_paid_again(payment, officer, client):
    """1,000 committed, 400 paid of which 100 came back: 700 is free, and 1,100 was paid or is free."""
    chains.make_refund(payment, "100.00")
    drawn = bars(page(client, officer, payment))

    assert [(tone, round(width * 11)) for tone, _, width in drawn] == [
        ("stage-2", 1000), ("back", 100), ("stage-3 own", 400), ("stuck", 700),
        ("back", 100), ("stuck", 300),
    ]  # fmt: skip


def test_what_is_reversed_is_struck_through_below_the_drawing(payment, officer, client):
    make_reversal(make_disbursement(payment.draws_on, "7.00", reference="GONE"))
    text = page(client, officer, payment)

    assert re.search(r"<s><a [^>]+>Disbursement GONE</a>", text)
    assert "1 row reversed, counting no more." in text


def test_what_is_unvalued_is_shown_with_its_quantity(payment, officer, client):
    sent = chains.send_unvalued(payment.draws_on, 40)
    text = page(client, officer, sent)

    assert "40 pieces" in words(text) and "unvalued" in text


def test_a_reversal_and_its_original_name_each_other(payment, officer, client):
    reversal = make_reversal(payment)

    original = page(client, officer, payment)
    assert "no longer counts" in original
    assert reverse("dashboards:transaction", args=[reversal.uid]) in original
    assert "It takes back" in page(client, officer, reversal)
    assert str(read(payment, officer).flow.tree.left) == "1,000.00 USD"


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


@pytest.mark.thorough
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


def test_a_payment_that_was_reversed_has_no_part_in_the_chain(payment, officer):
    assert [node.row for _, node in read(payment, officer).flow.nodes][-1] == payment

    make_reversal(payment)
    again = read(Transaction.objects.get(pk=payment.pk), officer).flow
    assert [node.row for _, node in again.nodes] == [payment.draws_on]
