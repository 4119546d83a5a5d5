"""The pages of audits ask the database as often for one row as for many."""

import pytest

from tests.audits.test_views import at
from tests.factories.audits import make_engagement, make_finding
from tests.factories.ledger import make_commitment, make_disbursement

pytestmark = pytest.mark.thorough


def build():
    """Who sees one row of each kind, and who sees many; and the things that have one row and many."""
    one = make_finding(recommendations=1)
    commitment = make_commitment()
    program = commitment.program
    engagement = make_engagement(program)
    lead = engagement.lead
    make_finding(make_disbursement(commitment), engagement=engagement, recommendations=1)
    payments = [make_disbursement(commitment) for _ in range(3)]
    many = make_finding(*payments, engagement=engagement, recommendations=3)
    for _ in range(3):
        payment = make_disbursement(make_commitment(program))
        other = make_engagement(program, lead=lead)
        make_finding(payment, engagement=other, recommendations=2)
    return one, many


def cost(client, count_queries, user, address):
    client.force_login(user)
    assert client.get(address).status_code == 200
    return count_queries(lambda: client.get(address))


@pytest.mark.parametrize("name", ["list", "findings", "recommendations"])
def test_a_list_costs_the_same_for_one_row_and_for_many(client, count_queries, built, name):
    one, many = (
        cost(client, count_queries, finding.engagement.lead, at(name)) for finding in built
    )

    assert many == one


@pytest.mark.parametrize("name", ["engagement", "finding", "recommendation"])
def test_a_page_costs_the_same_for_one_row_and_for_many(client, count_queries, built, name):
    def measure(finding):
        thing = {
            "engagement": finding.engagement,
            "finding": finding,
            "recommendation": finding.recommendations.first(),
        }[name]
        return cost(client, count_queries, finding.engagement.lead, thing.get_absolute_url())

    one, many = built
    assert measure(one) == measure(many)
