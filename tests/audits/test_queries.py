"""What other rooms and pages ask about audits."""

from copy import deepcopy
from datetime import date, timedelta

import pytest

from tests.factories.accounts import make_person
from tests.factories.audits import (
    bring,
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    make_recommendation,
    owner_officer,
)
from tests.factories.ledger import make_commitment, make_disbursement, money, officer_of
from tracker.accounts.models import Role
from tracker.audits import actions, queries
from tracker.audits.models import Recommendation, RecommendationState

S = RecommendationState


def build():
    """A draft recommendation, and a payment of another program that nobody audits yet."""
    draft = make_recommendation(S.DRAFT)
    return {"draft": draft, "payment": make_disbursement(payee="Northern Works")}


@pytest.fixture
def draft(built):
    return deepcopy(built["draft"].finding)


@pytest.fixture
def payment(built):
    return deepcopy(built["payment"])


@pytest.fixture
def reach(built):
    """The recommendation of this module, walked to the state."""
    return lambda state: bring(deepcopy(built["draft"]), state)


def test_a_payment_knows_its_findings_and_a_program_too(payment, reach):
    finding = make_finding(payment, recommendations=2, questioned=money("10.00"))
    reach(S.ISSUED)
    officer = officer_of(payment.program)

    (found,) = queries.findings_of(payment, officer)
    assert (found, found.payments, found.open_recommendations) == (finding, 1, 2)
    assert list(queries.findings_of_program(payment.program, officer)) == [finding]
    assert not queries.findings_of(payment, make_person(Role.OFFICER)).exists()


def test_a_dropped_finding_is_no_finding_about_a_payment(draft):
    finding, lead = draft, draft.engagement.lead
    payment = finding.links.get().transaction
    assert finding in queries.findings_of(payment, lead)

    actions.drop_finding(finding=finding, reason="No case.", by=lead)

    assert not queries.findings_of(payment, lead).exists()


def test_payments_are_found_by_reference_payee_and_exact_amount(payment):
    commitment = make_commitment(amount="99999.00")
    by_reference = make_disbursement(commitment, "1.00", reference="INV-7/2024", payee="A")
    by_payee = make_disbursement(commitment, "2.00", payee="Northern Works")
    by_amount = make_disbursement(commitment, "1234.50", payee="A")
    assert payment.text.payee == "Northern Works"
    engagement = make_engagement(commitment.program)

    def search(words):
        return queries.search_payments(engagement, words).rows

    assert search("inv-7") == [by_reference]
    assert search("northern") == [by_payee]
    assert search("1,234.50") == [by_amount]
    assert search("1234.501") == []
    assert search("1e400") == search("NaN") == search("%") == []
    assert len(search("")) == 4


def test_a_search_says_when_there_is_more(payment, monkeypatch):
    monkeypatch.setattr("tracker.audits.queries.findings.FOUND_AT_ONCE", 1)

    found = queries.search_payments(make_engagement(payment.program), "")

    assert len(found.rows) == 1
    assert found.more


def test_a_search_keeps_to_the_period_in_scope(payment):
    commitment = payment.draws_on
    early = make_disbursement(commitment, value_date=date(2024, 1, 31))
    inside = make_disbursement(commitment, value_date=date(2024, 2, 1))
    scope = [actions.Scope(commitment.program, date(2024, 2, 1), date(2024, 2, 29))]
    engagement = make_engagement(scope=scope)

    assert queries.search_payments(engagement, "").rows == [inside]
    assert queries.chosen_payments(engagement, [str(early.uid)]) == []


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 15), 12, date(2025, 1, 15)),
        (date(2028, 2, 29), 48, date(2024, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
    ],
)
def test_months_before(day, months, before):
    assert queries.months_before(day, months) == before


def test_open_recommendations_are_counted_by_age_and_lateness(reach, payment):
    first = reach(S.ISSUED)
    for state in (S.CLOSED_OVERTAKEN, S.DRAFT):
        make_recommendation(state, make_finding(payment, issued=False))
    rows = Recommendation.objects.all()

    def ages(day):
        return {b.label: (b.count, b.overdue) for b in queries.by_age(rows, day) if b.count}

    assert ages(first.issued_on) == {"up to 6 months": (1, 0)}
    assert ages(first.issued_on + timedelta(days=200)) == {"6 to 12 months": (1, 1)}
    assert ages(first.issued_on + timedelta(days=370)) == {"1 to 2 years": (1, 1)}
    assert ages(first.issued_on + timedelta(days=3 * 366)) == {"2 to 4 years": (1, 1)}
    assert ages(first.issued_on + timedelta(days=4 * 366)) == {"4 to 5 years": (1, 1)}
    assert ages(first.issued_on + timedelta(days=11 * 366)) == {"5 years and more": (1, 1)}


def test_counts_are_of_what_a_person_sees(reach, payment):
    finding = reach(S.ISSUED).finding
    make_finding(payment, recommendations=1)
    draft = make_finding(
        finding.links.get().transaction, engagement=finding.engagement, issued=False
    )
    draft_recommendation(draft)
    officer = officer_of(finding.links.get().transaction.program)

    of_lead = queries.counts(finding.engagement.lead)
    of_officer = queries.counts(officer)

    assert (of_lead.engagements, of_lead.draft_findings, of_lead.issued_findings) == (1, 1, 1)
    assert (of_officer.engagements, of_officer.draft_findings) == (0, 0)
    assert of_lead.open_recommendations == of_officer.open_recommendations == 1
    assert list(queries.open_recommendations(officer)) == list(finding.recommendations.all())


def test_overdue_is_open_and_due_before_today(reach, monkeypatch):
    recommendation = reach(S.ISSUED)
    officer = owner_officer(recommendation)
    later = recommendation.due_on + timedelta(days=3)
    monkeypatch.setattr("tracker.accounts.models.Organisation.today", lambda self: later)

    assert queries.counts(officer).overdue_recommendations == 1
    assert recommendation.days_overdue(later) == 3
    assert recommendation.days_overdue(recommendation.due_on) == 0
    (waiting,) = queries.waiting_for(officer)
    assert (waiting.due, waiting.tone) == ("3 days overdue", "bad")


# --- Who is waited for -----------------------------------------------------


@pytest.mark.parametrize(
    ("state", "verb"),
    [
        (S.ISSUED, "Respond to"),
        (S.REOPENED, "Respond to"),
        (S.OPEN_UNRESOLVED, "Agree on a way for"),
        (S.OPEN_RESOLVED, "Carry out"),
        (S.PARTIALLY_ADDRESSED, "Carry out"),
    ],
)
def test_an_open_recommendation_waits_for_its_owner(state, verb, reach):
    recommendation = reach(state)
    lead = recommendation.finding.engagement.lead

    (waiting,) = queries.waiting_for(owner_officer(recommendation))

    assert waiting.what.startswith(verb)
    assert waiting.href == recommendation.get_absolute_url()
    assert queries.waiting_for(lead) == []
    assert len(queries.waiting_on_others(lead)) == 1
    assert queries.next_for_recommendation(recommendation, owner_officer(recommendation)).mine
    assert not queries.next_for_recommendation(recommendation, lead).mine


def test_a_claim_waits_for_the_auditors(reach):
    recommendation = reach(S.IMPLEMENTATION_CLAIMED)
    lead, officer = recommendation.finding.engagement.lead, owner_officer(recommendation)

    (waiting,) = queries.waiting_for(lead)

    assert waiting.what.startswith("Verify")
    assert queries.waiting_for(officer) == []
    assert len(queries.waiting_on_others(officer)) == 1
    assert queries.next_for_recommendation(recommendation, lead).mine


def test_plans_and_drafts_wait_for_their_team(payment, draft):
    planned = make_engagement(payment.program, status="planned")

    declared, started = queries.waiting_for(planned.lead)
    assert declared.what.startswith("Declare your independence")
    assert started.what.startswith("Start the fieldwork")
    assert queries.waiting_for(draft.engagement.lead)[0].what.startswith("Complete finding")
    assert queries.waiting_for(make_person(Role.OFFICER)) == []


@pytest.mark.thorough
def test_what_waits_costs_the_same_for_one_and_for_many(count_queries, reach):
    recommendation = reach(S.ISSUED)
    officer = owner_officer(recommendation)
    payment = recommendation.finding.links.get().transaction
    queries.waiting_for(officer)  # the person knows their organisation from now on
    one = count_queries(lambda: queries.waiting_for(officer))
    for _ in range(3):
        make_recommendation(S.ISSUED, make_finding(payment, issued=False))

    assert count_queries(lambda: queries.waiting_for(officer)) == one
    assert len(queries.waiting_for(officer)) == 4


def test_who_can_be_asked_to_audit(payment):
    program = payment.program
    engagement = make_engagement(program)
    auditor = make_auditor(program)

    assert set(queries.auditors_of([program])) == {engagement.lead, auditor}
    assert set(queries.auditors_of_any([program])) == {engagement.lead, auditor}
    assert not queries.auditors_of_any([]).exists()
