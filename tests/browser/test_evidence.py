"""Documents and waivers in a real browser: complete, legible on a phone, in both themes."""

import pytest

from tests.browser.test_audits import sign_in
from tests.factories import documents, ledger
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tracker.accounts.models import Role
from tracker.ledger import actions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def program():
    return make_program(title="Field hospitals")


def fits(page):
    page.set_viewport_size({"width": 390, "height": 900})
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0, f"{page.url} is wider than a phone"


def same_file_twice(program):
    """Submitted with a contract that another voucher has as an invoice."""
    first = ledger.make_voucher_at("posted", program, number="2024-0003")
    voucher = ledger.make_voucher(program, number="2024-0007", description="Two field hospitals")
    actions.attach_file(
        voucher=voucher,
        file=first.attachments.get().file,
        name="framework-contract.txt",
        document_type="contract",
        document_date=ledger.A_DAY,
        by=voucher.created_by,
    )
    ledger.submit(voucher)
    return voucher


def test_the_pages_of_documents_are_accessible_in_both_themes_and_fit_a_phone(
    page, live_server, look, program
):
    draft = ledger.make_voucher(program, number="2024-0001")
    ledger.make_attachment(draft, "letter.txt", document_type="correspondence")
    documents.grant(documents.ask(draft))
    posted = documents.post_on_a_waiver(program, number="2024-0002", category="lost")
    documents.supply(documents.post_on_a_waiver(program, number="2024-0004"))
    repeated = same_file_twice(program)
    asked = ledger.make_voucher(program, number="2024-0005")
    documents.ask(asked)

    sign_in(page, live_server, ledger.officer_of(program))
    pages = {
        "voucher": f"vouchers/{draft.uid}/",
        "voucher-posted": f"vouchers/{posted.uid}/",
        "waiver": f"vouchers/{ledger.make_voucher(program).uid}/waiver/",
        "supply": f"vouchers/{posted.uid}/supply/",
        "waivers": "waivers/",
        "desk": "",
    }
    for name, path in pages.items():
        page.goto(f"{live_server.url}/desk/{path}")
        assert page.locator("h1").count() == 1
        look(f"evidence-{name}")
        fits(page)

    page.context.clear_cookies()
    sign_in(page, live_server, ledger.approver_of(program))
    for name, voucher in {"approver-repeated": repeated, "approver-waiver": asked}.items():
        page.goto(f"{live_server.url}/desk/vouchers/{voucher.uid}/")
        look(f"evidence-{name}")
        fits(page)


def test_from_a_waiver_to_the_document_that_settles_it(page, live_server, look, program):
    voucher = ledger.make_voucher(program, number="2024-0001")
    there = f"{live_server.url}/desk/vouchers/{voucher.uid}/"
    sign_in(page, live_server, voucher.created_by)
    page.goto(there)
    page.get_by_role("link", name="Ask for a waiver").click()
    page.select_option("select[name=category]", "not_issued")
    page.fill("textarea[name=reason]", "It is being signed.")
    page.fill("input[name=expires_on]", documents.soon(voucher).isoformat())
    page.get_by_role("button", name="Ask for the waiver").click()
    page.get_by_text("It counts once an approver grants it.").wait_for()

    documents.grant(voucher.waivers.get(), make_person(Role.APPROVER, organisation=program.owner))
    page.goto(there)
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_text("is submitted").first.wait_for()
    ledger.approve(voucher.versions.get())

    page.goto(f"{live_server.url}/desk/")
    page.get_by_role("link", name="Supply a contract or a decision to voucher 2024-0001").click()
    page.get_by_role("link", name="Supply a document").click()
    sent = {"name": "contract.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"}
    page.set_input_files("input[name=file]", sent)
    page.select_option("select[name=document_type]", "contract")
    page.fill("input[name=document_date]", "2024-03-01")
    page.get_by_role("button", name="Supply the document").click()
    page.get_by_text("settled: the document came").wait_for()

    documents.post_on_a_waiver(program, category="lost")
    publish(program)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/programs/{program.uid}/")
    page.get_by_text("Documents that are missing").wait_for()
    look("evidence-public")
    fits(page)
