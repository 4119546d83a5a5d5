"""Preparing, explaining and releasing in a real browser, and what the public reads of it."""

import pytest

from tests.browser.test_journey import Visitor
from tests.factories import ledger
from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, in_a_year, publish, withhold
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


def test_from_a_withheld_field_to_a_release_that_is_taken_back(visitor, program):
    """Propose, decide as another person, prepare, explain, release, correct, release again, withdraw."""
    first, second = disclosure_of(program), disclosure_of(program, 1)
    payment = program.transactions.get(text__reference="D-2")
    _propose(visitor, first, program)
    _decide(visitor, second)
    _release(visitor, first, second, program, explained=True)
    visitor.page.context.clear_cookies()
    visitor.go(f"/programs/{program.uid}/transactions/")
    visitor.sees("The supplier’s prices are being negotiated.")
    visitor.look("story-5-public-row")

    reverse(payment)
    _release(visitor, second, first, program, explained=True)
    visitor.page.context.clear_cookies()
    visitor.go(f"/programs/{program.uid}/releases/3/")
    visitor.look("story-8-difference")

    _take_back(visitor, first, second, program)
    visitor.page.context.clear_cookies()
    answer = visitor.page.goto(f"{visitor.home}/programs/{program.uid}/")
    assert answer.status == 410
    visitor.sees("A place could be worked out from its dates.")
    visitor.look("story-12-tombstone")


def reverse(payment):
    """The officers' own work, which has its own story (test_journey)."""
    ledger.make_reversal(payment)


def _propose(visitor, person, program):
    visitor.sign_in(person)
    visitor.go(f"/desk/withholdings/new/?program={program.uid}")
    visitor.page.get_by_label("Field to withhold").select_option("transaction.payee")
    visitor.look("story-1-what")
    visitor.page.get_by_role("button", name="Go on").click()
    visitor.page.get_by_label("Which record").fill("D-1")
    visitor.page.get_by_label("Category").select_option("commercial")
    visitor.page.get_by_label("Legal basis").fill("Procurement Act, section 12")
    visitor.page.get_by_label("Reason in one public sentence").fill(
        "The supplier’s prices are being negotiated."
    )
    visitor.page.get_by_label("Review on").fill(in_a_year().isoformat())
    visitor.look("story-2-why")
    visitor.page.get_by_role("button", name="Propose it").click()
    visitor.sees("Another disclosure officer decides")


def _decide(visitor, person):
    visitor.sign_in(person)
    visitor.go("/desk/withholdings/?status=proposed")
    visitor.page.get_by_role("link", name="payee").first.click()
    visitor.look("story-3-decide")
    visitor.page.get_by_role("button", name="Withhold the field").click()


def _release(visitor, preparer, releaser, program, explained):
    visitor.sign_in(preparer)
    visitor.go(f"/desk/publishing/programs/{program.uid}/")
    visitor.page.get_by_role("link", name="Prepare a release").click()
    visitor.page.get_by_role("button", name="Prepare the release").click()
    visitor.sees("Reconciliation")
    while explained and visitor.page.get_by_role("button", name="Write it").count():
        visitor.page.get_by_label("Why it differs").first.fill("One payment was taken back.")
        visitor.page.get_by_role("button", name="Write it").first.click()
    here = visitor.page.url
    visitor.sign_in(releaser)
    visitor.page.goto(here)
    visitor.page.get_by_role("button", name="Release it").click()
    visitor.sees("released as release")


def _take_back(visitor, proposer, decider, program):
    visitor.sign_in(proposer)
    visitor.go(f"/desk/publishing/programs/{program.uid}/")
    visitor.page.get_by_role("link", name="Take a release back").click()
    visitor.page.get_by_label("Release", exact=True).select_option(index=1)
    visitor.page.get_by_label("Category").select_option("safety")
    visitor.page.get_by_label("Legal basis").fill("Military Secrets Act, section 9")
    visitor.page.get_by_label("Reason in one public sentence").fill(
        "A place could be worked out from its dates."
    )
    visitor.page.get_by_label("Propose it:").check()
    visitor.look("story-9-take-back")
    visitor.page.get_by_role("button", name="Take it back").click()
    visitor.look("story-10-proposed")
    here = visitor.page.url
    visitor.sign_in(decider)
    visitor.page.goto(here)
    visitor.look("story-11-decide")
    visitor.page.get_by_role("button", name="Take it back").click()
