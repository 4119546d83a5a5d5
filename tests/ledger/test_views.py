"""The pages: what they show to whom, what they refuse, and that nothing they are given becomes a 500."""

from copy import deepcopy
from datetime import date
from functools import partial

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import accounts
from tests.factories import ledger as make
from tests.factories.accounts import make_organisation, make_person
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.journal.queries import history_of
from tracker.ledger.models import Transaction, Voucher


def build():
    """Of three offices: a program without vouchers, a commitment, and a voucher that waits for approval."""
    return (
        staffed_program(),
        make.make_commitment(staffed_program()),
        make.make_voucher_at("submitted", staffed_program(), number="TAKEN"),
    )


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def commitment(built):
    return deepcopy(built[1])


@pytest.fixture
def submitted(built):
    return deepcopy(built[2])


@pytest.fixture
def sign_in(client):
    return partial(accounts.sign_in, client)


def address(voucher, verb=""):
    return f"/desk/vouchers/{voucher.uid}/{verb}"


def text(response):
    return response.content.decode()


def test_an_officer_drafts_submits_and_an_approver_posts(sign_in, commitment):
    client = sign_in(make.officer_of(commitment.program))
    form = f"/desk/vouchers/new/?program={commitment.program.uid}&kind=disbursement"
    assert "1,000.00 USD left of 1,000.00 USD" in text(client.get(form))

    said = {
        "draws_on": commitment.uid,
        "amount": "1,000.00",
        "value_date": "2024-03-15",
        "date_precision": "day",
        "valuation_basis": "money",
        "payee": "A supplier",
    }
    made = client.post(form, said, follow=True)
    voucher = Voucher.objects.get(kind="disbursement")
    assert f"Voucher {voucher.number} is drafted" in text(made)
    early = client.post(address(voucher, "submit/"), follow=True)
    assert "This disbursement lacks an invoice or a payment order." in text(early)
    attach(client, voucher, "invoice.pdf", b"%PDF-1.7 tents")
    sent = client.post(address(voucher, "submit/"), follow=True)
    assert "is submitted" in text(sent)

    client = sign_in(make.approver_of(commitment.program))
    page = text(client.get(address(voucher)))
    assert "Your decision on version 1" in page
    assert "1,000.00 USD of this commitment is left" in page
    version = voucher.versions.get()
    done = client.post(address(voucher, "approve/"), {"version": version.uid}, follow=True)

    assert "is approved and posted" in text(done)
    posted = Transaction.objects.get(version=version)
    assert (posted.amount.plain, posted.currency) == ("1000.00", "USD")


def test_an_approver_returns_with_a_reason_and_the_officer_reads_it(sign_in, submitted):
    version = submitted.versions.get()
    client = sign_in(make.approver_of(submitted.program))

    empty = client.post(address(submitted, "return/"), {"version": version.uid}, follow=True)
    assert "Say why" in text(empty)
    said = {"version": version.uid, "reason": "The invoice is missing."}
    client.post(address(submitted, "return/"), said)

    client = sign_in(make.officer_of(submitted.program))
    page = text(client.get(address(submitted)))
    assert "Why it was returned" in page
    assert "The invoice is missing." in page
    assert "Your step" in page


def test_a_second_version_shows_what_differs(sign_in, program):
    voucher = make.make_voucher_at("returned", program, payee="Old name")
    make.edit(voucher, payee="New name")
    make.submit(voucher)

    page = text(sign_in(make.approver_of(program)).get(address(voucher)))

    assert '<del class="was">Old name</del>' in page
    assert '<ins class="now">New name</ins>' in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("currency", "XYZ", "“XYZ” is not a currency we know"),
        ("currency", "", "State the currency of the amount"),
        ("value_date", "31/02/2024", "This is no date"),
        ("value_date", "0024-03-15", "cannot be right: check the year"),
        ("amount", "0", "The amount is zero"),
        ("amount", "-5", "The amount is below zero"),
        ("amount", "1.005", "more decimals than USD has (2)"),
        ("amount", "1.0000000000000000000000000000001", "more decimals than USD has (2)"),
        ("amount", "lots", "“lots” is not an amount"),
        ("amount", "1e5", "“1e5” is not an amount"),
        ("amount", "999999999999999999999", "larger than this ledger can hold"),
        ("amount", "99999999999999999999", "larger than this ledger can hold"),
        ("payee", "x" * 201, "at most 200 characters"),
        ("provider", "00000000-0000-0000-0000-000000000000", "Select a valid choice"),
        ("authority", "none", "is not a valid UUID"),
        ("number", "TAKEN", "already used"),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field_and_saves_nothing(
    sign_in, submitted, field, value, sentence
):
    program, before = submitted.program, Voucher.objects.count()
    client = sign_in(make.officer_of(program))
    said = {
        "amount": "5",
        "currency": "usd",
        "value_date": "2024-03-15",
        "date_precision": "day",
        "valuation_basis": "money",
        field: value,
    }

    answer = client.post(f"/desk/vouchers/new/?program={program.uid}&kind=commitment", said)

    assert answer.status_code == 200
    assert sentence in text(answer).replace("&lt;", "<")
    assert f'id="id_{field}_error"' in text(answer) or f'href="#id_{field}"' in text(answer)
    assert Voucher.objects.count() == before


def test_an_amount_of_fifteen_digits_is_kept_to_the_cent(sign_in, program):
    client = sign_in(make.officer_of(program))
    said = {
        "amount": "123456789012345.67",
        "currency": "USD",
        "value_date": "2024-03-15",
        "date_precision": "day",
        "valuation_basis": "money",
    }

    client.post(f"/desk/vouchers/new/?program={program.uid}&kind=commitment", said)

    assert Voucher.objects.get(program=program).amount.plain == "123456789012345.67"


def test_editing_shows_the_draft_and_saves_it(sign_in, program):
    voucher = make.make_voucher(program, amount=make.money("10.50"))
    client = sign_in(make.officer_of(program))
    page = client.get(address(voucher, "edit/"))
    assert 'value="10.50"' in text(page)

    said = dict(page.context["form"].initial) | {"amount": "11.50", "currency": "USD"}
    client.post(address(voucher, "edit/"), {k: v for k, v in said.items() if v is not None})

    voucher.refresh_from_db()
    assert voucher.amount.plain == "11.50"


def test_a_reversal_is_drafted_from_its_transaction_and_edited(sign_in, commitment):
    client = sign_in(make.officer_of(commitment.program))
    form = f"/desk/transactions/{commitment.uid}/reverse/"
    assert "What would be taken back" in text(client.get(form))

    client.post(form, {"reason": "Entered twice.", "value_date": "2024-04-01"})
    voucher = Voucher.objects.get(kind="reversal")
    assert voucher.amount == -commitment.amount
    client.post(
        address(voucher, "edit/"), {"reason": "Entered two times.", "value_date": "2024-04-02"}
    )
    voucher.refresh_from_db()
    assert (voucher.description, voucher.value_date) == ("Entered two times.", date(2024, 4, 2))
    again = client.post(form, {"reason": "Again.", "value_date": "2024-04-01"})
    assert "already asks to reverse" in text(again)


def test_the_reverse_page_says_why_a_row_cannot_be_reversed(sign_in, commitment):
    make.make_disbursement(commitment, reference="INV-7")

    page = sign_in(make.officer_of(commitment.program)).get(
        f"/desk/transactions/{commitment.uid}/reverse/"
    )

    assert "Reverse first: disbursement INV-7" in text(page)


@pytest.mark.parametrize("verb", ["submit/", "approve/", "return/", "withdraw/", "attach/"])
def test_verbs_only_take_post(sign_in, program, verb):
    voucher = make.make_voucher(program)

    assert sign_in(make.officer_of(program)).get(address(voucher, verb)).status_code == 405


@pytest.mark.parametrize("verb", ["", "edit/", "submit/", "approve/", "return/", "withdraw/"])
def test_people_of_another_organisation_and_administrators_find_nothing(sign_in, submitted, verb):
    for person in (make_person(Role.OFFICER), make_person(Role.ADMINISTRATOR)):
        client = sign_in(person)
        ask = client.get if verb in ("", "edit/") else client.post
        assert ask(address(submitted, verb)).status_code == 404


def test_an_auditor_reads_and_decides_nothing(sign_in, submitted):
    client = sign_in(make_person(Role.AUDITOR, organisation=submitted.program.owner))
    page = text(client.get(address(submitted)))

    assert "Your decision" not in page
    said = {"version": submitted.versions.get().uid}
    assert client.post(address(submitted, "approve/"), said).status_code == 403
    assert client.get(address(submitted, "edit/")).status_code == 403
    assert client.get("/desk/vouchers/new/").status_code == 403


def test_nobody_is_sent_to_the_sign_in(client, program):
    voucher = make.make_voucher(program)

    assert client.get(address(voucher)).status_code == 302


def test_the_officer_who_drafted_cannot_approve_even_with_the_role(sign_in, program):
    person = make_person(Role.OFFICER, Role.APPROVER, organisation=program.owner)
    voucher = make.make_voucher_at("submitted", program, by=person)
    said = {"version": voucher.versions.get().uid}

    client = sign_in(person)
    refused = client.post(address(voucher, "approve/"), said)

    assert refused.status_code == 403
    assert "another approver" in text(refused)


def test_an_approval_without_a_known_version_is_refused_with_a_sentence(sign_in, submitted):
    client = sign_in(make.approver_of(submitted.program))

    for said in ({}, {"version": "x"}):
        answer = client.post(address(submitted, "approve/"), said, follow=True)
        assert "unclear which version" in text(answer)
    other = make.make_voucher_at("submitted", submitted.program).versions.get()
    assert client.post(address(submitted, "approve/"), {"version": other.uid}).status_code == 404


def test_a_stale_session_is_asked_for_the_password_before_it_approves(sign_in, submitted):
    client = sign_in(make.approver_of(submitted.program), recently=False)

    answer = client.post(address(submitted, "approve/"), {"version": submitted.versions.get().uid})

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not submitted.program.transactions.exists()


def test_returning_posts_nothing_and_loses_no_typed_reason_to_a_question_for_the_password(
    sign_in, submitted
):
    client = sign_in(make.approver_of(submitted.program), recently=False)
    said = {"version": submitted.versions.get().uid, "reason": "The invoice is missing."}

    page = client.post(address(submitted, "return/"), said, follow=True)

    assert "The invoice is missing." in text(page)
    submitted.refresh_from_db()
    assert submitted.status == "returned"


def test_opening_the_address_of_a_button_explains_itself(sign_in, program):
    client = sign_in(make.officer_of(program))

    answer = client.get(address(make.make_voucher(program), "submit/"))

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "Nothing was done" in text(answer)


def test_the_journal_says_amounts_as_people_read_them(program):
    commitment = make.make_commitment(program, "1000000.00")
    reversal = make.make_reversal(commitment)

    sentences = [event.sentence for event in history_of(commitment, reversal)]

    assert sentences == [
        "The commitment of −1,000,000.00 USD was posted.",
        "The commitment of 1,000,000.00 USD was posted.",
    ]


# --- Evidence --------------------------------------------------------------


def attach(client, voucher, name, content, kind="application/pdf", document_type="invoice"):
    sent = {
        "file": SimpleUploadedFile(name, content, kind),
        "document_type": document_type,
        "document_date": "2024-03-01",
    }
    return client.post(address(voucher, "attach/"), sent, follow=True)


def test_evidence_is_attached_and_handed_out_as_a_file_only(sign_in, program):
    voucher = make.make_voucher(program)
    client = sign_in(make.officer_of(program))

    page = attach(client, voucher, "Rechnung Ä.pdf", b"%PDF-1.7 content")
    assert "Rechnung Ä.pdf is attached" in text(page)
    answer = client.get(f"/desk/evidence/{voucher.attachments.get().uid}/")

    assert b"".join(answer.streaming_content) == b"%PDF-1.7 content"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "Rechnung%20%C3%84.pdf" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Type"] == "application/pdf"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.pdf", b"", "0 bytes"),
        ("page.html", b"<html>", "is of a kind that is not taken in"),
        ("program.exe", b"MZ\x90", "is of a kind that is not taken in"),
        ("invoice.pdf", b"MZ\x90\x00", "is a program"),
    ],
)
def test_bad_files_get_a_sentence(sign_in, program, name, content, sentence):
    voucher = make.make_voucher(program)
    page = attach(sign_in(make.officer_of(program)), voucher, name, content)

    assert sentence in text(page)
    assert not voucher.attachments.exists()


def test_evidence_is_for_those_who_see_the_voucher(sign_in, program):
    found = make.make_attachment(make.make_voucher(program))
    there = f"/desk/evidence/{found.uid}/"
    recipient = program.participations.get(role="recipient").organisation
    for person in (
        make_person(Role.OFFICER),
        make_person(Role.ADMINISTRATOR, organisation=make_organisation()),
        make_person(Role.RECIPIENT, organisation=recipient),
    ):
        assert sign_in(person).get(there).status_code == 404
    client = sign_in(make_person(Role.AUDITOR, organisation=program.owner))
    found = client.get(there)
    assert found.status_code == 200
    assert b"".join(found.streaming_content)
    client.logout()
    assert client.get(there).status_code == 302


def test_a_file_that_was_altered_in_the_store_is_not_handed_out(sign_in, program):
    found = make.make_attachment(make.make_voucher(program))
    path = default_storage.path(found.file.stored_as)
    with open(path, "wb") as file:
        file.write(b"something else")

    answer = sign_in(make.officer_of(program)).get(f"/desk/evidence/{found.uid}/")

    assert answer.status_code == 400
    assert "SHA-256 differs" in text(answer)
    default_storage.delete(found.file.stored_as)
    assert sign_in(make.officer_of(program)).get(f"/desk/evidence/{found.uid}/").status_code == 404


def test_a_file_is_taken_off_a_draft(sign_in, program):
    found = make.make_attachment(make.make_voucher(program))
    client = sign_in(make.officer_of(program))

    client.post(f"/desk/evidence/{found.uid}/remove/")
    found.refresh_from_db()
    assert found.removed
    again = client.post(f"/desk/evidence/{found.uid}/remove/", follow=True)
    assert "taken off already" in text(again)


# --- Lists -----------------------------------------------------------------


def test_the_voucher_list_filters_by_state_words_and_person(sign_in, program):
    make.make_voucher(program, number="A-1", payee="Field hospital ltd")
    make.make_voucher_at("submitted", program, number="A-2")
    client = sign_in(make.approver_of(program))

    def numbers(query):
        return [line.split(",")[0] for line in lines(client, f"/desk/vouchers/?format=csv&{query}")]

    assert numbers("sort=number") == ["A-1", "A-2"]
    assert numbers("q=hospital") == ["A-1"]
    assert numbers("status=submitted") == ["A-2"]
    assert numbers("who=approval") == ["A-2"]
    assert numbers("who=mine") == []
    assert numbers("kind=reversal") == []
    assert numbers(f"program={program.uid}&by={make.officer_of(program).uid}&sort=number") == [
        "A-1",
        "A-2",
    ]


def lines(client, there):
    answer = client.get(there)
    assert answer.status_code == 200, answer
    body = b"".join(answer.streaming_content).decode()
    return body.splitlines()[1:]


def test_the_ledger_filters_and_adds_up_by_kind_and_currency(sign_in, program):
    dollars = make.make_commitment(program, "1000.00", reference="C-1")
    make.make_commitment(program, make.money(5000, "JPY"), reference="C-2")
    paid = make.make_disbursement(dollars, "300.00", reference="D-1", value_date=date(2025, 1, 2))
    make.make_disbursement(dollars, "200.00", reference="D-2")
    make.make_reversal(paid)
    client = sign_in(make_person(Role.AUDITOR, organisation=program.owner))

    def references(query):
        rows = lines(client, f"/desk/ledger/?format=csv&sort=reference&{query}")
        return [line.split(",")[1] for line in rows]

    assert references("") == ["C-1", "C-2", "D-1", "D-1", "D-2"]
    assert references("currency=JPY") == ["C-2"]
    assert references("kind=disbursement&fiscal_year=2025") == ["D-1"]
    assert references("amount_min=1000") == ["C-1", "C-2"]
    assert references("amount_min=999.999&amount_max=1000") == ["C-1"]
    assert references("amount_min=1e30") == []
    assert references("date_after=2025-01-01") == ["D-1"]
    assert references("q=d-2") == ["D-2"]
    page = text(client.get("/desk/ledger/"))
    assert page.count('class="num money" value="200.00"') >= 2  # the row and the turnover
    assert page.count('class="num money" value="5000"') == 2


@pytest.mark.parametrize(
    "query",
    [
        "fiscal_year=99999999999999999999",
        "fiscal_year=x",
        "amount_min=NaN",
        "date_after=2025-13-99",
        "currency=XYZ",
        "program=x",
        "kind=x",
        "q=%00",
        "sort=nothing&page=-7&per_page=3",
    ],
)
def test_filters_that_make_no_sense_are_no_500(sign_in, commitment, query):
    client = sign_in(make.officer_of(commitment.program))

    assert client.get(f"/desk/ledger/?{query}").status_code == 200
    assert client.get(f"/desk/vouchers/?{query}").status_code == 200


@pytest.mark.thorough
def test_a_page_of_the_ledger_costs_the_same_queries_for_one_row_and_for_many(
    sign_in, commitment, count_queries
):
    client = sign_in(make.officer_of(commitment.program))
    for there in ("/desk/ledger/?per_page=1000", "/desk/vouchers/?per_page=1000"):
        client.get(there)
    one = [
        count_queries(lambda there=there: client.get(there))
        for there in ("/desk/ledger/?per_page=1000", "/desk/vouchers/?per_page=1000")
    ]
    for _ in range(8):
        paid = make.make_disbursement(commitment, "10.00")
    make.make_reversal(paid)

    many = [
        count_queries(lambda there=there: client.get(there))
        for there in ("/desk/ledger/?per_page=1000", "/desk/vouchers/?per_page=1000")
    ]

    assert many == one
