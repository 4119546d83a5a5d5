"""The arithmetic of valuation: net book value, overstatement, the ratio of two bases, and sharing a new value out.

Everything is exact: integers of minor units and fractions, no floats. Where a result is rounded, it says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from tracker.ledger.models import TransactionKind
from tracker.shared.errors import Refused
from tracker.shared.money import Money

# --- Single values ---------------------------------------------------------


@dataclass(frozen=True)
class NetBookValue:
    """A net book value, and whether it had to be rounded to a whole minor unit."""

    amount: Money
    was_rounded: bool


def net_book_value(cost: Money, salvage: Money, life: Decimal, age: Decimal) -> NetBookValue:
    """What is left of an acquisition cost after straight-line depreciation: C − (C − S) · min(age / life, 1).

    `life` and `age` in years, `salvage` is what remains at the end. Halves go to even. Raises Refused, at the field,
    where the parameters make no sense. Source: DoD Financial Management Regulation, volume 4, chapter 25; for drawdown
    of equipment DODIG-2024-095.
    """
    if cost.minor < 0:
        raise Refused({"acquisition_cost": "The acquisition cost is not below zero."})
    if not Money(0, cost.currency) <= salvage <= cost:
        raise Refused(
            {"salvage": "What remains at the end lies between zero and the acquisition cost."}
        )
    if life <= 0:
        raise Refused({"useful_life": "State the useful life in years, above zero."})
    if age < 0:
        raise Refused({"age": "The age is not below zero."})
    worn = min(Fraction(age) / Fraction(life), Fraction(1))
    exact = cost.minor - (cost.minor - salvage.minor) * worn
    minor = round(exact)  # of a Fraction: halves to even, and exact
    return NetBookValue(Money(minor, cost.currency), minor != exact)


def overstatement(recorded: Money, value: Money) -> Decimal | Money:
    """By how much a recorded value is too high: in per cent of the right one, with two decimals, halves to even.

    Where the right value is zero no percentage exists: then the difference itself. Negative: it was too low. Source:
    GAO-24-106934, DODIG-2024-095 (replacement cost was recorded where net book value was right).
    """
    difference = recorded - value
    if not value:
        return difference
    return _rounded(Fraction(difference.minor * 100, value.minor))


def ratio_of(one: Money, other: Money) -> Decimal | None:
    """How many times the other the one is, with two decimals, halves to even; None of two currencies or of zero.

    Source of the use: UK National Audit Office, September 2024 (donated stock at replacement cost 15.80 times its
    book value).
    """
    if one.currency != other.currency or not other:
        return None
    return _rounded(Fraction(one.minor, other.minor))


def _rounded(value: Fraction) -> Decimal:
    hundredths = round(value * 100)
    return Decimal(hundredths).scaleb(-2).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


# --- Sharing out -----------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """A transaction in kind, and what counts of it (minor units). `parent` is the key of what it draws on."""

    key: int
    parent: int | None
    kind: str
    value: int


def share(total: int, weights: Sequence[int]) -> list[int]:
    """Divide `total` in proportion to the weights, in whole units that add up to it exactly (largest remainder).

    Of equal remainders the earlier gets the unit. Where `total` is no more than the weights' sum, no part is more
    than its weight; where it is no less, none is less.
    """
    whole = sum(weights)
    if not whole:
        return [0 for _ in weights]
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-remainders[n], n))
    for n in order[: total - sum(parts)]:
        parts[n] += 1
    return parts


def in_proportion(stages: Iterable[Stage], new: int) -> dict[int, int]:
    """What each stage is worth when the first of them becomes worth `new`: the same goods, in the same proportion.

    Parents come before what draws on them. No stage exceeds the one before it, and what was drawn to the last unit
    stays so. All values move in one direction. What came back (refunds in kind) frees its commitment by exactly as
    much as it is then worth.
    """
    found = _Sharing(list(stages))
    found.begin(new)
    return found.values


class _Sharing:
    """One sharing out. `net` of a dispatch or receipt is its value without what came back of it."""

    def __init__(self, stages: list[Stage]):
        self.root = stages[0]
        self.kids: dict[int, list[Stage]] = defaultdict(list)
        for stage in stages[1:]:
            assert stage.parent is not None
            self.kids[stage.parent].append(stage)
        self.values: dict[int, int] = {}

    def begin(self, new: int) -> None:
        root = self.root
        self.values[root.key] = new
        if root.kind == TransactionKind.PLEDGE:
            self._pledge(root, new)
        elif root.kind == TransactionKind.COMMITMENT:
            self._commitment(root, new)
        else:
            back = _scaled(self._back(root), new, root.value)
            self._sent(root, new - back, back)

    def _refunds(self, stage: Stage) -> list[Stage]:
        """What came back of a dispatch or receipt, and of what draws on it."""
        found = []
        for kid in self.kids[stage.key]:
            found += [kid] if kid.kind == TransactionKind.REFUND else self._refunds(kid)
        return found

    def _back(self, stage: Stage) -> int:
        return sum(refund.value for refund in self._refunds(stage))

    def _pledge(self, pledge: Stage, new: int) -> None:
        commitments = self.kids[pledge.key]
        drawn = sum(one.value for one in commitments)
        parts = share(_scaled(drawn, new, pledge.value), [one.value for one in commitments])
        for commitment, part in zip(commitments, parts, strict=True):
            self.values[commitment.key] = part
            self._commitment(commitment, part)

    def _commitment(self, commitment: Stage, new: int) -> None:
        def scaled(part: int) -> int:
            return _scaled(part, new, commitment.value)

        kids = self.kids[commitment.key]
        returned = [kid for kid in kids if kid.kind == TransactionKind.REFUND]
        sent = [kid for kid in kids if kid.kind != TransactionKind.REFUND]
        nets = [one.value - self._back(one) for one in sent]
        back, out = sum(one.value for one in returned), sum(nets)
        # What is drawn is the dispatches without everything that came back: that is what must keep its proportion.
        back_then = scaled(back)
        out_then = scaled(out - back) + back_then if out >= back else scaled(out)
        for refund, part in zip(
            returned, share(back_then, [one.value for one in returned]), strict=True
        ):
            self.values[refund.key] = part
        for one, net in zip(sent, share(out_then, nets), strict=True):
            self._sent(one, net, scaled(self._back(one)))

    def _sent(self, stage: Stage, net: int, back: int) -> None:
        """A dispatch: its net value and what came back of it are given."""
        refunds = self._refunds(stage)
        for refund, part in zip(refunds, share(back, [r.value for r in refunds]), strict=True):
            self.values[refund.key] = part
        self._kept(stage, net)

    def _kept(self, stage: Stage, net: int) -> None:
        """What draws on a dispatch or receipt shares in its net value; the refunds have theirs."""
        self.values[stage.key] = net + sum(self.values[r.key] for r in self._refunds(stage))
        kids = [kid for kid in self.kids[stage.key] if kid.kind != TransactionKind.REFUND]
        nets = [kid.value - self._back(kid) for kid in kids]
        parts = share(_scaled(sum(nets), net, stage.value - self._back(stage)), nets)
        for kid, part in zip(kids, parts, strict=True):
            self._kept(kid, part)


def _scaled(part: int, new: int, old: int) -> int:
    """The part's share of the new whole, rounded down; nothing of nothing."""
    return part * new // old if old else 0


# --- What somebody wants something to be worth -----------------------------


@dataclass(frozen=True)
class StraightLine:
    """The parameters of straight-line depreciation; life and age in years."""

    cost: Money
    salvage: Money
    life: Decimal
    age: Decimal

    def value(self) -> NetBookValue:
        return net_book_value(self.cost, self.salvage, self.life, self.age)


@dataclass(frozen=True)
class Valuation:
    """A value on a basis, as of a day. With `straight_line` the amount follows from its parameters."""

    basis: str
    valuation_date: date
    amount: Money | None = None
    straight_line: StraightLine | None = None
