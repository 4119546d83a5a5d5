"""Preparing, explaining and releasing in a real browser, and what the public reads of it."""

import pytest

from tests.browser.test_journey import Visitor
from tests.factories import ledger
from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, publish, withhold
from tracker.accounts.models import Role
from tracker.publishing.models import Release

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def visitor(page, live_server, look):
    found = Visitor(page, live_server.url)

    def see(name):
        look(name)
        page.set_viewport_size({"width": 390, "height": 900})
        assert page.evaluate(TOO_WIDE) <= 0, f"{name} is wider than a phone"
        page.set_viewport_size({"width": 1280, "height": 900})

    found.look = see
    return found


@pytest.fixture
def program():
    ministry, staff = make_organisation("Ministry of Defence"), make_organisation("General Staff")
    officer = make_person(Role.OFFICER, organisation=ministry, name="Program officer")
    found = make_program(owner=ministry, recipient=staff, by=officer, title="Field hospitals")
    for name in ("First disclosure officer", "Second disclosure officer"):
        make_person(Role.DISCLOSURE, organisation=ministry, name=name)
    commitment = ledger.make_commitment(found, "5000.00", reference="C-1")
    paid = ledger.make_disbursement(commitment, "1204.50", reference="D-1")
    publish(found)
    ledger.make_disbursement(commitment, "300.00", reference="D-2")
    ledger.make_commitment(found, ledger.money("700.00", "EUR"), reference="C-2")
    withhold(found, "transaction", "amount", paid.uid)
    return found


def test_a_release_is_prepared_explained_and_released_by_another_person(visitor, program):
    first, second = disclosure_of(program), disclosure_of(program, 1)
    visitor.sign_in(first)
    visitor.go(f"/desk/publishing/programs/{program.uid}/")
    visitor.sees("unpublished change")
    visitor.look("release-1-program")
    visitor.page.get_by_role("link", name="Prepare a release").click()
    visitor.look("release-2-prepare")
    visitor.page.get_by_role("button", name="Prepare the release").click()
    visitor.sees("waits for a second person")
    visitor.sees("Reconciliation")
    visitor.look("release-3-sheet")
    visitor.page.get_by_label("Why it differs").fill("The amount of one payment is withheld since.")
    visitor.page.get_by_role("button", name="Write it").click()
    visitor.sees("Explained")
    visitor.look("release-4-explained")
    visitor.sign_in(second)
    visitor.go("/desk/publishing/")
    visitor.page.get_by_role("link", name="A release of “Field hospitals”").click()
    visitor.look("release-5-second")
    visitor.page.get_by_role("button", name="Release it").click()
    visitor.sees("released as release 2")
    assert Release.objects.filter(subject=program.uid).count() == 2
    visitor.page.context.clear_cookies()
    visitor.go(f"/programs/{program.uid}/")
    visitor.sees("Why totals differ from the release before")
    visitor.look("release-6-public")
