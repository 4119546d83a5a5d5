"""The lock where posting and closing meet: one for the books of each organisation."""

from tracker.accounts.models import Organisation
from tracker.ledger.triggers.names import BOOKS
from tracker.shared import locks


def hold_books(organisation: Organisation) -> None:
    """Nobody posts, closes or opens again until this transaction ends."""
    locks.hold(f"{BOOKS}{organisation.pk}")


def share_books(organisation: Organisation) -> None:
    """Nobody closes or opens again until this transaction ends; others post meanwhile."""
    locks.share(f"{BOOKS}{organisation.pk}")
