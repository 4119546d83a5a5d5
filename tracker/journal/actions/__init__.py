"""Every write of the journal: recording events, giving them their places, keeping what was signed."""

from tracker.journal.actions.checkpointing import keep_checkpoint, keep_cosignatures
from tracker.journal.actions.erasing import erase
from tracker.journal.actions.recording import CREATE, record, record_many
from tracker.journal.actions.sequencing import sequence

__all__ = [
    "CREATE",
    "erase",
    "keep_checkpoint",
    "keep_cosignatures",
    "record",
    "record_many",
    "sequence",
]
