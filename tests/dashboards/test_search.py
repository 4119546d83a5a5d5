"""Search: every kind is found, nothing leaks, and whatever is typed is only ever compared."""

from copy import deepcopy

import pytest

from tests.factories.accounts import administrators_of, make_person, sign_in
from tests.factories.audits import make_auditor, make_engagement, make_finding
from tests.factories.ledger import make_commitment, make_disbursement, make_voucher
from tests.factories.programs import make_program
from tests.factories.publishing import make_report_at
from tracker.accounts.models import Role
from tracker.dashboards import queries
from tracker.dashboards.queries.search import CAP

URL = "/desk/search/"


def titles(words, person):
    return {
        group.title: [hit.label for hit in group.hits] for group in queries.search(words, person)
    }


def build():
    program = make_program(title="Zephyr field hospitals")
    commitment = make_commitment(program)
    return make_disbursement(commitment, payee="Zephyr Supplies", reference="ZEPHYR-7")


@pytest.fixture
def payment(built):
    return deepcopy(built)


@pytest.fixture
def officer(payment):
    return make_person(Role.OFFICER, organisation=payment.program.owner)


def test_every_kind_is_found(payment, officer):
    make_voucher(payment.program, payee="Zephyr Later")
    make_finding(payment, title="Zephyr paid without receipt")
    make_report_at("draft", payment.program, title="Zephyr in 2024")

    found = titles("zephyr", officer)
    assert list(found) == ["Programs", "Transactions", "Vouchers", "Findings", "Reports"]
    assert found["Programs"] == ["Zephyr field hospitals"]
    assert found["Transactions"][0].startswith("Disbursement ZEPHYR-7: 100.00 USD")


def test_an_administrator_finds_people_and_nothing_of_programs(payment, officer):
    first, _ = administrators_of(payment.program.owner)

    assert list(titles("person", first)) == ["People"]
    assert titles("zephyr", first) == {}
    assert "People" not in titles("person", officer)


def test_an_administrator_does_not_find_people_of_other_organisations(payment):
    stranger, _ = administrators_of(make_program().owner)
    person = make_person(Role.OFFICER, organisation=payment.program.owner, name="Unmistakable")

    assert titles(person.name, stranger) == {}


def test_nothing_of_another_organisation_is_found(payment):
    make_finding(payment, title="Zephyr paid without receipt")
    make_report_at("published", payment.program, title="Zephyr in 2024")
    stranger = make_person(Role.OFFICER, Role.AUDITOR)

    assert titles("zephyr", stranger) == {}
    assert titles(str(payment.uid), stranger) == {}
    assert titles(str(payment.entry_id), stranger) == {}


def test_a_representative_finds_no_voucher_no_draft_report_and_no_draft_finding(payment):
    auditor = make_auditor(payment.program)
    engagement = make_engagement(payment.program, lead=auditor)
    make_finding(payment, engagement=engagement, issued=False, title="Zephyr, a draft")
    make_report_at("draft", payment.program, title="Zephyr in 2024")
    person = make_person(Role.RECIPIENT, organisation=payment.program.recipients[0])

    assert list(titles("zephyr", person)) == ["Programs", "Transactions"]
    assert titles("zephyr", auditor)["Findings"] == [
        f"Finding {engagement.number}/1: Zephyr, a draft"
    ]


def test_an_identifier_and_the_number_of_an_entry_find_their_record(payment, officer):
    assert list(titles(str(payment.uid), officer)) == ["Transactions"]
    assert "Transactions" in titles(f"entry {payment.entry_id}", officer)


def test_all_words_have_to_occur(payment, officer):
    assert "Programs" in titles("zephyr hospitals", officer)
    assert "Programs" not in titles("zephyr submarines", officer)


def test_a_long_result_shows_the_first_and_leads_to_the_list(payment, officer, client):
    for _ in range(CAP + 1):
        make_voucher(payment.program, payee="Aurora & Sons")
    text = sign_in(client, officer).get(URL, {"q": "Aurora & Sons"}).content.decode()

    assert "and 1 more in the list" in text
    assert "/desk/vouchers/?q=Aurora+%26+Sons" in text


@pytest.mark.thorough
@pytest.mark.parametrize(
    "words",
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "%_%",
        "'; DROP TABLE tracker_program; --",
        "<script>alert(1)</script>",
        "\\",
        "entry " + "9" * 60,
        "9" * 19,
        "٣٤٥",
        "²",
        "\ud7ff\uffff\u202e",
        "word " * 5000,
        "x" * 20_000,
        "00000000-0000-0000-0000-000000000000",
    ],
    ids=range(16),
)
def test_hostile_words_are_answered_and_never_run(payment, officer, client, words):
    response = sign_in(client, officer).get(URL, {"q": words})

    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_percent_signs_are_words_and_not_wildcards(payment, officer):
    assert titles("%", officer) == {}
    assert titles("_", officer) == {}


@pytest.mark.thorough
def test_many_hits_cost_as_many_queries_as_one(payment, officer, client, count_queries):
    sign_in(client, officer)
    asked = {"q": "zephyr"}
    client.get(URL, asked)
    before = count_queries(lambda: client.get(URL, asked))
    for number in range(29):
        make_voucher(payment.program, payee=f"Zephyr {number}")
        make_program(owner=payment.program.owner, title=f"Zephyr {number}", by=officer)

    assert count_queries(lambda: client.get(URL, asked)) == before
