"""The pages of a finding's money, plans and asks: each form works, and says what is wrong at its field."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from tests.factories import ledger
from tests.factories import money as make
from tests.factories.audits import make_finding, make_recommendation, owner_officer
from tests.factories.office import on_day
from tracker.audits import actions, policies
from tracker.audits.models import Finding, LinkKind

pytestmark = pytest.mark.thorough


def build():
    finding = make.make_questioned("80.00", better="50.00", likely="300.00", recommendations=1)
    make.officer_of(finding)
    return finding


@pytest.fixture
def finding(built):
    return Finding.objects.get(pk=built.pk)


@pytest.fixture
def draft(finding):
    """Another one, on the same payment."""
    payment = finding.links.get().transaction
    return make_finding(payment, engagement=finding.engagement, issued=False)


def at(name, *args):
    return reverse(f"audits:{name}", args=args)


def get(client, user, address, **query):
    client.force_login(user)
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def post(client, user, address, data=None):
    client.force_login(user)
    return client.post(address, data or {})


def test_a_cost_is_claimed_accepted_and_drawn(client, finding):
    officer, lead = make.officer_of(finding), finding.engagement.lead
    get(client, officer, at("cost_claim", finding.uid))
    wrong = post(client, officer, at("cost_claim", finding.uid), {"outcome": "documented"})
    assert "State the amount." in wrong.content.decode()
    file = ContentFile(b"Signed.", "note.txt")
    data = {"outcome": "documented", "amount": "30", "note": "Found.", "file": file}
    assert post(client, officer, at("cost_claim", finding.uid), data).status_code == 302
    claimed = finding.cost_events.get()

    assert "waits for the auditors" in get(client, lead, finding.get_absolute_url())
    get(client, lead, at("cost_accept", claimed.uid))
    too_much = post(client, lead, at("cost_accept", claimed.uid), {"amount": "31"})
    assert "Only 30.00 USD was claimed" in too_much.content.decode()
    assert post(client, lead, at("cost_accept", claimed.uid), {"amount": "30"}).status_code == 302

    text = get(client, lead, finding.get_absolute_url())
    assert "The questioned cost on its way to zero" in text
    assert 'x="62.50%" width="37.50%"' in text
    assert "300.00" in text and "likely in all" in text
    client.force_login(officer)
    assert client.get(at("cost_evidence", claimed.uid)).getvalue() == b"Signed."
    (accepted,) = finding.cost_events.filter(step="accepted")
    assert "Reverse it" in get(client, lead, at("cost_reverse", accepted.uid))
    assert (
        post(client, lead, at("cost_reverse", accepted.uid), {"reason": "No."}).status_code == 302
    )


def test_management_decides_on_the_page_and_the_sums_have_to_fit(client, finding):
    manager = make.manager_of(finding)
    text = get(client, manager, at("decide", finding.uid))
    assert "Both together are 80.00 USD." in text
    data = {"sustained": "yes", "reasons": "So.", "action": "Repay.", "allowed": "30"}
    data |= {"disallowed": "49", "agreed": "50", "not_agreed": "0"}
    wrong = post(client, manager, at("decide", finding.uid), data)
    assert "together they have to be exactly that" in wrong.content.decode()

    post(client, manager, at("decide", finding.uid), data | {"disallowed": "50"})

    text = get(client, manager, finding.get_absolute_url())
    assert "sustained" in text and "Revise the decision" in text


def test_the_draft_form_takes_lines_better_use_and_a_type(client, draft):
    payment, lead = draft.links.get().transaction, draft.engagement.lead
    data = {
        **{"title": "T", "severity": "low", "kind": "duplicate", "control_class": "material"},
        **{
            "criteria": "A",
            "condition": "B",
            "cause": "",
            "cause_blank": "Not known.",
            "effect": "D",
        },
        **{"currency": "USD", "better_currency": "USD", "payments": [str(payment.uid)]},
        **{"lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0"},
        **{"lines-0-kind": "violation", "lines-0-known": "60", "lines-0-payment": str(payment.uid)},
        **{"better-TOTAL_FORMS": "1", "better-INITIAL_FORMS": "0"},
        **{"better-0-kind": "outlays", "better-0-amount": "7"},
    }
    wrong = post(client, lead, at("finding_edit", draft.uid), data | {"lines-0-known": "x"})
    assert "Line 1:" in wrong.content.decode()

    assert post(client, lead, at("finding_edit", draft.uid), data).status_code == 302

    draft = Finding.objects.get(pk=draft.pk)
    assert (draft.questioned, draft.kind) == (make.usd("60.00"), "duplicate")
    assert draft.blank_reasons == {"cause": "Not known."}
    assert draft.better_use.get().amount == make.usd("7.00")
    assert "Not known." in get(client, lead, draft.get_absolute_url())
    assert 'value="60.00"' in get(client, lead, at("finding_edit", draft.uid))


def test_a_record_is_linked_from_the_draft_and_its_page_shows_the_finding(client):
    program = ledger.make_commitment().program
    authority = ledger.make_authority(program.owner)
    payment = ledger.make_disbursement(ledger.make_commitment(program))
    draft = make_finding(payment, issued=False)
    lead = draft.engagement.lead
    found = get(client, lead, at("finding_records", draft.uid), kind="authority", q=authority.title)
    link = at("record_link", draft.uid, "authority", authority.uid)
    assert link in found

    post(client, lead, link)
    post(client, lead, at("record_link", draft.uid, "voucher_version", payment.version.uid))

    assert authority.title in get(client, lead, draft.get_absolute_url())
    actions.issue_finding(finding=draft, by=lead)
    officer = ledger.officer_of(program)
    for page in (
        reverse("ledger:authority", args=[authority.uid]),
        reverse("ledger:voucher", args=[payment.version.voucher.uid]),
    ):
        assert draft.title in get(client, officer, page)


def test_a_record_is_taken_out_of_a_draft(client, draft):
    lead = draft.engagement.lead
    program = policies.programs_about(draft)[0]
    record = policies.check_linkable(LinkKind.PROGRAM, program.uid)
    actions.link_record(finding=draft, record=record, by=lead)

    post(client, lead, at("record_unlink", draft.uid, "program", program.uid))

    assert not draft.records.exists()


def test_an_ask_is_answered_on_its_page(client, draft):
    recommendation = make_recommendation("open_resolved", draft)
    lead, officer = recommendation.finding.engagement.lead, owner_officer(recommendation)
    asked = make.ask(recommendation)
    make.make_plan(recommendation)
    assert at("ask", asked.uid) in get(client, lead, recommendation.get_absolute_url())
    get(client, lead, at("ask", asked.uid))

    data = {"answer": "grant", "reason": "It is reasonable."}
    post(client, lead, at("ask", asked.uid), data)

    text = get(client, officer, recommendation.get_absolute_url())
    assert "granted" in text and "Receipts are collected each Friday." in text
    assert at("ask", asked.uid) not in text


def test_what_waits_is_said_on_the_desk(client, finding):
    officer, lead = make.officer_of(finding), finding.engagement.lead
    manager = make.manager_of(finding)
    make.claim(finding, "1.00")

    desk = reverse("dashboards:desk")
    assert f"Decide for management on finding {finding.label}" in get(client, manager, desk)
    assert f"Judge what settles a cost of finding {finding.label}" in get(client, lead, desk)
    assert "Judge what settles" not in get(client, officer, desk)


def clock_of(client, finding):
    """What the finding's page says of the final action: when it is due, and when it was taken."""
    page = get(client, finding.engagement.lead, finding.get_absolute_url())
    return re.search(r"<dt>Final action due</dt>(.*?)</dl>", page, re.S)[1]


def test_the_finding_says_when_final_action_was_taken_and_before_that_whether_it_is_late(
    client, finding
):
    assert "not yet" in clock_of(client, finding)
    assert "overdue" not in clock_of(client, finding)
    with on_day(finding.final_action_due_on + timedelta(days=1)):
        assert "overdue" in clock_of(client, finding)

    make.decide(finding, "80.00", "0.00", agreed=make.usd("50.00"), not_agreed=make.usd("0.00"))
    actions.close_recommendation(
        recommendation=finding.recommendations.get(),
        state="closed_overtaken",
        reason="The law changed.",
        by=finding.engagement.lead,
    )

    assert "not yet" not in clock_of(client, finding)
    with on_day(finding.final_action_due_on + timedelta(days=1)):
        assert "overdue" not in clock_of(client, finding)
