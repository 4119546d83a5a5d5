"""What a page offers to do: only what the rules permit to this person."""

from dataclasses import dataclass, replace

from tracker.accounts.models import User
from tracker.audits import policies as audits
from tracker.dashboards import addresses
from tracker.dashboards.queries import TransactionPage
from tracker.ledger import policies as ledger
from tracker.ledger.models import Transaction, TransactionKind
from tracker.programs import policies as programs
from tracker.programs.models import Nature, Program
from tracker.publishing import policies as publishing
from tracker.results import policies as results
from tracker.shared.policies import permits, why_not


@dataclass(frozen=True)
class Offer:
    """A button: what it does and where it leads, or why it cannot be pressed."""

    text: str
    href: str
    kind: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class ProgramOffers:
    """What this person may do to the program."""

    buttons: tuple[Offer, ...]
    may_change: bool
    may_record_figure: bool
    may_add_indicator: bool


def program_offers(user: User, program: Program, *, may_pay: bool) -> ProgramOffers:
    """Documented programs have no ledger here, so they are offered no voucher. `may_pay`: a commitment has something
    left; without one, a commitment is offered first."""
    buttons = []
    may_change = permits(programs.check_can_change_program, user, program)
    if program.nature != Nature.DOCUMENTED and permits(ledger.check_can_draft, user, program):
        new = f"{addresses.VOUCHERS}new/?program={program.uid}&kind="
        commit, pay = (
            Offer("New commitment", f"{new}commitment"),
            Offer("New payment", f"{new}disbursement"),
        )
        first, second = (pay, commit) if may_pay else (commit, pay)
        buttons += [replace(first, kind="primary"), second]
    if permits(publishing.check_can_draft_report, user, program):
        buttons.append(Offer("Draft a report", f"{addresses.REPORTS}new/?program={program.uid}"))
    if may_change:
        buttons.append(Offer("Change the description", addresses.of_program_edit(program.uid)))
    if permits(publishing.check_can_withhold, user, program):
        where = addresses.of_publishing(program.uid)
        buttons.append(Offer("What is public and what is withheld", where))
    return ProgramOffers(
        buttons=tuple(buttons),
        may_change=may_change,
        may_record_figure=permits(programs.check_can_record_figure, user, program),
        may_add_indicator=permits(results.check_can_add_indicator, user, program),
    )


def transaction_offers(
    user: User, transaction: Transaction, page: TransactionPage
) -> tuple[Offer, ...]:
    """A finding for auditors; a new value and a reversal for officers, with the reason if it is not possible now."""
    offers = []
    if page.may_raise and permits(audits.check_can_plan, user):
        where = f"{addresses.FINDINGS}new/?transaction={transaction.uid}"
        offers.append(Offer("Raise a finding on this payment", where, "primary"))
        where = addresses.of_record(transaction.uid)
        offers.append(Offer("Full history, before and after", where))
    if page.valued is not None and permits(ledger.check_can_value, user, transaction):
        reason = why_not(ledger.check_can_propose_revaluation, user, transaction) or ""
        text = "Propose a value" if page.valued.worth.amount is None else "Propose a revaluation"
        offers.append(Offer(text, addresses.of_revaluing(transaction.uid), "", reason))
        where = addresses.of_other_values(transaction.uid)
        offers.append(Offer("State a value on another basis", where))
    offers += _words(user, transaction, page)
    if permits(ledger.check_can_draft, user, transaction.program):
        reason = why_not(ledger.check_can_reverse, user, transaction) or ""
        where = addresses.of_reversal(transaction.uid)
        offers.append(Offer("Reverse this transaction", where, "danger", reason))
    return tuple(offers)


def _words(user: User, transaction: Transaction, page: TransactionPage) -> list[Offer]:
    """The recipient's word: what arrived of a dispatch that waits for it, what was used of a receipt."""
    waits = page.ends is not None and page.ends.waits
    asked = {
        TransactionKind.DISBURSEMENT: ("State what arrived", addresses.of_dispatch, waits),
        TransactionKind.RECEIPT: ("State what was used", addresses.of_use, True),
    }
    text, where, now = asked.get(TransactionKind(transaction.kind), ("", addresses.of_use, False))
    if not now or not permits(ledger.check_can_state, user, transaction):
        return []
    return [Offer(text, where(transaction.uid), "primary")]
