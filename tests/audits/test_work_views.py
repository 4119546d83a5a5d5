"""The pages of the work on an engagement, as each side meets them."""

from copy import deepcopy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.audits.test_views import at, page, plan_data, send
from tests.factories.accounts import make_person
from tests.factories.audits import (
    comment,
    declare,
    join,
    make_auditor,
    make_engagement,
    make_finding,
    make_paper,
    officer_audited,
    proof,
    send_draft,
)
from tests.factories.ledger import make_disbursement, officer_of
from tracker.accounts.models import Role
from tracker.audits import actions, queries
from tracker.audits.models import (
    DraftComment,
    Engagement,
    EngagementKind,
    EngagementStatus,
    IndependenceDeclaration,
    Standard,
    WorkingPaper,
)
from tracker.audits.policies import MADE_FOR, said_of

pytestmark = pytest.mark.thorough

S = EngagementStatus


def build():
    payment = make_disbursement()
    officer_of(payment.program)
    return payment


@pytest.fixture
def payment(built):
    return deepcopy(built)


@pytest.fixture
def program(payment):
    return payment.program


@pytest.fixture
def drafted(payment):
    """A draft finding on which the audited side has not been heard yet."""
    engagement = make_engagement(payment.program, comments=True)
    return make_finding(payment, engagement=engagement, issued=False)


@pytest.fixture
def sent(drafted):
    return send_draft(drafted.engagement)


# --- Planning --------------------------------------------------------------


def test_every_standard_says_for_which_kinds_it_is_made():
    assert set(MADE_FOR) == set(Standard.values)
    assert said_of("inspection", "cigie") == ""
    assert "made for it: CIGIE" in said_of("inspection", "gagas")
    made = frozenset().union(*MADE_FOR.values())
    assert made == set(EngagementKind.values)


def test_a_planner_is_told_that_the_standard_is_made_for_other_work(client, program):
    auditor = make_auditor(program)
    text = page(client, auditor, at("new"))
    assert "Inspections and evaluations in the United States follow CIGIE, not GAGAS" in text

    data = plan_data(program, auditor, kind="inspection", standard="gagas", criteria="Section 12.")
    send(client, auditor, at("new"), data)

    engagement = Engagement.objects.get()
    assert engagement.criteria == "Section 12."
    text = page(client, auditor, engagement.get_absolute_url())
    assert "GAGAS is not made for this kind of work" in text


# --- Independence ----------------------------------------------------------


def test_an_auditor_declares_on_the_pages_and_starts_the_fieldwork(client, program):
    engagement = make_engagement(program, status="planned")
    lead = engagement.lead
    assert "You have no yearly declaration in force" in page(client, lead, at("independence"))
    text = page(client, lead, engagement.get_absolute_url())
    assert "Computed from the records: no part since" in text
    assert "not declared" in text

    send(client, lead, at("declare_yearly"), {"threat": ""})
    assert "No part of yours in the records" in page(client, lead, at("declare", engagement.uid))
    send(client, lead, at("declare", engagement.uid), {"threat": "bias", "note": ""}, 200)
    send(client, lead, at("declare", engagement.uid), {"threat": ""})
    send(client, lead, at("announce", engagement.uid))
    send(client, lead, at("do_start_fieldwork", engagement.uid))

    engagement.refresh_from_db()
    assert engagement.status == S.FIELDWORK
    assert IndependenceDeclaration.objects.filter(person=lead).count() == 2
    assert "nothing impairs it" in page(client, lead, at("independence"))


def test_a_step_that_cannot_be_taken_is_said_on_the_engagement(client, program):
    engagement = make_engagement(program, status="planned")
    send(client, engagement.lead, at("do_send_draft", engagement.uid), {"term_days": "30"})

    text = page(client, engagement.lead, engagement.get_absolute_url())

    assert "no draft is sent" in text


def test_a_meeting_is_recorded_not_before_it_was_held(client, program):
    engagement = make_engagement(program)
    said = {"kind": "entrance", "attended": "Two auditors.", "agreed": "Files are opened."}
    address = at("meeting_new", engagement.uid)

    text = send(client, engagement.lead, address, said | {"held_on": "2099-01-01"}, 200)
    assert "This day lies ahead" in text.content.decode()
    send(client, engagement.lead, address, said | {"held_on": "2026-01-02"})

    assert "Files are opened." in page(client, engagement.lead, engagement.get_absolute_url())


# --- The draft, on both sides ----------------------------------------------


def test_a_draft_is_sent_commented_on_and_answered_on_the_pages(client, drafted):
    finding, engagement = drafted, drafted.engagement
    lead, officer = engagement.lead, officer_audited(engagement)

    address = at("do_send_draft", engagement.uid)
    assert finding.title in page(client, lead, address)
    send(client, lead, address, {"term_days": "0"}, 200)
    send(client, lead, address, {"term_days": "14", "message": "Look at section 2."})
    draft = engagement.drafts.get()
    text = page(client, officer, at("asked", engagement.uid))
    assert finding.condition in text
    assert "Look at section 2." in text
    form = page(client, officer, at("comment", draft.uid), finding=str(finding.uid))
    part = draft.parts.get(finding=finding)
    assert f'<option value="{part.pk}" selected>' in form
    send(client, officer, at("comment", draft.uid), {"about": part.pk, "stance": "disagree"}, 200)
    data = {"about": part.pk, "stance": "disagree", "note": "It is on file."}
    send(client, officer, at("comment", draft.uid), data)

    made = DraftComment.objects.get()
    assert "It is on file." in page(client, lead, at("drafts", engagement.uid))
    send(client, lead, at("reply", made.uid), {"note": "Not on ours.", "changed": "on"})
    text = page(client, officer, at("asked", engagement.uid))
    assert "and changed the report" in text
    assert "Not on ours." in text


def test_the_views_of_officials_stand_with_the_finding_and_papers_stay_inside(client, sent):
    engagement, lead = sent.engagement, sent.engagement.lead
    finding, officer = engagement.findings.get(), officer_audited(sent.engagement)
    paper = make_paper(engagement, references=actions.References(findings=[finding]))
    made = comment(sent, finding=finding, by=officer)
    actions.reply_to_comment(comment=made, note="Not on our file.", by=lead)
    comment(sent, "no_comment", by=officer)
    page(client, officer, finding.get_absolute_url(), 404)

    actions.issue_finding(finding=finding, by=lead)

    text = page(client, officer, finding.get_absolute_url())
    assert "Views of responsible officials" in text
    assert "Not on our file." in text
    assert paper.get_absolute_url() not in text
    assert paper.get_absolute_url() in page(client, lead, finding.get_absolute_url())


def test_a_finding_says_why_it_has_no_views_of_officials(client, payment):
    finding = make_finding(payment)

    text = page(client, finding.engagement.lead, finding.get_absolute_url())

    assert "Issued without comments on a draft" in text


def test_the_audited_side_finds_its_draft_and_strangers_do_not(client, sent):
    engagement, officer = sent.engagement, officer_audited(sent.engagement)
    assert at("asked", engagement.uid) in page(client, officer, at("list"))

    for stranger in (make_person(Role.OFFICER), engagement.lead):
        page(client, stranger, at("asked", engagement.uid), 404)
        page(client, stranger, at("comment", sent.uid), 404)
    page(client, officer, at("drafts", engagement.uid), 404)


def test_after_the_final_report_comments_are_closed_on_the_page(client, sent):
    engagement, lead = sent.engagement, sent.engagement.lead
    officer = officer_audited(engagement)
    comment(sent, "no_comment", by=officer)
    actions.issue_finding(finding=engagement.findings.get(), by=lead)
    actions.issue_final(engagement=engagement, by=lead)

    assert "Comments are closed" in page(client, officer, at("asked", engagement.uid))
    response = send(client, officer, at("comment", sent.uid), {"stance": "agree"})
    assert response.url == at("asked", engagement.uid)
    assert DraftComment.objects.count() == 1


# --- Working papers --------------------------------------------------------


def test_a_paper_is_begun_revised_asked_about_and_reviewed_on_the_pages(client, payment):
    finding = make_finding(payment, issued=False)
    engagement, lead = finding.engagement, finding.engagement.lead
    second = join(engagement)
    words = {"title": "Receipts", "purpose": "To see.", "source": "The list.", "conclusion": ""}
    page(client, lead, at("paper_new", engagement.uid))
    file = SimpleUploadedFile("list.txt", b"Signed.", "text/plain")
    data = words | {"index": "a-1", "findings": [str(finding.uid)], "attach": [file]}
    wrong = send(client, lead, at("paper_new", engagement.uid), data | {"transactions": "X-0"}, 200)
    assert "no transaction in scope has the reference “X-0”" in wrong.content.decode()
    file.seek(0)
    send(client, lead, at("paper_new", engagement.uid), data | {"transactions": str(payment.uid)})

    paper = WorkingPaper.objects.get()
    text = page(client, second, at("paper", paper.uid))
    assert "list.txt" in text
    assert f"finding {finding.label}" in text
    send(client, second, at("paper_note", paper.uid), {"note": "Which list?"})
    note = paper.versions.get().notes.get()
    send(client, lead, at("note_answer", note.uid), {"note": "That of May."})
    send(client, lead, at("paper_revise", paper.uid), words | {"conclusion": "All there."})
    newest = paper.versions.get(number=2)
    assert not newest.files.exists()  # the box of the file was not ticked any more
    send(client, second, at("paper_review", paper.uid))
    text = page(client, second, at("papers", engagement.uid), review="done")
    assert "A-1" in text
    stored = paper.versions.get(number=1).files.get().file
    client.force_login(second)
    response = client.get(at("paper_file", paper.uid, stored.uid))
    assert b"".join(response.streaming_content) == b"Signed."
    assert "attachment" in response["Content-Disposition"]


def test_a_refused_review_is_said_and_changes_nothing(client, program):
    engagement = make_engagement(program)
    paper = make_paper(engagement, files=[proof()])

    send(client, engagement.lead, at("paper_review", paper.uid))

    text = page(client, engagement.lead, at("paper", paper.uid))
    assert "a second auditor reviews it" in text
    assert "not reviewed" in text


def test_papers_are_listed_for_the_office_and_refused_to_auditors_of_another(client, program):
    engagement = make_engagement(program)
    make_paper(engagement)

    assert "A-1" in page(client, engagement.lead, at("papers", engagement.uid))
    page(client, make_auditor(program), at("papers", engagement.uid), 403)
    page(client, officer_of(program), at("papers", engagement.uid), 404)


# --- The board -------------------------------------------------------------


def test_the_board_shows_each_engagement_in_its_state_with_counts_and_who_is_waited_for(
    client, payment
):
    engagement = make_engagement(payment.program)
    lead = engagement.lead
    make_finding(payment, engagement=engagement, recommendations=2)
    make_engagement(payment.program, lead=lead, status="planned")
    drafted = make_engagement(payment.program, lead=lead, comments=True)
    send_draft(drafted)

    day = lead.organisation.today()
    columns = {column.status: column for column in queries.board_of(lead, day)}

    (card,) = columns[S.FIELDWORK].cards
    assert (card.engagement.findings_count, card.engagement.open_recommendations) == (1, 2)
    assert card.days == 0
    assert columns[S.PLANNED].total == 1
    (card,) = columns[S.DRAFT_ISSUED].cards
    assert card.waits == "the audited side"
    assert card.due == drafted.drafts.get().comments_due_on
    assert drafted.title in page(client, lead, at("board"))


def test_the_board_asks_as_often_for_one_engagement_as_for_many(count_queries, program):
    lead = make_engagement(program).lead
    day = lead.organisation.today()
    alone = count_queries(lambda: queries.board_of(lead, day))
    for _ in range(3):
        make_engagement(program, lead=lead)

    assert count_queries(lambda: queries.board_of(lead, day)) == alone


def test_nobody_sees_engagements_of_others_on_the_board(program):
    engagement = make_engagement(program)
    declare(engagement)
    officer = make_person(Role.OFFICER)

    columns = queries.board_of(officer, officer.organisation.today())

    assert sum(column.total for column in columns) == 0
