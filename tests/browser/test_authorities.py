"""The pages of authorities in a real browser: complete, legible on a phone, in both themes."""

import pytest

from tests.browser.test_audits import sign_in
from tests.factories import ledger
from tests.factories.programs import make_program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def authority():
    program = make_program()
    found = ledger.make_authority(program.owner, kind="drawdown")
    ledger.set_ceiling(found, "9000.00")
    ledger.make_stage(found, "authorised")
    ledger.propose(found, "raise", "500.00")  # waits for the second person
    ledger.make_commitment(program, "2500.00", authority=found)
    return found


def test_the_pages_of_authorities_are_accessible_in_both_themes_and_fit_a_phone(
    page, live_server, look, authority
):
    sign_in(page, live_server, ledger.person_of(authority.organisation, "officer"))
    pages = {
        "list": "",
        "new": "new/",
        "one": f"{authority.uid}/",
        "ceiling": f"{authority.uid}/ceiling/",
        "availability": f"{authority.uid}/availability/",
        "stage": f"{authority.uid}/stage/",
    }
    for name, path in pages.items():
        page.goto(f"{live_server.url}/desk/authorities/{path}")
        assert page.locator("h1").count() == 1
        look(f"authority-{name}")
        page.set_viewport_size({"width": 390, "height": 900})
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, f"{name} is wider than a phone"
