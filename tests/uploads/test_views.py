"""The pages of uploads, with and without scripts."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.accounts import make_organisation, make_person, sign_in
from tests.factories.uploads import (
    MAPPING,
    ROW,
    csv_of,
    make_office,
    make_posted_upload,
    make_upload,
    mapping,
)
from tracker.accounts.models import Role
from tracker.ledger.models import Transaction
from tracker.uploads import actions
from tracker.uploads.models import Upload, UploadStatus

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def office():
    return make_office()


def text_of(answer):
    return answer.content.decode()


def address(upload, verb=""):
    return f"/desk/uploads/{upload.uid}/{verb}"


def hand_in(client, organisation, content, **more):
    data = {
        "organisation": str(organisation.uid),
        "file": SimpleUploadedFile("payments.csv", content),
        "stored": "",
        "pasted": "",
    }
    return client.post("/desk/uploads/new/", data | more)


def test_a_file_goes_from_the_form_to_the_ledger_without_any_script(client, office):
    organisation, officer, approver = office
    sign_in(client, officer)

    answer = hand_in(client, organisation, csv_of(ROW).encode(), pasted=json.dumps(MAPPING))
    upload = Upload.objects.get()
    assert answer.headers["Location"] == address(upload)
    assert "Continue" in text_of(client.get(address(upload)))
    client.post(address(upload, "advance/"))
    page = text_of(client.get(address(upload)))
    assert "100.00" in page and "AID-FRA" in page and "Submit for approval" in page
    client.post(address(upload, "submit/"))
    sign_in(client, approver)
    assert "Approve and post" in text_of(client.get(address(upload)))
    client.post(address(upload, "approve/"))
    for _ in range(5):
        client.post(address(upload, "advance/"))

    upload.refresh_from_db()
    assert upload.status == UploadStatus.POSTED
    assert Transaction.objects.filter(import_key__isnull=False).count() == 1
    assert "This upload is posted: it is not being posted now." in text_of(
        client.get(address(upload))
    )


def test_with_htmx_the_progress_goes_on_by_itself_and_the_page_is_refreshed_at_the_end(
    client, office
):
    organisation, officer, _ = office
    rows = csv_of(*(f"R{n},FRA,France,2010,{n}.00,Depot" for n in range(1, 1701)))
    upload = make_upload(rows, by=officer, organisation=organisation, checked=False)
    client.force_login(officer)

    middle = client.post(address(upload, "advance/"), **HTMX)
    end = client.post(address(upload, "advance/"), **HTMX)

    assert "1,500 of 1,700 rows" in text_of(middle)
    assert 'hx-trigger="load delay:300ms"' in text_of(middle)
    assert end.headers["HX-Refresh"] == "true"


def test_after_a_refusal_the_page_waits_for_a_person(client, office):
    organisation, officer, _ = office
    upload = make_upload(by=officer, organisation=organisation)
    client.force_login(officer)

    answer = client.post(address(upload, "advance/"), **HTMX)

    assert answer.headers["HX-Redirect"].endswith("?paused=1")
    assert (
        "hx-trigger"
        not in text_of(client.get(address(upload) + "?paused=1"))
        .split('id="read"')[0]
        .split('id="main"')[1]
    )


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "The file is empty (0 bytes)."),
        (b"%PDF-1.7 \n", "it is a PDF document"),
        (b"a;b\n1;2\n", "The header lacks"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_the_form(client, office, content, sentence):
    organisation, officer, _ = office
    client.force_login(officer)

    answer = hand_in(client, organisation, content, pasted=json.dumps(MAPPING))

    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "more, sentence",
    [
        ({}, "A mapping is missing"),
        ({"pasted": "{"}, "The mapping is not valid JSON"),
        ({"pasted": "[]"}, "The mapping must be an object"),
        ({"pasted": '{"name": "x"}'}, "“source” is missing"),
        ({"stored": "us_military_disbursements", "pasted": "{}"}, "Two mappings are given"),
        ({"stored": "us_military_disbursements"}, "The header lacks"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_on_the_form(client, office, more, sentence):
    organisation, officer, _ = office
    client.force_login(officer)

    answer = hand_in(client, organisation, csv_of(ROW).encode(), **more)

    assert sentence in text_of(answer)
    assert not Upload.objects.exists()


def test_the_errors_can_be_filtered_and_taken_away_as_csv(client, office):
    organisation, officer, _ = office
    rows = csv_of(ROW, "R2,FRA,France,2010,=1+1,Depot", "R3,XXX,Nowhere,2010,5.00,@SUM")
    upload = make_upload(rows, by=officer, organisation=organisation)
    client.force_login(officer)

    page = text_of(client.get(address(upload) + "?state=wrong"))
    file = client.get(address(upload) + "?state=wrong&format=csv")

    lines = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode())))
    assert "This file has errors and cannot be submitted" in page
    assert "Submit for approval" not in page
    assert lines[0][:6] == ["Line", "State", "Column", "Value", "Cause", "Remedy"]
    assert [line[0] for line in lines[1:]] == ["3", "4"]
    assert lines[1][2:5] == ["Amount", "'=1+1", "“=1+1” is not an amount."]
    assert lines[2][2] == "Code | Payee"


@pytest.mark.parametrize("verb", ["submit/", "stop/", "continue/", "discard/", "advance/"])
def test_what_cannot_be_done_now_says_why_and_changes_nothing(client, office, verb):
    organisation, officer, approver = office
    upload = make_posted_upload(officer=officer, approver=approver, organisation=organisation)
    client.force_login(officer)

    answer = client.post(address(upload, verb), follow=True)

    upload.refresh_from_db()
    assert answer.status_code == 200
    assert 'class="notice bad"' in text_of(answer) or "bad" in text_of(answer)
    assert upload.status == UploadStatus.POSTED


def test_approving_asks_for_the_password_again(client, office):
    organisation, officer, approver = office
    upload = make_upload(by=officer, organisation=organisation)
    actions.submit_upload(upload=upload, by=officer)
    client.force_login(approver)  # a session that never saw the password

    answer = client.post(address(upload, "approve/"))

    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    upload.refresh_from_db()
    assert upload.status == UploadStatus.SUBMITTED


def test_a_returned_batch_shows_the_reason_and_can_be_submitted_again(client, office):
    organisation, officer, approver = office
    upload = make_upload(by=officer, organisation=organisation)
    actions.submit_upload(upload=upload, by=officer)
    sign_in(client, approver)

    client.post(address(upload, "return/"), {"reason": "Wrong year in line 2."})

    client.force_login(officer)
    page = text_of(client.get(address(upload)))
    assert "Wrong year in line 2." in page
    assert "Submit for approval" in page


def test_a_return_needs_a_reason(client, office):
    organisation, officer, approver = office
    upload = make_upload(by=officer, organisation=organisation)
    actions.submit_upload(upload=upload, by=officer)
    sign_in(client, approver)

    answer = client.post(address(upload, "return/"), {"reason": " "}, follow=True)

    assert "Say why, so that the officer knows what to change." in text_of(answer)


def test_strangers_find_nothing_and_an_auditor_reads_only(client, office):
    organisation, officer, _ = office
    upload = make_upload(by=officer, organisation=organisation)
    stranger = make_person(Role.OFFICER, organisation=make_organisation())
    auditor = make_person(Role.AUDITOR, organisation=organisation)

    client.force_login(stranger)
    assert client.get(address(upload)).status_code == 404
    assert client.post(address(upload, "discard/")).status_code == 404
    client.force_login(auditor)
    assert "Submit for approval" not in text_of(client.get(address(upload)))
    assert client.post(address(upload, "submit/")).status_code == 403
    assert client.get("/desk/uploads/new/").status_code == 403


def test_the_list_can_be_searched_sorted_and_downloaded(client, office):
    organisation, officer, _ = office
    make_upload(by=officer, organisation=organisation, name="alpha.csv")
    make_upload(
        csv_of("R2,FRA,France,2010,7.00,Depot"),
        by=officer,
        organisation=organisation,
        name="beta.csv",
    )
    client.force_login(officer)

    page = text_of(client.get("/desk/uploads/?q=alpha&sort=-file_name"))
    file = b"".join(client.get("/desk/uploads/?format=csv&sort=file_name").streaming_content)

    assert "alpha.csv" in page and "beta.csv" not in page
    assert file.decode().splitlines()[1].startswith("alpha.csv,checked,")


@pytest.mark.thorough
def test_a_page_of_few_and_of_many_rows_costs_the_same_queries(client, office, count_queries):
    organisation, officer, approver = office
    few = make_posted_upload(officer=officer, approver=approver, organisation=organisation)
    rows = csv_of(*(f"S{n},FRA,France,2010,{n}.00,Depot" for n in range(1, 301)))
    many = make_posted_upload(rows, officer=officer, approver=approver, organisation=organisation)
    client.force_login(officer)
    client.get(address(few))

    costs = [
        count_queries(lambda: client.get(f"{address(upload)}?per_page=1000"))  # noqa: B023
        for upload in (few, many)
    ]

    assert costs[0] == costs[1]


def test_a_mapping_may_name_the_one_program_of_the_whole_file(client, office):
    from tests.factories.programs import make_program

    organisation, officer, approver = office
    program = make_program(owner=organisation, by=officer)
    changes = mapping(columns__program=None, programs={"existing": program.identifier})
    upload = make_posted_upload(
        officer=officer, approver=approver, organisation=organisation, mapping=changes
    )

    assert upload.rows.get().transaction.program == program
