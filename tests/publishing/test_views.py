"""The staff pages of publishing: they work, refuse with sentences, and cost the same for one row and many."""

import re
from copy import deepcopy

import pytest
from django.urls import reverse

from tests.factories.accounts import make_person
from tests.factories.audits import make_finding, walk
from tests.factories.ledger import approver_of, make_commitment, make_disbursement, officer_of
from tests.factories.programs import make_program
from tests.factories.publishing import (
    decide_not_published,
    disclosure_of,
    in_a_year,
    make_overdue,
    make_report,
    make_report_at,
    propose,
    publish,
    withhold,
)
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.audits.models import RecommendationState
from tracker.publishing import queries
from tracker.publishing.models import NotPublished, Preparation, Report, Withholding


def build():
    program = staffed_program(title="Field hospitals")
    for number in range(2):
        disclosure_of(program, number)
    return program


@pytest.fixture
def program(built):
    return deepcopy(built)


@pytest.fixture
def disclosure(client, program):
    person = disclosure_of(program)
    client.force_login(person)
    return person


def address(name, thing=None):
    return reverse(f"publishing:{name}", args=[thing.uid] if thing else [])


def text(response):
    return response.content.decode()


LISTS = ["home", "reports", "withholdings", "findings"]
GETS = ["program", "not_published"]
REPORT_POSTS = ["report_submit", "report_accept", "report_publish"]
WITHHOLDING_POSTS = [f"withholding_{verb}" for verb in ("decide", "decline", "review", "lift")]


@pytest.mark.parametrize("name", LISTS)
def test_nobody_reads_these_pages_without_signing_in(client, name):
    assert client.get(address(name)).status_code == 302


@pytest.mark.parametrize("name", LISTS)
def test_everybody_who_works_here_can_open_the_lists(client, name):
    client.force_login(make_person(Role.APPROVER))

    assert client.get(address(name)).status_code == 200


@pytest.mark.parametrize(
    "name, role", [("report_new", Role.OFFICER), ("withholding_new", Role.DISCLOSURE)]
)
def test_a_form_opens_for_those_who_hold_its_role_and_nobody_else(client, name, role):
    client.force_login(make_person(role))
    assert client.get(address(name)).status_code == 200

    client.force_login(make_person(Role.APPROVER))
    assert client.get(address(name)).status_code == 403


def test_a_stranger_finds_nothing(client, program):
    report, withholding = make_report(program), withhold(program)
    finding = make_finding()
    client.force_login(make_person(Role.DISCLOSURE))

    for name, thing in (
        *((name, program) for name in GETS),
        ("report", report),
        ("report_edit", report),
        ("report_return", report),
        ("report_publish", report),
        ("withholding", withholding),
        ("finding", finding),
    ):
        assert client.get(address(name, thing)).status_code == 404, name
    for name in ("release",):
        assert client.post(address(name, program)).status_code == 404
    for name in REPORT_POSTS:
        assert client.post(address(name, report)).status_code == 404
    for name in WITHHOLDING_POSTS:
        assert client.post(address(name, withholding)).status_code == 404
    assert client.post(address("finding_release", finding)).status_code == 404


def test_the_recipients_side_sees_neither_drafts_nor_what_is_withheld(client):
    program = make_program()
    things = {"report": make_report(program), "withholding": withhold(program), "program": program}
    recipient = program.participations.get(role="recipient").organisation
    client.force_login(make_person(Role.RECIPIENT, organisation=recipient))

    for name, thing in things.items():
        assert client.get(address(name, thing)).status_code == 404, name
    assert program.title not in text(client.get(address("home")))


def test_verbs_are_not_done_by_reading(client, program, disclosure):
    report, withholding = make_report_at("reviewed", program), propose(program)

    for name, thing in (
        ("release", program),
        ("report_submit", report),
        ("report_accept", report),
        *((name, withholding) for name in WITHHOLDING_POSTS),
    ):
        assert client.get(address(name, thing)).status_code == 405, name


# --- Programs --------------------------------------------------------------


def test_the_home_says_what_is_public_what_changed_and_what_waits(client, program, disclosure):
    publish(program)
    make_commitment(program)
    kept = make_program(owner=program.owner)
    decide_not_published(kept)
    make_overdue(withhold(program))
    propose(program, field="legal_authority")
    make_report_at("in_review", program)
    make_report_at("reviewed", program)

    page = text(client.get(address("home")))

    assert re.search(r"release 1, with \d unpublished change", page)
    assert "Not published" in page and "classified" in page
    assert "1 withheld field waits for an overdue review" in page
    assert "1 proposal to withhold a field waits for a decision" in page
    assert "1 report waits for review" in page
    assert "1 report waits for publication" in page


def test_the_home_counts_facts_recorded_since_the_release(program):
    publish(program)

    def changes():
        rows = queries.programs_with_release(type(program).objects.all())
        return rows.get(pk=program.pk).changes

    assert changes() == 0
    commitment = make_commitment(program)
    make_disbursement(commitment, "1.00")
    assert changes() == 2
    withhold(program)
    assert changes() == 3
    publish(program)
    assert changes() == 0


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("published", "Published one"),
        ("kept", "Kept one"),
        ("undecided", "Undecided one"),
    ],
)
def test_programs_are_narrowed_by_state(client, state, title):
    public = make_program(title="Published one")
    publish(public)
    decide_not_published(make_program(owner=public.owner, title="Kept one"))
    make_program(owner=public.owner, title="Undecided one")
    client.force_login(disclosure_of(public))

    file = text_of(client.get(address("home"), {"state": state, "format": "csv"}))

    assert [line.split(",")[0] for line in file.splitlines()[1:]] == [title]
    page = text(client.get(address("home"), {"state": "changed", "q": "published"}))
    assert "Published one" not in page


def text_of(response):
    return b"".join(response.streaming_content).decode()


def test_a_program_is_published_from_its_page(client, program, disclosure):
    withhold(program, "program", "summary")

    page = text(client.get(address("program", program)))
    assert "Prepare a release" in page and "summary" in page
    client.post(address("prepare", program))
    (prepared,) = Preparation.objects.all()
    assert "waits for a second person" in text(client.get(address("preparation", prepared)))
    refused = client.post(address("release", prepared))
    assert refused.status_code == 403 and "You prepared this release" in text(refused)
    client.force_login(disclosure_of(program, 1))
    assert "A release of “Field hospitals” waits" in text(client.get(address("home")))
    assert "See what was prepared" in text(client.get(address("program", program)))
    client.post(address("release", prepared))

    page = text(client.get(address("program", program)))
    assert "release 1" in page
    assert "Nothing: release 1 is what the program is now." in page
    assert "released as release 1" in text(client.get(address("preparation", prepared)))
    again = client.post(address("prepare", program))
    assert "Nothing has changed since release 1" in text(again)


def test_the_page_shows_which_rows_would_change(client, program, disclosure):
    publish(program)
    withhold(program, "program", "summary")
    make_commitment(program)

    page = text(client.get(address("program", program)))

    assert "1 transaction posted since release 1" in page
    assert "Compared with release 1" in page
    assert queries.differences(program) == [
        queries.Change("program", "changed", program.title, "summary")
    ]


def test_an_officer_cannot_publish_and_reads_who_can(client, program):
    client.force_login(officer_of(program))

    page = text(client.get(address("program", program)))

    assert "Prepare a release" not in page
    assert "Only a disclosure officer" in page
    assert client.post(address("prepare", program)).status_code == 403


def test_a_program_is_kept_back_and_the_decision_lifted(client, program, disclosure):
    form = {"category": "classified", "reason": "Asked for.", "review_on": "2001-01-01"}
    refused = client.post(address("not_published", program), form)
    assert "choose a day after today" in text(refused)

    client.post(address("not_published", program), form | {"review_on": in_a_year().isoformat()})
    decision = NotPublished.objects.get()
    assert "It was decided not to publish" in text(client.get(address("program", program)))
    client.post(reverse("publishing:not_published_lift", args=[decision.uid]))

    decision.refresh_from_db()
    assert decision.lifted_by == disclosure


# --- Reports ---------------------------------------------------------------


def test_a_report_walks_from_draft_to_public_through_the_pages(client, program):
    author, reviewer, publisher = officer_of(program), approver_of(program), disclosure_of(program)
    make_commitment(program)
    client.force_login(author)
    new = {
        "program": str(program.uid),
        "title": "Half-year report",
        "period_start": "2024-01-01",
        "period_end": "2024-06-30",
    }
    client.post(address("report_new"), new)
    report = Report.objects.get()
    page = client.get(address("report_edit", report))
    form = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    form = {name: value or "" for name, value in form.items()} | {"count": "7"}
    client.post(address("report_edit", report), form | {"body_0": "All went well."})
    assert queries.sections_of(report)[0] == ("Summary", "All went well.")
    client.post(address("report_submit", report))

    client.force_login(reviewer)
    assert "Accept the report" in text(client.get(address("report", report)))
    client.post(address("report_accept", report))

    client.force_login(publisher)
    page = text(client.get(address("report_publish", report)))
    assert "All went well." in page and "1,000.00" in page
    client.post(address("report_publish", report))
    prepared = Preparation.objects.get(report=report)
    assert "See what was prepared" in text(client.get(address("report", report)))
    client.force_login(disclosure_of(program, 1))
    client.post(address("release", prepared))

    report.refresh_from_db()
    assert report.status == "published"
    assert "The public page" in text(client.get(address("report", report)))


def test_a_lost_update_stays_on_the_form_with_its_text(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)
    form = {
        "title": "Mine",
        "period_start": "2024-01-01",
        "period_end": "2024-06-30",
        "seen": "0" * 64,
        "count": "1",
        "heading_0": "Summary",
        "body_0": "My words",
    }

    page = text(client.post(address("report_edit", report), form))

    assert "Somebody else saved this report" in page
    assert "My words" in page


def test_a_section_can_be_added_and_removed(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)
    form = {
        "title": report.title,
        "period_start": "2024-01-01",
        "period_end": "2024-06-30",
        "seen": queries.content_hash(report),
        "count": "3",
        "heading_2": "Risks",
        "body_2": "None.",
        "more": "1",
    }

    answer = client.post(address("report_edit", report), form)

    assert answer.url == address("report_edit", report)
    assert queries.sections_of(report) == [("Risks", "None.")]


@pytest.mark.parametrize("count", ["", "abc", "-1", "999999999999"])
def test_a_forged_count_of_sections_is_no_error(client, program, count):
    report = make_report(program)
    client.force_login(report.drafted_by)

    assert client.post(address("report_edit", report), {"count": count}).status_code == 200


def test_a_return_asks_for_a_reason(client, program):
    report = make_report_at("in_review", program)
    client.force_login(approver_of(program))

    assert "reason" in text(client.post(address("report_return", report), {"reason": ""}))
    client.post(address("report_return", report), {"reason": "The sums are missing."})

    client.force_login(report.drafted_by)
    assert "The sums are missing." in text(client.get(address("report", report)))


def test_an_author_sees_no_button_to_accept(client, program):
    report = make_report_at("in_review", program)
    client.force_login(report.drafted_by)

    page = text(client.get(address("report", report)))

    assert "Accept the report" not in page
    assert "who did not write in it" in page
    assert client.post(address("report_accept", report)).status_code == 403


def test_the_confirmation_says_why_a_report_cannot_be_published(client, program, disclosure):
    report = make_report_at("reviewed", program)
    make_overdue(withhold(program))

    page = text(client.get(address("report_publish", report)))

    assert "wait for their review" in page
    assert 'class="button primary">Publish the report' not in page
    answer = client.post(address("report_publish", report), follow=True)
    assert "wait for their review" in text(answer)


# --- Withholding -----------------------------------------------------------


def withholding_form(program, **says):
    return {
        "program": str(program.uid),
        "what": "transaction.payee",
        "record": "INV-1",
        "category": "personal",
        "legal_basis": "Data Protection Act",
        "reason": "It names a person.",
        "review_on": in_a_year().isoformat(),
    } | says


def test_a_field_is_withheld_through_the_pages(client, program, disclosure):
    paid = make_disbursement(make_commitment(program), "5.00", reference="INV-1")

    client.post(address("withholding_new"), withholding_form(program))
    proposed = Withholding.objects.get()
    assert proposed.record == paid.uid
    refused = client.post(address("withholding_decide", proposed))
    assert refused.status_code == 403
    client.force_login(disclosure_of(program, 1))
    assert "Withhold the field" in text(client.get(address("withholding", proposed)))
    client.post(address("withholding_decide", proposed))
    assert "INV-1" in text(client.get(address("withholdings")))
    client.force_login(disclosure)
    bad = text(client.post(address("withholding_review", proposed), {"review_on": "2001-01-01"}))
    assert "choose a day after today" in bad
    client.post(address("withholding_review", proposed), {"review_on": in_a_year().isoformat()})
    client.force_login(disclosure_of(program, 2))
    client.post(address("withholding_lift", proposed))

    proposed.refresh_from_db()
    assert proposed.status == "lifted"


def test_a_proposal_can_be_declined(client, program, disclosure):
    proposed = propose(program)
    client.force_login(disclosure_of(program, 1))

    client.post(address("withholding_decline", proposed))

    proposed.refresh_from_db()
    assert proposed.status == "declined"


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"record": "INV-9"}, "no single transaction that is called “INV-9”"),
        ({"what": "program.title"}, "Select a valid choice"),
        ({"review_on": "2001-01-01"}, "choose a day after today"),
        ({"reason": ""}, "required"),
    ],
)
def test_a_bad_proposal_stays_on_the_form(client, program, disclosure, says, sentence):
    make_disbursement(make_commitment(program), "5.00", reference="INV-1")

    answer = client.post(address("withholding_new"), withholding_form(program, **says))

    assert sentence in text(answer)
    assert not Withholding.objects.exists()


# --- Findings --------------------------------------------------------------


def test_an_auditor_publishes_a_finding_and_its_new_state(client):
    finding = make_finding(recommendations=1)
    client.force_login(finding.engagement.lead)

    assert "Publish the finding" in text(client.get(address("finding", finding)))
    client.post(address("finding_release", finding))
    assert "Nothing: release 1" in text(client.get(address("finding", finding)))
    walk(finding.recommendations.get(), RecommendationState.OPEN_RESOLVED)
    assert "changed since" in text(client.get(address("findings")))
    client.post(address("finding_release", finding))

    assert "Nothing: release 2" in text(client.get(address("finding", finding)))
    asked = finding.recommendations.get()
    withhold(finding.links.get().transaction.program, "recommendation", "text", asked.uid)
    assert "changed since" in text(client.get(address("findings")))


# --- Cost ------------------------------------------------------------------


@pytest.mark.thorough
def test_more_rows_cost_no_more_queries(client, program, disclosure, count_queries):
    def one_more():
        other = make_program(owner=program.owner)
        make_commitment(other)
        publish(other, by=disclosure)
        withhold(other)
        make_report_at("in_review", other)

    def load(name):
        return lambda: client.get(address(name))

    one_more()
    names = ("home", "reports", "withholdings")
    for name in names:
        client.get(address(name))
    few = [count_queries(load(name)) for name in names]
    for _ in range(4):
        one_more()

    assert [count_queries(load(name)) for name in names] == few


@pytest.mark.thorough
def test_the_page_of_a_program_costs_the_same_for_many_facts(
    client, program, disclosure, count_queries
):
    commitment = make_commitment(program)
    publish(program)

    def load():
        client.get(address("program", program))

    load()
    make_disbursement(commitment, "1.00")
    few = count_queries(load)
    for _ in range(4):
        make_disbursement(commitment, "1.00")

    assert count_queries(load) == few
