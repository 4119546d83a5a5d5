"""A report as PDF: what a second reader finds in it, and what is refused."""

import os
import re
import shutil
import subprocess
import sys
import time

import pytest

from tests.publishing.documents import (
    CHART,
    UID,
    attributes,
    flowing,
    make_document,
    payments,
    picture,
    read,
    section,
    tags,
    told,
)
from tracker.publishing.pdf import page, render
from tracker.shared.errors import Refused


@pytest.fixture(scope="module")
def raw() -> bytes:
    return render(*make_document())


@pytest.fixture(scope="module")
def reader(raw):
    return read(raw)


# --- What it is -------------------------------------------------------------------------------------------------------


def test_it_declares_pdf_a_2a_and_pdf_ua_1(reader):
    xmp = reader.root_object["/Metadata"].get_object().get_data().decode()

    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_it_is_tagged_has_its_language_and_shows_its_title(reader):
    root = reader.root_object

    assert root["/MarkInfo"] == {"/Marked": True, "/Suspects": False}
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title.startswith("Medical support for Mykolaiv")


def test_headings_come_in_order_and_none_is_skipped(reader):
    found = [(tag["/S"], tag.get("/T")) for tag in tags(reader) if re.match(r"/H\d", tag["/S"])]

    assert found == [
        ("/H1", "Contents"),
        ("/H1", "Summary"),
        ("/H1", "From promise to use"),
        ("/H1", "An older section"),
        ("/H1", "Annex"),
        ("/H1", "What is withheld"),
        ("/H1", "How to check this report"),
        ("/H2", "What you hold"),
        ("/H2", "Step by step"),
    ]


def test_every_head_of_a_table_says_what_it_is_the_head_of(reader):
    heads = [tag for tag in tags(reader) if tag["/S"] == "/TH"]
    cells = [tag for tag in tags(reader) if tag["/S"] == "/TD"]

    assert heads and {attributes(head)["/Scope"] for head in heads} == {"/Column"}
    assert cells and all(attributes(cell)["/Headers"] for cell in cells)


def test_every_figure_is_described(reader):
    figures = [tag for tag in tags(reader) if tag["/S"] == "/Figure"]

    assert len(figures) == 3
    assert figures[0]["/Alt"] == f"{CHART['title']}. {CHART['description']}"
    assert figures[2]["/Alt"] == "The laboratory, seen from the road."


def test_every_table_and_figure_has_its_caption(reader):
    captions = [tag for tag in tags(reader) if tag["/S"] == "/Caption"]
    shown = [tag for tag in tags(reader) if tag["/S"] in ("/Table", "/Figure")]

    assert len(captions) == len(shown)


def test_a_long_table_has_its_head_on_each_page(raw):
    pages = [one.extract_text() for one in read(raw).pages]
    parts = [text for text in pages if "Supplier" in text]

    assert len(parts) >= 2
    assert all(re.search(r"Day\s+Kind\s+Payee\s+Amount", text) for text in parts)


def test_text_is_read_in_the_order_in_which_it_stands(raw):
    text = flowing(raw)
    said = [
        "Progress report",
        "Medical support for Mykolaiv: what was delivered",
        "Ministry of Defence of Norland",
        "Contents",
        "Between January and June two field laboratories reached Mykolaiv (Миколаїв).",
        "The second delivery came six weeks late",
        "Disbursed in the period 31,310,500.00 USD abababababababab",
        "Chart 1. From promise to use (USD)",
        "From promise to use (USD): the figures of the chart",
        "Chart 2. By fiscal year (USD)",
        "In two paragraphs.",
        "Supplier 1 1,234.00 USD",
        "Payee of 12 payments safety or harm Staff were threatened.",
        "How to check this report",
        f"https://countersign.example/reports/{UID}/",
        "report.pdf.tlog-proof",
    ]
    at = 0
    for words in said:
        at = text.find(words, at)
        assert at >= 0, words


def test_each_page_says_its_number_and_the_release(raw):
    pages = read(raw).pages

    for number, one in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)}" in one.extract_text()
        assert "Release 4 · 3f2c0a9e" in one.extract_text()


def test_the_contents_lead_to_the_pages(reader):
    text = reader.pages[0].extract_text()

    number = int(re.search(r"What is withheld[ .]*(\d+)", text)[1])
    assert "What is withheld" in reader.pages[number - 1].extract_text()


def test_metadata_names_no_person_no_path_and_no_tool_but_the_typesetter(raw, reader):
    assert set(reader.metadata) == {
        *("/Title", "/Subject", "/Keywords", "/Creator", "/CreationDate", "/ModDate")
    }
    assert reader.metadata["/Creator"].startswith("Typst ")
    assert reader.metadata["/CreationDate"] == "D:20240731000000Z"
    assert b"/tmp" not in raw and b"/home" not in raw and b"report-" not in raw


def test_nothing_is_embedded_and_nothing_runs(reader):
    assert "/Names" not in reader.root_object or not {"/EmbeddedFiles", "/JavaScript"} & set(
        reader.root_object["/Names"]
    )
    assert not reader.attachments
    assert not {"/AF", "/OpenAction", "/AA", "/AcroForm"} & set(reader.root_object)


def test_every_font_is_in_the_file(reader):
    fonts = [
        font.get_object()
        for one in reader.pages
        for font in one["/Resources"].get("/Font", {}).values()
    ]
    below = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]
    assert below and all({"/FontFile2", "/FontFile3"} & set(one) for one in below)
    names = {str(one["/FontName"]).split("+")[1] for one in below}
    assert all(name.startswith(("LibertinusSerif", "DejaVuSansMono")) for name in names)


@pytest.mark.skipif(not shutil.which("verapdf"), reason="veraPDF is not on this machine")
def test_verapdf_finds_no_fault(raw, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(raw)
    for flavour in ("2a", "ua1"):
        run = subprocess.run(
            ["verapdf", "--flavour", flavour, "--format", "text", path],
            capture_output=True,
            text=True,
        )
        assert run.stdout.startswith("PASS"), run.stdout


# --- The same bytes ---------------------------------------------------------------------------------------------------

AGAIN = """
import hashlib, os, sys
sys.path.insert(0, sys.argv[1])
import django; django.setup()
from tests.publishing.documents import make_document
from tracker.publishing.pdf import page, render
for make in (render, page):
    print(hashlib.sha256(make(*make_document())).hexdigest())
"""


@pytest.mark.thorough
def test_another_process_elsewhere_in_another_time_zone_makes_the_same_bytes(tmp_path):
    places = [
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)},
        {"TZ": "America/Los_Angeles", "LC_ALL": "de_DE.UTF-8", "PYTHONHASHSEED": "7"},
    ]
    said = set()
    for more, folder in zip(places, (tmp_path, os.getcwd()), strict=True):
        run = subprocess.run(
            [sys.executable, "-c", AGAIN, os.getcwd()],
            env=os.environ | more | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(run.stdout)
    assert len(said) == 1


def test_another_day_gives_another_file():
    document, images = make_document()
    later = document | {"release": document["release"] | {"data_until": "2024-08-01"}}

    assert render(document, images) == render(document, images)
    assert render(document, images) != render(later, images)


# --- What people write stays what it is ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "#set page(fill: red) #panic() #import",
        "$x^2$ *no* _no_ `no` @nobody <label> \\ / ~ \" ' = - + //",
        '"}, {"kind": "table"',
        "<script>alert(1)</script> {{ figure }} {% now %}",
        "“quotes” – dashes… ½ € № § → Ω ж і ї ґ",
        "Zürich, Łódź, Žilina, Ångström, Ærø, İzmir, Şişli",
    ],
)
def test_markup_is_text(text):
    assert text in flowing(render(*told(text)))


def test_headings_titles_and_cells_are_text_too():
    hostile = "#panic() $ \\ @x"
    block = payments(1) | {"caption": hostile, "columns": [hostile, "b", "c", "d"]}
    document, images = make_document(section(hostile, block), title=hostile, owner=hostile)

    raw = render(document, images)
    assert flowing(raw).count(hostile) >= 5
    assert read(raw).metadata.title == hostile


def test_fifty_thousand_characters_in_one_section_are_all_there():
    text = "\n\n".join(f"Paragraph {n} " + "speaks at length. " * 20 for n in range(135))
    assert len(text) > 50_000

    found = flowing(render(*told(text)))
    assert found.count("speaks at length.") == 135 * 20


def test_a_word_without_end_breaks_inside_the_page():
    raw = render(*told("x" * 400 + " " + "Ж" * 300))

    text = re.sub(r"\s", "", flowing(raw))
    assert "x" * 400 in text and "Ж" * 300 in text
    assert all(one.extract_text().count("x" * 120) == 0 for one in read(raw).pages)


@pytest.mark.parametrize(
    "char, name",
    [
        ("م", "U+0645, arabic letter meem"),
        ("😀", "U+1F600, grinning face"),
        ("漢", "U+6F22, cjk unified ideograph-6f22"),
        ("ก", "U+0E01, thai character ko kai"),
    ],
)
def test_a_character_without_a_glyph_is_refused_by_name_and_section(char, name):
    with pytest.raises(Refused) as refused:
        render(*told(f"Words and {char} more", "Results"))

    assert f"The section “Results” has the character “{char}” ({name})" in refused.value.sentence


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\x00", "\x1b", "\x85", "\ufeff", "\ue000"])
def test_a_character_that_nobody_sees_is_refused(char):
    with pytest.raises(Refused, match="The section “Results” has the character U\\+"):
        render(*told(f"Paid{char} in full", "Results"))


def test_the_title_and_the_cells_are_looked_at_too():
    with pytest.raises(Refused, match="The title has the character"):
        render(*make_document(title="Aid م"))
    with pytest.raises(Refused, match="The section “Annex” has the character"):
        render(*make_document(section("Annex", payments(1) | {"rows": [["a", "b", "م", "1"]]})))


# --- What is refused ----------------------------------------------------------------------------------------------------


def test_a_chart_without_description_is_refused():
    with pytest.raises(
        Refused, match="chart “From promise to use” in the section “Results” has no"
    ):
        render(*make_document(section("Results", CHART | {"description": " "})))


def test_a_picture_without_description_is_refused():
    block, _ = picture()
    with pytest.raises(Refused, match="picture in the section “Results” has no description"):
        render(*make_document(section("Results", block | {"description": ""})))


def test_a_picture_whose_bytes_are_gone_is_refused():
    block, _ = picture()
    with pytest.raises(Refused, match="are not there: add it again"):
        render(make_document(section("Results", block))[0], {})


def test_bytes_that_are_no_picture_are_refused_without_a_path():
    block, _ = picture()
    with pytest.raises(Refused, match="cannot be made into a PDF") as refused:
        render(make_document(section("Results", block))[0], {block["sha256"]: b"GIF89a"})
    assert "/tmp" not in refused.value.sentence


def test_more_series_than_can_be_told_apart_are_refused():
    many = CHART | {"columns": ["Stage", *"abcde"]}
    with pytest.raises(Refused, match="5 series; from 1 to 4"):
        render(*make_document(section("Results", many)))


@pytest.mark.thorough
def test_an_annex_of_too_many_pages_is_refused():
    with pytest.raises(Refused, match=r"would have 2\d\d pages; at most 250: leave the annex out"):
        render(*make_document(section("Annex", payments(12_500))))


def test_an_annex_of_three_hundred_pages_is_refused_before_it_is_set():
    started = time.monotonic()
    with pytest.raises(Refused, match=r"at least 300 pages; at most 250: leave the annex out"):
        render(*make_document(section("Annex", payments(15_600))))
    assert time.monotonic() - started < 3


@pytest.mark.thorough
def test_a_hundred_pages_are_printed_in_seconds():
    """Measured at 2 s of one processor; the bound is generous to a busy machine."""
    document, images = make_document(rows=4700)
    before = os.times()
    raw = render(document, images)
    after = os.times()
    taken = sum(after[:4]) - sum(before[:4])  # ours and the typesetter's

    assert len(read(raw).pages) >= 100
    assert taken < 5


def test_a_typesetter_that_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr("tracker.publishing.pdf.LONGEST", 0.01)
    with pytest.raises(Refused, match="took longer than"):
        render(*make_document())


def test_nothing_of_our_surroundings_reaches_the_typesetter(monkeypatch):
    """Its process has no variables of ours, so no secret and no setting."""
    seen = {}
    run = subprocess.run

    def watched(command, **more):
        seen.update(more)
        return run(command, **more)

    monkeypatch.setattr("tracker.publishing.pdf.subprocess.run", watched)
    render(*make_document())
    assert seen["env"] == {}


# --- The same report as one page ----------------------------------------------------------------------------------------


def test_the_page_says_the_same_and_fetches_nothing():
    html = page(*make_document()).decode()

    assert 'aria-label="From promise to use. Of 48 million promised' in html
    assert '<th scope="row">Promised</th>' in html and '<th scope="col" class="num">Amount' in html
    assert 'alt="The laboratory, seen from the road."' in html
    assert "<script" not in html and not re.search(
        r'(?:src|href)="(?!#|data:image/|https://countersign)', html
    )


def test_the_page_escapes_what_people_write():
    html = page(*told("<script>alert(1)</script> & {{ x }}", "<b>Results</b>")).decode()

    assert "<script" not in html and "<b>Results" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ x }}" in html
