"""The illustrative program's waivers: one in force, one that a late document settled, one that waits for a decision."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from tracker.demo.people import Cast
from tracker.ledger import actions
from tracker.ledger.models import (
    DocumentType,
    Requirement,
    Transaction,
    Voucher,
    Waiver,
    WaiverCategory,
)

if TYPE_CHECKING:
    from tracker.demo.illustrative_money import Desk


def record(cast: Cast, desk: "Desk", training: Transaction) -> None:
    """Two payments that were posted without their invoice, and a draft that asks for the same."""
    when = date(2026, 4, 20)
    lost = desk.payment(training, "12400.00", when, "Interpreters, spring course", paper="")
    _waive(
        cast, lost, WaiverCategory.LOST, "The invoice burnt with the van; a copy is asked for.", 60
    )
    desk.post(lost)

    late = desk.payment(training, "7350.00", date(2026, 5, 6), "Range safety course", paper="")
    _waive(cast, late, WaiverCategory.NOT_ISSUED, "The range bills at the end of the quarter.", 30)
    desk.post(late)
    actions.supply_document(
        voucher=late,
        file=desk.file("invoice, range safety course"),
        name="invoice of the range.txt",
        document_type=DocumentType.INVOICE,
        document_date=min(date(2026, 6, 30), cast.ministry.today()),
        by=cast.officer,
    )

    asked = desk.payment(training, "2980.00", date(2026, 9, 14), "First-aid refresher", paper="")
    _ask(
        cast,
        asked,
        WaiverCategory.ELSEWHERE,
        "The embassy holds the invoice until the courier.",
        21,
    )


def _ask(cast: Cast, voucher: Voucher, category: str, reason: str, days: int) -> Waiver:
    return actions.ask_waiver(
        voucher=voucher,
        requirement=Requirement.PAYMENT,
        category=category,
        reason=reason,
        expires_on=cast.ministry.today() + timedelta(days=days),
        by=cast.officer,
    )


def _waive(cast: Cast, voucher: Voucher, category: str, reason: str, days: int) -> None:
    waiver = _ask(cast, voucher, category, reason, days)
    actions.decide_waiver(waiver=waiver, grant=True, by=cast.approver)
