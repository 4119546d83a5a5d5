"""Pages of the office's year."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories.accounts import make_person, sign_in
from tests.factories.audits import make_engagement, make_finding
from tests.factories.ledger import make_commitment, make_disbursement, money
from tests.factories.office import YEAR, adopt, give_auditor, make_audited, pay
from tests.factories.sampling import draw, items, plan
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.audits import actions
from tracker.audits.models import AuditPlan, OfficeReport, Outcome, RiskJudgement, RiskWeight
from tracker.ledger.models import Transaction
from tracker.programs.models import Program
from tracker.shared.clock import today


def build():
    program = staffed_program()
    office, head, auditor = make_audited(program)
    payment = pay(program, "250.00")
    engagement = make_engagement(program, lead=auditor)
    finding = make_finding(
        payment, engagement=engagement, recommendations=1, questioned=money("50.00")
    )
    return {
        "program": program.pk,
        "office": office,
        "head": head,
        "auditor": auditor,
        "engagement": engagement,
        "finding": finding,
    }


PAGES = ["audits:audit_plan", "audits:plan_settings", "audits:coverage", "audits:reports"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["head", "auditor"])
def test_the_office_reads_its_year(built, client, page, who):
    assert sign_in(client, built[who]).get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_nobody_else_reads_an_offices_year(client, page):
    assert sign_in(client, make_person(Role.OFFICER)).get(reverse(page)).status_code == 403


def test_the_plan_shows_money_points_and_coverage_and_comes_as_a_file(built, client):
    sign_in(client, built["auditor"])
    program = Program.objects.get(pk=built["program"])

    page = client.get(reverse("audits:audit_plan"), {"year": YEAR}).content.decode()
    file = b"".join(client.get(reverse("audits:audit_plan"), {"year": YEAR, "format": "csv"}))

    assert program.title in page
    assert "complete" in page
    assert "disbursed and not confirmed as received" in page
    assert f"1,{program.title},250.00,USD,100.0" in file.decode()


def test_a_year_that_is_none_is_told_and_the_running_one_is_shown(built, client):
    sign_in(client, built["auditor"])
    page = client.get(reverse("audits:audit_plan"), {"year": "next"})
    assert page.status_code == 200
    assert "is not a fiscal year" in page.content.decode()


def test_the_plan_can_be_narrowed(built, client):
    sign_in(client, built["auditor"])
    asked = {"year": YEAR, "level": "high"}
    assert "Nothing here yet" in client.get(reverse("audits:audit_plan"), asked).content.decode()


def test_the_head_adopts_on_the_page_and_the_version_says_what_it_rests_on(built, client):
    sign_in(client, built["head"])
    address = f"{reverse('audits:plan_adopt')}?year={YEAR}"
    assert built["engagement"].number in client.get(address).content.decode()

    answer = client.post(address, {"engagements": [str(built["engagement"].uid)]})

    plan = AuditPlan.objects.get()
    assert answer.url == plan.get_absolute_url()
    assert [row.engagement for row in plan.planned.all()] == [built["engagement"]]
    page = client.get(answer.url).content.decode()
    assert "under way" in page
    assert "250.00" in page
    assert "Version 1" in client.get(f"{reverse('audits:audit_plan')}?year={YEAR}").content.decode()


def test_a_second_version_without_a_reason_is_told_at_its_field(built, client):
    adopt(built["office"], YEAR)
    sign_in(client, built["head"])
    answer = client.post(f"{reverse('audits:plan_adopt')}?year={YEAR}", {})
    assert "Say why the plan changes" in answer.content.decode()
    assert AuditPlan.objects.count() == 1


def test_a_version_shows_an_auditor_only_programs_that_they_audit(built, client):
    other = staffed_program()
    colleague = make_person(Role.OFFICER, employer=built["office"])
    give_auditor(colleague, other)
    plan = adopt(built["office"], YEAR)
    title = Program.objects.get(pk=built["program"]).title

    page = sign_in(client, colleague).get(plan.get_absolute_url()).content.decode()

    assert other.title in page
    assert title not in page


def test_an_auditor_judges_a_risk_on_the_page(built, client):
    sign_in(client, built["auditor"])
    program = Program.objects.get(pk=built["program"])
    address = f"{reverse('audits:plan_judge', args=[program.uid])}?year={YEAR}"
    assert client.get(address).status_code == 200

    client.post(address, {"percent": 70, "reason": "The depot burnt down."})

    told = RiskJudgement.objects.get()
    assert (told.percent, told.fiscal_year) == (70, YEAR)
    assert "The depot burnt down." in client.get(address).content.decode()


def test_the_head_sets_a_weight_and_a_rule_on_the_page(built, client):
    sign_in(client, built["head"])
    address = reverse("audits:plan_settings")
    client.post(
        address,
        {
            "what": "weight",
            "weight-factor": "late",
            "weight-weight": 30,
            "weight-valid_from": today().isoformat(),
        },
    )
    assert RiskWeight.objects.get().weight == 30
    refused = client.post(
        address,
        {
            "what": "rule",
            "rule-level": "low",
            "rule-from_points": 5,
            "rule-every_years": 3,
            "rule-percent": 10,
            "rule-valid_from": today().isoformat(),
        },
    )
    assert "The lowest level begins at 0 points" in refused.content.decode()


def test_the_map_says_the_share_in_every_cell_and_leads_to_the_payments(built, client):
    sign_in(client, built["auditor"])
    program = Program.objects.get(pk=built["program"])

    page = client.get(reverse("audits:coverage"), {"year": YEAR, "share": "finding"})

    text = page.content.decode()
    assert "100.0%" in text
    assert f"program={program.uid}&amp;kind=disbursement" in text
    empty = client.get(reverse("audits:coverage"), {"year": 1999})
    assert "Nothing was disbursed" in empty.content.decode()


def test_a_payment_is_tested_by_the_newest_result_of_its_item(client):
    program = staffed_program()
    _, _, auditor = make_audited(program)
    commitment = make_commitment(program, amount=money("100.00"))
    for amount in ("60.00", "20.00", "20.00"):
        make_disbursement(commitment, amount=amount)
    engagement = make_engagement(program, lead=auditor, status="fieldwork")
    rows = Transaction.objects.filter(kind="disbursement")
    sample = draw(plan(engagement, attributes=["receipt confirmed"], rows=rows, size=3))
    large, *small = sorted(items(sample), key=lambda one: -one.transaction.amount.minor)
    sign_in(client, auditor)

    def shown():
        asked = {"year": YEAR, "share": "sample", "format": "csv"}
        lines = b"".join(client.get(reverse("audits:coverage"), asked)).decode().splitlines()
        return lines[1].rsplit(",", 4)[1:]

    def test(item, outcome, **says):
        actions.record_result(item=item, outcomes=[outcome], by=auditor, **says)

    assert shown() == ["100.00", "0.00", "0.0", "void"]
    test(large, Outcome.NOT_EXAMINED)
    assert shown() == ["100.00", "0.00", "0.0", "void"]
    test(small[0], Outcome.DEVIATION)
    assert shown() == ["100.00", "20.00", "20.0", "partial"]
    test(large, Outcome.PASSED, note="The paper was found.")
    assert shown() == ["100.00", "80.00", "80.0", "partial"]
    test(small[0], Outcome.NOT_EXAMINED, note="It was another payment's paper.")
    assert shown() == ["100.00", "60.00", "60.0", "partial"]


def test_the_map_as_a_file_states_each_cell(built, client):
    sign_in(client, built["auditor"])
    asked = {"year": YEAR, "share": "scope", "format": "csv"}
    lines = b"".join(client.get(reverse("audits:coverage"), asked)).decode().splitlines()
    assert lines[1].endswith(f"USD,{YEAR},250.00,250.00,100.0,complete")


@pytest.mark.thorough
def test_the_map_costs_the_same_for_more_programs(built, client, count_queries):
    sign_in(client, built["auditor"])

    def look():
        return client.get(reverse("audits:coverage"), {"year": YEAR})

    look()
    few = count_queries(look)
    for _ in range(3):
        program = staffed_program()
        give_auditor(built["auditor"], program)
        pay(program)
    assert count_queries(look) == few


@pytest.mark.thorough
def test_the_reports_page_costs_the_same_for_more_recommendations(built, client, count_queries):
    sign_in(client, built["auditor"])

    def look():
        return client.get(reverse("audits:reports"))

    look()
    few = count_queries(look)
    for _ in range(3):
        make_finding(
            built["finding"].links.get().transaction,
            engagement=built["engagement"],
            recommendations=2,
        )
    assert count_queries(look) == few


@pytest.mark.parametrize("table", ["semiannual", "rates", "ages", "nonsense"])
def test_every_table_of_the_office_comes_as_a_file(built, client, table):
    sign_in(client, built["auditor"])
    asked = {"format": "csv", "table": table}
    answer = client.get(reverse("audits:reports"), asked)
    assert answer["Content-Type"].startswith("text/csv")
    assert b"".join(answer).count(b"\r\n") >= 1


def test_a_rate_of_nothing_says_so_on_the_page(built, client):
    sign_in(client, built["auditor"])
    page = client.get(reverse("audits:reports")).content.decode()
    assert "nothing issued in FY" in page
    assert "nothing disallowed" in page


def test_the_head_issues_the_report_of_a_period_that_has_ended_once(built, client):
    sign_in(client, built["head"])
    page = client.get(reverse("audits:reports"))
    half = page.context["half"]
    assert half.end < today()

    for _ in range(2):
        client.post(reverse("audits:report_issue"), {"period": half.end.isoformat()})

    assert OfficeReport.objects.get().period_end == half.end
    told = client.get(reverse("audits:reports"), {"period": half.end.isoformat()})
    assert "issued already" in told.content.decode() or "issued" in told.content.decode()


@pytest.mark.parametrize("period", ["", "tomorrow", "2026-05-01"])
def test_a_period_that_is_none_is_refused_with_a_sentence(built, client, period):
    sign_in(client, built["head"])
    answer = client.post(reverse("audits:report_issue"), {"period": period}, follow=True)
    assert "period" in answer.content.decode()
    assert not OfficeReport.objects.exists()


def test_the_running_period_is_not_issued_before_it_ends(built, client):
    sign_in(client, built["head"])
    running = client.get(reverse("audits:reports")).context["form"].fields["period"].choices[0][0]
    assert date.fromisoformat(running) >= today()
    answer = client.post(reverse("audits:report_issue"), {"period": running}, follow=True)
    assert "The period has not ended" in answer.content.decode()


def test_an_engagements_report_has_its_findings_and_money(built, client):
    sign_in(client, built["auditor"])
    engagement = built["engagement"]
    page = client.get(reverse("audits:engagement_report", args=[engagement.uid])).content.decode()
    assert built["finding"].title in page
    assert "50.00" in page
    assert "Criteria: how it should be" in page
