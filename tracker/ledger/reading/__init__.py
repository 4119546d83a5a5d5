"""What a file really is: looked at in bounded reads, never opened, run or unpacked."""

from tracker.ledger.reading.kinds import ALLOWED, TYPES, inspect
from tracker.ledger.reading.names import safe_name

__all__ = ["ALLOWED", "TYPES", "inspect", "safe_name"]
