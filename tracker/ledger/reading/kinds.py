"""Kinds of file that are taken in as evidence: by extension, first bytes, what the sender calls it, and its inside.

This tells what a file is, not whether it is harmless: it is no virus scanner. Whatever passes is handed out as a
download that no browser opens in our name.
"""

import re
from typing import BinaryIO

from tracker.ledger.reading import archives
from tracker.ledger.reading.names import ending_of
from tracker.shared.errors import Refused

HEAD = 65_536
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
ZIP = (b"PK\x03\x04",)
# Extension → the type we serve it as, and the bytes it must begin with; None: it must be text.
TYPES: dict[str, tuple[str, tuple[bytes, ...] | None]] = {
    "pdf": ("application/pdf", (b"%PDF-",)),
    "png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    "zip": ("application/zip", ZIP),
    "xlsx": (f"{OFFICE}spreadsheetml.sheet", ZIP),
    "docx": (f"{OFFICE}wordprocessingml.document", ZIP),
    "pptx": (f"{OFFICE}presentationml.presentation", ZIP),
    "ods": (f"{OPEN_DOCUMENT}spreadsheet", ZIP),
    "odt": (f"{OPEN_DOCUMENT}text", ZIP),
    "csv": ("text/csv", None),
    "txt": ("text/plain", None),
    "xml": ("application/xml", None),
    "eml": ("message/rfc822", None),
}
ALLOWED = ", ".join(sorted(TYPES))
# What senders call programs and pages. What they call anything else is believed only where it contradicts the name.
PROGRAMS = (
    *("html", "javascript", "svg", "msdownload", "msdos", "x-sh", "executable", "macroenabled"),
    *("java-archive", "x-php", "x-python", "elf", "mach-binary", "x-msi", "hta"),
)
# First bytes that are never evidence, and what they are. Programs and archives hold zero bytes, text does not.
SCRIPTS = (b"#!", b"<?php", b"<%")
BINARIES: tuple[tuple[tuple[bytes, ...], str], ...] = (
    (
        (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
        "is a program",
    ),
    ((b"\xca\xfe\xba\xbe", b"dex\n"), "is a program"),
    (
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
        "is protected by a password or of an office format before 2007",
    ),
    ((b"Rar!", b"7z\xbc\xaf'\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"), "is an archive"),
)
_MARKUP = re.compile(rb"\s*<\s*(!doctype\s+html|html|script|svg|iframe)\b", re.I)
_HEADER = re.compile(rb"[!-9;-~]+:")
_PROLOG = re.compile(rb"\s*(<\?.*?\?>|<!--.*?-->|<!doctype[^>\[]*>)", re.I | re.S)
_PAGE = re.compile(rb"\s*(<\s*([\w.-]+:)?(html|svg|script|body|stylesheet)\b|<!doctype|<!--)", re.I)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def _refused(name: str, what: str, remedy: str) -> Refused:
    return Refused({"file": f"“{name}” {what}: {remedy}."})


def inspect(file: BinaryIO, name: str, claimed: str = "") -> str:
    """The type under which a file is kept. Raises Refused, with what is wrong and what to do, for anything else.

    `name` is a safe name; `claimed` is what the sender calls the file, and only ever makes us stricter.
    """
    ending = ending_of(name)
    if ending not in TYPES or any(word in claimed.lower() for word in PROGRAMS):
        raise _refused(name, "is of a kind that is not taken in", f"allowed are {ALLOWED}")
    content_type, beginnings = TYPES[ending]
    _check_claim(name, ending, claimed)
    file.seek(0)
    _check_head(name, file.read(HEAD))
    if beginnings is None:
        _check_text(file, name, ending)
    elif beginnings == ZIP:
        archives.check(file, name, ending, content_type, _check_part)
    elif archives.has_directory(file):
        raise _refused(name, f"is a {ending} and an archive at once", "print or save it anew")
    return content_type


def _check_claim(name: str, ending: str, claimed: str) -> None:
    """A sender who calls it another kind of those that we know by their bytes is wrong about one of the two."""
    said = claimed.lower().partition(";")[0].strip()
    known = {kind for kind, beginnings in TYPES.values() if beginnings is not None}
    content_type, beginnings = TYPES[ending]
    if said in known and said != content_type and not (said.endswith("/zip") and beginnings == ZIP):
        raise _refused(name, f"was sent as {said}", "give it its true extension")


def _check_head(name: str, head: bytes) -> None:
    """The first bytes are those of the kind that the extension names."""
    ending = ending_of(name)
    start = head.removeprefix(_BOM)
    found = "is a script" if start.startswith(SCRIPTS) else ""
    if b"\x00" in head:
        found = next((what for marks, what in BINARIES if head.startswith(marks)), found)
    if found:
        raise _refused(name, found, f"allowed are {ALLOWED}, without a password")
    _, beginnings = TYPES[ending]
    fits = _is_text(ending, head) if beginnings is None else head.startswith(beginnings)
    if not fits:
        remedy = "save it again in that format, or give it its true extension"
        raise _refused(name, f"does not begin as a {ending} file does", remedy)


def _check_part(name: str, head: bytes) -> None:
    """A file in a plain archive: of a kind that is taken in by itself, and no further archive."""
    if ending_of(name) not in TYPES or ending_of(name) == "zip":
        kinds = ", ".join(sorted(set(TYPES) - {"zip"}))
        raise _refused(
            name, "in the archive is of a kind that is not taken in", f"allowed are {kinds}"
        )
    _check_head(name, head)


def _is_text(ending: str, head: bytes) -> bool:
    narrow = _narrow(head)
    if (b"\x00" in head and not head.startswith(_WIDE)) or _MARKUP.match(narrow):
        return False
    text = narrow.lstrip()
    if ending == "xml":
        return text.startswith(b"<") and not _is_page(text)
    return ending != "eml" or bool(_HEADER.match(text))


def _narrow(head: bytes) -> bytes:
    """Two bytes per letter become one, so that the same patterns see them."""
    if not head.startswith(_WIDE):
        return head.removeprefix(_BOM)
    return head[: len(head) // 2 * 2].decode("utf-16", "ignore").encode()


def _is_page(text: bytes) -> bool:
    """XML that a browser would draw or run (HTML, SVG, a style sheet), that defines a document type of its own, or that
    hides its root behind a comment without end."""
    while found := _PROLOG.match(text):
        if re.search(rb"<!doctype\s+(html|svg)", found[0], re.I):
            return True
        text = text[found.end() :]
    return bool(_PAGE.match(text))


def _check_text(file: BinaryIO, name: str, ending: str) -> None:
    """Text to its end: no zero bytes further down, and no entities that unfold without end."""
    file.seek(0)
    wide = file.read(2) in _WIDE
    file.seek(0)
    before = b""
    while piece := file.read(1 << 20):
        if not wide and b"\x00" in piece:
            raise _refused(name, "is no text: it holds zero bytes", "give it its true extension")
        if ending == "xml" and b"<!ENTITY" in (before + piece).replace(b"\x00", b""):
            raise _refused(
                name, "declares entities, which can unfold without end", "save it without"
            )
        before = piece[-32:]
