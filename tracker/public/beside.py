"""What is withheld of totals, as it stands beside them."""

from collections import defaultdict
from collections.abc import Iterable

from tracker.public import words
from tracker.shared.money import Money


def beside(hidden: Iterable[tuple[str, int, Money | None]]) -> list[str]:
    """What stands beside the totals: by kind, how many rows are without their amount, and what they come to where the
    law lets a sum say so. `hidden`: kind, rows, sum."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for kind, rows, amount in hidden:
        if rows:
            key = kind, amount.currency if amount else ""
            counts[key] += rows
            sums[key] += amount.minor if amount else 0
    return [_beside(*key, counts[key], sums[key]) for key in sorted(counts)]


def _beside(kind: str, currency: str, rows: int, minor: int) -> str:
    named = words.TRANSACTION_KINDS.get(kind, kind)
    what = f"{rows:,} {named if rows == 1 else f'{named}s'} without {'its' if rows == 1 else 'their'} amount"
    if not currency:
        return f"{what}: the sum is not stated."
    return f"{what}: {Money(minor, currency)} in all."
