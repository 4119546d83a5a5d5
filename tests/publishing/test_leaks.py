"""Markers in every internal place; publish everything; read every release table: none of them is there."""

import json
import re
from datetime import date

from django.apps import apps

from tests.factories import periods
from tests.factories.accounts import make_organisation, make_person
from tests.factories.audits import make_finding, walk
from tests.factories.ledger import (
    make_attachment,
    make_commitment,
    make_disbursement,
    make_voucher,
    money,
)
from tests.factories.programs import make_program
from tests.factories.publishing import (
    decide_not_published,
    make_report,
    make_report_at,
    propose,
    publish,
    withhold,
)
from tests.factories.results import make_baseline, make_indicator, make_measurement, make_target
from tracker.audits.models import RecommendationState
from tracker.journal.entries import disclosed_value
from tracker.programs.actions import Participant
from tracker.publishing import actions
from tracker.publishing.fields import RELEASE_TABLES

A_DAY = date(2019, 7, 13)


# Identifiers and digests: their digits are chance, and may spell any number.
CHANCE = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[\w-]{43})\b")


def opened(row):
    """A row as somebody reads it who knows what it is: with the values inside the disclosures of an entry."""
    if "disclosed" not in row:
        return row
    told = {name: disclosed_value(text) for name, text in row["disclosed"].items()}
    return row | {"disclosed": told, "body": bytes(row["body"]).decode()}


def release_tables():
    """Everything that public pages can read, as text."""
    models = [
        m for m in apps.get_app_config("tracker").get_models() if m.__name__ in RELEASE_TABLES
    ]
    assert {m.__name__ for m in models} == RELEASE_TABLES
    return "\n".join(
        json.dumps(opened(row), default=str, ensure_ascii=False)
        for model in models
        for row in model._default_manager.order_by("pk").values()
    )


def plant_people(owner):
    """Names and addresses of everybody who has a hand in it."""
    return [make_person("officer", organisation=owner, name=f"MARK-person-{n}") for n in range(2)]


def plant_money(program):
    """Withheld values, and vouchers that were never posted."""
    commitment = make_commitment(program, "54321.00", description="A public description")
    payment = make_disbursement(
        commitment,
        "777.13",
        payee="MARK-payee",
        reference="MARK-reference",
        description="MARK-description",
        value_date=A_DAY,
    )
    for field in ("payee", "reference", "description", "amount", "value_date"):
        withhold(program, "transaction", field, payment.uid)
    draft = make_voucher(
        program, payee="MARK-draft-payee", description="MARK-draft", amount=money("888.17")
    )
    make_attachment(draft, name="MARK-file.txt", content=b"MARK-content")
    return payment


def plant_period(program):
    """A certified quarter whose sums hold the withheld payment, and the words around it."""
    for day in (date(2019, 1, 1), date(2019, 4, 1), A_DAY):
        change = periods.propose_closing(program.owner, day, reason="MARK-closing")
        periods.decide(change)
    for side in ("donor", "recipient"):
        periods.certify(program, change.period, side, remark="MARK-remark")


def plant_results(program):
    indicator = make_indicator(program=program, definition="MARK-definition")
    make_baseline(indicator, 0), make_target(indicator, "911.5")
    measured = make_measurement(indicator, "455.75", source="MARK-source", comment="MARK-comment")
    withhold(program, "measurement", "value", measured.uid)
    withhold(program, "measurement", "source", measured.uid)
    withhold(program, "indicator", "definition", indicator.uid)


def plant_audit(payment):
    finding = make_finding(
        payment, condition="MARK-condition", recommendations=1, title="A public finding"
    )
    make_finding(payment, issued=False, engagement=finding.engagement, title="MARK-draft-finding")
    withhold(payment.program, "finding", "condition", finding.uid)
    walk(finding.recommendations.get(), RecommendationState.OPEN_UNRESOLVED)
    actions.release_finding(finding=finding, by=finding.engagement.lead)


def plant_undecided(owner):
    hidden = make_program(owner=owner, title="MARK-unpublished", identifier="MARK-ID")
    decide_not_published(hidden, reason="MARK-reason")
    make_program(owner=owner, title="MARK-undecided")


def test_no_marker_reaches_a_release_table():
    owner, partner = make_organisation("The Ministry"), make_organisation("MARK-partner")
    plant_people(owner)
    program = make_program(
        owner=owner,
        summary="MARK-summary",
        participants=[Participant(owner, "donor"), Participant(partner, "recipient")],
    )
    withhold(program)
    withhold(program, "participant", "organisation", partner.uid)
    propose(program, field="legal_authority", reason="MARK-proposal")
    payment = plant_money(program)
    plant_period(program)
    plant_results(program)
    plant_audit(payment)
    plant_undecided(owner)
    make_report(program, title="MARK-draft-report", sections=[("MARK-heading", "MARK-body")])
    make_report_at("published", program)

    publish(make_public_change(program))

    text = release_tables()
    assert "A public description" in text and "A public finding" in text  # it really read them
    assert "MARK" not in text
    for withheld in ("777.13", "77713", "88817", "455.75", "50.0", A_DAY.isoformat()):
        assert withheld not in CHANCE.sub("…", text), withheld
    assert "@example.org" not in text
    assert f'"{partner.uid}"' not in text


def make_public_change(program):
    """One more public row, so that there is a second release to read."""
    make_commitment(program, "1.00")
    return program
