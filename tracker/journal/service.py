"""The log of this installation: where its keys, memory and files lie, and the process that keeps it going."""

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.utils import Error as DatabaseError

from tracker.journal import log
from tracker.journal.checkpoints import Head
from tracker.journal.notes import BadNote
from tracker.journal.pipeline import Pipeline, Report, Stop, Witnessed
from tracker.journal.publication import Publication
from tracker.journal.signer import Keyring, Signer
from tracker.journal.witness.client import Asking, Ours
from tracker.journal.witness.policy import BadPolicy, Policy

logger = logging.getLogger(__name__)
PAUSE = 0.2  # seconds between looks at the queue


def keyring() -> Keyring:
    return Keyring(settings.KEYS_DIR, settings.JOURNAL_ORIGIN, settings.JOURNAL_KEY)


def publication() -> Publication:
    return Publication(settings.JOURNAL_DIR)


def signer() -> Signer:
    return Signer(keyring(), settings.SIGNER_DIR)


def stop() -> Stop:
    return Stop(settings.SIGNER_DIR)


def policy() -> Policy:
    """Whose cosignatures are needed. Without a policy file: nobody's."""
    try:
        return Policy.read(settings.JOURNAL_POLICY.read_text())
    except FileNotFoundError:
        return Policy()


def ask_witnesses(checkpoint: str, head: Head) -> Witnessed:
    """Show a checkpoint to those witnesses of the policy that have not cosigned it yet."""
    rule, had = policy(), log.witnesses_of(head.size)
    done = [name for name, witness in rule.witnesses.items() if witness.verifier.name in had]
    missing = {n: w for n, w in rule.witnesses.items() if n not in done}
    ours = Ours(
        keyring().verifiers(),
        head.size,
        log.root_at,
        lambda old: log.consistency(old, head.size),
    )
    sizes = log.cosigned_sizes()
    known = {name: sizes.get(w.verifier.name, 0) for name, w in missing.items()}
    asking = Asking(
        replace(rule, witnesses=missing), checkpoint, head, ours, settings.WITNESS_SECONDS
    )
    found = asking.ask(known)
    enough = rule.met({*done, *found.cosigned})
    return Witnessed(tuple(found.lines), tuple(found.said), enough, found.stop)


def pipeline() -> Pipeline:
    return Pipeline(signer(), publication(), stop(), ask_witnesses)


@contextmanager
def only_here() -> Iterator[bool]:
    """True for the one process on this machine that may run the pipeline; the others get False."""
    settings.SIGNER_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.SIGNER_DIR / "running").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def bring_up_to_date() -> Report | None:
    """One round now, unless another process is at it: then None, and that one will do it."""
    with only_here() as alone:
        if not alone:
            return None
        pass_time()
        return pipeline().round()


_in_each_round: list[Callable[[], object]] = []


def in_each_round(work: Callable[[], object]) -> None:
    """What a room has to do when time has passed, such as ending what was agreed until a day. Registered by
    `tracker.apps`; called before each round, so that what it records is sequenced and signed in that round."""
    if work not in _in_each_round:
        _in_each_round.append(work)


def pass_time() -> None:
    """Do what the rooms registered."""
    for work in _in_each_round:
        work()


def run(*, until: threading.Event, every: float) -> None:
    """Sequence as entries come, sign and publish every `every` seconds, until told to end. Errors are logged and tried again."""
    line, signed, told = pipeline(), 0.0, ""
    while not until.wait(PAUSE):
        try:
            close_old_connections()
            if time.monotonic() - signed < every:
                line.sequence()
                continue
            signed = time.monotonic()
            pass_time()
            said = " ".join(line.round().said)
            if said and said != told:
                logger.warning("%s", said)
            told = said
        except (DatabaseError, OSError, BadNote, BadPolicy):
            logger.exception("The journal's pipeline will try again.")
            connection.close()
            until.wait(every)


def start_beside_the_web() -> threading.Thread | None:
    """On the embedded default the log keeps itself going: one of the web workers runs the pipeline in a thread."""
    if not settings.JOURNAL_EMBEDDED:
        return None

    def work() -> None:
        while True:
            with only_here() as alone:
                if alone:
                    run(until=threading.Event(), every=settings.JOURNAL_SECONDS)
            time.sleep(5)  # another worker is at it: take over when it ends

    thread = threading.Thread(target=work, name="journal", daemon=True)
    thread.start()
    return thread
