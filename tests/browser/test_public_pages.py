"""Every public page in a real Chromium: both widths, both themes, read by axe, and never wider than a phone."""

import pytest
from playwright.sync_api import Page

from tests.public import shelf
from tests.public.world import make_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 900}


def test_every_public_page_is_accessible_in_both_themes_and_fits_a_phone(
    page: Page, live_server, look
):
    world = make_world()
    hard = shelf.put_program(
        shelf.payment("commitment", shelf.Money(99999999999999999, "USD"), fiscal_year=2024),
        shelf.payment("disbursement", shelf.usd(700000), withheld=["amount"], fiscal_year=2025),
        shelf.payment(withheld=["value_date", "payee", "receiver"], description="A" * 60),
        title="A title that is much longer than anybody would like it to be on a small telephone",
        parties=[("donor", "Union of Donors"), ("recipient", "Island State")],
    )
    room = f"/programs/{world.program.uid}/"
    pages = {
        "overview": "/",
        "about": "/about/",
        "programs": "/programs/",
        "programs-none": "/programs/?q=nothing-is-called-so",
        "programs-refused": "/programs/?nature=evil",
        "program": room,
        "program-hard": f"/programs/{hard.uid}/",
        "program-documented": f"/programs/{world.documented.uid}/",
        "transactions": f"{room}transactions/",
        "transactions-hard": f"/programs/{hard.uid}/transactions/",
        "withheld": f"{room}withheld/",
        "reports": "/reports/",
        "report": f"/reports/{world.superseded.uid}/",
        "findings": "/findings/",
        "finding": f"/findings/{world.finding.uid}/",
        "nothing": f"/programs/{world.unpublished.uid}/",
    }
    for name, path in pages.items():
        page.goto(live_server.url + path)
        look(f"public-{name}")
        page.set_viewport_size(PHONE)
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, f"{name} is wider than a phone"
    assert page.context.cookies() == []
