"""Findings: on exact payments, with the money that they question, and issued once."""

from copy import deepcopy
from datetime import date

import pytest
from django.core import mail

from tests.factories.accounts import give_role, make_person
from tests.factories.audits import (
    draft_recommendation,
    make_auditor,
    make_engagement,
    make_finding,
    make_office,
    move_to,
    soon,
    words,
)
from tests.factories.ledger import (
    make_commitment,
    make_disbursement,
    make_reversal,
    money,
    officer_of,
)
from tests.factories.programs import make_program
from tracker.accounts.models import Notice, Role
from tracker.audits import actions
from tracker.audits.actions import Scope
from tracker.audits.models import (
    FINDING_TRANSITIONS,
    Finding,
    FindingLink,
    FindingStatus,
    RecommendationState,
)
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused


def build():
    """An engagement on a program with two payments, and a payment of another program."""
    commitment = make_commitment()
    officer_of(commitment.program)
    return {
        "payment": make_disbursement(commitment),
        "second": make_disbursement(commitment),
        "elsewhere": make_disbursement(),
        "engagement": make_engagement(commitment.program),
    }


@pytest.fixture
def payment(built):
    return deepcopy(built["payment"])


@pytest.fixture
def second(built):
    return deepcopy(built["second"])


@pytest.fixture
def elsewhere(built):
    return deepcopy(built["elsewhere"])


@pytest.fixture
def engagement(built):
    return deepcopy(built["engagement"])


@pytest.fixture
def finding(payment, engagement):
    """A draft on the first payment."""
    return make_finding(payment, engagement=engagement, issued=False)


def fail(*args, **kwargs):
    raise RuntimeError("the journal cannot be written")


def change(finding, **changes):
    says = {
        "words": words(),
        "payments": [],
        "by": finding.engagement.lead,
    }
    return actions.change_finding(finding=finding, **(says | changes))


def draft(engagement, payments, **changes):
    says = {"words": words(), "payments": payments, "by": engagement.lead}
    return actions.draft_finding(engagement=engagement, **(says | changes))


def test_every_state_has_its_transitions():
    assert set(FINDING_TRANSITIONS) == set(FindingStatus.values)


def test_a_finding_is_drafted_on_exact_payments(payment, engagement):
    finding = draft(engagement, [payment], questioned=money("100.00"))

    assert (finding.number, finding.status) == (1, FindingStatus.DRAFT)
    assert finding.links.get().transaction == payment
    (event,) = history_of(finding)
    assert event.values["transactions"] == [str(payment.uid)]
    assert event.values["questioned"] == "100.00"


def test_findings_are_numbered_within_their_engagement(payment, engagement, elsewhere):
    first = make_finding(payment, engagement=engagement)

    assert draft(first.engagement, [payment]).number == 2
    assert make_finding(elsewhere).number == 1


def test_a_finding_without_a_payment_is_refused(engagement):
    with pytest.raises(Refused, match="link at least one"):
        draft(engagement, [])


def test_a_payment_of_a_program_out_of_scope_is_refused(engagement, elsewhere):
    with pytest.raises(Refused, match="which is not in the scope"):
        draft(engagement, [elsewhere])


@pytest.mark.parametrize(
    ("day", "precision", "inside"),
    [
        (date(2024, 3, 1), "day", True),
        (date(2024, 2, 29), "day", False),
        (date(2024, 3, 31), "day", True),
        (date(2024, 4, 1), "day", False),
        (date(2024, 3, 31), "month", True),
        (date(2024, 2, 1), "month", False),
        (date(2024, 12, 31), "fiscal_year", True),
        (date(2023, 12, 31), "fiscal_year", False),
    ],
)
def test_a_payment_is_in_scope_if_any_day_of_its_date_is(day, precision, inside, payment):
    payment = make_disbursement(payment.draws_on, value_date=day, date_precision=precision)
    scope = [Scope(payment.program, date(2024, 3, 1), date(2024, 3, 31))]
    engagement = make_engagement(scope=scope)

    if inside:
        assert draft(engagement, [payment]).links.count() == 1
    else:
        with pytest.raises(Refused, match="outside the period in scope"):
            draft(engagement, [payment])


def test_at_most_what_the_linked_payments_come_to_is_questioned(payment, engagement):
    with pytest.raises(
        Refused, match=r"100.01 USD is questioned, but the linked payments come to 100.00"
    ):
        draft(engagement, [payment], questioned=money("100.01"))
    with pytest.raises(Refused, match=r"come to 0.00 EUR"):
        draft(engagement, [payment], questioned=money("1.00", "EUR"))
    with pytest.raises(Refused, match="not below zero"):
        draft(engagement, [payment], questioned=money("-1.00"))
    assert draft(engagement, [payment], questioned=money("0.00")).questioned == money("0.00")


def test_a_reversed_payment_may_still_be_questioned(payment, engagement):
    reversal = make_reversal(payment)

    finding = draft(engagement, [payment, reversal], questioned=money("100.00"))

    assert finding.questioned == money("100.00")
    with pytest.raises(Refused, match=r"come to 0.00 USD"):
        draft(engagement, [reversal], questioned=money("1.00"))


@pytest.mark.parametrize("element", ["criteria", "condition", "cause", "effect"])
def test_a_blank_element_carries_its_reason(element, payment, engagement):
    with pytest.raises(Refused, match="say why it is blank"):
        draft(engagement, [payment], words=words(**{element: " "}))
    told = words(**{element: "", f"{element}_blank": "Outside the objectives."})
    finding = draft(engagement, [payment], words=told)
    assert finding.blank_reasons == {element: "Outside the objectives."}
    assert finding.blank_reason == f"{element.capitalize()}: Outside the objectives."


def test_only_the_team_writes_findings_and_only_in_fieldwork(payment, engagement):
    planned = make_engagement(payment.program, status="planned")

    with pytest.raises(Refused, match="during fieldwork"):
        draft(planned, [payment])
    for person in (make_auditor(payment.program), officer_of(payment.program)):
        with pytest.raises(NotAllowed, match="Only the team"):
            draft(engagement, [payment], by=person)


def test_who_lost_the_auditors_role_or_took_a_part_writes_nothing(payment, engagement):
    give_role(engagement.lead, Role.OFFICER, program=payment.program)

    with pytest.raises(Refused, match="cannot audit it"):
        draft(engagement, [payment])


@pytest.mark.parametrize("action", ["draft", "issue", "drop", "change", "link", "unlink"])
def test_nothing_is_saved_if_the_journal_cannot_be_written(
    action, monkeypatch, payment, second, engagement
):
    payments = [payment, second, make_disbursement(payment.draws_on)]
    finding = make_finding(payment, second, engagement=engagement, issued=False)
    lead = finding.engagement.lead
    draft_recommendation(finding)
    acts = {
        "draft": lambda: draft(finding.engagement, payments),
        "issue": lambda: actions.issue_finding(finding=finding, by=lead),
        "drop": lambda: actions.drop_finding(finding=finding, reason="No case.", by=lead),
        "change": lambda: change(finding, words=words(title="New"), payments=payments[2:]),
        "link": lambda: actions.link_payments(finding=finding, payments=payments[2:], by=lead),
        "unlink": lambda: actions.unlink_payment(finding=finding, payment=payments[0], by=lead),
    }
    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        acts[action]()

    (kept,) = Finding.objects.all()
    assert (kept.title, kept.status) == (finding.title, FindingStatus.DRAFT)
    assert {link.transaction for link in FindingLink.objects.all()} == set(payments[:2])
    assert kept.recommendations.get().state == RecommendationState.DRAFT


def test_a_draft_is_rewritten_with_its_payments(finding, second):
    changed = change(finding, words=words(title="Another"), payments=[second])

    assert changed.title == "Another"
    assert changed.links.get().transaction == second
    assert history_of(changed)[0].op == "change"


def test_payments_are_linked_and_unlinked_one_by_one(payment, second, engagement):
    first, lead = payment, engagement.lead
    said = {"issued": False, "questioned": money("100.00")}
    finding = make_finding(first, engagement=engagement, **said)

    with pytest.raises(Refused, match="link at least one"):
        actions.unlink_payment(finding=finding, payment=first, by=lead)
    actions.link_payments(finding=finding, payments=[first, second], by=lead)
    assert finding.links.count() == 2
    with pytest.raises(Refused, match="not linked yet"):
        actions.link_payments(finding=finding, payments=[second], by=lead)
    actions.unlink_payment(finding=finding, payment=first, by=lead)
    with pytest.raises(Refused, match="not linked to"):
        actions.unlink_payment(finding=finding, payment=first, by=lead)

    assert finding.links.get().transaction == second
    assert [event.op for event in history_of(finding)] == ["unlink", "link", "create"]


def test_a_payment_that_covers_the_questioned_cost_stays_linked(payment, second, engagement):
    said = {"issued": False, "questioned": money("150.00")}
    finding = make_finding(payment, second, engagement=engagement, **said)

    with pytest.raises(Refused, match=r"come to 100.00 USD"):
        actions.unlink_payment(finding=finding, payment=payment, by=finding.engagement.lead)


def test_linking_a_payment_out_of_scope_is_refused(finding, elsewhere):
    with pytest.raises(Refused, match="not in the scope"):
        actions.link_payments(finding=finding, payments=[elsewhere], by=finding.engagement.lead)


def test_a_draft_is_dropped_with_a_reason(finding):
    lead = finding.engagement.lead

    with pytest.raises(Refused, match="Say why"):
        actions.drop_finding(finding=finding, reason="  ", by=lead)
    actions.drop_finding(finding=finding, reason="A receipt turned up", by=lead)

    assert history_of(finding)[0].sentence.endswith("dropped: “A receipt turned up”.")
    with pytest.raises(Refused, match="was dropped"):
        actions.issue_finding(finding=finding, by=lead)


# --- Issue -----------------------------------------------------------------


def test_issuing_dates_it_in_the_offices_time_zone_and_issues_its_recommendations(payment):
    office = make_office()
    lead = make_auditor(payment.program, office=office)
    engagement = make_engagement(payment.program, lead=lead, standard="cigie")

    finding = make_finding(payment, engagement=engagement, recommendations=2)

    assert finding.issued_on == office.today()
    assert finding.issued_by == lead
    assert finding.issued_at is not None
    for recommendation in finding.recommendations.all():
        assert recommendation.state == RecommendationState.ISSUED
        assert recommendation.issued_on == finding.issued_on
        assert recommendation.native_status == "Open – Unresolved"
        assert [step.after for step in recommendation.steps.all()] == ["issued"]


def test_issuing_tells_the_officers_of_the_owner(finding, django_capture_on_commit_callbacks):
    recommendation = draft_recommendation(finding)
    officer = officer_of(finding.links.get().transaction.program)
    other = make_person(Role.OFFICER)

    with django_capture_on_commit_callbacks(execute=True):
        actions.issue_finding(finding=finding, by=finding.engagement.lead)

    told = Notice.objects.get(person=officer, path=recommendation.get_absolute_url())
    due = say_day(recommendation.due_on)
    assert told.sentence == f"Respond to recommendation {recommendation.label}, due on {due}."
    assert any(officer.email in letter.to for letter in mail.outbox)
    assert not Notice.objects.filter(person=other).exists()


def test_an_issued_finding_is_neither_changed_nor_issued_again(payment, engagement):
    finding, lead = make_finding(payment, engagement=engagement), engagement.lead

    for act in (
        lambda: change(finding, payments=[payment]),
        lambda: actions.issue_finding(finding=finding, by=lead),
        lambda: actions.drop_finding(finding=finding, reason="No.", by=lead),
        lambda: actions.unlink_payment(finding=finding, payment=payment, by=lead),
        lambda: actions.link_payments(finding=finding, payments=[payment], by=lead),
        lambda: draft_recommendation(finding),
    ):
        with pytest.raises(Refused, match="stands as it is"):
            act()


def test_only_the_team_issues(finding, payment):
    program = payment.program

    for person in (make_auditor(program), officer_of(program)):
        with pytest.raises(NotAllowed):
            actions.issue_finding(finding=finding, by=person)


def test_a_recommendation_that_would_be_due_before_the_issue_stops_it(finding, monkeypatch):
    recommendation = draft_recommendation(finding)
    monkeypatch.setattr("tracker.accounts.models.Organisation.today", lambda self: soon(200))

    with pytest.raises(Refused, match=r"Recommendation 1 is due on .* before the day of issue"):
        actions.issue_finding(finding=finding, by=finding.engagement.lead)

    recommendation.refresh_from_db()
    assert recommendation.state == RecommendationState.DRAFT


# --- Who sees it -----------------------------------------------------------


def test_a_draft_is_the_auditors_and_an_issued_finding_everybodys_who_sees_a_payment(
    payment, finding
):
    officer = officer_of(payment.program)
    issued = make_finding(payment, engagement=finding.engagement)
    seen = Finding.objects.visible_to

    assert set(seen(finding.engagement.lead)) == {finding, issued}
    assert set(seen(make_auditor(payment.program))) == {finding, issued}
    assert set(seen(officer)) == {issued}
    assert not seen(make_person(Role.OFFICER)).exists()


def test_a_finding_about_one_program_is_not_shown_to_another_program_in_scope(payment):
    other = make_program()
    engagement = make_engagement(payment.program, other)
    finding = make_finding(payment, engagement=engagement)

    assert finding not in Finding.objects.visible_to(officer_of(other))


def test_the_owner_of_a_recommendation_sees_the_finding_it_belongs_to(finding):
    owner = make_person(Role.OFFICER)
    draft_recommendation(finding, owner=owner.organisation)
    assert finding not in Finding.objects.visible_to(owner)

    actions.issue_finding(finding=finding, by=finding.engagement.lead)

    assert finding in Finding.objects.visible_to(owner)


def test_findings_end_with_the_final_report(payment, engagement):
    make_finding(payment, engagement=engagement)
    engagement = move_to(engagement, "final")

    with pytest.raises(Refused, match="during fieldwork"):
        draft(engagement, [payment])
