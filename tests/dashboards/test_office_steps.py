"""What waits for the head of an audit office."""

from datetime import date

from tests.factories.audits import make_engagement, start
from tests.factories.office import adopt, make_audited, make_head, on_day, pay
from tests.worlds import staffed_program
from tracker.audits import actions
from tracker.dashboards.queries import office_steps
from tracker.shared.clock import today


def build():
    program = staffed_program()
    office, head, auditor = make_audited(program)
    make_engagement(program, lead=auditor, status="planned")
    pay(program, value_date=today())
    return {"office": office, "head": head, "auditor": auditor, "program": program}


def test_a_plan_is_asked_for_until_it_is_adopted(built):
    day = date(2026, 6, 1)
    (item,) = office_steps.to_adopt(built["head"], day).items
    assert "FY2026" in item.what
    adopt(built["office"], 2026)
    assert not office_steps.to_adopt(built["head"], day).items


def test_the_next_years_plan_is_asked_for_sixty_days_before_it_begins(built):
    adopt(built["office"], 2026)
    assert not office_steps.to_adopt(built["head"], date(2026, 11, 1)).items
    (item,) = office_steps.to_adopt(built["head"], date(2026, 11, 2)).items
    assert "FY2027" in item.what
    assert item.due == "begins 1 Jan 2027"


def test_a_high_risk_that_nobody_covers_stands_there_until_its_fieldwork(built):
    head, office = built["head"], built["office"]
    assert not office_steps.high_and_void(head, today()).items  # 35 points: medium
    actions.set_coverage_rule(
        office=office,
        level="high",
        from_points=30,
        every_years=1,
        percent=50,
        valid_from=today(),
        by=head,
    )
    (item,) = office_steps.high_and_void(head, today()).items
    assert built["program"].title in item.what
    start(built["program"].audited_in.get().engagement)
    assert not office_steps.high_and_void(head, today()).items


def test_a_semiannual_report_is_due_a_month_after_its_period_until_it_is_issued(built):
    day = date(2026, 10, 20)
    (item,) = office_steps.to_issue(built["head"], day).items
    assert (item.due, item.tone) == ("due 31 Oct 2026", "warn")
    (late,) = office_steps.to_issue(built["head"], date(2026, 11, 2)).items
    assert late.due == "2 days overdue"
    with on_day(day):
        actions.issue_office_report(
            office=built["office"], period_end=date(2026, 9, 30), by=built["head"]
        )
    assert not office_steps.to_issue(built["head"], day).items


def test_an_office_without_audits_waits_for_nothing():
    office, head, _ = make_audited(staffed_program())
    assert make_head(office) == head
    for ask in (office_steps.to_adopt, office_steps.high_and_void, office_steps.to_issue):
        assert not ask(head, date(2026, 11, 2)).items
