"""The portfolio: every currency for itself, every nature for itself, the table as the file has it."""

import csv
import io

import pytest

from tests.factories.accounts import administrators_of, make_organisation, make_person, sign_in
from tests.factories.ledger import make_commitment, make_disbursement, officer_of
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.dashboards import queries
from tracker.dashboards.queries.money import BARS, Bar, _largest
from tracker.programs.models import Nature, Program
from tracker.shared.money import Money

URL = "/desk/portfolio/"


@pytest.fixture
def program():
    """400.00 of 1,000.00 USD and 50.00 of 70.00 EUR paid."""
    program = make_program(title="Field hospitals")
    make_disbursement(make_commitment(program, "1000.00"), "400.00")
    euros = make_commitment(program, Money.of("70.00", "EUR"))
    make_disbursement(euros, "50.00")
    return program


@pytest.fixture
def officer(program, client):
    officer = officer_of(program)
    sign_in(client, officer)
    return officer


def read_csv(response):
    text = b"".join(response.streaming_content).decode()
    return list(csv.reader(io.StringIO(text)))


def test_currencies_are_never_added_up(program, officer):
    found = queries.portfolio_of(Program.objects.filter(pk=program.pk))

    said = {line.currency: str(line.way.undisbursed) for line in found.lines}
    assert said == {"EUR": "20.00 EUR", "USD": "600.00 USD"}


def test_charts_are_in_the_currency_asked_for_and_never_in_an_unknown_one(program):
    programs = Program.objects.filter(pk=program.pk)

    assert queries.portfolio_of(programs, "EUR").currency == "EUR"
    assert queries.portfolio_of(programs, "'; DROP TABLE").currency in ("EUR", "USD")
    for chart in queries.portfolio_of(programs, "EUR").charts:
        assert {bar.value.currency for bar in chart.bars} == {"EUR"}


def test_charts_show_what_was_paid_by_recipient_year_and_kind_of_aid(program):
    years, recipients, kinds = queries.portfolio_of(
        Program.objects.filter(pk=program.pk), "USD"
    ).charts

    assert [(bar.label, str(bar.value)) for bar in years.bars] == [("FY2024", "400.00 USD")]
    assert recipients.bars[0].label == program.recipients[0].label
    assert [(bar.label, str(bar.value)) for bar in kinds.bars] == [("Equipment", "400.00 USD")]


def test_programs_of_different_nature_are_on_different_tabs(program, officer, client):
    made_up = make_program(
        owner=program.owner, nature=Nature.ILLUSTRATIVE, title="A made-up program", by=officer
    )
    make_commitment(made_up, "9999.00")

    own = client.get(URL).content.decode()
    assert "Field hospitals" in own and "A made-up program" not in own and "9,999" not in own
    other = client.get(URL, {"nature": "illustrative"}).content.decode()
    assert "A made-up program" in other and "Field hospitals" not in other
    assert "none of their figures is real" in other


def test_a_nature_that_does_not_exist_shows_the_first_tab(program, officer, client):
    response = client.get(URL, {"nature": "imagined"})

    assert response.status_code == 200
    assert "Field hospitals" in response.content.decode()


def test_the_file_has_exactly_the_rows_of_the_table_with_amount_and_currency_apart(
    program, officer, client
):
    make_program(owner=program.owner, title="Without money", by=officer)
    rows = read_csv(client.get(URL, {"format": "csv"}))
    rows = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]

    assert [(row["Program"], row["Committed"], row["Committed currency"]) for row in rows] == [
        ("Field hospitals", "70.00", "EUR"),
        ("Field hospitals", "1000.00", "USD"),
        ("Without money", "", ""),
    ]
    assert [row["Remaining"] for row in rows] == ["20.00", "600.00", ""]


def test_the_file_is_filtered_and_sorted_as_the_table_is(program, officer, client):
    make_program(owner=program.owner, title="Other", summary="", by=officer)
    asked = {"format": "csv", "q": "hospitals", "sort": "-committed"}
    rows = read_csv(client.get(URL, asked))

    assert [row[0] for row in rows[1:]] == ["Field hospitals", "Field hospitals"]
    assert [row[5] for row in rows[1:]] == ["1000.00", "70.00"]


def test_the_table_alone_is_sent_to_a_page_that_exchanges_it(program, officer, client):
    text = client.get(URL, {"q": "hospitals"}, headers={"HX-Request": "true"}).content.decode()

    assert text.lstrip().startswith('<section id="table"')
    assert "<html" not in text


def test_a_filter_keeps_the_tab_and_the_currency(program, officer, client):
    text = client.get(URL, {"currency": "EUR"}).content.decode()

    assert '<input type="hidden" name="nature" value="operational">' in text
    assert '<input type="hidden" name="currency" value="EUR">' in text


def test_nobody_sees_the_programs_of_another_organisation(program, client):
    sign_in(client, make_person(Role.OFFICER))
    response = client.get(URL)

    assert response.status_code == 200
    assert "Field hospitals" not in response.content.decode()


def test_an_administrator_sees_an_empty_portfolio(program, client):
    sign_in(client, administrators_of(program.owner)[0])
    text = client.get(URL).content.decode()

    assert "Field hospitals" not in text


@pytest.mark.thorough
def test_thirty_programs_cost_as_many_queries_as_one(program, officer, client, count_queries):
    client.get(URL)
    before = count_queries(lambda: client.get(URL))
    recipient = make_organisation()
    for _ in range(29):
        more = make_program(owner=program.owner, recipient=recipient, by=officer)
        make_disbursement(make_commitment(more))

    assert count_queries(lambda: client.get(URL)) == before


def test_more_recipients_than_a_chart_can_show_are_told_together():
    bars = [Bar(f"Country {n:02d}", Money(100 * n, "USD")) for n in range(1, BARS + 4)]
    shown = _largest(bars)

    assert len(shown) == BARS
    assert shown[-1].label == "4 others together"
    assert sum(bar.value.minor for bar in shown) == sum(bar.value.minor for bar in bars)
