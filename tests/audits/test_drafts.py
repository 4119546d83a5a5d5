"""The draft is sent, frozen, commented on within its term, answered; only then come findings and the final report."""

import json
from copy import deepcopy
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories.accounts import give_role, make_person
from tests.factories.audits import (
    comment,
    draft_recommendation,
    hear,
    join,
    make_auditor,
    make_engagement,
    make_finding,
    make_paper,
    move_to,
    officer_audited,
    send_draft,
)
from tests.factories.ledger import make_disbursement, officer_of
from tests.factories.programs import make_program
from tests.refusals import forbids
from tracker.accounts.models import Notice, Role
from tracker.audits import actions, policies, queries
from tracker.audits.actions import References
from tracker.audits.models import (
    ELEMENTS,
    DraftComment,
    DraftPart,
    DraftReport,
    Engagement,
    EngagementStatus,
    Finding,
)
from tracker.journal import actions as journal
from tracker.journal.queries import history_of
from tracker.shared.errors import NotAllowed, Refused

S = EngagementStatus


def build():
    payment = make_disbursement()
    officer_of(payment.program)
    engagement = make_engagement(payment.program, comments=True)
    finding = make_finding(payment, engagement=engagement, issued=False)
    draft_recommendation(finding)
    return {"drafted": finding, "stranger": make_finding(issued=False)}


@pytest.fixture
def drafted(built):
    """The draft finding, with a recommendation, of an engagement in fieldwork; nothing is sent."""
    return deepcopy(built["drafted"])


@pytest.fixture
def stranger(built):
    """The draft finding of another engagement, which hears no comments."""
    return deepcopy(built["stranger"])


@pytest.fixture
def sent(drafted):
    return send_draft(drafted.engagement)


def later(monkeypatch, draft):
    """The day after the term for comments."""
    after = draft.comments_due_on + timedelta(days=1)
    monkeypatch.setattr("tracker.accounts.models.Organisation.today", lambda self: after)


# --- Announcing ------------------------------------------------------------


def test_an_announcement_tells_the_officers_of_the_programs_in_scope():
    program = make_program()
    officer, stranger = officer_of(program), make_person(Role.OFFICER)
    engagement = make_engagement(program, status="planned", criteria="Section 12.")
    assert engagement not in queries.announced_to(officer)

    actions.announce_engagement(engagement=engagement, by=engagement.lead)

    assert Notice.objects.filter(person=officer, path__endswith="/asked/").exists()
    assert not Notice.objects.filter(person=stranger).exists()
    assert engagement in queries.announced_to(officer)
    move_to(Engagement.objects.get(pk=engagement.pk), "fieldwork")
    assert engagement in queries.announced_to(officer)
    unannounced = make_engagement(program)  # in fieldwork too; nobody was told
    assert unannounced not in queries.announced_to(officer)
    assert engagement not in queries.announced_to(stranger)
    assert engagement not in Engagement.objects.visible_to(officer)


def test_fieldwork_without_an_announcement_needs_a_reason_that_stays():
    engagement = make_engagement(status="planned")
    lead = engagement.lead
    actions.declare_independence(by=lead)
    actions.declare_independence(engagement=engagement, by=lead)

    with pytest.raises(Refused, match="Announce the engagement first"):
        actions.start_fieldwork(engagement=engagement, unannounced=" ", by=lead)
    forbids(
        "engagement_starts_unannounced_for_a_reason",
        "UPDATE tracker_engagement SET status = 'fieldwork' WHERE id = %s",
        engagement.pk,
    )
    started = actions.start_fieldwork(engagement=engagement, unannounced="A count.", by=lead)

    assert started.unannounced_because == "A count."
    forbids(
        "engagement_reasons_stay",
        "UPDATE tracker_engagement SET unannounced_because = 'x' WHERE id = %s",
        engagement.pk,
    )


# --- Sending ---------------------------------------------------------------


def test_what_was_sent_is_frozen_with_its_digest_term_and_addressees(drafted):
    engagement, lead = drafted.engagement, drafted.engagement.lead
    draft = send_draft(engagement, term_days=14, message="Please look at section 2.")
    content = json.loads(draft.text.content)

    assert content["findings"][0]["condition"] == drafted.condition
    assert len(content["findings"][0]["recommendations"]) == 1
    assert draft.text_digest == draft.text.digest
    assert draft.comments_due_on == draft.sent_on + timedelta(days=14)
    owner = policies.programs_of(engagement)[0].owner
    assert {(part.organisation, part.finding) for part in draft.parts.all()} == {
        (owner, None),
        (owner, drafted),
    }
    engagement.refresh_from_db()
    assert engagement.status == S.DRAFT_ISSUED
    with pytest.raises(Refused, match="findings are written during fieldwork"):
        actions.drop_finding(finding=drafted, reason="No.", by=lead)


@pytest.mark.parametrize("days", [0, 181])
def test_a_term_for_comments_is_between_a_day_and_half_a_year(drafted, days):
    with pytest.raises(Refused, match="Allow between 1 and 180 days"):
        send_draft(drafted.engagement, term_days=days)


def test_only_the_team_sends_and_only_where_comments_are_heard(drafted, stranger):
    with pytest.raises(NotAllowed, match="Only the team"):
        send_draft(drafted.engagement, by=make_auditor(*policies.programs_of(drafted.engagement)))
    with pytest.raises(Refused, match="no draft is sent"):
        send_draft(stranger.engagement)


def test_nothing_is_sent_if_the_journal_cannot_be_written(drafted, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the journal cannot be written")

    monkeypatch.setattr(journal, "record", fail)

    with pytest.raises(RuntimeError, match="journal"):
        send_draft(drafted.engagement)

    assert not DraftReport.objects.exists()
    assert not DraftPart.objects.exists()


def test_what_was_sent_stays_in_the_database(sent):
    forbids("append_only", "UPDATE tracker_draftreport SET term_days = 1")
    forbids("append_only", "DELETE FROM tracker_draftreport")
    forbids("draftpart_stays", "UPDATE tracker_draftpart SET finding_id = NULL")
    forbids("draftpart_stays", "DELETE FROM tracker_draftpart")
    forbids(
        "tracker_drafttext keeps its words",
        "UPDATE tracker_drafttext SET content = '{}'",
    )


# --- Who reads it ----------------------------------------------------------


def test_each_audited_organisation_reads_what_is_about_its_own_payments(drafted):
    engagement, other = drafted.engagement, make_program()
    give_role(engagement.lead, Role.AUDITOR, program=other)
    scope = [*policies.scope_of(engagement), policies.Scope(other)]
    names = ("number", "title", "kind", "standard", "lead")
    plan = {name: getattr(engagement, name) for name in names}
    actions.change_engagement(engagement=engagement, scope=scope, by=engagement.lead, **plan)
    draft = send_draft(engagement)
    mine, theirs = officer_audited(engagement), officer_of(other)
    owner = drafted.links.get().transaction.program.owner

    assert [one["number"] for one in queries.findings_sent(draft, [owner])] == [1]
    assert queries.findings_sent(draft, [other.owner]) == []
    assert queries.organisations_asked(theirs, engagement) == [other.owner]
    assert draft in DraftReport.objects.sent_to(theirs)
    for stranger in (make_person(Role.OFFICER), engagement.lead, make_auditor(other)):
        assert draft not in DraftReport.objects.sent_to(stranger)
    assert drafted not in Finding.objects.visible_to(mine)
    assert drafted not in Finding.objects.visible_to(theirs)


def test_an_officer_of_only_a_program_in_scope_is_asked_too(drafted):
    program = drafted.links.get().transaction.program
    officer = make_person()
    give_role(officer, Role.OFFICER, program=program)

    draft = send_draft(drafted.engagement)

    assert draft in DraftReport.objects.sent_to(officer)
    assert comment(draft, by=officer).organisation == program.owner


# --- Comments --------------------------------------------------------------


def test_a_comment_moves_the_engagement_tells_the_team_and_stays(sent):
    made = comment(sent, finding=sent.engagement.findings.get())
    engagement = made.draft.engagement
    engagement.refresh_from_db()

    assert engagement.status == S.AGENCY_COMMENT
    assert Notice.objects.filter(person=engagement.lead, sentence__contains="commented").exists()
    forbids("append_only", "DELETE FROM tracker_draftcomment WHERE id = %s", made.pk)
    forbids(
        "append_only", "UPDATE tracker_draftcomment SET stance = 'agree' WHERE id = %s", made.pk
    )
    with pytest.raises(TypeError):
        made.delete()


def test_only_who_was_asked_comments_and_says_something(sent, stranger):
    finding = sent.engagement.findings.get()
    owner = sent.parts.first().organisation

    with pytest.raises(NotAllowed, match="Only officers"):
        comment(sent, by=make_person(Role.OFFICER))
    with pytest.raises(NotAllowed, match="Only officers"):
        comment(sent, by=sent.engagement.lead)
    with pytest.raises(Refused, match="does not agree with"):
        comment(sent, "disagree", note=" ")
    with pytest.raises(Refused, match="comes without words"):
        comment(sent, "no_comment", note="But still.")
    with pytest.raises(Refused, match="Choose whether"):
        comment(sent, "guess")
    with pytest.raises(Refused, match="finding of the draft"):
        comment(sent, finding=stranger)
    assert comment(sent, "agree", note="", finding=finding).organisation == owner


def test_a_comment_on_what_was_not_sent_is_forbidden_by_the_database(sent, stranger):
    made = comment(sent)
    with pytest.raises(DatabaseError, match="draft_comment_is_asked_for"), transaction.atomic():
        DraftComment(
            draft=sent,
            organisation=made.organisation,
            finding=stranger,
            stance="agree",
            text=made.text,
            text_digest=made.text_digest,
            made_by=made.made_by,
            entry=made.entry,
        ).save()


def test_comments_end_with_the_term_and_with_a_newer_draft(sent, monkeypatch):
    engagement = sent.engagement
    newer = send_draft(engagement)

    with pytest.raises(Refused, match="A newer draft was sent"):
        comment(sent)
    later(monkeypatch, newer)
    with pytest.raises(Refused, match="The term for comments ended"):
        comment(newer)


def test_a_comment_after_the_term_is_forbidden_by_the_database(sent):
    """The row is made as if it had been sent a year ago; then nothing is added to it."""
    made = comment(sent)
    columns = [f.column for f in DraftReport._meta.local_fields if f.column != "id"]
    others = {"number": "9", "uid": "'" + "1" * 32 + "'"}
    others |= {"sent_on": "'2020-01-01'", "comments_due_on": "'2020-02-01'"}
    taken = {"entry_id": str(made.entry_id), "text_id": None}
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tracker_drafttext (message, content, salt) VALUES ('', '', 'x')"
        )
        cursor.execute("SELECT MAX(id) FROM tracker_drafttext")
        taken["text_id"] = str(cursor.fetchone()[0])
        values = [(others | taken).get(column, f'"{column}"') for column in columns]
        names = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(
            f"INSERT INTO tracker_draftreport ({names}) SELECT {', '.join(values)} "
            "FROM tracker_draftreport WHERE id = %s",
            [sent.pk],
        )
    old = DraftReport.objects.get(number=9)
    DraftPart.objects.create(draft=old, organisation=made.organisation)
    with pytest.raises(DatabaseError, match="draft_comment_keeps_its_term"), transaction.atomic():
        DraftComment.objects.create(
            draft=old,
            organisation=made.organisation,
            stance="agree",
            text=made.text,
            text_digest=made.text_digest,
            made_by=made.made_by,
            entry_id=sent.entry_id,
        )


def test_the_team_answers_a_comment_once_and_its_author_is_told(sent):
    made = comment(sent)
    lead = sent.engagement.lead

    with pytest.raises(Refused, match="Say what the auditors answer"):
        actions.reply_to_comment(comment=made, note=" ", by=lead)
    with pytest.raises(NotAllowed, match="Only the team"):
        actions.reply_to_comment(comment=made, note="No.", by=made.made_by)
    reply = actions.reply_to_comment(comment=made, note="The receipts are counted.", by=lead)

    assert not reply.changed
    assert Notice.objects.filter(person=made.made_by, sentence__contains="answered").exists()
    with pytest.raises(Refused, match="answered already"):
        actions.reply_to_comment(comment=made, note="And more.", by=lead)
    forbids("append_only", "DELETE FROM tracker_commentreply")


def test_nobody_answers_their_own_comment_in_the_database(sent):
    made = comment(sent)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO tracker_replytext (note, salt) VALUES ('x', 'x')")
        cursor.execute("SELECT MAX(id) FROM tracker_replytext")
        (text,) = cursor.fetchone()
    forbids(
        "comment_reply_by_another",
        "INSERT INTO tracker_commentreply (uid, changed, text_digest, comment_id, replied_by_id, "
        "text_id, entry_id, replied_at) VALUES (%s, %s, 'x', %s, %s, %s, %s, %s)",
        "1" * 32,
        False,
        made.pk,
        made.made_by_id,
        text,
        sent.entry_id,
        "2026-01-01 00:00:00+00:00",
    )


# --- Issuing ---------------------------------------------------------------


def test_a_finding_is_issued_once_everybody_asked_has_answered(sent):
    finding = sent.engagement.findings.get()
    lead = finding.engagement.lead
    owner = sent.parts.first().organisation

    with pytest.raises(Refused, match="findings are written during fieldwork"):
        actions.issue_finding(finding=finding, by=lead)
    comment(sent, finding=finding)
    with pytest.raises(Refused, match=f"{owner.label} may comment until"):
        actions.issue_finding(finding=finding, by=lead)
    comment(sent, "agree")

    assert actions.issue_finding(finding=finding, by=lead).status == "issued"


def test_a_finding_is_issued_once_the_term_has_passed_in_silence(sent, monkeypatch):
    finding = sent.engagement.findings.get()
    later(monkeypatch, sent)

    issued = actions.issue_finding(finding=finding, by=finding.engagement.lead)

    assert issued.issued_on > sent.comments_due_on


def test_a_finding_that_was_not_sent_waits_for_another_draft(drafted):
    engagement, lead = drafted.engagement, drafted.engagement.lead
    with pytest.raises(Refused, match="was not sent to the audited organisation"):
        actions.issue_finding(finding=drafted, by=lead)
    hear(engagement)
    payment = drafted.links.get().transaction
    new = make_finding(payment, engagement=engagement, issued=False)

    with pytest.raises(Refused, match="Finding 2 was not sent"):
        actions.issue_finding(finding=new, by=lead)
    forbids(
        "finding_issued_after_comments",
        "UPDATE tracker_finding SET status = 'issued', issued_on = %s, issued_at = %s, "
        "issued_by_id = %s WHERE id = %s",
        date(2026, 1, 1),
        "2026-01-01 00:00:00+00:00",
        lead.pk,
        new.pk,
    )
    hear(engagement)

    assert actions.issue_finding(finding=new, by=lead).status == "issued"


def test_findings_are_corrected_after_comments_and_the_draft_stays_as_it_was_sent(sent):
    finding = sent.engagement.findings.get()
    comment(sent, "agree", finding=finding)
    before = DraftReport.objects.get(pk=sent.pk).text.content
    payments = [link.transaction for link in finding.links.all()]

    actions.change_finding(
        finding=finding,
        words=actions.FindingWords(
            title="Another title",
            severity="low",
            **{f"{element}_blank": "The receipts came with the comments." for element in ELEMENTS},
        ),
        payments=payments,
        by=finding.engagement.lead,
    )

    assert DraftReport.objects.get(pk=sent.pk).text.content == before


def test_reporting_without_comments_needs_a_reason_given_before_a_draft(drafted):
    engagement, lead = drafted.engagement, drafted.engagement.lead
    with pytest.raises(Refused, match="Say why the report is issued without comments"):
        actions.waive_comments(engagement=engagement, reason=" ", by=lead)
    actions.waive_comments(engagement=engagement, reason="An alert.", by=lead)
    with pytest.raises(Refused, match="recorded already"):
        actions.waive_comments(engagement=engagement, reason="Again.", by=lead)

    assert history_of(engagement)[0].sentence.endswith("“An alert.”.")
    assert actions.issue_finding(finding=drafted, by=lead).status == "issued"


def test_once_a_draft_is_out_comments_cannot_be_left_out(sent):
    with pytest.raises(Refused, match="only before a draft was sent"):
        actions.waive_comments(
            engagement=sent.engagement, reason="Too slow.", by=sent.engagement.lead
        )


# --- The final report ------------------------------------------------------


def test_the_final_report_waits_for_the_draft_the_term_and_every_answer(drafted):
    engagement, lead = drafted.engagement, drafted.engagement.lead
    actions.drop_finding(finding=drafted, reason="No case.", by=lead)
    final = "UPDATE tracker_engagement SET status = 'final' WHERE id = %s"

    with pytest.raises(Refused, match="No draft was sent"):
        actions.issue_final(engagement=engagement, by=lead)
    forbids("engagement_final_hears_the_audited", final, engagement.pk)
    draft = send_draft(engagement)
    with pytest.raises(Refused, match="may comment until"):
        actions.issue_final(engagement=engagement, by=lead)
    forbids("engagement_final_hears_the_audited", final, engagement.pk)
    made = comment(draft, "disagree")
    with pytest.raises(Refused, match="1 comment has no answer yet"):
        actions.issue_final(engagement=engagement, by=lead)
    forbids("engagement_final_answers_comments", final, engagement.pk)
    actions.reply_to_comment(comment=made, note="We stay with it.", by=lead)

    assert actions.issue_final(engagement=engagement, by=lead).status == S.FINAL


def test_the_final_report_waits_for_the_review_of_what_supports_a_finding(stranger):
    engagement, lead = stranger.engagement, stranger.engagement.lead
    finding = actions.issue_finding(finding=stranger, by=lead)
    paper = make_paper(engagement, references=References(findings=[finding]))
    make_paper(engagement, "B-1")  # supports nothing: nobody waits for its review

    with pytest.raises(Refused, match="not reviewed: A-1"):
        actions.issue_final(engagement=engagement, by=lead)
    forbids(
        "engagement_final_needs_reviewed_papers",
        "UPDATE tracker_engagement SET status = 'final' WHERE id = %s",
        engagement.pk,
    )
    actions.review_paper(paper=paper, by=join(engagement))

    assert actions.issue_final(engagement=engagement, by=lead).status == S.FINAL


def test_the_whole_way_ends_with_the_final_report_and_closed_comments(drafted):
    engagement = move_to(drafted.engagement, "final")
    draft = engagement.drafts.get()

    drafted.refresh_from_db()
    assert drafted.status == "issued"
    with pytest.raises(Refused, match="comments on its draft are closed"):
        comment(draft)


# --- Waiting ---------------------------------------------------------------


def waits(person):
    return [line.what for line in queries.waiting_for(person)]


def test_the_desks_say_who_comments_and_who_answers(sent):
    engagement, officer = sent.engagement, officer_audited(sent.engagement)
    assert f"Comment on the draft of {engagement}" in waits(officer)
    step = queries.next_for_engagement(Engagement.objects.get(pk=engagement.pk), officer)
    assert step.who == sent.parts.first().organisation.label

    made = comment(sent)
    assert f"Comment on the draft of {engagement}" not in waits(officer)
    assert any(what.startswith("Answer a comment of") for what in waits(engagement.lead))

    actions.reply_to_comment(comment=made, note="No.", by=engagement.lead)
    assert not any(what.startswith("Answer a comment of") for what in waits(engagement.lead))
