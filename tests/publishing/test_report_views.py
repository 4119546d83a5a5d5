"""The pages of the editor, of comments and of audit reports; and the public page that shows what was frozen."""

from copy import deepcopy
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.audits import make_engagement
from tests.factories.ledger import (
    approver_of,
    make_commitment,
    make_disbursement,
    make_file,
    officer_of,
)
from tests.factories.programs import make_program
from tests.factories.publishing import disclosure_of, make_report, make_report_at, publish
from tests.factories.reports import (
    add_image,
    chart,
    comment,
    make_audit_report_at,
    picture,
    second_auditor,
)
from tracker.publishing import queries
from tracker.publishing.models import CommentSettled, Report, ReportImage, Shown
from tracker.publishing.queries import Section

DAY = date(2024, 3, 1)


def build():
    """Nothing of it is public yet."""
    program = make_program(title="Field hospitals")
    make_disbursement(make_commitment(program, value_date=DAY), "250.00", value_date=DAY)
    for number in range(2):
        disclosure_of(program, number)
    return program


@pytest.fixture
def program(built):
    return deepcopy(built)


def address(name, thing=None):
    return reverse(f"publishing:{name}", args=[thing.uid] if thing else [])


def text(response):
    return response.content.decode()


def form_of(client, report):
    """What a browser would send back from the editor."""
    form = client.get(address("report_edit", report)).context["form"]
    said = {name: form[name].value() for name in form.fields}
    return {n: v for n, v in said.items() if v not in (None, False)} | {"count": form.count}


# --- The editor ----------------------------------------------------------------


def test_the_editor_lists_the_figures_that_can_be_named(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)

    page = text(client.get(address("report_edit", report)))

    assert "{{ total disbursement USD 2024 }}" in page and "250.00 USD" in page
    assert "{{ withheld fields }}" in page
    assert "is bound to nothing" in page


def test_a_chart_is_chosen_and_described_in_the_editor(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)
    form = form_of(client, report) | {"shows_0": "by_year"}

    page = text(client.post(address("report_edit", report), form))
    assert "Describe the chart" in page and '<details class="more" open>' in page

    client.post(address("report_edit", report), form | {"description_0": "It grows."})
    section = queries.written_sections(report)[0]
    assert (section.shows, section.description) == ("by_year", "It grows.")


def test_an_unknown_figure_stays_on_the_form_with_its_sentence(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)
    form = form_of(client, report) | {"body_0": "We paid {{ the sum }}."}

    page = text(client.post(address("report_edit", report), form))

    assert "is no figure that a release can have" in page
    assert "We paid {{ the sum }}." in page


def test_sections_are_put_in_another_order_and_taken_out(client, program):
    report = make_report(program, sections=[(name, name) for name in ("One", "Two", "Three")])
    client.force_login(report.drafted_by)
    form = form_of(client, report) | {"order_0": 3, "order_2": 1, "remove_1": "on"}

    client.post(address("report_edit", report), form)

    assert [heading for heading, _ in queries.sections_of(report)] == ["Three", "One"]


@pytest.mark.parametrize("order", ["0", "-1", "1000000", "abc"])
def test_a_forged_place_is_told_and_is_no_error(client, program, order):
    report = make_report(program)
    client.force_login(report.drafted_by)

    answer = client.post(
        address("report_edit", report), form_of(client, report) | {"order_0": order}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "button, leads",
    [("more", "report_edit"), ("pictures", "report_images"), ("preview", "report_preview")],
)
def test_a_button_saves_and_leads_on(client, program, button, leads):
    report = make_report(program)
    client.force_login(report.drafted_by)

    answer = client.post(address("report_edit", report), form_of(client, report) | {button: "1"})

    assert answer.url == address(leads, report)


def test_the_preview_is_what_the_public_will_read(client, program):
    report = make_report(
        program, sections=[Section("Money", "In all {{ total disbursement USD }}."), chart()]
    )
    client.force_login(report.drafted_by)

    page = text(client.get(address("report_preview", report)))

    assert "In all 250.00 USD." in page
    assert "Payments grow each year." in page and "FY2024" in page


def test_the_preview_says_which_figure_is_missing(client, program):
    report = make_report(program, sections=[("Money", "In all {{ total refund EUR }}.")])
    client.force_login(report.drafted_by)

    page = text(client.get(address("report_preview", report)))

    assert "this release has no such figure" in page


def test_the_editor_costs_the_same_with_many_sections(client, program):
    few = make_report(program, sections=[("One", "Words")])
    many = make_report(program, sections=[(f"Section {n}", "Words") for n in range(20)])
    client.force_login(few.drafted_by)

    def cost(name, report):
        with CaptureQueriesContext(connection) as found:
            client.get(address(name, report))
        return len(found)

    for name in ("report_edit", "report"):
        cost(name, few)
        assert cost(name, few) == cost(name, many)


# --- Pictures --------------------------------------------------------------------


def test_a_picture_is_added_chosen_and_described_through_the_pages(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)
    file = SimpleUploadedFile("camp.png", picture(), "image/png")

    client.post(address("report_images", report), {"file": file})
    image = ReportImage.objects.get()
    page = text(client.get(address("report_images", report)))
    shown = client.get(reverse("publishing:report_image", args=[report.uid, image.sha256]))
    chosen = {"image_0": str(image.uid), "image_description_0": "Tents in a row."}
    client.post(address("report_edit", report), form_of(client, report) | chosen)

    assert image.sha256 in page
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    b"".join(shown.streaming_content)
    assert queries.written_sections(report)[0].image == image
    assert 'alt="Tents in a row."' in text(client.get(address("report", report)))


@pytest.mark.parametrize("raw", [b"", b"<svg/>", b"GIF89a", b"\x89PNG\r\n\x1a\nnothing"])
def test_a_file_that_is_no_picture_is_refused_at_its_field(client, program, raw):
    report = make_report(program)
    client.force_login(report.drafted_by)
    file = SimpleUploadedFile("camp.png", raw, "image/png")

    answer = client.post(address("report_images", report), {"file": file})

    assert answer.status_code == 200 and answer.context["form"].errors["file"]
    assert not ReportImage.objects.exists()


def test_a_picture_is_asked_for_through_its_own_report(client, program):
    image = add_image(make_report())
    report = make_report(program)
    client.force_login(report.drafted_by)

    answer = client.get(reverse("publishing:report_image", args=[report.uid, image.sha256]))

    assert answer.status_code == 404


def test_evidence_is_no_picture_of_a_report(client, program):
    report = make_report(program)
    client.force_login(report.drafted_by)
    stored = make_file(b"A contract.")

    answer = client.get(reverse("publishing:report_image", args=[report.uid, stored.sha256]))

    assert answer.status_code == 404
    assert client.get(f"/files/{stored.sha256}").status_code == 404


# --- Comments --------------------------------------------------------------------


def test_a_comment_is_written_and_settled_through_the_pages(client, program):
    report = make_report_at("in_review", program)
    client.force_login(approver_of(program))
    page = client.get(address("report_comment", report), {"section": "2"})
    hidden = {name: page.context["form"][name].value() for name in ("heading", "seen")}
    client.post(address("report_comment", report) + "?section=2", hidden | {"body": "Who says so?"})

    assert "Comments are open" not in text(client.get(address("report", report)))
    assert "A comment is open" in text(client.get(address("report", report)))
    client.post(address("report_accept", report))
    report.refresh_from_db()
    assert report.status == "in_review"

    said = report.comments.get()
    client.force_login(report.drafted_by)
    assert "Say what came of it" in text(client.get(address("report", report)))
    refused = client.post(address("comment_settle", said), {"followed": "no", "note": ""})
    assert "Say why you do not follow" in text(refused)
    client.post(address("comment_settle", said), {"followed": "no", "note": "It is on page 2."})

    assert CommentSettled.objects.get().note == "It is on page 2."
    assert "It is on page 2." in text(client.get(address("report", report)))


@pytest.mark.parametrize("section", ["0", "99", "abc", "-1", "9" * 40, ""])
def test_a_section_that_is_not_there_is_not_commented_on(client, program, section):
    report = make_report(program)
    client.force_login(report.drafted_by)

    answer = client.get(address("report_comment", report), {"section": section})

    assert answer.status_code == 404


def test_a_comment_on_words_that_changed_says_so(client, program):
    report = make_report(program)
    comment(report)
    client.force_login(report.drafted_by)
    client.post(address("report_edit", report), form_of(client, report) | {"body_0": "New words"})

    assert "written about an older text" in text(client.get(address("report", report)))


def test_a_comment_on_a_section_that_is_gone_stays(client, program):
    report = make_report(program)
    comment(report)
    client.force_login(report.drafted_by)
    client.post(address("report_edit", report), form_of(client, report) | {"remove_0": "on"})

    page = text(client.get(address("report", report)))
    assert "Comments on sections that are gone" in page and "Which hospitals?" in page


# --- Audit reports -----------------------------------------------------------------


def test_an_audit_report_walks_from_draft_to_public_through_the_pages(client, program):
    publish(program)
    engagement = make_engagement(program)
    client.force_login(engagement.lead)
    new = {
        "program": str(program.uid),
        "engagement": str(engagement.uid),
        "title": "Receipts audited",
        "period_start": "2024-01-01",
        "period_end": "2024-06-30",
    }
    client.post(address("audit_report_new"), new)
    report = Report.objects.get()
    form = form_of(client, report) | {"body_0": "{{ total disbursement USD }} was paid."}
    client.post(address("report_edit", report), form)
    client.post(address("report_submit", report))
    other = second_auditor(report)
    client.force_login(other)
    client.post(address("report_accept", report))

    page = text(client.get(address("report_publish", report), follow=True))
    assert "250.00 USD was paid." in page
    client.post(address("audit_report_publish", report))

    report.refresh_from_db()
    assert report.status == "published"
    client.logout()
    public = text(client.get(f"/reports/{report.uid}/"))
    assert "250.00 USD was paid." in public
    assert f"A report of the audit office {engagement.office.name}" in public
    assert "Nobody of the program had a hand in it" in public
    assert client.get(f"/reports/{report.uid}/report.json").status_code == 200


def test_program_staff_do_not_find_the_draft_of_an_audit_report(client, program):
    report = make_audit_report_at("in_review", program)

    for person in (officer_of(program), disclosure_of(program)):
        client.force_login(person)
        assert client.get(address("report", report)).status_code == 404
        assert report.title not in text(client.get(address("reports")))


def test_an_audit_report_without_a_public_program_says_so(client):
    report = make_audit_report_at("reviewed", make_program())
    client.force_login(second_auditor(report))

    page = text(client.get(address("audit_report_publish", report)))

    assert "is not public" in page and "Publish the report</button>" not in page


# --- The public page ----------------------------------------------------------------


def test_the_public_page_shows_what_was_frozen(client, program):
    sections = [
        Section("Money", "In all {{ total disbursement USD 2024 }}."),
        chart(),
        chart(Shown.LINE, heading="Line"),
        chart(Shown.TRANSACTIONS, heading="Annex", description="Every payment"),
    ]
    report = make_report_at("published", program, sections=sections)

    page = text(client.get(f"/reports/{report.uid}/"))

    assert "In all 250.00 USD." in page
    assert 'href="#section-4"' in page and 'id="section-4"' in page
    assert "Where the figure of this section comes from" in page
    assert f'href="/programs/{program.uid}/"' in page
    assert "Payments grow each year." in page and "The same as a table" in page
    assert "<caption>Every payment</caption>" in page
    file = report.release.files.get(name="report.json")
    assert str(report.release.uid) in page and file.sha256 in page


def test_two_charts_of_one_name_have_names_of_their_own(client, program):
    report = make_report_at(
        "published", program, sections=[chart(body="W"), chart(heading="Again")]
    )

    page = text(client.get(f"/reports/{report.uid}/"))

    names = [part.split('"')[0] for part in page.split('id="')[1:]]
    assert len(names) == len(set(names))


def test_words_of_a_report_are_never_markup(client, program):
    hostile = "<script>alert(1)</script> {{ total disbursement USD }}"
    report = make_report_at(
        "published",
        program,
        sections=[Section("<b>Bold</b>", hostile), chart(description="<img src=x onerror=a>")],
    )

    page = text(client.get(f"/reports/{report.uid}/"))

    assert "<script>alert" not in page and "<b>Bold" not in page and "<img src=x" not in page


def test_reports_are_filtered_by_kind(client, program):
    make_report_at("published", program, title="Of a year", kind="annual")
    make_report_at("published", program, title="Of a half-year")

    page = text(client.get("/reports/", {"kind": "annual"}))

    assert "Of a year" in page and "Of a half-year" not in page
    assert "annual report" in page
