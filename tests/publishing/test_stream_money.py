"""The money of a finding in the office's stream: every settlement, decision and plan is public as it happens."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.factories import money
from tests.factories.ledger import make_disbursement
from tests.factories.publishing import withhold
from tests.worlds import kept
from tracker.audits.models import Finding
from tracker.publishing import actions, released
from tracker.publishing import stream as streamed


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Finding]:
    """A public finding that questions 100.00 of a payment, under a standing order."""
    with kept(django_db_blocker):
        payment = make_disbursement()
        finding = money.make_questioned(
            "100.00", payment=payment, likely="150.00", better="30.00", recommendations=1
        )
        lead = finding.engagement.lead
        actions.release_engagement(engagement=finding.engagement, by=lead)
        actions.release_finding(finding=finding, by=lead)
        yield finding


@pytest.fixture
def finding(built):
    return deepcopy(built)


def cells(finding):
    return released.finding_page(finding.uid).cells


def minor(cell, name):
    return cell["value"][name]["minor"]


def test_lines_kinds_and_better_use_are_public_and_unsupported_is_a_part_of_the_whole(finding):
    said = cells(finding)

    (line,) = said["questioned_lines"]["value"]
    assert (line["kind"], line["known"]["minor"], line["likely"]["minor"]) == (
        "unsupported", 10000, 15000,
    )  # fmt: skip
    assert said["unsupported"]["value"] == said["questioned"]["value"]
    assert said["better_use"]["value"][0]["amount"]["minor"] == 3000
    assert minor(said["waterfall"], "left") == 10000
    assert said["decision_due_on"]["state"] == "stated"


def test_what_the_auditors_accept_is_public_at_once_and_a_mere_claim_counts_nowhere(finding):
    claimed = money.claim(finding, "60.00", note="MARK-letter")
    assert minor(cells(finding)["waterfall"], "left") == 10000

    money.accept(claimed, note="MARK-answer")

    said = cells(finding)
    assert (minor(said["waterfall"], "documented"), minor(said["waterfall"], "left")) == (
        6000,
        4000,
    )
    assert sum(part["minor"] for part in said["waterfall"]["value"].values()) == 10000
    assert "MARK" not in str(said)


def test_a_decision_is_public_at_once_without_who_decided(finding):
    decided = money.decide(
        finding, "30.00", "70.00", agreed=money.usd("20.00"), not_agreed=money.usd("10.00")
    )

    told = cells(finding)["decision"]["value"]

    assert told["sustained"] is decided.sustained
    assert told["allowed"]["minor"] + told["disallowed"]["minor"] == 10000
    assert decided.decided_by.name not in str(told)


def test_a_plan_is_public_at_once_without_whom_to_ask(finding):
    recommendation = finding.recommendations.get()

    plan = money.make_plan(recommendation)

    told = streamed.recommendation_page(recommendation.uid).cells["plan"]["value"]
    assert told["action"] == plan.text.action
    assert plan.text.contact not in str(told)


def test_a_withheld_total_covers_everything_that_it_could_be_added_up_from(finding):
    money.accept(money.claim(finding, "60.00"))
    money.decide(
        finding, "30.00", "70.00", agreed=money.usd("20.00"), not_agreed=money.usd("10.00")
    )
    program = finding.links.get().transaction.program

    withhold(program, "finding", "questioned", finding.uid)

    said = cells(finding)
    for name in ("questioned", "questioned_lines", "unsupported", "waterfall"):
        assert said[name]["state"] == "withheld", name
    assert said["decision"]["value"]["allowed"] is None
    assert "10000" not in str(said) and "6000" not in str(said)


def test_the_public_page_shows_the_money_and_the_decision(client, finding):
    money.accept(money.claim(finding, "60.00"))
    decided = money.decide(
        finding, "30.00", "70.00", agreed=money.usd("20.00"), not_agreed=money.usd("10.00")
    )
    money.make_plan(finding.recommendations.get())

    page = client.get(f"/findings/{finding.uid}/").content.decode()
    asked = client.get(f"/recommendations/{finding.recommendations.get().uid}/").content.decode()

    assert "Still questioned" in page and "40.00" in page
    assert decided.text.reasons in page
    assert "What the owner plans" in asked
