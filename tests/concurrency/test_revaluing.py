"""Revaluations at the same moment as each other, as dispatches, payments and reversals: no bound is broken, nothing deadlocks."""

import pytest
from django.db import connection, transaction

from tests.concurrency.race import approve_one
from tests.concurrency.test_overdraw import at_once
from tests.factories import ledger as make
from tests.factories import periods
from tests.factories import valuation as goods
from tests.factories.programs import make_program
from tracker.journal import projections
from tracker.ledger import actions, queries
from tracker.ledger.models import (
    AuthorityYear,
    Balance,
    Period,
    RevaluationDecision,
    RevaluationLine,
)
from tracker.shared.errors import NotAllowed, Refused

pytestmark = [
    pytest.mark.concurrency,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="PostgreSQL only: threads share SQLite in memory"
    ),
]


def confirm_one(revaluation, by):
    try:
        actions.decide_revaluation(revaluation=revaluation, confirm=True, by=by)
    except (Refused, NotAllowed) as refusal:
        return f"refused: {getattr(refusal, 'sentence', refusal)}"
    except Exception as error:
        return f"broken: {error!r}"
    return "confirmed"


def is_reckoned():
    only = {"balance", "turnover", "year of an authority", "decision on a revaluation"}
    return not list(projections.differences(erased=lambda entry: False, only=only))


def test_revaluations_at_once_never_exceed_a_ceiling():
    program = make_program()
    authority = make.make_authority(program.owner, kind="drawdown")
    make.set_ceiling(authority, "1000.00")
    rows = [goods.make_goods(program, amount="50.00", authority=authority) for _ in range(8)]
    asked = [goods.propose(row, "200.00") for row in rows]
    by = goods.decider_of(program)

    told = at_once([lambda one=one: confirm_one(one, by) for one in asked])

    assert sorted(line.split(":")[0] for line in told) == [*["confirmed"] * 4, *["refused"] * 4], (
        told
    )
    year = AuthorityYear.objects.get()
    assert year.committed.plain == "1000.00"
    assert queries.headroom(authority, 2024) == queries.years_of(authority)
    assert is_reckoned()


def test_a_package_is_revalued_while_others_draw_on_it_and_take_back():
    program = make_program()
    package = goods.make_goods(program, amount="1000.00")
    sent = [goods.draw(package, "disbursement", "100.00") for _ in range(3)]
    back = make.actions.draft_reversal(
        transaction=sent[0], reason="Error.", value_date=make.A_DAY, by=make.officer_of(program)
    )
    says = goods.GOODS | {"amount": make.money("50.00")}
    vouchers = [
        *(make.make_voucher(program, "disbursement", draws_on=package, **says) for _ in "1234"),
        *(make.make_voucher(program, "receipt", draws_on=one, **says) for one in sent),
        *(make.make_voucher(program, "refund", draws_on=sent[1], **says) for _ in "12"),
    ]
    versions = [make.submit(voucher) for voucher in [back, *vouchers]]
    asked = [goods.propose(package, "600.00"), goods.propose(sent[2], "40.00")]
    by = goods.decider_of(program)

    told = at_once(
        [
            *(lambda v=v: approve_one(str(v.uid), by) for v in versions),
            *(lambda one=one: confirm_one(one, by) for one in asked),
        ]
    )

    assert not [line for line in told if line.startswith("broken")], told
    assert RevaluationDecision.objects.exists()
    for balance in Balance.objects.all():
        assert 0 <= balance.drawn.minor <= balance.value.minor
    assert is_reckoned()


def test_two_people_at_once_decide_once():
    row = goods.make_goods(make_program())
    asked = goods.propose(row, "400.00")
    people = [
        goods.decider_of(row.program),
        make.make_person("approver", organisation=row.program.owner),
    ]

    told = at_once([lambda p=p: confirm_one(asked, p) for p in people])

    assert sorted(line.split(":")[0] for line in told) == ["confirmed", "refused"], told
    assert RevaluationDecision.objects.count() == 1


def test_a_quarter_is_closed_while_goods_of_it_are_revalued():
    """Each difference counts in the quarter if it was decided before the closing, on the day of the decision if after."""
    program = make_program()
    rows = [goods.make_goods(program, amount="50.00") for _ in range(6)]
    asked = [goods.propose(row, "20.00") for row in rows]
    change = periods.propose_closing(program.owner)
    by, another = (
        goods.decider_of(program),
        make.make_person("approver", organisation=program.owner),
    )

    def close():
        with transaction.atomic():
            actions.decide_period(change=change, confirm=True, by=another)
            return RevaluationLine.objects.filter(booked_on=None).count()

    before, *told = at_once([close, *(lambda one=one: confirm_one(one, by) for one in asked)])

    assert told == ["confirmed"] * 6, told
    late = RevaluationLine.objects.filter(booked_on__isnull=False)
    assert late.count() == 6 - before, "none was booked into the quarter after it was closed"
    period = Period.objects.select_related("organisation").get()
    (line,) = queries.figures_of(program, period).lines
    assert line.values["committed"] == make.money(f"{300 - 30 * before}.00")
    assert line.values["revalued_out"] == 6 - before
    assert is_reckoned()
