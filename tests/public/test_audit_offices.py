"""The audit offices' public pages cost the same for little and for much, and unknown ones are not there."""

from uuid import uuid4

import pytest

from tests.factories.audits import make_engagement, make_finding
from tests.factories.ledger import make_disbursement
from tracker.publishing import actions


def publish(payment, engagement, times=1):
    for _ in range(times):
        finding = make_finding(payment, engagement=engagement, recommendations=2)
        actions.release_finding(finding=finding, by=engagement.lead)
    return finding


@pytest.mark.thorough
def test_an_engagement_and_an_office_with_much_cost_no_more_than_with_little(client, count_queries):
    payment = make_disbursement()
    engagement = make_engagement(payment.program)
    actions.release_engagement(engagement=engagement, by=engagement.lead)
    publish(payment, engagement)
    pages = [
        f"/audits/{engagement.uid}/",
        f"/audits/offices/{engagement.office.uid}/",
        "/audits/",
    ]

    def cost():
        return [count_queries(lambda p=page: client.get(p)) for page in pages]

    few = cost()
    publish(payment, engagement, times=4)
    for number in range(3):
        other = make_engagement(payment.program, lead=engagement.lead, number=f"MORE-{number}")
        actions.release_engagement(engagement=other, by=engagement.lead)

    assert cost() == few


@pytest.mark.parametrize("room", ["audits", "audits/offices", "recommendations"])
def test_what_does_not_exist_and_what_is_not_public_are_both_not_found(client, room, count_queries):
    hidden = make_finding(recommendations=1)
    named = {
        "audits": hidden.engagement.uid,
        "audits/offices": hidden.engagement.office.uid,
        "recommendations": hidden.recommendations.get().uid,
    }[room]

    def ask(uid):
        response = client.get(f"/{room}/{uid}/")
        assert response.status_code == 404

    assert count_queries(lambda: ask(named)) == count_queries(lambda: ask(uuid4()))
