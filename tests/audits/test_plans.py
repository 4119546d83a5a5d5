"""Plans, more time and accepted risks: the owner states and asks, another person answers, and time ends what it ends."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.factories import money as make
from tests.factories.accounts import give_role, make_person
from tests.factories.audits import (
    make_finding,
    make_recommendation,
    owner_officer,
    proof,
    soon,
    walk,
)
from tracker.accounts.models import Notice, Role
from tracker.audits import actions, queries
from tracker.audits.models import (
    AskAnswer,
    AskAnswerText,
    AskKind,
    Recommendation,
    RecommendationState,
    RecommendationStep,
)
from tracker.journal import actions as journal
from tracker.journal import projections, service
from tracker.shared.errors import NotAllowed, Refused

S = RecommendationState


def build():
    return make_recommendation(S.OPEN_RESOLVED)


@pytest.fixture
def agreed(built):
    return deepcopy(built)


def again(recommendation):
    return Recommendation.objects.get(pk=recommendation.pk)


def test_a_changed_plan_is_its_next_version_and_the_earlier_one_stays(agreed):
    recommendation = agreed
    first = make.make_plan(recommendation)

    second = make.make_plan(recommendation, action="Receipts are collected daily.")

    assert list(queries.plans_of(recommendation)) == [second, first]
    assert (first.version, second.version) == (1, 2)


def test_only_the_owner_states_the_plan_with_a_day_or_a_disagreement(agreed):
    recommendation = agreed
    auditor = recommendation.finding.engagement.lead
    with pytest.raises(NotAllowed, match="Only a program officer"):
        make.make_plan(recommendation, by=auditor)
    with pytest.raises(Refused, match="why you disagree"):
        make.make_plan(recommendation, anticipated_on=None)
    with pytest.raises(Refused, match="before the issue"):
        make.make_plan(recommendation, anticipated_on=recommendation.issued_on - timedelta(days=1))
    assert (
        make.make_plan(recommendation, anticipated_on=None, disagreement="Too dear.").version == 1
    )


def test_more_time_is_asked_by_the_owner_and_granted_by_an_auditor(agreed):
    recommendation = agreed
    first_due = recommendation.due_on

    asked = make.ask(recommendation)
    assert again(recommendation).due_on == first_due
    make.answer(asked)

    recommendation = again(recommendation)
    assert (recommendation.due_on, recommendation.original_due_on) == (asked.until, first_due)
    assert queries.steps_of(recommendation).last().due_on == asked.until


def test_a_declined_ask_changes_nothing_and_is_answered_once(agreed):
    recommendation = agreed
    asked = make.ask(recommendation)
    make.answer(asked, grant=False)

    assert again(recommendation).due_on == recommendation.due_on
    with pytest.raises(Refused, match="declined already"):
        make.answer(asked)
    assert make.ask(recommendation)  # and may be asked again


@pytest.mark.parametrize("kind", AskKind.values)
def test_nobody_grants_what_they_asked_for_whatever_roles_they_hold(kind, agreed):
    recommendation = agreed
    officer = owner_officer(recommendation)
    asked = make.ask(recommendation, kind)
    with pytest.raises(NotAllowed):
        make.answer(asked, by=officer)

    signer = make_person(Role.SENIOR_APPROVER, organisation=recommendation.owner)
    give_role(signer, Role.OFFICER, organisation=recommendation.owner)
    other = make.ask(agreed_of(recommendation), kind, by=signer)
    with pytest.raises(NotAllowed):
        make.answer(other, by=signer)
    with pytest.raises(DatabaseError, match="ask_nobody_answers_their_own"), transaction.atomic():
        _answer_by_hand(asked, officer)


def agreed_of(recommendation):
    """Another one to the same owner."""
    payment = recommendation.finding.links.get().transaction
    return make_recommendation(S.OPEN_RESOLVED, finding=make_finding(payment, issued=False))


def _answer_by_hand(asked, by):
    text = AskAnswerText.objects.create(reason="x")
    said = {"record": asked.recommendation, "op": "mark", "by": None, "fields": {}}
    entry = journal.record("recommendation", **said)
    AskAnswer.objects.create(
        ask=asked,
        verdict="granted",
        text=text,
        text_digest=text.digest,
        answered_by=by,
        entry_id=entry,
    )


def test_more_time_is_until_a_later_day_and_asked_once_at_a_time(agreed):
    recommendation = agreed
    with pytest.raises(Refused, match="ask for a later day"):
        make.ask(recommendation, until=recommendation.due_on)
    make.ask(recommendation)
    with pytest.raises(Refused, match="asked for already"):
        make.ask(recommendation)


def test_an_accepted_risk_closes_nothing_and_is_not_overdue_until_it_expires(agreed):
    recommendation = make.accept_risk(agreed, until=soon(200))
    lead = recommendation.finding.engagement.lead

    assert recommendation.state == S.RISK_ACCEPTED
    assert recommendation.is_open
    assert "lives with the risk" in queries.next_for_recommendation(recommendation, lead).what
    assert queries.progress(recommendation)[1]["state"] == "current"
    late = recommendation.due_on + timedelta(days=1)
    assert recommendation.days_overdue(late) == 0
    mine = Recommendation.objects.filter(pk=recommendation.pk)
    assert not mine.overdue(late)
    after = recommendation.accepted_until + timedelta(days=1)
    assert recommendation.days_overdue(after) > 0
    assert list(mine.overdue(after)) == list(mine.expired(after)) == [recommendation]


def test_only_an_approver_of_the_owner_accepts_its_risk_until_a_day_ahead(agreed):
    recommendation = agreed
    today = recommendation.finding.engagement.office.today()
    with pytest.raises(Refused, match="lies ahead"):
        make.ask(recommendation, AskKind.RISK, today)
    asked = make.ask(recommendation, AskKind.RISK, soon(30))
    for by in (recommendation.finding.engagement.lead, owner_officer(recommendation)):
        with pytest.raises(NotAllowed, match="Only an approver of"):
            make.answer(asked, by=by)


def test_an_expired_risk_is_reopened_by_the_journals_round_and_by_nobody(monkeypatch, agreed):
    recommendation = make.accept_risk(agreed, until=soon(30))
    service.pass_time()
    assert again(recommendation).state == S.RISK_ACCEPTED
    after = recommendation.accepted_until + timedelta(days=1)
    monkeypatch.setattr("tracker.audits.actions.plans.utc_today", lambda: after)
    monkeypatch.setattr("tracker.accounts.models.Organisation.today", lambda self: after)

    assert again(recommendation).risk_expired(after)  # at once, before anything is written
    service.pass_time()
    service.pass_time()

    recommendation = again(recommendation)
    step = queries.steps_of(recommendation).last()
    assert (recommendation.state, recommendation.accepted_until) == (S.REOPENED, None)
    assert (step.taken_by, step.before) == (None, S.RISK_ACCEPTED)
    assert recommendation.steps.filter(after=S.REOPENED).count() == 1
    officer = owner_officer(recommendation)
    assert Notice.objects.filter(person=officer, sentence__contains="risk expired").count() == 1
    assert list(projections.differences(only=["recommendation", "step", "ask"])) == []


def test_the_database_lets_nothing_but_an_expiry_be_taken_by_nobody(agreed):
    step = agreed.steps.last()
    with (
        pytest.raises(DatabaseError, match="step_only_an_expiry_is_taken_by_nobody"),
        transaction.atomic(),
    ):
        RecommendationStep.objects.create(
            recommendation=step.recommendation,
            before=S.OPEN_RESOLVED,
            after=S.OPEN_UNRESOLVED,
            text=type(step.text).objects.create(),
            text_digest="x",
            taken_by=None,
            entry_id=journal.record(
                "recommendation", record=step.recommendation, op="respond", by=None, fields={}
            ),
        )


def test_the_auditors_may_end_an_accepted_risk_and_the_owner_may_carry_it_out_after_all(agreed):
    reopened = make.accept_risk(agreed)
    lead = reopened.finding.engagement.lead
    actions.reopen_recommendation(recommendation=reopened, reason="It grew.", by=lead)
    assert again(reopened).accepted_until is None

    done = make.accept_risk(agreed_of(reopened))
    officer = owner_officer(done)
    actions.claim_implementation(recommendation=done, note="Done.", file=proof(), by=officer)
    assert again(done).state == S.IMPLEMENTATION_CLAIMED


def test_who_claimed_never_closes_in_any_way_whatever_role_they_hold_by_then(agreed):
    recommendation = walk(agreed, S.IMPLEMENTATION_CLAIMED)
    claimant = recommendation.steps.get(after=S.IMPLEMENTATION_CLAIMED).taken_by
    give_role(claimant, Role.AUDITOR, organisation=recommendation.owner)
    with pytest.raises(NotAllowed):
        actions.close_recommendation(
            recommendation=recommendation, state=S.CLOSED_OVERTAKEN, reason="Law.", by=claimant
        )
    step = recommendation.steps.last()
    with (
        pytest.raises(DatabaseError, match="step_nobody_accepts_their_own_claim"),
        transaction.atomic(),
    ):
        RecommendationStep.objects.create(
            recommendation=recommendation,
            before=S.IMPLEMENTATION_CLAIMED,
            after=S.CLOSED_OVERTAKEN,
            text=type(step.text).objects.create(),
            text_digest="x",
            taken_by=claimant,
            entry_id=journal.record(
                "recommendation", record=recommendation, op="close", by=None, fields={}
            ),
        )


def test_no_comment_is_an_answer_and_agrees_to_nothing():
    recommendation = make_recommendation()
    officer = owner_officer(recommendation)

    actions.respond(recommendation=recommendation, response="no_comment", note="", by=officer)

    recommendation = again(recommendation)
    assert recommendation.state == S.OPEN_UNRESOLVED
    assert recommendation.get_response_display() == "has no comment"


def test_the_office_marks_what_is_significant_and_nobody_else(agreed):
    recommendation = agreed
    lead = recommendation.finding.engagement.lead
    with pytest.raises(NotAllowed, match="Only auditors"):
        actions.mark_significant(
            recommendation=recommendation, significant=True, by=owner_officer(recommendation)
        )
    actions.mark_significant(recommendation=recommendation, significant=True, by=lead)
    with pytest.raises(Refused, match="marked so already"):
        actions.mark_significant(recommendation=recommendation, significant=True, by=lead)
    assert again(recommendation).significant
    assert list(projections.differences(only=["recommendation"])) == []


def test_what_waits_is_on_the_desk_of_who_must_act(agreed):
    recommendation = agreed
    finding = recommendation.finding
    lead, officer = finding.engagement.lead, owner_officer(recommendation)
    signer = make.manager_of(finding)
    assert list(queries.to_plan(officer)) == [recommendation]
    assert list(queries.to_decide(signer)) == [finding]

    time, risk = make.ask(recommendation), make.ask(recommendation, AskKind.RISK)
    make.make_plan(recommendation)

    assert list(queries.asks_waiting(lead)) == [time]
    assert list(queries.asks_waiting(signer)) == [risk]
    assert list(queries.asks_waiting(officer)) == list(queries.to_plan(officer)) == []
