"""Taking evidence in: every file once, under its SHA-256, after a look at what it really is."""

import hashlib
import io
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from tracker.accounts.models import User
from tracker.journal import actions as journal
from tracker.ledger import policies, reading
from tracker.ledger.models import EvidenceFile
from tracker.ledger.reading import safe_name
from tracker.shared.errors import Refused

__all__ = ["safe_name", "store_file"]


def _measure(file: File, name: str) -> tuple[str, int]:
    """SHA-256 and size, read in pieces; refused as soon as it grows too large."""
    hasher, size = hashlib.sha256(), 0
    file.seek(0)
    for chunk in file.chunks():
        piece = chunk.encode() if isinstance(chunk, str) else bytes(chunk)
        size += len(piece)
        if size > settings.EVIDENCE_MAX_BYTES:
            limit = f"{settings.EVIDENCE_MAX_BYTES / 1024 / 1024:g} MB"
            raise Refused(
                {"file": f"“{name}” is larger than {limit}: reduce it or split it into parts."}
            )
        hasher.update(piece)
    if not size:
        raise Refused({"file": f"“{name}” is empty (0 bytes): choose the right file."})
    return hasher.hexdigest(), size


def _bytes_of(file: File) -> BinaryIO:
    """The seekable bytes below Django's file objects."""
    below: Any = getattr(file, "file", file)
    if isinstance(below, io.TextIOBase):
        below.seek(0)
        return io.BytesIO(below.read().encode())
    return below


@transaction.atomic
def store_file(*, file: File, name: str, content_type: str = "", by: User) -> EvidenceFile:
    """Store a file under its SHA-256, or return the one that is stored already.

    `name` decides with its bytes what it is; `content_type` is what the sender calls it, and only ever makes us
    stricter. Refuses empty and too large files (`EVIDENCE_MAX_BYTES`), kinds that are not taken in, and whatever is
    something else than its name says (reading/).
    """
    policies.check_can_store_file(by)
    shown = safe_name(name)
    sha256, size = _measure(file, shown)
    kind = reading.inspect(_bytes_of(file), shown, content_type)
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
