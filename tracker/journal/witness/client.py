"""Asking the witnesses of the policy for their cosignatures: C2SP tlog-witness, as the log.

A witness can stop us only with proof: a checkpoint that carries our own signature and does not agree with our log. What it
merely says, and whether it answers at all, is reported and does not spoil the others.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tracker.journal.checkpoints import (
    Cosignature,
    Head,
    cosignatures,
    counted,
    read_checkpoint,
)
from tracker.journal.notes import BadNote, Note, Signature, Verifier, encoded
from tracker.journal.witness.policy import Policy, Witness
from tracker.journal.witness.transport import Answer, Unreachable, exchange

SIZE = "text/x.tlog.size"
CONFLICT, REFUSED = 409, 422
A_DAY = 86_400  # seconds that a witness's clock may be ahead of ours


@dataclass(frozen=True)
class Ours:
    """What we can say of our own log."""

    keys: list[Verifier]
    size: int
    root_at: Callable[[int], bytes]
    consistency: Callable[[int], list[bytes]]


@dataclass
class Outcome:
    """Verified cosignature lines, a sentence per witness that gave none, who cosigned, and why to stop if so."""

    lines: list[tuple[Cosignature, str]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    cosigned: list[str] = field(default_factory=list)
    stop: str | None = None


def request(old: int, proof: Iterable[bytes], checkpoint: str) -> bytes:
    """The body of add-checkpoint."""
    lines = [f"old {old}", *(encoded(one) for one in proof), "", checkpoint]
    return "\n".join(lines).encode()


def monitored(witness: Witness, origin: str, timeout: float) -> str | None:
    """The newest checkpoint of a log that a witness keeps, as everybody can read it. None: it has none."""
    name = hashlib.sha256(origin.encode()).hexdigest()
    answer = exchange("GET", f"{witness.url}/{name}/checkpoint", None, timeout)
    if answer.status == 404:
        return None
    if answer.status != 200:
        raise Unreachable(f"answered {answer.status}")
    try:
        return answer.body.decode()
    except UnicodeDecodeError:
        raise Unreachable("answered with something that is not text") from None


def contradiction(witness: Witness, checkpoint: str, ours: Ours) -> str | None:
    """The sentence why a checkpoint that a witness keeps cannot stand beside our log; None where they agree.

    Raises BadNote where we did not sign it: then it proves nothing.
    """
    head, _ = read_checkpoint(checkpoint, *ours.keys)
    if head.size > ours.size:
        return (
            f"{witness.name} keeps a checkpoint of ours with {head.size} entries, and the log has {ours.size}: the "
            "database is an older copy. Bring the missing entries back before anything is written."
        )
    if ours.root_at(head.size) != head.root:
        return (
            f"{witness.name} keeps a checkpoint of ours with {head.size} entries and another root: the log is not the "
            "one that it saw. An entry was changed, removed or moved; `journal_verify` names it."
        )
    return None


class Asking:
    """One checkpoint, shown to every witness that has an address: at once, and a second time where it said 409."""

    def __init__(self, policy: Policy, checkpoint: str, head: Head, ours: Ours, timeout: float):
        self.witnesses = [w for w in policy.witnesses.values() if w.url]
        self.checkpoint = checkpoint
        self.head = head
        self.ours = ours
        self.timeout = timeout
        self.outcome = Outcome()

    def ask(self, known: Mapping[str, int]) -> Outcome:
        """`known`: the size up to which a witness cosigned, by its name in the policy."""
        first = {w.name: min(known.get(w.name, 0), self.head.size) for w in self.witnesses}
        again = self._round(self.witnesses, first, last=False)
        if again:
            self._round([w for w in self.witnesses if w.name in again], again, last=True)
        return self.outcome

    def _round(
        self, witnesses: list[Witness], olds: Mapping[str, int], *, last: bool
    ) -> dict[str, int]:
        bodies = {n: request(o, self.ours.consistency(o), self.checkpoint) for n, o in olds.items()}
        again: dict[str, int] = {}
        with ThreadPoolExecutor(max(1, len(witnesses))) as pool:
            asked = [(w, pool.submit(self._post, w, bodies[w.name])) for w in witnesses]
            for witness, answer in asked:
                try:
                    size = self._taken(witness, answer.result(), olds[witness.name], last)
                except (Unreachable, BadNote) as error:
                    self.outcome.said.append(f"{witness.name}: {error}")
                    continue
                if size is not None:
                    again[witness.name] = size
        return again

    def _post(self, witness: Witness, body: bytes) -> Answer:
        return exchange("POST", f"{witness.url}/add-checkpoint", body, self.timeout)

    def _taken(self, witness: Witness, answer: Answer, old: int, last: bool) -> int | None:
        """Keep a cosignature, or say what happened. The size to try again with, where there is one."""
        if answer.status == 200:
            self._cosigned(witness, answer.body)
            return None
        size = _size_in(answer)
        if size is not None and size != old and size <= self.head.size and not last:
            return size
        self.outcome.said.append(f"{witness.name} refuses our checkpoint ({answer.status}).")
        if answer.status in (CONFLICT, REFUSED):
            self._look_for_proof(witness)
        return None

    def _cosigned(self, witness: Witness, body: bytes) -> None:
        try:
            lines = [Signature.read(line) for line in body.decode().splitlines()]
        except UnicodeDecodeError:
            raise BadNote("the answer is not text.") from None
        found = cosignatures(Note(self.head.text, tuple(lines)), [witness.verifier])
        if not found:
            raise BadNote("it answered without a cosignature of its key.")
        if found[0].time > time.time() + A_DAY:
            raise BadNote("its clock is more than a day ahead of ours.")
        line = next(one.line for one in lines if one.is_of(witness.verifier))
        self.outcome.lines.append((found[0], line))
        self.outcome.cosigned.append(witness.name)

    def _look_for_proof(self, witness: Witness) -> None:
        kept = monitored(witness, self.head.origin, self.timeout)
        why = None if kept is None else contradiction(witness, kept, self.ours)
        if why is not None:
            self.outcome.stop = why
        else:
            self.outcome.said.append(
                f"{witness.name} shows no checkpoint of ours that contradicts the log: ask its keeper."
            )


def _size_in(answer: Answer) -> int | None:
    if answer.status != CONFLICT or answer.content_type.split(";")[0].strip() != SIZE:
        return None
    return counted(answer.body.decode("ascii", "replace").removesuffix("\n"), "The size it knows")
