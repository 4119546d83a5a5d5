"""Who audits what, and when an engagement moves on."""

from copy import deepcopy
from datetime import UTC, date, datetime

import pytest

from tests.factories.accounts import (
    administrators_of,
    end,
    give_role,
    make_organisation,
    make_person,
)
from tests.factories.audits import (
    declare,
    make_auditor,
    make_engagement,
    make_finding,
    make_office,
    move_to,
)
from tests.factories.ledger import make_commitment, make_disbursement, make_voucher_at, officer_of
from tests.factories.programs import make_program
from tests.factories.uploads import make_office as make_upload_office
from tests.factories.uploads import make_posted_upload
from tracker.accounts.actions import end_role
from tracker.accounts.models import Notice, Role
from tracker.audits import actions, policies
from tracker.audits.actions import Scope
from tracker.audits.models import ENGAGEMENT_TRANSITIONS, Engagement, EngagementStatus, TeamMember
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused


def build():
    """Two programs: one without a voucher, so that nobody has a part in it, and one with a payment."""
    return {"program": make_program(), "payment": make_disbursement(value_date=date(2024, 3, 15))}


@pytest.fixture
def program(built):
    return deepcopy(built["program"])


@pytest.fixture
def payment(built):
    return deepcopy(built["payment"])


def fail(*args, **kwargs):
    raise RuntimeError("the journal cannot be written")


def plan(program, lead, **changes):
    says = {
        "office": lead.organisation,
        "number": "2026-001",
        "title": "Receipts",
        "kind": "performance",
        "standard": "cigie",
        "scope": [Scope(program, date(2024, 1, 1), date(2024, 12, 31))],
        "lead": lead,
        "by": lead,
    }
    return actions.plan_engagement(**(says | changes))


def change(engagement, **changes):
    says = {
        "number": engagement.number,
        "title": engagement.title,
        "kind": engagement.kind,
        "standard": engagement.standard,
        "scope": policies.scope_of(engagement),
        "lead": engagement.lead,
        "by": engagement.lead,
    }
    return actions.change_engagement(engagement=engagement, **(says | changes))


def test_an_auditor_plans_an_engagement_and_is_on_its_team(program):
    auditor = make_auditor(program)

    engagement = plan(program, auditor)

    assert engagement.status == EngagementStatus.PLANNED
    assert [member.person for member in engagement.team.all()] == [auditor]
    assert engagement.scope.get().period_end == date(2024, 12, 31)
    (event,) = history_of(engagement)
    assert event.sentence == "The engagement 2026-001 “Receipts” was planned."
    assert event.values["scope"] == [[str(program.uid), "2024-01-01", "2024-12-31"]]


def test_nothing_is_planned_if_the_journal_cannot_be_written(monkeypatch, program):
    auditor = make_auditor(program)
    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        plan(program, auditor)

    assert not Engagement.objects.exists()
    assert not TeamMember.objects.exists()


def test_who_does_not_audit_every_program_in_scope_cannot_plan(program):
    other = make_program()
    auditor = make_auditor(program)

    with pytest.raises(NotAllowed, match=other.title):
        plan(program, auditor, scope=[Scope(program), Scope(other)])
    with pytest.raises(NotAllowed):
        plan(program, officer_of(program))


def test_an_engagement_is_planned_in_the_name_of_ones_own_office(program):
    auditor = make_auditor(program)

    with pytest.raises(Refused, match="office that you work for"):
        plan(program, auditor, office=make_office())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"scope": []}, "choose at least one program"),
        ({"number": ""}, "cannot be blank"),
        ({"kind": "guess"}, "not a valid choice"),
        ({"standard": "none"}, "not a valid choice"),
    ],
)
def test_a_plan_that_lacks_something_is_refused(changes, sentence, program):
    with pytest.raises(Refused, match=sentence):
        plan(program, make_auditor(program), **changes)


def test_a_scope_names_a_program_once_and_its_period_runs_forward(program):
    auditor = make_auditor(program)

    with pytest.raises(Refused, match="twice"):
        plan(program, auditor, scope=[Scope(program), Scope(program)])
    with pytest.raises(Refused, match="ends before it begins"):
        plan(program, auditor, scope=[Scope(program, date(2024, 2, 1), date(2024, 1, 1))])


def test_a_number_is_used_once_in_an_office(program):
    auditor = make_auditor(program)
    plan(program, auditor)

    with pytest.raises(Refused, match="engagement of this number"):
        plan(program, auditor)


# --- Independence ----------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.DISCLOSURE])
def test_who_holds_a_role_on_the_audited_side_cannot_audit(role, program):
    torn = make_auditor(program)
    give_role(torn, role, program=program)

    with pytest.raises(Refused, match=f"is {role.label} of {program.title}"):
        plan(program, torn)


def test_a_role_over_the_owner_counts_as_one_over_its_program(program):
    torn = make_auditor(program)
    give_role(torn, Role.OFFICER, organisation=program.owner)

    with pytest.raises(Refused, match=f"of {program.owner}"):
        plan(program, torn)


def _former(role, program):
    """An auditor whose role on the audited side came to an end."""
    person = make_auditor(program)
    membership = give_role(person, role, organisation=program.owner)

    def leave():
        end(membership)

    return person, leave


def test_who_edited_a_voucher_within_a_year_is_refused_and_told_which(program):
    person, leave = _former(Role.OFFICER, program)
    voucher = make_voucher_at("draft", program, by=person, number="V-77")
    leave()

    with pytest.raises(Refused, match=f"edited voucher {voucher.number} of a program in scope"):
        plan(program, person)


def test_who_approved_a_voucher_within_a_year_is_refused(program):
    person, leave = _former(Role.APPROVER, program)
    commitment = make_commitment(program)
    assert commitment.version.approvals.get().approver == person
    leave()

    with pytest.raises(Refused, match="approved voucher"):
        plan(program, person)


def test_who_returned_a_voucher_within_a_year_is_refused(program):
    person, leave = _former(Role.APPROVER, program)
    make_voucher_at("returned", program)
    leave()

    with pytest.raises(Refused, match="returned voucher"):
        plan(program, person)


def test_a_part_in_another_program_does_not_stand_in_the_way(program):
    other = make_program()
    person = make_auditor(program)
    give_role(person, Role.OFFICER, program=other)
    make_voucher_at("draft", other, by=person)

    assert plan(program, person).lead == person


def test_after_twelve_months_a_part_in_the_records_is_forgotten(monkeypatch, program):
    person, leave = _former(Role.OFFICER, program)
    make_voucher_at("submitted", program, by=person)
    leave()
    later = datetime(2036, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("tracker.audits.policies.independence.database_now", lambda: later)

    assert plan(program, person).lead == person


def test_twelve_months_before_a_leap_day_is_the_28th():
    moment = datetime(2028, 2, 29, 9, tzinfo=UTC)

    assert policies.twelve_months_before(moment) == datetime(2027, 2, 28, 9, tzinfo=UTC)


def test_a_batch_counts_as_a_part_in_each_program_that_it_paid():
    """A batch voucher names no program; what it posted does."""
    office, uploader, approver = make_upload_office()
    make_posted_upload(officer=uploader, approver=approver, organisation=office)
    program = Program.objects.get(owner=office)
    for person, did in ((uploader, "edited"), (approver, "approved")):
        give_role(person, Role.AUDITOR, program=program)
        end_role(membership=person.memberships.exclude(role="auditor").get(), by=_admin(office))

        with pytest.raises(Refused, match=f"{person} {did} voucher"):
            plan(program, person)


def _admin(office):
    return administrators_of(office)[0]


# --- Team and scope --------------------------------------------------------


def test_a_member_joins_and_leaves_and_the_journal_knows(program):
    engagement = make_engagement(program, status="planned")
    auditor = make_auditor(program)

    actions.add_member(engagement=engagement, person=auditor, by=engagement.lead)
    assert Notice.objects.filter(person=auditor, path=engagement.get_absolute_url()).exists()
    actions.remove_member(engagement=engagement, person=auditor, by=engagement.lead)

    assert not engagement.team.filter(person=auditor).exists()
    ops = [event.op for event in history_of(engagement)]
    assert ops == ["leave", "join", "waive_comments", "create"]


@pytest.mark.parametrize("action", ["add_member", "remove_member"])
def test_the_team_stays_if_the_journal_cannot_be_written(action, monkeypatch, program):
    engagement = make_engagement(program, status="planned")
    auditor = make_auditor(program)
    if action == "remove_member":
        actions.add_member(engagement=engagement, person=auditor, by=engagement.lead)
    before = engagement.team.count()
    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        getattr(actions, action)(engagement=engagement, person=auditor, by=engagement.lead)

    assert engagement.team.count() == before


def test_only_independent_auditors_of_everything_in_scope_join(program):
    engagement = make_engagement(program, status="planned")
    lead = engagement.lead
    torn = make_auditor(program)
    give_role(torn, Role.APPROVER, program=program)

    with pytest.raises(Refused, match="is not an auditor of"):
        actions.add_member(engagement=engagement, person=make_auditor(), by=lead)
    with pytest.raises(Refused, match="cannot audit it"):
        actions.add_member(engagement=engagement, person=torn, by=lead)
    with pytest.raises(Refused, match="on the team already"):
        actions.add_member(engagement=engagement, person=lead, by=lead)


def test_the_lead_stays_and_strangers_cannot_be_removed(program):
    engagement = make_engagement(program, status="planned")

    with pytest.raises(Refused, match="hand the lead"):
        actions.remove_member(engagement=engagement, person=engagement.lead, by=engagement.lead)
    with pytest.raises(Refused, match="not on the team"):
        actions.remove_member(engagement=engagement, person=make_auditor(), by=engagement.lead)


def test_only_the_team_changes_an_engagement(program):
    engagement = make_engagement(program, status="planned")

    for person in (make_auditor(program), officer_of(program)):
        with pytest.raises(NotAllowed, match="Only the team"):
            change(engagement, by=person)
        with pytest.raises(NotAllowed, match="Only the team"):
            actions.start_fieldwork(engagement=engagement, by=person)


def test_the_plan_changes_and_a_new_lead_joins_the_team(program):
    engagement = make_engagement(program, status="planned")
    deputy = make_auditor(program)

    changed = change(engagement, title="Another title", lead=deputy)

    assert (changed.title, changed.lead) == ("Another title", deputy)
    assert changed.team.filter(person=deputy).exists()
    assert history_of(changed)[0].op == "change"


def test_the_scope_widens_only_to_programs_that_the_team_audits(program):
    other = make_program()
    engagement = make_engagement(program, status="planned")

    with pytest.raises(NotAllowed, match=other.title):
        change(engagement, scope=[Scope(program), Scope(other)])
    give_role(engagement.lead, Role.AUDITOR, program=other)
    changed = change(engagement, scope=[Scope(program), Scope(other)])

    assert changed.scope.count() == 2


def test_the_scope_keeps_what_findings_point_at(payment):
    finding = make_finding(payment, issued=False)
    other = make_program()
    give_role(finding.engagement.lead, Role.AUDITOR, program=other)

    with pytest.raises(Refused, match="not in the scope"):
        change(finding.engagement, scope=[Scope(other)])
    with pytest.raises(Refused, match="outside the period"):
        change(finding.engagement, scope=[Scope(payment.program, date(2024, 3, 16))])
    assert change(finding.engagement, scope=[Scope(payment.program, date(2024, 3, 15))])


def test_a_dropped_finding_holds_the_scope_no_longer(payment):
    finding = make_finding(payment, issued=False)
    engagement = finding.engagement
    other = make_program()
    give_role(engagement.lead, Role.AUDITOR, program=other)
    actions.drop_finding(finding=finding, reason="No case.", by=engagement.lead)

    assert change(engagement, scope=[Scope(other)]).scope.get().program == other


def test_the_plan_stays_after_the_final_report(program):
    engagement = make_engagement(program, status="final")

    with pytest.raises(Refused, match="stay as they are"):
        change(engagement)
    with pytest.raises(Refused, match="stay as they are"):
        actions.add_member(engagement=engagement, person=make_auditor(), by=engagement.lead)


# --- States ----------------------------------------------------------------


def test_every_state_has_its_transitions():
    assert set(ENGAGEMENT_TRANSITIONS) == set(EngagementStatus.values)


def test_an_engagement_walks_from_plan_to_close(program):
    engagement = make_engagement(program, status="announced", comments=True)
    engagement = move_to(engagement, "closed")

    ops = [event.op for event in history_of(engagement)]

    assert ops == [
        *("close", "follow_up", "finalise", "receive_comment", "send_draft", "start", "announce"),
        "create",
    ]


@pytest.mark.parametrize("before", ["planned", "final", "closed", "terminated"])
def test_a_step_that_is_not_listed_is_refused(before, program):
    engagement = make_engagement(program, status="planned")
    engagement = move_to(engagement, before) if before != "planned" else engagement

    step = actions.start_fieldwork if before != "planned" else actions.issue_final
    with pytest.raises(Refused, match="cannot become"):
        step(engagement=engagement, by=engagement.lead)


def test_an_engagement_stays_if_the_journal_cannot_be_written(monkeypatch, program):
    engagement = make_engagement(program, status="planned")
    declare(engagement)
    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        actions.start_fieldwork(engagement=engagement, unannounced="A count.", by=engagement.lead)

    engagement.refresh_from_db()
    assert engagement.status == EngagementStatus.PLANNED


def test_the_team_is_checked_again_when_the_fieldwork_starts(program):
    engagement = make_engagement(program, status="planned")
    give_role(engagement.lead, Role.OFFICER, program=program)

    with pytest.raises(Refused, match="cannot audit it"):
        actions.start_fieldwork(engagement=engagement, by=engagement.lead)


def test_drafts_stand_in_the_way_of_the_final_report_and_of_the_end(payment):
    finding = make_finding(payment, issued=False)
    engagement, lead = finding.engagement, finding.engagement.lead

    with pytest.raises(Refused, match="Findings still in draft: 1"):
        actions.issue_final(engagement=engagement, by=lead)
    with pytest.raises(Refused, match="Findings still in draft: 1"):
        actions.terminate_engagement(engagement=engagement, reason="Out of time.", by=lead)


def test_open_recommendations_stand_in_the_way_of_closing(payment):
    finding = make_finding(payment, recommendations=1)
    engagement = move_to(finding.engagement, "follow_up")

    with pytest.raises(Refused, match="1 of its recommendations are open"):
        actions.close_engagement(engagement=engagement, by=engagement.lead)


def test_terminating_needs_a_reason_and_keeps_it(program):
    engagement = make_engagement(program)

    with pytest.raises(Refused, match="Say why"):
        actions.terminate_engagement(engagement=engagement, reason=" ", by=engagement.lead)
    actions.terminate_engagement(engagement=engagement, reason="No access", by=engagement.lead)

    assert "“No access”" in history_of(engagement)[0].sentence


def test_engagements_are_seen_by_their_team_and_by_auditors_of_the_programs(program):
    engagement = make_engagement(program)
    seen = Engagement.objects.visible_to

    assert engagement in seen(engagement.lead)
    assert engagement in seen(make_auditor(program))
    for stranger in (
        officer_of(program),
        make_auditor(make_program()),
        make_person(Role.ADMINISTRATOR, organisation=make_organisation()),
    ):
        assert engagement not in seen(stranger)
