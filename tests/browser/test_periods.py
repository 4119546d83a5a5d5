"""The closing of a quarter and its two certifications in a real browser, and what the public reads of them."""

import pytest

from tests.browser.test_journey import Visitor
from tests.factories import ledger, periods
from tests.factories import publishing as make_public
from tests.factories.accounts import make_organisation, make_person
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of
from tracker.accounts.models import Role
from tracker.ledger.models import Certification, Period, Transaction

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def cast():
    """A program whose first quarter is over, and one person for each step."""
    ministry, staff = make_organisation("Ministry of Defence"), make_organisation("General Staff")
    officer = make_person(Role.OFFICER, organisation=ministry, name="Program officer")
    approver = make_person(Role.APPROVER, organisation=ministry, name="Approver")
    program = make_program(owner=ministry, recipient=staff, by=officer, title="Field hospitals")
    commitment = ledger.make_commitment(program, "5000.00", reference="C-1")
    ledger.make_disbursement(commitment, "1204.50", reference="D-1")
    ledger.make_commitment(program, ledger.money("700.00", "EUR"), reference="C-2")
    people = {
        "officer": officer,
        "approver": approver,
        "recipient": make_person(Role.RECIPIENT, organisation=staff, name="Representative"),
        "disclosure": disclosure_of(program),
    }
    return program, people


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


def test_a_quarter_is_closed_by_two_persons_certified_by_two_sides_and_published(visitor, cast):
    program, who = cast
    period = _close(visitor, who)
    _book_late(visitor, program, who)
    _certify(visitor, who, period, program)
    _publish(visitor, program, who)
    _open_again(visitor, who, period, program)


def _close(visitor, who):
    visitor.sign_in(who["officer"])
    visitor.go("/desk/ledger/")
    visitor.page.locator("main").get_by_role("link", name="periods").click()
    visitor.sees("Closing begins with the first quarter")
    visitor.page.get_by_role("link", name="Close a quarter").click()
    visitor.page.locator("main select[name=quarter]").select_option(label="FY2024 Q1 of Ministry of Defence, 1 Jan 2024 to 31 Mar 2024")  # fmt: skip
    visitor.fill(reason="The quarter is over, every invoice is in.")
    visitor.look("period-1-propose")
    visitor.press("Propose the closing")
    visitor.sees("The closing of FY2024 Q1 is proposed.")
    visitor.sees("Only an approver or senior approver of this organisation")
    visitor.look("period-2-proposed")

    visitor.sign_in(who["approver"])
    visitor.look("period-3-desk-of-the-approver")
    visitor.page.get_by_role("link", name="Confirm or decline the closing of FY2024 Q1").click()
    visitor.press("Confirm the closing")
    visitor.confirm_password()
    visitor.press("Confirm the closing")
    visitor.sees("The closing of FY2024 Q1 is confirmed.")
    visitor.look("period-4-closed")
    visitor.go("/desk/periods/")
    visitor.sees("Next is")
    visitor.look("period-5-list")
    return Period.objects.get()


def _book_late(visitor, program, who):
    """A voucher of the closed quarter is refused; with a booking day it becomes a late entry."""
    visitor.sign_in(who["officer"])
    visitor.go(f"/desk/vouchers/new/?program={program.uid}&kind=commitment")
    visitor.fill(amount="80", currency="USD", value_date="2024-03-12", reference="LATE-1")
    visitor.press("Save the draft")
    ledger.furnish(program.vouchers.get(reference="LATE-1"))
    visitor.press("Submit for approval")
    visitor.sees("12 Mar 2024 lies in FY2024 Q1")
    visitor.look("period-6-refused")
    visitor.page.get_by_role("link", name="Edit").click()
    visitor.fill(booked_on="2024-04-02")
    visitor.look("period-7-booking-day")
    visitor.press("Save the draft")
    visitor.press("Submit for approval")
    visitor.sees("(late entry)")
    voucher = program.vouchers.get(reference="LATE-1")
    ledger.approve(voucher.versions.get(), by=who["approver"])
    visitor.go("/desk/ledger/?late=yes")
    visitor.sees("12 Mar 2024")
    visitor.look("period-8-ledger")
    assert Transaction.objects.filter(booked_on="2024-04-02").count() == 1


def _certify(visitor, who, period, program):
    for side, name in (("donor", "approver"), ("recipient", "recipient")):
        visitor.sign_in(who[name])
        visitor.page.get_by_role("link", name="Certify FY2024 Q1").click()
        visitor.sees("1,204.50")
        visitor.sees("LATE-1")
        visitor.sees("To my knowledge they are complete and right")
        visitor.look(f"period-9-{side}-reads")
        if side == "recipient":
            visitor.fill(remark="The second truck has not arrived.")
        visitor.press(f"Certify for the {side}")
        visitor.confirm_password()
        visitor.press(f"Certify for the {side}")
        visitor.sees(f"FY2024 Q1 is certified for the {side}.")
        if side == "donor":  # what is booked between the two signatures shows as a difference
            late = {"reference": "LATE-2", "by": who["officer"]}
            periods.make_late_commitment(program, "9.00", **late)
    visitor.sees("differs")
    visitor.look("period-10-certified")
    assert Certification.objects.all().standing().count() == 2


def _publish(visitor, program, who):
    make_public.publish(program, who["disclosure"])
    visitor.page.context.clear_cookies()
    visitor.go(f"/programs/{program.uid}/")
    visitor.sees("Certified quarters")
    visitor.sees("For the recipient")
    visitor.look("period-11-public")


def _open_again(visitor, who, period, program):
    visitor.sign_in(who["approver"])
    visitor.go(f"/desk/periods/{period.uid}/")
    visitor.page.get_by_role("link", name="Open it again").click()
    visitor.fill(reason="An invoice was overlooked.")
    visitor.look("period-12-reopen")
    visitor.press("Propose to open it again")
    visitor.sees("You proposed this re-opening: another person confirms or declines it.")
    change = period.changes.get(kind="reopen")
    second = make_person(Role.APPROVER, organisation=period.organisation)
    periods.decide(change, by=second)
    visitor.go(f"/desk/periods/{period.uid}/programs/{program.uid}/")
    visitor.sees("that signature no longer holds")
    visitor.look("period-13-superseded")
