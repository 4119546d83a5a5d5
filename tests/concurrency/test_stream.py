"""Many steps of one public finding at the same moment, and a decision on it between them: each is public, none is lost
and none waits for another for ever. PostgreSQL."""

import pytest

from tests.concurrency.test_overdraw import at_once, postgres
from tests.factories import money
from tests.factories.audits import owner_officer
from tests.factories.ledger import make_disbursement
from tracker.audits import actions as audits
from tracker.publishing import actions, released
from tracker.publishing.models import Release

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]

STEPS = 6


@postgres
def test_steps_and_a_decision_at_the_same_moment_are_all_public():
    payment = make_disbursement()
    finding = money.make_questioned("100.00", payment=payment, recommendations=STEPS)
    lead = finding.engagement.lead
    actions.release_engagement(engagement=finding.engagement, by=lead)
    actions.release_finding(finding=finding, by=lead)
    asked = list(finding.recommendations.order_by("pk"))
    officer, manager = owner_officer(asked[0]), money.manager_of(finding)

    def respond(recommendation):
        return lambda: audits.respond(
            recommendation=recommendation, response="non_concur", note="No.", by=officer
        )

    def decide():
        return money.decide(finding, "30.00", "70.00", by=manager)

    found = at_once([*map(respond, asked), decide])

    assert not [one for one in found if isinstance(one, Exception)], found
    page = released.finding_page(finding.uid)
    states = {str(r.subject): released.value(r, "state") for r in page.recommendations}
    assert states == {
        str(uid): state for uid, state in finding.recommendations.values_list("uid", "state")
    }
    assert page.cells["decision"]["state"] == "stated"
    numbers = list(
        Release.objects.filter(subject=finding.uid)
        .order_by("number")
        .values_list("number", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
