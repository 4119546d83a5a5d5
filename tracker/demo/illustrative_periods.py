"""The illustrative quarters: one closed and certified by both sides, one that waits for the recipient, one to be closed."""

from django.core.files.base import ContentFile

from tracker.demo.illustrative_money import Payments, day
from tracker.demo.people import Cast
from tracker.ledger import actions, queries
from tracker.ledger.content import Draft
from tracker.ledger.models import CertificationSide, Period, PeriodChange, Transaction, VoucherKind
from tracker.programs.models import Program
from tracker.shared.money import Money


def close(cast: Cast, program: Program, payments: Payments) -> None:
    """Close the first two quarters of 2025, book a late entry between them, certify, and propose the third."""
    first = _closed(cast, 2, "Every invoice of the quarter is in.")
    _certify(cast, program, first, CertificationSide.DONOR)
    remark = "Of the instructors' travel in March we have seen no invoice yet."
    _certify(cast, program, first, CertificationSide.RECIPIENT, remark)
    _book_late(cast, program, payments["instructors"])
    second = _closed(cast, 5, "The invoice that came late is booked.")
    _certify(cast, program, second, CertificationSide.DONOR)
    _propose(cast, 8, "")


def _propose(cast: Cast, month: int, reason: str) -> PeriodChange:
    return actions.propose_closing(
        organisation=cast.ministry, day=day(2025, month, 1), reason=reason, by=cast.officer
    )


def _closed(cast: Cast, month: int, reason: str) -> Period:
    change = _propose(cast, month, reason)
    actions.decide_period(change=change, confirm=True, by=cast.approver)
    return change.period


def _certify(cast: Cast, program: Program, period: Period, side: str, remark: str = "") -> None:
    by = cast.approver if side == CertificationSide.DONOR else cast.representative
    seen = queries.figures_of(program, period).digest
    actions.certify_period(
        program=program, period=period, side=side, seen=seen, remark=remark, by=by
    )


def _book_late(cast: Cast, program: Program, beside: Transaction) -> None:
    """A payment of March whose invoice came in April: dated in the closed quarter, booked in the next one."""
    draft = Draft(
        amount=Money.of("12400.00", "USD"),
        value_date=day(2025, 3, 28),
        booked_on=day(2025, 4, 9),
        draws_on=beside.draws_on,
        provider=cast.ministry,
        receiver=cast.training_command,
        payee="Training Command (illustrative)",
        description="Travel of the instructors in March, invoiced late",
        reference="INV-LATE-1",
    )
    voucher = actions.create_voucher(
        program=program, kind=VoucherKind.DISBURSEMENT, draft=draft, by=cast.officer
    )
    text = "Illustrative document: an invoice of 28 March that arrived on 9 April. No real payment stands behind it.\n"
    file = actions.store_file(
        file=ContentFile(text.encode()), name="late.txt", content_type="text/plain", by=cast.officer
    )
    actions.attach_file(voucher=voucher, file=file, name="late.txt", by=cast.officer)
    version = actions.submit_voucher(voucher=voucher, by=cast.officer)
    actions.approve_voucher(version=version, by=cast.approver)
