"""A report's way: one writes, another reviews, a disclosure officer publishes."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from tests.factories.accounts import give_role, make_person
from tests.factories.ledger import approver_of, officer_of
from tests.factories.programs import make_program
from tests.factories.publishing import (
    SECTIONS,
    disclosure_of,
    edit,
    make_report,
    make_report_at,
)
from tracker.accounts.models import Notice, Role
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.publishing import actions, queries
from tracker.publishing.models import (
    REPORT_TRANSITIONS,
    PublishedReport,
    Release,
    ReleasedRow,
    Report,
    ReportReview,
    ReportSection,
    ReportStatus,
)
from tracker.shared.clock import today
from tracker.shared.errors import NotAllowed, Refused


def break_the_journal(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the journal cannot be written")

    monkeypatch.setattr(journal, "record", fail)


def ops(record):
    return [event.op for event in history_of(record)][::-1]


def test_a_new_report_has_the_usual_headings():
    report = make_report(sections=None)

    headings = [heading for heading, _ in queries.sections_of(report)]
    assert headings == list(actions.HEADINGS)
    assert ops(report) == ["create"]


def test_only_an_officer_drafts_a_report():
    program = make_program()

    with pytest.raises(NotAllowed):
        make_report(program, by=approver_of(program))


def test_a_report_over_the_future_is_refused():
    tomorrow = today() + timedelta(days=2)

    with pytest.raises(Refused, match="future"):
        make_report(period_end=tomorrow)


def test_a_period_that_ends_before_it_starts_is_refused():
    report = make_report()

    with pytest.raises(ValidationError, match="ends before it starts"):
        edit(report, period_start=report.period_end, period_end=report.period_start)


def test_a_section_without_heading_is_refused():
    with pytest.raises(Refused, match="needs a heading"):
        make_report(sections=[("  ", "Words")])


def test_an_edit_replaces_the_sections_and_is_journalled():
    report = make_report()

    edit(report, title="Another title", sections=[("Summary", "New words")])

    report.refresh_from_db()
    assert (report.title, queries.sections_of(report)) == (
        "Another title",
        [("Summary", "New words")],
    )
    assert ops(report) == ["create", "edit"]


def test_a_lost_update_is_refused_with_a_sentence():
    report = make_report()
    seen = queries.content_hash(report)
    edit(report, title="Saved meanwhile")

    with pytest.raises(Refused, match="Somebody else saved this report"):
        edit(report, title="Mine", seen=seen)

    report.refresh_from_db()
    assert report.title == "Saved meanwhile"


@pytest.mark.parametrize("status", ["in_review", "reviewed", "published"])
def test_a_report_is_edited_only_as_draft_or_returned(status):
    report = make_report_at(status)

    with pytest.raises(Refused, match="only a draft or a returned report"):
        edit(report)


def test_an_empty_report_is_not_sent_to_review():
    report = make_report(sections=None)

    with pytest.raises(Refused, match="says nothing yet"):
        actions.submit_report(report=report, by=report.drafted_by)


def test_reviewers_who_wrote_nothing_are_told():
    program = make_program()
    approver, officer = approver_of(program), officer_of(program)
    also_wrote = make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)
    report = make_report(program, by=officer)
    edit(report, by=also_wrote, title="With two hands")
    report.refresh_from_db()

    actions.submit_report(report=report, by=officer)

    told = set(
        Notice.objects.filter(path__contains=str(report.uid)).values_list("person", flat=True)
    )
    assert told == {approver.pk}
    assert ops(report)[-1] == "submit"


def test_who_wrote_in_a_report_never_reviews_it():
    program = make_program()
    author = officer_of(program)
    report = make_report_at("in_review", program)
    give_role(author, Role.APPROVER, organisation=program.owner)

    with pytest.raises(NotAllowed, match="You wrote in this report"):
        actions.accept_report(report=report, by=author)


def test_an_officer_does_not_review():
    report = make_report_at("in_review")

    with pytest.raises(NotAllowed):
        actions.accept_report(report=report, by=make_person(Role.OFFICER, program=report.program))


def test_a_draft_is_not_reviewed():
    report = make_report()

    with pytest.raises(Refused, match="only what was sent to review"):
        actions.accept_report(report=report, by=approver_of(report.program))


def test_accepting_binds_to_the_content_and_tells_the_publishers():
    program = make_program()
    publisher = disclosure_of(program)
    report = make_report_at("in_review", program)

    review = actions.accept_report(report=report, by=approver_of(program))

    assert review.content_hash == queries.content_hash(report)
    assert ops(report)[-1] == "accept"
    assert publisher.notices.filter(sentence__startswith="Publish the report").exists()


def test_a_return_needs_a_reason_and_goes_back_to_the_author():
    report = make_report_at("in_review")
    reviewer = approver_of(report.program)

    with pytest.raises(Refused, match="Say why"):
        actions.return_report(report=report, reason="  ", by=reviewer)
    actions.return_report(report=report, reason="The sums are missing.", by=reviewer)

    report.refresh_from_db()
    assert report.status == ReportStatus.RETURNED
    assert report.drafted_by.notices.filter(sentence__contains="returned").exists()
    assert "The sums are missing." in history_of(report)[0].sentence


def test_an_accepted_report_can_still_be_returned():
    report = make_report_at("reviewed")

    actions.return_report(report=report, reason="Wrong sum.", by=disclosure_of(report.program))

    report.refresh_from_db()
    assert report.status == ReportStatus.RETURNED


def test_publishing_freezes_a_release_with_the_report():
    report = make_report_at("reviewed")

    release = actions.publish_report(report=report, by=disclosure_of(report.program))

    report.refresh_from_db()
    public = PublishedReport.objects.get(uid=report.uid)
    row = ReleasedRow.objects.get(kind="report", items__release=release)
    assert (report.status, report.release, public.release) == ("published", release, release)
    assert row.cells["sections"]["value"] == [
        {"heading": heading, "body": body, "blocks": [{"kind": "text", "text": body}]}
        for heading, body in SECTIONS
    ]
    assert ops(report)[-1] == "publish"


def test_only_a_disclosure_officer_publishes_a_report():
    report = make_report_at("reviewed")

    with pytest.raises(NotAllowed):
        actions.publish_report(report=report, by=approver_of(report.program))


def test_who_wrote_in_a_report_never_publishes_it():
    program = make_program()
    author = officer_of(program)
    report = make_report_at("reviewed", program)
    give_role(author, Role.DISCLOSURE, organisation=program.owner)

    with pytest.raises(NotAllowed, match="You wrote in this report"):
        actions.publish_report(report=report, by=author)


@pytest.mark.parametrize("status", ["draft", "in_review", "returned", "published"])
def test_only_a_reviewed_report_is_published(status):
    report = make_report_at(status)

    with pytest.raises(Refused):
        actions.publish_report(report=report, by=disclosure_of(report.program))


def test_words_that_nobody_accepted_are_not_published():
    report = make_report_at("reviewed")
    ReportSection.objects.filter(report=report).update(body="Slipped in afterwards")

    with pytest.raises(Refused, match="not what its reviewer accepted"):
        actions.publish_report(report=report, by=disclosure_of(report.program))


def test_a_newer_report_on_the_period_is_marked_as_following_the_older():
    program = make_program()
    old = make_report_at("published", program)
    new = make_report_at("published", program, title="Corrected report")

    older = PublishedReport.objects.get(uid=old.uid)
    assert older.superseded_by == PublishedReport.objects.get(uid=new.uid)
    assert older.title == old.title


def test_every_status_has_its_transitions():
    assert set(REPORT_TRANSITIONS) == set(ReportStatus.values)


def test_nothing_is_saved_if_the_journal_cannot_be_written(monkeypatch):
    program = make_program()
    officer, reviewer, publisher = officer_of(program), approver_of(program), disclosure_of(program)
    draft, submitted, reviewed = (
        make_report_at(status, program) for status in ("draft", "in_review", "reviewed")
    )
    count = Report.objects.count()
    reviews = ReportReview.objects.count()
    break_the_journal(monkeypatch)
    attempts = [
        lambda: make_report(program, by=officer),
        lambda: edit(draft, title="Lost"),
        lambda: actions.submit_report(report=draft, by=officer),
        lambda: actions.accept_report(report=submitted, by=reviewer),
        lambda: actions.return_report(report=submitted, reason="No", by=reviewer),
        lambda: actions.publish_report(report=reviewed, by=publisher),
    ]

    for attempt in attempts:
        with pytest.raises(RuntimeError):
            attempt()

    assert Report.objects.count() == count
    assert ReportReview.objects.count() == reviews
    assert Release.objects.count() == 0
    assert ReleasedRow.objects.count() == 0
    for report in (draft, submitted, reviewed):
        before = (report.title, report.status)
        report.refresh_from_db()
        assert (report.title, report.status) == before
