"""Hostile and merely odd files: each is understood exactly, or refused with a sentence that says what to do."""

import csv
import io
import time
import zipfile

import pytest

from tests.factories.uploads import HEADER, MAPPING, ROW, csv_of, mapping, stream_of
from tracker.shared.errors import Refused
from tracker.uploads.reading import files
from tracker.uploads.reading.mapping_file import mapping_from

ACCENTED = "R1,FRA,Françe,2010,100.00,Dépôt"


def inspect(content, raw=None):
    return files.inspect(stream_of(content), mapping_from(raw or MAPPING))


def rows_of(content, raw=None):
    stream = stream_of(content)
    form = files.inspect(stream, mapping_from(raw or MAPPING))
    return [(r.line, r.cells) for r in files.records(stream, form)]


def refusal_of(content, raw=None):
    with pytest.raises(Refused) as refused:
        inspect(content, raw)
    return refused.value.sentence


# --- Encodings -------------------------------------------------------------


@pytest.mark.parametrize(
    "codec, found",
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_out(codec, found):
    content = csv_of(ACCENTED).encode(codec)

    assert inspect(content).encoding == found
    assert rows_of(content) == [(2, ACCENTED.split(","))]


def test_plain_letters_are_ascii():
    assert inspect(csv_of(ROW)).encoding == "ascii"


def test_two_encodings_in_one_file_are_refused_by_line():
    content = csv_of(ROW).encode() + ACCENTED.encode() + b"\n" + ACCENTED.encode("cp1252")

    said = refusal_of(content)

    assert "The file mixes two encodings: line 3 is UTF-8, line 4 is not." in said
    assert "Save it as “CSV UTF-8”" in said


def test_two_encodings_in_one_line_are_refused_too():
    line = "R1,FRA,France,2010,1.00,Dépôt ".encode() + "Dépôt\n".encode("cp1252")

    assert "line 3 is UTF-8, line 3 is not" in refusal_of(csv_of(ROW).encode() + line)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "The file is empty (0 bytes)."),
        (b"   \n\n", "The file holds no text."),
        (b"%PDF-1.7\n%\xe2\xe3", "it is a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it is an old Excel workbook"),
        (b"\x1f\x8b\x08\x00", "it is a compressed file"),
        (b"\x89PNG\r\n\x1a\n", "it is a picture"),
        (b"<!DOCTYPE html><table>", "it looks like HTML, XML or JSON"),
        (b'[{"a": 1}]', "it looks like HTML, XML or JSON"),
        (csv_of(ROW).encode("utf-32"), "The file is in UTF-32"),
        (csv_of(ROW).encode("utf-16-le"), "lacks the byte order mark"),
        (csv_of(ROW).encode() + b"R2,F\0A,,2010,1,\n", "line 3 holds a NUL byte"),
        (b"\x81\x8d\x8f" * 20, "Line 1 is neither UTF-8 nor Windows-1252"),
        (csv_of(ROW).encode("utf-16")[:-1], "is damaged further on"),
    ],
)
def test_what_is_no_csv_is_told_what_it_is(content, said):
    sentence = refusal_of(content)

    assert said in sentence
    assert sentence.count(".") >= 2  # a cause and a remedy


def test_an_excel_workbook_is_no_csv():
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")

    assert "it is an Excel workbook or another ZIP archive" in refusal_of(book.getvalue())


# --- Delimiters, line ends, quotes -----------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(delimiter):
    content = csv_of(ROW).replace(",", delimiter)

    assert inspect(content).delimiter == delimiter
    assert rows_of(content) == [(2, ROW.split(","))]


def test_the_delimiter_is_the_one_that_finds_the_mapped_columns():
    # More commas than semicolons: a count would choose the comma.
    header = "Ref;Code;Country;Year;Amount;Payee;a,b,c,d,e,f,g,h"

    assert inspect(csv_of("R1;FRA;France;2010;1,5;Depot;x", header=header)).delimiter == ";"


@pytest.mark.parametrize("ending, said", [("\n", "LF"), ("\r\n", "CR LF"), ("\r", "CR")])
def test_every_line_end_is_understood(ending, said):
    content = csv_of(ROW, ROW.replace("R1", "R2"), ending=ending)

    assert inspect(content).line_ending == said
    assert [line for line, _ in rows_of(content)] == [2, 3]


def test_blank_lines_are_passed_over_and_lines_still_counted():
    content = f"\n{HEADER}\n\n{ROW}\n,,,,,\n\n{ROW.replace('R1', 'R2')}\n\n"

    assert [line for line, _ in rows_of(content)] == [4, 7]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_ends():
    content = csv_of('R1,FRA,France,2010,1.00,"Depot, ""north""\nGate 2"', ROW)

    assert rows_of(content)[0] == (
        2,
        ["R1", "FRA", "France", "2010", "1.00", 'Depot, "north"\nGate 2'],
    )
    assert rows_of(content)[1][0] == 4


@pytest.mark.parametrize(
    "rows, said",
    [
        ((ROW, 'R2,FRA,"France,2010,1.00,Depot'), "A quote that opens in line 3 is never closed."),
        (
            (ROW, 'R2,FRA,"Fra"nce,2010,1.00,Depot'),
            "In line 3 a quote closes before the cell ends.",
        ),
        (
            ('R1,FRA,"France,2010,1.00,Depot', 'R2,FRA,"France",2010,1.00,Depot'),
            "In the lines 2 to 3 a quote closes before the cell ends.",
        ),
        ((ROW, 'R2,"' + "x" * 140_000), "longer than 131,072 characters"),
    ],
)
def test_a_wrong_quote_is_refused_with_its_line(rows, said):
    assert said in refusal_of(csv_of(*rows))


# --- Headers ---------------------------------------------------------------


def test_a_wrong_header_lists_what_was_expected_and_what_was_found():
    said = refusal_of(csv_of(ROW, header="Ref,Kod,Land,Year,Amount,Payee"))

    assert "The header lacks “Code”, “Country”." in said
    assert "Expected: “Code”, “Country”, “Year”, “Amount”, “Payee”, “Ref”" in said
    assert "found: “Ref”, “Kod”, “Land”, “Year”, “Amount”, “Payee”" in said


def test_a_missing_column_is_named():
    assert "The header lacks “Amount”." in refusal_of(
        "Ref,Code,Country,Year,Payee\nR1,FRA,,2010,x\n"
    )


def test_a_file_without_a_header_shows_its_first_row_as_the_header():
    assert "found: “R1”, “FRA”" in refusal_of(ROW + "\n")


def test_a_column_that_occurs_twice_is_refused():
    assert "The header names “Amount” more than once" in refusal_of(
        csv_of(ROW + ",5", header=HEADER + ",Amount")
    )


def test_a_header_without_rows_is_refused():
    assert "The file holds a header and no rows." in refusal_of(HEADER + "\n")


def test_a_column_without_a_name_can_be_mapped():
    raw = mapping(columns__reference=None, columns__row_number="")

    assert rows_of(
        csv_of("1,FRA,France,2010,1.00,x", header=",Code,Country,Year,Amount,Payee"), raw
    )


def test_columns_that_are_not_used_are_stated():
    assert inspect(csv_of(ROW + ",x", header=HEADER + ",Remark")).unused == ["Remark"]


# --- Size ------------------------------------------------------------------


def test_a_million_rows_are_refused_within_seconds(settings):
    settings.EVIDENCE_MAX_BYTES = settings.UPLOAD_MAX_BYTES = 10**9
    content = f"{HEADER}\n".encode() + f"{ROW}\n".encode() * 1_000_000

    started = time.monotonic()
    said = refusal_of(content)

    assert time.monotonic() - started < 10
    assert "The file has more than 200,000 rows" in said
    assert "Split it into several files" in said


def test_a_file_with_too_many_bytes_is_refused(settings):
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024

    assert "larger than 1 MB" in refusal_of(csv_of(*[ROW] * 50_000))


def test_rows_can_be_read_from_any_place():
    stream = stream_of(csv_of(*(ROW.replace("R1", f"R{n}") for n in range(10))))
    form = files.inspect(stream, mapping_from(MAPPING))

    found = [r.cells[0] for r in files.records(stream, form, skip=7)]

    assert found == ["R7", "R8", "R9"]


def test_the_reader_leaves_no_limit_of_python_changed():
    inspect(csv_of(ROW))

    assert csv.field_size_limit() == 131072
