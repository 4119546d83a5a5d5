"""Donated stock: book value 171.5 million GBP, replacement 2.71 billion, 15.80 times as much (NAO, September 2024).

What counts is the book value; the other figure stands beside it, with its source and the ratio, and is in no total.
"""

from datetime import date

import pytest

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.accounts import sign_in
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tracker.ledger import queries
from tracker.publishing.models import PublishedTotal

pytestmark = pytest.mark.thorough
AS_OF = date(2024, 3, 31)
NAO = "National Audit Office, report on military support, September 2024"


@pytest.fixture
def stock():
    row = make.post(
        make_program(),
        "commitment",
        "171500000.00",
        "GBP",
        **goods.GOODS | {"valuation_basis": "net_book_value", "valuation_date": AS_OF},
    )
    goods.draw(row, "disbursement", "1715000.00", valuation_basis="net_book_value")
    goods.state_alternative(row, "2710000000.00", basis="replacement_cost", day=AS_OF, citation=NAO)
    return row


def test_both_figures_and_their_ratio_stand_on_the_page_and_one_is_counted(stock, client):
    sign_in(client, make.officer_of(stock.program))

    page = client.get(f"/desk/transactions/{stock.uid}/").content.decode()

    for shown in ("171,500,000.00", "2,710,000,000.00", "15.80 ×", NAO, "Replacement cost"):
        assert shown in page
    sent = stock.program.transactions.get(kind="disbursement")
    chain = client.get(f"/desk/transactions/{sent.uid}/").content.decode()
    assert "2,710,000,000.00" in chain and "15.80 ×" in chain
    (line,) = queries.totals_of([stock.program])
    assert line.committed.plain == "171500000.00"


def test_the_public_reads_both_figures_and_a_total_of_the_one_that_counts(stock, client):
    publish(stock.program)

    page = client.get(f"/programs/{stock.program.uid}/").content.decode()

    assert "2,710,000,000.00" in page and NAO in page
    assert PublishedTotal.objects.get(kind="commitment").amount.plain == "171500000.00"
