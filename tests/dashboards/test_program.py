"""A program's page: what it shows to whom, what it offers, and whose step is next."""

import pytest
from django.urls import reverse

from tests.factories.accounts import make_person, sign_in
from tests.factories.audits import make_auditor, make_engagement, make_finding
from tests.factories.ledger import (
    approver_of,
    make_commitment,
    make_disbursement,
    make_reversal,
    make_voucher_at,
)
from tests.factories.programs import make_figure, make_objective, make_program
from tests.factories.publishing import decide_not_published, disclosure_of, make_report_at, publish
from tests.factories.results import make_indicator, make_measurement, make_target
from tracker.accounts.models import Role
from tracker.dashboards import queries
from tracker.programs.models import Nature, Program


@pytest.fixture
def program():
    return make_program(title="Field hospitals")


@pytest.fixture
def officer(program):
    return make_person(Role.OFFICER, organisation=program.owner)


def page(client, person, program):
    response = sign_in(client, person).get(reverse("dashboards:program", args=[program.uid]))
    assert response.status_code == 200
    return response.content.decode()


def steps(program, person):
    found = Program.objects.for_page().get(pk=program.pk)
    return queries.next_steps(queries.program_page(found, person), person)


def test_a_stranger_is_told_that_there_is_no_such_program(program, client):
    sign_in(client, make_person(Role.OFFICER))

    assert client.get(reverse("dashboards:program", args=[program.uid])).status_code == 404


def test_it_shows_money_results_record_findings_and_reports(program, officer, client):
    payment = make_disbursement(make_commitment(program, "1000.00"), "400.00", reference="PAY-1")
    make_measurement(make_indicator(program=program, title="Trained medics"))
    make_objective(program=program, title="Wounded are treated in time")
    make_figure(program=program, label="Yearly grant")
    make_finding(payment, title="No receipt", recommendations=1)
    make_report_at("draft", program, title="First half of 2024")
    text = page(client, officer, program)

    assert "600.00 USD committed and not disbursed" in text
    for said in ("PAY-1", "Trained medics", "treated in time", "Yearly grant", "No receipt"):
        assert said in text
    assert "First half of 2024" in text
    assert "Name a person who collects the receipts." in text


def test_a_representative_reads_no_voucher_no_draft_report_and_no_names(program, client):
    voucher = make_voucher_at("submitted", program)
    make_report_at("draft", program, title="An unfinished report")
    finding = make_finding(make_disbursement(make_commitment(program)), issued=False)
    representative = make_person(Role.RECIPIENT, organisation=program.recipients[0])
    text = page(client, representative, program)

    assert voucher.number not in text
    assert "An unfinished report" not in text
    assert finding.title not in text
    assert voucher.created_by.name not in text
    assert "/desk/vouchers/" not in text.split("<main")[1]


def test_only_those_who_may_are_offered_to_act(program, officer, client):
    own = page(client, officer, program)
    assert "New payment" in own and "Draft a report" in own and "Change the description" in own

    approver = page(client, approver_of(program), program)
    assert "New payment" not in approver and "Draft a report" not in approver


def test_a_documented_program_is_offered_no_voucher(client):
    program = make_program(nature=Nature.DOCUMENTED)
    officer = make_person(Role.OFFICER, organisation=program.owner)
    text = page(client, officer, program)

    assert "New payment" not in text
    assert "No ledger is kept here" in text


def test_the_first_step_of_an_empty_program_is_the_officers_first_commitment(program, officer):
    first = steps(program, officer)[0]

    assert first.mine and first.what.startswith("Record the first commitment")
    assert not steps(program, approver_of(program))[0].mine


def test_a_submitted_voucher_is_the_approvers_step_who_is_named_to_others(program, officer):
    approver = approver_of(program)
    make_voucher_at("submitted", program)

    assert steps(program, approver)[0].mine
    (step,) = [s for s in steps(program, officer) if "Approve" in s.what]
    assert not step.mine and approver.name in step.who


def test_a_program_without_an_approver_says_that_nobody_can_approve(program, officer):
    make_voucher_at("submitted", program)

    (step,) = [s for s in steps(program, officer) if "Approve" in s.what]
    assert "nobody holds this role" in step.who


def test_a_finding_makes_its_recommendations_the_owners_step(program, officer):
    make_finding(make_disbursement(make_commitment(program)), recommendations=2)

    (step,) = [s for s in steps(program, officer) if "recommendations" in s.what]
    assert step.mine and step.who == program.owner.label


def test_indicators_without_a_value_are_to_be_measured(program, officer):
    indicator = make_indicator(program=program)
    assert any("Measure 1 indicator" in step.what for step in steps(program, officer))

    make_measurement(indicator)
    assert not any("Measure" in step.what for step in steps(program, officer))


def test_publication_is_a_step_until_decided_and_again_when_facts_are_added(program):
    disclosure = disclosure_of(program)
    assert any("Publish the program" in step.what for step in steps(program, disclosure))

    publish(program)
    assert not any("Publish" in step.what for step in steps(program, disclosure))

    make_commitment(program)
    assert any("Publish again" in step.what for step in steps(program, disclosure))


def test_a_program_that_is_kept_back_says_so_and_asks_for_nothing(program, client):
    decide_not_published(program)
    disclosure = disclosure_of(program)

    assert "Kept back for classified" in page(client, disclosure, program)
    assert not any("ublish" in step.what for step in steps(program, disclosure))


def test_nobody_without_a_staff_role_is_told_of_steps(program):
    make_voucher_at("submitted", program)
    representative = make_person(Role.RECIPIENT, organisation=program.recipients[0])

    assert steps(program, representative) == ()


@pytest.mark.thorough
def test_many_of_everything_cost_as_many_queries_as_one(program, officer, client, count_queries):
    auditor = make_auditor(program)
    engagement = make_engagement(program, lead=auditor)

    def one_more():
        payment = make_disbursement(make_commitment(program))
        make_finding(payment, engagement=engagement, recommendations=1)
        make_reversal(make_disbursement(make_commitment(program)))
        indicator = make_indicator(program=program, objective=make_objective(program=program))
        make_target(indicator)
        make_measurement(indicator)
        make_figure(program=program)
        make_voucher_at("submitted", program)
        make_voucher_at("returned", program)
        make_report_at("in_review", program)

    one_more()
    sign_in(client, officer)
    url = reverse("dashboards:program", args=[program.uid])
    client.get(url)
    before = count_queries(lambda: client.get(url))
    for _ in range(9):
        one_more()

    assert count_queries(lambda: client.get(url)) == before


def test_without_a_commitment_to_draw_on_the_commitment_is_offered_first(program, officer, client):
    before = page(client, officer, program)
    make_commitment(program)
    after = page(client, officer, program)

    assert before.index("New commitment") < before.index("New payment")
    assert after.index("New payment") < after.index("New commitment")


def test_only_officers_are_led_to_the_form_of_the_first_commitment(program, officer):
    (theirs,) = [s for s in steps(program, officer) if "first commitment" in s.what]
    (waited_for,) = [
        s for s in steps(program, approver_of(program)) if "first commitment" in s.what
    ]

    assert theirs.href.startswith("/desk/vouchers/new/")
    assert waited_for.href == ""


def test_only_administrators_find_people_in_the_masthead(program, officer, client):
    administrator = make_person(Role.ADMINISTRATOR, organisation=program.owner)
    way = 'href="/desk/people/"'

    assert way not in page(client, officer, program)
    assert (
        way in sign_in(client, administrator).get("/desk/").content.decode().split("</header>")[0]
    )
