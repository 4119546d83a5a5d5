"""What a section shows is made from the rows of its release: figures, charts, tables, an annex, pictures."""

import json
from copy import deepcopy
from datetime import date

import pytest

from tests.factories.audits import make_finding
from tests.factories.ledger import make_commitment, make_disbursement, money
from tests.factories.programs import make_program
from tests.factories.publishing import (
    disclosure_of,
    edit,
    make_report,
    make_report_at,
    publish_report,
    withhold,
)
from tests.factories.reports import add_image, blocks_of, chart, row_of
from tests.factories.results import make_baseline, make_indicator, make_measurement, make_target
from tracker.publishing import actions, queries
from tracker.publishing.content import blocks
from tracker.publishing.models import (
    PublishedReport,
    ReleasedFile,
    ReleasedRow,
    ReportReview,
    Shown,
)
from tracker.publishing.queries import Section
from tracker.shared.errors import Refused


def pay(program, amount="100.00", day=date(2024, 3, 1), currency="USD"):
    """A payment from a commitment of its own, of the same day."""
    commitment = make_commitment(program, amount=money("1000.00", currency), value_date=day)
    return make_disbursement(commitment, amount, value_date=day)


def build():
    """Nothing of it is public yet."""
    program = make_program()
    pay(program, "250.00", date(2024, 2, 1))
    for number in range(2):
        disclosure_of(program, number)
    return program


@pytest.fixture
def program(built):
    return deepcopy(built)


def told(program, *sections, **says):
    return make_report_at("published", program, sections=list(sections), **says)


def words(text, **says):
    return Section("Summary", text, **says)


# --- Figures -----------------------------------------------------------------


def test_a_figure_is_put_into_the_words_and_names_the_row_that_it_comes_from(program):
    report = told(program, words("In all {{ total disbursement USD 2024 }} was paid."))

    section = row_of(report).cells["sections"]["value"][0]
    (figures,) = [b for b in section["blocks"] if b["kind"] == "figures"]
    (figure,) = figures["figures"]
    source = ReleasedRow.objects.get(digest=figure["row"], items__release=report.release)
    assert section["body"] == "In all 250.00 USD was paid."
    assert section["blocks"][0] == {"kind": "text", "text": section["body"]}
    assert (figure["token"], figure["text"]) == ("{{ total disbursement USD 2024 }}", "250.00 USD")
    assert source.kind == "total"
    assert source.cells["amount"]["value"] == {"minor": 25000, "currency": "USD"}


def test_figures_of_the_period_come_from_the_report_s_own_rows(program):
    report = told(program, words("{{ period disbursement USD }} of {{ closing disbursement USD }}"))

    assert row_of(report).cells["sections"]["value"][0]["body"] == "250.00 USD of 250.00 USD"


def test_the_public_list_is_searched_by_the_words_with_their_figures(program):
    report = told(program, words("In all {{ total disbursement USD }}."))

    assert "In all 250.00 USD." in PublishedReport.objects.get(uid=report.uid).words


def test_a_figure_that_no_release_carries_is_refused_when_the_report_is_published(program):
    report = make_report_at("reviewed", program, sections=[words("{{ total refund EUR }}")])

    with pytest.raises(
        Refused,
        match=r"Section 1 \(“Summary”\) names {{ total refund EUR }}: this release has no such",
    ):
        publish_report(report)

    report.refresh_from_db()
    assert report.status == "reviewed"


@pytest.mark.parametrize(
    "text", ["{{ payee }}", "{{ total disbursement USD", "{{ total gift USD }}"]
)
def test_what_is_no_figure_is_refused_when_it_is_saved(program, text):
    with pytest.raises(Refused, match="Section 2"):
        make_report(program, sections=[("First", "Words"), ("Second", text)])


def test_a_figure_stands_in_the_words_and_not_in_a_heading(program):
    with pytest.raises(Refused, match="not in a heading"):
        make_report(program, sections=[("{{ findings open }}", "Words")])


def test_a_withheld_figure_prints_its_reason_and_not_its_value():
    program = make_program()
    indicator = make_indicator(program=program, title="Beds")
    make_baseline(indicator)
    make_target(indicator)
    measured = make_measurement(indicator, 71717, measured_on=date(2024, 3, 1))
    withhold(program, "measurement", "value", measured.uid)

    text = 'There are {{ indicator "Beds" actual }}, {{ indicator "Beds" achievement }}.'
    report = told(program, words(text), chart(Shown.INDICATORS))

    released = json.dumps(row_of(report).cells)
    reason = "withheld (The place of a depot could be read from it)"
    assert f"There are {reason}, {reason}." in released
    assert "71717" not in released and "71,717" not in released


# --- Charts and tables -------------------------------------------------------


@pytest.mark.parametrize("shows", [Shown.BY_YEAR, Shown.LINE])
@pytest.mark.parametrize("description", ["", "   "])
def test_a_chart_without_description_is_refused(program, shows, description):
    with pytest.raises(Refused, match="Describe the chart"):
        make_report(program, sections=[chart(shows, description=description)])


def test_a_chart_by_year_has_the_released_sums_of_one_currency_each(program):
    pay(program, "5.00", date(2023, 2, 1), "EUR")
    pay(program, "50.00", date(2023, 2, 1))

    charts = blocks_of(told(program, words("Words"), chart()), "chart")

    by_unit = {one["unit"]: one for one in charts}
    assert set(by_unit) == {"USD", "EUR"}
    assert by_unit["USD"]["description"] == "Payments grow each year."
    assert by_unit["USD"]["columns"] == ["Fiscal year", "Disbursed"]
    assert by_unit["USD"]["rows"] == [
        ["FY2023", {"minor": 5000, "text": "50.00 USD"}],
        ["FY2024", {"minor": 25000, "text": "250.00 USD"}],
    ]


def test_the_line_draws_what_nobody_stated_as_not_stated(program):
    (line,) = blocks_of(told(program, words("Words"), chart(Shown.LINE)), "chart")

    stages = dict(line["rows"])
    assert stages["Disbursed"]["minor"] == 25000
    assert stages["Received"] == {"minor": None, "text": "not stated"}
    assert list(stages) == ["Promised", "Committed", "Disbursed", "Received", "Used"]


def test_a_description_may_name_figures(program):
    section = chart(description="It ends at {{ total disbursement USD }}.")

    (drawn,) = blocks_of(told(program, words("Words"), section), "chart")

    assert drawn["description"] == "It ends at 250.00 USD."


def test_a_chart_says_how_many_rows_it_goes_without(program):
    hidden = pay(program, "77.77", date(2024, 3, 1))
    withhold(program, "transaction", "amount", hidden.uid)

    report = told(program, words("Words"), chart())

    said = " ".join(block["text"] for block in blocks_of(report, "text"))
    assert "1 more row is public without the amount" in said
    assert "77.77" not in json.dumps(row_of(report).cells)


def test_indicators_and_findings_become_tables(program):
    indicator = make_indicator(program=program, title="Beds")
    make_target(indicator, 100)
    make_measurement(indicator, 71, measured_on=date(2024, 3, 1))
    finding = make_finding(pay(program), recommendations=2)
    actions.release_finding(finding=finding, by=finding.engagement.lead)

    report = told(program, words("W"), chart(Shown.INDICATORS), chart(Shown.FINDINGS))

    indicators, findings = blocks_of(report, "table")
    assert indicators["head_column"] is True
    assert indicators["rows"][0][0] == "Beds" and "71" in indicators["rows"][0]
    assert findings["rows"][0][0] == finding.title
    assert "2 of 2" in findings["rows"][0]


def test_a_table_of_nothing_says_so():
    report = told(
        make_program(), words("W"), chart(Shown.INDICATORS), chart(Shown.FINDINGS), chart()
    )

    said = [block["text"] for block in blocks_of(report, "text")]
    assert "No indicator is in this release." in said
    assert "The audit office had released no finding about the program." in said
    assert "The release states no amount that could be drawn." in said


# --- The annex ---------------------------------------------------------------


def test_the_annex_has_every_payment_of_the_period_with_what_is_withheld_marked(program):
    late = pay(program, "9.00", date(2024, 8, 1))
    hidden = pay(program, "61.61", date(2024, 3, 1))
    withhold(program, "transaction", "amount", hidden.uid)

    (annex,) = blocks_of(told(program, words("W"), chart(Shown.TRANSACTIONS)), "table")

    amounts = [row[4] for row in annex["rows"]]
    assert "250.00 USD" in amounts
    assert "withheld (The place of a depot could be read from it)" in amounts
    entries = [row[5] for row in annex["rows"]]
    assert str(late.entry_id) not in entries and str(hidden.entry_id) in entries
    assert "61.61" not in json.dumps(annex)


def test_a_payment_whose_day_is_withheld_is_in_the_annex_whenever_it_was(program):
    late = pay(program, "9.00", date(2024, 8, 1))
    withhold(program, "transaction", "value_date", late.uid)

    (annex,) = blocks_of(
        told(program, words("W"), chart(Shown.TRANSACTIONS, description="")), "table"
    )

    assert str(late.entry_id) in [row[5] for row in annex["rows"]]
    assert "in the period or not" in annex["caption"]


def test_an_annex_that_nobody_can_read_is_refused(program, monkeypatch):
    monkeypatch.setattr(blocks, "MOST_ANNEX_ROWS", 1)
    pay(program)
    report = make_report_at("reviewed", program, sections=[words("W"), chart(Shown.TRANSACTIONS)])

    with pytest.raises(Refused, match="They are published as CSV"):
        publish_report(report)


# --- Pictures ----------------------------------------------------------------


def test_a_picture_is_frozen_by_its_digest_and_is_a_file_of_the_release(program):
    report = make_report(program)
    image = add_image(report)
    edit(report, sections=[words("W", image=image, image_description="Tents in a row.")])
    actions.submit_report(report=report, by=report.drafted_by)
    actions.accept_report(report=report, by=disclosure_of(program, 1))
    publish_report(report)

    (block,) = blocks_of(report, "image")
    assert block == {
        "kind": "image",
        "sha256": image.sha256,
        "media": "image/png",
        "width": 40,
        "height": 30,
        "description": "Tents in a row.",
    }
    file = ReleasedFile.objects.get(release=report.release, name__startswith="image-")
    assert (file.sha256, file.size) == (image.sha256, image.size)


@pytest.mark.parametrize("description", ["", "  "])
def test_a_picture_without_description_is_refused(program, description):
    report = make_report(program)
    image = add_image(report)

    with pytest.raises(Refused, match="Say what the picture shows"):
        edit(report, sections=[words("W", image=image, image_description=description)])


def test_a_picture_of_another_report_is_refused(program):
    image = add_image(make_report(program))

    with pytest.raises(Refused, match="belongs to another report"):
        edit(make_report(program), sections=[words("W", image=image, image_description="Tents.")])


# --- What a review binds to ---------------------------------------------------


def test_words_alone_have_the_digest_that_they_always_had(program):
    report = make_report(program, sections=[("Summary", "Words")], title="A report")

    assert queries.Section("Summary", "Words").as_hashed == ["Summary", "Words"]
    assert len(queries.content_hash(report)) == 64


@pytest.mark.parametrize(
    "changed",
    [
        {"shows": Shown.LINE},
        {"shows": Shown.INDICATORS, "description": "Now described."},
        {"description": "Another description."},
    ],
)
def test_a_review_binds_to_what_a_section_shows(program, changed):
    section = chart(Shown.BY_YEAR, body="Words")
    report = make_report(program, sections=[section])
    before = queries.content_hash(report)

    edit(report, sections=[section._replace(**changed)])

    assert queries.content_hash(report) != before


def test_a_chart_that_was_changed_after_the_review_is_not_published(program):
    report = make_report_at("reviewed", program, sections=[chart(body="Words")])
    report.sections.update(description="Slipped in")

    assert ReportReview.objects.filter(report=report, verdict="accepted").exists()
    with pytest.raises(Refused, match="not what its reviewer accepted"):
        publish_report(report)


def test_the_same_report_freezes_as_the_same_row(program):
    sections = [words("{{ total disbursement USD }}"), chart(), chart(Shown.TRANSACTIONS)]
    first = told(program, *sections)
    second = told(program, *sections)

    mine, other = (row_of(r).cells["sections"] for r in (first, second))
    assert mine == other
