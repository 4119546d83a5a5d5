"""Files of releases whose bytes are kept: the PDF and the page, which another version of the typesetter or
of a template might make otherwise.

Each lies in the storage under its SHA-256, so that it cannot be changed unseen and is stored once.
"""

import hashlib

from django.core.files.storage import default_storage


def path_of(sha256: str) -> str:
    return f"releases/{sha256}"


def read(sha256: str) -> bytes | None:
    """The bytes with this SHA-256; None when they are not there or are others by now."""
    try:
        with default_storage.open(path_of(sha256)) as file:
            raw = file.read()
    except OSError:
        return None
    return raw if hashlib.sha256(raw).hexdigest() == sha256 else None
