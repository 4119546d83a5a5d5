"""Whatever happens in whatever order, the balances and sums equal the rows."""

import random
from collections import defaultdict

import pytest

from tests.factories import ledger as make
from tests.factories.programs import make_program
from tracker.ledger import queries
from tracker.ledger.models import Balance, Transaction, Turnover
from tracker.programs.models import Program
from tracker.shared.errors import Refused


def _step(chance, program):
    """One thing that people do; the rules may refuse it."""
    rows = list(Transaction.objects.order_by("pk"))
    open_ones = [row for row in rows if row.kind == "commitment" and not row.is_reversal]
    act = chance.choice(["commit", "pay", "pay", "pay", "reverse"])
    amount = f"{chance.randint(1, 900)}.{chance.randint(0, 99):02d}"
    if act == "commit" or not open_ones:
        return make.make_commitment(program, make.money(amount, chance.choice(["USD", "KWD"])))
    if act == "pay":
        return make.make_disbursement(chance.choice(open_ones), amount)
    return make.make_reversal(chance.choice(rows))


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(4))
def test_after_any_sequence_balances_and_turnover_equal_the_rows(seed):
    chance, program = random.Random(seed), make_program()
    outcomes = defaultdict(int)
    for _ in range(18):
        try:
            _step(chance, program)
            outcomes["posted"] += 1
        except Refused:
            outcomes["refused"] += 1

    assert outcomes["posted"] > 5
    sums, drawn = defaultdict(int), defaultdict(int)
    for row in Transaction.objects.all():
        sums[row.fiscal_year, row.kind, row.currency] += row.amount.minor
        if row.draws_on_id:
            drawn[row.draws_on_id] += row.amount.minor
    kept = Turnover.objects.values_list("fiscal_year", "kind", "currency", "amount")
    assert {row[:3]: row[3] for row in kept} == dict(sums)
    for balance in Balance.objects.all():
        assert balance.drawn.minor == drawn[balance.transaction_id]
        assert 0 <= balance.drawn.minor <= balance.value.minor
    for total in queries.turnover_of(Transaction.objects.all()):
        every = [
            s for (_, k, c), s in sums.items() if (k, c) == (total.kind, total.amount.currency)
        ]
        assert total.amount.minor == sum(every)


def test_programs_know_their_money_by_currency_year_and_recipient(count_queries):
    program, other = make_program(), make_program()
    dollars = make.make_commitment(program, "100.00")
    make.make_disbursement(dollars, "30.00")
    make.make_reversal(make.make_disbursement(dollars, "20.00"))
    make.make_commitment(program, make.money(7, "EUR"))
    make.make_commitment(other, "5.00")

    euros, line = queries.money_of([program])[program.pk]
    assert (euros.currency, euros.committed.plain, euros.disbursed.plain) == ("EUR", "7.00", "0.00")
    assert (line.committed.plain, line.disbursed.plain) == ("100.00", "30.00")
    assert line.remaining.plain == "70.00"
    everything = Program.objects.all()
    assert [t.committed.plain for t in queries.totals_of(everything)] == ["7.00", "105.00"]
    assert {y.fiscal_year for y in queries.by_year(everything)} == {make.A_DAY.year}
    names = {p.organisation.label for p in program.participations.filter(role="recipient")}
    assert names <= {row.recipient for row in queries.by_recipient(everything)}
    assert count_queries(lambda: queries.with_money(Program.objects.all())) == 2
    assert count_queries(lambda: queries.by_recipient(Program.objects.all())) == 3
