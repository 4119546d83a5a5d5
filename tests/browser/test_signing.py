"""Two approvers above the threshold, in a real browser: signed, returned with a reason, signed again, posted."""

import pytest

from tests.browser.test_journey import Visitor
from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import administrators_of, make_person
from tests.factories.programs import make_program
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
