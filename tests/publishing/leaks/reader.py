"""The reader: everything that somebody outside can get hold of, as text, with the place it is from."""

import io
import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from pypdf import PdfReader
from pypdf.errors import PdfReadError
from pypdf.generic import ByteStringObject, TextStringObject

from tests.public.test_crawl import Links, is_public
from tests.publishing.leaks.matcher import UUID
from tracker.journal.entries import disclosed_value
from tracker.publishing.fields import RELEASE_TABLES

TELLING = ("Content-Disposition", "ETag", "Last-Modified", "Location", "Link", "Content-Location")
# No link leads there, and somebody asks nevertheless.
GUESSED = (
    *(
        "/robots.txt",
        "/sitemap.xml",
        "/favicon.ico",
        "/programs/none/",
        "/journal/log/tile/entries/000",
    ),
    *("/journal/verify/?what=777", "/reports/?until=never", "/programs/?sort=nothing"),
)


# Every kind of public address, to be asked for with the names of things that are not public.
FORMS = (
    *("/programs/{}/", "/programs/{}/transactions/", "/programs/{}/withheld/"),
    *("/programs/{}/transactions.csv", "/programs/{}/transactions.csv.tlog-proof"),
    *("/findings/{}/", "/recommendations/{}/", "/audits/{}/", "/audits/offices/{}/"),
    *("/reports/{}/", "/reports/{}/report.json", "/reports/{}/report.json.tlog-proof"),
    *("/reports/{}/report.pdf", "/releases/{}/"),
    *("/journal/records/{}/", "/journal/records/{}.tlog-proof", "/journal/verify/?what={}"),
)


@dataclass(frozen=True)
class Piece:
    """A text and where it was read."""

    where: str
    text: str


def opened(row: dict) -> dict:
    """A row as somebody reads it who knows what it is: with the values inside the disclosures of an entry."""
    if "disclosed" not in row:
        return row
    told = {name: disclosed_value(text) for name, text in row["disclosed"].items()}
    return row | {"disclosed": told, "body": bytes(row["body"]).decode()}


def release_tables() -> Iterator[Piece]:
    """Every row of every table that public pages can read."""
    models = [
        m for m in apps.get_app_config("tracker").get_models() if m.__name__ in RELEASE_TABLES
    ]
    assert {m.__name__ for m in models} == RELEASE_TABLES
    for model in models:
        for row in model._default_manager.order_by("pk").values():
            text = json.dumps(opened(row), default=str, ensure_ascii=False)
            yield Piece(f"{model.__name__} {row['id']}", text)


# --- What a visitor gets -----------------------------------------------------


def everything_linked(client, start: str = "/", thorough: bool = False) -> Iterator[Piece]:
    """Each address that a link or a form leads to: its headers and its body. Unless `thorough`, every choice of a list is
    tried on one thing of a kind, and none together with another."""
    seen: set[str] = set()
    shapes: Counter[str] = Counter()
    waiting = deque([start, *GUESSED])
    while waiting:
        address = waiting.popleft()
        if address in seen or not (thorough or _is_wanted(address, shapes)):
            continue
        seen.add(address)
        response = client.get(address)
        raw = b"".join(response) if response.streaming else response.content
        yield Piece(f"headers of {address}", _headers(response))
        kind = response.get("Content-Type", "")
        yield from pieces_of(address, raw, kind)
        if kind.startswith("text/html"):
            links = (urldefrag(urljoin(address, link))[0] for link in Links(raw.decode()).found)
            waiting.extend(one for one in links if is_public(one))


def _is_wanted(address: str, shapes: Counter[str]) -> bool:
    query = address.partition("?")[2]
    if not query:
        return True
    shape = re.sub(UUID, "…", address)
    shapes[shape] += 1
    return "&" not in query and shapes[shape] == 1


def _headers(response) -> str:
    return "\n".join(f"{n}: {response[n]}" for n in TELLING if response.has_header(n))


def answers_to_strangers(client, uids) -> Iterator[Piece]:
    """What addresses of things answer that are not public, and methods that nobody may use. What was asked is no news."""
    asked = [*uids, uuid4()]
    for address in (form.format(uid) for uid in asked for form in FORMS):
        for method in ("get", "head", "post", "options", "put", "delete"):
            response = getattr(client, method)(address)
            if response.get("Location", "").startswith("/account/"):
                continue
            raw = b"".join(response) if response.streaming else response.content
            text = f"{_headers(response)}\n{raw.decode(errors='replace')}"
            for uid in asked:
                text = text.replace(str(uid), "…")
            yield Piece(f"{method} {address}: {response.status_code}", text)


def at(client, *addresses: str) -> Iterator[Piece]:
    """A few addresses."""
    for address in addresses:
        response = client.get(address)
        raw = b"".join(response) if response.streaming else response.content
        yield Piece(f"headers of {address}", _headers(response))
        yield from pieces_of(address, raw, response.get("Content-Type", ""))


# --- Files -------------------------------------------------------------------


def published_log() -> Iterator[Piece]:
    """The files of the log: tiles (hashes, read one by one), checkpoints, policies."""
    for path in sorted(Path(settings.JOURNAL_DIR).rglob("*")):
        if path.is_file() and "tile" in path.parts:
            raw = path.read_bytes()
            lines = (raw[at : at + 32].hex() for at in range(0, len(raw), 32))
            yield Piece(f"log {path.name}", "\n".join(lines))
        elif path.is_file():
            yield from pieces_of(f"log {path.name}", path.read_bytes(), "")


def pieces_of(where: str, raw: bytes, kind: str) -> Iterator[Piece]:
    """The text of a file, and, of a PDF, everything in it."""
    if raw.startswith(b"%PDF"):
        yield from pdf_pieces(where, raw)
    elif kind.startswith(("image/", "font/")):
        yield Piece(where, raw.decode("latin-1"))
    else:
        yield Piece(where, raw.decode("utf-8", errors="replace"))


PACKED = re.compile(
    rb"stream\r?\n.*?endstream|^\d{10} \d{5} [nf]\s*$|startxref\s+\d+|/Length\d? \d+|/W\s*\[[\d\s.\[\]-]*\]",
    re.DOTALL | re.MULTILINE,
)


def pdf_pieces(where: str, raw: bytes) -> Iterator[Piece]:
    """Pages, information, XMP, attachments, and every text in any object: titles, the outline, what describes a figure.

    What is drawn is read as a page's text: coordinates, packed bytes, their places in the file and the widths of letters
    may spell any number.
    """
    yield Piece(f"{where}: outside of streams", PACKED.sub(b"", raw).decode("latin-1"))
    reader = PdfReader(io.BytesIO(raw))
    for number, page in enumerate(reader.pages, 1):
        yield Piece(f"{where}: page {number}", page.extract_text())
    yield Piece(f"{where}: information", repr(dict(reader.metadata or {})))
    for name, contents in reader.attachments.items():
        for content in contents:
            yield from pieces_of(f"{where}: attachment {name}", content, "")
    objects = [found for number in _numbers_of(reader) if (found := _object(reader, number))]
    yield Piece(f"{where}: texts", "\n".join(text for found in objects for text in _texts(found)))
    for found in objects:
        if isinstance(found, dict) and found.get("/Type") == "/Metadata":
            yield Piece(f"{where}: XMP", found.get_data().decode("utf-8", errors="replace"))


def _numbers_of(reader: PdfReader) -> list[int]:
    return sorted({*reader.xref_objStm, *(n for table in reader.xref.values() for n in table)})


def _object(reader: PdfReader, number: int) -> Any:
    try:
        return reader.get_object(number)
    except PdfReadError:  # a number that is free
        return None


def _texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for value in found.values():
            yield from _texts(value)
    elif isinstance(found, list):
        for value in found:
            yield from _texts(value)
    elif isinstance(found, TextStringObject):
        yield str(found)
    elif isinstance(found, ByteStringObject):
        yield found.decode("latin-1")
