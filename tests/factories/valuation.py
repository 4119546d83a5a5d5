"""Goods, what they are said to be worth, and revaluations at every stage."""

from tests.factories import ledger as make
from tests.factories.accounts import make_person
from tests.factories.programs import make_program
from tracker.accounts.models import Role, User
from tracker.ledger import actions
from tracker.ledger.models import (
    AlternativeValue,
    Revaluation,
    RevaluationDecision,
    Transaction,
)
from tracker.ledger.valuation import StraightLine, Valuation
from tracker.programs.models import Program
from tracker.shared.money import Money

A_DAY = make.A_DAY
GOODS = make.IN_KIND | {"valuation_basis": "replacement_cost"}
UNVALUED = {"amount": None, "valuation_basis": "unvalued", "currency": ""}


def make_goods(
    program: Program | None = None, kind: str = "commitment", amount="1000.00", **says
) -> Transaction:
    """Goods at replacement cost, posted; without an amount nobody has valued them."""
    program = program or make_program()
    if amount is None:
        says = {"delivery_point": "title_transfer", "form": "goods"} | says
        return make.post(program, kind, None, **says)
    return make.post(program, kind, amount, **GOODS | says)


def draw(parent: Transaction, kind: str, amount="100.00", **says) -> Transaction:
    """Goods that draw on other goods: a dispatch, a receipt, what came back."""
    if amount is not None:
        amount = make.money(amount, currency_of(parent))
    return make_goods(parent.program, kind, amount, **{"draws_on": parent} | says)


def currency_of(parent: Transaction) -> str:
    return parent.balance.currency if hasattr(parent, "balance") else parent.currency or "USD"


def valuation(amount=None, basis: str = "net_book_value", currency: str = "USD", **says):
    """A value as of a day; with `straight_line` the amount follows from it."""
    if "straight_line" in says:
        cost, salvage, life, age = says.pop("straight_line")
        says["straight_line"] = StraightLine(
            make.money(cost, currency), make.money(salvage, currency), life, age
        )
    worth = None if amount is None else make.money(amount, currency)
    return Valuation(basis=basis, valuation_date=says.pop("day", A_DAY), amount=worth, **says)


def propose(transaction: Transaction, amount=None, *, by: User | None = None, **says):
    """A revaluation that waits for the second person."""
    by = by or make.officer_of(transaction.program)
    asked = valuation(amount, **{"currency": _currency(transaction, amount)} | _own(says))
    return actions.propose_revaluation(
        transaction=transaction,
        asked=asked,
        reason=says.pop("reason", "Replacement cost was recorded where net book value is right."),
        document=says.pop("document", None) or make.make_file(b"A valuation", "valuation.txt", by),
        document_name=says.pop("document_name", "valuation.txt"),
        by=by,
    )


def _own(says: dict) -> dict:
    ours = ("basis", "currency", "day", "straight_line")
    return {name: says.pop(name) for name in ours if name in says}


def _currency(transaction: Transaction, amount) -> str:
    if isinstance(amount, Money):
        return amount.currency
    fresh = Transaction.objects.select_related("balance").get(pk=transaction.pk)
    return fresh.balance.currency if hasattr(fresh, "balance") else "USD"


def decider_of(program: Program) -> User:
    """An approver who had no hand in anything; the same person every time."""
    held = {"memberships__role": Role.APPROVER, "memberships__organisation": program.owner}
    found = User.objects.filter(**held, memberships__status="active").order_by("pk").first()
    return found or make_person(Role.APPROVER, organisation=program.owner)


def confirm(revaluation: Revaluation, by: User | None = None) -> RevaluationDecision:
    by = by or decider_of(revaluation.transaction.program)
    return actions.decide_revaluation(revaluation=revaluation, confirm=True, by=by)


def decline(revaluation: Revaluation, reason: str = "The document is of another lot."):
    by = decider_of(revaluation.transaction.program)
    return actions.decide_revaluation(revaluation=revaluation, confirm=False, reason=reason, by=by)


def revalue(transaction: Transaction, amount=None, **says) -> RevaluationDecision:
    """Proposed by one person and confirmed by another."""
    return confirm(propose(transaction, amount, **says))


def state_alternative(transaction: Transaction, amount, **says) -> AlternativeValue:
    by = says.pop("by", None) or make.officer_of(transaction.program)
    citation = says.pop("citation", "Audit office, report on donated stock, page 12")
    asked = valuation(
        amount,
        **{"basis": "market_value", "currency": _currency(transaction, amount)} | _own(says),
    )
    return actions.state_alternative(transaction=transaction, asked=asked, citation=citation, by=by)
