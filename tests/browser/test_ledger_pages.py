"""The pages of the ledger in a real browser: complete, legible on a phone, in both themes, and without a script."""

import pytest

from tests.browser.test_audits import sign_in
from tests.factories import chains, ledger, periods, publishing, receipts
from tests.factories.accounts import make_organisation
from tests.factories.programs import make_program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def rows():
    """The whole way to an organisation with an account, something reversed, something unvalued, something late, and
    what the recipient's side states of it."""
    staff = make_organisation("General Staff of the South")
    program = make_program(title="Field hospitals", recipient=staff)
    rows = chains.whole_way(program, receiver=staff, provider=program.owner)
    ledger.make_reversal(ledger.make_disbursement(rows["commitment"], "7.00", reference="GONE"))
    chains.send_unvalued(rows["commitment"])
    more = ledger.make_commitment(program, "900.00", reference="CO-2")
    sent = [
        ledger.make_disbursement(more, f"{amount}.00", reference=reference, receiver=staff)
        for reference, amount in (("S1", 300), ("S2", 200), ("S3", 100))
    ]
    periods.close(program.owner)
    short = receipts.state(sent[0], "short", "280.00", arrived_on=periods.IN_Q1)
    receipts.state(short.transaction, "used", "120.00", arrived_on=periods.IN_Q2)
    receipts.state(sent[1], "disputed")
    receipts.state(sent[2], "damaged", "100.00", damaged_amount="40.00")
    receipts.make_explained(short.opened.get())
    rows |= {"stated": sent[0]}
    return rows | {"program": program, "staff": staff}


def look_at(page, live_server, look, name, path):
    page.goto(f"{live_server.url}{path}")
    assert page.locator("h1").count() == 1
    look(f"ledger-{name}")
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate(OVER) <= 0, f"{name} is wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def test_the_pages_of_the_ledger_are_accessible_in_both_themes_and_fit_a_phone(
    page, live_server, look, rows
):
    program, staff = rows["program"], rows["staff"]
    sign_in(page, live_server, ledger.officer_of(program))
    publishing.publish(program)
    pages = {
        "list": f"/desk/ledger/?program={program.uid}&currency=USD",
        "filtered": "/desk/ledger/?state=reversed&late=yes",
        "chain": f"/desk/transactions/{rows['first'].uid}/",
        "stated": f"/desk/transactions/{rows['stated'].uid}/",
        "pledge": f"/desk/transactions/{rows['pledge'].uid}/",
        "accounts": "/desk/accounts/",
        "account": f"/desk/accounts/{staff.uid}/?from=2024-01-01",
        "reconciliation": f"/desk/reconciliation/?program={program.uid}",
        "dispatches": "/desk/dispatches/",
        "discrepancies": "/desk/discrepancies/",
        "periods": "/desk/periods/",
        "authorities": "/desk/authorities/",
        "organisation": f"/desk/organisations/{staff.uid}/",
        "program": f"/desk/programs/{program.uid}/",
        "portfolio": "/desk/portfolio/",
        "public-program": f"/programs/{program.uid}/",
        "style": "/desk/style/",
    }
    for name, path in pages.items():
        look_at(page, live_server, look, name, path)


def test_a_bar_of_the_line_opens_the_rows_behind_it(page, live_server, rows):
    sign_in(page, live_server, ledger.officer_of(rows["program"]))
    page.goto(f"{live_server.url}/desk/programs/{rows['program'].uid}/")
    page.locator(".line .stage-4 .track").click(force=True)  # the amount's link lies over the bar

    assert "kind=receipt" in page.url
    assert page.locator("table.cards-small tbody tr").count() >= 2


def test_everything_can_be_read_and_filtered_without_a_script(browser, live_server, rows):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, live_server, ledger.officer_of(rows["program"]))
    page.goto(f"{live_server.url}/desk/transactions/{rows['first'].uid}/")
    assert page.locator(".flow .bar").count() > 5
    page.goto(f"{live_server.url}/desk/reconciliation/")
    page.select_option("select[name=show]", "differences")
    page.get_by_role("button", name="Filter").click()
    assert "show=differences" in page.url
    assert page.locator(".badge.bad").first.inner_text() == "more than was sent"
    context.close()


def test_a_statement_is_printed_without_what_is_for_the_screen(page, live_server, rows):
    sign_in(page, live_server, ledger.officer_of(rows["program"]))
    page.goto(f"{live_server.url}/desk/accounts/{rows['staff'].uid}/")
    page.emulate_media(media="print")

    assert not page.locator("form.filters").first.is_visible()
    assert not page.locator(".masthead nav").is_visible()
    assert page.get_by_text("Disbursed, not confirmed as received").first.is_visible()
    page.emulate_media(media="screen")
