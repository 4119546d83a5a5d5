"""A donor's and a recipient's page: the line of each side, its programs, the way to its statement."""

import pytest
from django.urls import reverse

from tests.factories import chains
from tests.factories.accounts import make_organisation, make_person, sign_in
from tests.factories.ledger import make_commitment
from tests.factories.programs import make_program
from tests.worlds import kept
from tracker.accounts.models import Role
from tracker.programs.models import Nature


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        staff = make_organisation("General Staff of the South")
        program = make_program(title="Field hospitals", recipient=staff)
        chains.whole_way(program, receiver=staff)
        yield program, staff


@pytest.fixture
def program(built):
    return built[0]


@pytest.fixture
def staff(built):
    return built[1]


@pytest.fixture
def officer(program, client):
    officer = make_person(Role.OFFICER, organisation=program.owner)
    sign_in(client, officer)
    return officer


def url(organisation):
    return reverse("dashboards:organisation", args=[organisation.uid])


def parts(client, organisation):
    response = client.get(url(organisation))
    assert response.status_code == 200
    return {part.name: part for part in response.context["page"].parts}


def test_a_recipient_sees_its_line_whose_bars_open_the_rows_behind_it(
    program, staff, officer, client
):
    (line,) = parts(client, staff)["recipient-operational"].lines
    committed = line.stages[1]

    assert committed["amount"].plain == "800.00"
    listed = client.get(committed["href"]).context["table"].rows
    assert [row.record.kind for row in listed] == ["commitment"]
    waiting = client.get(line.stages[3]["gap_href"]).context["table"].rows
    assert [row.record.text.reference for row in waiting] == ["D1"]


def test_a_donor_has_the_line_of_what_it_gives(program, officer, client):
    (line,) = parts(client, program.owner)["donor-operational"].lines

    assert line.way.disbursed.plain == "530.00"


def test_figures_of_different_origin_have_parts_of_their_own(program, staff, officer, client):
    example = make_program(owner=program.owner, recipient=staff, nature=Nature.ILLUSTRATIVE)
    make_commitment(example, "5.00")
    found = parts(client, staff)

    assert found["recipient-illustrative"].lines[0].way.committed.plain == "5.00"
    assert found["recipient-operational"].lines[0].way.committed.plain == "800.00"


def test_only_programs_that_the_person_sees_count(program, staff, officer, client):
    make_commitment(make_program(title="Of another ministry", recipient=staff), "9.00")
    page = client.get(url(staff)).content.decode()

    assert "Of another ministry" not in page
    assert client.get(url(make_organisation())).status_code == 404


def test_it_leads_to_the_statement_where_there_is_one(program, staff, officer, client):
    assert f"/desk/accounts/{staff.uid}/" in client.get(url(staff)).content.decode()
    partner = make_program(owner=program.owner, recipient=make_organisation("No account"))
    page = client.get(url(partner.recipients[0])).content.decode()
    assert "/desk/accounts/" not in page


def test_many_programs_cost_as_many_queries_as_one(program, staff, officer, client, count_queries):
    client.get(url(staff))
    before = count_queries(lambda: client.get(url(staff)))
    for _ in range(3):
        make_commitment(make_program(owner=program.owner, recipient=staff), "1.00")

    assert count_queries(lambda: client.get(url(staff))) == before
