"""The published folder as strangers ask for it: C2SP tlog-tiles paths, and the policy as C2SP tlog-policy writes it."""

import re

from tracker.journal import service
from tracker.journal.merkle import HASH, WIDTH
from tracker.journal.notes import BadNote
from tracker.journal.tiles import Tile
from tracker.journal.witness.policy import BadPolicy

WITHHELD = (
    "The bytes of entries are not served as bundles. An entry is published with the release of its record, because even "
    "an entry without its values tells how much is being done at a time. Its address is /journal/records/<record>/, and "
    "auditors get every entry from this office.\n"
)
NO_TILE = "There is no such tile: the checkpoint says how many entries there are.\n"
NO_CHECKPOINT = "The log is empty: nothing has been signed yet.\n"
NO_POLICY = "The policy cannot be read at the moment.\n"
_TILE = re.compile(r"(\d{1,2})/((?:x\d{3}/){0,6}\d{3})(?:\.p/(\d{1,3}))?", re.ASCII)


def tile_at(path: str) -> Tile | None:
    """The tile that a path names in its one canonical spelling."""
    found = _TILE.fullmatch(path)
    if found is None:
        return None
    level, groups, width = found.groups()
    number = int(groups.replace("x", "").replace("/", ""))
    asked = Tile(int(level), number, WIDTH if width is None else int(width))
    in_bounds = asked.level <= 63 and 1 <= asked.width <= WIDTH
    return asked if in_bounds and asked.path == f"tile/{path}" else None


def read(asked: Tile) -> bytes | None:
    """A published tile; a partial one that was not published is cut from the full one."""
    publication = service.publication()
    found = publication.read(asked.path)
    if found is None and asked.width < WIDTH:
        full = publication.read(asked._replace(width=WIDTH).path)
        found = None if full is None else full[: asked.width * HASH]
    return found if found and len(found) == asked.width * HASH else None


def key_lines() -> str:
    """The keys that verify a checkpoint of today, one on a line."""
    return "".join(f"{verifier.vkey}\n" for verifier in service.keyring().verifiers())


def policy_text() -> str:
    """The log's keys, the witnesses, and how many of them are needed; empty where the policy cannot be read."""
    try:
        policy = service.policy()
    except (BadPolicy, BadNote):
        return ""
    lines = [f"log {verifier.vkey}" for verifier in service.keyring().verifiers()]
    for witness in policy.witnesses.values():
        said = ["witness", witness.name, witness.verifier.vkey, witness.url]
        lines.append(" ".join(filter(None, said)))
    for name, group in policy.groups.items():
        lines.append(" ".join(["group", name, str(group.needed), *group.members]))
    return "\n".join([*lines, f"quorum {policy.quorum}", ""])
