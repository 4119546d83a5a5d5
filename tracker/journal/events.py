"""What the journal records of itself: the decision to erase values."""

from tracker.journal.kinds import Kind

KINDS: list[Kind] = [
    Kind(
        "erasure",
        ("entry", "record", "fields", "basis", "reason", "confirmed_by"),
        {"create": "Values of entry {entry} were erased ({basis}): “{reason}”."},
    ),
]
