"""What can happen, to what, and with which fields: the whole vocabulary of the journal.

Each room declares its kinds in its `events.py`; `tracker.apps` registers them. The field set of a kind is fixed:
every entry commits to every field, null included, so that neither count nor presence tells anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

VERSION = 1


@dataclass(frozen=True)
class Kind:
    """A kind of record. `ops` maps what can happen to it to a sentence for the reader.

    A sentence may name fields of the kind in braces: "Voucher {number} was submitted."
    """

    name: str
    fields: tuple[str, ...]
    ops: Mapping[str, str]


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
