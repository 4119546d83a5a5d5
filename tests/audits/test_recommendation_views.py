"""The pages of recommendations: every step is offered to who may take it, taken and shown."""

from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.audits.test_views import at, page, send
from tests.factories.accounts import make_person
from tests.factories.audits import (
    bring,
    make_recommendation,
    owner_officer,
    soon,
)
from tracker.accounts.models import Role
from tracker.audits.models import (
    RecommendationState,
)
from tracker.audits.views.recommendations import VERBS

S = RecommendationState


def build():
    return make_recommendation(S.DRAFT)


@pytest.fixture
def reach(built):
    """The recommendation of this module, walked to the state."""
    return lambda state: bring(deepcopy(built), state)


FORMS = {
    "respond": (S.ISSUED, {"response": "concur", "note": ""}),
    "claim": (S.OPEN_RESOLVED, {"note": "Done."}),
    "progress": (S.OPEN_RESOLVED, {"note": "Half."}),
    "accept": (S.IMPLEMENTATION_CLAIMED, {"note": "Seen."}),
    "reject": (S.IMPLEMENTATION_CLAIMED, {"reason": "Not done."}),
    "close": (S.ISSUED, {"state": "closed_overtaken", "reason": "The law changed."}),
    "reopen": (S.CLOSED_IMPLEMENTED, {"reason": "Again."}),
    "extend": (S.OPEN_RESOLVED, {"due_on": "2099-01-01", "reason": "Late supplier."}),
    "plan": (
        S.OPEN_RESOLVED,
        {"contact": "Property office", "action": "Collect.", "anticipated_on": "2099-01-01"},
    ),
    "ask_time": (S.OPEN_RESOLVED, {"until": "2099-01-01", "reason": "Late supplier."}),
    "ask_risk": (S.OPEN_RESOLVED, {"until": "2099-01-01", "reason": "It is small."}),
    "mark": (S.OPEN_RESOLVED, {"significant": "yes"}),
}
OF_OWNER = {"respond", "claim", "plan", "ask_time", "ask_risk"}


def test_every_step_has_its_page_tested():
    assert set(FORMS) == set(VERBS)


@pytest.mark.thorough
@pytest.mark.parametrize("name", FORMS)
def test_a_step_is_offered_taken_and_shown(client, name, reach):
    state, data = FORMS[name]
    recommendation = reach(state)
    officer, lead = owner_officer(recommendation), recommendation.finding.engagement.lead
    by, other = (officer, lead) if name in OF_OWNER else (lead, officer)
    address = at(name, recommendation.uid)
    assert address in page(client, by, recommendation.get_absolute_url())
    assert address not in page(client, other, recommendation.get_absolute_url())
    page(client, by, address)
    page(client, other, address, 403)
    send(client, other, address, data, 403)

    send(client, by, address, data)

    text = page(client, by, recommendation.get_absolute_url())
    assert (data.get("note") or data.get("reason") or "concurs") in text


@pytest.mark.thorough
@pytest.mark.parametrize("name", FORMS)
def test_a_step_that_does_not_fit_the_state_leads_back_with_the_sentence(client, name, reach):
    recommendation = reach(S.DRAFT)
    lead = recommendation.finding.engagement.lead
    if name in OF_OWNER:
        recommendation = reach(S.CLOSED_IMPLEMENTED)
        lead = owner_officer(recommendation)
    client.force_login(lead)

    response = client.get(at(name, recommendation.uid), follow=True)

    assert response.redirect_chain[0][0] == recommendation.get_absolute_url()
    assert 'class="notice bad"' in response.content.decode()


def test_an_empty_step_is_refused_on_its_form(client, reach):
    recommendation = reach(S.OPEN_RESOLVED)
    lead = recommendation.finding.engagement.lead

    data = {"due_on": str(recommendation.due_on), "reason": "x"}
    response = send(client, lead, at("extend", recommendation.uid), data, 200)

    assert "an extension is to a later day" in response.content.decode()


def test_evidence_comes_with_a_claim_and_is_only_for_who_sees_it(client, reach):
    recommendation = reach(S.OPEN_RESOLVED)
    officer, lead = owner_officer(recommendation), recommendation.finding.engagement.lead
    file = SimpleUploadedFile("receipts.txt", b"Signed.", "text/plain")
    send(client, officer, at("claim", recommendation.uid), {"note": "Done.", "file": file})
    step = recommendation.steps.order_by("-pk").first()
    address = at("evidence", recommendation.uid, step.uid)

    client.force_login(lead)
    response = client.get(address)

    assert b"".join(response.streaming_content) == b"Signed."
    assert response["Content-Disposition"] == 'attachment; filename="receipts.txt"'
    page(client, make_person(Role.OFFICER), address, 404)
    first = recommendation.steps.order_by("pk").first()
    page(client, lead, at("evidence", recommendation.uid, first.uid), 404)


def test_a_draft_recommendation_is_changed_and_removed_on_its_page(client, reach):
    recommendation = reach(S.DRAFT)
    finding, lead = recommendation.finding, recommendation.finding.engagement.lead
    data = {"text": "Other words.", "owner": recommendation.owner.uid, "due_on": soon()}
    page(client, lead, at("recommendation_edit", recommendation.uid))

    send(client, lead, at("recommendation_edit", recommendation.uid), data)
    assert "Other words." in page(client, lead, finding.get_absolute_url())
    send(client, lead, at("recommendation_remove", recommendation.uid))

    assert not finding.recommendations.exists()


def test_both_due_dates_are_shown_after_an_extension(client, reach):
    recommendation = reach(S.OPEN_RESOLVED)
    lead = recommendation.finding.engagement.lead

    data = {"due_on": "2099-01-01", "reason": "x"}
    send(client, lead, at("extend", recommendation.uid), data)

    text = page(client, lead, recommendation.get_absolute_url())
    assert f'datetime="{recommendation.original_due_on}"' in text
    assert 'datetime="2099-01-01"' in text
