"""What readers of a draft say of its sections, and what came of it, before it is accepted."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories.accounts import make_person
from tests.factories.ledger import approver_of, officer_of
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, edit, make_report, make_report_at
from tests.factories.reports import comment, settle
from tracker.accounts.models import Notice, Role
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.publishing import actions, queries
from tracker.publishing.models import CommentSettled, SectionComment
from tracker.shared.errors import NotAllowed, Refused


@pytest.mark.parametrize("status", ["draft", "in_review", "returned"])
def test_a_reviewer_comments_on_a_section_and_its_author_is_told(status):
    report = make_report_at(status)

    said = comment(report)

    section = queries.written_sections(report)[0]
    assert (said.heading, said.section_digest) == ("Summary", section.digest)
    told = Notice.objects.filter(person=report.drafted_by, sentence__startswith="Settle a comment")
    assert told.exists()
    assert history_of(said)[0].sentence == "A comment on “Summary”: “Which hospitals?”."


def test_an_author_comments_too():
    report = make_report()

    assert comment(report, by=officer_of(report.program)).written_by == report.drafted_by


def test_who_neither_writes_nor_reviews_does_not_comment():
    report = make_report_at("in_review")

    for person in (make_person(Role.APPROVER), make_person(Role.AUDITOR, program=report.program)):
        with pytest.raises(NotAllowed):
            comment(report, by=person)


@pytest.mark.parametrize("status", ["reviewed", "published"])
def test_what_is_accepted_is_returned_and_not_commented_on(status):
    report = make_report_at(status)

    with pytest.raises(Refused, match="comments are written before that"):
        comment(report)


def test_an_empty_comment_is_refused():
    with pytest.raises(ValidationError):
        comment(make_report(), body="   ")


def test_a_comment_on_a_text_that_is_gone_is_refused():
    report = make_report()
    seen = queries.written_sections(report)[0].digest
    edit(report, sections=[("Summary", "Other words")])

    with pytest.raises(Refused, match="was changed while you were writing"):
        comment(report, heading="Summary", seen=seen)


def test_a_comment_stays_with_the_text_that_it_was_written_about():
    report = make_report()
    said = comment(report)
    edit(report, sections=[("Summary", "Other words"), ("Results", "Staff were trained.")])

    (found,) = queries.comments_of(report)
    assert found.about_older_text
    assert found.pk == said.pk


def test_a_comment_on_a_text_that_stands_is_not_about_an_older_one():
    report = make_report()
    comment(report, section=1)
    edit(report, sections=[("Summary", "Other words"), ("Results", "Staff were trained.")])

    assert not queries.comments_of(report)[0].about_older_text


def test_a_report_is_not_accepted_while_comments_are_open():
    report = make_report_at("in_review")
    first, second = comment(report), comment(report, section=1)
    reviewer = disclosure_of(report.program)

    with pytest.raises(Refused, match="2 comments are open"):
        actions.accept_report(report=report, by=reviewer)
    settle(first)
    with pytest.raises(Refused, match="1 comment is open"):
        actions.accept_report(report=report, by=reviewer)
    settle(second, followed=False, note="The list is classified.")

    assert actions.accept_report(report=report, by=reviewer).verdict == "accepted"


def test_a_comment_that_is_not_followed_needs_a_reason():
    said = comment(make_report())

    with pytest.raises(Refused, match="Say why you do not follow"):
        settle(said, followed=False, note=" ")


def test_whoever_commented_is_told_what_came_of_it():
    said = comment(make_report())

    settle(said, followed=False, note="The list is classified.")

    assert said.written_by.notices.filter(sentence__contains="was not followed").exists()
    assert history_of(said)[0].sentence == (
        "The comment on “Summary” was not followed: “The list is classified.”."
    )


def test_a_comment_is_settled_once():
    said = comment(make_report())
    settle(said)

    with pytest.raises(Refused, match="settled already"):
        settle(said)


def test_only_one_who_wrote_in_the_report_settles_its_comments():
    program = make_program()
    said = comment(make_report(program))
    other = make_person(Role.OFFICER, program=program)

    for person in (approver_of(program), other, disclosure_of(program)):
        with pytest.raises(NotAllowed):
            actions.settle_comment(comment=said, followed=True, note="", by=person)


def test_nothing_is_saved_if_the_journal_cannot_be_written(monkeypatch):
    report = make_report()
    said = comment(report)

    def fail(*args, **kwargs):
        raise RuntimeError("the journal cannot be written")

    monkeypatch.setattr(journal, "record", fail)
    for attempt in (lambda: comment(report, section=1), lambda: settle(said)):
        with pytest.raises(RuntimeError):
            attempt()

    assert SectionComment.objects.count() == 1
    assert CommentSettled.objects.count() == 0
