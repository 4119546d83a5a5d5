"""The signer: a key, and a memory of its own.

It stands apart from the database on purpose. Whoever controls the database alone cannot make it sign a second history:
it remembers the last head it signed in a file, and signs only what is proven to have grown out of that.
"""

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.journal.checkpoints import Head
from tracker.journal.files import write_durably
from tracker.journal.merkle import EMPTY_ROOT, consistency_holds
from tracker.journal.notes import BadNote, Key, Note, Verifier, decoded, encoded, signature

EMPTY = (0, EMPTY_ROOT)


class WillNotSign(Exception):
    """The signer refuses. Carries the sentence a person reads; signing stays stopped until that person acts."""


@dataclass(frozen=True)
class Mark:
    """The largest head this signer ever signed."""

    size: int
    root: bytes


class Keyring:
    """The log's keys in a folder: `*.key` sign (0600), `*.vkey` verify, and stay when a key retires.

    A retired key's `*.vkey` states after a space the size after which its signature means nothing any more.
    """

    def __init__(self, folder: Path, origin: str, supplied: str = "") -> None:
        self.folder = folder
        self.origin = origin
        self.supplied = supplied

    def signing(self) -> list[Key]:
        """The keys that sign, oldest first. The first use makes one, unless one was supplied."""
        if self.supplied:
            return [self._ours(Key.read(self.supplied))]
        found = [self._ours(Key.read(path.read_text())) for path in self._files("key")]
        return found or [self.add()]

    def _ours(self, key: Key) -> Key:
        if key.name != self.origin:
            raise BadNote(
                f"The key is of the log {key.name}, but JOURNAL_ORIGIN says {self.origin}: supply that log's key."
            )
        return key

    def _files(self, ending: str) -> list[Path]:
        return sorted(self.folder.glob(f"journal-*.{ending}"))

    def _next(self) -> int:
        return 1 + max(
            (int(p.stem.removeprefix("journal-")) for p in self._files("vkey")), default=0
        )

    def add(self) -> Key:
        """Make one more key. From now on checkpoints carry its signature beside those of the others."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key, number = Key.make(self.origin), self._next()
        write_durably(self.folder / f"journal-{number:03}.key", key.secret.encode() + b"\n", 0o600)
        write_durably(self.folder / f"journal-{number:03}.vkey", key.verifier.vkey.encode() + b"\n")
        return key

    def retire_all_but_newest(self, size: int) -> list[Verifier]:
        """The older keys sign no more: checkpoints above `size` need the newest one's signature."""
        retired = []
        for path in self._files("key")[:-1]:
            verifier = Key.read(path.read_text()).verifier
            line = f"{verifier.vkey} {size}\n"
            write_durably(path.with_suffix(".vkey"), line.encode())
            path.unlink()
            retired.append(verifier)
        return retired

    def verifiers(self, size: int | None = None) -> list[Verifier]:
        """The keys that verify a checkpoint of this size; without one, those that sign today."""
        return [
            verifier
            for verifier, until in self.every()
            if until is None or (size is not None and size <= until)
        ]

    def every(self) -> list[tuple[Verifier, int | None]]:
        """All keys that ever signed, oldest first: with the size after which a retired one counts no more, else None."""
        # Reading makes no key: a web worker that has none must not begin a log of its own.
        found = []
        for path in self._files("vkey"):
            vkey, _, until = path.read_text().strip().partition(" ")
            found.append((Verifier.read(vkey), int(until) if until else None))
        # A supplied key may have no file here; the older ones that it followed have.
        ours = [key.verifier for key in self.signing()] if self.supplied else []
        return found + [(one, None) for one in ours if one not in [known for known, _ in found]]


class Signer:
    """Signs heads of one log. Each signature is preceded by its mark on disk."""

    def __init__(self, keyring: Keyring, memory: Path) -> None:
        self.keyring = keyring
        self.memory = memory
        self.origin = keyring.origin

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.memory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.memory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _file(self) -> Path:
        return self.memory / "mark.json"

    def mark(self) -> Mark | None:
        """The last head that was signed, or None where the memory is missing."""
        try:
            raw = json.loads(self._file.read_text())
            origin, size, root = raw["origin"], raw["size"], decoded(raw["root"], "The mark's root")
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise WillNotSign(
                f"The signer's memory cannot be read ({error}): restore mark.json from the signer's own copy."
            ) from None
        if origin != self.origin:
            raise WillNotSign(f"The signer's memory is of the log {origin}, not of {self.origin}.")
        return Mark(size, root)

    def remember(self, mark: Mark) -> None:
        """Write the mark down for good. By hand only through `journal_run --adopt`."""
        self.memory.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = {"origin": self.origin, "size": mark.size, "root": encoded(mark.root)}
        write_durably(self._file, json.dumps(raw).encode() + b"\n", 0o600)

    def sign(self, head: Head, proof: Sequence[bytes], *, fresh: bool = False) -> Note:
        """Sign a head that grew out of the last one signed; `proof` shows it (RFC 6962 §2.1.2).

        The same head again gives the same note. A signer without memory signs only for a log that never had a
        checkpoint (`fresh`). Raises WillNotSign.
        """
        with self._alone():
            mark = self.mark()
            if mark is None:
                if not fresh:
                    raise WillNotSign(
                        "The signer has no memory of what it signed, but the log has checkpoints. Bring back mark.json, or "
                        "compare the log with a copy kept outside and run `journal_run --adopt`."
                    )
                mark = Mark(*EMPTY)
            self._check(mark, head, proof)
            if head.size > mark.size:
                self.remember(Mark(head.size, head.root))
            lines = tuple(signature(head.text, key) for key in self.keyring.signing())
            return Note(head.text, lines)

    def _check(self, mark: Mark, head: Head, proof: Sequence[bytes]) -> None:
        if head.origin != self.origin:
            raise WillNotSign(f"This signer signs for {self.origin}, not for {head.origin}.")
        if head.size < mark.size:
            raise WillNotSign(
                f"The log holds {head.size} entries, but {mark.size} were already signed: the database is an older copy. "
                "Bring the missing entries back before anything is written."
            )
        if not consistency_holds(mark.size, head.size, mark.root, head.root, proof):
            raise WillNotSign(
                f"The log of {head.size} entries did not grow out of the {mark.size} that were signed: an entry was "
                "changed, removed or moved. Nothing more is signed; `journal_verify` names the entry."
            )
