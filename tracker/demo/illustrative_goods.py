"""The illustrative program's goods and services: valued wrongly at first, revalued by two persons, one not valued yet."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile

from tracker.ledger import actions
from tracker.ledger.models import (
    Authority,
    DeliveryPoint,
    Form,
    Revaluation,
    Transaction,
    ValuationBasis,
    VoucherKind,
)
from tracker.ledger.valuation import StraightLine, Valuation
from tracker.shared.money import Money

if TYPE_CHECKING:
    from tracker.demo.illustrative_money import Desk

GIVEN = date(2025, 5, 12)


def give(desk: "Desk", act: Authority) -> None:
    """Ambulances at replacement cost, of which one person says and another confirms that they are nine of fifteen years
    old; training that nobody has valued; and a revaluation that waits."""
    ambulances = _ambulances(desk, act)
    _depreciate(desk, ambulances)
    _state_market_value(desk, ambulances)
    _training(desk)
    _leave_one_waiting(desk, act)


def _goods(basis: str, day: date, **says: Any) -> dict[str, Any]:
    return {"form": Form.GOODS, "valuation_basis": basis, "valuation_date": day, **says}


def _ambulances(desk: "Desk", act: Authority) -> Transaction:
    says = _goods(ValuationBasis.REPLACEMENT_COST, GIVEN, unit="ambulances")
    package = desk.commit(
        "1000000.00",
        GIVEN,
        "Ambulances from our own depots",
        authority=act,
        quantity=Decimal(20),
        **says,
    )
    sent = desk.pay(
        package,
        "600000.00",
        date(2025, 6, 20),
        "Ambulances, first shipment",
        receiver=desk.cast.general_staff,
        quantity=Decimal(12),
        delivery_point=DeliveryPoint.TITLE_TRANSFER,
        **says,
    )
    desk.post(
        desk.draft(
            VoucherKind.RECEIPT,
            "600000.00",
            date(2025, 7, 3),
            "Ambulances, first shipment, as the General Staff states",
            draws_on=sent,
            quantity=Decimal(12),
            delivery_point=DeliveryPoint.END_USER_RECEIPT,
            **says,
        )
    )
    return package


def _propose(desk: "Desk", of: Transaction, asked: Valuation, reason: str) -> Revaluation:
    text = f"Illustrative valuation report.\n{reason}\nNo real vehicle stands behind it.\n"
    file = actions.store_file(
        file=ContentFile(text.encode()),
        name="valuation-report.txt",
        content_type="text/plain",
        by=desk.cast.officer,
    )
    return actions.propose_revaluation(
        transaction=of,
        asked=asked,
        reason=reason,
        document=file,
        document_name="valuation-report.txt",
        by=desk.cast.officer,
    )


def _depreciate(desk: "Desk", package: Transaction) -> None:
    """Nine of fifteen years: 400,000 of a million is left, and the shipment is worth less with it."""
    asked = Valuation(
        basis=ValuationBasis.NET_BOOK_VALUE,
        valuation_date=GIVEN,
        straight_line=StraightLine(
            Money.of("1000000.00", "USD"), Money(0, "USD"), Decimal(15), Decimal(9)
        ),
    )
    reason = (
        "New ambulances were priced; what was given is nine years old. Net book value is right."
    )
    proposed = _propose(desk, package, asked, reason)
    actions.decide_revaluation(revaluation=proposed, confirm=True, by=desk.cast.approver)


def _state_market_value(desk: "Desk", package: Transaction) -> None:
    actions.state_alternative(
        transaction=package,
        asked=Valuation(ValuationBasis.MARKET_VALUE, GIVEN, Money.of("520000.00", "USD")),
        citation="Price list of used vehicles, 2025, page 8 (illustrative)",
        by=desk.cast.officer,
    )


def _training(desk: "Desk") -> None:
    """A service that nobody has put a value on: it is in no sum, and it is not zero."""
    desk.commit(
        None,
        date(2025, 9, 15),
        "Places on our own flight surgeons' course",
        form=Form.SERVICES,
        valuation_basis=ValuationBasis.UNVALUED,
        quantity=Decimal(6),
        unit="places",
    )


def _leave_one_waiting(desk: "Desk", act: Authority) -> None:
    day = date(2026, 3, 18)
    tents = desk.commit(
        "240000.00",
        day,
        "Surgical tents from our own depots",
        authority=act,
        quantity=Decimal(8),
        unit="tents",
        **_goods(ValuationBasis.REPLACEMENT_COST, day),
    )
    asked = Valuation(ValuationBasis.NET_BOOK_VALUE, day, Money.of("96000.00", "USD"))
    _propose(desk, tents, asked, "The tents were bought in 2017 and are booked at 96,000.00.")
