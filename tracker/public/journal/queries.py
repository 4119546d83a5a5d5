"""What the journal's public pages show: release tables, the log's hashes and checkpoints, and no entry but released ones."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator

from tracker.journal import log, receipts, service
from tracker.journal.checkpoints import Head
from tracker.journal.notes import BadNote, Verifier
from tracker.journal.verifier import Entry, Keys, Verdict, check_proof
from tracker.journal.witness.policy import BadPolicy, Witness
from tracker.public import words
from tracker.public.journal.tiles import policy_text
from tracker.publishing import released
from tracker.publishing.models import ReleasedEntry, ReleasedFile

ON_A_PAGE = 25


# --- The page about the journal --------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A published checkpoint as the table shows it."""

    size: int
    root: str
    at: datetime
    seen: list[tuple[str, datetime]]


@dataclass(frozen=True)
class JournalPage:
    head: Head | None
    newest: Seen | None
    checkpoints: list[Seen]
    pages: Page
    keys: list[tuple[Verifier, int | None]]
    witnesses: list[Witness]
    needed: str
    policy: str
    waiting: int
    stopped: bool


def journal_page(number: str) -> JournalPage:
    """Six queries, however long the log is."""
    head = service.publication().head()
    size = head.size if head else 0
    found = receipts.published_checkpoints(size)
    page = Paginator(found, ON_A_PAGE).get_page(number)
    newest = next(iter(found[:1]), None)
    witnesses, needed = _policy()
    return JournalPage(
        head=head,
        newest=None if newest is None else _seen(newest),
        checkpoints=[_seen(one) for one in page.object_list],
        pages=page,
        keys=service.keyring().every(),
        witnesses=witnesses,
        needed=needed,
        policy=policy_text(),
        waiting=max(0, log.size() - size),
        stopped=service.stop().reason is not None,
    )


def _policy() -> tuple[list[Witness], str]:
    try:
        policy = service.policy()
    except (BadPolicy, BadNote):
        return [], ""
    group = policy.groups.get(policy.quorum)
    needed = f"{group.needed} of {len(group.members)}" if group else policy.quorum
    return list(policy.witnesses.values()), needed


def _seen(checkpoint: Any) -> Seen:
    by = sorted(
        (one.witness, datetime.fromtimestamp(one.time, UTC))
        for one in checkpoint.cosignatures.all()
    )
    return Seen(checkpoint.size, bytes(checkpoint.root).hex(), checkpoint.at, by)


# --- Proofs ----------------------------------------------------------------


def keys() -> Keys:
    """Who may sign our log, and whom we know outside."""
    ring = service.keyring()
    try:
        witnesses = service.policy().verifiers
    except (BadPolicy, BadNote):
        witnesses = []
    return Keys(lambda size: ring.verifiers(size=size), witnesses)


def root_at(size: int) -> bytes | None:
    """The root of our log over its first entries; None where it does not hold so many."""
    return log.root_at(size) if size <= log.size() else None


def proof_text(entry: ReleasedEntry) -> str | None:
    """The proof of a released entry with exactly what is public of it; None while it waits for a checkpoint."""
    proof = receipts.proof_of(entry.entry_id, bytes(entry.body), entry.disclosed)
    return None if proof is None else str(proof)


@dataclass(frozen=True)
class Field:
    """A field of an entry: its value as the journal keeps it, or why it is not told."""

    name: str
    label: str
    value: Any = None
    cell: Any = None  # a withheld cell of the release
    why: str = ""


@dataclass(frozen=True)
class RecordPage:
    """The entry behind a released record."""

    uid: UUID
    kind: str
    entry: Entry
    fields: list[Field]
    internal: list[str]
    verdict: Verdict | None
    proof: str | None
    logged: receipts.Logged | None


def record_page(uid: UUID) -> RecordPage | None:
    """None, after one and the same query, for a record that does not exist and for one that is not public."""
    found = released.entry_of(uid)
    if found is None or found.row is None:
        return None
    proof = proof_text(found)
    verdict = None if proof is None else check_proof(proof, keys(), root_at)
    entry = Entry.read(bytes(found.body))
    fields, internal = _fields(found, entry)
    since = None if verdict is None or verdict.index is None else receipts.logged(verdict.index)
    return RecordPage(uid, found.row.kind, entry, fields, internal, verdict, proof, since)


def _kept(value: Any) -> Any:
    """As the entry has it: a year is no amount, and is not grouped."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _fields(found: ReleasedEntry, entry: Entry) -> tuple[list[Field], list[str]]:
    told = entry.resolve(entry.in_order(found.disclosed))
    fields = [Field(name, words.field_words(name), _kept(told[name])) for name in told]
    for name, cell in sorted(found.withheld.items()):
        label = words.field_words(name)
        if cell["state"] == "withheld":
            fields.append(Field(name, label, cell=cell))
        else:
            fields.append(Field(name, label, why="erased by a decision that is an entry itself"))
    known = {*found.disclosed, *found.withheld}
    return fields, [words.field_words(name) for name in sorted(entry.slots) if name not in known]


def file_proof(file: ReleasedFile | None) -> str | None:
    """The proof of a released file: the entry of its release, which commits to the file's SHA-256."""
    return None if file is None else proof_text(file.release.own_entry)
