"""Dispatches, the recipient's word about them, and the discrepancies that come of it."""

from datetime import date
from decimal import Decimal

from tests.factories import ledger
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Organisation, Role, User
from tracker.ledger import actions
from tracker.ledger.models import Discrepancy, Statement, Transaction, Verdict
from tracker.ledger.policies import Word
from tracker.programs.models import Program

ARRIVED = date(2024, 4, 2)


def recipient_of(program: Program) -> Organisation:
    return Organisation.objects.get(
        participations__program=program, participations__role="recipient"
    )


def representative_of(program: Program, number: int = 0) -> User:
    """Somebody who speaks for the program's recipient; `number` 0, 1 … are different people, the same every time."""
    home = recipient_of(program)
    held = {"memberships__role": Role.RECIPIENT, "memberships__organisation": home}
    found = list(User.objects.filter(**held, memberships__status="active").order_by("pk"))
    while len(found) <= number:
        found.append(make_person(Role.RECIPIENT, organisation=home))
    return found[number]


def another_officer(program: Program) -> User:
    """An officer who had no hand in the dispatch, nor in its receipt."""
    return make_person(Role.OFFICER, organisation=program.owner)


def make_dispatch(amount: str = "100.00", program: Program | None = None, **says) -> Transaction:
    """Money paid out of a commitment of its own."""
    program = program or make_program()
    commitment = ledger.make_commitment(program, amount, currency=says.pop("currency", "USD"))
    return ledger.make_disbursement(commitment, amount, reference="D-1", **says)


def make_goods(quantity: int | None = 40, amount: str | None = "100.00", **says) -> Transaction:
    """Goods dispatched in kind: counted, valued, or neither."""
    program = says.pop("program", None) or make_program()
    unvalued = {"valuation_basis": "unvalued", "valuation_date": None, "amount": None}
    kind = {
        "form": "goods",
        "valuation_basis": "donor_stated",
        "valuation_date": ledger.A_DAY,
        "delivery_point": "node_arrival",
        "quantity": None if quantity is None else Decimal(quantity),
        "unit": "" if quantity is None else "beds",
        "amount": None if amount is None else ledger.money(amount),
        **(unvalued if amount is None else {}),
    }
    commitment = ledger.approve(
        ledger.submit(ledger.make_voucher(program, "commitment", **kind | {"delivery_point": ""}))
    )
    said = {"draws_on": commitment, "reference": "G-1", **kind, **says}
    return ledger.approve(ledger.submit(ledger.make_voucher(program, "disbursement", **said)))


def state(about: Transaction, verdict: str = Verdict.CONFIRMED, amount=None, **says) -> Statement:
    """The representative's word about a dispatch or a receipt."""
    by = says.pop("by", None) or representative_of(about.program)
    file = says.pop("file", None)
    said = {"arrived_on": ARRIVED}
    if about.form != "money" and about.kind == "disbursement":
        said["delivery_point"] = "title_transfer"
    if verdict == Verdict.DISPUTED:
        said = {"remark": "Nothing arrived."}
    for name, value in (("amount", amount), ("damaged_amount", says.pop("damaged_amount", None))):
        if value is not None:
            said[name] = ledger.money(value, about.currency)
    for name in ("quantity", "damaged_quantity"):
        if says.get(name) is not None:
            says[name] = Decimal(says[name])
    word = Word(verdict, **said | says)
    return actions.give_word(about=about, word=word, file=file, by=by)


def make_short(amount: str = "90.00", dispatch: Transaction | None = None) -> Discrepancy:
    """90.00 of 100.00 arrived: the discrepancy."""
    dispatch = dispatch or make_dispatch()
    return state(dispatch, "short", amount).opened.get()


def make_paper_receipt(dispatch: Transaction, amount: str, **says) -> Transaction:
    """What our own officers record from the recipient's paper."""
    voucher = ledger.make_voucher(
        dispatch.program,
        "receipt",
        amount=ledger.money(amount, dispatch.currency),
        draws_on=dispatch,
        value_date=ARRIVED,
        **says,
    )
    return ledger.approve(ledger.submit(voucher))


def make_write_off(parent: Transaction, amount: str, **says) -> Transaction:
    voucher = ledger.make_voucher(
        parent.program,
        "write_off",
        amount=ledger.money(amount, parent.currency),
        draws_on=parent,
        value_date=ARRIVED,
        **says,
    )
    return ledger.approve(ledger.submit(voucher))


def explain(discrepancy: Discrepancy, by: User, settled_by=None, **says) -> Discrepancy:
    step = actions.NewStep(says.pop("reason", "Came later."), settled_by, **says)
    return actions.explain_discrepancy(discrepancy=discrepancy, step=step, by=by)


def accept(discrepancy: Discrepancy, by: User) -> Discrepancy:
    return actions.accept_explanation(discrepancy=discrepancy, step=actions.NewStep(), by=by)


def make_explained(discrepancy: Discrepancy, settled_by=None) -> Discrepancy:
    """Explained by the representative, accepted by an officer."""
    program = discrepancy.about.program
    explained = explain(discrepancy, representative_of(program), settled_by)
    return accept(explained, ledger.officer_of(program))
