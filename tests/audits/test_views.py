"""The pages of audits, as each kind of person meets them."""

import csv
import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.factories.accounts import make_person
from tests.factories.audits import (
    declare,
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    make_recommendation,
    owner_officer,
    soon,
)
from tests.factories.ledger import make_commitment, make_disbursement, officer_of
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.audits.models import (
    Engagement,
    EngagementStatus,
    Finding,
    FindingStatus,
    RecommendationState,
)
from tracker.audits.views.recommendations import VERBS

S = RecommendationState


def at(name, *uids):
    return reverse(f"audits:{name}", args=uids)


def page(client, user, address, status=200, **data):
    client.force_login(user)
    response = client.get(address, data)
    assert response.status_code == status, response.content[:2000]
    return response.content.decode()


def send(client, user, address, data=None, status=302):
    client.force_login(user)
    response = client.post(address, data or {})
    assert response.status_code == status, response.content.decode()[:3000]
    return response


# --- Engagements -----------------------------------------------------------


def plan_data(program, lead, **changes):
    return {
        "number": "2026-9",
        "title": "Receipts",
        "kind": "performance",
        "standard": "gagas",
        "objectives": "",
        "lead": str(lead.uid),
        "scope-TOTAL_FORMS": "2",
        "scope-INITIAL_FORMS": "0",
        "scope-0-program": str(program.uid),
        "scope-0-period_start": "2024-01-01",
        "scope-1-program": "",
    } | changes


def test_an_auditor_plans_an_engagement_on_the_page(client):
    program = make_program()
    auditor = make_auditor(program)
    assert program.title in page(client, auditor, at("new"), program=str(program.uid))

    response = send(client, auditor, at("new"), plan_data(program, auditor))

    engagement = Engagement.objects.get()
    assert response.url == engagement.get_absolute_url()
    text = page(client, auditor, response.url)
    assert "Staff the team and start the fieldwork." in text
    assert "1 Jan 2024" in text


def test_more_rows_keep_what_was_typed_and_save_nothing(client):
    program = make_program()
    auditor = make_auditor(program)

    response = send(client, auditor, at("new"), plan_data(program, auditor, more="1"), 200)

    assert 'value="2026-9"' in response.content.decode()
    assert 'name="scope-3-program"' in response.content.decode()
    assert not Engagement.objects.exists()


def test_what_is_wrong_with_a_plan_is_said_on_the_form(client):
    program = make_program()
    auditor = make_auditor(program)
    wrong = {"scope-0-program": "", "number": ""}

    text = send(client, auditor, at("new"), plan_data(program, auditor, **wrong), 200)

    assert "Scope row 1: A period needs its program" in text.content.decode()
    empty = plan_data(program, auditor, **{"scope-0-program": "", "scope-0-period_start": ""})
    text = send(client, auditor, at("new"), empty, 200).content.decode()
    assert "choose at least one program" in text
    assert not Engagement.objects.exists()


def test_an_engagement_is_moved_staffed_and_changed_on_its_page(client):
    program = make_program()
    engagement = make_engagement(program, status="planned")
    lead, auditor = engagement.lead, make_auditor(program)

    send(client, lead, at("member_add", engagement.uid), {"person": auditor.uid})
    send(client, lead, at("member_remove", engagement.uid, auditor.uid))
    data = plan_data(program, lead, title="New title")
    page(client, lead, at("edit", engagement.uid))
    send(client, lead, at("edit", engagement.uid), data)
    declare(engagement)
    page(client, lead, at("do_start_fieldwork", engagement.uid))
    send(client, lead, at("do_start_fieldwork", engagement.uid), {"reason": "A count."})

    engagement.refresh_from_db()
    assert (engagement.title, engagement.status) == ("New title", EngagementStatus.FIELDWORK)
    assert engagement.team.count() == 1


def test_a_refused_move_is_said_and_moves_nothing(client):
    finding = make_finding(issued=False)
    engagement, lead = finding.engagement, finding.engagement.lead

    send(client, lead, at("move_finalise", engagement.uid))

    assert "Findings still in draft: 1" in page(client, lead, engagement.get_absolute_url())
    send(client, lead, at("terminate", engagement.uid), {"reason": "No access"}, 200)
    engagement.refresh_from_db()
    assert engagement.status == EngagementStatus.FIELDWORK


def test_an_engagement_is_terminated_with_a_reason(client):
    engagement = make_engagement()
    page(client, engagement.lead, at("terminate", engagement.uid))

    send(client, engagement.lead, at("terminate", engagement.uid), {"reason": "No access"})

    text = page(client, engagement.lead, engagement.get_absolute_url())
    assert "“No access”" in text
    assert "Nothing: the engagement is terminated." in text


# --- Findings --------------------------------------------------------------


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


def test_a_finding_is_raised_from_a_payment(client):
    payment = make_disbursement()
    engagement = make_engagement(payment.program)
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


def test_a_search_keeps_the_words_and_the_ticks_and_saves_nothing(client):
    commitment = make_commitment()
    first = make_disbursement(commitment, reference="A-1")
    second = make_disbursement(commitment, reference="B-2")
    engagement = make_engagement(commitment.program)
    data = finding_data(first, q="B-2", search="1")

    response = send(client, engagement.lead, at("finding_new", engagement.uid), data, 200)

    text = response.content.decode()
    assert 'value="No receipt"' in text
    assert f'value="{first.uid}" checked' in text
    assert f'value="{second.uid}">' in text
    assert not Finding.objects.exists()


def test_what_is_wrong_with_a_finding_is_said_on_the_form(client):
    payment, elsewhere = make_disbursement(), make_disbursement()
    engagement = make_engagement(payment.program)
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


def test_a_draft_is_edited_added_to_issued_and_then_stands(client):
    commitment = make_commitment()
    payment, second = make_disbursement(commitment), make_disbursement(commitment)
    finding = make_finding(payment, issued=False)
    lead = finding.engagement.lead
    page(client, lead, at("finding_edit", finding.uid))
    send(client, lead, at("finding_edit", finding.uid), finding_data(payment, title="Changed"))
    assert finding.label in page(client, lead, at("finding_begin"), transaction=second.uid)
    send(client, lead, at("finding_link", finding.uid, second.uid))
    send(client, lead, at("finding_unlink", finding.uid, payment.uid))
    page(client, lead, at("recommendation_new", finding.uid))
    asked = {"text": "Do it.", "owner": commitment.program.owner.uid, "due_on": soon()}
    send(client, lead, at("recommendation_new", finding.uid), asked)
    assert "Issue for ever" in page(client, lead, at("finding_issue", finding.uid))

    send(client, lead, at("finding_issue", finding.uid))

    finding.refresh_from_db()
    assert (finding.title, finding.status) == ("Changed", FindingStatus.ISSUED)
    assert finding.links.get().transaction == second
    text = page(client, officer_of(commitment.program), finding.get_absolute_url())
    assert "Respond to its recommendations" in text
    assert at("finding_edit", finding.uid) not in text
    client.force_login(lead)
    response = client.get(at("finding_edit", finding.uid), follow=True)
    assert "An issued finding stands as it is" in response.content.decode()


def test_a_draft_is_dropped_on_the_page(client):
    finding = make_finding(issued=False)
    lead = finding.engagement.lead
    page(client, lead, at("finding_drop", finding.uid))

    send(client, lead, at("finding_drop", finding.uid), {"reason": "No case"})

    assert "This draft was dropped" in page(client, lead, finding.get_absolute_url())


def test_payments_that_a_person_does_not_see_are_counted_not_shown(client):
    payment, hidden = make_disbursement(), make_disbursement(payee="Hidden Works")
    finding = make_finding(payment, hidden)

    text = page(client, officer_of(payment.program), finding.get_absolute_url())

    assert "1 further payment in programs that you do not see." in text
    assert "Hidden Works" not in text


# --- Recommendations -------------------------------------------------------

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


@pytest.mark.parametrize("name", FORMS)
def test_a_step_is_offered_taken_and_shown(client, name):
    state, data = FORMS[name]
    recommendation = make_recommendation(state)
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


@pytest.mark.parametrize("name", FORMS)
def test_a_step_that_does_not_fit_the_state_leads_back_with_the_sentence(client, name):
    recommendation = make_recommendation(S.DRAFT)
    lead = recommendation.finding.engagement.lead
    if name in OF_OWNER:
        recommendation = make_recommendation(S.CLOSED_IMPLEMENTED)
        lead = owner_officer(recommendation)
    client.force_login(lead)

    response = client.get(at(name, recommendation.uid), follow=True)

    assert response.redirect_chain[0][0] == recommendation.get_absolute_url()
    assert 'class="notice bad"' in response.content.decode()


def test_an_empty_step_is_refused_on_its_form(client):
    recommendation = make_recommendation(S.OPEN_RESOLVED)
    lead = recommendation.finding.engagement.lead

    data = {"due_on": str(recommendation.due_on), "reason": "x"}
    response = send(client, lead, at("extend", recommendation.uid), data, 200)

    assert "an extension is to a later day" in response.content.decode()


def test_evidence_comes_with_a_claim_and_is_only_for_who_sees_it(client):
    recommendation = make_recommendation(S.OPEN_RESOLVED)
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


def test_a_draft_recommendation_is_changed_and_removed_on_its_page(client):
    recommendation = make_recommendation(S.DRAFT)
    finding, lead = recommendation.finding, recommendation.finding.engagement.lead
    data = {"text": "Other words.", "owner": recommendation.owner.uid, "due_on": soon()}
    page(client, lead, at("recommendation_edit", recommendation.uid))

    send(client, lead, at("recommendation_edit", recommendation.uid), data)
    assert "Other words." in page(client, lead, finding.get_absolute_url())
    send(client, lead, at("recommendation_remove", recommendation.uid))

    assert not finding.recommendations.exists()


def test_both_due_dates_are_shown_after_an_extension(client):
    recommendation = make_recommendation(S.OPEN_RESOLVED)
    lead = recommendation.finding.engagement.lead

    data = {"due_on": "2099-01-01", "reason": "x"}
    send(client, lead, at("extend", recommendation.uid), data)

    text = page(client, lead, recommendation.get_absolute_url())
    assert f'datetime="{recommendation.original_due_on}"' in text
    assert 'datetime="2099-01-01"' in text


# --- Who may come at all ---------------------------------------------------


def everything(finding, recommendation):
    engagement, payment = finding.engagement, finding.links.get().transaction
    gets = [
        engagement.get_absolute_url(),
        finding.get_absolute_url(),
        recommendation.get_absolute_url(),
        *(at(n, engagement.uid) for n in ("edit", "terminate", "finding_new")),
        *(
            at(n, finding.uid)
            for n in ("finding_edit", "finding_issue", "finding_drop", "recommendation_new")
        ),
        *(at(n, recommendation.uid) for n in ("recommendation_edit", *VERBS)),
    ]
    posts = [
        *(at(n, engagement.uid) for n in ("member_add", "announce", "move_close")),
        at("member_remove", engagement.uid, engagement.lead.uid),
        at("finding_link", finding.uid, payment.uid),
        at("finding_unlink", finding.uid, payment.uid),
        at("recommendation_remove", recommendation.uid),
    ]
    return gets, posts


def test_a_stranger_finds_nothing(client):
    finding = make_finding(issued=False)
    gets, posts = everything(finding, draft_recommendation(finding))

    for stranger in (
        make_person(Role.AUDITOR),
        officer_of(finding.links.get().transaction.program),
    ):
        for address in gets:
            page(client, stranger, address, 404)
        for address in posts:
            send(client, stranger, address, status=404)


def test_who_audits_the_program_but_is_not_on_the_team_reads_only(client):
    finding = make_finding(issued=False)
    recommendation = draft_recommendation(finding)
    program = finding.links.get().transaction.program
    auditor = make_auditor(program)
    gets, posts = everything(finding, recommendation)

    for address in gets[:3]:
        page(client, auditor, address)
    for address in gets[3:]:
        page(client, auditor, address, 403)
    data = {"person": make_auditor(program).uid}
    for address in posts:
        send(client, auditor, address, data, 403)


def test_only_auditors_plan(client):
    page(client, make_person(Role.OFFICER), at("new"), 403)


def test_nobody_comes_without_signing_in(client):
    for address in (at("list"), at("findings"), at("recommendations"), at("new")):
        assert client.get(address).status_code == 302


def test_an_address_of_nothing_is_not_found(client):
    auditor = make_auditor(make_program())
    for name in ("engagement", "finding", "recommendation"):
        page(client, auditor, at(name, uuid4()), 404)


def test_a_get_changes_nothing(client):
    engagement = make_engagement(status="planned")
    page(client, engagement.lead, at("announce", engagement.uid), 405)


# --- Lists -----------------------------------------------------------------


@pytest.mark.parametrize("name", ["list", "findings", "recommendations"])
def test_a_list_costs_the_same_for_one_row_and_for_many(client, count_queries, name):
    first = make_finding(recommendations=1)
    program = first.links.get().transaction.program
    lead = first.engagement.lead
    page(client, lead, at(name))
    one = count_queries(lambda: client.get(at(name)))
    for _ in range(3):
        payment = make_disbursement(make_commitment(program))
        engagement = make_engagement(program, lead=lead)
        make_finding(payment, engagement=engagement, recommendations=2)

    assert count_queries(lambda: client.get(at(name))) == one


@pytest.mark.parametrize("name", ["engagement", "finding", "recommendation"])
def test_a_page_costs_the_same_for_one_row_and_for_many(client, count_queries, name):
    commitment = make_commitment()
    engagement = make_engagement(commitment.program)

    def measure(rows):
        payments = [make_disbursement(commitment) for _ in range(rows)]
        finding = make_finding(*payments, engagement=engagement, recommendations=rows)
        thing = {
            "engagement": engagement,
            "finding": finding,
            "recommendation": finding.recommendations.first(),
        }[name]
        client.force_login(engagement.lead)
        client.get(thing.get_absolute_url())
        return count_queries(lambda: client.get(thing.get_absolute_url()))

    assert measure(1) == measure(3)


def rows_of(client, user, name, **asked):
    client.force_login(user)
    response = client.get(at(name), {"format": "csv"} | asked)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_tracker_is_narrowed_sorted_and_downloaded(client):
    recommendation = make_recommendation(S.ISSUED, text="Name a keeper of receipts.")
    finding = recommendation.finding
    lead, payment = finding.engagement.lead, finding.links.get().transaction
    closed = make_recommendation(
        S.CLOSED_OVERTAKEN, make_finding(payment, engagement=finding.engagement, issued=False)
    )

    (row,) = rows_of(client, lead, "recommendations", state="open")

    assert row["Number"] == recommendation.label
    assert row["Recommendation"] == "Name a keeper of receipts."
    assert row["Due"] == row["First due"] == str(recommendation.due_on)
    assert row["State"] == "issued, no response yet"
    assert rows_of(client, lead, "recommendations", state="closed")[0]["Number"] == closed.label
    assert len(rows_of(client, lead, "recommendations", q="keeper")) == 1
    assert len(rows_of(client, lead, "recommendations", owner=recommendation.owner.uid)) == 2
    assert rows_of(client, lead, "recommendations", overdue="yes") == []
    assert len(rows_of(client, lead, "recommendations", sort="-due_on")) == 2
    for sort in ("label", "late", "state", "owner"):
        page(client, lead, at("recommendations"), sort=sort)


def test_engagements_and_findings_are_narrowed_and_downloaded(client):
    finding = make_finding(title="Quite special", recommendations=1)
    lead = finding.engagement.lead

    (row,) = rows_of(client, lead, "findings", q="special", severity="high", status="issued")
    assert (row["Number"], row["Severity"], row["Payments"]) == (finding.label, "high", "1")
    assert rows_of(client, lead, "findings", status="draft") == []
    (row,) = rows_of(client, lead, "list", q=finding.engagement.number, status="fieldwork")
    assert (row["Findings"], row["Open recommendations"]) == ("1", "1")
    assert rows_of(client, lead, "list", kind="special") == []
    for name, sort in (("findings", "-questioned"), ("findings", "label"), ("list", "lead")):
        page(client, lead, at(name), sort=sort)
