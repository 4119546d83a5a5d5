"""What can happen, to what, and with which fields: the whole vocabulary of the journal.

Each room declares its kinds in its `events.py`; `tracker.apps` registers them. The field set of a kind is fixed:
every entry commits to every field, null included, so that neither count nor presence tells anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1


@dataclass(frozen=True)
class Kind:
    """A kind of record. `ops` maps what can happen to it to a sentence for the reader.

    A sentence may name fields of the kind in braces: "Voucher {number} was submitted."
    `later` holds fields that older entries of the kind do not commit to, with what was true of them then. A field that
    an entry commits to and does not disclose was erased: it never reads as that.
    """

    name: str
    fields: tuple[str, ...]
    ops: Mapping[str, str]
    later: Mapping[str, Any] = field(default_factory=dict)

    @property
    def always(self) -> tuple[str, ...]:
        """The fields that every entry of the kind commits to."""
        return tuple(name for name in self.fields if name not in self.later)


_registered: dict[str, Kind] = {}


def register(kinds: Iterable[Kind]) -> None:
    for kind in kinds:
        if _registered.get(kind.name, kind) != kind:
            raise ValueError(f"The kind {kind.name} is declared twice.")
        _registered[kind.name] = kind


def kind_named(name: str) -> Kind:
    return _registered[name]


def all_kinds() -> list[Kind]:
    return sorted(_registered.values(), key=lambda kind: kind.name)
