"""Pictures of reports in the store: where they lie, and reading them. `actions/pictures.py` takes them in."""

import hashlib

from django.core.files.storage import default_storage

SUFFIXES = {"image/png": "png", "image/jpeg": "jpg"}


def path_of(sha256: str) -> str:
    """Where the storage keeps a picture."""
    return f"report-images/{sha256}"


def read(sha256: str) -> bytes | None:
    """A stored picture; None where the store does not have it, or has other bytes under its name."""
    try:
        with default_storage.open(path_of(sha256)) as file:
            raw = file.read()
    except FileNotFoundError:
        return None
    return raw if hashlib.sha256(raw).hexdigest() == sha256 else None
