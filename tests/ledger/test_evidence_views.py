"""The pages of documents and waivers: what they show to whom, and that bad input gets a sentence."""

from copy import deepcopy
from datetime import timedelta
from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories import accounts
from tests.factories import documents as papers
from tests.factories import ledger as make
from tests.factories.programs import make_program
from tests.factories.publishing import publish
from tests.worlds import staffed_program
from tracker.accounts.models import Role
from tracker.ledger import actions
from tracker.ledger.models import Attachment, SuppliedDocument, Voucher


def build():
    """Of three offices: a program without vouchers, a draft, and a voucher that was posted on a waiver."""
    return (
        staffed_program(),
        make.make_voucher(staffed_program()),
        papers.post_on_a_waiver(staffed_program()),
    )


@pytest.fixture
def program(built):
    return deepcopy(built[0])


@pytest.fixture
def voucher(built):
    return deepcopy(built[1])


@pytest.fixture
def posted(built):
    return deepcopy(built[2])


@pytest.fixture
def sign_in(client):
    return partial(accounts.sign_in, client)


def text(response):
    return " ".join(response.content.decode().split())


def address(voucher, verb=""):
    return f"/desk/vouchers/{voucher.uid}/{verb}"


def a_file(name="contract.pdf", content=b"%PDF-1.7 tents"):
    return SimpleUploadedFile(name, content, "application/pdf")


def said(**other):
    return {"document_type": "contract", "document_date": "2024-03-01", **other}


def test_the_page_says_what_is_required_and_each_documents_type_and_dates(sign_in, voucher):
    client = sign_in(make.officer_of(voucher.program))
    page = text(client.get(address(voucher)))
    assert "missing</span> Required: a contract or a decision" in page
    assert "DD 1348-1A, DD 1149" in page

    done = client.post(address(voucher, "attach/"), said(file=a_file()), follow=True)

    page = text(done)
    assert "contract.pdf is attached (contract)." in page
    assert "there</span> Required: a contract or a decision" in page
    assert "<b>Contract</b>, dated <time" in page
    assert "1 Mar 2024" in page
    assert f'SHA-256 <span class="hash">{Attachment.objects.get().file.sha256}' in page
    undated = said(file=a_file("b.pdf", b"%PDF-2"), document_date="")
    assert 'date <span class="notstated">' in text(
        client.post(address(voucher, "attach/"), undated, follow=True)
    )


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("document_type", "", "Say what the document is."),
        ("document_type", "poem", "Say what the document is: choose from the list."),
        ("document_type", "rows", "Say what the document is: choose from the list."),
        ("document_date", "2999-01-01", "has not come yet"),
        ("document_date", "1.3.2024", "This is no date"),
        ("file", "", "Choose a file first."),
        ("file", a_file("a.pdf", b"MZ\x90\x00"), "is a program"),
        ("file", a_file("x" * 150 + "\u202e.pdf", b""), "0 bytes"),
    ],
)
def test_bad_input_gets_a_sentence_and_attaches_nothing(sign_in, voucher, field, value, words):
    client = sign_in(make.officer_of(voucher.program))
    sent = said(file=a_file()) | {field: value}
    assert words in text(client.post(address(voucher, "attach/"), sent, follow=True))
    assert not Attachment.objects.exists()


def test_a_submission_without_its_document_names_both_remedies(sign_in, voucher):
    client = sign_in(make.officer_of(voucher.program))
    page = text(client.post(address(voucher, "submit/"), follow=True))
    assert "Attach it and say what it is, or ask for a waiver of it." in page
    assert f'href="{address(voucher, "waiver/")}"' in page


# --- The same file twice ---------------------------------------------------


def test_the_approver_sees_that_a_file_is_evidence_elsewhere(sign_in, program):
    first = make.make_voucher(program, number="A-1")
    file = make.make_attachment(first, "invoice.txt").file
    second = make.make_voucher(program, number="A-2")
    for voucher in (second, make.make_voucher(make_program(), number="B-1")):
        actions.attach_file(
            voucher=voucher,
            file=file,
            name="contract.txt",
            document_type="contract",
            by=voucher.created_by,
        )
    actions.submit_voucher(voucher=second, by=second.created_by)

    page = text(sign_in(make.approver_of(program)).get(address(second)))

    assert "contract.txt is also evidence elsewhere" in page
    assert page.count(f'<a href="{address(first)}">voucher A-1</a> (draft, as invoice.txt)') == 3
    assert "and 1 that you may not see" in page
    assert "B-1" not in page
    assert "Rests on: contract, date <span" in page


def test_the_page_costs_the_same_queries_for_one_document_and_for_many(
    sign_in, program, count_queries
):
    voucher = make.furnish(make.make_voucher(program))
    file = voucher.attachments.get().file
    client = sign_in(make.officer_of(program))

    def reuse(count):
        for _ in range(count):
            other = make.make_voucher(program)
            actions.attach_file(
                voucher=other, file=file, name="b.txt", document_type="other", by=other.created_by
            )

    reuse(1)
    papers.past_waiver(voucher)
    client.get(address(voucher))
    one = count_queries(lambda: client.get(address(voucher)))
    for _ in range(3):
        make.make_attachment(voucher)
        papers.past_waiver(voucher)
    reuse(4)
    assert count_queries(lambda: client.get(address(voucher))) == one


# --- Waivers ---------------------------------------------------------------


def asked(program, **other):
    ends = program.owner.today() + timedelta(days=20)
    return {
        "requirement": "promise",
        "category": "not_issued",
        "reason": "It is being signed.",
        "expires_on": ends.isoformat(),
        **other,
    }


def test_an_officer_asks_an_approver_grants_and_the_voucher_goes_its_way(sign_in, voucher):
    client = sign_in(make.officer_of(voucher.program))
    assert "Which document is missing" in text(client.get(address(voucher, "waiver/")))
    done = text(client.post(address(voucher, "waiver/"), asked(voucher.program), follow=True))
    assert "It counts once an approver grants it." in done
    assert "waits for a decision" in done
    assert "Only an approver" in done
    assert f"Waiver of a contract or a decision for voucher {voucher.number}" in text(
        client.get("/desk/")
    )
    again = text(client.get(address(voucher, "waiver/"), follow=True))
    assert "there is nothing to waive" in again

    client = sign_in(make.approver_of(voucher.program))
    assert f"Grant or decline: voucher {voucher.number} without a contract" in text(
        client.get("/desk/")
    )
    waiver = voucher.waivers.get()
    page = text(client.post(f"/desk/waivers/{waiver.uid}/", {"verdict": "grant"}, follow=True))
    assert "The waiver is granted, and counts until its last day." in page
    assert "waived</span> Required: a contract or a decision" in page

    client = sign_in(make.officer_of(voucher.program))
    client.post(address(voucher, "submit/"))
    make.approve(voucher.versions.get())
    page = text(client.get("/desk/"))
    assert f"Supply a contract or a decision to voucher {voucher.number}" in page


def test_declining_needs_a_reason_and_an_unclear_decision_does_nothing(sign_in, voucher):
    waiver = papers.ask(voucher)
    client = sign_in(make.approver_of(voucher.program))
    there = f"/desk/waivers/{waiver.uid}/"
    assert "It is unclear what you decided" in text(client.post(there, {}, follow=True))
    assert "Say why it is declined" in text(client.post(there, {"verdict": "decline"}, follow=True))
    done = client.post(there, {"verdict": "decline", "reason": "Get it."}, follow=True)
    assert "Get it." in text(done)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("requirement", "", "Choose which document is missing."),
        ("requirement", "payment", "Choose a document that the voucher requires and lacks."),
        ("category", "", "Choose why the document is missing."),
        ("reason", "", "Say why"),
        ("expires_on", "", "required"),
        ("expires_on", "soon", "This is no date"),
        ("expires_on", "2020-01-01", "still to come"),
        ("expires_on", "2999-01-01", "lasts 365 days at most"),
        ("reason", "x\x00y", "Null characters"),
    ],
)
def test_a_bad_request_gets_a_sentence_at_its_field(sign_in, voucher, field, value, words):
    client = sign_in(make.officer_of(voucher.program))
    answer = client.post(address(voucher, "waiver/"), asked(voucher.program, **{field: value}))
    assert answer.status_code == 200
    assert words in text(answer)
    assert not voucher.waivers.exists()


def test_the_list_shows_states_filters_and_downloads_to_staff_and_auditors(sign_in, program):
    posted = papers.post_on_a_waiver(program, number="W-1", category="lost")
    papers.ask(make.make_voucher(program, number="W-2"))
    papers.past_waiver(make.make_voucher(program, number="W-3"))
    papers.post_on_a_waiver(make_program(), number="W-9")
    client = sign_in(accounts.make_person(Role.AUDITOR, organisation=program.owner))

    whole = text(client.get("/desk/waivers/"))
    assert all(number in whole for number in ("W-1", "W-2", "W-3"))
    assert "W-9" not in whole
    assert "lapsed: nothing stands on it" in whole

    def numbers(query):
        answer = client.get(f"/desk/waivers/?format=csv&sort=voucher&{query}")
        body = b"".join(answer.streaming_content).decode()
        return [line.split(",")[0] for line in body.splitlines()[1:]]

    assert numbers("") == ["W-1", "W-2", "W-3"]
    assert numbers("standing=in_force") == ["W-1"]
    assert numbers("standing=asked") == ["W-2"]
    assert numbers("standing=overdue") == []
    assert numbers("category=lost") == ["W-1", "W-3"]
    assert numbers(f"program={program.uid}&q=w-2") == ["W-2"]
    assert posted.waivers.count() == 1


def test_the_list_costs_the_same_queries_for_one_row_and_for_many(sign_in, posted, count_queries):
    program = posted.program
    client = sign_in(make.officer_of(program))
    client.get("/desk/waivers/")
    one = count_queries(lambda: client.get("/desk/waivers/"))
    for _ in range(3):
        papers.post_on_a_waiver(program)
    assert count_queries(lambda: client.get("/desk/waivers/")) == one


# --- Documents that come later ---------------------------------------------


def test_an_officer_supplies_a_document_to_a_posted_voucher(sign_in, posted):
    client = sign_in(make.officer_of(posted.program))
    assert "waived</span> Required" in text(client.get(address(posted, "supply/")))

    done = text(client.post(address(posted, "supply/"), said(file=a_file()), follow=True))

    assert "contract.pdf is supplied. The voucher stays as posted." in done
    assert "supplied later" in done
    assert "settled: the document came" in done
    supplied = SuppliedDocument.objects.get()
    answer = client.get(f"/desk/supplied/{supplied.uid}/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 tents"
    assert answer["Content-Disposition"] == 'attachment; filename="contract.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    transaction = posted.versions.get().transactions.get()
    page = text(client.get(f"/desk/transactions/{transaction.uid}/"))
    assert f"/desk/supplied/{supplied.uid}/" in page


def test_a_bad_document_is_told_at_its_field_and_a_draft_is_sent_back(sign_in, posted):
    client = sign_in(make.officer_of(posted.program))
    answer = client.post(address(posted, "supply/"), said(file=a_file(content=b"MZ\x00")))
    assert "is a program" in text(answer)
    answer = client.post(address(posted, "supply/"), said(file=a_file(), document_type=""))
    assert "Say what the document is." in text(answer)
    draft = make.make_voucher(posted.program)
    page = text(client.get(address(draft, "supply/"), follow=True))
    assert "only to a posted voucher" in page
    assert not SuppliedDocument.objects.exists()


def test_the_transaction_page_says_that_it_rests_on_a_waiver(sign_in, posted):
    transaction = posted.versions.get().transactions.get()
    page = text(
        sign_in(make.officer_of(posted.program)).get(f"/desk/transactions/{transaction.uid}/")
    )
    assert "Posted without a contract or a decision: waived until" in page


# --- The public ------------------------------------------------------------


def test_the_public_reads_how_many_and_why_and_neither_whose_nor_the_reason(client, program):
    papers.post_on_a_waiver(program, category="lost")
    papers.post_on_a_waiver(program, category="lost")
    papers.waive(make.make_voucher(program), category="urgent")
    publish(program)

    page = text(client.get(f"/programs/{program.uid}/"))

    assert "Documents that are missing" in page
    assert "<dt>Lost or destroyed</dt><dd>2 in force, the first until <time" in page
    assert "acted before" not in page.lower()
    assert "The supplier sends it next week." not in page


def test_a_program_that_lacks_nothing_says_so_and_a_late_document_makes_it_publishable_again(
    client, posted
):
    publish(posted.program)
    papers.supply(posted)
    publish(posted.program)

    page = text(client.get(f"/programs/{posted.program.uid}/"))

    assert "None: every posting rests on the documents that its kind requires." in page
    assert Voucher.objects.get(pk=posted.pk).status == "posted"
