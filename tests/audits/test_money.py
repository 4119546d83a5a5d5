"""The money of a finding: stated line by line, settled by claims that others accept, divided by management's decision."""

from copy import deepcopy

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import ledger
from tests.factories import money as make
from tests.factories.accounts import give_role, make_person
from tests.factories.audits import (
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    owner_officer,
    words,
)
from tests.refusals import forbidden, refused_at
from tracker.accounts.models import Role
from tracker.audits import actions, policies, queries
from tracker.audits.actions import BetterUseLine, CostLine, Particulars
from tracker.audits.models import (
    CostEvent,
    CostEventText,
    CostOutcome,
    CostStep,
    Finding,
    LinkKind,
    ManagementDecision,
    RecommendationState,
)
from tracker.journal import actions as journal
from tracker.journal import projections
from tracker.shared.errors import NotAllowed, Refused

usd = make.usd


def build():
    """An issued finding that questions 80.00 of a payment of 100.00, and that could save 50.00.

    And a payment of 100.00 of another program, whose engagement has no finding yet.
    """
    finding = make.make_questioned("80.00", better="50.00")
    make.officer_of(finding)
    payment = ledger.make_disbursement()
    return {"finding": finding, "payment": payment, "engagement": make_engagement(payment.program)}


@pytest.fixture
def finding(built):
    return Finding.objects.get(pk=built["finding"].pk)


@pytest.fixture
def payment(built):
    return deepcopy(built["payment"])


@pytest.fixture
def engagement(built):
    return deepcopy(built["engagement"])


@pytest.fixture
def draft(engagement):
    def of(payment, *lines, better=()):
        more = Particulars(lines=lines, better_use=better)
        return actions.draft_finding(
            engagement=engagement, words=words(), payments=[payment], more=more, by=engagement.lead
        )

    return of


# --- What is questioned ----------------------------------------------------


def test_what_is_questioned_is_the_sum_of_its_lines_and_unsupported_a_part_of_it(payment, draft):

    finding = draft(
        payment,
        CostLine("unsupported", usd("30.00"), payment),
        CostLine("violation", usd("20.00")),
        CostLine("unreasonable", usd("5.00"), payment, usd("40.00"), "Sample 3."),
    )

    money = queries.waterfall(finding)
    assert finding.questioned == money.questioned == money.left == usd("55.00")
    assert money.unsupported == usd("30.00")
    assert sum(part.minor for part in money.by_kind.values()) == money.questioned.minor
    assert money.likely == usd("90.00")


@pytest.mark.parametrize(
    ("field", "lines", "why"),
    [
        ("lines", [("unsupported", "100.01", True)], "lower the questioned cost"),
        ("lines", [("unsupported", "60.00", True), ("violation", "40.01", True)], "Line 2"),
        (
            "questioned",
            [("unsupported", "100.01", False)],
            "the linked payments come to 100.00 USD",
        ),
        ("lines", [("because", "1.00", False)], "choose why"),
    ],
)
def test_no_more_is_questioned_than_was_paid(field, lines, why, payment, draft):
    told = [CostLine(kind, usd(known), payment if of else None) for kind, known, of in lines]

    with refused_at(field, why):
        draft(payment, *told)


def test_a_likely_cost_includes_the_known_one_and_says_what_it_rests_on(payment, draft):

    with refused_at("lines", "includes the known one"):
        draft(payment, CostLine("unsupported", usd("9.00"), None, usd("8.99"), "Sample."))
    with refused_at("lines", "what the likely cost rests on"):
        draft(payment, CostLine("unsupported", usd("9.00"), None, usd("10.00")))


def test_a_line_questions_only_a_linked_payment_and_never_its_reversal(payment, draft, finding):
    other = finding.links.get().transaction

    with refused_at("lines", "not linked"):
        draft(payment, CostLine("violation", usd("1.00"), other))
    undone = ledger.make_reversal(payment)
    with refused_at("lines", "no payment in USD"):
        draft(undone, CostLine("violation", usd("1.00"), undone))


def test_a_total_beside_the_lines_agrees_with_them(payment, engagement):
    more = Particulars(lines=[CostLine("violation", usd("2.00"))])

    with refused_at("questioned", "The lines come to 2.00 USD"):
        actions.draft_finding(
            engagement=engagement,
            words=words(),
            payments=[payment],
            questioned=usd("3.00"),
            more=more,
            by=engagement.lead,
        )


def test_a_payment_with_a_line_stays_in_its_draft_until_the_line_is_taken_out(finding, payment):
    more = Particulars(lines=[CostLine("violation", usd("1.00"), payment)])
    two = make_finding(payment, finding.links.get().transaction, issued=False, more=more)

    with pytest.raises(Refused, match="take out that line first"):
        actions.unlink_payment(finding=two, payment=payment, by=two.engagement.lead)


def test_better_use_is_in_one_currency_and_above_zero(payment, draft):
    mixed = [
        BetterUseLine("deobligation", usd("1.00")),
        BetterUseLine("outlays", ledger.money("1.00", "EUR")),
    ]

    with refused_at("better_use", "in one currency"):
        draft(payment, better=mixed)
    with refused_at("better_use", "more than zero"):
        draft(payment, better=[BetterUseLine("outlays", usd("0.00"))])


def test_a_finding_is_issued_with_its_type_and_its_clocks(finding, payment, engagement):
    untyped = make_finding(payment, issued=False, kind="")

    with refused_at("kind", "Choose the type"):
        actions.issue_finding(finding=untyped, by=untyped.engagement.lead)

    assert finding.decision_due_on == queries.months_after(finding.issued_on, 6)
    assert finding.final_action_due_on == queries.months_after(finding.issued_on, 12)


def test_another_type_is_said_in_words_and_a_listed_one_is_not(payment, engagement):
    given = {"engagement": engagement, "issued": False}
    with pytest.raises(Refused, match="which other type"):
        make_finding(payment, **given, kind="other")
    with pytest.raises(Refused, match="need no words"):
        make_finding(payment, **given, kind_words="Something.")
    assert make_finding(payment, **given, kind="other", kind_words="Graft").kind_label == "Graft"


# --- Links and repeats -----------------------------------------------------


def test_a_finding_can_be_about_other_records_than_payments_and_is_found_from_there(db):
    program = ledger.make_commitment().program
    authority = ledger.make_authority(program.owner)
    engagement = make_engagement(program)
    records = [
        policies.check_linkable(LinkKind.AUTHORITY, authority.uid),
        policies.check_linkable(LinkKind.PROGRAM, program.uid),
    ]
    finding = actions.draft_finding(
        engagement=engagement,
        words=words(),
        payments=[],
        more=Particulars(records=records),
        by=engagement.lead,
    )
    finding = actions.issue_finding(finding=finding, by=engagement.lead)

    officer = ledger.officer_of(program)
    assert list(queries.findings_about("authority", [authority], officer)) == [finding]
    assert list(queries.findings_of_program(program, officer)) == [finding]
    assert [record.label for record in queries.records_seen(finding, officer)] == [
        f"authority “{authority.title}”",
        f"program “{program.title}”",
    ]
    outsider = make_person(Role.OFFICER, organisation=make_auditor().organisation)
    assert not queries.findings_about("authority", [authority], outsider)


def test_a_finding_about_nothing_or_about_a_record_out_of_scope_is_refused(payment, engagement):
    finding = make_finding(payment, engagement=engagement, issued=False)
    engagement, lead = finding.engagement, finding.engagement.lead
    elsewhere = ledger.make_commitment().program

    with refused_at("payments", "link at least one"):
        actions.draft_finding(engagement=engagement, words=words(), payments=[], by=lead)
    with refused_at("records", "not in the scope"):
        record = policies.check_linkable(LinkKind.PROGRAM, elsewhere.uid)
        actions.link_record(finding=finding, record=record, by=lead)
    with refused_at("records", "There is no authority"):
        policies.check_linkable(LinkKind.AUTHORITY, elsewhere.uid)
    with refused_at("records", "A finding links to"):
        policies.check_linkable("person", elsewhere.uid)


def test_the_chain_of_repeats_tells_the_fiscal_year_in_which_it_was_first_found(
    payment, engagement
):
    first = make_finding(payment, engagement=engagement)
    second = make_finding(payment, engagement=engagement, more=Particulars(repeats=first))
    third = make_finding(payment, engagement=engagement, more=Particulars(repeats=second))

    assert queries.chain_of(third) == [third, second, first]
    year = first.engagement.office.calendar().period_of(first.issued_on).year
    assert queries.first_found(third) == (first, year)


def test_only_an_earlier_issued_finding_of_the_office_or_program_is_repeated(
    finding, payment, engagement
):
    draft_ = make_finding(payment, engagement=engagement, issued=False)

    for earlier, why in ((draft_, "issued earlier"), (finding, "another office")):
        with refused_at("repeats", why):
            make_finding(payment, engagement=engagement, more=Particulars(repeats=earlier))


def test_a_repeat_opens_the_closed_recommendations_of_what_it_repeats(payment, engagement):
    first = make_finding(payment, engagement=engagement, recommendations=2)
    closed, left = first.recommendations.order_by("number")
    actions.close_recommendation(
        recommendation=closed, state="closed_overtaken", reason="Law.", by=engagement.lead
    )

    again = make_finding(payment, engagement=engagement, more=Particulars(repeats=first))

    closed.refresh_from_db()
    left.refresh_from_db()
    assert closed.state == RecommendationState.REOPENED
    assert left.state == RecommendationState.ISSUED
    assert f"Finding {again.label}" in queries.steps_of(closed).last().text.note


# --- The way to zero -------------------------------------------------------


def test_a_claim_counts_once_another_person_accepts_it_and_no_longer_once_reversed(finding):
    claimed = make.claim(finding, "30.00")
    assert (queries.waterfall(finding).left, queries.waterfall(finding).claimed) == (
        usd("80.00"),
        usd("30.00"),
    )

    accepted = make.accept(claimed, "25.00")
    money = queries.waterfall(finding)
    assert (money.documented, money.left, money.claimed) == (
        usd("25.00"),
        usd("55.00"),
        usd("0.00"),
    )

    actions.reverse_cost(acceptance=accepted, reason="Forged.", by=finding.engagement.lead)
    assert queries.waterfall(finding).left == usd("80.00")
    assert [e.step for e in queries.cost_events_of(finding)] == ["claimed", "accepted", "reversed"]


def test_a_declined_claim_leaves_the_cost_questioned_and_is_answered_once(finding):
    claimed = make.claim(finding, "30.00")
    lead = finding.engagement.lead
    with refused_at("reason"):
        actions.decline_cost(claim=claimed, reason=" ", by=lead)

    actions.decline_cost(claim=claimed, reason="Illegible.", by=lead)

    assert queries.waterfall(finding).left == usd("80.00")
    with pytest.raises(Refused, match="declined already"):
        make.accept(CostEvent.objects.get(pk=claimed.pk))


def test_only_the_audited_side_claims_and_only_auditors_accept(finding):
    claimed = make.claim(finding, "1.00")

    with pytest.raises(NotAllowed, match="program officer of the audited side"):
        make.claim(finding, "1.00", by=finding.engagement.lead)
    with pytest.raises(NotAllowed, match="Only auditors of"):
        make.accept(claimed, by=make.officer_of(finding))


def test_who_claimed_never_accepts_even_as_an_auditor_by_then(finding):
    officer = make.officer_of(finding)
    claimed = make.claim(finding, "1.00", by=officer)
    give_role(officer, Role.AUDITOR, program=policies.programs_about(finding)[0])

    with pytest.raises((NotAllowed, Refused)):
        make.accept(claimed, by=officer)


@pytest.mark.parametrize(
    ("amount", "outcome", "field", "why"),
    [
        ("80.01", "documented", "amount", "more than what is left"),
        ("0.00", "documented", "amount", "above zero"),
        ("1.00", "documented", "file", "Attach the document"),
        ("1.00", "refunded", "payment", "brought the money back"),
        ("1.00", "written_off", "payment", "write-off in the ledger"),
        ("1.00", "justified", "note", "why the cost is right"),
        ("1.00", "forgotten", "outcome", "Choose what happened"),
    ],
)
def test_a_claim_rests_on_something_and_stays_within_what_is_left(
    finding, amount, outcome, field, why
):
    with refused_at(field, why):
        file = {"file": None} if field == "file" else {}
        make.claim(finding, amount, outcome, note="", **file)


def test_what_was_accepted_is_never_more_than_was_questioned(finding):
    first, second = make.claim(finding, "50.00"), make.claim(finding, "50.00")
    make.accept(first)

    with refused_at("amount", "what is left of the questioned cost, 30.00 USD"):
        make.accept(second)
    make.accept(second, "30.00")

    assert not queries.waterfall(finding).left


def test_a_refund_settles_its_own_amount_once_in_all_findings_together(payment, engagement):
    first = make.make_questioned("80.00", payment=payment, engagement=engagement)
    second = make.make_questioned("80.00", payment=payment, engagement=engagement)
    refund = ledger.post(payment.program, "refund", "60.00", draws_on=payment)

    make.settle(first, "40.00", CostOutcome.REFUNDED, payment=refund)

    with refused_at("amount", "20.00 USD is not used"):
        make.claim(second, "20.01", CostOutcome.REFUNDED, payment=refund)
    make.settle(second, "20.00", CostOutcome.REFUNDED, payment=refund)
    assert queries.waterfall(second).refunded == usd("20.00")


def test_only_money_that_came_back_to_the_program_is_a_refund(payment, engagement):
    finding = make.make_questioned("80.00", payment=payment, engagement=engagement)

    with refused_at("payment", "brings money back"):
        make.claim(finding, "1.00", CostOutcome.REFUNDED, payment=payment)
    other = ledger.make_disbursement()
    refund = ledger.post(other.program, "refund", "60.00", draws_on=other)
    with refused_at("payment", "a program that the finding is not about"):
        make.claim(finding, "1.00", CostOutcome.REFUNDED, payment=refund)
    undone = ledger.make_reversal(payment)
    make.settle(finding, "80.00", CostOutcome.REFUNDED, payment=undone)
    assert not queries.waterfall(finding).left


# --- Management's decision -------------------------------------------------


def test_allowed_and_disallowed_are_exactly_what_was_questioned(finding):
    better = {"agreed": usd("50.00"), "not_agreed": usd("0.00")}
    with refused_at("disallowed", "together they have to be exactly that"):
        make.decide(finding, "30.00", "49.99", **better)
    with refused_at("allowed", "State both amounts"):
        make.decide(finding, "80.00", "", **better)
    with refused_at("not_agreed", "better use of funds is 50.00 USD"):
        make.decide(finding, "30.00", "50.00", agreed=usd("50.00"), not_agreed=usd("1.00"))

    decision = make.decide(finding, "30.00", "50.00", **better)

    assert policies.decision_in_force(finding) == decision


def test_a_revised_decision_is_a_new_row_and_the_newest_counts(finding):
    better = {"agreed": usd("50.00"), "not_agreed": usd("0.00")}
    first = make.decide(finding, "30.00", "50.00", **better)

    second = make.decide(finding, "0.00", "80.00", **better)

    assert second.revises == first
    assert policies.decision_in_force(finding) == second
    assert list(queries.decisions_of(finding)) == [second, first]


def test_an_approver_decides_who_did_not_answer_the_auditors(payment, engagement):
    finding = make.make_questioned(
        "80.00", payment=payment, engagement=engagement, recommendations=1
    )
    officer = owner_officer(finding.recommendations.get())
    with pytest.raises(NotAllowed, match="Only an approver of the audited side"):
        make.decide(finding, "0.00", "80.00", by=officer)

    both = make.manager_of(finding)
    give_role(both, Role.OFFICER, program=policies.programs_about(finding)[0])
    make.claim(finding, "1.00", by=both)
    with pytest.raises(NotAllowed, match="You answered the auditors"):
        make.decide(finding, "0.00", "80.00", by=both)


def test_a_decision_that_sustains_resolves_what_was_not_agreed_to(payment, engagement):
    finding = make.make_questioned(
        "80.00", payment=payment, engagement=engagement, recommendations=1
    )
    recommendation = finding.recommendations.get()
    officer = owner_officer(recommendation)
    actions.respond(recommendation=recommendation, response="non_concur", note="No.", by=officer)

    make.decide(finding, "0.00", "80.00")

    recommendation.refresh_from_db()
    assert recommendation.state == RecommendationState.OPEN_RESOLVED


def test_no_more_comes_back_than_was_disallowed_nor_is_it_allowed_afterwards(payment, engagement):
    finding = make.make_questioned("80.00", payment=payment, engagement=engagement)
    refund = ledger.post(payment.program, "refund", "60.00", draws_on=payment)
    make.settle(finding, "40.00", CostOutcome.REFUNDED, payment=refund)

    with refused_at("disallowed", "came back already"):
        make.decide(finding, "41.00", "39.00")
    make.decide(finding, "40.00", "40.00")
    with refused_at("amount", "Management disallowed 40.00 USD"):
        make.settle(finding, "1.00", CostOutcome.REFUNDED, payment=refund)


def test_final_action_waits_for_the_decision_the_recommendations_and_the_money(payment, engagement):
    finding = make.make_questioned(
        "80.00", payment=payment, engagement=engagement, recommendations=1
    )
    assert queries.final_action_on(finding) is None
    make.decide(finding, "40.00", "40.00")
    (recommendation,) = finding.recommendations.all()
    actions.close_recommendation(
        recommendation=recommendation,
        state="closed_overtaken",
        reason="Law.",
        by=finding.engagement.lead,
    )
    assert queries.final_action_on(finding) is None
    refund = ledger.post(payment.program, "refund", "60.00", draws_on=payment)

    make.settle(finding, "40.00", CostOutcome.REFUNDED, payment=refund)

    assert queries.final_action_on(finding) == finding.engagement.office.today()


# --- What the database forbids ---------------------------------------------


def entry(finding):
    return journal.record("finding", record=finding, op="change", by=None, fields={})


def event(finding, **changed):
    text = CostEventText.objects.create()
    says = {
        "finding": finding,
        "step": CostStep.CLAIMED,
        "outcome": CostOutcome.JUSTIFIED,
        "currency": "USD",
        "amount": 100,
        "taken_by": make.officer_of(finding),
        "taken_on": finding.issued_on,
        "text": text,
        "text_digest": text.digest,
        "entry_id": entry(finding),
    }
    return CostEvent.objects.create(**(says | changed))


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("cost_event_never_above_questioned", {"amount": 8001}),
        ("cost_event_above_zero", {"amount": 0}),
        ("cost_event_of_an_issued_finding", {"currency": "EUR"}),
        ("cost_event_rests_on_something", {"outcome": "documented"}),
        ("cost_event_only_a_claim_answers_nothing", {"step": "declined"}),
        ("cost_event_answers_what_it_fits", {"step": "accepted"}),
    ],
)
def test_the_database_keeps_the_waterfall_within_what_was_questioned(finding, rule, changed):
    if rule == "cost_event_only_a_claim_answers_nothing":
        rule = "cost_event_(only_a_claim_answers_nothing|answers_what_it_fits)"
    with forbidden(rule):
        event(finding, **changed)


def test_the_database_lets_nobody_accept_their_own_and_nobody_accept_twice(finding):
    claimed = make.claim(finding, "10.00")
    answered = {"step": CostStep.ACCEPTED, "outcome": "documented", "evidence": claimed.evidence}
    with forbidden("cost_event_nobody_answers_their_own"):
        event(finding, answers=claimed, **answered)
    with forbidden("cost_event_answers_what_it_fits"):
        event(finding, answers=claimed, amount=1001, taken_by=finding.engagement.lead, **answered)
    make.accept(claimed)
    with pytest.raises(DatabaseError), transaction.atomic():
        event(finding, answers=claimed, taken_by=finding.engagement.lead, **answered)


def test_the_database_takes_only_a_refund_or_a_write_off_and_each_once(finding):
    (payment,) = queries.payments_of(finding, finding.engagement.lead)
    with forbidden("cost_event_money_came_back"):
        event(finding, outcome=CostOutcome.REFUNDED, transaction=payment)
    refund = ledger.post(payment.program, "refund", "0.50", draws_on=payment)
    with forbidden("cost_event_never_above_its_transaction"):
        event(finding, outcome=CostOutcome.REFUNDED, transaction=refund)


def decision_row(finding, **changed):
    decided = make.decide(finding, "30.00", "50.00", agreed=usd("50.00"), not_agreed=usd("0.00"))
    row = ManagementDecision(
        finding=finding,
        revises=decided,
        sustained=True,
        currency="USD",
        questioned=8000,
        allowed=3000,
        disallowed=5000,
        better_currency="USD",
        better_use=5000,
        agreed=5000,
        not_agreed=0,
        decided_by=make.manager_of(finding),
        decided_on=finding.issued_on,
        entry_id=entry(finding),
    )
    row.text = type(decided.text).objects.create(reasons="x")
    row.text_digest = row.text.digest
    for name, value in changed.items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize(
    ("rule", "changed"),
    [
        ("decision_allowed_and_disallowed_are_questioned", {"allowed": 2999}),
        ("decision_agreed_and_not_agreed_are_the_better_use", {"agreed": 4999}),
        ("decision_divides_what_was_found", {"questioned": 9000, "allowed": 4000}),
        ("decision_divides_what_was_found", {"better_use": 6000, "agreed": 6000}),
        ("decision_revises_the_last", {"revises": None}),
    ],
)
def test_the_database_keeps_a_decision_exact_and_the_only_one(finding, rule, changed):
    row = decision_row(finding, **changed)
    with forbidden(rule):
        row.save()


def test_the_database_lets_nobody_decide_who_answered(finding):
    claimed = make.claim(finding, "1.00")
    row = decision_row(finding, decided_by=claimed.taken_by)
    with forbidden("decision_not_by_who_answers"):
        row.save()


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("questioned_line_stays", "DELETE FROM tracker_questionedline WHERE finding_id = %s"),
        (
            "questioned_line_never_changed",
            "UPDATE tracker_questionedline SET known = 1 WHERE finding_id = %s",
        ),
        ("better_use_stays", "DELETE FROM tracker_betteruse WHERE finding_id = %s"),
        ("finding_issued_stands", "UPDATE tracker_finding SET kind = 'procurement' WHERE id = %s"),
        (
            "finding_issued_stands",
            "UPDATE tracker_finding SET decision_due_on = '2099-01-01' WHERE id = %s",
        ),
        ("finding_(repeats|issued)", "UPDATE tracker_finding SET repeats_id = id WHERE id = %s"),
    ],
)
def test_the_money_of_an_issued_finding_stays(finding, rule, sql):
    with forbidden(rule), connection.cursor() as cursor:
        cursor.execute(sql, [finding.pk])


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("finding_issued_with_its_kind", "kind = ''"),
        ("finding_issued_adds_up", "questioned = 1"),
        ("finding_repeats", "repeats_id = id"),
    ],
)
def test_the_database_issues_no_finding_that_is_incomplete(rule, change, payment, engagement):
    finding = make.make_questioned("80.00", payment=payment, engagement=engagement, issued=False)
    set_issued = "status = 'issued', issued_at = CURRENT_TIMESTAMP, issued_by_id = written_by_id, issued_on = CURRENT_DATE"
    sql = f"UPDATE tracker_finding SET {set_issued}, {change} WHERE id = %s"
    with forbidden(rule), connection.cursor() as cursor:
        cursor.execute(sql, [finding.pk])


def test_the_database_questions_no_more_of_a_payment_than_it_is(payment, engagement):
    finding = make.make_questioned("80.00", payment=payment, engagement=engagement, issued=False)
    sql = (
        "INSERT INTO tracker_questionedline (finding_id, position, kind, transaction_id, currency, known, basis) "
        "SELECT finding_id, 9, 'violation', transaction_id, 'USD', 2001, '' FROM tracker_findinglink WHERE finding_id = %s"
    )
    with forbidden("questioned_line_within_its_payment"), connection.cursor() as cursor:
        cursor.execute(sql, [finding.pk])


def test_the_database_links_only_records_that_exist(payment, engagement):
    finding = make_finding(payment, engagement=engagement, issued=False)
    program = policies.programs_about(finding)[0]
    with forbidden("finding_record_exists"):
        finding.records.create(kind="authority", record=program.uid, program=program)


# --- Reading ---------------------------------------------------------------


def test_the_money_of_many_findings_is_read_in_as_many_queries_as_that_of_one(
    finding, django_assert_num_queries
):
    (payment,) = queries.payments_of(finding, finding.engagement.lead)
    for _ in "123":
        other = make.make_questioned("1.00", payment=payment, engagement=finding.engagement)
        make.settle(other, "1.00")
    with django_assert_num_queries(5):
        rows = list(queries.with_money(Finding.objects.filter(questioned__isnull=False)))
        assert len(rows) >= 4
        assert all(queries.waterfall(row).questioned for row in rows)


def test_rows_about_money_are_what_the_journal_says(finding, payment, engagement):
    given = {"payment": payment, "engagement": engagement, "issued": False}
    draft_recommendation(make.make_questioned("5.00", likely="9.00", better="1.00", **given))
    make.settle(finding, "3.00")
    make.decide(finding, "30.00", "50.00", agreed=usd("50.00"), not_agreed=usd("0.00"))
    told = ["finding", "cost event", "management decision", "recommendation", "step"]

    assert list(projections.differences(only=told)) == []


# --- The property ----------------------------------------------------------

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["claim", "claim", "accept", "accept", "part", "decline", "reverse"]),
        st.sampled_from(CostOutcome.values),
        st.integers(min_value=1, max_value=5000),
        st.integers(min_value=0, max_value=30),
    ),
    min_size=1,
    max_size=14,
)


def _move(finding, given_, parts):
    what, outcome, minor, which = given_
    open_claims = list(finding.cost_events.filter(step="claimed", answer=None).order_by("pk"))
    standing = list(finding.cost_events.filter(step="accepted", answer=None).order_by("pk"))
    lead = finding.engagement.lead
    amount = f"{minor // 100}.{minor % 100:02}"
    if what == "claim":
        make.claim(finding, amount, outcome, **parts.get(outcome, {}))
    elif what in ("accept", "part") and open_claims:
        make.accept(open_claims[which % len(open_claims)], amount if what == "part" else "")
    elif what == "decline" and open_claims:
        claimed = open_claims[which % len(open_claims)]
        actions.decline_cost(claim=claimed, reason="No.", by=lead)
    elif what == "reverse" and standing:
        acceptance = standing[which % len(standing)]
        actions.reverse_cost(acceptance=acceptance, reason="No.", by=lead)


@pytest.mark.thorough
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(moves=MOVES)
def test_after_any_sequence_of_claims_the_parts_are_what_was_questioned(finding, moves):
    with transaction.atomic():
        (payment,) = queries.payments_of(finding, finding.engagement.lead)
        refund = ledger.post(payment.program, "refund", "40.00", draws_on=payment)
        lost = ledger.post(payment.program, "write_off", "30.00", draws_on=payment)
        parts = {"refunded": {"payment": refund}, "written_off": {"payment": lost}}
        for move in moves:
            try:
                with transaction.atomic():
                    _move(finding, move, parts)
            except Refused:
                pass
            money = queries.waterfall(finding)
            settled = (money.refunded, money.documented, money.justified, money.written_off)
            assert sum(part.minor for part in (*settled, money.left)) == money.questioned.minor
            assert min(part.minor for part in (*settled, money.left)) >= 0
            assert money.refunded <= usd("40.00") and money.written_off <= usd("30.00")
        transaction.set_rollback(True)
