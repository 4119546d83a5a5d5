"""What a chain consists of, in words: its rows, its stages, what is stuck at each, and what is in no sum."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracker.ledger.models import (
    REPORTED,
    DiscrepancyKind,
    DiscrepancyStatus,
    Transaction,
    TransactionKind,
    Verdict,
)
from tracker.ledger.queries.valuation import Seen
from tracker.shared.dates import say_day
from tracker.shared.money import Money

K = TransactionKind


@dataclass
class Node:
    """A row of the chain, or (`row` is None) the `count` smaller ones of its kind together.

    `value` is what counts of it, `left` what nothing was drawn from. An end (a refund, a write-off) has nothing left.
    """

    kind: str
    value: Money
    left: Money
    row: Transaction | None = None
    count: int = 1
    children: list["Node"] = field(default_factory=list)
    seen: Seen | None = None  # what it was revalued to, and its value on other bases

    @property
    def is_end(self) -> bool:
        return self.kind in (K.REFUND, K.WRITE_OFF, K.EXPENDITURE)

    @property
    def label(self) -> str:
        kind = K(self.kind).label
        if self.row is None:
            return f"{self.count} more {kind}{'s' if self.count != 1 else ''}"
        return f"{kind} {self.row.label}"

    @property
    def stuck(self) -> str:
        """What waits here, in words; empty where nothing does. Of a payment also what the recipient says of the rest."""
        said = _stuck(self.kind, self.left)
        differs = getattr(self.row, "differs", None)
        if not said or not differs:
            return said
        status = DiscrepancyStatus(self.row.standing).label  # type: ignore[union-attr]
        return f"{said}; {UNCONFIRMED_BY[differs]} ({status})"

    @property
    def word(self) -> str:
        """Of a report: the verdict of the recipient who stated it, or how else it came in."""
        if self.row is None or self.kind not in REPORTED:
            return ""
        if self.row.statement is None:
            return self.row.get_provenance_display()
        verdict = Verdict(self.row.statement.verdict)
        return "" if verdict == Verdict.USED else f"its word: {verdict.label}"

    @property
    def said(self) -> str:
        """What it is, what counts of it, whose word it is, and of a late entry the day of its booking."""
        late = self.row.booked_on if self.row is not None else None
        booked = f"booked {say_day(late)} (late entry)" if late else ""
        return ", ".join(filter(None, [f"{self.label}: {self.value}", self.word, booked]))

    def walk(self, depth: int = 0) -> Iterator[tuple[int, "Node"]]:
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True)
class Stage:
    """Everything of one kind in the chain, and what is stuck there."""

    kind: str
    rows: int
    value: Money
    left: Money

    @property
    def stuck(self) -> str:
        """Where the money waits, in words; empty where nothing does."""
        return _stuck(self.kind, self.left)


STUCK = {
    K.PLEDGE: "promised and not committed",
    K.COMMITMENT: "committed and not disbursed",
    K.DISBURSEMENT: "disbursed and not confirmed as received",
    K.RECEIPT: "received, use not reported",
}


UNCONFIRMED_BY = {
    DiscrepancyKind.SHORT: "the recipient says that less arrived",
    DiscrepancyKind.DISPUTED: "the recipient disputes it",
}


def _stuck(kind: str, left: Money) -> str:
    said = STUCK.get(K(kind))
    return f"{left} {said}" if said and left.minor > 0 else ""


@dataclass(frozen=True)
class Apart:
    """Rows of the chain that are in no sum, the first of them and how many there are."""

    rows: tuple[Transaction, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Unsettled:
    """Where both sides differ and nothing is settled; the amounts by currency, without what has no value."""

    rows: int
    amounts: tuple[Money, ...]

    @property
    def said(self) -> str:
        if not self.rows:
            return ""
        worth = f", of {' and '.join(map(str, self.amounts))}" if self.amounts else ""
        return (
            f"{self.rows:,} discrepanc{'y is' if self.rows == 1 else 'ies are'} not settled{worth}."
        )


@dataclass(frozen=True)
class Flow:
    """A chain from its root. `above` is the pledge that its commitment draws on. Without a value there is no tree."""

    root: Transaction
    above: Transaction | None
    tree: Node | None
    stages: tuple[Stage, ...]
    reversed: Apart
    unvalued: Apart
    beyond: Apart  # reports of more than what was there to report on
    unsettled: Unsettled

    @property
    def nodes(self) -> list[tuple[int, Node]]:
        """The tree from its root, each row with its depth."""
        return [] if self.tree is None else list(self.tree.walk())

    @property
    def shown(self) -> int:
        return len(self.nodes)

    def _stage(self, kind: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.kind == kind), None)

    @property
    def sentences(self) -> list[str]:
        """The chain in words, for those who do not see the drawing."""
        said = [_listed([text for kind, word in SAID for text in self._said(kind, word)])]
        said += [f"{stage.stuck}." for stage in self.stages if stage.stuck]
        apart = (
            (self.unvalued, "without a value, drawn nowhere and in no sum."),
            (self.beyond, "with more than was there to report on: the rest is in no sum."),
            (self.reversed, "reversed, counting no more."),
        )
        said += [f"{_rows(one.total)} {word}" for one, word in apart if one.total]
        return said + ([self.unsettled.said] if self.unsettled.rows else [])

    def _said(self, kind: str, word: str) -> list[str]:
        stage = self._stage(kind)
        return [] if stage is None else [f"{stage.value} {word} in {_rows(stage.rows)}"]


SAID = (
    (K.PLEDGE, "promised"),
    (K.COMMITMENT, "committed"),
    (K.DISBURSEMENT, "disbursed"),
    (K.RECEIPT, "confirmed as received"),
    (K.EXPENDITURE, "reported as used"),
    (K.REFUND, "paid back"),
    (K.WRITE_OFF, "written off"),
)


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts)}." if parts else ""


def _rows(number: int) -> str:
    return f"{number:,} row{'' if number == 1 else 's'}"
