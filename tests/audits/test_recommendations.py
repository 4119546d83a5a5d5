"""Recommendations: the owner answers and claims, only the auditors close, and every step stays."""

from copy import deepcopy
from datetime import date, timedelta

import pytest

from tests.factories.accounts import end, give_role, make_person
from tests.factories.audits import (
    bring,
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    make_recommendation,
    owner_officer,
    proof,
    soon,
)
from tests.factories.ledger import make_disbursement
from tracker.accounts.models import Notice, Role
from tracker.audits import actions
from tracker.audits.models import (
    CLOSED,
    CLOSED_OTHERWISE,
    OPEN,
    RECOMMENDATION_TRANSITIONS,
    Recommendation,
    RecommendationState,
    RecommendationStep,
    Response,
    Standard,
    native_status,
)
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.shared.errors import NotAllowed, Refused

S = RecommendationState


def build():
    return make_recommendation(S.DRAFT)


@pytest.fixture
def finding(built):
    return deepcopy(built.finding)


@pytest.fixture
def reach(built):
    """The recommendation of this module, walked to the state."""
    return lambda state: bring(deepcopy(built), state)


def fail(*args, **kwargs):
    raise RuntimeError("the journal cannot be written")


def auditor_of(recommendation):
    return recommendation.finding.engagement.lead


def take(name, recommendation, by):
    """One step with everything that it needs."""
    says = {
        "respond": {"response": "concur", "note": ""},
        "claim_implementation": {"note": "Done."},
        "note_partial_progress": {"note": "Half."},
        "accept_implementation": {"note": "Seen.", "file": proof("seen")},
        "reject_claim": {"reason": "Not done."},
        "close_recommendation": {"state": S.CLOSED_OVERTAKEN, "reason": "The law changed."},
        "reopen_recommendation": {"reason": "Again."},
        "extend_due_date": {"due_on": soon(400), "reason": "The supplier is late."},
    }
    return getattr(actions, name)(recommendation=recommendation, **says[name], by=by)


OWNERS = {"respond": S.ISSUED, "claim_implementation": S.OPEN_RESOLVED}
AUDITORS = {
    "note_partial_progress": S.OPEN_RESOLVED,
    "accept_implementation": S.IMPLEMENTATION_CLAIMED,
    "reject_claim": S.IMPLEMENTATION_CLAIMED,
    "close_recommendation": S.ISSUED,
    "reopen_recommendation": S.CLOSED_OVERTAKEN,
    "extend_due_date": S.OPEN_RESOLVED,
}
WRONG_STATE = {
    "respond": S.CLOSED_IMPLEMENTED,
    "claim_implementation": S.ISSUED,
    "note_partial_progress": S.ISSUED,
    "accept_implementation": S.OPEN_RESOLVED,
    "reject_claim": S.OPEN_RESOLVED,
    "close_recommendation": S.CLOSED_IMPLEMENTED,
    "reopen_recommendation": S.OPEN_RESOLVED,
    "extend_due_date": S.CLOSED_IMPLEMENTED,
}
AFTER = {
    "respond": S.OPEN_RESOLVED,
    "claim_implementation": S.IMPLEMENTATION_CLAIMED,
    "note_partial_progress": S.PARTIALLY_ADDRESSED,
    "accept_implementation": S.CLOSED_IMPLEMENTED,
    "reject_claim": S.OPEN_RESOLVED,
    "close_recommendation": S.CLOSED_OVERTAKEN,
    "reopen_recommendation": S.REOPENED,
    "extend_due_date": S.OPEN_RESOLVED,
}


def test_every_state_has_its_transitions_and_is_draft_open_or_closed():
    assert set(RECOMMENDATION_TRANSITIONS) == set(S.values)
    assert OPEN | CLOSED | {S.DRAFT} == set(S.values)
    assert not OPEN & CLOSED


def test_every_standard_has_words_for_every_state():
    for standard in Standard.values:
        for state in S.values:
            assert native_status(standard, state)
    assert native_status(Standard.CIGIE, S.OPEN_RESOLVED) == "Open – Resolved"
    assert native_status(Standard.GAGAS, S.CLOSED_OVERTAKEN) == "Closed – Not Implemented"
    assert native_status(Standard.IIA, S.REOPENED) == "Reopened"


@pytest.mark.parametrize("name", [*OWNERS, *AUDITORS])
def test_every_step_leaves_a_row_with_its_words_and_one_entry(name, reach):
    recommendation = reach((OWNERS | AUDITORS)[name])
    before, entries = recommendation.state, len(history_of(recommendation))
    by = owner_officer(recommendation) if name in OWNERS else auditor_of(recommendation)

    moved = take(name, recommendation, by)

    step = moved.steps.order_by("-pk").first()
    events = history_of(moved)
    assert moved.state == AFTER[name]
    assert (step.before, step.after, step.taken_by) == (before, AFTER[name], by)
    assert step.text_digest == step.text.digest
    assert len(events) == entries + 1
    assert step.entry_id == events[0].number
    assert events[0].values["state"] == AFTER[name]
    assert moved.native_status == native_status(moved.finding.engagement.standard, moved.state)


@pytest.mark.parametrize("name", [*OWNERS, *AUDITORS])
def test_nothing_moves_if_the_journal_cannot_be_written(name, monkeypatch, reach):
    recommendation = reach((OWNERS | AUDITORS)[name])
    by = owner_officer(recommendation) if name in OWNERS else auditor_of(recommendation)
    steps, before = RecommendationStep.objects.count(), recommendation.state
    due = recommendation.due_on
    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        take(name, recommendation, by)

    recommendation.refresh_from_db()
    assert (recommendation.state, recommendation.due_on) == (before, due)
    assert RecommendationStep.objects.count() == steps


@pytest.mark.parametrize("name", [*OWNERS, *AUDITORS])
def test_a_step_in_the_wrong_state_is_refused(name, reach):
    recommendation = reach(WRONG_STATE[name])
    by = owner_officer(recommendation) if name in OWNERS else auditor_of(recommendation)

    with pytest.raises(Refused):
        take(name, recommendation, by)


@pytest.mark.parametrize("name", OWNERS)
def test_only_officers_of_the_owner_answer_and_claim(name, reach):
    recommendation = reach(OWNERS[name])
    program = recommendation.finding.links.get().transaction.program
    for person in (
        auditor_of(recommendation),
        make_person(Role.OFFICER),
        make_person(Role.APPROVER, organisation=program.owner),
    ):
        with pytest.raises(NotAllowed, match="Only a program officer of"):
            take(name, recommendation, person)


@pytest.mark.parametrize("name", AUDITORS)
def test_only_the_audit_office_assesses_and_closes(name, reach):
    recommendation = reach(AUDITORS[name])
    program = recommendation.finding.links.get().transaction.program
    elsewhere = make_auditor(program)
    for person in (owner_officer(recommendation), elsewhere):
        with pytest.raises(NotAllowed, match="Only auditors of"):
            take(name, recommendation, person)


def test_a_colleague_of_the_office_who_audits_the_program_may_close(reach):
    recommendation = reach(S.IMPLEMENTATION_CLAIMED)
    program = recommendation.finding.links.get().transaction.program
    colleague = make_auditor(program, office=recommendation.finding.engagement.office)
    novice = make_auditor(office=recommendation.finding.engagement.office)

    with pytest.raises(NotAllowed, match="does not hold that role"):
        take("accept_implementation", recommendation, novice)
    assert take("accept_implementation", recommendation, colleague).state in CLOSED


def test_nobody_on_the_owners_side_closes_even_as_an_auditor(reach):
    recommendation = reach(S.IMPLEMENTATION_CLAIMED)
    auditor = auditor_of(recommendation)
    give_role(auditor, Role.DISCLOSURE, organisation=recommendation.owner)

    with pytest.raises(NotAllowed, match="You are on the side of"):
        take("accept_implementation", recommendation, auditor)
    with pytest.raises(NotAllowed, match="You are on the side of"):
        take("close_recommendation", recommendation, auditor)


def test_who_works_for_the_owner_closes_nothing_unless_it_audits_its_own_house():
    payment = make_disbursement()
    owner = payment.program.owner
    insider = make_person(employer=owner)
    give_role(insider, Role.AUDITOR, program=payment.program)
    outside = make_recommendation(S.IMPLEMENTATION_CLAIMED, make_finding(payment, issued=False))
    internal = make_engagement(payment.program, lead=insider, standard="iia")
    inside = make_recommendation(
        S.IMPLEMENTATION_CLAIMED, make_finding(payment, engagement=internal, issued=False)
    )

    with pytest.raises(NotAllowed):
        take("accept_implementation", outside, insider)
    assert take("accept_implementation", inside, insider).state == S.CLOSED_IMPLEMENTED


def test_nobody_accepts_their_own_claim(reach):
    """Somebody who claimed as an officer and became an auditor since."""
    recommendation = reach(S.OPEN_RESOLVED)
    engagement = recommendation.finding.engagement
    claimant = make_person(employer=engagement.office)
    program = recommendation.finding.links.get().transaction.program
    membership = give_role(claimant, Role.OFFICER, organisation=recommendation.owner)
    claimed = take("claim_implementation", recommendation, claimant)
    end(membership)
    give_role(claimant, Role.AUDITOR, program=program)

    with pytest.raises(NotAllowed, match="another auditor verifies"):
        take("accept_implementation", claimed, claimant)


def test_who_extended_a_claimed_recommendation_may_still_verify_it(reach):
    recommendation = reach(S.IMPLEMENTATION_CLAIMED)
    lead = auditor_of(recommendation)
    extended = take("extend_due_date", recommendation, lead)

    assert extended.state == S.IMPLEMENTATION_CLAIMED
    assert take("accept_implementation", extended, lead).state == S.CLOSED_IMPLEMENTED


# --- Words, evidence, dates ------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (Response.CONCUR, S.OPEN_RESOLVED),
        (Response.PARTIAL, S.OPEN_RESOLVED),
        (Response.NON_CONCUR, S.OPEN_UNRESOLVED),
    ],
)
def test_an_answer_opens_it_agreed_or_not(answer, after, reach):
    recommendation = reach(S.ISSUED)

    answered = actions.respond(
        recommendation=recommendation,
        response=answer,
        note="So we think.",
        by=owner_officer(recommendation),
    )

    assert (answered.state, answered.response) == (after, answer)
    assert answered.steps.order_by("-pk").first().response == answer
    assert Notice.objects.filter(person=auditor_of(answered)).exists()


def test_an_answer_that_changes_nothing_is_refused(reach):
    recommendation = reach(S.OPEN_RESOLVED)

    with pytest.raises(Refused, match="open, agreed already"):
        actions.respond(
            recommendation=recommendation,
            response=Response.PARTIAL,
            note="In part.",
            by=owner_officer(recommendation),
        )


def test_an_answer_is_one_of_three_and_a_no_says_why(reach):
    recommendation = reach(S.ISSUED)
    by = owner_officer(recommendation)

    with pytest.raises(Refused, match="Choose an answer"):
        actions.respond(recommendation=recommendation, response="none", note="x", by=by)
    for answer in (Response.PARTIAL, Response.NON_CONCUR):
        with pytest.raises(Refused, match="what you do not agree with"):
            actions.respond(recommendation=recommendation, response=answer, note=" ", by=by)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("claim_implementation", {"note": ""}),
        ("note_partial_progress", {"note": " "}),
        ("accept_implementation", {"note": "", "file": None}),
        ("reject_claim", {"reason": ""}),
        ("close_recommendation", {"state": S.CLOSED_SUPERSEDED, "reason": ""}),
        ("reopen_recommendation", {"reason": ""}),
        ("extend_due_date", {"due_on": date(2099, 1, 1), "reason": ""}),
    ],
)
def test_a_step_without_its_words_is_refused(name, says, reach):
    recommendation = reach((OWNERS | AUDITORS)[name])
    by = owner_officer(recommendation) if name in OWNERS else auditor_of(recommendation)

    with pytest.raises(Refused, match="Say "):
        getattr(actions, name)(recommendation=recommendation, **says, by=by)


def test_closing_as_implemented_needs_evidence(reach):
    recommendation = reach(S.OPEN_RESOLVED)
    claimed = take("claim_implementation", recommendation, owner_officer(recommendation))

    with pytest.raises(Refused, match="no file came with the claim"):
        actions.accept_implementation(recommendation=claimed, note="Seen.", by=auditor_of(claimed))
    closed = actions.accept_implementation(
        recommendation=claimed, note="Seen.", file=proof("our own"), by=auditor_of(claimed)
    )

    assert closed.steps.order_by("-pk").first().evidence is not None


def test_the_file_of_the_claim_is_evidence_enough(reach):
    claimed = reach(S.IMPLEMENTATION_CLAIMED)
    claim = claimed.steps.order_by("-pk").first()

    closed = actions.accept_implementation(
        recommendation=claimed, note="Read it.", by=auditor_of(claimed)
    )

    assert closed.steps.order_by("-pk").first().evidence == claim.evidence
    assert claim.text.evidence_name == "receipts.txt"
    assert history_of(closed)[0].values["evidence"] == claim.evidence.sha256


def test_a_file_that_is_refused_moves_nothing(reach):
    recommendation = reach(S.OPEN_RESOLVED)

    with pytest.raises(Refused):
        actions.claim_implementation(
            recommendation=recommendation,
            note="Done.",
            file=proof("<html>", "page.html"),
            by=owner_officer(recommendation),
        )

    recommendation.refresh_from_db()
    assert recommendation.state == S.OPEN_RESOLVED


@pytest.mark.parametrize("state", [S.CLOSED_IMPLEMENTED, S.ISSUED, "gone", ""])
def test_without_implementation_it_closes_only_for_a_listed_reason(state, reach):
    recommendation = reach(S.ISSUED)

    with pytest.raises(Refused, match="Choose why it is closed"):
        actions.close_recommendation(
            recommendation=recommendation, state=state, reason="x", by=auditor_of(recommendation)
        )


@pytest.mark.parametrize("state", sorted(CLOSED_OTHERWISE))
def test_it_closes_otherwise_with_a_reason_and_can_be_reopened(state, reach):
    closed = reach(state)

    assert not closed.is_open
    assert "“The law changed.”" in history_of(closed)[0].sentence
    assert take("reopen_recommendation", closed, auditor_of(closed)).is_open


def test_an_extension_moves_the_due_date_and_keeps_the_first(reach):
    recommendation = reach(S.OPEN_RESOLVED)
    first, later = recommendation.due_on, soon(300)

    extended = actions.extend_due_date(
        recommendation=recommendation,
        due_on=later,
        reason="The supplier is late",
        by=auditor_of(recommendation),
    )

    assert (extended.original_due_on, extended.due_on) == (first, later)
    assert extended.state == S.OPEN_RESOLVED
    assert extended.steps.order_by("-pk").first().due_on == later
    for day in (later, first):
        with pytest.raises(Refused, match="an extension is to a later day"):
            actions.extend_due_date(
                recommendation=extended, due_on=day, reason="x", by=auditor_of(extended)
            )


# --- Drafts ----------------------------------------------------------------


def test_a_due_date_before_the_day_of_issue_is_refused(finding):
    yesterday = finding.engagement.office.today() - timedelta(days=1)

    with pytest.raises(Refused, match="before the day of issue"):
        draft_recommendation(finding, due_on=yesterday)
    recommendation = draft_recommendation(finding)
    with pytest.raises(Refused, match="before the day of issue"):
        actions.change_recommendation(
            recommendation=recommendation,
            text="x",
            owner=recommendation.owner,
            due_on=date(2001, 1, 1),
            by=finding.engagement.lead,
        )


def test_a_draft_is_changed_and_removed_by_the_team_only(reach):
    recommendation = reach(S.DRAFT)
    lead, stranger = auditor_of(recommendation), owner_officer(recommendation)
    says = {"text": "Name two persons.", "owner": recommendation.owner, "due_on": soon(90)}

    with pytest.raises(NotAllowed):
        actions.change_recommendation(recommendation=recommendation, **says, by=stranger)
    with pytest.raises(NotAllowed):
        actions.remove_recommendation(recommendation=recommendation, by=stranger)
    with pytest.raises(NotAllowed):
        draft_recommendation(recommendation.finding, by=stranger)
    changed = actions.change_recommendation(recommendation=recommendation, **says, by=lead)
    assert (changed.text, changed.original_due_on) == ("Name two persons.", soon(90))
    actions.remove_recommendation(recommendation=changed, by=lead)

    assert not Recommendation.objects.exists()
    assert [event.op for event in history_of(recommendation)] == ["remove", "change", "create"]


@pytest.mark.parametrize("action", ["change", "remove", "draft"])
def test_a_draft_stays_if_the_journal_cannot_be_written(action, monkeypatch, reach):
    recommendation = reach(S.DRAFT)
    lead, text = auditor_of(recommendation), recommendation.text
    says = {"text": "New.", "owner": recommendation.owner, "due_on": soon(90)}
    acts = {
        "change": lambda: actions.change_recommendation(
            recommendation=recommendation, **says, by=lead
        ),
        "remove": lambda: actions.remove_recommendation(recommendation=recommendation, by=lead),
        "draft": lambda: draft_recommendation(recommendation.finding),
    }
    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        acts[action]()

    assert Recommendation.objects.get().text == text


def test_an_issued_recommendation_is_neither_changed_nor_removed(reach):
    recommendation = reach(S.ISSUED)
    lead = auditor_of(recommendation)

    with pytest.raises(Refused, match="stands as it is"):
        actions.remove_recommendation(recommendation=recommendation, by=lead)
    with pytest.raises(Refused, match="stands as it is"):
        actions.change_recommendation(
            recommendation=recommendation,
            text="x",
            owner=recommendation.owner,
            due_on=soon(),
            by=lead,
        )


def test_an_empty_recommendation_is_refused(finding):

    with pytest.raises(Refused, match="cannot be blank"):
        draft_recommendation(finding, text="  ")


def test_an_officer_of_the_audited_program_alone_may_answer_too(reach):
    recommendation = reach(S.ISSUED)
    program = recommendation.finding.links.get().transaction.program
    officer = make_person(Role.OFFICER, program=program)

    assert take("respond", recommendation, officer).state == S.OPEN_RESOLVED
