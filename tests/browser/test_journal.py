"""The journal's public pages and the staff's receipts in a real Chromium: read by axe in both themes, and fit for a phone."""

import pytest
from playwright.sync_api import Page

from tests.factories import ledger, publishing
from tracker.journal import service

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 900}


def test_the_journals_pages_are_accessible_in_both_themes_and_fit_a_phone(
    page: Page, live_server, look, settings, tmp_path
):
    settings.KEYS_DIR, settings.SIGNER_DIR = tmp_path / "keys", tmp_path / "signer"
    settings.JOURNAL_DIR = tmp_path / "log"
    payment = ledger.make_disbursement(ledger.make_commitment(), payee="A payee")
    publishing.withhold(payment.program, "transaction", "payee", payment.uid)
    publishing.publish(payment.program)
    service.bring_up_to_date()
    pages = {
        "journal": "/journal/",
        "record": f"/journal/records/{payment.uid}/",
        "verify": "/journal/verify/",
        "verify-good": f"/journal/verify/?what={payment.uid}",
        "verify-bad": "/journal/verify/?what=evil",
    }
    for name, path in pages.items():
        page.goto(live_server.url + path)
        look(f"journal-{name}")
        page.set_viewport_size(PHONE)
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(over) <= 0, f"{name} is wider than a phone"
    assert page.context.cookies() == []
