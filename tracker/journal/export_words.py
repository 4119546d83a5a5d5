"""What the README.txt of an export says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tracker.journal.checkpoints import Head
from tracker.journal.notes import Verifier

if TYPE_CHECKING:
    from tracker.journal.export import Content

_ALWAYS = """\
The log {origin}, {size} entries
{line}

This folder holds a transparency log (RFC 6962 hashes; C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-proof).
It can be checked with any software that knows these specifications. docs/verifying.md of the project explains how.

Take the keys below from somewhere else too, and compare: whoever forges a folder forges its keys with it.

  log/checkpoint        the log's signed statement: so many entries, this root
  log/tile/             the tree's hashes
  checkpoints/<size>    every checkpoint that was signed up to this one. Compare them with copies that you kept
  consistency/<m>-<n>   that the log of n entries grew out of the one of m, nothing changed. With more than 1,000
                        checkpoints an even sample of 1,000 is linked, besides the first with the last. The tiles
                        give the root of every checkpoint all the same.
"""
_ENTRIES = """\
  log/tile/entries/     the entries themselves: two bytes of length, then the bytes that were hashed
  proofs/<n>.tlog-proof that entry n is in the log; the line “extra” holds the entry's bytes. An even sample.
"""
_NO_ENTRIES = """\

The entries' bytes are not here, and so no proofs of single entries: an entry's bytes are public only when its record is
released. Auditors who are cleared for them get an export made with --all.
"""
_DISCLOSURES = """\
  disclosures.jsonl     per entry its number, its record, and the values with their salts. A field that is missing was
                        erased by a decision that is an entry itself.
"""
_PRIVATE = """\

NOT FOR PUBLICATION: this folder holds what was not released yet. Only its owner can read it; keep it so.
"""


def readme(*, head: Head, keys: Sequence[tuple[str, Verifier]], content: Content) -> str:
    """The words that go with an export of this content."""
    title = f"The log {head.origin}, {head.size} entries"
    parts = [_ALWAYS.format(origin=head.origin, size=head.size, line="=" * len(title))]
    parts.append(_ENTRIES if content.entries else "")
    parts.append(_DISCLOSURES if content.disclosures else "")
    parts.append("" if content.entries else _NO_ENTRIES)
    parts.append(_PRIVATE if content.private else "")
    parts.append("\nKeys\n\n")
    parts += [f"  {name}: {_word(name)}\n    {verifier.vkey}\n" for name, verifier in keys]
    if not any(name.startswith("w") for name, _ in keys):
        parts.append("\nNobody outside keeps this log yet: no witness is configured.\n")
    return "".join(parts)


def _word(name: str) -> str:
    if name.startswith("w"):
        return "a witness"
    if ".retired-at-" in name:
        until = name.removesuffix(".vkey").rpartition("-")[2]
        return f"retired. It counts for checkpoints of up to {until} entries and for no larger one"
    return "signs checkpoints"
