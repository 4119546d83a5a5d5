"""The illustrative program's whole way: from a promise to what was used, with everything that happens in between.

One payment arrives in full, one short, one with more than was sent; something is used, something comes back, something
is lost, and something has no value that anybody knows. The recipient's representative states what arrived and what was
used; of one delivery the ministry has only the recipient's paper.
"""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tracker.demo.illustrative_receipts import state
from tracker.ledger import actions
from tracker.ledger.models import (
    Authority,
    DeliveryPoint,
    Form,
    Transaction,
    ValuationBasis,
    Verdict,
    VoucherKind,
)
from tracker.ledger.policies import Word
from tracker.shared.money import Money

if TYPE_CHECKING:
    from tracker.demo.illustrative_money import Desk

STAFF = "General Staff, Recipient State (illustrative)"


def follow(desk: "Desk", act: Authority) -> None:
    """A pledge, a commitment on it, and four deliveries with what became of them."""
    promised = desk.post(
        desk.draft(
            VoucherKind.PLEDGE,
            "9000000.00",
            date(2024, 11, 4),
            "Announced at the donors' meeting: medical aid for two years",
            receiver=desk.cast.general_staff,
        )
    )
    posts = desk.commit(
        "1250000.00",
        date(2025, 3, 3),
        "Forward medical posts",
        draws_on=promised,
        authority=act,
        receiver=desk.cast.general_staff,
        payee=STAFF,
    )
    _in_full(desk, posts)
    _short(desk, posts)
    _too_many(desk, posts)
    _waiting(desk, posts)
    _taken_back(desk, posts)


def _to_staff(desk: "Desk", of: Transaction, amount: str, day: date, what: str, **says: Any):
    says = {"receiver": desk.cast.general_staff, "payee": STAFF} | says
    return desk.pay(of, amount, day, what, **says)


def _step(desk: "Desk", kind: str, of: Transaction, amount: str, day: date, what: str, **says: Any):
    says = {"receiver": desk.cast.general_staff, "payee": STAFF} | says
    return desk.post(desk.draft(kind, amount, day, what, draws_on=of, **says))


def _stated(desk: "Desk", about: Transaction, word: Word) -> Transaction:
    """What the representative's word posts."""
    return Transaction.objects.get(statement=state(desk.cast, about, word))


def _goods(amount: str, unit: str, basis: str, day: date | None, **more: Any) -> dict[str, Any]:
    return {
        "form": Form.GOODS,
        "quantity": Decimal(amount),
        "unit": unit,
        "valuation_basis": basis,
        "valuation_date": day,
        **more,
    }


def _in_full(desk: "Desk", posts: Transaction) -> None:
    """Money that arrived, most of which was used; the rest was paid back."""
    paid = _to_staff(desk, posts, "400000.00", date(2025, 5, 12), "Running costs of six posts")
    arrived = _stated(desk, paid, Word(Verdict.CONFIRMED, arrived_on=date(2025, 5, 20)))
    used = (
        ("182300.00", date(2025, 8, 29), "Fuel and repairs of the six posts."),
        ("160750.00", date(2025, 12, 19), "Medicines and dressings."),
    )
    for amount, day, what in used:
        money = Money.of(amount, "USD")
        _stated(desk, arrived, Word(Verdict.USED, amount=money, arrived_on=day, remark=what))
    _step(
        desk,
        VoucherKind.REFUND,
        arrived,
        "21950.00",
        date(2026, 1, 27),
        "Running costs not spent in 2025, paid back",
        provider=desk.cast.general_staff,
        receiver=desk.cast.ministry,
        payee="Ministry of Defence (illustrative)",
    )


def _short(desk: "Desk", posts: Transaction) -> None:
    """Twelve ambulances left, ten arrived; one burned out on the way and is given up, one is still looked for."""
    valued = date(2025, 5, 31)
    book = ValuationBasis.NET_BOOK_VALUE
    sent = _to_staff(
        desk,
        posts,
        "480000.00",
        date(2025, 6, 18),
        "Twelve field ambulances from stock",
        **_goods("12", "vehicles", book, valued, delivery_point=DeliveryPoint.POD_ARRIVAL),
    )
    ten = Word(
        Verdict.SHORT,
        quantity=Decimal(10),
        arrived_on=date(2025, 7, 8),
        delivery_point=DeliveryPoint.TITLE_TRANSFER,
        remark="Ten of twelve came off the train. One burned out on the way; of one we know nothing.",
    )
    eight = Word(
        Verdict.USED,
        quantity=Decimal(8),
        arrived_on=date(2025, 9, 1),
        remark="Handed to the posts.",
    )
    _stated(desk, _stated(desk, sent, ten), eight)
    _step(
        desk,
        VoucherKind.WRITE_OFF,
        sent,
        "40000.00",
        date(2026, 2, 16),
        "One field ambulance burned out on the way",
        **_goods("1", "vehicles", book, valued),
    )


def _too_many(desk: "Desk", posts: Transaction) -> None:
    """On paper the recipient counts more stretchers than were sent: the surplus is recorded, and in no total."""
    valued, cost = date(2025, 9, 15), ValuationBasis.ACQUISITION_COST
    sent = _to_staff(
        desk,
        posts,
        "60000.00",
        date(2025, 10, 6),
        "Three hundred stretchers",
        **_goods("300", "pieces", cost, valued, delivery_point=DeliveryPoint.END_USER_RECEIPT),
    )
    _step(
        desk,
        VoucherKind.RECEIPT,
        sent,
        "64000.00",
        date(2025, 10, 30),
        "Three hundred and twenty stretchers received",
        **_goods("320", "pieces", cost, valued, delivery_point=DeliveryPoint.END_USER_RECEIPT),
    )


def _waiting(desk: "Desk", posts: Transaction) -> None:
    """Nobody has confirmed the generators; the radios have no value that anybody knows."""
    _to_staff(
        desk,
        posts,
        "126500.00",
        date(2026, 6, 22),
        "Generators for the posts",
        **_goods(
            *("22", "pieces", ValuationBasis.REPLACEMENT_COST, date(2026, 6, 1)),
            delivery_point=DeliveryPoint.ORIGIN_DEPARTURE,
        ),
    )
    _to_staff(
        desk,
        posts,
        "",
        date(2026, 7, 13),
        "Used hand radios, never valued",
        **_goods(
            *("40", "pieces", ValuationBasis.UNVALUED, None),
            delivery_point=DeliveryPoint.ORIGIN_DEPARTURE,
        ),
    )


def _taken_back(desk: "Desk", posts: Transaction) -> None:
    """A payment to the wrong account, reversed."""
    wrong = _to_staff(desk, posts, "35000.00", date(2026, 3, 9), "Tents, to a closed account")
    reversal = actions.draft_reversal(
        transaction=wrong,
        reason="The account was closed; the bank returned the payment on the same day.",
        value_date=date(2026, 3, 12),
        by=desk.cast.officer,
    )
    desk.attach(reversal, "letter of the bank on a closed account", date(2026, 3, 12))
    desk.post(reversal)
