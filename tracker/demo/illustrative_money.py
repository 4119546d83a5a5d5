"""The illustrative program's money: commitments, payments, a reversal, and vouchers in every state."""

import calendar
from datetime import date

from django.core.files.base import ContentFile

from tracker.demo import (
    illustrative_authorities,
    illustrative_chain,
    illustrative_documents,
    illustrative_goods,
)
from tracker.demo.people import Cast
from tracker.ledger import actions, policies
from tracker.ledger.content import Draft
from tracker.ledger.models import (
    DocumentType,
    EvidenceFile,
    Requirement,
    Transaction,
    Voucher,
    VoucherKind,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.money import Money

Payments = dict[str, Transaction]


def day(year: int, month: int, number: int) -> date:
    return date(year, month, number)


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


DOCUMENTS = {
    Requirement.ANNOUNCEMENT: DocumentType.DECISION,
    Requirement.PROMISE: DocumentType.CONTRACT,
    Requirement.PAYMENT: DocumentType.INVOICE,
    Requirement.DELIVERY: DocumentType.DISPATCH_NOTE,
    Requirement.VALUE: DocumentType.VALUATION,
    Requirement.ARRIVAL: DocumentType.RECEIPT,
    Requirement.USE: DocumentType.USAGE_REPORT,
    Requirement.MONEY_BACK: DocumentType.BANK_CONFIRMATION,
    Requirement.LOSS: DocumentType.LOSS_REPORT,
    Requirement.ANY: DocumentType.CORRESPONDENCE,
}
SIMULATOR = "simulators, order 17"  # one invoice, handed in with both halves: the pages say so


class Desk:
    """Writes, submits and approves the vouchers of one program."""

    def __init__(self, cast: Cast, program: Program, number: int = 0):
        """`number`: of the last reference that is taken."""
        self.cast, self.program = cast, program
        self.count = number

    def draft(self, kind: str, amount: str | None, when: date, what: str, **says) -> Voucher:
        """Without an amount it is what nobody has put a value on."""
        self.count += 1
        currency = says.pop("currency", "USD")
        provider = says.pop("provider", self.cast.ministry)
        receiver = says.pop("receiver", self.cast.training_command)
        payee = says.pop("payee", "Training Command (illustrative)")
        paper = says.pop("paper", what)
        draft = Draft(
            amount=Money.of(amount, currency) if amount else None,
            value_date=when,
            provider=provider,
            receiver=receiver,
            payee=payee,
            description=what,
            reference=f"INV-{self.count:03}",
            **says,
        )
        voucher = actions.create_voucher(
            program=self.program, kind=kind, draft=draft, by=self.cast.officer
        )
        if paper:
            self.attach(voucher, paper, when)
        return voucher

    def file(self, what: str) -> EvidenceFile:
        text = f"Illustrative document: {what}.\nNo real payment stands behind it.\n"
        return actions.store_file(
            file=ContentFile(text.encode()),
            name="document.txt",
            content_type="text/plain",
            by=self.cast.officer,
        )

    def attach(self, voucher: Voucher, what: str, when: date) -> None:
        """A document of each type that the voucher's kind requires, dated on the day of which it tells."""
        for requirement in policies.required_of(voucher):
            kind = DOCUMENTS[requirement]
            actions.attach_file(
                voucher=voucher,
                file=self.file(f"{kind.label}, {what}"),
                name=f"{kind.label} {voucher.number}.txt",
                document_type=kind,
                document_date=min(when, self.cast.ministry.today()),
                by=self.cast.officer,
            )

    def submit(self, voucher: Voucher) -> VoucherVersion:
        return actions.submit_voucher(voucher=voucher, by=self.cast.officer)

    def post(self, voucher: Voucher) -> Transaction:
        version = self.submit(voucher)
        actions.approve_voucher(version=version, by=self.cast.approver)
        return Transaction.objects.get(version=version)

    def commit(self, amount: str | None, when: date, what: str, **says) -> Transaction:
        return self.post(self.draft(VoucherKind.COMMITMENT, amount, when, what, **says))

    def pay(
        self, of: Transaction, amount: str | None, when: date, what: str, **says
    ) -> Transaction:
        return self.post(self.payment(of, amount, when, what, **says))

    def payment(
        self, of: Transaction, amount: str | None, when: date, what: str, **says
    ) -> Voucher:
        return self.draft(VoucherKind.DISBURSEMENT, amount, when, what, draws_on=of, **says)


def move(cast: Cast, program: Program) -> Payments:
    """Commit, pay, reverse a double payment; then leave a voucher in every other state."""
    desk = Desk(cast, program)
    act = illustrative_authorities.record(cast)
    equipment = desk.commit(
        "4800000.00", day(2025, 1, 20), "Simulators and vehicles", authority=act
    )
    training = desk.commit("2400000.00", day(2025, 2, 3), "Instructors, three years", authority=act)
    payments = _pay_equipment(desk, equipment) | _pay_medicine(desk) | _pay_training(desk, training)
    reversal = actions.draft_reversal(
        transaction=payments["double"],
        reason="The same invoice was paid twice; the bank returned the second payment.",
        value_date=day(2026, 3, 4),
        by=cast.officer,
    )
    desk.attach(reversal, "letter of the bank", day(2026, 3, 2))
    desk.post(reversal)
    illustrative_goods.give(desk, act)
    _replenish(desk)
    illustrative_documents.record(cast, desk, training)
    illustrative_chain.follow(desk, act)
    _leave_open(desk, equipment, training)
    return payments


def _pay_equipment(desk: Desk, equipment: Transaction) -> Payments:
    simulator = desk.pay(
        equipment,
        "1204000.00",
        day(2025, 4, 14),
        "Simulator, first half",
        paper=SIMULATOR,
        payee="Simulation Works (illustrative)",
    )
    vehicles = desk.pay(
        equipment,
        "1900000.00",
        day(2025, 9, 2),
        "Evacuation vehicles",
        payee="Vehicle Works (illustrative)",
        receiver=desk.cast.general_staff,
    )
    return {"simulator": simulator, "vehicles": vehicles}


def _pay_medicine(desk: Desk) -> Payments:
    supplier = "Field Medical Stores (illustrative)"
    medicine = desk.commit(
        "650000.00", day(2025, 3, 10), "Medical stores", currency="EUR", payee=supplier
    )
    when, what = day(2025, 10, 8), "Medical stores, first delivery"
    stores = desk.pay(medicine, "214380.40", when, what, currency="EUR", payee=supplier)
    return {"stores": stores}


def _pay_training(desk: Desk, training: Transaction) -> Payments:
    travel = "Travel of the instructors"
    return {
        "instructors": desk.pay(
            training, "318450.00", day(2025, 6, 30), "Instructors, first half of 2025"
        ),
        "travel": desk.pay(training, "88120.00", day(2026, 2, 12), travel),
        "double": desk.pay(training, "88120.00", day(2026, 2, 19), travel),
    }


def _replenish(desk: Desk) -> None:
    """The donor buys back vehicles for its own depots: recorded, and in no total of aid."""
    stock = illustrative_authorities.record_replenishment(desk.cast)
    bought = desk.commit(
        "990000.00",
        day(2026, 2, 2),
        "Vehicles for our own depots",
        authority=stock,
        payee="Vehicle Works (illustrative)",
        receiver=desk.cast.ministry,
    )
    desk.pay(
        bought,
        "330000.00",
        day(2026, 5, 4),
        "Vehicles for our own depots, first part",
        payee="Vehicle Works (illustrative)",
        receiver=desk.cast.ministry,
    )


def _leave_open(desk: Desk, equipment: Transaction, training: Transaction) -> None:
    """A draft, one that waits for approval, one returned with a reason, one withdrawn."""
    pay = VoucherKind.DISBURSEMENT
    desk.draft(
        pay, "402000.00", day(2026, 10, 30), "Instructors, second half of 2026", draws_on=training
    )
    desk.submit(
        desk.draft(
            pay,
            "1204000.00",
            day(2026, 11, 10),
            "Simulator, second half",
            draws_on=equipment,
            paper=SIMULATOR,
        )
    )
    returned = desk.submit(
        desk.draft(
            pay, "61500.00", day(2026, 10, 6), "Spare parts for the simulators", draws_on=equipment
        )
    )
    actions.return_voucher(
        version=returned,
        reason="The delivery note is missing: attach it and submit again.",
        by=desk.cast.approver,
    )
    withdrawn = desk.draft(
        pay, "9000.00", day(2026, 9, 1), "Printing of manuals", draws_on=training
    )
    actions.withdraw_voucher(voucher=withdrawn, by=desk.cast.officer)
