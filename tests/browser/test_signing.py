"""Two approvers above the threshold, in a real browser: signed, returned with a reason, signed again, posted."""

import pytest

from tests.browser.test_journey import Visitor
from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import administrators_of, make_organisation, make_person
from tests.factories.audits import make_auditor
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tracker.accounts.models import Role
from tracker.ledger.models import Transaction

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office():
    program = make_program(title="Field hospitals")
    sign.set_table(program.owner)
    return program


@pytest.fixture
def visitor(page, live_server):
    return Visitor(page, live_server.url)


def fits_a_phone(page, name):
    page.set_viewport_size({"width": 390, "height": 900})
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(over) <= 0, f"{name} is wider than a phone"
    page.set_viewport_size({"width": 1280, "height": 900})


def approve(visitor, voucher, says):
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    button = visitor.page.locator("form[action$='/approve/'] button")
    assert says in button.inner_text()
    button.click()
    visitor.confirm_password()
    visitor.page.locator("form[action$='/approve/'] button").click()


def test_a_large_payment_is_signed_returned_signed_by_two_and_posted(visitor, look, office):
    first = make_person(Role.APPROVER, organisation=office.owner, name="First approver")
    second = make_person(Role.SENIOR_APPROVER, organisation=office.owner, name="Senior approver")
    voucher = make.make_voucher(office, amount=make.money("1000.00"))
    make.submit(voucher)

    visitor.sign_in(first)
    approve(visitor, voucher, "one more signature is needed")
    visitor.sees("It waits for another signature.")
    visitor.sees("1 of 2 signatures")
    visitor.sees("Waiting for Senior approver.")
    look("signing-1-one-of-two")
    fits_a_phone(visitor.page, "one of two")
    assert not Transaction.objects.exists()

    visitor.sign_in(second)
    visitor.sees("one signature is there, yours is the next")
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    look("signing-2-the-second")
    visitor.page.locator("summary", has_text="Return it instead").click()
    visitor.page.locator("form[action$='/return/'] textarea").fill("The invoice is missing.")
    visitor.press("Return the voucher")
    visitor.sees("is returned to its officer")

    voucher.refresh_from_db()
    make.submit(make.edit(voucher, reference="INV-9"))
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    visitor.sees("0 of 2 signatures")
    approve(visitor, voucher, "one more signature is needed")
    visitor.sees("1 of 2 signatures")
    visitor.sign_in(first)
    approve(visitor, voucher, "Approve and post")
    visitor.sees("is approved and posted")
    visitor.sees("2 of 2 signatures")
    visitor.sees("The invoice is missing.")
    look("signing-3-posted")
    fits_a_phone(visitor.page, "posted")
    assert Transaction.objects.get().version.number == 2


def test_the_pages_of_who_may_sign_are_accessible_in_both_themes_and_fit_a_phone(
    visitor, look, office
):
    owner = office.owner
    administrator = administrators_of(owner)[1]
    sign.propose_limit(owner, "one", "50.00", kind="reversal")
    approver = sign.make_approver(owner, name="Approver on leave")
    colleague = make_person(Role.OFFICER, organisation=owner, name="Program officer")
    made = sign.propose_delegation(approver, colleague, owner)
    visitor.sign_in(administrator)
    for name, path in {
        "table": f"signing/{owner.uid}/",
        "limit": f"signing/{owner.uid}/limit/",
        "delegations": "delegations/",
        "delegation": f"delegations/{made.uid}/",
    }.items():
        visitor.go(f"/desk/{path}")
        assert visitor.page.locator("h1").count() == 1
        look(f"signing-{name}")
        fits_a_phone(visitor.page, name)
    visitor.press("Confirm")
    visitor.confirm_password()
    visitor.press("Confirm")
    visitor.sees("In force today.")
    visitor.sign_in(approver)
    visitor.go("/desk/delegations/new/")
    look("signing-hand-over")
    fits_a_phone(visitor.page, "hand over")


def test_an_emergency_is_posted_reviewed_and_counted_in_public(visitor, look, office):
    poster = sign.make_approver(office.owner, name="Approver on duty")
    reviewer = sign.make_approver(office.owner, name="Reviewer")
    voucher = make.make_voucher(office, amount=make.money("300.00"))
    make.submit(voucher)
    visitor.sign_in(poster)
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    visitor.page.locator("summary", has_text="Post it in an emergency").click()
    look("emergency-1-voucher")
    form = "form[action$='/emergency/']"
    visitor.page.locator(f"{form} textarea").fill("The road closes tonight.")
    visitor.page.locator(f"{form} button").click()
    visitor.confirm_password()
    visitor.page.locator("summary", has_text="Post it in an emergency").click()
    visitor.page.locator(f"{form} textarea").fill("The road closes tonight.")
    visitor.page.locator(f"{form} button").click()
    visitor.sees("is posted in an emergency")
    look("emergency-2-posted")

    visitor.sign_in(reviewer)
    visitor.sees("Emergency postings to review")
    visitor.page.get_by_role("link", name="Review the emergency posting").first.click()
    look("emergency-3-review")
    fits_a_phone(visitor.page, "review")
    visitor.fill(words="The order to close the road is on file.")
    visitor.press("Ratify the posting")
    visitor.confirm_password()
    visitor.fill(words="The order to close the road is on file.")
    visitor.press("Ratify the posting")
    visitor.sees("Ratified by Reviewer")
    visitor.go("/desk/emergencies/")
    look("emergency-4-list")
    fits_a_phone(visitor.page, "emergencies")

    publish(office)
    visitor.page.context.clear_cookies()
    visitor.go(f"/programs/{office.uid}/")
    visitor.sees("1 posting in an emergency")
    look("emergency-5-public")


def test_interests_and_refused_attempts_are_accessible_in_both_themes_and_fit_a_phone(
    visitor, look, office
):
    supplier = make_organisation("Tent Works")
    approver = sign.make_approver(office.owner, name="Approver")
    voucher = make.make_voucher(office, receiver=supplier)
    make.submit(voucher)
    visitor.sign_in(approver)
    visitor.go("/account/")
    visitor.sees("You have not declared yet")
    look("interests-1-account")
    visitor.go("/desk/interests/new/")
    look("interests-2-declare")
    fits_a_phone(visitor.page, "declare")
    visitor.page.get_by_label("an interest in an organisation").check()
    visitor.choose("concerns", str(supplier.uid))
    visitor.fill(note="My sister works there.")
    visitor.press("Declare")
    visitor.page.locator("main tbody a").first.click()
    look("interests-3-one")
    visitor.go(f"/desk/vouchers/{voucher.uid}/")
    visitor.sees("You declared an interest")
    look("interests-4-voucher")
    visitor.page.locator("summary", has_text="Return it instead").click()
    visitor.press("Return the voucher")  # without a reason: refused, and recorded
    visitor.sees("Say why")

    visitor.sign_in(make_auditor(office))
    for name, path in {"attempts": "refused/", "interests": "interests/"}.items():
        visitor.go(f"/desk/{path}")
        visitor.sees("Approver")
        look(f"interests-{name}")
        fits_a_phone(visitor.page, name)
