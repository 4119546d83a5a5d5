"""The pages of valuations in a real browser: complete, legible on a phone, in both themes, with a preview while one types."""

import pytest

from tests.browser.test_audits import sign_in
from tests.factories import ledger
from tests.factories import valuation as goods
from tests.factories.programs import make_program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def package():
    program = make_program()
    authority = ledger.make_authority(program.owner, kind="drawdown")
    ledger.set_ceiling(authority, "9000.00")
    found = goods.make_goods(program, amount="1000.00", authority=authority, reference="PKG")
    goods.draw(found, "disbursement", "500.00", reference="SENT")
    goods.revalue(found, "600.00")
    goods.state_alternative(found, "1500.00", basis="replacement_cost")
    goods.propose(goods.make_goods(program, amount=None, reference="COURSE"), "70.00")
    return found


def test_the_pages_of_valuations_are_accessible_in_both_themes_and_fit_a_phone(
    page, live_server, look, package
):
    sign_in(page, live_server, ledger.officer_of(package.program))
    said = package.revaluations.get()
    pages = {
        "list": "revaluations/",
        "confirmed": f"revaluations/{said.uid}/",
        "transaction": f"transactions/{package.uid}/",
        "propose": f"transactions/{package.uid}/revalue/",
        "other": f"transactions/{package.uid}/values/",
        "authority": f"authorities/{package.authority.uid}/",
    }
    for name, path in pages.items():
        page.goto(f"{live_server.url}/desk/{path}")
        assert page.locator("h1").count() == 1
        look(f"valuation-{name}")
        page.set_viewport_size({"width": 390, "height": 900})
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, f"{name} is wider than a phone"


def test_what_follows_is_told_while_the_value_is_typed(page, live_server, package):
    sign_in(page, live_server, ledger.officer_of(package.program))
    page.goto(f"{live_server.url}/desk/transactions/{package.uid}/revalue/")
    page.select_option("select[name=new_basis]", "market_value")
    page.fill("input[name=valuation_date]", "2024-03-20")
    page.fill("input[name=new_amount]", "300")
    page.press("input[name=new_amount]", "Tab")

    page.get_by_text("150.00").first.wait_for()

    preview = page.locator("#preview").inner_text()
    assert "SENT" in preview and "Left under" in preview
