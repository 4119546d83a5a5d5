"""Taking evidence in: every file once, under its SHA-256, after a look at what it really is."""

import hashlib
import re
import unicodedata
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies
from tracker.ledger.models import EvidenceFile
from tracker.shared.errors import Refused

HEAD = 4096
ZIP = (b"PK\x03\x04",)
OFFICE = "application/vnd.openxmlformats-officedocument."
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
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", ZIP),
    "odt": ("application/vnd.oasis.opendocument.text", ZIP),
    "csv": ("text/csv", None),
    "txt": ("text/plain", None),
    "xml": ("application/xml", None),
    "eml": ("message/rfc822", None),
}
ALLOWED = ", ".join(sorted(TYPES))
PROGRAMS = ("html", "javascript", "svg", "msdownload", "x-sh", "executable")
_MARKUP = re.compile(rb"\s*<\s*(!doctype\s+html|html|script|svg)", re.IGNORECASE)
_HEADER = re.compile(rb"[!-9;-~]+:")


def safe_name(name: str) -> str:
    """A file's name without folders, control or direction characters, at most 200 characters with its extension."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if c.isspace() or unicodedata.category(c)[0] != "C")
    kept = " ".join(kept.split()).strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    return kept if len(kept) <= 200 else f"{stem[: 199 - len(ending)]}{dot}{ending[:20]}"


def type_of(name: str, head: bytes, claimed: str = "") -> str:
    """The type of a file by its extension, if its first bytes agree and nobody calls it a program."""
    ending = PurePosixPath(name).suffix.lower().lstrip(".")
    if ending not in TYPES or any(word in claimed.lower() for word in PROGRAMS):
        raise Refused({"file": f"“{name}” is of a kind that is not taken in; allowed: {ALLOWED}."})
    content_type, beginnings = TYPES[ending]
    fits = _is_text(ending, head) if beginnings is None else head.startswith(beginnings)
    if not fits:
        raise Refused(
            {
                "file": f"“{name}” does not begin as a {ending} file does: "
                "save it again in that format, or give it its true extension."
            }
        )
    return content_type


def _is_text(ending: str, head: bytes) -> bool:
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (b"\x00" in head and not wide) or _MARKUP.match(head.removeprefix(b"\xef\xbb\xbf")):
        return False
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if ending == "xml":
        return wide or text.startswith(b"<")
    return ending != "eml" or bool(_HEADER.match(text))


def _measure(file: File, name: str) -> tuple[str, int, bytes]:
    """SHA-256, size and first bytes, read in pieces; refused as soon as it grows too large."""
    hasher, size, head = hashlib.sha256(), 0, b""
    file.seek(0)
    for chunk in file.chunks():
        piece = chunk.encode() if isinstance(chunk, str) else bytes(chunk)
        head = head or piece[:HEAD]
        size += len(piece)
        if size > settings.EVIDENCE_MAX_BYTES:
            limit = f"{settings.EVIDENCE_MAX_BYTES / 1024 / 1024:g} MB"
            raise Refused(
                {"file": f"“{name}” is larger than {limit}: reduce it or split it into parts."}
            )
        hasher.update(piece)
    if not size:
        raise Refused({"file": f"“{name}” is empty (0 bytes): choose the right file."})
    return hasher.hexdigest(), size, head


@transaction.atomic
def store_file(*, file: File, name: str, content_type: str = "", by: User) -> EvidenceFile:
    """Store a file under its SHA-256, or return the one that is stored already.

    `name` decides with the first bytes what it is; `content_type` is what the sender calls it, and only ever makes
    us stricter. Refuses empty and too large files (`EVIDENCE_MAX_BYTES`), and kinds that are not in `TYPES`.
    """
    policies.check_can_store_file(by)
    shown = safe_name(name)
    sha256, size, head = _measure(file, shown)
    kind = type_of(shown, head, content_type)
    found = EvidenceFile.objects.filter(sha256=sha256).first()
    if found is not None and default_storage.exists(found.stored_as):
        return found
    stored_as = _keep(file, sha256)
    return found or _register(sha256, size, kind, stored_as, by)


def _keep(file: File, sha256: str) -> str:
    path = f"evidence/{sha256}"
    if default_storage.exists(path):
        return path
    file.seek(0)
    return default_storage.save(path, file)


def _register(sha256: str, size: int, content_type: str, stored_as: str, by: User) -> EvidenceFile:
    stored = EvidenceFile(
        sha256=sha256, size=size, content_type=content_type, stored_as=stored_as, received_by=by
    )
    try:
        with transaction.atomic():
            names = ("sha256", "size", "content_type", "stored_as")
            fields = {name: getattr(stored, name) for name in names}
            stored.entry_id = journal.record(
                "evidence_file", record=stored, op="create", by=by, fields=fields
            )
            stored.save()
    except IntegrityError:
        # Somebody handed in the same file at this moment.
        return EvidenceFile.objects.get(sha256=sha256)
    return stored
