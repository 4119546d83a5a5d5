"""The pages of findings: raised from a payment, searched for, edited, issued, dropped."""

from copy import deepcopy

import pytest
from django.urls import reverse

from tests.audits.test_views import at, page, send
from tests.factories.audits import (
    make_auditor,
    make_engagement,
    make_finding,
    soon,
)
from tests.factories.ledger import make_commitment, make_disbursement, officer_of
from tracker.audits.models import (
    Finding,
    FindingStatus,
)


def build():
    """An engagement in fieldwork on a program with two payments, and a payment of another program."""
    commitment = make_commitment()
    officer_of(commitment.program)
    return {
        "first": make_disbursement(commitment, reference="A-1"),
        "second": make_disbursement(commitment, reference="B-2"),
        "elsewhere": make_disbursement(payee="Hidden Works"),
        "engagement": make_engagement(commitment.program),
    }


@pytest.fixture
def world(built):
    return deepcopy(built)


def finding_data(*payments, **changes):
    return {
        "title": "No receipt",
        "severity": "high",
        "kind": "no_receipt",
        "criteria": "A",
        "condition": "B",
        "cause": "C",
        "effect": "D",
        "questioned": "1.00",
        "currency": "USD",
        "payments": [str(payment.uid) for payment in payments],
    } | changes


def test_a_finding_is_raised_from_a_payment(client, world):
    payment, engagement = world["first"], world["engagement"]
    client.force_login(engagement.lead)

    response = client.get(at("finding_begin"), {"transaction": payment.uid}, follow=True)

    text = response.content.decode()
    assert f'value="{payment.uid}" checked' in text
    send(client, engagement.lead, at("finding_new", engagement.uid), finding_data(payment))
    finding = Finding.objects.get()
    text = page(client, engagement.lead, finding.get_absolute_url())
    assert reverse("dashboards:transaction", args=[payment.uid]) in text
    assert "Complete the draft and issue it." in text


def test_without_an_engagement_the_payments_page_leads_to_planning_one(client):
    payment = make_disbursement()
    auditor = make_auditor(payment.program)

    text = page(client, auditor, at("finding_begin"), transaction=payment.uid)

    assert f"{at('new')}?program={payment.program.uid}" in text
    page(client, officer_of(payment.program), at("finding_begin"), 403, transaction=payment.uid)
    page(client, make_auditor(), at("finding_begin"), 404, transaction=payment.uid)
    page(client, auditor, at("finding_begin"), 404, transaction="x")


def test_a_search_keeps_the_words_and_the_ticks_and_saves_nothing(client, world):
    first, second, engagement = world["first"], world["second"], world["engagement"]
    data = finding_data(first, q="B-2", search="1")

    response = send(client, engagement.lead, at("finding_new", engagement.uid), data, 200)

    text = response.content.decode()
    assert 'value="No receipt"' in text
    assert f'value="{first.uid}" checked' in text
    assert f'value="{second.uid}">' in text
    assert not Finding.objects.exists()


def test_what_is_wrong_with_a_finding_is_said_on_the_form(client, world):
    payment, elsewhere, engagement = world["first"], world["elsewhere"], world["engagement"]
    address = at("finding_new", engagement.uid)

    def said(*payments, **changes):
        data = finding_data(*payments, **changes)
        return send(client, engagement.lead, address, data, 200).content.decode()

    assert "link at least one" in said()
    assert "not in the scope" in said(payment, elsewhere)
    assert "come to 100.00 USD" in said(payment, questioned="100.01")
    assert "needs its currency" in said(payment, currency="")
    assert "is not an amount" in said(payment, questioned="much")
    assert "say why it is blank" in said(payment, cause="")
    assert "link at least one" in said(payments=["not-a-uuid"])
    assert not Finding.objects.exists()


def test_a_draft_is_edited_added_to_issued_and_then_stands(client, world):
    payment, second = world["first"], world["second"]
    finding = make_finding(payment, engagement=world["engagement"], issued=False)
    lead = finding.engagement.lead
    page(client, lead, at("finding_edit", finding.uid))
    send(client, lead, at("finding_edit", finding.uid), finding_data(payment, title="Changed"))
    assert finding.label in page(client, lead, at("finding_begin"), transaction=second.uid)
    send(client, lead, at("finding_link", finding.uid, second.uid))
    send(client, lead, at("finding_unlink", finding.uid, payment.uid))
    page(client, lead, at("recommendation_new", finding.uid))
    asked = {"text": "Do it.", "owner": payment.program.owner.uid, "due_on": soon()}
    send(client, lead, at("recommendation_new", finding.uid), asked)
    assert "Issue for ever" in page(client, lead, at("finding_issue", finding.uid))

    send(client, lead, at("finding_issue", finding.uid))

    finding.refresh_from_db()
    assert (finding.title, finding.status) == ("Changed", FindingStatus.ISSUED)
    assert finding.links.get().transaction == second
    text = page(client, officer_of(payment.program), finding.get_absolute_url())
    assert "Respond to its recommendations" in text
    assert at("finding_edit", finding.uid) not in text
    client.force_login(lead)
    response = client.get(at("finding_edit", finding.uid), follow=True)
    assert "An issued finding stands as it is" in response.content.decode()


def test_a_draft_is_dropped_on_the_page(client, world):
    finding = make_finding(world["first"], engagement=world["engagement"], issued=False)
    lead = finding.engagement.lead
    page(client, lead, at("finding_drop", finding.uid))

    send(client, lead, at("finding_drop", finding.uid), {"reason": "No case"})

    assert "This draft was dropped" in page(client, lead, finding.get_absolute_url())


def test_payments_that_a_person_does_not_see_are_counted_not_shown(client, world):
    payment, hidden = world["first"], world["elsewhere"]
    finding = make_finding(payment, hidden)

    text = page(client, officer_of(payment.program), finding.get_absolute_url())

    assert "1 further payment in programs that you do not see." in text
    assert "Hidden Works" not in text
