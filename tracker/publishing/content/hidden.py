"""Sums of what is withheld: counted always, said only where the law allows it and where the sum tells no single amount."""

from dataclasses import dataclass

from tracker.publishing.content.cells import Row
from tracker.shared.money import Money

FEWEST = 3  # whoever knows their own of two amounts would know the other
PERCENT = 10  # no amount may be known to within this much of itself


@dataclass
class Hidden:
    """The withheld rows of one place: how many, what they come to, and how far the largest stands out.

    `protecting` are those that hide the others in the sum: neither a reversal nor what it takes back, for the two cancel.
    `low` and `high` are what the public knows of the sum from the rows alone; None where nothing bounds it.
    """

    rows: int = 0
    minor: int = 0
    lawful: bool = True  # every decision says that sums may contain the amounts
    protecting: int = 0
    size: int = 0
    largest: tuple[int, int] = (0, 0)
    low: int | None = 0
    high: int | None = 0

    def merge(self, other: "Hidden") -> None:
        self.rows += other.rows
        self.minor += other.minor
        self.lawful = self.lawful and other.lawful
        self.protecting += other.protecting
        self.size += other.size
        first, second = sorted((*self.largest, *other.largest), reverse=True)[:2]
        self.largest = (first, second)
        self.low = None if self.low is None or other.low is None else self.low + other.low
        self.high = None if self.high is None or other.high is None else self.high + other.high

    @property
    def may_be_said(self) -> bool:
        """The sum tells none of its amounts: there are enough of them, the second largest cannot reckon the largest from
        it (p% rule), and it does not push all of them to an end of their ranges."""
        first, second = self.largest
        least = first * PERCENT
        ends = [None if self.low is None else self.minor - self.low]
        ends.append(None if self.high is None else self.high - self.minor)
        return (
            self.lawful
            and self.protecting >= FEWEST
            and (self.size - first - second) * 100 >= least
            and all(end is None or end * 100 >= least for end in ends)
        )


def hidden_row(amount: Money, row: Row, lawful: bool, whole: bool) -> Hidden:
    """One withheld row. `whole` is False for a part of an amount: its stand-in bounds the amount, not the part."""
    minor, size = amount.minor, abs(amount.minor)
    if row.cells["reverses"]["state"] == "stated" or row.cells["reversed"]["value"]:
        return Hidden(1, minor, lawful, low=minor, high=minor)
    said = row.cells["amount"].get("stand_in") if whole else None
    low, high = (0 if minor >= 0 else None), None
    if said is not None and said["kind"] == "range":
        low, high = said["low"]["minor"], said["high"]["minor"]
    return Hidden(1, minor, lawful, 1, size, (size, 0), low, high)


Said = tuple[int, int]  # how many rows, and what they came to


def may_follow(hidden: Hidden, before: list[Said]) -> bool:
    """The difference from a sum of this place that was public once is not that of one or two amounts either."""
    now = (hidden.rows, hidden.minor)
    return all(now == said or hidden.rows >= said[0] + FEWEST for said in before)
