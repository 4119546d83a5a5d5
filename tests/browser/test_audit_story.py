"""From a sample to a recommendation that was carried out, in a browser: and three pages tell the same story of it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.test_journey import Visitor
from tests.factories.accounts import make_person
from tests.factories.audits import join, make_engagement
from tests.factories.ledger import officer_of
from tests.factories.publishing import make_report_at
from tests.factories.sampling import make_payments, sign_checkpoint
from tests.worlds import staffed_program
from tracker.accounts.models import Role, User
from tracker.audits.models import Engagement, Finding, Recommendation, Sample
from tracker.audits.models import RecommendationState as S
from tracker.shared.clock import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ASKED = "Name a person who collects the receipts."
REJECTED = "The list names nobody who collects them."
CLOSED = "closed, implemented and verified"
TITLE = "Paid without a signed receipt"


class Story:
    """One engagement, the people around it, and what they do one after the other."""

    def __init__(self, page, live_server, look):
        self.visitor, self.page, self.look = Visitor(page, live_server.url), page, look
        self.program = staffed_program(title="Field hospitals")
        make_payments(self.program, [f"{n}00.00" for n in range(1, 7)], payee="Tent Works")
        make_report_at("published", self.program)
        self.engagement: Engagement = make_engagement(self.program, title="Receipts of tents")
        self.auditor, self.second = self.engagement.lead, join(self.engagement)
        self.officer = officer_of(self.program)
        self.manager = make_person(Role.SENIOR_APPROVER, organisation=self.program.owner)

    def main(self):
        return self.page.locator("main")

    def link(self, words: str) -> None:
        self.main().get_by_role("link", name=words).first.click()

    def file(self, name: str) -> None:
        sent = {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + name.encode()}
        self.main().locator("input[name=file]").set_input_files(sent)

    def tick(self, label: str) -> None:
        self.main().get_by_label(label, exact=True).check()

    # --- What the auditors do -------------------------------------------------

    def draw(self) -> Sample:
        me = self.visitor
        me.sign_in(self.auditor)
        me.go(f"/desk/ledger/?program={self.program.uid}&kind=disbursement")
        self.link("Draw a sample from this list")
        me.fill(
            purpose="Was what was paid for received?",
            attributes="receipt confirmed\ndocument supports amount",
            confidence="90",
            tolerable_rate="40",
            expected_rate="0",
        )
        me.press("Work out the size")
        me.sees("Computed size")
        me.press("Freeze the population")
        me.sees("The draw waits for the journal's next checkpoint")
        sign_checkpoint()
        self.page.reload()
        me.press("Draw the sample")
        me.sees("Test each of them")
        return Sample.objects.select_related("draw").get()

    def test(self, sample: Sample):
        """Every item in its order; the second lacks its receipt."""
        me = self.visitor
        items = list(sample.draw.items.select_related("transaction").order_by("position"))
        me.go(f"/desk/samples/items/{items[0].uid}/")
        for item in items:
            expect(self.main().locator("h1")).to_contain_text(f"Item {item.position}:")
            deviates = item is items[1]
            self._outcome(0, "deviation" if deviates else "pass")
            self._outcome(1, "pass")
            me.fill(reference=f"A-{item.position}", note="No receipt on file." if deviates else "")
            me.press("Record the result")
            me.sees(f"The result of item {item.position} is recorded.")
        me.go(f"/desk/samples/{sample.uid}/evaluation/")
        me.press("Evaluate the sample")
        me.sees("is evaluated")
        me.sees("does not hold")
        return items[1]

    def _outcome(self, place: int, value: str) -> None:
        self.main().locator(f"input[name=outcome_{place}][value={value}]").check()

    def find(self, item) -> Finding:
        me, payment = self.visitor, item.transaction
        me.go(f"/desk/samples/items/{item.uid}/")
        self.link("Draft a finding on it")
        me.fill(
            title=TITLE,
            criteria="A signed receipt within 30 days.",
            condition="There is none.",
            cause="Nobody was named to collect it.",
            effect="Nobody can say what arrived.",
        )
        me.choose("severity", "high")
        me.choose("kind", "no_receipt")
        me.choose("currency", "USD")
        me.choose("lines-0-kind", "unsupported")
        me.choose("lines-0-payment", str(payment.uid))
        me.fill(**{"lines-0-known": "80.00"})
        me.press("Save the draft")
        me.sees("is drafted")
        self.link("Draft a recommendation")
        me.fill(text=ASKED, due_on=(today() + timedelta(days=120)).isoformat())
        me.choose("owner", str(self.program.owner.uid))
        self.page.locator("main form button.primary").first.click()
        finding = payment.finding_links.get().finding
        me.go(f"/desk/findings/{finding.uid}/issue/")
        self.page.locator("main form[method=post] button").first.click()
        me.sees("is issued")
        return finding

    def release(self, finding: Finding) -> None:
        """Once by hand; from then on the office's order releases each change as it happens."""
        me = self.visitor
        me.go(f"/desk/publishing/engagements/{self.engagement.uid}/")
        me.press("Publish the engagement")
        me.sees("Its changes are released as they happen from now on.")
        me.go(f"/desk/publishing/findings/{finding.uid}/")
        if self.main().locator("form[action$='/release/'] button").count():
            self.main().locator("form[action$='/release/'] button").click()
        me.go(f"/desk/publishing/findings/{finding.uid}/")
        me.sees("public")

    # --- What the audited side does -------------------------------------------

    def answer(self, asked: Recommendation) -> None:
        me = self.visitor
        me.sign_in(self.officer)
        me.go(asked.get_absolute_url())
        self.link("Respond to the recommendation")
        self.tick("concurs")
        me.press("Send the response")
        me.sees("The response is recorded.")
        self.link("State the corrective action plan")
        me.fill(
            contact="Head of the property office",
            action="Receipts are collected each Friday.",
            anticipated_on=(today() + timedelta(days=60)).isoformat(),
        )
        me.press("State the plan")
        me.sees("The plan is stated.")

    def decide(self, finding: Finding) -> None:
        me = self.visitor
        me.sign_in(self.manager)
        me.go(f"/desk/findings/{finding.uid}/decide/")
        self.tick("sustained")
        me.fill(
            reasons="The auditors are right.",
            allowed="80.00",
            disallowed="0.00",
            action="Supply the receipt.",
        )
        self.page.locator("main form.form button").first.click()
        me.sees("Management's decision on finding")

    def claim(self, asked: Recommendation, name: str) -> None:
        me = self.visitor
        me.sign_in(self.officer)
        me.go(asked.get_absolute_url())
        self.link("Say that it is implemented")
        me.fill(note="A person is named.")
        self.file(name)
        me.press("Say that it is implemented")
        me.sees("The auditors are asked to verify it.")

    def settle(self, finding: Finding) -> None:
        me = self.visitor
        me.go(finding.get_absolute_url())
        self.link("Say what settles the cost")
        self.main().locator("input[name=outcome][value=documented]").check()
        me.fill(amount="80.00", note="The receipt was found.")
        self.file("receipt.pdf")
        self.page.locator("main form.form button").first.click()
        me.sees("Until then it counts nowhere.")

    # --- What the auditors make of it -----------------------------------------

    def reject(self, asked: Recommendation) -> None:
        me = self.visitor
        me.sign_in(self.auditor)
        me.go(asked.get_absolute_url())
        self.link("Turn down the claim")
        me.fill(reason=REJECTED)
        me.press("Turn down the claim")
        me.sees("The claim is turned down.")

    def close(self, finding: Finding, asked: Recommendation) -> None:
        me = self.visitor
        me.sign_in(self.second)
        me.go(finding.get_absolute_url())
        self.main().locator("#claims ~ ol a[href$='/accept/']").first.click()
        me.fill(note="We saw the receipt.")
        me.press("Accept it")
        me.sees("It counts from now on.")
        me.go(asked.get_absolute_url())
        self.link("Accept it as implemented")
        me.fill(note="We saw the decree.")
        self.file("decree-seen.pdf")
        me.press("Close it as implemented")
        me.sees("It is closed as implemented.")


def test_from_a_sample_to_a_recommendation_that_was_carried_out(page, live_server, look):
    story = Story(page, live_server, look)
    item = story.test(story.draw())
    finding = story.find(item)
    story.release(finding)
    asked = finding.recommendations.get()

    story.answer(asked)
    story.decide(finding)
    story.claim(asked, "list.pdf")
    story.reject(asked)
    story.claim(asked, "decree.pdf")
    story.settle(finding)
    story.close(finding, asked)

    asked.refresh_from_db()
    assert asked.state == S.CLOSED_IMPLEMENTED
    _the_desk_tells_it(story, item.transaction, finding, asked)
    _the_public_reads_the_same(story, item.transaction, finding, asked)


def _the_desk_tells_it(story, payment, finding, asked) -> None:
    me = story.visitor
    me.go(f"/desk/transactions/{payment.uid}/")
    story.look("story-payment")
    me.sees("80.00 USD questioned, 0.00 USD still")
    me.sees("As of")
    me.sees(ASKED)
    me.sees(CLOSED)
    story.link(TITLE)
    expect(story.page).to_have_url(re.compile(finding.get_absolute_url()))
    story.look("story-finding")
    expect(story.main().locator("#money")).to_contain_text(re.compile(r"Still questioned\s*0\.00"))
    expect(story.main().locator("#history")).to_contain_text(REJECTED)
    expect(story.main().locator("#decision")).to_contain_text("sustained")
    me.sees("Nothing: no recommendation of it is open, and no cost of it questioned.")
    expect(story.main().locator(f"#payments a[href$='{payment.uid}/']")).to_have_count(1)
    story.link(asked.label)
    expect(story.main().locator("#steps")).to_contain_text(REJECTED)
    expect(story.main().locator("#steps a[download]")).to_have_count(3)
    me.sees(CLOSED)


def _the_public_reads_the_same(story, payment, finding, asked) -> None:
    """The same figures and states as of a day; that a claim was turned down, not the words of it; and nobody's name."""
    me, page = story.visitor, story.page
    page.context.clear_cookies()
    told = []
    me.go(f"/programs/{story.program.uid}/transactions/?row={payment.uid}")
    told.append(story.main().inner_text())
    page.locator(f"main a[href='/findings/{finding.uid}/']").first.click()
    story.look("story-public-finding")
    for words in (TITLE, "Still questioned: 0.00 USD", "80.00 USD", CLOSED, "As of", "sustained"):
        expect(story.main()).to_contain_text(words)
    expect(story.main().locator(f"a[href$='?row={payment.uid}']")).to_have_count(1)
    told.append(story.main().inner_text())
    story.link("every state of it")
    story.look("story-public-recommendation")
    me.sees("the auditors did not accept what was said")
    me.sees(CLOSED)
    told.append(story.main().inner_text())
    story.link(TITLE)
    story.link(story.engagement.title)
    me.sees("fieldwork")
    told.append(story.main().inner_text())
    names = [*User.objects.values_list("name", flat=True), REJECTED]
    assert [name for name in names if name in " ".join(told)] == []
    assert page.context.cookies() == []
