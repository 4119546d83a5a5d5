"""The files of a published report: the same report as PDF, as a page and as JSON, each with its SHA-256 and proof."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from tests.factories.ledger import approver_of, make_commitment, make_disbursement
from tests.factories.programs import make_program
from tests.factories.publishing import (
    disclosure_of,
    edit,
    make_report,
    make_report_at,
    publish,
    publish_report,
    withhold,
)
from tests.factories.reports import add_image
from tests.public.conftest import proof_of
from tests.publishing.documents import flowing, read
from tracker.publishing import actions, released
from tracker.publishing.actions import printing
from tracker.publishing.content import document, files, kept
from tracker.publishing.models import PublishedReport, Release, ReleasedFile, Shown
from tracker.publishing.pdf import render
from tracker.publishing.queries import Section
from tracker.shared.errors import Refused

pytestmark = pytest.mark.thorough

NAMES = ("report.pdf", "report.html", "report.json")


@pytest.fixture
def report():
    """Published, of a program with a payment whose payee is withheld."""
    program = make_program(title="Field hospitals")
    day = date(2024, 3, 1)
    payment = make_disbursement(
        make_commitment(program, value_date=day), "250.00", value_date=day, payee="A secret payee"
    )
    withhold(program, "transaction", "payee", payment.uid, reason="Staff were threatened.")
    return make_report_at(
        "published",
        program,
        title="The first half of 2024",
        sections=[
            Section("Summary", "Of it {{ total disbursement USD 2024 }} was paid."),
            Section("Money", "", Shown.LINE, "The line ends at what was paid."),
            Section("Annex", "", Shown.TRANSACTIONS),
        ],
    )


def fetched(client, report, name: str) -> bytes:
    response = client.get(f"/reports/{report.uid}/{name}")
    assert response.status_code == 200
    return response.content


def stored_as(report, name: str) -> str:
    return kept.path_of(ReleasedFile.objects.get(release=report.release, name=name).sha256)


# --- What is offered --------------------------------------------------------------------


def test_the_page_offers_each_file_with_sha_256_size_and_proof(client, report, signed):
    signed()
    page = client.get(f"/reports/{report.uid}/").content.decode()

    for name in NAMES:
        raw = fetched(client, report, name)
        assert hashlib.sha256(raw).hexdigest() in page
        assert f'href="{name}"' in page and f'href="{name}.tlog-proof"' in page
        assert ReleasedFile.objects.get(release=report.release, name=name).size == len(raw)


@pytest.mark.parametrize("name", ["report.pdf", "report.html"])
def test_each_file_holds_with_its_proof_and_by_its_digest_alone(
    client,
    verify,
    report,
    signed,
    name,
):
    assert client.get(f"/reports/{report.uid}/{name}.tlog-proof").status_code == 404
    signed()
    raw = fetched(client, report, name)
    proof = proof_of(client, f"/reports/{report.uid}/{name}")

    assert "byte for byte" in verify(raw, proof)
    assert "byte for byte" in verify(raw)
    digest = hashlib.sha256(raw).hexdigest()
    assert "byte for byte" in client.get(f"/journal/verify/?what={digest}").content.decode()
    assert "but not for this file" in verify(raw + b"x", proof)


def test_a_draft_has_no_files(client):
    report = make_report()
    for name in NAMES:
        assert client.get(f"/reports/{report.uid}/{name}").status_code == 404


def test_a_release_without_a_report_prints_nothing(monkeypatch):
    monkeypatch.setattr(printing.pdf, "render", None)
    release = publish()
    assert [file.name for file in release.files.all()] == ["transactions.csv"]


# --- What is in them --------------------------------------------------------------------


def test_the_pdf_says_what_was_released_and_how_to_check_it(client, report):
    raw = fetched(client, report, "report.pdf")
    text, release = flowing(raw), report.release

    for words in (
        "The first half of 2024",
        "Field hospitals",
        "Of it 250.00 USD was paid.",
        "The money in this period",
        "Payee of 1 payment or commitment",
        "Staff were threatened.",
        str(release.uid),
        f"as of entry {release.journal_size:,}",
        f"/reports/{report.uid}/",
        f"Release {release.number} · {str(release.uid)[:8]}",
    ):
        assert words in text
    assert "A secret payee" not in text


def test_no_file_names_a_person(client, report):
    people = [report.drafted_by, disclosure_of(report.program), approver_of(report.program)]
    html, raw = (
        fetched(client, report, "report.html").decode(),
        fetched(client, report, "report.pdf"),
    )
    text = flowing(raw) + str(read(raw).metadata)
    for person in people:
        for name in (str(person), person.email):
            assert name not in html and name not in text


def test_the_same_release_printed_again_gives_the_same_bytes(client, report, settings):
    release = Release.objects.get(pk=report.release_id)
    rows = released.frozen_rows(release, files.REPORT_KINDS)
    gaps = document.gaps_in(released.frozen_rows(release, ["withheld"])["withheld"])

    again = printing.print_report(rows, gaps, release)
    kept_files = release.files.filter(name__in=["report.pdf", "report.html"])
    assert sorted(again) == sorted(kept_files.values_list("name", "sha256", "size"))


def test_a_picture_is_in_the_pdf_and_described(client):
    report = make_report()
    image = add_image(report)
    sections = [Section("Seen", "Words.", image=image, image_description="A tent by a road.")]
    edit(report, sections=sections)
    report = publish_report_of(report)

    raw = fetched(client, report, "report.pdf")
    assert "A tent by a road." in flowing(raw)
    assert len(read(raw).pages[1].images) == 1
    assert b"data:image/png;base64," in fetched(client, report, "report.html")


def publish_report_of(report):
    actions.submit_report(report=report, by=report.drafted_by)
    actions.accept_report(report=report, by=approver_of(report.program))
    publish_report(report)
    report.refresh_from_db()
    return report


def test_an_older_report_with_words_alone_is_printed_in_paragraphs(report):
    release = report.release
    rows = released.frozen_rows(release, files.REPORT_KINDS)
    [(subject, cells)] = rows["report"]
    older = [{"heading": "Summary", "body": "First words.\n\nSecond words."}]
    cells = cells | {"sections": {"state": "stated", "value": older}}
    told = document.document_of(rows | {"report": [(subject, cells)]}, {}, release, "https://x")

    assert "First words. Second words." in flowing(render(told, {}))


# --- When something is wrong ------------------------------------------------------------


def test_a_file_that_is_gone_is_said_and_the_rest_stands(client, report, signed):
    signed()
    default_storage.delete(stored_as(report, "report.pdf"))

    response = client.get(f"/reports/{report.uid}/report.pdf")
    assert response.status_code == 503
    assert "are not in the store just now" in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert client.get(f"/reports/{report.uid}/").status_code == 200
    assert client.get(f"/reports/{report.uid}/report.pdf.tlog-proof").status_code == 200


def test_bytes_that_were_changed_in_the_store_are_never_served(client, report):
    path = Path(default_storage.path(stored_as(report, "report.pdf")))
    path.write_bytes(path.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.8", 1))

    assert client.get(f"/reports/{report.uid}/report.pdf").status_code == 503


def test_a_torn_write_is_replaced_when_the_same_bytes_come_again():
    raw = b"%PDF whole"
    path = kept.path_of(hashlib.sha256(raw).hexdigest())
    default_storage.delete(path)
    default_storage.save(path, ContentFile(raw[:4]))

    printing.keep(raw)
    assert kept.read(hashlib.sha256(raw).hexdigest()) == raw


def test_a_release_that_rolls_back_leaves_bytes_and_nothing_else(monkeypatch):
    report = make_report_at("reviewed")
    keeps = []
    monkeypatch.setattr(printing, "keep", keeps.append)

    with transaction.atomic():
        publish_report(report)
        transaction.set_rollback(True)
    assert len(keeps) == 2
    assert not PublishedReport.objects.exists() and not ReleasedFile.objects.exists()


def test_a_report_that_cannot_be_printed_is_not_published():
    report = make_report_at("reviewed", sections=[("Results", "Paid to مستشفى.")])

    with pytest.raises(Refused, match="The section “Results” has the character") as refused:
        publish_report(report)
    assert "(U+062A, arabic letter teh)" in refused.value.sentence
    assert not Release.objects.exists()
