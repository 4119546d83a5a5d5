"""The pages of the work on an engagement in a real browser: legible at both widths, in both themes."""

import pytest

from tests.browser.test_audits import sign_in
from tests.factories.audits import (
    comment,
    draft_recommendation,
    join,
    make_engagement,
    make_finding,
    make_paper,
    officer_audited,
    proof,
    send_draft,
)
from tests.factories.ledger import make_disbursement, money, officer_of
from tracker.audits import actions
from tracker.audits.actions import References

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def sent():
    """A draft that was sent and commented on, with a paper under review, and engagements in other states."""
    paid = make_disbursement(amount="900.00", reference="D-2024-17")
    officer_of(paid.program)
    engagement = make_engagement(paid.program, comments=True, criteria="Section 12.")
    finding = make_finding(paid, engagement=engagement, issued=False, questioned=money("900.00"))
    draft_recommendation(finding)
    second = join(engagement)
    paper = make_paper(
        engagement,
        files=[proof()],
        references=References(findings=[finding], transactions=[paid]),
    )
    actions.note_on_paper(paper=paper, note="Which list is it?", by=second)
    draft = send_draft(engagement)
    comment(draft, finding=finding)
    make_engagement(paid.program, lead=engagement.lead)
    make_engagement(paid.program, lead=engagement.lead, status="planned")
    return draft, paper


def test_an_auditor_works_on_an_engagement(page, live_server, look, sent):
    draft, paper = sent
    engagement = draft.engagement
    sign_in(page, live_server, engagement.lead)
    home = engagement.get_absolute_url()

    def go(address, name):
        page.goto(f"{live_server.url}{address}")
        look(name)

    go("/desk/audits/board/", "engage-board")
    go("/desk/audits/independence/", "engage-independence")
    go("/desk/audits/independence/declare/", "engage-declare")
    go(home, "engage-engagement")
    go(f"{home}drafts/", "engage-drafts")
    go(f"{home}papers/", "engage-papers")
    go(f"{home}papers/new/", "engage-paper-new")
    go(f"{home}send-draft/", "engage-send")
    go(f"{home}meetings/new/", "engage-meeting")
    go(paper.get_absolute_url(), "engage-paper")
    page.fill("textarea[name=note]", "That of May.")
    page.get_by_role("button", name="Answer the note").click()
    page.get_by_text("The note is answered.").wait_for()


def test_the_audited_side_comments(page, live_server, look, sent):
    draft, _ = sent
    sign_in(page, live_server, officer_audited(draft.engagement))
    look("engage-desk-of-an-officer")
    page.goto(f"{live_server.url}{draft.engagement.get_absolute_url()}asked/")
    look("engage-asked")
    page.get_by_role("link", name="Comment on the draft").first.click()
    look("engage-comment")
    page.get_by_label("agrees", exact=True).check()
    page.get_by_role("button", name="Send the comment").click()
    page.get_by_text("The comment is with the auditors.").wait_for()
