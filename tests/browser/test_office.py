"""The audit office's year in a real browser: the head adopts the plan, reads the map, issues the semiannual report."""

from datetime import date

import pytest

from tests.browser.test_journey import Visitor
from tests.factories.audits import make_engagement, make_finding
from tests.factories.ledger import money
from tests.factories.office import give_auditor, make_audited, on_day, pay
from tests.worlds import staffed_program
from tracker.audits.models import AuditPlan, OfficeReport

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def head():
    """An office with one engagement in fieldwork, a finding of spring 2026, and two programs, one of them untouched."""
    audited, untouched = staffed_program(title="Field hospital"), staffed_program(title="Radios")
    _, head, auditor = make_audited(audited, untouched, name="Audit Office")
    for program in (audited, untouched):
        give_auditor(head, program)
    payment = pay(audited, "250.00", value_date=date(2026, 2, 1))
    pay(untouched, "9000.00", value_date=date(2026, 3, 1))
    with on_day(date(2026, 5, 4)):
        engagement = make_engagement(audited, lead=auditor)
        make_finding(payment, engagement=engagement, recommendations=1, questioned=money("50.00"))
    return head


def test_the_head_adopts_the_plan_reads_the_map_and_issues_the_report(
    page, live_server, look, head
):
    visitor = Visitor(page, live_server.url)
    visitor.sign_in(head)

    page.goto(f"{live_server.url}/desk/audits/plan/?year=2026")
    look("office-plan")
    page.get_by_role("link", name="Adopt the plan").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Adopt the plan").click()
    page.get_by_text("in force").wait_for()
    look("office-plan-version")
    assert AuditPlan.objects.get().planned.count() == 1

    page.goto(f"{live_server.url}/desk/audits/coverage/?year=2026")
    look("office-coverage")
    page.get_by_role("link", name="0.0% of 9.0 k USD").click()
    page.get_by_text("9,000.00").first.wait_for()

    page.goto(f"{live_server.url}/desk/audits/reports/?period=2026-09-30")
    look("office-reports")
    page.get_by_role("button", name="Issue the report").click()
    page.get_by_text("is issued").wait_for()
    assert OfficeReport.objects.get().period_end == date(2026, 9, 30)

    page.goto(f"{live_server.url}/desk/recommendations/")
    look("office-tracker")
    assert page.evaluate(TOO_WIDE) <= 0
