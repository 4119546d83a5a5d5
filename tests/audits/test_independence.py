"""Declarations of independence, and what the records say beside them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.factories import ledger, periods, receipts, results, valuation
from tests.factories.accounts import end, give_role, make_person
from tests.factories.audits import (
    declare,
    join,
    make_auditor,
    make_engagement,
    make_finding,
    make_paper,
    words,
)
from tests.factories.ledger import make_disbursement
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.audits import actions, policies, queries
from tracker.audits.models import IndependenceDeclaration, TeamMember, Threat
from tracker.audits.policies.hands import HANDS
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused


def impair(person, engagement=None, **fields):
    said = {"threat": Threat.FAMILIARITY, "note": "A sister works there.", "by": person}
    return actions.declare_independence(engagement=engagement, **(said | fields))


def test_fieldwork_waits_for_the_declarations_of_everybody_on_the_team():
    engagement = make_engagement(status="planned")
    lead = engagement.lead

    with pytest.raises(Refused, match="the yearly one and the one for this engagement is missing"):
        actions.start_fieldwork(engagement=engagement, unannounced="A count.", by=lead)
    actions.declare_independence(by=lead)
    with pytest.raises(Refused, match="the one for this engagement is missing"):
        actions.start_fieldwork(engagement=engagement, unannounced="A count.", by=lead)
    actions.declare_independence(engagement=engagement, by=lead)

    assert actions.start_fieldwork(engagement=engagement, unannounced="A count.", by=lead)


def test_who_joins_later_writes_and_reviews_nothing_before_declaring():
    payment = make_disbursement()
    engagement = make_engagement(payment.program)
    paper = make_paper(engagement)
    newcomer = make_auditor(payment.program)
    actions.add_member(engagement=engagement, person=newcomer, by=engagement.lead)

    with pytest.raises(Refused, match="has not declared independence"):
        actions.draft_finding(engagement=engagement, words=words(), payments=[payment], by=newcomer)
    with pytest.raises(Refused, match="has not declared independence"):
        actions.review_paper(paper=paper, by=newcomer)
    declare(engagement, newcomer)

    assert actions.review_paper(paper=paper, by=newcomer).reviewed_by == newcomer


def test_a_yearly_declaration_ends_after_twelve_months(monkeypatch):
    finding = make_finding(issued=False)
    yearly = IndependenceDeclaration.objects.get(engagement=None)
    assert yearly.until - yearly.declared_on in (timedelta(days=364), timedelta(days=365))
    after = yearly.until + timedelta(days=1)
    monkeypatch.setattr("tracker.accounts.models.Organisation.today", lambda self: after)

    with pytest.raises(Refused, match="the yearly one is missing"):
        actions.drop_finding(finding=finding, reason="No case.", by=finding.engagement.lead)


def test_an_impairment_takes_its_author_off_the_team_and_keeps_them_off():
    engagement = make_engagement()
    other = join(engagement)
    impair(other, engagement)

    assert not engagement.team.filter(person=other).exists()
    with pytest.raises(Refused, match=r"declared an impairment of independence \(familiarity\)"):
        actions.add_member(engagement=engagement, person=other, by=engagement.lead)
    with pytest.raises(DatabaseError, match="team_member_is_not_impaired"), transaction.atomic():
        TeamMember.objects.create(engagement=engagement, person=other)


def test_a_lead_with_an_impairment_is_blocked_until_another_leads():
    finding = make_finding(issued=False)
    engagement, lead = finding.engagement, finding.engagement.lead
    impair(lead, engagement)

    assert engagement.team.filter(person=lead).exists()
    with pytest.raises(Refused, match="declared an impairment"):
        actions.issue_finding(finding=finding, by=lead)


def test_a_yearly_impairment_keeps_off_what_it_concerns_and_nothing_else():
    program, other = make_program(), make_program()
    auditor = make_auditor(program, other)
    impair(auditor, organisation=program.owner)

    with pytest.raises(Refused, match="declared an impairment"):
        make_engagement(program, status="planned", lead=auditor)
    assert make_engagement(other, status="planned", lead=auditor).lead == auditor


def test_another_declaration_replaces_an_impairment():
    program = make_program()
    auditor = make_auditor(program)
    impair(auditor)
    with pytest.raises(Refused, match="declared an impairment"):
        make_engagement(program, status="planned", lead=auditor)

    actions.declare_independence(by=auditor)

    assert make_engagement(program, status="planned", lead=auditor).lead == auditor


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"threat": "guess", "note": "x"}, "Choose what impairs"),
        ({"threat": Threat.BIAS, "note": "  "}, "Say what it is"),
    ],
)
def test_an_impairment_is_named_and_said(said, sentence):
    with pytest.raises(Refused, match=sentence):
        actions.declare_independence(**said, by=make_auditor(make_program()))


def test_only_auditors_declare_and_only_the_team_for_an_engagement():
    program = make_program()
    engagement = make_engagement(program)

    with pytest.raises(NotAllowed, match="declare independence as an auditor"):
        actions.declare_independence(by=ledger.officer_of(program))
    with pytest.raises(NotAllowed, match="Only the team"):
        actions.declare_independence(engagement=engagement, by=make_auditor(program))


def test_a_declaration_names_whom_it_concerns_only_with_an_impairment_for_the_year():
    program = make_program()
    auditor = make_auditor(program)

    with pytest.raises(Refused, match="only with an impairment"):
        actions.declare_independence(organisation=program.owner, by=auditor)


# --- What the records say --------------------------------------------------


def did(person, *programs):
    since = policies.twelve_months_before(database_now())
    return policies.parts_in([person], programs, since).get(person.pk, "")


def _revaluation(program, person):
    valuation.propose(valuation.make_goods(program), "400.00", by=person)


def _measurement(program, person):
    results.make_measurement(results.make_indicator(program=program), by=person)


def _authority(program, person):
    ledger.propose(ledger.make_authority(program.owner), "set", "9000.00", by=person)


PARTS = {
    "proposed a revaluation": (Role.OFFICER, _revaluation),
    "recorded a measurement": (Role.OFFICER, _measurement),
    "proposed a change of an authority": (Role.OFFICER, _authority),
}


@pytest.mark.parametrize("part", PARTS)
def test_who_had_this_part_in_the_records_cannot_audit_them(part):
    role, act = PARTS[part]
    program = make_program()
    ledger.officer_of(program)  # who drafts what the person then acts on
    person = make_auditor(program)
    membership = give_role(person, role, organisation=program.owner)
    act(program, person)
    end(membership)

    assert did(person, program).startswith(part)
    assert did(person, make_program()) == ""
    with pytest.raises(Refused, match=f"{part}.* within the last twelve months"):
        make_engagement(program, status="planned", lead=person)


def test_who_signed_for_a_quarter_or_decided_on_it_had_a_part():
    program = make_program()
    ledger.make_commitment(program)
    period = periods.close(program.owner)
    periods.certify(program, period)
    change = period.changes.get()
    signer = period.certifications.get().signed_by

    def had(what, person):
        (hand,) = (one for one in HANDS if one.did == what)
        since = policies.twelve_months_before(database_now())
        return hand.rows([person.pk], [program], since).exists()

    assert had("proposed to close or open a quarter", change.proposed_by)
    assert had("decided on closing or opening a quarter", change.decision.decided_by)
    assert had("certified the figures of a quarter", signer)
    assert not had("proposed to close or open a quarter", signer)


def test_who_stated_an_arrival_had_a_part():
    dispatch = receipts.make_dispatch()
    statement = receipts.state(dispatch, "short", "90.00")

    assert did(statement.stated_by, dispatch.program) == "stated what arrived of a dispatch"


def test_every_kind_of_part_is_asked_of_real_columns_in_one_query(count_queries):
    program, people = make_program(), [make_person(), make_person()]
    since = datetime(2020, 1, 1, tzinfo=UTC)

    assert len(HANDS) > 20
    assert count_queries(lambda: policies.parts_in(people, [program], since)) == 1


def test_the_team_is_shown_with_what_it_declared_and_what_was_computed(count_queries):
    engagement = make_engagement()
    alone = count_queries(lambda: queries.members_of(engagement))
    for _ in range(3):
        join(engagement)
    (lead, *_rest) = [m for m in queries.members_of(engagement) if m.leads]

    assert lead.is_ready
    assert lead.did == ""
    assert count_queries(lambda: queries.members_of(engagement)) == alone
