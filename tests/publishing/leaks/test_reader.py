"""The reader finds what lies in the corners of a file: what it does not read, no matcher finds."""

import io

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from tests.publishing.leaks.marks import Marks
from tests.publishing.leaks.matcher import Matcher
from tests.publishing.leaks.reader import pieces_of


def in_metadata(writer, text):
    writer.add_metadata({"/Keywords": text})


def in_the_outline(writer, text):
    writer.add_outline_item(title=text, page_number=0)


def in_an_attachment(writer, text):
    writer.add_attachment("data.csv", f"a,{text},b".encode())


def in_the_name_of_an_attachment(writer, text):
    writer.add_attachment(f"{text}.csv", b"a,b")


def in_a_description(writer, text):
    described = DictionaryObject({NameObject("/Alt"): TextStringObject(text)})
    writer._add_object(DictionaryObject({NameObject("/K"): described}))


def in_xmp(writer, text):
    stream = StreamObject()
    stream.set_data(f"<rdf:li>{text}</rdf:li>".encode())
    stream[NameObject("/Type")] = NameObject("/Metadata")
    writer._add_object(stream.flate_encode())


WAYS = [
    in_metadata,
    in_the_outline,
    in_an_attachment,
    in_the_name_of_an_attachment,
    in_a_description,
    in_xmp,
]


@pytest.mark.parametrize("hide", WAYS)
@pytest.mark.parametrize("what", ["a text", "an amount"])
def test_what_hides_in_a_pdf_is_found(hide, what):
    marks, writer = Marks(), PdfWriter()
    writer.add_blank_page(200, 200)
    planted = marks.text("here") if what == "a text" else str(marks.money("7391846.27", "here"))
    hide(writer, f"Before {planted} after")
    packed = io.BytesIO()
    writer.write(packed)

    pieces = list(pieces_of("x.pdf", packed.getvalue(), "application/pdf"))

    assert "here" in {hit.where for p in pieces for hit in Matcher(marks).read(p.text)}
