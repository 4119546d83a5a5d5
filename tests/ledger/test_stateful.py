"""Random lives of a ledger: whatever people do in whatever order, the books are right after every step.

Hypothesis chooses the steps; a plain model in Python keeps its own accounts beside the database. What the rules refuse
must leave nothing behind, and what they let through must be what the model says.
"""

from dataclasses import dataclass, field
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.factories import ledger as make
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.ledger.models import (
    DRAWS_ON,
    REPORTED,
    AuthorityYear,
    Balance,
    Transaction,
    Turnover,
)
from tracker.shared.errors import Refused
from tracker.shared.money import Money

YEARS = (2024, 2025)
CENTS = st.integers(min_value=1, max_value=60_000)
WHICH = st.integers(min_value=0, max_value=40)
CEILING = 100_000


@dataclass
class Node:
    """One original as the model knows it. `counted` is what it adds to totals, in cents; 0 once reversed."""

    pk: int
    kind: str
    parent: "Node | None"
    year: int
    counted: int
    amount: int
    reversed: bool = False
    children: list["Node"] = field(default_factory=list)

    @property
    def drawn(self) -> int:
        back = (
            sum(refund.counted for refund in self.refunds_to_me())
            if self.kind == "commitment"
            else 0
        )
        own = (c for c in self.children if not (c.kind == "refund" and self.kind == "commitment"))
        return sum(child.counted for child in own) - back

    def refunds_to_me(self):
        """Refunds come back to the commitment from wherever the money was stuck."""
        todo = list(self.children)
        while todo:
            node = todo.pop()
            todo += node.children
            if node.kind == "refund":
                yield node

    @property
    def left(self) -> int:
        return self.counted - self.drawn


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.atom = transaction.atomic()
        self.atom.__enter__()
        self.program = make_program()
        self.authority = make.make_authority(self.program.owner)
        self.ceilings = dict.fromkeys(YEARS, CEILING)
        self.nodes: list[Node] = []
        self.seen: dict[int, tuple] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atom.__exit__(None, None, None)

    @initialize()
    def set_ceilings(self) -> None:
        for year in YEARS:
            make.set_ceiling(self.authority, Money(CEILING, "USD"), year)

    # --- Steps -------------------------------------------------------------

    def attempt(self, act, should: bool) -> Transaction | None:
        """The rules let it through exactly when the model says so."""
        done, said = None, "the rules let through what the model forbids"
        try:
            with transaction.atomic():
                done = act()
        except Refused as refusal:
            said = refusal.sentence
        assert (done is not None) == should, said
        return done

    def commit(self, cents, year, parent):
        is_within = self.committed(year) + cents <= self.ceilings[year]
        is_within = is_within and (parent is None or cents <= parent.left)
        says = {"authority": self.authority, "value_date": date(year, 3, 1)}
        self.post("commitment", cents, parent, is_within, year, **says)

    def post(self, kind, cents, parent, should, year=2024, **says):
        draws_on = None if parent is None else Transaction.objects.get(pk=parent.pk)
        says.setdefault("value_date", date(year, 3, 1))
        row = self.attempt(
            lambda: make.post(self.program, kind, Money(cents, "USD"), draws_on=draws_on, **says),
            should,
        )
        if row is not None:
            counted = row.counted.minor
            left = None if parent is None else parent.left
            expected = min(cents, left) if kind in REPORTED else cents
            assert counted == expected
            node = Node(row.pk, kind, parent, year, counted, cents)
            self.nodes.append(node)
            if parent is not None:
                parent.children.append(node)

    def committed(self, year):
        return sum(n.counted for n in self.nodes if n.kind == "commitment" and n.year == year)

    def those(self, *kinds):
        return [n for n in self.nodes if n.kind in kinds and not n.reversed]

    @rule(cents=CENTS, year=st.sampled_from(YEARS))
    def pledge(self, cents, year):
        self.post("pledge", cents, None, should=True, year=year)

    @rule(cents=CENTS, year=st.sampled_from(YEARS))
    def commit_without_a_pledge(self, cents, year):
        self.commit(cents, year, None)

    @precondition(lambda self: self.those("pledge"))
    @rule(cents=CENTS, year=st.sampled_from(YEARS), which=WHICH)
    def commit_of_a_pledge(self, cents, year, which):
        pledges = self.those("pledge")
        self.commit(cents, year, pledges[which % len(pledges)])

    @precondition(lambda self: self.those("commitment", "disbursement", "receipt"))
    @rule(
        kind=st.sampled_from(
            ["disbursement", "receipt", "receipt", "expenditure", "refund", "write_off"]
        ),
        cents=CENTS,
        which=WHICH,
    )
    def draw(self, kind, cents, which):
        parents = self.those(*DRAWS_ON[kind])
        if parents:
            parent = parents[which % len(parents)]
            should = kind in REPORTED or self.may_draw(kind, cents, parent)
            self.post(kind, cents, parent, should)

    @staticmethod
    def may_draw(kind, cents, parent):
        if kind == "refund" and parent.kind == "commitment":
            return cents <= parent.drawn
        return cents <= parent.left

    @precondition(lambda self: self.nodes)
    @rule(which=WHICH)
    def reverse(self, which):
        node = self.nodes[which % len(self.nodes)]
        before = {n.pk: n.drawn for n in self.nodes}
        original = Transaction.objects.get(pk=node.pk)
        back = self.attempt(lambda: make.make_reversal(original), self.may_reverse(node))
        if back is None:
            return
        freed, node.counted, node.reversed = node.counted, 0, True
        assert back.counted.minor == -freed
        if node.parent is not None and not (
            node.kind == "refund" and node.parent.kind == "commitment"
        ):
            assert node.parent.drawn == before[node.parent.pk] - freed

    @staticmethod
    def may_reverse(node):
        if node.reversed or any(not child.reversed for child in node.children):
            return False
        commitment = node
        while commitment is not None and commitment.kind != "commitment":
            commitment = commitment.parent
        if node.kind == "refund":
            return commitment is None or node.counted <= commitment.left
        return node.kind != "disbursement" or commitment.drawn >= node.counted

    @rule(kind=st.sampled_from(["raise", "lower"]), cents=CENTS, year=st.sampled_from(YEARS))
    def change_the_ceiling(self, kind, cents, year):
        signed = cents if kind == "raise" else -cents
        should = self.ceilings[year] + signed >= self.committed(year)
        amount = Money(cents, "USD")
        done = self.attempt(
            lambda: make.confirm(make.propose(self.authority, kind, amount, year)), should
        )
        if done is not None:
            self.ceilings[year] += signed

    # --- What is always true -----------------------------------------------

    @invariant()
    def every_balance_is_the_models(self):
        kept = {b.pk: (b.value.minor, b.drawn.minor) for b in Balance.objects.all()}
        assert kept == {n.pk: (n.counted, n.drawn) for n in self.nodes}

    @invariant()
    def no_stage_exceeds_the_one_before_it(self):
        assert all(0 <= node.drawn <= node.counted for node in self.nodes)

    @invariant()
    def no_ceiling_is_exceeded(self):
        for year in AuthorityYear.objects.filter(authority=self.authority):
            assert year.ceiling.minor == self.ceilings[year.fiscal_year]
            assert year.committed.minor == self.committed(year.fiscal_year) <= year.ceiling.minor
            assert 0 <= year.disbursed.minor <= year.committed.minor

    @invariant()
    def sums_are_the_sums_of_rows(self):
        sums: dict[str, int] = {}
        for node in self.nodes:
            sums[node.kind] = sums.get(node.kind, 0) + node.counted
        kept: dict[str, int] = {}
        for total in Turnover.objects.filter(program=self.program):
            kept[total.kind] = kept.get(total.kind, 0) + total.amount.minor
        assert kept == sums

    @invariant()
    def nothing_vanished_and_nothing_changed(self):
        now = {
            row["pk"]: tuple(row.values())
            for row in Transaction.objects.values(
                "pk", "uid", "kind", "amount", "excess", "draws_on"
            )
        }
        assert {pk: now.get(pk) for pk in self.seen} == self.seen
        reversals = sum(node.reversed for node in self.nodes)
        assert len(now) == len(self.nodes) + reversals
        self.seen = now


@pytest.mark.thorough
@pytest.mark.parametrize("steps", [12, 40])
def test_the_books_are_right_after_any_sequence_of_actions(steps):
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=240 // steps,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_journal_agrees_after_a_life_with_everything_in_it():
    """A fixed sequence of the machine's steps, so that the machine itself is seen to work in every run."""
    life = Ledger()
    life.set_ceilings()
    life.pledge(50_000, 2024)
    life.commit_of_a_pledge(40_000, 2024, 0)
    life.commit_of_a_pledge(40_000, 2024, 0)  # more than the pledge has left
    life.draw("disbursement", 30_000, 0)
    life.draw("receipt", 35_000, 0)  # 50.00 too much
    life.draw("expenditure", 10_000, 0)
    life.draw("write_off", 5_000, 0)
    life.draw("refund", 2_000, 2)
    life.reverse(3)  # the receipt is drawn on: refused
    life.change_the_ceiling("lower", 60_001, 2024)  # a cent too much
    life.every_balance_is_the_models()
    life.sums_are_the_sums_of_rows()
    life.no_ceiling_is_exceeded()
    life.nothing_vanished_and_nothing_changed()

    assert [node.kind for node in life.nodes[:5]] == [
        *("pledge", "commitment", "disbursement", "receipt", "expenditure")
    ]
    assert list(projections.differences(erased=lambda entry: False)) == []
    life.teardown()
