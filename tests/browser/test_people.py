"""From the invitation to a role in force, in a browser: an administrator, a newcomer, a second administrator."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests.factories.accounts import PASSWORD, administrators_of, make_organisation
from tracker.accounts import policies
from tracker.accounts.models import Role, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GOOD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _limits_start_anew():
    cache.clear()


def sign_in(page: Page, home: str, email: str, password: str = PASSWORD, where="/desk/people/"):
    page.context.clear_cookies()
    page.goto(home + where)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(home + where)


def press(page: Page, name: str):
    page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def test_from_the_invitation_to_a_role_in_force(page: Page, live_server, look):
    place = make_organisation("Ministry of Aid")
    first, second = administrators_of(place)

    sign_in(page, live_server.url, first.email)
    look("people")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name").fill("New Person")
    page.get_by_label("E-mail address").fill("new@example.org")
    look("people-invite")
    press(page, "Send the invitation")
    expect(page.get_by_text("The invitation went to new@example.org.")).to_be_visible()
    look("people-invitations")

    link = urlsplit(re.search(r"http\S+code=\S+", mail.outbox[-1].body)[0])
    page.context.clear_cookies()
    page.goto(f"{live_server.url}{link.path}?{link.query}")
    look("people-accept")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("Password again").fill("short")
    press(page, "Open my account")
    expect(page.get_by_role("alert")).to_be_focused()
    look("people-accept-refused")
    page.get_by_label("Password", exact=True).fill(GOOD)
    page.get_by_label("Password again").fill(GOOD)
    press(page, "Open my account")
    look("sign-in")
    sign_in(page, live_server.url, "new@example.org", GOOD, "/account/")
    expect(page.get_by_text("You hold no role yet.")).to_be_visible()
    look("account")

    newcomer = User.objects.get(email="new@example.org")
    path = f"/desk/people/{newcomer.uid}/"
    sign_in(page, live_server.url, first.email, where=path)
    page.get_by_label("Role").select_option("approver")
    page.get_by_label("Over all programs of").select_option(label="Ministry of Aid")
    press(page, "Give the role")
    expect(page.get_by_text("A second administrator confirms.")).to_be_visible()
    look("person-proposed")

    sign_in(page, live_server.url, second.email, where="/account/notices/")
    press(page, "Open")
    expect(page).to_have_url(live_server.url + path)
    press(page, "Confirm")
    expect(page.get_by_text("approver is in force")).to_be_visible()
    look("person")
    assert policies.holds(newcomer, Role.APPROVER, organisation=place)


@pytest.mark.parametrize(
    "path",
    [
        "/account/password/reset/",
        "/account/password/reset/sent/",
        "/account/password/reset/done/",
        "/account/password/reset/00000000000000000000000000000000-a-b/",
        "/account/inactive/",
        "/account/invitation/",
    ],
)
def test_the_pages_before_the_sign_in_are_for_everybody(page: Page, live_server, look, path):
    page.goto(live_server.url + path)

    look(f"public{path.replace('/', '-')[:40]}")


@pytest.mark.parametrize(
    "path",
    [
        "/account/notices/",
        "/account/password/change/",
        "/account/reauthenticate/",
        "/account/logout/",
        "/desk/people/roles/",
        "/desk/people/find/",
        "/desk/people/organisations/",
        "/desk/people/organisations/new/",
    ],
)
def test_the_pages_behind_it_are_too(page: Page, live_server, look, path):
    first, _ = administrators_of(make_organisation())
    sign_in(page, live_server.url, first.email)
    page.goto(live_server.url + path)

    look(f"staff{path.replace('/', '-')}")


def test_a_person_signs_in_without_a_script(browser, live_server):
    first, _ = administrators_of(make_organisation())
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    sign_in(page, live_server.url, first.email)

    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    context.close()
