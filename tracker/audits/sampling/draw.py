"""Drawing a sample that anybody can draw again: the generator and the four methods, specified to the byte.

docs/sampling.md says the same in words with a worked vector, and docs/draw_sample.py does it without this project.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import isqrt
from uuid import UUID

WIDTH = 16  # bytes of one number from the stream
FINE = 10**12  # Neyman's weights are square roots: cut off after twelve digits


def seed_of(root: bytes, engagement: UUID, plan: UUID) -> bytes:
    """SHA-256 over the checkpoint's root (32 bytes), the engagement's and the plan's identifiers (16 bytes each)."""
    return sha256(root + engagement.bytes + plan.bytes).digest()


class Stream:
    """Numbers from a seed: SHA-256 in counter mode, and unbiased integers by rejection.

    Block i is SHA-256(seed ‖ i as 8 bytes, big-endian), i = 0, 1, …; each block gives two numbers of 16 bytes.
    """

    def __init__(self, seed: bytes):
        self._numbers = self._from(seed)

    @staticmethod
    def _from(seed: bytes) -> Iterator[int]:
        counter = 0
        while True:
            block = sha256(seed + counter.to_bytes(8, "big")).digest()
            yield int.from_bytes(block[:WIDTH], "big")
            yield int.from_bytes(block[WIDTH:], "big")
            counter += 1

    def below(self, bound: int) -> int:
        """One of 0 … bound-1, each as likely. What lies above the last multiple of the bound is passed over."""
        span = 1 << (8 * WIDTH)
        if not 0 < bound <= span:
            raise ValueError(f"No number lies below {bound}.")
        last = span - span % bound
        return next(number for number in self._numbers if number < last) % bound

    def subset(self, size: int, of: int) -> set[int]:
        """`size` different ones of 0 … of-1, each set of them as likely.

        Floyd's algorithm (Bentley and Floyd, "A sample of brilliance", Communications of the ACM 30(9), 1987).
        """
        if not 0 <= size <= of:
            raise ValueError(f"No {size} of {of} can be drawn.")
        taken: set[int] = set()
        for last in range(of - size, of):
            drawn = self.below(last + 1)
            taken.add(last if drawn in taken else drawn)
        return taken


@dataclass(frozen=True)
class Frozen:
    """One line of a frozen population, in canonical order: minor units, or None where no value is stated."""

    uid: UUID
    minor: int | None
    currency: str
    stratum: int = 0

    @property
    def line(self) -> bytes:
        amount = "" if self.minor is None else str(self.minor)
        return f"{self.uid},{amount},{self.currency},{self.stratum}\n".encode()

    @classmethod
    def read(cls, line: bytes) -> "Frozen":
        uid, amount, currency, stratum = line.decode().rstrip("\n").split(",")
        return cls(UUID(uid), int(amount) if amount else None, currency, int(stratum))


@dataclass(frozen=True)
class Chosen:
    """An item of the sample: where in the population it stands (from 0), and whether it was certain to be in it."""

    place: int
    item: Frozen
    certain: bool = False


def choose(
    method: str,
    seed: bytes,
    lines: Iterable[Frozen],
    *,
    strata: Sequence[tuple[int, int]],
    interval: int | None = None,
) -> Iterator[Chosen]:
    """Draw from a population in canonical order, in one pass. `strata` holds (items, sample) of each stratum."""
    stream = Stream(seed)
    if method == "monetary":
        assert interval is not None
        return _monetary(stream, lines, interval)
    if method == "systematic":
        count, size = strata[0]
        return _at(_spread(stream, count, size), lines)
    return _in_strata(stream, lines, strata)


def _in_strata(
    stream: Stream, lines: Iterable[Frozen], strata: Sequence[tuple[int, int]]
) -> Iterator[Chosen]:
    """Simple random sampling within each stratum, the strata one after the other; without strata there is one."""
    wanted = [stream.subset(size, count) for count, size in strata]
    seen = [0] * len(strata)
    for place, item in enumerate(lines):
        here = seen[item.stratum]
        seen[item.stratum] += 1
        if here in wanted[item.stratum]:
            yield Chosen(place, item, strata[item.stratum][1] == strata[item.stratum][0])


def _spread(stream: Stream, count: int, size: int) -> set[int]:
    """Systematic with a fractional interval of count/size: place ⌊(start + i·count)/size⌋, start below count.

    Each item is in it with probability size/count exactly, also where the interval is no whole number
    (Cochran, Sampling Techniques, 3rd ed. 1977, §8.1).
    """
    start = stream.below(count)
    return {(start + i * count) // size for i in range(size)}


def _at(places: set[int], lines: Iterable[Frozen]) -> Iterator[Chosen]:
    for place, item in enumerate(lines):
        if place in places:
            yield Chosen(place, item)


def _monetary(stream: Stream, lines: Iterable[Frozen], interval: int) -> Iterator[Chosen]:
    """Every item of at least the interval; of the others those that hold the monetary units start, start+interval, …

    Fixed-interval selection with a random start between 1 and the interval (AICPA Audit Guide, Audit Sampling).
    """
    aim = stream.below(interval) + 1
    passed = 0
    for place, item in enumerate(lines):
        worth = item.minor or 0
        if worth >= interval:
            yield Chosen(place, item, certain=True)
            continue
        passed += worth
        if passed >= aim:
            aim += interval
            yield Chosen(place, item)


# --- Sharing a sample among strata ------------------------------------------


def allocate(
    size: int, counts: Sequence[int], deviations: Sequence[Fraction] | None = None
) -> list[int]:
    """Share `size` among strata: in proportion to their items, or to items × standard deviation (Neyman).

    `deviations` are the variances S² of the recorded amounts. Every stratum gets two items, or all it has: fewer
    tell nothing of how it varies. What is left goes by largest remainder, the earlier stratum first. Cochran 1977,
    §5.3 and (5.26).
    """
    weights = [Fraction(count) for count in counts]
    if deviations is not None and any(deviations):
        weights = [n * root(s) for n, s in zip(counts, deviations, strict=True)]
    shares = [min(2, count) for count in counts]
    left = size - sum(shares)
    while left > 0:
        room = [i for i, count in enumerate(counts) if shares[i] < count]
        if not room:
            break
        left = _deal(left, room, weights, shares, counts)
    return shares


def _deal(
    left: int,
    room: list[int],
    weights: Sequence[Fraction],
    shares: list[int],
    counts: Sequence[int],
) -> int:
    """Deal out what is left towards the ideal shares; one round. Returns what did not fit."""
    total = sum(weights[i] for i in room) or Fraction(len(room))
    target = left + sum(shares[i] for i in room)

    def ideal(i: int) -> Fraction:
        return target * (weights[i] or Fraction(0)) / total

    whole = {i: max(0, min(int(ideal(i)), counts[i]) - shares[i]) for i in room}
    given = 0
    for i in sorted(room, key=_by(ideal)):
        more = min(whole[i], left - given)
        shares[i] += more
        given += more
    for i in sorted(room, key=_by(lambda i: ideal(i) - shares[i])):
        if given < left and shares[i] < counts[i]:
            shares[i] += 1
            given += 1
    return left - given


def _by(value: Callable[[int], Fraction]) -> Callable[[int], tuple[Fraction, int]]:
    return lambda i: (-value(i), i)


def root(square: Fraction) -> Fraction:
    return Fraction(isqrt(int(square * FINE * FINE)), FINE)
