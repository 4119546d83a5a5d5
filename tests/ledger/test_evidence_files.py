"""Files as they are handed in: honest ones are taken, and whatever is something else than its name says is not."""

import io
import tracemalloc
import zipfile
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile

from tests.factories import documents
from tests.factories import ledger as make
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Role
from tracker.journal import queries as journal
from tracker.ledger import actions, reading
from tracker.ledger.models import EvidenceFile
from tracker.ledger.reading import safe_name
from tracker.shared.errors import NotAllowed, Refused

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 60
ELF = b"\x7fELF\x02\x01\x01\x00" + b"\x00" * 60
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 60
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
MACROS = '<Types ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'


@contextmanager
def refused(words=None):
    with pytest.raises(Refused, match=words) as caught:
        yield caught
    assert set(caught.value.message_dict) == {"file"}


def store(name, body, claimed="", by=None):
    by = by or make_person(Role.OFFICER)
    return actions.store_file(file=ContentFile(body), name=name, content_type=claimed, by=by)


def test_the_same_bytes_are_stored_once():
    first, second = store("a.pdf", b"%PDF-1"), store("b.pdf", b"%PDF-1")

    assert first == second
    assert EvidenceFile.objects.count() == 1
    assert first.stored_as.startswith(f"evidence/{first.sha256}")
    assert [e.op for e in journal.history_of(first)] == ["create"]


@pytest.mark.parametrize(
    ("name", "body", "claimed", "kept_as"),
    [
        ("a.pdf", PDF, "application/pdf", "application/pdf"),
        ("invoice.exe.pdf", PDF, "application/octet-stream", "application/pdf"),
        ("a.PNG", PNG, "image/png", "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "", "image/jpeg"),
        ("a.xlsx", documents.office("xlsx"), "application/zip", "spreadsheetml.sheet"),
        ("a.docx", documents.office("docx"), "", "wordprocessingml.document"),
        ("a.pptx", documents.office("pptx"), "", "presentationml.presentation"),
        ("a.ods", documents.open_document("spreadsheet"), "", "opendocument.spreadsheet"),
        ("a.odt", documents.open_document("text"), "", "opendocument.text"),
        ("a.zip", documents.zipped({"f/": b"", "f/a.pdf": PDF, "b.txt": b"Hello"}), "", "zip"),
        ("a.csv", "Betrag;Empfänger\n".encode("cp1252"), "application/vnd.ms-excel", "text/csv"),
        ("a.csv", b"\xef\xbb\xbfa,b\n", "", "text/csv"),
        ("a.csv", b"MZ;Betrag\n", "", "text/csv"),
        ("a.txt", "ünïcode".encode("utf-16"), "text/plain", "text/plain"),
        (
            "a.xml",
            b"\xef\xbb\xbf<?xml version='1.0'?><!-- - --><a/>",
            "text/xml",
            "application/xml",
        ),
        ("a.eml", b"From: somebody\r\n\r\nHello", "", "message/rfc822"),
    ],
)
def test_files_that_are_what_they_say_are_taken_in(name, body, claimed, kept_as):
    found = reading.inspect(io.BytesIO(body), safe_name(name), claimed)

    assert found.endswith(kept_as)


HOSTILE = [
    # a program, a script or a page, whatever it is called
    ("a.exe", EXE, "", "not taken in"),
    ("a.pdf.exe", PDF, "", "not taken in"),
    ("a.pdf", EXE, "", "is a program"),
    ("invoice.exe.pdf", EXE, "", "is a program"),
    ("a.pdf", EXE + PDF, "", "is a program"),
    ("a.png", ELF, "", "is a program"),
    ("a.txt", EXE, "", "is a program"),
    ("a.csv", b"#!/bin/sh\nrm -rf /\n", "", "is a script"),
    ("a.txt", b"\xef\xbb\xbf<?php system($_GET['c']);", "", "is a script"),
    ("a.html", b"<html>", "", "not taken in"),
    ("a.svg", SVG, "", "not taken in"),
    ("a.csv", b"  <!DOCTYPE html><script>", "", "does not begin"),
    ("a.txt", "<html><script>".encode("utf-16"), "", "does not begin"),
    ("a.xml", b"<html><script>", "", "does not begin"),
    ("a.xml", b"<?xml version='1.0'?><!-- hidden --><?x?>\n" + SVG, "", "does not begin"),
    ("a.xml", b"<!DOCTYPE svg>" + SVG, "", "does not begin"),
    ("a.xml", b"<x:html xmlns:x='http://www.w3.org/1999/xhtml'/>", "", "does not begin"),
    ("a.xml", f"<?xml version='1.0'?>{SVG.decode()}".encode("utf-16"), "", "does not begin"),
    ("a.xml", b"<!--" + b"x" * 70_000 + b"-->" + SVG, "", "does not begin"),
    # what senders call it
    ("a.txt", b"text", "text/html", "not taken in"),
    ("a.pdf", PDF, "application/x-msdownload", "not taken in"),
    ("a.pdf", PDF, "image/png", "was sent as image/png"),
    ("a.docx", documents.office("docx"), "application/pdf", "was sent as"),
    # another kind than the extension
    ("a", b"text", "", "not taken in"),
    (".pdf", PDF, "", "not taken in"),
    ("a.pdf", documents.office("docx"), "", "does not begin"),
    ("a.pdf", b"\n" + PDF, "", "does not begin"),
    ("a.xlsx", PDF, "", "does not begin"),
    ("a.png", b"\xff\xd8\xff", "", "does not begin"),
    ("a.xml", b"no markup", "", "does not begin"),
    ("a.eml", b"no header here", "", "does not begin"),
    ("a.docx", OLE, "", "protected by a password"),
    ("a.pdf", b"Rar!\x1a\x07\x00", "", "is an archive"),
    ("a.txt", b"x" * 70_000 + b"\x00", "", "zero bytes"),
    ("a.xml", b"<a>" + b" " * 80_000 + b"<!ENTITY lol 'lol'></a>", "", "entities"),
    ("a.xml", b"<!DOCTYPE a [<!ENTITY b '&c;'>]><a>&b;</a>", "", "does not begin"),
    # two kinds at once
    ("a.pdf", PDF + documents.zipped({"a.js": b"x"}), "", "archive at once"),
    ("a.png", PNG + documents.zipped({"a.js": b"x"}), "", "archive at once"),
    ("a.jpg", b"\xff\xd8\xff" + documents.zipped({"a": b"x"}) + b"tail", "", "archive at once"),
    # office files that are something else inside
    ("a.docx", b"PK\x03\x04", "", "cannot be read"),
    ("a.docx", documents.office("xlsx"), "", "is no docx file inside"),
    ("a.xlsx", documents.zipped({"a.txt": b"x"}), "", "is no xlsx file inside"),
    ("a.docx", documents.open_document("text"), "", "is no docx file inside"),
    ("a.docx", documents.zipped({"[Content_Types].xml": b"document.main+xml"}), "", "is no docx"),
    ("a.odt", documents.open_document("spreadsheet"), "", "another kind of file inside"),
    ("a.odt", documents.office("docx"), "", "another kind of file inside"),
    ("a.docx", documents.office("docx", types=MACROS), "", "holds macros"),
    ("a.docm", documents.office("docx", types=MACROS), "", "not taken in"),
    ("a.docx", documents.office("docx", **{"word/vbaProject.bin": b"x"}), "", "holds macros"),
    ("a.xlsx", documents.office("xlsx", **{"xl/macrosheets/s.xml": b"x"}), "", "holds macros"),
    ("a.ods", documents.open_document("spreadsheet", **{"Basic/M.xml": b"x"}), "", "holds macros"),
    ("a.docx", documents.encrypted(documents.office("docx")), "", "is encrypted"),
    (
        "a.odt",
        documents.open_document("text", **{"META-INF/manifest.xml": b"<m:encryption-data/>"}),
        "",
        "is encrypted",
    ),
    ("a.docx", documents.office("docx", types="x" * (1 << 21)), "", "is too large"),
    # archives
    ("a.zip", documents.zipped({}), "", "does not begin"),
    ("a.zip", documents.zipped({"a.txt": b"x"})[:-5], "", "cannot be read"),
    ("a.zip", documents.office("docx"), "", "is an office file"),
    ("a.zip", documents.zipped({"run.exe": EXE}), "", "in the archive is of a kind"),
    ("a.zip", documents.zipped({"invoice.pdf": EXE}), "", "is a program"),
    ("a.zip", documents.zipped({"invoice.pdf": b"text"}), "", "does not begin"),
    ("a.zip", documents.zipped({"../a.txt": b"x"}), "", "leads out of its folder"),
    ("a.zip", documents.zipped({"b.zip": documents.zipped({"a.txt": b"x"})}), "", "in the archive"),
    ("a.zip", documents.encrypted(documents.zipped({"a.txt": b"x"})), "", "is encrypted"),
    ("a.zip", documents.claiming(documents.zipped({"a.txt": b"x"}), 2**31), "", "unpacks to more"),
    (
        "a.zip",
        documents.overlapping(documents.zipped({"a.txt": b"x", "b.txt": b"y"})),
        "",
        "over one another",
    ),
    ("a.zip", documents.zipped({"a.txt": b"x", "A.TXT": b"y"}), "", "names a part twice"),
    (
        "a.zip",
        documents.zipped({f"{n}.txt": b"" for n in range(5001)}),
        "",
        "more than 5,000 parts",
    ),
]


@pytest.mark.parametrize(
    ("name", "body", "claimed", "words"),
    HOSTILE,
    ids=[f"{number}-{case[0]}-{case[3]}" for number, case in enumerate(HOSTILE)],
)
def test_files_that_are_something_else_are_refused(name, body, claimed, words):
    with refused(words):
        reading.inspect(io.BytesIO(body), safe_name(name), claimed)


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [("a.pdf", b"", "0 bytes"), ("a.pdf", EXE, "is a program"), ("a.txt", b"<html>", "begin")],
)
def test_what_is_refused_is_not_kept(name, body, words):
    with refused(words):
        store(name, body)
    assert not EvidenceFile.objects.exists()


def test_a_part_packed_in_a_way_that_has_no_limit_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", b"x" * 1000)
    with refused("cannot be read"):
        store("a.zip", packed.getvalue())


def test_a_bomb_is_looked_at_without_being_unpacked():
    """Twenty megabytes in twenty kilobytes: behind a directory that lies it is refused, else only its head is read."""
    bomb = documents.zipped({"a.txt": b"\n" * 20_000_000})
    person = make_person(Role.OFFICER)
    tracemalloc.start()

    store("a.zip", bomb, by=person)
    with refused("cannot be read"):
        store("b.zip", documents.claiming(bomb, 10), by=person)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_bytes_cut_off_anywhere_are_a_sentence_and_no_crash():
    whole = documents.office("docx")
    person = make_person(Role.OFFICER)
    for length in range(4, len(whole), 7):
        with refused():
            store("a.docx", whole[:length], by=person)


def test_a_file_over_the_limit_is_refused(settings):
    settings.EVIDENCE_MAX_BYTES = 10
    assert store("a.txt", b"x" * 10).size == 10
    with refused("is larger than"):
        store("b.txt", b"x" * 11)


def test_an_administrator_hands_in_no_evidence():
    with pytest.raises(NotAllowed):
        store("a.txt", b"text", by=make_person(Role.ADMINISTRATOR))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\x\\invoice.pdf", "invoice.pdf"),
        ("a\r\nSet-Cookie: x.txt", "a Set-Cookie: x.txt"),
        ("invoice\u202egnp.exe.txt", "invoicegnp.exe.txt"),
        ("in\u2066voice\u200b.pdf", "invoice.pdf"),
        ("nul\x00l.txt", "null.txt"),
        ("invoice.pdf. . .", "invoice.pdf"),
        ("...", "file"),
        ("", "file"),
        ("Re\u0301sume\u0301.pdf", "Résumé.pdf"),
    ],
)
def test_names_are_made_safe(given, kept):
    assert safe_name(given) == kept


def test_a_direction_character_does_not_hide_a_program():
    with refused("not taken in"):
        store("invoice\u202efdp.exe", PDF)


def test_a_long_name_keeps_its_ending():
    name = safe_name(f"{'x' * 300}.pdf")
    assert (len(name), name[-4:]) == (200, ".pdf")


def test_an_attachment_keeps_the_name_that_it_came_with_made_safe():
    voucher = make.make_voucher(make_program())
    assert make.make_attachment(voucher, "../in\u202evoice.txt").name == "invoice.txt"
