"""Taking back what is public: by two persons, or in a hurry by one, whom a second one reviews."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.factories import audits, ledger
from tests.factories import publishing as make
from tests.factories.accounts import give_role, make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Notice, Role
from tracker.journal import projections
from tracker.journal.queries import history_of
from tracker.programs import actions as programs
from tracker.publishing import actions, queries
from tracker.publishing.actions import takedowns as module
from tracker.publishing.models import (
    PublishedProgram,
    PublishedReport,
    PublishedTotal,
    Release,
    Takedown,
    TakedownStatus,
    Tombstone,
    UnpublishedCount,
)
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused


def build():
    """A program with a payment, and its first release."""
    program = make_program()
    ledger.make_disbursement(ledger.make_commitment(program))
    return program, make.publish(program)


@pytest.fixture
def both(built):
    return deepcopy(built)


@pytest.fixture
def program(both):
    return both[0]


@pytest.fixture
def release(both):
    return both[1]


def agrees_with_the_journal():
    assert list(projections.differences(erased=lambda entry: False)) == []


def pointers():
    """What the public lists say, without the keys of this database."""
    programs = list(PublishedProgram.objects.order_by("uid").values())
    totals = list(PublishedTotal.objects.order_by("fiscal_year", "kind", "off").values())
    reports = PublishedReport.objects.order_by("uid").values(
        "uid", "release", "program__uid", "superseded_by__uid", "newer_withdrawn", "title", "words"
    )
    for row in programs + totals:
        row.pop("id")
        row.pop("program_id", None)
    return (
        programs,
        totals,
        list(reports),
        list(UnpublishedCount.objects.values("category", "programs")),
    )


def again(program):
    """Something new, and the next release."""
    ledger.make_disbursement(ledger.make_commitment(program))
    return make.publish(program)


# --- Two persons ------------------------------------------------------------


def test_a_proposal_changes_nothing_until_another_person_decides(program, release):
    before = pointers()

    takedown = make.propose_withdrawal(release)

    assert takedown.status == TakedownStatus.PROPOSED
    assert pointers() == before
    assert not Tombstone.objects.exists()
    agrees_with_the_journal()


def test_taken_back_nothing_public_points_at_the_release(program, release):
    stone = make.take_back(release)

    assert not PublishedProgram.objects.exists()
    assert not PublishedTotal.objects.exists()
    assert list(Release.objects.public()) == []
    assert (stone.urgent, stone.review_due_at, stone.office) == (False, None, program.owner.name)
    assert stone.takedown.status == TakedownStatus.STANDING
    agrees_with_the_journal()


def test_whoever_proposed_it_does_not_decide(release):
    takedown = make.propose_withdrawal(release)

    with pytest.raises(NotAllowed, match="another disclosure officer"):
        actions.decide_withdrawal(takedown=takedown, by=takedown.raised_by)
    with pytest.raises(NotAllowed, match="another disclosure officer"):
        actions.decline_withdrawal(takedown=takedown, verdict="No.", by=takedown.raised_by)


def test_the_database_too_wants_another_person(release):
    takedown = make.propose_withdrawal(release)
    decided = {"decided_by": takedown.raised_by, "decided_at": database_now()}

    with pytest.raises(IntegrityError, match="takedown_decided_by_another"), transaction.atomic():
        Takedown.objects.filter(pk=takedown.pk).update(status="declined", **decided)


def test_a_declined_proposal_says_why_and_the_release_stays(program, release):
    takedown = make.propose_withdrawal(release)
    other = make.disclosure_of(program, 1)
    with pytest.raises(Refused, match="Say why"):
        actions.decline_withdrawal(takedown=takedown, verdict=" ", by=other)

    declined = actions.decline_withdrawal(takedown=takedown, verdict="It is known.", by=other)

    assert (declined.status, declined.verdict) == (TakedownStatus.DECLINED, "It is known.")
    assert PublishedProgram.objects.get().release == release
    assert make.propose_withdrawal(release).status == TakedownStatus.PROPOSED
    agrees_with_the_journal()


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_only_disclosure_officers_of_the_program_take_back(program, release, role):
    stranger = make.disclosure_of(make_program())
    for person in (make_person(role, organisation=program.owner), stranger):
        for act in (actions.propose_withdrawal, actions.take_down):
            with pytest.raises(NotAllowed, match="disclosure officer"):
                act(by=person, **make.why(release))


@pytest.mark.parametrize("field", ["category", "legal_basis", "reason"])
def test_nothing_is_taken_down_without_what_the_public_reads(release, field):
    for act in (make.propose_withdrawal, make.take_down):
        with pytest.raises(Refused) as refusal:
            act(release, **{field: ""})
        assert field in refusal.value.message_dict
    assert PublishedProgram.objects.exists()


def test_a_release_is_taken_back_once(release):
    make.take_back(release)

    for act in (make.propose_withdrawal, make.take_down):
        with pytest.raises(Refused, match="taken down already"):
            act(release)


def test_the_audit_offices_own_stream_is_not_taken_back_here():
    finding = audits.make_finding(ledger.make_disbursement())
    released = actions.release_finding(finding=finding, by=finding.engagement.lead)

    by = make_person(Role.DISCLOSURE)

    with pytest.raises(Refused, match="audit office"):
        actions.propose_withdrawal(by=by, **make.why(released))


def test_a_decided_takedown_never_changes(release):
    stone = make.take_back(release)

    with pytest.raises(DatabaseError, match="takedown_stays_decided"), transaction.atomic():
        Takedown.objects.filter(pk=stone.takedown.pk).update(reason="Another one.")
    with pytest.raises(DatabaseError, match="takedown_never_deleted"), transaction.atomic():
        Takedown.objects.filter(pk=stone.takedown.pk).delete()


# --- In a hurry -------------------------------------------------------------


def test_one_person_takes_it_down_at_once_and_the_others_are_told(program, release):
    other = make.disclosure_of(program, 1)
    before = database_now()

    takedown = make.take_down(release)

    stone = takedown.tombstone
    assert not PublishedProgram.objects.exists()
    assert stone.urgent
    assert stone.review_due_at == takedown.review_due_at
    assert abs(stone.review_due_at - before - timedelta(hours=24)) < timedelta(minutes=1)
    told = Notice.objects.filter(sentence__contains="within 24 hours")
    assert [notice.person for notice in told] == [other]
    agrees_with_the_journal()


def test_whoever_took_it_down_does_not_review_it(release):
    takedown = make.take_down(release)

    with pytest.raises(NotAllowed, match="another disclosure officer"):
        make.review(takedown, by=takedown.raised_by)


def test_what_is_down_is_reviewed_and_not_decided(program, release):
    takedown = make.take_down(release)

    with pytest.raises(Refused, match="review it"):
        actions.decide_withdrawal(takedown=takedown, by=make.disclosure_of(program, 1))
    with pytest.raises(Refused, match="whether it stays down"):
        make.review(takedown, "perhaps")
    with pytest.raises(Refused, match="Say why"):
        make.review(takedown, reason=" ")


def test_an_officer_of_the_program_may_uphold_and_not_restore(program, release):
    takedown = make.take_down(release)
    both = make.disclosure_of(program, 1)
    give_role(both, Role.OFFICER, organisation=program.owner)

    with pytest.raises(NotAllowed, match="who writes its data"):
        make.review(takedown, "restored", by=both)
    make.review(takedown, "upheld", by=both)


def test_upheld_it_stays_down_for_good(release):
    takedown = make.take_down(release)

    verdict = make.review(takedown)

    takedown.refresh_from_db()
    assert (takedown.status, verdict.verdict) == (TakedownStatus.STANDING, "upheld")
    assert not PublishedProgram.objects.exists()
    with pytest.raises(Refused, match="only once"):
        make.review(takedown)
    agrees_with_the_journal()


def test_restored_the_public_lists_are_back_exactly(program):
    make.make_report_at("published", program, title="First")
    make.make_report_at("published", program, title="Second")
    release = again(program)
    before = pointers()

    takedown = make.take_down(release)
    assert pointers() != before
    make.review(takedown, "restored")

    assert pointers() == before
    assert list(Release.objects.public()) == list(Release.objects.all())
    agrees_with_the_journal()


def test_what_must_not_be_published_is_not_restored(program, release):
    """A review of what is withheld is overdue: the release would tell what nobody looked at again."""
    make.make_overdue(make.withhold(program, "program", "summary"))
    takedown = make.take_down(release)

    with pytest.raises(Refused, match="review"):
        make.review(takedown, "restored")
    assert make.review(takedown).verdict == "upheld"


def test_what_may_be_restored_is_not_kept_back_meanwhile(program, release):
    """Else the program would be public against a decision that is in force."""
    takedown = make.take_down(release)

    with pytest.raises(Refused, match="have that reviewed first"):
        make.decide_not_published(program)
    make.review(takedown)
    assert make.decide_not_published(program).lifted_at is None


def test_what_was_restored_can_be_taken_down_again(release):
    make.review(make.take_down(release), "restored")

    make.take_down(release)

    assert Tombstone.objects.filter(release=release).count() == 2
    assert not PublishedProgram.objects.exists()
    agrees_with_the_journal()


def test_a_review_that_is_late_is_listed_and_still_possible(program, release, monkeypatch):
    monkeypatch.setattr(module, "REVIEWED_WITHIN", timedelta(hours=-1))
    takedown = make.take_down(release)

    assert list(queries.takedowns_late(Takedown.objects.all())) == [takedown]
    assert not PublishedProgram.objects.exists()
    make.review(takedown)
    assert not queries.takedowns_late(Takedown.objects.all()).exists()


def test_whoever_proposed_it_and_finds_nobody_takes_it_down_alone(release):
    proposed = make.propose_withdrawal(release)

    takedown = make.take_down(release, by=proposed.raised_by, reason="It cannot wait.")

    assert takedown == proposed
    assert (takedown.status, takedown.reason) == (TakedownStatus.URGENT, "It cannot wait.")
    assert [e.op for e in history_of(takedown)][::-1] in (
        ["create", "urgent"],
        ["urgent", "create"],
    )
    agrees_with_the_journal()


def test_another_one_decides_the_proposal_instead_of_taking_down_beside_it(program, release):
    make.propose_withdrawal(release)

    with pytest.raises(Refused, match="decide that"):
        make.take_down(release, by=make.disclosure_of(program, 1))


# --- What goes with it ------------------------------------------------------


def test_an_older_release_does_not_become_the_current_one(program, release):
    newer = again(program)

    make.take_back(newer)

    assert not PublishedProgram.objects.exists()
    assert list(Release.objects.public()) == [release]
    agrees_with_the_journal()


def test_taking_back_an_older_release_leaves_the_current_one(program, release):
    newer = again(program)

    make.take_back(release)

    assert PublishedProgram.objects.get().release == newer
    agrees_with_the_journal()


def test_a_report_goes_with_its_release_and_the_others_stay(program):
    first = make.make_report_at("published", program, title="First")
    ledger.make_commitment(program)
    second = make.make_report_at("published", program, title="Second", period_end=first.period_end)

    make.take_back(second.release)

    left = PublishedReport.objects.get()
    assert (left.uid, left.program, left.superseded_by) == (first.uid, None, None)
    assert left.newer_withdrawn  # it is not silently the newest again
    agrees_with_the_journal()


def test_a_new_release_supersedes_the_tombstone_and_takes_up_the_reports(program):
    report = make.make_report_at("published", program)
    newer = again(program)
    make.take_back(newer)

    newest = again(program)

    published = PublishedProgram.objects.get()
    assert published.release == newest
    assert PublishedReport.objects.get(uid=report.uid).program == published
    assert Tombstone.objects.standing().get().release == newer
    agrees_with_the_journal()


def test_a_restored_release_does_not_push_a_newer_one_aside(program, release):
    newer = again(program)
    takedown = make.take_down(newer)
    newest = again(program)

    make.review(takedown, "restored")

    assert PublishedProgram.objects.get().release == newest
    agrees_with_the_journal()


@pytest.mark.thorough
def test_a_new_report_follows_the_standing_one_where_one_between_was_taken_back(program):
    first = make.make_report_at("published", program, title="First")
    ledger.make_commitment(program)
    second = make.make_report_at("published", program, title="Second")
    make.take_back(second.release)
    ledger.make_commitment(program)

    third = make.make_report_at("published", program, title="Third")

    left = PublishedReport.objects.get(uid=first.uid)
    assert left.superseded_by.uid == third.uid
    assert not left.newer_withdrawn
    agrees_with_the_journal()


def test_a_withdrawn_program_is_counted_as_such(program, release):
    make_program()
    make.take_back(release)

    assert dict(UnpublishedCount.objects.values_list("category", "programs")) == {
        "undecided": 1,
        "withdrawn": 1,
    }
    make.decide_not_published(program)
    counted = dict(UnpublishedCount.objects.values_list("category", "programs"))
    assert counted == {"undecided": 1, "classified": 1}
    agrees_with_the_journal()


def test_exactly_what_was_taken_back_is_not_released_again(program, release):
    newer = again(program)
    make.take_back(newer)

    with pytest.raises(Refused, match="what release 2 said, and it was taken back"):
        make.publish(program)
    assert again(program).number == 3


def test_a_preparation_from_before_a_takedown_is_made_anew(program, release):
    ledger.make_disbursement(ledger.make_commitment(program))
    preparation = make.prepare(program)
    make.explain(preparation)
    make.take_down(release)

    with pytest.raises(Refused, match="prepare it again"):
        actions.release_prepared(preparation=preparation, by=make.disclosure_of(program))


# --- At the same moment -------------------------------------------------------


def test_taking_down_locks_the_release_and_no_program(release):
    with CaptureQueriesContext(connection) as queries:
        make.take_down(release)

    asked = [query["sql"] for query in queries.captured_queries]
    assert not [sql for sql in asked if "FOR UPDATE" in sql and 'FROM "tracker_program"' in sql]
    assert not Takedown._meta.get_field("program").db_constraint  # nor does its key wait for one


def test_what_changes_meanwhile_can_be_recorded(program, release):
    make.take_back(release)

    programs.add_objective(
        program=program, level="outcome", title="Later", by=ledger.officer_of(program)
    )
    assert (
        queries.programs_with_release(type(program).objects.filter(pk=program.pk)).get().taken_back
    )
