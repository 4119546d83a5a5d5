"""The main job, end to end, in a browser: officer → approver → auditor → report → public."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import PASSWORD, make_organisation, make_person
from tests.factories.ledger import make_commitment
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of
from tracker.accounts.models import Role
from tracker.ledger.models import Transaction, Voucher
from tracker.publishing.models import Preparation, PublishedProgram

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Visitor:
    """Somebody at the browser. Signs in and types like everybody else."""

    def __init__(self, page: Page, home: str):
        self.page, self.home = page, home
        page.set_default_timeout(10_000)

    def go(self, path: str) -> None:
        self.page.goto(self.home + path)

    def sign_in(self, person) -> None:
        self.page.context.clear_cookies()
        self.go("/account/login/?next=/desk/")
        self.fill(login=person.email, password=PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(re.compile("/desk/$"))

    def fill(self, **fields: str) -> None:
        """Fields by the names they have in their forms."""
        for name, value in fields.items():
            self.page.locator(f"main [name={name}]").fill(value)

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"main select[name={name}]").select_option(value)

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name).first.click()

    def confirm_password(self) -> None:
        """What an approval asks for when the password was typed too long ago."""
        expect(self.page).to_have_url(re.compile("/reauthenticate/"))
        self.fill(password=PASSWORD)
        self.page.locator("main form button").first.click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main").get_by_text(text).first).to_be_visible()


@pytest.fixture
def people():
    """A program with a commitment, and one person for each step."""
    ministry = make_organisation("Ministry of Defence")
    officer = make_person(Role.OFFICER, organisation=ministry, name="Program officer")
    program = make_program(owner=ministry, by=officer, title="Field hospitals")
    people = {
        role: make_person(role, organisation=ministry) for role in (Role.APPROVER, Role.DISCLOSURE)
    }
    office = make_organisation("Audit Office")
    auditor = make_person(Role.AUDITOR, organisation=ministry, employer=office)
    commitment = make_commitment(program, "5000.00", description="Two field hospitals")
    return program, commitment, people | {"officer": officer, "auditor": auditor}


def test_from_a_voucher_to_a_public_report(page, live_server, look, people):
    program, commitment, who = people
    visitor = Visitor(page, live_server.url)

    payment = _pay(visitor, look, program, commitment, who)
    finding = _find(visitor, look, program, payment, who)
    _report(visitor, look, program, who)
    _read_as_the_public(visitor, look, program, finding)


def _pay(visitor, look, program, commitment, who) -> Transaction:
    visitor.sign_in(who["officer"])
    visitor.go(f"/desk/vouchers/new/?program={program.uid}&kind=disbursement")
    visitor.choose("draws_on", str(commitment.uid))
    visitor.fill(
        amount="1204.50",
        value_date="2024-06-28",
        payee="Tent Works",
        reference="INV-7",
        description="Tents, first half",
    )
    visitor.fill(currency="USD")
    look("journey-1-voucher")
    visitor.page.locator("main form button.primary").first.click()
    voucher = Voucher.objects.get(reference="INV-7")
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    visitor.press("Submit for approval")
    visitor.sees("This disbursement lacks an invoice or a payment order.")
    _attach(visitor, "invoice.pdf", b"%PDF-1.7 tents", "invoice", "2024-06-20")
    visitor.sees("invoice.pdf is attached (invoice).")
    look("journey-1b-evidence")
    visitor.press("Submit for approval")
    visitor.sees("submitted")

    visitor.sign_in(who[Role.APPROVER])
    visitor.sees(voucher.number)
    look("journey-2-desk-of-the-approver")
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    visitor.page.locator("form[action$='/approve/'] button").click()
    visitor.confirm_password()
    visitor.page.locator("form[action$='/approve/'] button").click()
    visitor.sees("is approved and posted")
    look("journey-3-posted")
    return Transaction.objects.get(version__voucher=voucher)


def _attach(visitor, name: str, content: bytes, kind: str, day: str) -> None:
    """A file with its type and the date that it bears."""
    sent = {"name": name, "mimeType": "application/pdf", "buffer": content}
    visitor.page.locator("main input[name=file]").set_input_files(sent)
    visitor.choose("document_type", kind)
    visitor.fill(document_date=day)
    visitor.press("Attach the file")


def _find(visitor, look, program, payment, who):
    visitor.sign_in(who["auditor"])
    visitor.go("/desk/audits/new/")
    visitor.fill(number="2026-014", title="Receipts of the field hospitals")
    visitor.choose("kind", "compliance")
    visitor.choose("standard", "issai")
    scope = visitor.page.locator("main select[name*=program]").first
    scope.select_option(str(program.uid))
    visitor.page.locator("main form button.primary").first.click()
    _open(visitor)
    visitor.go(f"/desk/findings/new/?transaction={payment.uid}")
    visitor.fill(
        title="No proof of receipt",
        criteria="A signed receipt within 30 days.",
        condition="There is none.",
        cause="Nobody was named to collect it.",
        effect="Nobody can say what arrived.",
    )
    visitor.choose("severity", "high")
    visitor.choose("kind", "no_receipt")
    visitor.press("Save the draft")
    look("journey-4-finding")
    visitor.page.locator("main a[href$='/issue/']").first.click()
    visitor.page.locator(
        "main form[method=post] button.primary, main form[method=post] button"
    ).first.click()
    finding = payment.finding_links.get().finding
    visitor.go(f"/desk/transactions/{payment.uid}/")
    visitor.sees("No proof of receipt")
    look("journey-5-payment-with-its-finding")
    visitor.go(f"/desk/publishing/findings/{finding.uid}/")
    visitor.page.locator("form[action$='/release/'] button").click()
    return finding


def _open(visitor) -> None:
    """Independence is declared; the engagement reports without a draft, and starts unannounced, for reasons."""
    here = urlsplit(visitor.page.url).path
    for address in ("/desk/audits/independence/", here):
        visitor.go(f"{address}declare/")
        visitor.press("Declare it")
        visitor.sees("Your declaration is recorded")
    for step, words in (
        ("waive-comments", "Record the reason"),
        ("start-fieldwork", "Start the fieldwork"),
    ):
        visitor.go(f"{here}{step}/")
        visitor.fill(reason="A count on the spot.")
        visitor.press(words)
    visitor.sees("The fieldwork has begun")


def _report(visitor, look, program, who) -> None:
    visitor.sign_in(who["officer"])
    visitor.go(f"/desk/reports/new/?program={program.uid}")
    visitor.fill(title="Progress in 2024", period_start="2024-01-01", period_end="2024-12-31")
    visitor.page.locator("main form button.primary").first.click()
    visitor.page.locator("main textarea[name=body_0], main textarea").first.fill(
        "The first tents were paid for."
    )
    visitor.press("Save the report")
    report = program.reports.get()
    visitor.go(f"/desk/reports/{report.uid}/")
    visitor.page.locator("form[action$='/submit/'] button").click()

    visitor.sign_in(who[Role.APPROVER])
    visitor.go(f"/desk/reports/{report.uid}/")
    visitor.page.locator("form[action$='/accept/'] button").click()

    visitor.sign_in(who[Role.DISCLOSURE])
    visitor.go(f"/desk/reports/{report.uid}/publish/")
    look("journey-6-publishing")
    visitor.page.locator("main form[method=post] button").first.click()
    visitor.sees("waits for a second person")
    prepared = Preparation.objects.get(report=report)

    visitor.sign_in(disclosure_of(program, 1))
    visitor.go(f"/desk/publishing/preparations/{prepared.uid}/")
    look("journey-6-prepared")
    visitor.press("Release it")
    visitor.sees("released as release")
    assert PublishedProgram.objects.filter(uid=program.uid).exists()


def _read_as_the_public(visitor, look, program, finding) -> None:
    visitor.page.context.clear_cookies()
    visitor.go("/")
    visitor.sees("Field hospitals")
    look("journey-7-overview")
    visitor.go(f"/programs/{program.uid}/")
    visitor.sees("1,204.50")
    visitor.sees("No proof of receipt")
    look("journey-8-public-program")
    visitor.go(f"/reports/{program.reports.get().uid}/")
    visitor.sees("The first tents were paid for.")
    look("journey-9-public-report")
    visitor.go(f"/findings/{finding.uid}/")
    visitor.sees("Nobody can say what arrived.")
    look("journey-10-public-finding")
    assert visitor.page.context.cookies() == []
