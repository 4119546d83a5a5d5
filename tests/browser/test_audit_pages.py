"""Every page of the audit that the story passes by too fast: legible at both widths, in both themes, for axe and for people."""

from datetime import timedelta

import pytest

from tests.browser.test_journey import Visitor
from tests.factories import money as settling
from tests.factories.accounts import make_person
from tests.factories.audits import (
    draft_recommendation,
    join,
    make_engagement,
    make_finding,
    walk,
)
from tests.factories.ledger import officer_of
from tests.factories.publishing import disclosure_of, make_report_at
from tests.factories.sampling import (
    amounts_spec,
    draw,
    evaluate,
    items,
    make_payments,
    pass_all,
    plan,
)
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.audits import actions
from tracker.audits.actions import BetterUseLine, CostLine, Particulars
from tracker.audits.models import Outcome
from tracker.audits.models import RecommendationState as S
from tracker.publishing import actions as publishing
from tracker.publishing.models import Category
from tracker.shared.clock import today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = {"width": 390, "height": 900}
usd = settling.usd


class Room:
    """An engagement in the middle of its year, with something of everything."""

    def __init__(self):
        self.program = staffed_program(title="Field hospitals")
        amounts = [f"{n}00.00" for n in range(1, 13)]
        self.payments = make_payments(self.program, amounts, payee="Tent Works")
        self.engagement = make_engagement(self.program, title="Receipts of tents")
        self.auditor, self.second = self.engagement.lead, join(self.engagement)
        self.officer = officer_of(self.program)
        self.manager = make_person(Role.SENIOR_APPROVER, organisation=self.program.owner)
        self._sample()
        self._find()
        self._seal()
        make_report_at("published", self.program)
        publishing.release_engagement(engagement=self.engagement, standing=True, by=self.auditor)
        publishing.release_finding(finding=self.finding, by=self.auditor)

    def _sample(self):
        off = {"outcomes": [Outcome.DEVIATION, Outcome.PASSED], "note": "No receipt on file."}
        self.tested = pass_all(draw(plan(self.engagement)), p2=off)
        evaluate(self.tested)
        told = {
            "purpose": "What should have been recorded?",
            "size": 6,
            "size_reason": "The file is small.",
            "again_reason": "Another question.",
        }
        self.open = draw(plan(self.engagement, amounts_spec(tolerable="4000.00", **told)))
        self.amounts = draw(
            plan(
                self.engagement,
                amounts_spec(
                    tolerable="5000.00",
                    purpose="Is it overstated?",
                    again_reason="Another question.",
                ),
            )
        )
        pass_all(self.amounts, p2={"audited": usd("50.00"), "note": "Half was delivered."})
        evaluate(self.amounts)
        self.waiting = plan(
            self.engagement, purpose="Were two people asked?", again_reason="Another question."
        )

    def _find(self):
        paid = self.payments[7]
        lines = [
            CostLine(
                "unsupported", usd("200.00"), paid, usd("450.00"), "Sample 1, difference estimate."
            ),
            CostLine("unreasonable", usd("100.00"), paid, None, ""),
        ]
        more = Particulars(lines=lines, better_use=[BetterUseLine("deobligation", usd("90.00"))])
        self.finding = make_finding(paid, engagement=self.engagement, issued=False, more=more)
        self.asked = draft_recommendation(self.finding)
        self.draft = make_finding(self.payments[3], engagement=self.engagement, issued=False)
        actions.issue_finding(finding=self.finding, by=self.auditor)
        self.asked.refresh_from_db()
        walk(self.asked, S.OPEN_RESOLVED)
        settling.make_plan(self.asked)
        settling.settle(self.finding, "120.00")
        self.claimed = settling.claim(self.finding, "50.00")
        self.time = settling.ask(self.asked)

    def _seal(self):
        payment = self.payments[0]
        proposed = publishing.propose_withholding(
            program=self.program,
            record_kind="transaction",
            record=payment.uid,
            field="payee",
            category=Category.OPERATIONAL_SECURITY,
            legal_basis="Aid Act 2024, section 31",
            reason="The supplier's name would tell where the tents stand.",
            review_on=today() + timedelta(days=365),
            by=disclosure_of(self.program),
        )
        publishing.decide_withholding(withholding=proposed, by=disclosure_of(self.program, 1))
        actions.put_star(
            record_kind="transaction",
            record=payment.uid,
            field="amount",
            note="Compare with the price list.",
            engagement=self.engagement,
            by=self.auditor,
        )
        actions.save_search(
            name="Open ones", page="recommendations", query="state=open", by=self.auditor
        )
        self.glass = publishing.break_glass(
            record_kind="transaction",
            record=payment.uid,
            reason="The payee is needed for the list of suppliers.",
            hours=8,
            by=self.auditor,
        )


@pytest.fixture
def room():
    return Room()


@pytest.fixture
def tour(page, live_server, look):
    """Signed in as somebody, from page to page: none answers with an error, none is wider than a phone."""

    def run(person, pages):
        visitor = Visitor(page, live_server.url)
        if person is None:
            page.context.clear_cookies()
        else:
            visitor.sign_in(person)
        for name, address in pages.items():
            answer = page.goto(live_server.url + address)
            assert answer.status == 200, f"{name}: {answer.status}"
            assert page.url.split("?")[0] == live_server.url + address.split("?")[0], (
                f"{name} sends on"
            )
            look(name)
            page.set_viewport_size(PHONE)
            assert page.evaluate(TOO_WIDE) <= 0, f"{name} is wider than a phone"
        return visitor

    return run


def test_the_pages_of_a_sample(tour, room):
    home = f"/desk/audits/{room.engagement.uid}/"
    visitor = tour(
        room.auditor,
        {
            "sample-new": f"{home}samples/new/?kind=disbursement",
            "sample-waiting": room.waiting.get_absolute_url(),
            "sample-open": room.open.get_absolute_url(),
            "sample-item": f"/desk/samples/items/{items(room.open)[0].uid}/",
            "sample-item-tested": f"/desk/samples/items/{items(room.tested)[1].uid}/",
            "sample-evaluation": f"{room.tested.get_absolute_url()}evaluation/",
            "sample-amounts": f"{room.amounts.get_absolute_url()}evaluation/",
        },
    )
    visitor.go("/desk/")


def test_the_pages_of_the_money(tour, room):
    finding, asked = room.finding.get_absolute_url(), room.asked.get_absolute_url()
    tour(
        room.officer,
        {
            "money-claim": f"{finding}cost/",
            "money-plan": f"{asked}plan/",
            "money-ask-risk": f"{asked}ask_risk/",
            "money-recommendation-owner": asked,
        },
    )
    tour(room.manager, {"money-decide": f"{finding}decide/"})
    tour(
        room.auditor,
        {
            "money-finding": finding,
            "money-judge": f"/desk/costs/{room.claimed.uid}/accept/",
            "money-answer": f"/desk/asks/{room.time.uid}/",
            "money-records": f"{room.draft.get_absolute_url()}records/",
            "money-recommendation": asked,
        },
    )


def test_the_auditors_desk(tour, room, look):
    home = f"/desk/audits/{room.engagement.uid}/"
    visitor = tour(
        room.auditor,
        {
            "desk-auditor": "/desk/auditor/",
            "desk-record": f"/desk/records/{room.payments[0].uid}/",
            "desk-record-finding": f"/desk/records/{room.finding.uid}/",
            "desk-events": f"{home}history/",
            "desk-bundle": f"{home}evidence/",
            "desk-searches": "/desk/searches/",
            "desk-board": "/desk/audits/board/",
            "desk-publish": f"/desk/publishing/engagements/{room.engagement.uid}/",
        },
    )
    visitor.go(f"/desk/records/{room.payments[0].uid}/")
    visitor.page.locator("main form[action*='/glass/'][action$='/read/'] button").first.click()
    visitor.sees("Tent Works")
    look("desk-glass-read")


def test_the_offices_public_pages(tour, room):
    tour(
        None,
        {
            "office-public-list": "/audits/",
            "office-public-engagement": f"/audits/{room.engagement.uid}/",
            "office-public-office": f"/audits/offices/{room.engagement.office.uid}/",
            "office-public-finding": f"/findings/{room.finding.uid}/",
            "office-public-recommendation": f"/recommendations/{room.asked.uid}/",
        },
    )
