"""Working papers: an index, versions that stay, a second auditor's review, and nobody else reads them."""

from copy import deepcopy

import pytest
from django.db import DatabaseError, transaction

from tests.factories.accounts import make_person
from tests.factories.audits import (
    PAPER,
    join,
    make_auditor,
    make_engagement,
    make_finding,
    make_paper,
    proof,
)
from tests.factories.ledger import make_disbursement, officer_of
from tests.refusals import forbids
from tracker.accounts.models import Notice, Role
from tracker.audits import actions, policies, queries
from tracker.audits.actions import PaperWords, References
from tracker.audits.actions.papers import files_of
from tracker.audits.models import PaperReview, WorkingPaper
from tracker.journal import actions as journal
from tracker.shared.errors import NotAllowed, Refused


def build():
    """An engagement without papers on a payment, and a draft finding of another engagement."""
    payment = make_disbursement()
    engagement = make_engagement(payment.program)
    return {"payment": payment, "engagement": engagement, "elsewhere": make_finding(issued=False)}


@pytest.fixture
def payment(built):
    return deepcopy(built["payment"])


@pytest.fixture
def engagement(built):
    return deepcopy(built["engagement"])


@pytest.fixture
def elsewhere(built):
    return deepcopy(built["elsewhere"])


def test_a_paper_has_words_files_and_references_under_its_index(payment, engagement):
    finding = make_finding(payment, engagement=engagement, issued=False)
    first = make_paper(engagement)
    references = References(papers=[first], findings=[finding], transactions=[payment])

    paper = make_paper(engagement, " a-1-2 ", files=[proof()], references=references)

    version = policies.newest_of(paper)
    assert (paper.index, version.number) == ("A-1-2", 1)
    assert version.text.purpose == PAPER.purpose
    assert [name for _, name in files_of(version)] == ["receipts.txt"]
    assert version.links.count() == 3
    assert queries.referred_from(first) == [paper]
    assert queries.papers_supporting(finding, engagement.lead) == [paper]


@pytest.mark.parametrize("index", ["", "1-A", "A", "A-0", "A-1.2", "ABC-1", "A-1-1-1-1-1"])
def test_an_index_is_letters_and_numbers(index, engagement):
    with pytest.raises(Refused, match="such as A-1"):
        make_paper(engagement, index)


def test_an_index_is_used_once_in_an_engagement_and_again_in_another(engagement, elsewhere):
    make_paper(engagement)

    with pytest.raises(Refused, match="a paper of this index already"):
        make_paper(engagement)
    assert make_paper(elsewhere.engagement).index == "A-1"


def test_references_stay_within_the_engagement(engagement, elsewhere):
    paper = make_paper(engagement)

    for references, sentence in (
        (References(papers=[make_paper(elsewhere.engagement)]), "another paper of this engagement"),
        (References(papers=[paper]), "another paper of this engagement"),
        (References(findings=[elsewhere]), "a finding of this engagement"),
        (References(transactions=[elsewhere.links.get().transaction]), "not in the scope"),
    ):
        with pytest.raises(Refused, match=sentence):
            actions.revise_paper(
                paper=paper, words=PAPER, references=references, by=paper.engagement.lead
            )


def test_the_preparer_never_reviews_and_a_change_needs_a_new_review(engagement):
    paper, lead, second = make_paper(engagement), engagement.lead, join(engagement)

    with pytest.raises(Refused, match="a second auditor reviews it"):
        actions.review_paper(paper=paper, by=lead)
    actions.review_paper(paper=paper, by=second)
    assert paper not in WorkingPaper.objects.unreviewed()
    with pytest.raises(Refused, match="reviewed already"):
        actions.review_paper(paper=paper, by=second)
    actions.revise_paper(paper=paper, words=PAPER, by=lead)

    assert paper in WorkingPaper.objects.unreviewed()
    assert paper.versions.count() == 2
    actions.review_paper(paper=paper, by=second)
    actions.revise_paper(paper=paper, words=PAPER, by=second)
    for person in (lead, second):  # both have prepared a version by now
        with pytest.raises(Refused, match="a second auditor reviews it"):
            actions.review_paper(paper=paper, by=person)


def test_the_database_knows_who_may_review_what(engagement):
    paper, lead, second = make_paper(engagement), engagement.lead, join(engagement)
    old = policies.newest_of(paper)
    entry = old.entry_id  # any entry of the journal will do

    def review(version, person):
        with transaction.atomic():
            PaperReview.objects.create(version=version, reviewed_by=person, entry_id=entry)

    with pytest.raises(DatabaseError, match="paper_reviewed_by_another"):
        review(old, lead)
    newer = actions.revise_paper(paper=paper, words=PAPER, by=lead)
    with pytest.raises(DatabaseError, match="paper_review_is_of_the_newest"):
        review(old, second)
    actions.note_on_paper(paper=paper, note="Which list?", by=second)
    with pytest.raises(DatabaseError, match="paper_review_waits_for_answers"):
        review(newer, second)


def test_a_note_is_answered_by_somebody_else_before_the_review(engagement):
    paper, lead, second = make_paper(engagement), engagement.lead, join(engagement)

    with pytest.raises(Refused, match="a second auditor reviews it"):
        actions.note_on_paper(paper=paper, note="Is it right?", by=lead)
    with pytest.raises(Refused, match="Say what you ask"):
        actions.note_on_paper(paper=paper, note=" ", by=second)
    note = actions.note_on_paper(paper=paper, note="Which list?", by=second)
    assert Notice.objects.filter(person=lead, path=paper.get_absolute_url()).exists()
    with pytest.raises(Refused, match="A note has no answer yet"):
        actions.review_paper(paper=paper, by=second)
    with pytest.raises(Refused, match="somebody else on the team answers"):
        actions.answer_note(note=note, words="That one.", by=second)
    answer = actions.answer_note(note=note, words="That of May.", by=lead)
    with pytest.raises(Refused, match="answered already"):
        actions.answer_note(note=note, words="Or June.", by=lead)
    with pytest.raises(Refused, match="an answer itself"):
        actions.answer_note(note=answer, words="Why?", by=second)

    assert actions.review_paper(paper=paper, by=second).version.number == 1


def test_a_new_version_keeps_the_files_but_those_that_are_dropped(engagement):
    paper = make_paper(engagement, files=[proof("One.", "one.txt"), proof("Two.", "two.txt")])
    (one, _), _two = files_of(policies.newest_of(paper))

    actions.revise_paper(
        paper=paper,
        words=PaperWords(title="T", purpose="P", source="S"),
        files=[proof("Three.", "three.txt")],
        drop=[one],
        by=engagement.lead,
    )

    assert [n for _, n in files_of(policies.newest_of(paper))] == ["two.txt", "three.txt"]
    assert [n for _, n in files_of(paper.versions.get(number=1))] == ["one.txt", "two.txt"]


def test_papers_and_their_versions_are_never_rewritten(engagement):
    paper = make_paper(engagement, files=[proof()])
    make_paper(paper.engagement, "A-2", references=References(papers=[paper]))

    for table in ("workingpaper", "paperversion"):
        forbids("append_only", f"DELETE FROM tracker_{table}")
    forbids("append_only", "UPDATE tracker_workingpaper SET \"index\" = 'B-1'")
    forbids("keeps its words", "UPDATE tracker_papertext SET conclusion = 'None.'")
    for table in ("paperfile", "paperlink"):
        forbids(f"{table}_stays", f"DELETE FROM tracker_{table}")
        forbids(f"{table}_stays", f"UPDATE tracker_{table} SET version_id = version_id")


def test_nothing_is_saved_if_the_journal_cannot_be_written(monkeypatch, engagement):
    def fail(*args, **kwargs):
        raise RuntimeError("the journal cannot be written")

    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        make_paper(engagement)
    assert not WorkingPaper.objects.exists()


def test_only_the_team_writes_and_only_the_office_reads(payment, engagement):
    paper = make_paper(engagement)
    colleague = make_auditor(payment.program, office=engagement.office)
    elsewhere = make_auditor(payment.program)

    with pytest.raises(NotAllowed, match="Only the team"):
        make_paper(engagement, "A-2", by=colleague)
    assert paper in WorkingPaper.objects.visible_to(engagement.lead)
    assert paper in WorkingPaper.objects.visible_to(colleague)
    for stranger in (elsewhere, officer_of(payment.program), make_person(Role.OFFICER)):
        assert paper not in WorkingPaper.objects.visible_to(stranger)


def test_the_list_costs_the_same_for_one_paper_as_for_many(count_queries, engagement):
    make_paper(engagement)

    def read():
        return list(queries.papers_of(engagement.lead))

    alone = count_queries(read)
    for number in range(2, 6):
        make_paper(engagement, f"A-{number}")

    assert count_queries(read) == alone
    assert [one.title for one in read()] == [PAPER.title] * 5


def test_reviews_and_answers_wait_for_whose_step_it_is(engagement):
    paper, lead, second = make_paper(engagement), engagement.lead, join(engagement)
    assert list(queries.papers_to_review(second)) == [paper]
    assert list(queries.papers_to_review(lead)) == []

    note = actions.note_on_paper(paper=paper, note="Which list?", by=second)
    assert list(queries.papers_to_review(second)) == []
    assert list(queries.notes_to_answer(lead)) == [note]

    actions.answer_note(note=note, words="That of May.", by=lead)
    assert list(queries.notes_to_answer(lead)) == []
    actions.review_paper(paper=paper, by=second)
    assert list(queries.papers_to_review(second)) == []
