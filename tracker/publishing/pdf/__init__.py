"""A report as PDF/A-2a and PDF/UA-1: `render(document, images)`; and as one HTML file: `page(document, images)`. The same
document gives the same bytes.

The template is ours, and everything that people wrote reaches it as data. The typesetter is a process of its own: it sees one
folder that is made for it and thrown away, no fonts of the machine, no network.
"""

import json
import logging
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from tracker.publishing.pdf import characters, layout
from tracker.publishing.pdf.layout import MOST_PAGES
from tracker.publishing.pdf.page import page
from tracker.shared.errors import Refused

__all__ = ["MOST_PAGES", "check_characters", "page", "render"]
TEMPLATE = Path(__file__).with_name("template.typ")
TYPESETTER = Path(__file__).with_name("typesetter.py")
LONGEST = 120  # seconds
log = logging.getLogger(__name__)


def render(document: Mapping[str, Any], images: Mapping[str, bytes]) -> bytes:
    """The PDF of a report. Refuses, with a sentence, what the file of record must not contain.

    `images` are the bytes of the pictures by SHA-256. The time in the file is the release's day.
    """
    check_characters(document)
    told = layout.laid_out(document)
    day = date.fromisoformat(document["release"]["data_until"])
    timestamp = int(datetime.combine(day, time(), UTC).timestamp())
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        text = json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False)
        (folder / "report.json").write_text(text, "utf-8")
        (folder / "main.typ").write_bytes(TEMPLATE.read_bytes())
        _put_images(folder, told, images)
        made = _compiled(folder, timestamp)
    if (pages := _pages(made)) > MOST_PAGES:
        raise layout.too_long(pages)
    return made


def check_characters(document: Mapping[str, Any]) -> None:
    """Refuses the first character that cannot be printed, with the section it stands in."""
    characters.check(layout.texts_of(document))


def _put_images(folder: Path, told: Mapping[str, Any], images: Mapping[str, bytes]) -> None:
    for section in told["sections"]:
        for block in section["blocks"]:
            if block["kind"] != "image":
                continue
            if block["sha256"] not in images:
                raise Refused(
                    f"The bytes of a picture in the section “{section['heading']}” are not there: add it again."
                )
            (folder / block["path"].lstrip("/")).write_bytes(images[block["sha256"]])


def _compiled(folder: Path, timestamp: int) -> bytes:
    command = [sys.executable, "-I", str(TYPESETTER), str(folder), str(timestamp)]
    try:
        run = subprocess.run(command, env={}, cwd=folder, capture_output=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        raise Refused(
            f"Setting the report took longer than {LONGEST} seconds: leave the annex out, the CSV carries every row."
        ) from None
    if run.returncode == 0:
        return (folder / "report.pdf").read_bytes()
    said = run.stdout.decode("utf-8", "replace")
    log.error("A report cannot be printed: %s %s", said, run.stderr.decode("utf-8", "replace"))
    raise Refused(f"The report cannot be made into a PDF: {said or 'the typesetter failed'}.")


def _pages(made: bytes) -> int:
    """As the file's own metadata says, which PDF/A leaves readable."""
    found = re.search(rb"<xmpTPg:NPages>(\d+)</xmpTPg:NPages>", made)
    assert found is not None
    return int(found[1])
