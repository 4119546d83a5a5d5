"""What something is worth now, who may value it anew, and what can be valued at all."""

from dataclasses import dataclass
from datetime import date

from tracker.accounts.models import SIGNERS, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import (
    CHANGE_TRANSITIONS,
    REVALUED,
    STATED_BASES,
    Balance,
    ChangeStatus,
    Form,
    Revaluation,
    RevaluationLine,
    Transaction,
    ValuationBasis,
    Voucher,
    VoucherEdit,
    VoucherVersion,
)
from tracker.ledger.policies.interests import check_has_no_interest
from tracker.ledger.policies.transactions import EARLIEST
from tracker.ledger.valuation import Valuation
from tracker.shared.dates import say_date
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money
from tracker.shared.states import check_transition

NO_BASIS = "Say on which basis it is valued: a value means nothing without."

# --- What something is worth now -------------------------------------------


@dataclass(frozen=True)
class Worth:
    """What counts of an original now, on which basis and as of when. `amount` is None where nobody valued it."""

    amount: Money | None
    basis: str
    valuation_date: date | None

    @property
    def basis_label(self) -> str:
        return ValuationBasis(self.basis).label


def worth_of(row: Transaction) -> Worth:
    """By its balance and its newest line: what follows a revalued package is then on the package's basis too."""
    balance = Balance.objects.filter(transaction=row).first()
    lines = RevaluationLine.objects.filter(transaction=row).select_related("decision__revaluation")
    newest = lines.order_by("-pk").first()
    amount = None if balance is None else balance.value
    if newest is None:
        return Worth(amount, row.valuation_basis, row.valuation_date)
    said = newest.decision.revaluation
    return Worth(amount, said.new_basis, said.valuation_date)


def say_worth(worth: Worth) -> str:
    """What it is worth, in a sentence."""
    if worth.amount is None:
        return "unvalued"
    day = "" if worth.valuation_date is None else f", {say_date(worth.valuation_date, 'day')}"
    return f"{worth.amount} ({worth.basis_label}{day})"


def taken_back(row: Transaction, worth: Worth) -> Money | None:
    """What a reversal takes back: all that counts now, and the excess that never did. None where it is unvalued."""
    if worth.amount is None:
        return None
    return -worth.amount if row.excess is None else -(worth.amount + row.excess)


def check_takes_back_what_it_is_worth(asked: "Voucher | VoucherVersion") -> None:
    """A reversal that was written before a revaluation would take back what no longer counts."""
    assert asked.reverses is not None
    worth = worth_of(asked.reverses)
    right = taken_back(asked.reverses, worth)
    if asked.amount == right and asked.valuation_basis == worth.basis:
        return
    was, now = ("nothing" if one is None else str(-one) for one in (asked.amount, right))
    raise Refused(
        {
            "amount": f"What it takes back was revalued after this was written: it says {was}, and {now} "
            f"({worth.basis_label}) is what counts now. Return the voucher; once it is saved again it takes back "
            "what counts."
        }
    )


# --- Who, and what ---------------------------------------------------------


def check_can_value(user: User, transaction: Transaction) -> None:
    """May this person propose a value or state one by another basis?"""
    to = "propose revaluations and state other values"
    check_holds(user, Role.OFFICER, program=transaction.program, to=to)


def check_can_propose_revaluation(user: User, transaction: Transaction) -> None:
    """May this person propose a new value, and can the row have one?"""
    check_can_value(user, transaction)
    check_has_no_interest(user, transaction, "revalue")
    check_is_revaluable(transaction)
    open_one = Revaluation.objects.waiting().filter(transaction=transaction).first()
    if open_one is not None:
        raise Refused(
            f"A revaluation to {open_one.new_amount} waits for a decision already: have it decided first."
        )


def check_is_in_kind(transaction: Transaction) -> None:
    if transaction.form == Form.MONEY:
        raise Refused("Money is its own value: only goods and services are valued.")
    if transaction.is_reversal:
        raise Refused("A reversal has no value of its own: it takes back that of its row.")


def check_is_revaluable(transaction: Transaction) -> None:
    check_is_in_kind(transaction)
    if Transaction.objects.filter(reverses=transaction).exists():
        raise Refused("This transaction was reversed: nothing of it counts any more.")
    valued = Balance.objects.filter(transaction=transaction).exists()
    if valued and transaction.kind not in REVALUED:
        raise Refused(
            f"A {transaction.get_kind_display()} follows what it draws on: revalue the dispatch or the commitment."
        )


def check_can_decide_revaluation(user: User, revaluation: Revaluation) -> None:
    """An approver of the program who neither proposed it nor had a hand in the voucher; once (OVERSIGHT 6.2)."""
    posted = revaluation.transaction
    to = "confirm or decline revaluations"
    check_holds(user, *SIGNERS, program=posted.program, to=to)
    if revaluation.status != ChangeStatus.PROPOSED:
        raise Refused(
            f"This revaluation is {revaluation.status} already: nothing is left to decide."
        )
    check_transition(CHANGE_TRANSITIONS, revaluation.status, ChangeStatus.CONFIRMED)
    if revaluation.proposed_by_id == user.pk:
        raise NotAllowed("You proposed this revaluation: another person confirms or declines it.")
    check_has_no_interest(user, posted, "decide on the value of")
    if _wrote(user, posted):
        what = "the statement" if posted.version is None else f"voucher {posted.version.voucher}"
        raise NotAllowed(
            f"You had a hand in {what}, which it revalues: another approver decides on it."
        )


def _wrote(user: User, posted: Transaction) -> bool:
    """Did the person edit the voucher that it came from, or state what arrived?"""
    if posted.statement is not None:
        return posted.statement.stated_by_id == user.pk
    return VoucherEdit.objects.filter(voucher__versions=posted.version_id, person=user).exists()


def check_is_as_it_was(revaluation: Revaluation) -> Worth:
    """Nobody revalued or reversed it between the proposal and the decision."""
    check_is_revaluable(revaluation.transaction)
    worth = worth_of(revaluation.transaction)
    if worth.amount != revaluation.old_amount or worth.basis != revaluation.old_basis:
        raise Refused(
            f"It was {_said(revaluation.old_amount)} when this was proposed, and is {_said(worth.amount)} now: "
            "decline this, and have it proposed anew."
        )
    return worth


def _said(amount: Money | None) -> str:
    return "unvalued" if amount is None else f"worth {amount}"


# --- The new value ---------------------------------------------------------


def check_valuation(transaction: Transaction, asked: Valuation) -> Money:
    """Basis, day and amount fit together and to what was there; returns the amount."""
    _check_basis_and_day(transaction, asked)
    amount = asked.amount if asked.straight_line is None else _depreciated(asked)
    if amount is None:
        raise Refused({"new_amount": "State what it is worth."})
    if amount.minor < 0:
        raise Refused({"new_amount": "Nothing is worth less than zero."})
    worth = worth_of(transaction)
    if worth.amount is not None and worth.amount.currency != amount.currency:
        raise Refused(
            {
                "currency": f"It is valued in {worth.amount.currency}: state the new value in that. "
                "No amount is converted here."
            }
        )
    same = worth.amount == amount and worth.basis == asked.basis
    if same and worth.valuation_date == asked.valuation_date:
        raise Refused(f"It is worth {amount} on this basis and as of this day already.")
    return amount


def check_alternative(transaction: Transaction, asked: Valuation) -> Money:
    """A value beside the one that counts: on another basis, in whatever currency; returns the amount."""
    if asked.basis not in STATED_BASES:
        raise Refused({"basis": NO_BASIS})
    _check_basis_and_day(transaction, asked)
    if asked.amount is None or asked.amount.minor < 0:
        raise Refused({"amount": "State what it is worth on this basis, not below zero."})
    worth = worth_of(transaction)
    if worth.basis == asked.basis:
        raise Refused(
            {
                "basis": f"What counts is its {worth.basis_label} already: choose another basis, or propose a "
                "revaluation."
            }
        )
    return asked.amount


def _check_basis_and_day(transaction: Transaction, asked: Valuation) -> None:
    if asked.basis not in STATED_BASES:
        raise Refused({"new_basis": NO_BASIS})
    if not EARLIEST <= asked.valuation_date <= transaction.program.owner.today():
        raise Refused({"valuation_date": "State the day of the valuation, today or before."})


def _depreciated(asked: Valuation) -> Money:
    assert asked.straight_line is not None
    if asked.basis != ValuationBasis.NET_BOOK_VALUE:
        raise Refused({"new_basis": "Straight-line depreciation gives a net book value."})
    value = asked.straight_line.value().amount
    if asked.amount is not None and asked.amount != value:
        raise Refused(
            {
                "new_amount": f"The parameters give {value}, not {asked.amount}: correct either, or leave the "
                "amount empty."
            }
        )
    return value
