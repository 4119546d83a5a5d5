"""The pages of audits in a real browser: complete, legible on a phone, in both themes."""

import pytest

from tests.factories.accounts import PASSWORD
from tests.factories.audits import (
    draft_recommendation,
    make_engagement,
    make_finding,
    make_recommendation,
    owner_officer,
    soon,
)
from tests.factories.ledger import make_commitment, make_disbursement, make_reversal, money
from tracker.audits import actions
from tracker.audits.models import RecommendationState as S

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, live_server, person):
    page.goto(f"{live_server.url}/account/login/")
    page.fill("input[name=login]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit], main form button")
    page.wait_for_url("**/desk/**")


@pytest.fixture
def world():
    commitment = make_commitment(amount="900000.00", reference="C-2024-01", payee="Depot")
    paid = make_disbursement(commitment, "183400.00", reference="D-2024-17", payee="Northern Works")
    undone = make_disbursement(commitment, "1200.00", reference="D-2024-18", payee="Depot")
    make_reversal(undone)
    engagement = make_engagement(commitment.program)
    draft = make_finding(
        paid, undone, engagement=engagement, issued=False, questioned=money("184600.00")
    )
    recommendation = make_recommendation(S.IMPLEMENTATION_CLAIMED, draft)
    actions.extend_due_date(
        recommendation=recommendation,
        due_on=soon(400),
        reason="The supplier is late.",
        by=engagement.lead,
    )
    open_draft = make_finding(paid, engagement=engagement, issued=False, title="Paid twice")
    draft_recommendation(open_draft)
    return recommendation, open_draft


def test_an_auditor_reads_drafts_and_verifies(page, live_server, look, world):
    recommendation, draft = world
    engagement = draft.engagement
    sign_in(page, live_server, engagement.lead)

    def go(address, name):
        page.goto(f"{live_server.url}{address}")
        look(name)

    go("/desk/audits/", "audits-list")
    go("/desk/findings/", "audits-findings")
    go("/desk/recommendations/", "audits-recommendations")
    go(engagement.get_absolute_url(), "audits-engagement")
    go(f"{engagement.get_absolute_url()}edit/", "audits-plan")
    go(recommendation.finding.get_absolute_url(), "audits-finding")
    go(draft.get_absolute_url(), "audits-draft")
    go(f"{draft.get_absolute_url()}edit/", "audits-finding-form")
    go(f"{draft.get_absolute_url()}issue/", "audits-issue")
    go(recommendation.get_absolute_url(), "audits-recommendation")
    go(f"{recommendation.get_absolute_url()}accept/", "audits-accept")
    page.fill("textarea[name=note]", "We saw the signed receipts.")
    page.get_by_role("button", name="Close it as implemented").click()
    page.get_by_text("It is closed as implemented.").wait_for()


def test_an_owner_answers(page, live_server, look, world):
    _, draft = world
    actions.issue_finding(finding=draft, by=draft.engagement.lead)
    asked = draft.recommendations.get()
    sign_in(page, live_server, owner_officer(asked))

    page.goto(f"{live_server.url}{asked.get_absolute_url()}")
    page.get_by_role("link", name="Respond to the recommendation").click()
    look("audits-respond")
    page.get_by_label("partially concurs").check()
    page.get_by_role("button", name="Send the response").click()

    page.get_by_text("what you do not agree with, and why").first.wait_for()
    page.fill("textarea[name=note]", "Not for field hospitals.")
    page.get_by_label("partially concurs").check()
    page.get_by_role("button", name="Send the response").click()
    page.get_by_text("The response is recorded.").wait_for()
