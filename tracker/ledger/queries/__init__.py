"""Reads over the ledger's tables: vouchers on their way, transactions, and sums of money."""

from tracker.ledger.queries.money import (
    MoneyLine,
    RecipientMoney,
    YearMoney,
    by_recipient,
    by_year,
    money_of,
    totals_of,
    with_money,
)
from tracker.ledger.queries.transactions import (
    Chain,
    KindTotal,
    chain_of,
    commitments_to_draw_on,
    drawn_by,
    turnover_of,
    waiting_on,
)
from tracker.ledger.queries.vouchers import (
    Change,
    NextStep,
    approvers_of,
    compared,
    drafters_of,
    history,
    next_step,
    steps,
    waiting_for,
)

__all__ = [
    "Chain",
    "Change",
    "KindTotal",
    "MoneyLine",
    "NextStep",
    "RecipientMoney",
    "YearMoney",
    "approvers_of",
    "by_recipient",
    "by_year",
    "chain_of",
    "commitments_to_draw_on",
    "compared",
    "drafters_of",
    "drawn_by",
    "history",
    "money_of",
    "next_step",
    "steps",
    "totals_of",
    "turnover_of",
    "waiting_for",
    "waiting_on",
    "with_money",
]
