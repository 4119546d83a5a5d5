"""Withholding through the pages, without JavaScript: choose what, then say what the public reads instead."""

from copy import deepcopy

import pytest
from django.urls import reverse

from tests.factories.ledger import make_commitment, make_disbursement
from tests.factories.programs import make_program
from tests.factories.publishing import (
    delay,
    disclosure_of,
    in_a_year,
    make_overdue,
    make_rule,
    propose,
    withhold,
    withhold_record,
)
from tests.factories.results import make_indicator, make_measurement
from tracker.publishing.models import Withholding

NEW = "/desk/withholdings/new/"


def text(response):
    return " ".join(response.content.decode().split())


def page(withholding):
    return reverse("publishing:withholding", args=[withholding.uid])


def build():
    payment = make_disbursement(make_commitment(make_program()), "100.00", reference="INV-1")
    for number in range(2):
        disclosure_of(payment.program, number)
    return payment


@pytest.fixture
def paid(built, client):
    client.force_login(disclosure_of(built.program))
    return deepcopy(built)


def said(program, **says):
    return {
        "program": str(program.uid),
        "what": "transaction.amount",
        "record": "INV-1",
        "category": "personal",
        "legal_basis": "Data Protection Act",
        "reason": "It names a person.",
        "review_on": in_a_year().isoformat(),
    } | says


def test_the_first_step_asks_what_and_the_second_has_inputs_that_fit(client, paid):
    first = text(client.get(NEW))
    assert 'method="get"' in first and "Go on" in first and 'name="reason"' not in first
    program = str(paid.program.uid)

    def inputs(scope, what):
        asked = {"program": program, "scope": scope, "what": what}
        second = text(client.get(NEW, asked))
        return {
            name
            for name in (
                "record",
                "stand_in",
                "high",
                "currency",
                "stand_in_kind",
                "in_sums",
                "days",
            )
            if f'name="{name}"' in second
        } | ({"minimum"} if 'name="minimum_percent"' in second else set())

    range_of = {"stand_in", "high", "currency"}
    assert inputs("field", "transaction.amount") == {"record", "in_sums", *range_of}
    assert inputs("field", "measurement.value") == {"record", "stand_in", "high"}
    assert inputs("field", "transaction.value_date") == {"record", "stand_in"}
    assert inputs("field", "transaction.payee") == {"record", "stand_in", "stand_in_kind"}
    assert inputs("field", "certification.figures") == {"record"}
    assert inputs("record", "transaction.payee") == {"record", "in_sums"}
    assert inputs("rule", "transaction.amount") == {"stand_in", "currency", "in_sums", "minimum"}
    assert inputs("rule", "transaction.payee") == {"stand_in", "stand_in_kind"}
    assert inputs("delay", "") == {"days"}


@pytest.mark.parametrize(
    ("says", "kept"),
    [
        (
            {"stand_in": "50", "high": "400.00", "currency": "usd", "in_sums": "on"},
            {
                "scope": "field",
                "in_sums": True,
                "stand_in": {
                    "kind": "range",
                    "low": {"minor": 5000},
                    "high": {"minor": 40000},
                    "currency": "USD",
                },
            },
        ),
        ({}, {"scope": "field", "stand_in": None, "in_sums": False}),
        (
            {"what": "transaction.value_date", "stand_in": "year"},
            {"field": "value_date", "stand_in": {"kind": "year", "value": "2024"}},
        ),
        (
            {"what": "transaction.payee", "stand_in": "one unit", "stand_in_kind": "unit"},
            {"stand_in": {"kind": "unit", "value": "one unit"}},
        ),
        (
            {"what": "transaction.payee", "stand_in": "", "stand_in_kind": "unit"},
            {"stand_in": None},
        ),
        (
            {"scope": "record"},
            {"scope": "record", "field": "", "record_kind": "transaction"},
        ),
        (
            {
                "scope": "rule",
                "stand_in": "0 1,000 100000",
                "currency": "USD",
                "minimum_percent": "30",
            },
            {
                "record": None,
                "minimum_percent": 30,
                "stand_in": {
                    "kind": "bands",
                    "edges": [0, 100_000, 10_000_000],
                    "currency": "USD",
                },
            },
        ),
        (
            {"scope": "rule", "what": "transaction.value_date", "stand_in": "month"},
            {"stand_in": {"kind": "month"}},
        ),
        (
            {"scope": "delay", "what": "", "days": "30"},
            {"scope": "delay", "days": 30, "record_kind": "transaction", "record": None},
        ),
    ],
)
def test_each_scope_is_proposed_through_the_pages(client, paid, says, kept):
    answer = client.post(NEW, said(paid.program, **says), follow=True)

    assert answer.status_code == 200
    proposed = Withholding.objects.get()
    assert {name: getattr(proposed, name) for name in kept} == kept
    assert proposed.what.capitalize()[:6] in text(answer)


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"stand_in": "99", "high": "101", "currency": "USD"}, "too narrow"),
        ({"stand_in": "200", "high": "400", "currency": "USD"}, "does not contain the value"),
        ({"stand_in": "50", "high": "400", "currency": "EUR"}, "in USD"),
        ({"stand_in": "50", "high": "400", "currency": "XX"}, "not a currency"),
        ({"stand_in": "a lot", "high": "400", "currency": "USD"}, "is not an amount"),
        ({"stand_in": "50", "high": "", "currency": "USD"}, "is not an amount"),
        ({"scope": "rule", "stand_in": "100 110", "currency": "USD"}, "too narrow"),
        ({"scope": "rule", "minimum_percent": "20"}, "From 25 to 100"),
        ({"scope": "delay", "days": "0"}, "from 1 to 3650"),
        ({"scope": "delay", "days": ""}, "required"),
        ({"scope": "everything"}, "Select a valid choice"),
        ({"what": ""}, "Choose what is to be withheld"),
        ({"what": "transaction.payee", "stand_in": "one", "stand_in_kind": "x"}, "Select a valid"),
    ],
)
def test_a_bad_proposal_says_why_at_its_field(client, paid, says, sentence):
    answer = client.post(NEW, said(paid.program, **says))

    assert sentence in text(answer)
    assert "invalid" in text(answer)
    assert not Withholding.objects.exists()


def test_a_number_is_withheld_with_a_range(client, paid):
    measured = make_measurement(make_indicator(program=paid.program), "12.5")
    asked = {
        "what": "measurement.value",
        "record": str(measured.uid),
        "stand_in": "10",
        "high": "100",
    }

    client.post(NEW, said(paid.program, **asked))

    assert Withholding.objects.get().stand_in == {"kind": "range", "low": "10", "high": "100"}


def test_the_page_shows_what_the_public_will_read_and_who_is_waited_for(client, paid):
    program = paid.program
    usd = {"kind": "range", "low": {"minor": 5000}, "high": {"minor": 40000}, "currency": "USD"}
    proposed = propose(program, "transaction", "amount", paid.uid, stand_in=usd)

    shown = text(client.get(page(proposed)))
    assert "50.00 to 400.00 USD · <b>withheld</b>" in shown
    assert "another disclosure officer" in shown
    shown = text(client.get(page(make_rule(program))))
    assert "Payee of every transaction" in shown and ": 2 today" in shown
    shown = text(client.get(page(delay(program, 30))))
    assert "30 days after they were recorded" in shown and "today: 2." in shown
    assert "every field" in text(
        client.get(page(withhold_record(program, "transaction", paid.uid)))
    )


def test_the_list_is_narrowed_by_scope_and_by_overdue_reviews(client, paid):
    program = paid.program
    withhold(program)
    make_overdue(make_rule(program))
    delay(program, 9)

    listed = text(client.get("/desk/withholdings/", {"scope": "delay"}))
    assert "payments for 9 days" in listed and "payee of every" not in listed
    listed = text(client.get("/desk/withholdings/", {"review": "overdue"}))
    assert "payee of every transaction" in listed and "payments for 9" not in listed
    assert "Reviews overdue: 1" in listed
