"""A file that comes with a statement or a step."""

from dataclasses import dataclass
from typing import Any

from tracker.accounts.models import User
from tracker.ledger.actions.evidence import safe_name, store_file
from tracker.ledger.models import EvidenceFile


@dataclass(frozen=True)
class NewFile:
    """A file that somebody hands in: the open file, its name and its content type."""

    file: Any
    name: str
    content_type: str = ""


def take_in(file: NewFile | None, by: User) -> tuple[EvidenceFile | None, str]:
    """The stored file and the name to keep; nothing where nothing was handed in. Part of another action."""
    if file is None:
        return None, ""
    stored = store_file(file=file.file, name=file.name, content_type=file.content_type, by=by)
    return stored, safe_name(file.name)
