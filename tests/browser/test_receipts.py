"""A recipient's short receipt and its explanation, in a real browser: complete, legible on a phone, in both themes."""

import pytest

from tests.browser.test_audits import sign_in
from tests.factories import ledger, receipts
from tests.factories.publishing import publish
from tracker.ledger.models import Discrepancy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def goods():
    return receipts.make_goods(40, "90000.00", reference="G-2024-7")


def fits_a_phone(page, name):
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate(OVER) <= 0, f"{name} is wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def see(page, look, name):
    assert page.locator("h1").count() == 1
    look(f"receipts-{name}")
    fits_a_phone(page, name)


def test_a_representative_states_a_short_receipt_and_the_other_side_accepts_its_explanation(
    page, live_server, look, goods
):
    program = goods.program
    officer = ledger.officer_of(program)
    sign_in(page, live_server, receipts.representative_of(program))
    see(page, look, "desk")
    page.get_by_role("link", name="State what arrived of G-2024-7").click()
    see(page, look, "state")

    page.get_by_role("radio", name="Short:").check()
    page.get_by_role("button", name="State it").click()
    assert page.locator(".error").count() >= 1, "the form says what is missing"
    see(page, look, "state-errors")
    page.get_by_role("radio", name="Short:").check()
    page.get_by_label("How many arrived").fill("36")
    page.get_by_label("Arrived on").fill("2024-04-02")
    page.get_by_label("“Received” means here").select_option(label="title was handed over")
    page.get_by_label("Remark").fill("One crate was not on the lorry.")
    page.get_by_label("Document").set_input_files(
        {"name": "note.txt", "mimeType": "text/plain", "buffer": b"Signed."}
    )
    page.get_by_role("button", name="State it").click()
    page.wait_for_selector("text=What you state is recorded.")
    see(page, look, "stated")

    later = receipts.state(goods, "confirmed", quantity=None).transaction
    short = Discrepancy.objects.get()
    page.goto(f"{live_server.url}/desk/discrepancies/")
    see(page, look, "list")
    page.get_by_role("link", name="Short", exact=True).click()
    page.get_by_text("Explain the difference", exact=True).first.click()
    page.locator("#id_explain-reason").fill("It came with the next lorry.")
    page.locator("#id_explain-settled_by").select_option(str(later.uid))
    see(page, look, "explain")
    page.get_by_role("button", name="Hand in the explanation").click()
    page.wait_for_selector("text=It counts once the other side accepts it.")

    page.context.clear_cookies()
    sign_in(page, live_server, officer)
    page.get_by_role("link", name="Answer the explanation").click()
    page.get_by_text("Accept the explanation", exact=True).first.click()
    see(page, look, "accept")
    page.get_by_role("button", name="Accept the explanation").click()
    page.wait_for_selector("text=the discrepancy is explained")
    see(page, look, "explained")
    short = Discrepancy.objects.select_related("state").get()
    assert (short.state.status, short.state.settled_by) == ("explained", later)
    for name, path in {
        "dispatches": "dispatches/",
        "dispatch": f"dispatches/{goods.uid}/",
        "payment": f"transactions/{goods.uid}/",
    }.items():
        page.goto(f"{live_server.url}/desk/{path}")
        see(page, look, name)


def test_the_public_reads_where_both_sides_differ(page, live_server, look, goods):
    receipts.state(goods, "damaged", quantity=38, damaged_quantity=2)
    publish(goods.program)
    page.goto(f"{live_server.url}/programs/{goods.program.uid}/")
    assert page.get_by_role("heading", name="Where both sides differ").is_visible()
    see(page, look, "public")


def test_what_was_used_is_stated_on_a_phone_too(page, live_server, look, goods):
    receipt = receipts.state(goods, "confirmed").transaction
    sign_in(page, live_server, receipts.representative_of(goods.program))
    page.goto(f"{live_server.url}/desk/use/{receipt.uid}/")
    see(page, look, "use")
