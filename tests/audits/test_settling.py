"""The pages of a finding and a recommendation say whose step the money, the decision and the asks are."""

import pytest

from tests.factories import money as make
from tests.factories.audits import make_recommendation
from tests.worlds import kept
from tracker.audits.models import Finding
from tracker.audits.queries import next_for_finding, next_for_recommendation

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with kept(django_db_blocker):
        finding = make.make_questioned("80.00")
        make.officer_of(finding)
        yield finding


@pytest.fixture
def finding(built):
    return Finding.objects.get(pk=built.pk)


def test_first_management_decides_then_the_owner_settles_and_an_auditor_judges(finding):
    officer, lead = make.officer_of(finding), finding.engagement.lead
    manager = make.manager_of(finding)
    undecided = next_for_finding(finding, manager)
    assert undecided.mine and undecided.href.endswith("/decide/")
    assert not next_for_finding(finding, lead).mine

    make.decide(finding, "80.00", "0.00", by=manager)
    left = next_for_finding(finding, officer)
    assert left.mine and "80.00" in left.what and left.href.endswith("/cost/")

    claimed = make.claim(finding, "80.00", by=officer)
    waits = next_for_finding(finding, officer)
    assert not waits.mine and waits.who == str(finding.engagement.office) and waits.href == ""
    assert next_for_finding(finding, lead).mine

    make.accept(claimed)
    assert next_for_finding(finding, officer).what.startswith("Nothing:")


def test_an_open_recommendation_comes_before_the_money_unless_the_claim_is_the_readers_to_judge():
    finding = make.make_questioned("80.00", recommendations=1)
    officer, lead = make.officer_of(finding), finding.engagement.lead
    make.claim(finding, "30.00", by=officer)
    assert next_for_finding(finding, officer).what.startswith("Respond")
    assert "30.00" in next_for_finding(finding, lead).what


def test_who_can_answer_what_the_owner_asks_is_told_so_and_nobody_else():
    recommendation = make_recommendation("open_resolved")
    asked = make.ask(recommendation)
    lead = recommendation.finding.engagement.lead
    mine = next_for_recommendation(recommendation, lead)
    assert mine.mine and mine.href.endswith(f"/asks/{asked.uid}/")
    assert next_for_recommendation(recommendation, asked.asked_by).what.startswith("Carry it out")

    make.answer(asked)
    assert not next_for_recommendation(recommendation, lead).mine
