"""The views of responsible officials stand with the public finding: whose, which, and in their words. Never a name."""

import pytest

from tests.factories.audits import (
    comment,
    make_engagement,
    make_finding,
    send_draft,
)
from tests.factories.ledger import make_disbursement
from tests.factories.publishing import disclosure_of, withhold
from tracker.audits import actions as audits
from tracker.publishing import actions, released
from tracker.publishing.actions.erasing import erase_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding():
    """Commented on in part, answered, issued and public."""
    payment = make_disbursement()
    engagement = make_engagement(payment.program, comments=True)
    found = make_finding(payment, engagement=engagement, issued=False)
    draft = send_draft(engagement)
    said = comment(draft, "partly", finding=found, note="The depot was closed.")
    audits.reply_to_comment(comment=said, note="We saw it open.", changed=True, by=engagement.lead)
    comment(draft, "no_comment")
    engagement.refresh_from_db()
    found = audits.issue_finding(finding=found, by=engagement.lead)
    actions.release_finding(finding=found, by=engagement.lead)
    return found


def cells(finding):
    return released.finding_page(finding.uid).cells


def test_stance_and_words_are_public_by_organisation_and_nobody_is_named(client, finding):
    said = cells(finding)
    program = finding.links.get().transaction.program
    assert said["views"]["value"] == [
        {"organisation": program.owner.name, "stance": "partly", "changed": True}
    ]
    assert said["view_words"]["value"] == [
        {"said": "The depot was closed.", "answered": "We saw it open."}
    ]
    author = finding.comments.get().made_by
    assert author.name not in str(said)

    page = client.get(f"/findings/{finding.uid}/").content.decode()
    assert f"{program.owner.name} agrees in part" in page
    assert "The depot was closed." in page and "We saw it open." in page


def test_the_words_can_be_withheld_and_the_stance_stays(client, finding):
    program = finding.links.get().transaction.program
    withhold(program, "finding", "view_words", finding.uid)
    actions.release_finding(finding=finding, by=finding.engagement.lead)

    assert cells(finding)["view_words"]["state"] == "withheld"
    page = client.get(f"/findings/{finding.uid}/").content.decode()
    assert "agrees in part" in page
    assert "The depot was closed." not in page and "We saw it open." not in page


def test_erased_words_are_in_no_later_release(client, finding):
    program = finding.links.get().transaction.program
    erase_words(
        record=finding.comments.get().uid,
        fields=["note"],
        basis="Law",
        reason="It named a person.",
        by=disclosure_of(program),
        confirmed_by=disclosure_of(program, 1),
    )
    actions.release_finding(finding=finding, by=finding.engagement.lead)
    assert cells(finding)["view_words"]["value"][0]["said"] == ""
