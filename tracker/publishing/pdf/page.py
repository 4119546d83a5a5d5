"""The same report as one HTML file that needs nothing else: no script, no font, nothing fetched from anywhere."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from tracker.publishing.pdf import layout

STYLE = Path(__file__).with_name("page.css")
_MEDIA = {"png": "image/png", "jpg": "image/jpeg"}


def page(document: Mapping[str, Any], images: Mapping[str, bytes]) -> bytes:
    """The report as HTML. It is read like the PDF, which was made first and refused what cannot be told."""
    told = layout.laid_out(document)
    for section in told["sections"]:
        for block in section["blocks"]:
            _PREPARE.get(block["kind"], lambda block, images: None)(block, images)
    if told["withheld"]:
        _table(told["withheld"], images)
    context = {"report": told, "style": mark_safe(STYLE.read_text("utf-8"))}  # our own file
    return render_to_string("publishing/report_file.html", context).encode()


def _table(table: dict[str, Any], images: Mapping[str, bytes]) -> None:
    table["heads"] = list(zip(table["columns"], table["numeric"], strict=True))
    table["lines"] = [list(zip(row, table["numeric"], strict=True)) for row in table["rows"]]


def _chart(chart: dict[str, Any], images: Mapping[str, bytes]) -> None:
    """Numbers as text: a template would write them in the reader's language."""
    for group in chart["groups"]:
        for bar in group["bars"]:
            bar["name"] = chart["names"][bar["series"]]
            bar["start"], bar["origin"] = f"{bar['from'] * 100:g}", f"{bar['zero'] * 100:g}"
            bar["length"] = f"{bar['width'] * 100:g}" if bar["width"] else ""
    _table(chart["twin"], images)


def _picture(block: dict[str, Any], images: Mapping[str, bytes]) -> None:
    media = _MEDIA[block["path"].rsplit(".", 1)[1]]
    block["src"] = f"data:{media};base64,{base64.b64encode(images[block['sha256']]).decode()}"


_PREPARE = {"table": _table, "chart": _chart, "image": _picture}
