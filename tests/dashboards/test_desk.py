"""The desk: each role sees what waits for it, and nobody else's."""

import re
from copy import deepcopy

import pytest
from django.urls import reverse

from tests.factories.accounts import (
    administrators_of,
    make_organisation,
    make_person,
    sign_in,
)
from tests.factories.audits import (
    make_auditor,
    make_engagement,
    make_finding,
    make_recommendation,
    walk,
)
from tests.factories.ledger import (
    approve,
    approver_of,
    make_commitment,
    make_disbursement,
    make_voucher,
    make_voucher_at,
    officer_of,
)
from tests.factories.programs import make_program
from tests.factories.publishing import (
    disclosure_of,
    make_overdue,
    make_report_at,
    prepare,
    propose,
    publish,
    withhold,
)
from tracker.accounts import actions as accounts
from tracker.accounts.models import Role
from tracker.audits.models import EngagementStatus, RecommendationState
from tracker.dashboards import queries
from tracker.dashboards.queries.items import CAP
from tracker.publishing import actions as publishing


def build():
    """One of each, in programs of different offices."""
    return {
        "program": make_program(),
        "voucher": make_voucher_at("submitted"),
        "commitment": make_commitment(),
        "recommendation": make_recommendation(RecommendationState.ISSUED),
        "report": make_report_at("returned"),
    }


@pytest.fixture
def world(built):
    return deepcopy(built)


def waiting(person):
    """What waits for somebody: the titles of the groups, and how many of each."""
    return {group.title: group.total for group in queries.desk_of(person).waiting.groups}


def page(client, person):
    response = sign_in(client, person).get(reverse("dashboards:desk"))
    assert response.status_code == 200
    return response.content.decode()


def test_a_submitted_voucher_waits_for_the_approver_and_not_for_who_submitted_it(world):
    voucher = world["voucher"]
    approver, officer = approver_of(voucher.program), voucher.created_by

    assert waiting(approver) == {"To approve": 1}
    assert "To approve" not in waiting(officer)
    others = queries.desk_of(officer).others.items
    assert [wait.whose for wait in others] == [f"An approver of {voucher.organisation.label}"]


def test_an_approver_is_not_asked_to_approve_what_they_had_a_hand_in(world):
    program = world["program"]
    both = make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)
    make_voucher_at("submitted", program, by=both)

    assert "To approve" not in waiting(both)


def test_an_approver_of_another_organisation_is_not_asked(world):
    stranger = make_person(Role.APPROVER)

    assert waiting(stranger) == {}


def test_approving_takes_the_voucher_off_the_desk(world):
    voucher = world["voucher"]
    approver = approver_of(voucher.program)

    approve(voucher.versions.get(), by=approver)

    assert waiting(approver) == {}
    assert queries.desk_of(voucher.created_by).others.items == ()


def test_an_item_says_what_who_asked_when_and_what_follows_and_leads_to_where_one_acts(
    world, client
):
    voucher = world["voucher"]
    text = page(client, approver_of(voucher.program))

    assert f"Approve or return commitment {voucher.number}: 1,000.00 USD" in text
    assert f"submitted by {voucher.created_by.name} on" in text
    assert "once approved, it is posted for ever" in text
    assert reverse("ledger:voucher", args=[voucher.uid]) in text


def test_a_returned_voucher_waits_for_its_officer_with_the_reason():
    voucher = make_voucher_at("returned")
    colleague = make_person(Role.OFFICER, organisation=voucher.organisation)

    (group,) = queries.desk_of(voucher.created_by).waiting.groups
    assert group.title == "Returned to you"
    assert "“The invoice is missing.”" in group.items[0].why
    assert waiting(colleague) == {}


def test_what_an_officer_who_left_began_waits_for_the_colleagues():
    voucher = make_voucher()
    colleague = make_person(Role.OFFICER, organisation=voucher.organisation)
    first, _ = administrators_of(voucher.organisation)
    accounts.deactivate_person(person=voucher.created_by, by=first)

    assert waiting(colleague) == {"Your drafts": 1}


def test_a_recommendation_waits_for_its_owner_until_it_is_claimed_and_then_for_the_auditor(world):
    open_one = world["recommendation"]
    officer = officer_of(open_one.finding.links.get().transaction.program)
    auditor = open_one.finding.engagement.lead
    assert waiting(officer) == {"Recommendations to answer": 1}
    assert "Implementation to verify" not in waiting(auditor)

    claimed = walk(open_one, RecommendationState.IMPLEMENTATION_CLAIMED)
    verifier = claimed.finding.engagement.lead
    assert waiting(verifier)["Implementation to verify"] == 1
    owner = officer_of(claimed.finding.links.get().transaction.program)
    assert waiting(owner) == {}
    assert any("Verification" in wait.what for wait in queries.desk_of(owner).others.items)


def test_an_agreed_recommendation_waits_to_be_carried_out(world):
    agreed = walk(world["recommendation"], RecommendationState.OPEN_RESOLVED)
    officer = officer_of(agreed.finding.links.get().transaction.program)

    assert waiting(officer) == {
        "Corrective action plans to state": 1,
        "Recommendations to carry out": 1,
    }


def test_an_auditor_finishes_drafts_and_publishes_what_is_issued():
    payment = make_disbursement()
    auditor = make_auditor(payment.program)
    engagement = make_engagement(payment.program, lead=auditor)
    make_finding(payment, engagement=engagement, issued=False)
    issued = make_finding(payment, engagement=engagement, recommendations=1)
    assert waiting(auditor) == {"Findings to publish": 1, "Drafts of findings": 1}

    publishing.release_finding(finding=issued, by=auditor)
    assert waiting(auditor) == {"Drafts of findings": 1}


def test_a_public_finding_waits_again_when_its_recommendation_moved_on(world):
    agreed = world["recommendation"]
    auditor = agreed.finding.engagement.lead
    publishing.release_finding(finding=agreed.finding, by=auditor)
    assert waiting(auditor) == {}

    walk(agreed, RecommendationState.OPEN_RESOLVED)
    (group,) = queries.desk_of(auditor).waiting.groups
    assert group.items[0].what.startswith("Publish the newest state of")


def test_an_engagement_that_is_planned_waits_for_its_team():
    engagement = make_engagement(status=EngagementStatus.PLANNED)

    assert waiting(engagement.lead) == {"Independence to declare": 1, "Engagements to start": 1}


def test_a_proposal_to_withhold_waits_for_the_other_disclosure_officer(world):
    program = world["program"]
    first, second = disclosure_of(program), disclosure_of(program, 1)
    propose(program)

    assert waiting(second)["Withholding to decide"] == 1
    assert "Withholding to decide" not in waiting(first)
    assert queries.desk_of(first).others.items[0].whose == "Another disclosure officer"


def test_a_withholding_past_its_review_waits_for_whoever_did_not_look_at_it_last(world):
    program = world["program"]
    make_overdue(withhold(program))
    proposer, decider = disclosure_of(program), disclosure_of(program, 1)

    assert waiting(proposer)["Withholding past its review"] == 1
    assert "Withholding past its review" not in waiting(decider)


def test_a_report_waits_for_review_then_for_publication_and_never_for_its_writer():
    report = make_report_at("in_review")
    disclosure, approver = disclosure_of(report.program), approver_of(report.program)
    assert waiting(approver) == {"Reports to review": 1}
    assert waiting(disclosure)["Reports to review"] == 1
    assert "Reports to review" not in waiting(report.drafted_by)

    reviewed = make_report_at("reviewed")
    assert waiting(disclosure_of(reviewed.program))["Reports to publish"] == 1


def test_a_draft_of_a_report_waits_for_its_writer(world):
    report = world["report"]

    assert waiting(report.drafted_by) == {"Reports to write": 1}


def test_a_prepared_release_waits_for_another_person_than_the_one_who_prepared_it(world):
    program = world["program"]
    first, second = disclosure_of(program), disclosure_of(program, 1)
    prepare(program, first)

    assert waiting(second) == {"Releases to release": 1}
    assert waiting(first) == {}


def test_a_program_waits_for_a_decision_until_it_is_public(world):
    program = world["program"]
    disclosure = disclosure_of(program)
    assert waiting(disclosure) == {"Programs nobody has decided on": 1}

    publish(program, disclosure)
    assert waiting(disclosure) == {}


def test_an_administrator_confirms_what_the_other_proposed_and_waits_for_their_own():
    organisation = make_organisation()
    first, second = administrators_of(organisation)
    person = make_person(organisation=organisation)
    accounts.grant_role(person=person, role=Role.APPROVER, organisation=organisation, by=first)

    assert waiting(second) == {"Roles to confirm": 1}
    assert waiting(first) == {}
    assert [w.whose for w in queries.desk_of(first).others.items] == ["A second administrator"]


def test_an_open_invitation_is_something_that_an_administrator_waits_for():
    organisation = make_organisation()
    first, _ = administrators_of(organisation)
    accounts.invite_person(
        email="new@example.org", name="New officer", organisation=organisation, by=first
    )

    (wait,) = queries.desk_of(first).others.items
    assert wait.whose == "New officer, new@example.org"


def test_an_administrator_sees_no_programs_and_no_money(world, client):
    commitment = world["commitment"]
    first, _ = administrators_of(commitment.program.owner)
    text = page(client, first)

    assert commitment.program.title not in text
    assert "USD" not in text


def test_a_representative_sees_the_programs_it_receives_and_no_voucher(world, client):
    voucher = world["voucher"]
    recipient = voucher.program.recipients[0]
    representative = make_person(Role.RECIPIENT, organisation=recipient)
    text = page(client, representative)

    assert voucher.program.title in text
    assert voucher.number not in text
    assert waiting(representative) == {}


def test_the_desk_shows_unread_notices_and_marks_them_as_read(world, client):
    program = world["program"]
    approver = approver_of(program)
    make_voucher_at("submitted", program)
    notice = approver.notices.get(read_at=None)
    assert notice.sentence.split(":")[0] in page(client, approver)

    client.post(reverse("accounts:notice_read", args=[notice.uid]))
    assert "Told to you" not in page(client, approver)


def test_money_is_said_by_currency_and_nature_and_never_added_up(world, client):
    program = world["program"]
    make_disbursement(make_commitment(program, "1000.00"), "400.00")
    illustrative = make_program(owner=program.owner, nature="illustrative")
    make_commitment(illustrative, "5000.00")
    desk = queries.desk_of(officer_of(program))

    said = [(m.nature, [(line.committed, line.remaining) for line in m.lines]) for m in desk.money]
    assert [nature for nature, _ in said] == ["operational", "illustrative"]
    assert [str(amount) for amount in said[0][1][0]] == ["1,000.00 USD", "600.00 USD"]
    assert str(said[1][1][0][0]) == "5,000.00 USD"


def test_a_group_shows_the_first_items_and_says_how_many_more(world, client):
    program = world["program"]
    for _ in range(CAP + 2):
        make_voucher_at("submitted", program)
    text = page(client, approver_of(program))

    assert text.count("Approve or return") == CAP
    assert "and 2 more: see all 7" in text


def test_lately_lists_events_of_ones_own_programs_only(world, client):
    mine = world["commitment"]
    make_commitment()
    events = queries.desk_of(officer_of(mine.program)).events
    uids = {str(mine.uid), str(mine.program.uid), str(mine.version.voucher.uid)}

    assert events
    assert all(re.search("|".join(uids), event.href) for event in events)


def test_a_representative_reads_no_names_and_no_vouchers_in_the_events(world):
    commitment = world["commitment"]
    representative = make_person(Role.RECIPIENT, organisation=commitment.program.recipients[0])
    events = queries.desk_of(representative).events

    assert [event.by for event in events] == [""] * len(events)
    assert not any("Voucher" in event.what or "version" in event.what.lower() for event in events)


@pytest.mark.thorough
@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE])
def test_the_desk_costs_as_many_queries_for_thirty_items_as_for_one(client, count_queries, role):
    program = make_program()
    person = make_person(role, organisation=program.owner)
    _one_of_each(program)
    sign_in(client, person)
    url = reverse("dashboards:desk")
    client.get(url)
    before = count_queries(lambda: client.get(url))

    for _ in range(29):
        make_voucher_at("submitted", program)
    for _ in range(3):
        _one_of_each(program)
        make_program(owner=program.owner)

    assert count_queries(lambda: client.get(url)) == before


def _one_of_each(program):
    make_voucher_at("returned", program)
    make_voucher_at("submitted", program)
    payment = make_disbursement(make_commitment(program))
    make_finding(payment, recommendations=2)
    make_report_at("in_review", program)
    propose(program, "transaction", "payee", payment.uid)


def test_a_representative_does_not_read_why_a_report_was_returned(world):
    report = world["report"]
    representative = make_person(Role.RECIPIENT, organisation=report.program.recipients[0])

    assert not any("The sums are missing" in e.what for e in queries.desk_of(representative).events)
    staff = queries.desk_of(report.drafted_by).events
    assert any("The sums are missing" in event.what for event in staff)


def test_events_of_a_voucher_name_it(world):
    voucher = world["voucher"]
    said = [event.what for event in queries.desk_of(voucher.created_by).events]

    assert f"Voucher {voucher.number}: Version 1 was submitted and frozen." in said


def test_somebody_without_a_role_is_told_whom_to_ask(client):
    text = page(client, make_person())

    assert "No role yet" in text
    assert "You invite people" not in text
