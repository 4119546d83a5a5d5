"""Declared interests: nobody submits or approves what they have a stake in, until somebody else confirms its end."""

from datetime import timedelta

import pytest

from tests.factories import ledger as make
from tests.factories import signing as sign
from tests.factories.accounts import administrators_of, make_organisation, make_person, sign_in
from tests.factories.audits import make_auditor
from tests.factories.programs import make_program
from tests.factories.uploads import csv_of, make_office, make_upload, post_all
from tests.ledger.test_database import approve_only
from tests.refusals import forbidden, refused_at
from tracker.accounts.models import Notice, Organisation, Role
from tracker.ledger import actions, policies, queries
from tracker.ledger.models import InterestDeclaration, SigningDecision, VoucherVersion
from tracker.shared.clock import database_now
from tracker.shared.errors import NotAllowed, Refused
from tracker.uploads import actions as uploads


@pytest.fixture
def supplier():
    return make_organisation("Tent Works")


@pytest.fixture
def recipient():
    return make_organisation()


@pytest.fixture
def program(recipient):
    return make_program(recipient=recipient)


@pytest.fixture
def office(program):
    return program.owner


@pytest.fixture
def approver(office):
    return sign.make_approver(office)


def submitted(program, **says):
    return make.submit(make.make_voucher(program, **says))


# --- What it blocks --------------------------------------------------------


@pytest.mark.parametrize("role", ["provider", "receiver"])
def test_who_has_an_interest_in_a_party_does_not_approve(program, approver, supplier, role):
    version = submitted(program, **{role: supplier})
    sign.declare(approver, concerns=supplier, note="My sister works there.")

    with pytest.raises(NotAllowed, match="You declared an interest") as caught:
        make.approve(version, approver)

    assert "sister" not in str(caught.value) and "Tent" not in str(caught.value)
    with forbidden("approval_without_an_interest"):
        approve_only(version, by=approver)
    assert approver not in queries.approvers_of(version.voucher)
    assert version.voucher not in queries.waiting_for(approver)
    make.approve(version, sign.make_approver(program.owner))


def test_an_interest_in_whoever_takes_part_in_the_program_blocks_all_its_vouchers(
    program, approver, recipient
):
    version = submitted(program)
    sign.declare(approver, concerns=recipient)

    with pytest.raises(NotAllowed, match="declared an interest"):
        make.approve(version, approver)
    with forbidden("approval_without_an_interest"):
        approve_only(version, by=approver)
    assert not queries.waiting_for(approver).exists()


@pytest.mark.parametrize("payee", ["Tent Works", "  TENT\u00a0works.", "Ｔｅｎｔ-Works"])
def test_a_payee_is_compared_without_case_form_and_punctuation(program, approver, payee):
    version = submitted(program, payee=payee)
    other = submitted(program, payee="Tent Workshops")
    sign.declare(approver, payee="tent works")

    with pytest.raises(NotAllowed, match="declared an interest"):
        make.approve(version, approver)
    assert approver not in queries.approvers_of(version.voucher)
    assert list(queries.waiting_for(approver)) == [other.voucher]
    make.approve(other, approver)


def test_an_interest_in_an_organisation_covers_the_payee_of_its_name(program, approver, supplier):
    version = submitted(program, payee="TENT WORKS")
    sign.declare(approver, concerns=supplier)
    with pytest.raises(NotAllowed, match="declared an interest"):
        make.approve(version, approver)


def test_the_database_compares_payees_without_case_and_outer_spaces(program, approver):
    version = submitted(program, payee="Tent Works")
    sign.declare(approver, payee=" tent WORKS ")
    with forbidden("approval_without_an_interest"):
        approve_only(version, by=approver)


def test_who_has_an_interest_does_not_submit_and_may_draft(program, supplier, monkeypatch):
    voucher = make.make_voucher(program, receiver=supplier)
    officer = voucher.created_by
    sign.declare(officer, concerns=supplier)
    make.edit(voucher, reference="INV-1")

    with pytest.raises(NotAllowed, match="you do not submit it"):
        make.submit(voucher)

    monkeypatch.setattr(policies.vouchers, "check_has_no_interest", lambda *a: None)
    with pytest.raises(Refused, match="somebody else submits it"):
        make.submit(voucher)
    assert not VoucherVersion.objects.exists()


def test_nobody_signs_on_behalf_of_who_has_an_interest(program, office, approver, supplier):
    make.officer_of(program)
    colleague = make_person(Role.OFFICER, organisation=office)
    delegation = sign.delegate(approver, colleague, office)
    version = submitted(program, receiver=supplier)
    sign.declare(approver, concerns=supplier)

    with pytest.raises(NotAllowed, match="on behalf of others only"):
        make.approve(version, colleague)
    with forbidden("approval_without_an_interest"):
        approve_only(version, by=colleague, delegation=delegation)


def test_saying_that_there_is_nothing_blocks_nothing(program, approver):
    sign.declare(approver)
    make.approve(submitted(program), approver)


def test_a_batch_is_blocked_by_the_payees_of_its_rows_and_the_parties_of_its_programs():
    office, officer, approver = make_office()
    rows = csv_of("R1,FRA,France,2010,60.00,Depot", "R2,DEU,Germany,2010,5.00,Harbour")
    upload = make_upload(rows, by=officer, organisation=office)
    declared = sign.declare(officer, payee="HARBOUR")
    with pytest.raises(NotAllowed, match="concerns rows of this file"):
        uploads.submit_upload(upload=upload, by=officer)
    sign.end_interest(declared)
    upload = uploads.submit_upload(upload=upload, by=officer)

    sign.declare(approver, concerns=make_organisation("Germany"))  # proposed as a recipient

    with pytest.raises(NotAllowed, match="concerns rows of this file"):
        uploads.approve_upload(upload=upload, by=approver)


def test_a_batch_of_a_known_program_is_blocked_by_its_parties():
    office, officer, approver = make_office()
    first = make_upload(by=officer, organisation=office)
    first = uploads.submit_upload(upload=first, by=officer)
    post_all(uploads.approve_upload(upload=first, by=approver), by=approver)
    later = make_upload(csv_of("R9,FRA,France,2011,5.00,Depot"), by=officer, organisation=office)
    later = uploads.submit_upload(upload=later, by=officer)
    france = Organisation.objects.get(name="France")
    sign.declare(approver, concerns=france)
    with pytest.raises(NotAllowed, match="concerns rows of this file"):
        uploads.approve_upload(upload=later, by=approver)


# --- Its end ---------------------------------------------------------------


def test_it_blocks_until_another_person_confirms_its_end(program, approver, supplier):
    version = submitted(program, receiver=supplier)
    declaration = sign.declare(approver, concerns=supplier)
    end = sign.propose_end(declaration)
    assert InterestDeclaration.objects.get().status == "ending"
    with pytest.raises(NotAllowed):
        make.approve(version, approver)
    with pytest.raises(Refused, match="waits for a second person already"):
        sign.propose_end(declaration)

    admin = administrators_of(program.owner)[0]
    assert list(queries.interest_ends_waiting_for(admin)) == [end]
    actions.decide_interest_end(end=end, confirm=True, by=admin)

    assert InterestDeclaration.objects.get().status == "ended"
    assert Notice.objects.filter(person=approver, sentence__contains="was confirmed").exists()
    make.approve(version, approver)
    with pytest.raises(Refused, match="confirmed already"):
        actions.decide_interest_end(end=end, confirm=True, by=admin)


def test_a_declined_end_leaves_it_in_force_and_can_be_said_again(program, approver, supplier):
    declaration = sign.declare(approver, concerns=supplier)
    end = sign.propose_end(declaration)
    by = sign.make_approver(program.owner)
    with refused_at("reason"):
        actions.decide_interest_end(end=end, confirm=False, by=by)
    actions.decide_interest_end(end=end, confirm=False, reason="Show the sale.", by=by)
    assert InterestDeclaration.objects.get().status == "in_force"
    sign.end_interest(declaration)
    assert InterestDeclaration.objects.get().status == "ended"


def test_nobody_confirms_the_end_of_their_own_and_the_database_knows_it(
    approver, supplier, monkeypatch
):
    end = sign.propose_end(sign.declare(approver, concerns=supplier))
    with pytest.raises(NotAllowed, match="another person confirms"):
        actions.decide_interest_end(end=end, confirm=True, by=approver)
    monkeypatch.setattr(policies, "check_can_decide_interest_end", lambda *a: None)
    with pytest.raises(Refused, match="another person decides"):
        actions.decide_interest_end(end=end, confirm=True, by=approver)
    assert not SigningDecision.objects.exists()


def test_only_approvers_and_administrators_of_the_same_office_confirm(program, approver, supplier):
    end = sign.propose_end(sign.declare(approver, concerns=supplier))
    strangers = [
        make_person(Role.OFFICER, organisation=program.owner),
        make_person(Role.APPROVER),
        make_auditor(program),
    ]
    for person in strangers:
        with pytest.raises(NotAllowed, match="Only an approver or an administrator"):
            actions.decide_interest_end(end=end, confirm=True, by=person)


def test_only_the_person_says_that_it_is_over_with_a_reason(program, approver, supplier):
    declaration = sign.declare(approver, concerns=supplier)
    with pytest.raises(NotAllowed, match="whose interest it is"):
        actions.end_interest(
            declaration=declaration, reason="Over.", by=sign.make_approver(program.owner)
        )
    with refused_at("reason"):
        actions.end_interest(declaration=declaration, reason=" ", by=approver)
    with pytest.raises(Refused, match="Nothing was declared"):
        sign.propose_end(sign.declare(approver))


# --- Declaring -------------------------------------------------------------


@pytest.mark.parametrize(
    "says, field",
    [
        ({"kind": "shares"}, "kind"),
        ({"kind": "organisation"}, "concerns"),
        ({"kind": "payee"}, "payee"),
        ({"kind": "payee", "payee": " .,- "}, "payee"),
        ({"kind": "nothing", "payee": "Tent Works"}, "payee"),
        ({"kind": "payee", "payee": "x" * 201}, "payee"),
    ],
)
def test_a_declaration_says_in_whom_and_nothing_else(approver, says, field):
    with refused_at(field):
        actions.declare_interest(by=approver, **says)
    assert not InterestDeclaration.objects.exists()


def test_the_same_interest_is_declared_once_while_it_is_in_force(approver, supplier):
    declaration = sign.declare(approver, concerns=supplier)
    sign.declare(approver, payee="Depot")
    with refused_at("concerns"):
        sign.declare(approver, concerns=supplier)
    with refused_at("payee"):
        sign.declare(approver, payee="DEPOT.")
    sign.end_interest(declaration)
    sign.declare(approver, concerns=supplier)


def test_a_declaration_is_due_once_a_year_for_those_who_draft_or_approve(
    approver, program, monkeypatch
):
    assert queries.interests_standing_of(approver).is_due
    assert not queries.interests_standing_of(administrators_of(program.owner)[0]).is_due
    sign.declare(approver)
    assert not queries.interests_standing_of(approver).is_due

    later = database_now() + timedelta(days=366)
    monkeypatch.setattr("tracker.ledger.queries.interests.database_now", lambda: later)

    assert queries.interests_standing_of(approver).is_due


# --- Pages -----------------------------------------------------------------


def text(response):
    return response.content.decode()


def test_one_declares_on_the_account_page_and_ends_it_by_the_word_of_two(
    client, program, approver, supplier
):
    sign_in(client, approver)
    assert "You have not declared yet" in text(client.get("/account/"))
    said = {"kind": "organisation", "concerns": supplier.uid, "note": "Shares."}
    client.post("/desk/interests/new/", said)
    made = InterestDeclaration.objects.get()
    page = text(client.get("/account/"))
    assert "Tent Works" in page and "You have not declared yet" not in page
    own = f"/desk/interests/{made.uid}/"
    assert "Say why it is over" in text(client.post(f"{own}end/", {"reason": ""}, follow=True))
    client.post(f"{own}end/", {"reason": "Sold."})

    admin = administrators_of(program.owner)[0]
    sign_in(client, admin)
    assert "is over" in text(client.get("/desk/"))
    assert "Sold." in text(client.get(own))
    page = text(client.post(f"{own}decide/", {"verdict": "confirm"}, follow=True))
    assert "The end of the interest is confirmed." in page
    page = text(client.post(f"{own}decide/", {"verdict": "confirm"}, follow=True))
    assert "Nothing about this interest waits" in page


def test_colleagues_do_not_read_it_and_auditors_do(client, program, approver, supplier):
    made = sign.declare(approver, concerns=supplier, note="My sister works there.")
    auditor = make_auditor(program)
    for person, status in (
        (sign.make_approver(program.owner), 404),
        (make_person(Role.OFFICER, organisation=program.owner), 404),
        (make_auditor(make_program()), 404),
        (auditor, 200),
        (approver, 200),
    ):
        sign_in(client, person)
        assert client.get(f"/desk/interests/{made.uid}/").status_code == status
    sign_in(client, auditor)
    assert "Tent Works" in text(client.get("/desk/interests/?q=tent&state=in_force"))


def test_the_list_costs_the_same_for_more_rows(client, program, approver, supplier, count_queries):
    sign.propose_end(sign.declare(approver, concerns=supplier))
    auditor = make_auditor(program)
    sign_in(client, auditor)
    before = count_queries(lambda: client.get("/desk/interests/"))
    for number in range(4):
        sign.propose_end(sign.declare(approver, payee=f"Depot {number}"))
    assert count_queries(lambda: client.get("/desk/interests/")) == before


def test_the_draft_page_says_why_it_cannot_be_submitted(client, program, supplier):
    voucher = make.make_voucher(program, receiver=supplier)
    sign.declare(voucher.created_by, concerns=supplier)
    sign_in(client, voucher.created_by)
    page = text(client.get(f"/desk/vouchers/{voucher.uid}/"))
    assert "you do not submit it" in page
    assert "Submit for approval" not in page
