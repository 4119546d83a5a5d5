"""Who speaks for the recipient, and when its word fits the dispatch that it is about."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Sum

from tracker.accounts.models import Membership, Role, User
from tracker.accounts.policies import holds
from tracker.ledger.models import (
    OF_A_DISPATCH,
    Approval,
    Balance,
    DeliveryPoint,
    Form,
    Transaction,
    TransactionKind,
    Verdict,
    VoucherEdit,
)
from tracker.ledger.policies.transactions import EARLIEST, fiscal_year_of
from tracker.programs.models import SEES_AS_STAFF, ParticipantRole, Participation
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money

NOT_ZERO = "State more than zero. If nothing arrived, dispute the dispatch."


@dataclass(frozen=True)
class Figures:
    """How much of something, by value and by count; None is not stated."""

    amount: Money | None = None
    quantity: Decimal | None = None

    @property
    def is_empty(self) -> bool:
        return self.amount is None and self.quantity is None


def figures_left(parent: Transaction) -> Figures:
    """What of a dispatch or a receipt nothing accounts for yet. A quantity can fall below zero, an amount cannot."""
    balance = Balance.objects.filter(transaction=parent).first()
    quantity = None
    if parent.quantity is not None:
        drawn = Transaction.objects.filter(draws_on=parent).aggregate(sum=Sum("quantity"))["sum"]
        quantity = parent.quantity - (drawn or 0)
    return Figures(None if balance is None else balance.left, quantity)


# --- Who -------------------------------------------------------------------


def represented(user: User) -> Q:
    """The transactions for whose recipient a person speaks: of programs that they represent, or of what their
    organisation receives. Where a dispatch names one of several recipients, only that one's people speak of it."""
    held = Membership.objects.in_force().filter(person=user, role=Role.RECIPIENT)
    organisations = held.filter(organisation__isnull=False).values("organisation")
    parts = Participation.objects.filter(role=ParticipantRole.RECIPIENT)
    mine = parts.filter(organisation__in=organisations).values("program")
    named = parts.filter(program=OuterRef("program"), organisation=OuterRef("receiver"))
    over_program = Q(program__in=held.filter(program__isnull=False).values("program"))
    to_us = Q(receiver__in=organisations) | Q(~Exists(named))
    return over_program | (Q(program__in=mine) & to_us)


def speaks_for_recipient(user: User, about: Transaction) -> bool:
    """Does this person speak for the recipient of this dispatch? Somebody of the donor's staff never does."""
    if not user.is_authenticated or not user.is_active:
        return False
    if holds(user, *SEES_AS_STAFF, program=about.program):
        return False
    return Transaction.objects.filter(represented(user), pk=about.pk).exists()


def check_can_state(user: User, about: Transaction) -> None:
    """A representative of its recipient who had no hand in it, about what is in force."""
    what = "was used" if about.kind == TransactionKind.RECEIPT else "arrived"
    if holds(user, *SEES_AS_STAFF, program=about.program):
        raise NotAllowed(
            f"You work for the donor's side of this program: the recipient's side states what {what}."
        )
    if not speaks_for_recipient(user, about):
        raise NotAllowed(f"Only a representative of its recipient may state what {what}.")
    if had_a_hand(user, about):
        raise NotAllowed(
            "You had a hand in this payment: another person states what arrived of it."
        )
    check_can_be_stated(about)


def had_a_hand(user: User, row: Transaction) -> bool:
    """Did the person draft, edit or approve the voucher that a transaction came from?"""
    if row.version_id is None:
        return False
    edited = VoucherEdit.objects.filter(voucher__versions=row.version_id, person=user)
    return (
        edited.exists() or Approval.objects.filter(version=row.version_id, approver=user).exists()
    )


def check_can_be_stated(about: Transaction) -> None:
    if about.kind not in (TransactionKind.DISBURSEMENT, TransactionKind.RECEIPT):
        raise Refused(
            "The recipient states what arrived of a dispatch, and what was used of a receipt."
        )
    if about.is_reversal or Transaction.objects.filter(reverses=about).exists():
        raise Refused(
            f"This {about.get_kind_display()} was taken back: there is nothing to state of it."
        )


# --- What ------------------------------------------------------------------


@dataclass(frozen=True)
class Word:
    """What a representative says. What arrived includes what is damaged of it."""

    verdict: str
    amount: Money | None = None
    quantity: Decimal | None = None
    damaged_amount: Money | None = None
    damaged_quantity: Decimal | None = None
    arrived_on: date | None = None
    delivery_point: str = DeliveryPoint.NOT_STATED
    remark: str = ""


def check_word(about: Transaction, word: Word) -> None:
    """What has to be said at all, before figures are compared."""
    received = about.kind == TransactionKind.RECEIPT
    known = [Verdict.USED] if received else OF_A_DISPATCH
    if word.verdict not in known:
        raise Refused({"verdict": f"Choose one of {', '.join(v.label for v in known)}."})
    if word.verdict == Verdict.DISPUTED:
        _check_dispute(word)
        return
    _check_day(about, word)
    if about.form != Form.MONEY and not received and not word.delivery_point:
        raise Refused(
            {
                "delivery_point": "Say which point “received” means here: different services mean different ones."
            }
        )
    if word.verdict != Verdict.DAMAGED and (word.damaged_amount, word.damaged_quantity) != (
        None,
        None,
    ):
        raise Refused({"damaged_amount": "Only of a damaged arrival is it said how much is."})


def _check_dispute(word: Word) -> None:
    if not word.remark.strip():
        raise Refused({"remark": "Say what you dispute: that nothing arrived, or what is wrong."})
    if (word.amount, word.quantity, word.arrived_on) != (None, None, None):
        raise Refused(
            {
                "amount": "A disputed dispatch states no arrival: leave amount, quantity and day empty."
            }
        )


def _check_day(about: Transaction, word: Word) -> None:
    if word.arrived_on is None:
        raise Refused({"arrived_on": "State the day."})
    today = about.program.owner.today()
    if not EARLIEST <= word.arrived_on <= today:
        raise Refused(
            {"arrived_on": f"{word.arrived_on} cannot be right: it is after today or too early."}
        )
    try:
        fiscal_year_of(about.program, word.arrived_on)
    except Refused as refusal:
        raise Refused({"arrived_on": refusal.sentence}) from refusal


def check_measures(about: Transaction, word: Word) -> None:
    """In the currency and the unit of what it is about; unvalued where that is."""
    for name in ("amount", "damaged_amount"):
        _check_amount(about, name, getattr(word, name))
    for name in ("quantity", "damaged_quantity"):
        _check_quantity(about, name, getattr(word, name))
    if about.amount is not None and word.amount is None and word.verdict != Verdict.DISPUTED:
        raise Refused({"amount": "State what arrived, as its value."})


def _check_amount(about: Transaction, name: str, amount: Money | None) -> None:
    if amount is None:
        return
    if about.amount is None:
        raise Refused({name: "The dispatch is unvalued, so is what arrived: leave it empty."})
    if amount.currency != about.currency:
        raise Refused({name: f"The dispatch is in {about.currency}: state it in that."})
    if amount.minor <= 0:
        raise Refused({name: NOT_ZERO})


def _check_quantity(about: Transaction, name: str, quantity: Decimal | None) -> None:
    if quantity is None:
        return
    if about.quantity is None:
        raise Refused({name: "The dispatch states no quantity: leave it empty."})
    if quantity <= 0:
        raise Refused({name: NOT_ZERO})


def check_fits_what_is_left(word: Word, left: Figures) -> None:
    """Confirmed is what is left, short is less, surplus is more; without any figure, words say what."""
    if word.verdict == Verdict.DAMAGED:
        _check_damage(word)
    if word.amount is None and word.quantity is None:
        if word.verdict not in (Verdict.CONFIRMED, Verdict.DISPUTED) and not word.remark.strip():
            raise Refused(
                {
                    "remark": "The dispatch states neither value nor quantity: say in words what arrived."
                }
            )
        return
    signs = _compared(word, left)
    if word.verdict == Verdict.SHORT and -1 not in signs:
        raise Refused(
            {"amount": f"{_said(left)} is left to arrive, and that is not less: state less."}
        )
    if word.verdict == Verdict.SURPLUS and 1 not in signs:
        raise Refused(
            {"amount": f"{_said(left)} is left to arrive, and that is not more: state more."}
        )


def _check_damage(word: Word) -> None:
    pairs = (
        ("damaged_amount", word.damaged_amount, word.amount),
        ("damaged_quantity", word.damaged_quantity, word.quantity),
    )
    measured = [name for name, _, arrived in pairs if arrived is not None]
    if measured and all(damaged is None for _, damaged, _ in pairs):
        raise Refused({measured[-1]: "State how much of what arrived is damaged."})
    for name, damaged, arrived in pairs:
        if damaged is not None and (arrived is None or damaged > arrived):  # type: ignore[operator]
            raise Refused({name: "More cannot be damaged than arrived."})


def _compared(word: Word, left: Figures) -> set[int]:
    """−1, 0, 1: less than, as much as, more than what is left, by each measure that is stated."""
    signs = set()
    for said, remains in ((word.amount, left.amount), (word.quantity, left.quantity)):
        if said is not None and remains is not None:
            signs.add((said > remains) - (said < remains))  # type: ignore[operator]
    return signs


def _said(left: Figures) -> str:
    return str(left.amount) if left.amount is not None else f"{left.quantity:f}"


def check_something_is_left(left: Figures) -> None:
    """A confirmation takes what is left: there has to be something."""
    nothing = left.amount is not None and not left.amount
    if nothing or (left.quantity is not None and left.quantity <= 0):
        raise Refused(
            {
                "verdict": "Nothing of it is left to arrive. If more came, say surplus; if what was confirmed "
                "turns out wrong, ask an officer to reverse the receipt, then state it again."
            }
        )
