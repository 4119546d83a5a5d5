"""What is not published answers exactly like what does not exist."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import audits, publishing

ADDRESSES = {
    "a program": "/programs/{}/",
    "its payments": "/programs/{}/transactions/",
    "what it withholds": "/programs/{}/withheld/",
    "its payments as a file": "/programs/{}/transactions/?format=csv",
    "a report": "/reports/{}/",
    "a finding": "/findings/{}/",
}


def answer(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    asked = [query["sql"].partition(" WHERE ")[0] for query in queries.captured_queries]
    return response.status_code, response.content, dict(response.items()), asked


@pytest.fixture
def hidden(world):
    """Things that exist and are not public, by what they are."""
    program = world.unpublished
    report = publishing.make_report_at("reviewed", program)
    finding = audits.make_finding()
    return dict.fromkeys(ADDRESSES, program) | {"a report": report, "a finding": finding}


@pytest.mark.thorough
def test_an_unpublished_thing_answers_like_one_that_does_not_exist(client, hidden):
    for what, address in ADDRESSES.items():
        there = answer(client, address.format(hidden[what].uid))
        nowhere = answer(client, address.format(uuid4()))

        assert there == nowhere, what
        assert there[0] == 404
        assert len(there[3]) == (1 if what == "a finding" else 2)  # the lists, then the tombstones


def test_the_identifier_of_one_thing_opens_no_other(client, world):
    assert client.get(f"/programs/{world.finding.uid}/").status_code == 404
    assert client.get(f"/findings/{world.program.uid}/").status_code == 404
    assert client.get(f"/reports/{world.program.uid}/").status_code == 404
    assert client.get(f"/programs/{world.payment.uid}/").status_code == 404
