"""What hangs together: pledges, receipts, uses, refunds and write-offs, valued or not."""

from datetime import date
from decimal import Decimal

from tests.factories import ledger
from tests.factories.programs import make_program
from tracker.ledger.models import Form, Transaction, ValuationBasis
from tracker.programs.models import Program

UNVALUED = {
    "form": Form.GOODS,
    "valuation_basis": ValuationBasis.UNVALUED,
    "amount": None,
}


def post(program: Program, kind: str, **says) -> Transaction:
    return ledger.approve(ledger.submit(ledger.make_voucher(program, kind, **says)))


def make_pledge(program: Program | None = None, amount="1000.00", **says) -> Transaction:
    return post(program or make_program(), "pledge", amount=ledger.money(amount), **says)


def drawn(kind: str, parent: Transaction, amount, **says) -> Transaction:
    """Something that draws on another, in its currency."""
    money = ledger.money(amount, parent.currency)
    return post(parent.program, kind, amount=money, draws_on=parent, **says)


def make_receipt(payment: Transaction, amount="100.00", **says) -> Transaction:
    return drawn("receipt", payment, amount, **says)


def make_expenditure(receipt: Transaction, amount="50.00", **says) -> Transaction:
    return drawn("expenditure", receipt, amount, **says)


def make_refund(of: Transaction, amount="10.00", **says) -> Transaction:
    return drawn("refund", of, amount, **says)


def make_write_off(of: Transaction, amount="10.00", **says) -> Transaction:
    return drawn("write_off", of, amount, **says)


def goods(quantity, unit: str = "vehicles", **says) -> dict:
    """What vouchers say of goods: valued at their book value, handed over to whoever uses them."""
    return {
        "form": Form.GOODS,
        "quantity": Decimal(quantity),
        "unit": unit,
        "valuation_basis": ValuationBasis.NET_BOOK_VALUE,
        "valuation_date": date(2024, 1, 31),
        "delivery_point": "end_user_receipt",
        **says,
    }


def send_unvalued(commitment: Transaction, quantity=40, unit: str = "pieces") -> Transaction:
    says = goods(quantity, unit) | UNVALUED | {"valuation_date": None}
    return post(commitment.program, "disbursement", draws_on=commitment, **says)


def whole_way(program: Program | None = None, **says) -> dict[str, Transaction]:
    """1,000 promised; 800 of it committed; 500 and 100 paid; of the 500 400 arrived, 30 came back, 20 are given up,
    50 wait; of the 400 250 are used and 40 came back; 110 wait. The 100 arrived and more than that was stated."""
    program = program or make_program()
    pledge = make_pledge(program, "1000.00", reference="PL", **says)
    commitment = ledger.make_commitment(program, "800.00", draws_on=pledge, reference="CO", **says)
    first = ledger.make_disbursement(commitment, "500.00", reference="D1", **says)
    second = ledger.make_disbursement(commitment, "100.00", reference="D2", **says)
    received = make_receipt(first, "400.00", reference="R1", **says)
    return {
        "pledge": pledge,
        "commitment": commitment,
        "first": first,
        "second": second,
        "received": received,
        "beyond": make_receipt(second, "130.00", reference="R2", **says),
        "used": make_expenditure(received, "250.00", reference="E1", **says),
        "back": make_refund(first, "30.00", reference="B1", **says),
        "unspent": make_refund(received, "40.00", reference="B2", **says),
        "lost": make_write_off(first, "20.00", reference="W1", **says),
    }
