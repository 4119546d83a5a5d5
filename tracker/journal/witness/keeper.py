"""A small witness: keeps, for each log it trusts, the newest checkpoint, and cosigns only what grew out of it.

It knows nothing of Django and nothing of our database: an audit office or an NGO runs it on its own machine, with its
own key and one SQLite file.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.journal.checkpoints import Head, cosign, counted, hashed
from tracker.journal.files import write_durably
from tracker.journal.merkle import EMPTY_ROOT, LONGEST_PROOF, consistency_holds
from tracker.journal.notes import COSIGNATURE, BadNote, Key, Note, Verifier

MEMORY = "witness.sqlite3"
_TABLE = """CREATE TABLE IF NOT EXISTS seen (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, time INTEGER NOT NULL, note TEXT NOT NULL
)"""


@dataclass(frozen=True)
class Reply:
    """What tlog-witness answers."""

    status: int
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


class Refuse(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.reply = Reply(status, sentence + "\n")


@dataclass(frozen=True)
class Asked:
    """The body of add-checkpoint, read."""

    old: int
    proof: list[bytes]
    head: Head
    note: Note

    @classmethod
    def read(cls, raw: bytes) -> "Asked":
        try:
            before, blank, checkpoint = raw.decode().partition("\n\n")
            first, *proof = before.split("\n")
            if not blank or not first.startswith("old "):
                raise BadNote("The request reads: old, proof, a blank line, a checkpoint.")
            if len(proof) > LONGEST_PROOF:
                raise BadNote(f"The proof has more than {LONGEST_PROOF} hashes.")
            note = Note.read(checkpoint)
            return cls(
                counted(first.removeprefix("old "), "The old size"),
                [hashed(line, "A hash of the proof") for line in proof],
                Head.read(note.text),
                note,
            )
        except (BadNote, UnicodeDecodeError) as error:
            raise Refuse(400, str(error)) from None


class Keeper:
    """The witness's memory and its key."""

    def __init__(
        self, folder: Path, key: Key, logs: Iterable[Verifier], clock: Callable[[], float]
    ) -> None:
        """A key without its memory is refused: it would cosign what it has refused before."""
        self.key = key
        self.logs: dict[str, list[Verifier]] = {}
        for log in logs:
            self.logs.setdefault(log.name, []).append(log)
        self.clock = clock
        self.file = folder / MEMORY
        if not self.file.exists():
            raise BadNote(
                f"{MEMORY} is missing beside the key: bring it back, or begin anew as another witness, in another "
                "folder and under another name."
            )

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """Check and persist are one: nobody else looks in between, and what is committed is on disk."""
        memory = sqlite3.connect(self.file, timeout=30, isolation_level=None)
        try:
            memory.execute("PRAGMA synchronous = FULL")
            memory.execute("BEGIN IMMEDIATE")
            try:
                yield memory
            except BaseException:
                memory.execute("ROLLBACK")
                raise
            memory.execute("COMMIT")
        finally:
            memory.close()

    def add_checkpoint(self, raw: bytes) -> Reply:
        """POST add-checkpoint: 200 with our line, or the code that tlog-witness gives to the case."""
        try:
            asked = Asked.read(raw)
            self._check_signed(asked)
            if asked.old > asked.head.size:
                raise Refuse(400, "The old size is larger than the checkpoint's.")
            with self._alone() as memory:
                line = self._cosigned(memory, asked)
            return Reply(200, line)  # after the commit
        except Refuse as refusal:
            return refusal.reply

    def _check_signed(self, asked: Asked) -> None:
        known = self.logs.get(asked.head.origin)
        if known is None:
            raise Refuse(404, f"This witness does not know the log {asked.head.origin}.")
        try:
            asked.note.signed_by(known)
        except BadNote as error:
            raise Refuse(403, str(error)) from None

    def _cosigned(self, memory: sqlite3.Connection, asked: Asked) -> str:
        head = asked.head
        found = memory.execute(
            "SELECT size, root, time FROM seen WHERE origin = ?", [head.origin]
        ).fetchone()
        size, root, last = found or (0, EMPTY_ROOT, 0)
        if asked.old != size:
            refusal = Refuse(409, "")
            refusal.reply = Reply(409, f"{size}\n", "text/x.tlog.size")
            raise refusal
        if not consistency_holds(size, head.size, root, head.root, asked.proof):
            raise Refuse(422, f"The log did not grow out of the {size} entries seen before.")
        # A clock that goes backwards must not show in what we sign.
        now = max(int(self.clock()), last)
        line = cosign(asked.note.text, self.key, now).line
        # Lines of strangers are not kept: anybody may send some, and they could spoil what we show.
        theirs = [s for s in asked.note.signatures if any(map(s.is_of, self.logs[head.origin]))]
        note = f"{Note(asked.note.text, tuple(theirs))}{line}"
        memory.execute(
            "INSERT INTO seen (origin, size, root, time, note) VALUES (?, ?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE "
            "SET size = excluded.size, root = excluded.root, time = excluded.time, note = excluded.note",
            [head.origin, head.size, head.root, now, note],
        )
        return line

    def kept(self, name: str) -> Reply:
        """GET <sha256 of the origin>/checkpoint: for everybody who wants to compare."""
        for origin in self.logs:
            if hashlib.sha256(origin.encode()).hexdigest() == name:
                with self._alone() as memory:
                    found = memory.execute(
                        "SELECT note FROM seen WHERE origin = ?", [origin]
                    ).fetchone()
                if found:
                    return Reply(200, found[0])
        return Reply(404, "No checkpoint of such a log is kept here.\n")


def key_in(folder: Path, name: str) -> Key:
    """The witness's own key, readable by its owner alone. The first use makes it, and the empty memory before it."""
    file = folder / "witness.key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _begin_memory(folder / MEMORY)
        write_durably(file, Key.make(name, COSIGNATURE).secret.encode() + b"\n", 0o600)
    if file.stat().st_mode & 0o077:
        raise BadNote(f"Others can read {file.name}: make it yours alone (chmod 600).")
    key = Key.read(file.read_text())
    if key.name != name or key.kind != COSIGNATURE:
        raise BadNote(
            f"{file.name} holds the key of {key.name}: give that name, or another folder."
        )
    return key


def _begin_memory(file: Path) -> None:
    memory = sqlite3.connect(file)
    try:
        memory.execute(_TABLE)
        memory.commit()
    finally:
        memory.close()


def now() -> float:
    return time.time()
