"""The main job, end to end, in a browser: officer → approver → auditor → report → public."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Visitor:
    """Somebody at the browser. Signs in and out like everybody else."""

    def __init__(self, page: Page, home: str):
        self.page, self.home = page, home

    def go(self, path: str) -> None:
        self.page.goto(self.home + path)

    def sign_in(self, person) -> None:
        self.page.context.clear_cookies()
        self.go("/desk/")
        self.page.get_by_label("E-mail").fill(person.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page).to_have_url(re.compile("/desk/$"))

    def follow(self, name: str | re.Pattern) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def press(self, name: str | re.Pattern) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def fill(self, **fields: str) -> None:
        """Fields by their form names."""
        for name, value in fields.items():
            control = self.page.locator(f"main [name={name}]").first
            if control.evaluate("e => e.tagName") == "SELECT":
                control.select_option(label=re.compile(re.escape(value)))
            else:
                control.fill(value)

    def sees(self, text: str | re.Pattern) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()
