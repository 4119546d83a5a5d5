"""The whole journal recomputed from its entries and held against everything that was ever said about it.

`verify` trusts nothing that the database derives: hashes, tiles, roots and columns are computed again from the bytes
of the entries, and compared with the database's own, with what was signed, published and kept outside, and with the
domain tables. It reads in chunks, so that memory stays the same for ten million entries, writes nothing, and may run
while the application does.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tracker.journal import log, projections
from tracker.journal.verification import erasures, queue
from tracker.journal.verification.outside import Claim, Keys, Outside, here
from tracker.journal.verification.published import PublishedFiles
from tracker.journal.verification.rows import SPOILT
from tracker.journal.verification.signed import Signed
from tracker.journal.verification.tree import recompute, root_of
from tracker.journal.verification.verdict import Difference, Verdict
from tracker.journal.verification.walk import Walk

logger = logging.getLogger(__name__)
Progress = Callable[[str, int], None]


def verify(
    *,
    outside: Outside,
    domain: bool = True,
    most: int = 1000,
    progress: Progress | None = None,
) -> Verdict:
    """Recompute everything; the verdict says what was checked, against whom, and every difference up to `most`.

    `domain` compares the domain tables too. `progress` hears what is being read and how much of it is done.
    """
    tell = progress or (lambda what, done: None)
    verdict = Verdict(most=most)
    outside.gather(verdict)
    verdict.size = log.size()
    with _rubbish_is_a_difference(verdict, "the log"):
        walk = _the_log(verdict, outside, tell)
        queue.check(verdict, walk)
    queue.guards(verdict)
    if domain:
        with _rubbish_is_a_difference(verdict, "the domain tables"):
            _the_tables(verdict, tell)
    else:
        verdict.not_compared.append("the domain tables: it was not asked for")
    return verdict


@contextmanager
def _rubbish_is_a_difference(verdict: Verdict, where: str) -> Iterator[None]:
    """A column can hold what no code of ours wrote (SQLite keeps any type anywhere). It must hide nothing."""
    try:
        yield
    except SPOILT as fault:
        logger.exception("The verification of %s broke off.", where)
        what = (
            f"The verification of {where} broke off at a row that cannot be read ({fault}): what comes after it was not "
            "checked."
        )
        verdict.differ(Difference("rows", what))


def _the_log(verdict: Verdict, outside: Outside, tell: Progress) -> Walk:
    signed = Signed(verdict, outside, verdict.size)
    walk = Walk(verdict, signed.sizes(), signed.on_root)
    signed.explained = walk.explained
    files = None
    if outside.publication is not None and outside.published is not None:
        size = min(outside.published.size, verdict.size)
        files = PublishedFiles(verdict, outside.publication.folder, size, walk.row_differs)
        walk.on_tile = files.on_tile
    walk.run(verdict.size, tell)
    signed.finish()
    if files is not None:
        files.stray()
    return walk


def _the_tables(verdict: Verdict, tell: Progress) -> None:
    rows: dict[str, int] = {}

    def count(word: str, done: int) -> None:
        rows[word] = done
        tell(word, done)

    found = projections.differences(erased=erasures.names, progress=count)
    for one in found:
        verdict.differ(
            Difference(f"table {one.table}", one.sentence, one.record, one.entry, whole=True)
        )
    verdict.checks["rows of the domain tables"] = sum(rows.values())


__all__ = [
    "Claim",
    "Difference",
    "Keys",
    "Outside",
    "Verdict",
    "here",
    "recompute",
    "root_of",
    "verify",
]
