"""What the journal records of this room."""

from tracker.journal.kinds import Kind

KINDS: list[Kind] = []
