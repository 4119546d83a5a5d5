"""The pages of audits, as each kind of person meets them."""

import csv
import io
from copy import deepcopy
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.factories.accounts import make_person
from tests.factories.audits import (
    declare,
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    make_recommendation,
)
from tests.factories.ledger import make_disbursement, officer_of
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.audits.models import (
    Engagement,
    EngagementStatus,
    RecommendationState,
)
from tracker.audits.views.recommendations import VERBS

S = RecommendationState


def build():
    payment = make_disbursement()
    officer_of(payment.program)
    return payment


@pytest.fixture
def payment(built):
    return deepcopy(built)


@pytest.fixture
def program(payment):
    return payment.program


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


def test_an_auditor_plans_an_engagement_on_the_page(client, program):
    auditor = make_auditor(program)
    assert program.title in page(client, auditor, at("new"), program=str(program.uid))

    response = send(client, auditor, at("new"), plan_data(program, auditor))

    engagement = Engagement.objects.get()
    assert response.url == engagement.get_absolute_url()
    text = page(client, auditor, response.url)
    assert "Staff the team and start the fieldwork." in text
    assert "1 Jan 2024" in text


def test_more_rows_keep_what_was_typed_and_save_nothing(client, program):
    auditor = make_auditor(program)

    response = send(client, auditor, at("new"), plan_data(program, auditor, more="1"), 200)

    assert 'value="2026-9"' in response.content.decode()
    assert 'name="scope-3-program"' in response.content.decode()
    assert not Engagement.objects.exists()


def test_what_is_wrong_with_a_plan_is_said_on_the_form(client, program):
    auditor = make_auditor(program)
    wrong = {"scope-0-program": "", "number": ""}

    text = send(client, auditor, at("new"), plan_data(program, auditor, **wrong), 200)

    assert "Scope row 1: A period needs its program" in text.content.decode()
    empty = plan_data(program, auditor, **{"scope-0-program": "", "scope-0-period_start": ""})
    text = send(client, auditor, at("new"), empty, 200).content.decode()
    assert "choose at least one program" in text
    assert not Engagement.objects.exists()


def test_an_engagement_is_moved_staffed_and_changed_on_its_page(client, program):
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


def test_a_refused_move_is_said_and_moves_nothing(client, payment):
    finding = make_finding(payment, issued=False)
    engagement, lead = finding.engagement, finding.engagement.lead

    send(client, lead, at("move_finalise", engagement.uid))

    assert "Findings still in draft: 1" in page(client, lead, engagement.get_absolute_url())
    send(client, lead, at("terminate", engagement.uid), {"reason": "No access"}, 200)
    engagement.refresh_from_db()
    assert engagement.status == EngagementStatus.FIELDWORK


def test_an_engagement_is_terminated_with_a_reason(client, program):
    engagement = make_engagement(program)
    page(client, engagement.lead, at("terminate", engagement.uid))

    send(client, engagement.lead, at("terminate", engagement.uid), {"reason": "No access"})

    text = page(client, engagement.lead, engagement.get_absolute_url())
    assert "“No access”" in text
    assert "Nothing: the engagement is terminated." in text


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


def test_a_stranger_finds_nothing(client, payment):
    finding = make_finding(payment, issued=False)
    gets, posts = everything(finding, draft_recommendation(finding))

    for stranger in (
        make_person(Role.AUDITOR),
        officer_of(finding.links.get().transaction.program),
    ):
        for address in gets:
            page(client, stranger, address, 404)
        for address in posts:
            send(client, stranger, address, status=404)


def test_who_audits_the_program_but_is_not_on_the_team_reads_only(client, payment):
    finding = make_finding(payment, issued=False)
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


def test_a_get_changes_nothing(client, program):
    engagement = make_engagement(program, status="planned")
    page(client, engagement.lead, at("announce", engagement.uid), 405)


# --- Lists -----------------------------------------------------------------


def rows_of(client, user, name, **asked):
    client.force_login(user)
    response = client.get(at(name), {"format": "csv"} | asked)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_tracker_is_narrowed_sorted_and_downloaded(client, payment):
    recommendation = make_recommendation(
        S.ISSUED, make_finding(payment, issued=False), text="Name a keeper of receipts."
    )
    finding = recommendation.finding
    lead = finding.engagement.lead
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


def test_engagements_and_findings_are_narrowed_and_downloaded(client, payment):
    finding = make_finding(payment, title="Quite special", recommendations=1)
    lead = finding.engagement.lead

    (row,) = rows_of(client, lead, "findings", q="special", severity="high", status="issued")
    assert (row["Number"], row["Severity"], row["Payments"]) == (finding.label, "high", "1")
    assert rows_of(client, lead, "findings", status="draft") == []
    (row,) = rows_of(client, lead, "list", q=finding.engagement.number, status="fieldwork")
    assert (row["Findings"], row["Open recommendations"]) == ("1", "1")
    assert rows_of(client, lead, "list", kind="special") == []
    for name, sort in (("findings", "-questioned"), ("findings", "label"), ("list", "lead")):
        page(client, lead, at(name), sort=sort)
