"""The annual plan: money × risk, weights and rules by day, versions that stay, and who may adopt them."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories.accounts import make_organisation, make_person
from tests.factories.audits import (
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    move_to,
    start,
)
from tests.factories.ledger import make_commitment, make_disbursement, money, post
from tests.factories.office import YEAR, adopt, give_auditor, make_audited, make_head, pay, question
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.audits import actions, queries
from tracker.audits.models import (
    AuditPlan,
    CoverageRule,
    Engagement,
    OfficeReport,
    PlannedEngagement,
    RiskFactor,
    RiskJudgement,
    RiskLevel,
    RiskWeight,
)
from tracker.programs.models import Program
from tracker.shared.clock import today
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.models import AppendOnlyError
from tracker.shared.money import Money


def build():
    """An office that audits two programs: one with 300.00 USD in its scope of 400.00, one untouched."""
    audited, untouched = staffed_program(), staffed_program()
    office, head, auditor = make_audited(audited, untouched)
    commitment = make_commitment(audited)
    inside = make_disbursement(commitment, "300.00", value_date=date(YEAR, 3, 1))
    make_disbursement(commitment, "100.00", value_date=date(YEAR, 9, 1))
    pay(untouched, "4000.00")
    scope = [actions.Scope(audited, date(YEAR, 1, 1), date(YEAR, 6, 30))]
    engagement = make_engagement(scope=scope, lead=auditor)
    return {
        "audited": audited.pk,
        "untouched": untouched.pk,
        "office": office,
        "head": head,
        "auditor": auditor,
        "engagement": engagement,
        "inside": inside,
    }


def rows_of(built, **says):
    office = built["office"]
    programs = queries.programs_for_plan(built["head"], office)
    found = queries.reckon(office, programs, YEAR)
    return found, {(row.program.pk, row.money and row.money.currency): row for row in found.rows}


def test_a_plan_ranks_money_times_points_within_a_currency(built):
    reckoned, rows = rows_of(built)
    first, second = rows[built["untouched"], "USD"], rows[built["audited"], "USD"]

    assert (first.rank, second.rank) == (1, 2)
    assert first.exposure > second.exposure
    assert first.money == Money.of("4000.00", "USD")
    assert (first.share, second.share) == (Decimal("90.9"), Decimal("9.1"))
    assert [row.rank for row in reckoned.rows] == [1, 2]


def test_two_currencies_are_ranked_apart_and_never_added_up(built):
    pay(Program.objects.get(pk=built["audited"]), "7", currency="JPY")

    _, rows = rows_of(built)

    yen = rows[built["audited"], "JPY"]
    assert (yen.rank, yen.share, yen.money) == (1, Decimal("100.0"), Money.of("7", "JPY"))
    assert rows[built["untouched"], "USD"].rank == 1


def test_points_are_the_sum_of_what_each_factor_shows_of_its_weight(built):
    """By hand: nothing of the money is confirmed (25 of 25), nobody audited it (10 of 10), nothing else is known."""
    _, rows = rows_of(built)
    row = rows[built["untouched"], "USD"]

    parts = {one.factor: (one.part, one.weight) for one in row.measures}
    assert list(parts) == RiskFactor.values
    assert parts["unconfirmed"] == (10_000, 25)
    assert parts["not_audited"] == (10_000, 10)
    assert {one.factor for one in row.heaviest} == {"unconfirmed", "not_audited"}
    assert row.points == Decimal("35.0")
    assert row.rule.level == RiskLevel.MEDIUM


def test_what_is_confirmed_in_kind_without_value_and_late_counts_as_its_share():
    program = staffed_program()
    office, head, _ = make_audited(program)
    commitment = make_commitment(program)
    half = make_disbursement(commitment, "50.00")
    make_disbursement(commitment, "50.00")
    post(program, "receipt", "50.00", draws_on=half)
    goods = post(program, "commitment", None)
    post(program, "disbursement", None, draws_on=goods, delivery_point="title_transfer")

    (row,) = queries.reckon(office, queries.programs_for_plan(head, office), YEAR).rows

    found = {one.factor: one for one in row.measures}
    assert found["unconfirmed"].part == 5_000
    assert found["unvalued"].part == 10_000
    assert found["unvalued"].said == "1 of 1 payments in kind"
    assert found["late"].said == "0 of 3 payments"
    assert row.money == Money.of("100.00", "USD")


def test_findings_with_open_recommendations_count_up_to_their_full_number(built):
    make_finding(built["inside"], engagement=built["engagement"], recommendations=2)

    _, rows = rows_of(built)

    found = {one.factor: one for one in rows[built["audited"], "USD"].measures}
    assert found["findings"].part == 2_000  # 1 of 5


def test_a_finding_that_repeats_an_earlier_one_counts_apart(built):
    first = make_finding(built["inside"], engagement=built["engagement"], recommendations=1)
    again = question(built["engagement"], built["inside"], issued=False, repeats=first)
    draft_recommendation(again)
    actions.issue_finding(finding=again, by=built["auditor"])

    _, rows = rows_of(built)

    found = {one.factor: one for one in rows[built["audited"], "USD"].measures}
    assert (found["findings"].part, found["repeated"].part) == (4_000, 5_000)


def test_coverage_is_void_partial_or_complete_by_the_share_that_the_rule_asks_for(built):
    """Of 400.00 USD 300.00 lie in the scope; nothing of the other program does."""
    _, rows = rows_of(built)
    audited = rows[built["audited"], "USD"]

    assert rows[built["untouched"], "USD"].state == "void"
    assert audited.covered_percent == Decimal("75.0")
    assert audited.state == "complete"  # half is asked for

    make_disbursement(built["inside"].draws_on, "400.00", value_date=date(YEAR, 10, 1))
    partly = rows_of(built)[1][built["audited"], "USD"]
    assert (partly.covered_percent, partly.state) == (Decimal("37.5"), "partial")


def test_a_rule_counts_in_the_years_that_end_after_its_day(built):
    level = RiskLevel.MEDIUM
    actions.set_coverage_rule(
        office=built["office"],
        level=level,
        from_points=30,
        every_years=1,
        percent=80,
        valid_from=today(),
        by=built["head"],
    )
    office = built["office"]
    programs = queries.programs_for_plan(built["head"], office)
    now = queries.reckon(office, programs, queries.this_year(office))
    assert {rule.level: rule.percent for rule in now.rules}[level] == 80
    assert {rule.level: rule.percent for rule in rows_of(built)[0].rules}[level] == 50


@pytest.mark.parametrize(
    ("status", "state"),
    [("planned", "void"), ("fieldwork", "complete"), ("final", "complete"), ("terminated", "void")],
)
def test_an_engagement_covers_from_its_fieldwork_on_unless_it_is_terminated(status, state):
    program = staffed_program()
    office, head, auditor = make_audited(program)
    pay(program)
    move_to(make_engagement(program, lead=auditor, status="planned"), status)

    (row,) = queries.reckon(office, queries.programs_for_plan(head, office), YEAR).rows

    assert row.state == state


def test_a_reversed_payment_is_neither_money_nor_coverage(built):
    from tests.factories.ledger import make_reversal

    make_reversal(built["inside"])

    _, rows = rows_of(built)

    assert rows[built["audited"], "USD"].money == Money.of("100.00", "USD")
    assert rows[built["audited"], "USD"].state == "void"


@pytest.mark.thorough
def test_a_plan_costs_the_same_for_one_program_and_for_many(built, count_queries):
    few = count_queries(lambda: rows_of(built))
    for _ in range(4):
        program = staffed_program()
        give_auditor(built["auditor"], program)
        pay(program)

    assert count_queries(lambda: rows_of(built)) == few
    assert len(rows_of(built)[1]) == 6


# --- Weights, rules, judgements --------------------------------------------


def test_a_weight_counts_from_its_day_and_the_earlier_days_keep_theirs(built):
    office, head = built["office"], built["head"]
    before = queries.weights_on(office, today())["late"].weight
    later = today() + timedelta(days=10)

    actions.set_weight(office=office, factor="late", weight=40, valid_from=later, by=head)

    assert queries.weights_on(office, later - timedelta(days=1))["late"].weight == before
    assert queries.weights_on(office, later)["late"].weight == 40


def test_a_judgement_is_a_factor_and_the_newest_counts(built):
    program = Program.objects.get(pk=built["untouched"])
    say = {"program": program, "fiscal_year": YEAR, "by": built["auditor"]}
    actions.judge_risk(percent=100, reason="The depot burnt down.", **say)
    actions.judge_risk(percent=50, reason="Half of it was found.", **say)

    _, rows = rows_of(built)

    row = rows[built["untouched"], "USD"]
    assert {one.factor: one.points for one in row.measures}["judgement"] == Decimal("5.0")
    assert row.judged is not None
    assert row.judged.text.reason == "Half of it was found."
    assert RiskJudgement.objects.count() == 2


def test_only_an_auditor_of_the_program_judges_with_a_reason(built):
    program = Program.objects.get(pk=built["untouched"])
    say = {"program": program, "fiscal_year": YEAR, "percent": 10}
    with pytest.raises(NotAllowed, match="judge its risk"):
        actions.judge_risk(reason="It is well run.", by=make_person(Role.OFFICER), **say)
    with pytest.raises(Refused, match="Say on what"):
        actions.judge_risk(reason=" ", by=built["auditor"], **say)
    with pytest.raises(Refused, match="between 0 and 100"):
        actions.judge_risk(reason="x", by=built["auditor"], **say | {"percent": 101})


@pytest.mark.parametrize(
    ("says", "field"),
    [
        ({"factor": "weather"}, "factor"),
        ({"weight": 101}, "weight"),
        ({"full_at": 3}, "full_at"),
        ({"factor": "waived"}, "full_at"),
        ({"valid_from": date(2020, 1, 1)}, "valid_from"),
    ],
)
def test_a_weight_that_makes_no_sense_is_refused_at_its_field(built, says, field):
    told = {"factor": "late", "weight": 5, "valid_from": today(), "by": built["head"]} | says
    with pytest.raises(Refused) as refusal:
        actions.set_weight(office=built["office"], **told)
    assert field in refusal.value.message_dict


@pytest.mark.parametrize(
    ("says", "field"),
    [
        ({"level": "none"}, "level"),
        ({"from_points": 3}, "from_points"),
        ({"every_years": 0}, "every_years"),
        ({"percent": 101}, "percent"),
        ({"valid_from": date(2020, 1, 1)}, "valid_from"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(built, says, field):
    told = {"level": "low", "from_points": 0, "every_years": 4, "percent": 10}
    told |= {"valid_from": today(), "by": built["head"]} | says
    with pytest.raises(Refused) as refusal:
        actions.set_coverage_rule(office=built["office"], **told)
    assert field in refusal.value.message_dict


def test_only_the_head_sets_weights_and_rules(built):
    office, by = built["office"], built["auditor"]
    with pytest.raises(NotAllowed, match="head of the audit"):
        actions.set_weight(office=office, factor="late", weight=1, valid_from=today(), by=by)
    with pytest.raises(NotAllowed, match="head of the audit"):
        actions.set_coverage_rule(
            office=office,
            level="low",
            from_points=0,
            every_years=4,
            percent=10,
            valid_from=today(),
            by=by,
        )


# --- Versions --------------------------------------------------------------


def test_a_version_keeps_what_its_head_saw(built):
    plan = adopt(built["office"], YEAR, built["engagement"])

    said = json.loads(plan.reckoned)
    assert said["fiscal_year"] == YEAR
    assert {row["title"] for row in said["rows"]} == set(
        Program.objects.values_list("title", flat=True)
    )
    assert [row["rank"] for row in said["rows"]] == [1, 2]
    assert said["rows"][0]["disbursed"] == "400000"


def test_a_changed_plan_is_the_next_version_with_a_reason_and_both_are_compared(built):
    office, engagement = built["office"], built["engagement"]
    program = Program.objects.get(pk=built["untouched"])
    second = make_engagement(program, lead=built["auditor"], status="planned")
    adopt(office, YEAR, engagement)
    with pytest.raises(Refused, match="why the plan changes"):
        adopt(office, YEAR, second)

    adopt(office, YEAR, second, reason="The depot comes first.")

    newest, first = queries.audit_plans_of(office, YEAR)
    assert (newest.version, first.version) == (2, 1)
    told = queries.compared(newest, first, queries.fiscal_year_of(office, YEAR))
    assert [one.state for one in told.planned] == ["not begun"]
    assert list(told.added) == [second]
    assert list(told.dropped) == [engagement]


def test_what_was_begun_without_a_plan_stands_beside_it(built):
    office = built["office"]
    year = queries.this_year(office)
    plan = adopt(office, year)

    told = queries.compared(plan, None, queries.fiscal_year_of(office, year))

    assert [one.engagement for one in told.outside] == [built["engagement"]]


def test_an_engagement_was_begun_on_the_day_of_its_fieldwork_not_of_its_plan(built):
    office = built["office"]
    year = queries.this_year(office)
    planned = make_engagement(
        Program.objects.get(pk=built["untouched"]), lead=built["auditor"], status="planned"
    )
    running = queries.fiscal_year_of(office, year)

    assert list(queries.begun_in(office, running)) == [built["engagement"]]
    assert not queries.begun_in(office, queries.fiscal_year_of(office, year - 1))

    Engagement.objects.filter(pk=planned.pk).update(
        created_at=datetime(year - 5, 1, 15, tzinfo=UTC)
    )
    start(Engagement.objects.get(pk=planned.pk))

    assert set(queries.begun_in(office, running)) == {built["engagement"], planned}


@pytest.mark.parametrize("who", ["auditor", "officer", "other head"])
def test_a_plan_is_adopted_by_nobody_but_the_offices_head(built, who):
    by = {
        "auditor": lambda: built["auditor"],
        "officer": lambda: make_person(Role.OFFICER),
        "other head": lambda: make_head(make_organisation()),
    }[who]()
    with pytest.raises(NotAllowed, match="head of the audit"):
        adopt(built["office"], YEAR, by=by)
    assert not AuditPlan.objects.exists()


def test_a_plan_names_only_engagements_of_its_office_that_were_not_terminated(built):
    program = Program.objects.get(pk=built["untouched"])
    foreign = make_engagement(program)
    stopped = make_engagement(program, lead=built["auditor"], status="planned")
    move_to(stopped, "terminated")
    stopped.refresh_from_db()
    with pytest.raises(Refused, match="another office's"):
        adopt(built["office"], YEAR, foreign)
    with pytest.raises(Refused, match="was terminated"):
        adopt(built["office"], YEAR, stopped)


def test_no_plan_is_adopted_if_the_journal_cannot_be_written(built, monkeypatch):
    def fail(*args, **named):
        raise IntegrityError("the journal is down")

    monkeypatch.setattr("tracker.audits.actions.office.journal.record", fail)
    with pytest.raises(IntegrityError):
        adopt(built["office"], YEAR)
    assert not AuditPlan.objects.exists()


def _raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_versions_weights_and_reports_are_never_changed_or_deleted(built):
    plan = adopt(built["office"], YEAR, built["engagement"])
    with pytest.raises(AppendOnlyError):
        plan.save()
    for model in (AuditPlan, PlannedEngagement):
        table = model._meta.db_table
        for sql in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with pytest.raises(IntegrityError, match="append_only"):
                _raw(sql)
    for model in (RiskWeight, CoverageRule, RiskJudgement, OfficeReport):
        with pytest.raises(AppendOnlyError):
            model.objects.all().delete()


def test_the_database_itself_keeps_versions_in_order_and_plans_to_the_head(built):
    plan = adopt(built["office"], YEAR, built["engagement"])

    def copy(**changes):
        row = AuditPlan.objects.values().get(pk=plan.pk) | changes
        row.pop("id")
        text = type(plan.text)(reason="x")
        text.save()
        from tracker.journal.models import Entry

        taken = AuditPlan.objects.values("entry")
        row |= {"uid": "0" * 32, "text_id": text.pk}
        row["entry_id"] = Entry.objects.exclude(pk__in=taken).order_by("pk").first().pk
        with transaction.atomic():
            AuditPlan(**row).save(force_insert=True)

    with pytest.raises(IntegrityError, match="audit_plan_versions_follow"):
        copy(version=3)
    with pytest.raises(IntegrityError, match="audit_plan_adopted_by_the_head"):
        copy(version=2, adopted_by_id=built["auditor"].pk)


def test_the_database_refuses_another_offices_engagement_in_a_plan(built):
    plan = adopt(built["office"], YEAR)
    foreign = make_engagement(Program.objects.get(pk=built["untouched"]))
    with (
        pytest.raises(IntegrityError, match="planned_engagement_is_the_offices_own"),
        transaction.atomic(),
    ):
        PlannedEngagement(plan=plan, engagement=foreign).save(force_insert=True)


def test_an_auditor_sees_the_programs_that_they_audit_and_the_head_all_of_them(built):
    office = built["office"]
    program = Program.objects.get(pk=built["untouched"])
    colleague = make_auditor(program, office=office)

    assert list(queries.programs_for_plan(colleague, office)) == [program]
    assert queries.programs_for_plan(built["head"], office).count() == 2
    assert money("1.00").currency == "USD"


def test_illustrative_figures_and_real_ones_share_no_rank_and_documented_cases_none(built):
    illustrative = staffed_program(nature="illustrative")
    documented = staffed_program(nature="documented")
    for program in (illustrative, documented):
        give_auditor(built["auditor"], program)
    pay(illustrative, "1.00")

    _, rows = rows_of(built)

    row = rows[illustrative.pk, "USD"]
    assert (row.rank, row.share) == (1, Decimal("100.0"))
    assert rows[built["untouched"], "USD"].rank == 1
    assert documented.pk not in {program for program, _ in rows}
