"""Whatever is drawn, sent back, given up, reversed and revalued, in whatever order: no stage exceeds the one before it,
and every sum is what was posted and revalued."""

import pytest
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.factories import ledger as make
from tests.factories import valuation as goods
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.ledger import queries
from tracker.ledger.models import (
    DRAWS_ON,
    Balance,
    RevaluationLine,
    Transaction,
    TransactionKind,
    Turnover,
)
from tracker.ledger.valuation import Stage, in_proportion
from tracker.shared.errors import Refused

# --- The arithmetic alone --------------------------------------------------

UNDER = {
    TransactionKind.PLEDGE: ["commitment"],
    TransactionKind.COMMITMENT: ["disbursement", "refund"],
    TransactionKind.DISBURSEMENT: ["receipt", "refund", "write_off"],
    TransactionKind.RECEIPT: ["expenditure", "refund", "write_off"],
}


@st.composite
def packages(draw):
    """A package with what draws on it: each part within what is left of the one before it."""
    root = draw(st.sampled_from(["pledge", "commitment", "disbursement"]))
    stages = [Stage(0, None, root, draw(st.integers(1, 10**15)))]
    left, drawn_by = {0: stages[0].value}, {0: 0}
    for _ in range(draw(st.integers(0, 14))):
        parents = [stage for stage in stages if stage.kind in UNDER]
        parent = draw(st.sampled_from(parents))
        kind = draw(st.sampled_from(UNDER[parent.kind]))
        on_commitment = kind == "refund" and parent.kind == "commitment"
        most = drawn_by[parent.key] if on_commitment else left[parent.key]
        commitment = None
        if kind == "refund":  # comes back to the commitment: no more than is drawn from it
            commitment = _commitment(stages, parent)
            most = most if commitment is None else min(most, drawn_by[commitment])
        if not most:
            continue
        value = draw(st.one_of(st.just(most), st.integers(1, most)))
        stage = Stage(len(stages), parent.key, kind, value)
        stages.append(stage)
        left[stage.key], drawn_by[stage.key] = value, 0
        if not on_commitment:
            left[parent.key] -= value
            drawn_by[parent.key] += value
        if commitment is not None:
            left[commitment] += value
            drawn_by[commitment] -= value
    return stages


def _commitment(stages, stage):
    while stage is not None and stage.kind != "commitment":
        stage = None if stage.parent is None else stages[stage.parent]
    return None if stage is None else stage.key


def _drawn(stages, values):
    drawn = dict.fromkeys(values, 0)
    for stage in stages[1:]:
        commitment = _commitment(stages, stage) if stage.kind == "refund" else None
        if commitment != stage.parent:
            drawn[stage.parent] += values[stage.key]
        if commitment is not None:
            drawn[commitment] -= values[stage.key]
    return drawn


@settings(max_examples=300, deadline=None)
@given(stages=packages(), new=st.integers(0, 10**15))
def test_no_stage_exceeds_the_one_before_it_and_all_move_one_way(stages, new):
    before = {stage.key: stage.value for stage in stages}
    was_drawn = _drawn(stages, before)

    values = in_proportion(stages, new)

    assert values.keys() == before.keys()
    assert values[0] == new
    drawn = _drawn(stages, values)
    lowered = new <= before[0]
    for stage in stages:
        key = stage.key
        assert 0 <= drawn[key] <= values[key]
        assert values[key] <= before[key] if lowered else values[key] >= before[key]
        if was_drawn[key] == before[key]:
            assert drawn[key] == values[key], "what was drawn to the last unit stays so"


@settings(max_examples=100, deadline=None)
@given(stages=packages(), new=st.integers(1, 10**15))
def test_every_part_keeps_its_proportion_to_a_few_units(stages, new):
    values = in_proportion(stages, new)
    for stage in stages:
        exact = stage.value * new // stages[0].value
        # Rounded once a level; what came back is rounded apart. Never by more than the rows that share.
        assert abs(values[stage.key] - exact) <= len(stages) * (1 + new // stages[0].value)


# --- The ledger ------------------------------------------------------------

CENTS = st.integers(min_value=1, max_value=90_000)
KINDS = ["pledge", "commitment", "disbursement", "receipt", "expenditure", "refund", "write_off"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [*KINDS, "disbursement", "receipt", "money", "unvalued", *["revalue"] * 4, "reverse"]
        ),
        CENTS,
        st.integers(min_value=0, max_value=50),
    ),
    min_size=3,
    max_size=14,
)


def _amount(cents):
    return make.money(f"{cents // 100}.{cents % 100:02}")


def _take(program, authority, step):
    what, cents, which = step
    rows = list(Transaction.objects.filter(program=program).in_force().order_by("pk"))
    if what == "revalue":
        chosen = [row for row in rows if row.form != "money"]
        if chosen:
            new = _amount(0 if which == 50 else cents)
            goods.revalue(chosen[which % len(chosen)], new, basis=_basis(which))
    elif what == "reverse":
        if rows:
            make.make_reversal(rows[which % len(rows)])
    elif what in ("money", "unvalued", *KINDS):
        _post(program, authority, rows, what, cents, which)


def _basis(which):
    return ["net_book_value", "market_value", "acquisition_cost"][which % 3]


def _post(program, authority, rows, what, cents, which):
    kind = {"money": "disbursement", "unvalued": ["commitment", "disbursement"][which % 2]}.get(
        what, what
    )
    parents = [row for row in rows if row.kind in DRAWS_ON[kind]]
    says = {"draws_on": parents[which % len(parents)] if parents else None}
    if kind == "commitment":
        says["authority"] = authority if which % 3 == 0 else None
        says["draws_on"] = says["draws_on"] if which % 2 else None
    if what == "money":
        make.post(program, kind, _amount(cents), **says)
    else:
        goods.make_goods(program, kind, None if what == "unvalued" else _amount(cents), **says)


@pytest.mark.thorough
@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(steps=STEPS)
def test_any_sequence_of_postings_and_revaluations_keeps_every_bound_and_sum(steps):
    with transaction.atomic():
        program = make_program()
        authority = make.make_authority(program.owner, kind="drawdown")
        make.set_ceiling(authority, "1500.00")
        for step in steps:
            try:
                with transaction.atomic():
                    _take(program, authority, step)
            except Refused:
                pass  # a refusal leaves nothing behind: the sums below say so
            _check(program, authority)
        assert not list(projections.differences(erased=lambda entry: False))
        transaction.set_rollback(True)


def _check(program, authority):
    for balance in Balance.objects.filter(transaction__program=program):
        assert 0 <= balance.drawn.minor <= balance.value.minor
    rows = Transaction.objects.filter(program=program)
    counted = F("amount") - Coalesce(F("excess"), 0)
    for kept in Turnover.objects.filter(program=program):
        own = rows.filter(kind=kept.kind)
        posted = own.aggregate(n=Sum(counted))["n"] or 0
        lines = RevaluationLine.objects.filter(transaction__in=own).aggregate(n=Sum("delta"))["n"]
        assert kept.amount.minor == posted + (lines or 0)
    years = queries.years_of(authority)
    assert years == queries.headroom(authority, 2024)
    for year in years:
        assert 0 <= year.committed.minor <= year.ceiling.minor
