"""The PDF and the HTML file of a release: printed from its rows and kept by content. Part of the action that makes the release."""

import hashlib
from collections.abc import Mapping

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from tracker.publishing import images, pdf
from tracker.publishing.content import document, files, kept
from tracker.publishing.models import Release


def print_report(
    rows: document.Rows, gaps: Mapping[document.Gap, int], release: Release
) -> list[files.FileSaid]:
    """Print a report as PDF and HTML, keep the bytes, and say name, SHA-256 and size. Refused where it cannot be printed.

    The bytes are kept before the transaction commits. If it does not, they stay behind unnamed, and harm nothing.
    """
    made = _printed(rows, gaps, release)
    for raw in made.values():
        keep(raw)
    return [files.Digest(raw).said(name) for name, raw in made.items()]


def check_prints(rows: document.Rows, gaps: Mapping[document.Gap, int], release: Release) -> None:
    """Print it and throw it away: who prepares a release reads at once why it cannot be printed, not who releases it."""
    _printed(rows, gaps, release)


def _printed(
    rows: document.Rows, gaps: Mapping[document.Gap, int], release: Release
) -> dict[str, bytes]:
    told = document.document_of(rows, gaps, release, settings.SITE_URL)
    pictures = _pictures(document.pictures_of(told))
    return {
        files.REPORT_PDF: pdf.render(told, pictures),
        files.REPORT_HTML: pdf.page(told, pictures),
    }


def keep(raw: bytes) -> None:
    """Put bytes where their SHA-256 finds them. What is there and is not them (a torn write) is replaced."""
    sha256 = hashlib.sha256(raw).hexdigest()
    if kept.read(sha256) is not None:
        return
    path = kept.path_of(sha256)
    default_storage.delete(path)
    default_storage.save(path, ContentFile(raw))


def _pictures(digests: set[str]) -> dict[str, bytes]:
    """Those that the store has; the printer says which one is missing."""
    found = {sha256: images.read(sha256) for sha256 in digests}
    return {sha256: raw for sha256, raw in found.items() if raw is not None}
