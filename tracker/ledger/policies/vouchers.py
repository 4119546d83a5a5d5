"""Who may draft, submit, approve and return vouchers, and when a voucher is fit for it."""

from tracker.accounts.models import SIGNERS, Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger import content
from tracker.ledger.models import (
    EDITABLE,
    MUST_DRAW,
    REPORTED,
    VOUCHER_TRANSITIONS,
    Form,
    Transaction,
    ValuationBasis,
    Voucher,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.ledger.policies.authorities import check_can_commit_under, check_fits_its_authority
from tracker.ledger.policies.interests import check_has_no_interest
from tracker.ledger.policies.periods import check_booking_day
from tracker.ledger.policies.signing import Signature, check_can_sign, check_is_approver
from tracker.ledger.policies.table import are_complete
from tracker.ledger.policies.transactions import (
    EARLIEST,
    LATEST,
    check_can_be_drawn_on,
    check_enough_left,
    check_is_reversible,
    fiscal_year_of,
    parents_of,
)
from tracker.programs.models import Program
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition


def _check_role(user: User, voucher: Voucher, role: str, to: str) -> None:
    if voucher.program is not None:
        check_holds(user, role, program=voucher.program, to=to)
    else:
        check_holds(user, role, organisation=voucher.organisation, to=to)


def check_can_draft(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="draft vouchers")


def check_can_draft_batch(user: User, organisation: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=organisation, to="draft batches")


def check_can_store_file(user: User) -> None:
    # A representative hands in what shows what arrived.
    roles = (Role.OFFICER, *SIGNERS, Role.AUDITOR, Role.DISCLOSURE, Role.RECIPIENT)
    check_holds(user, *roles, to="hand in evidence")


def check_can_edit(user: User, voucher: Voucher) -> None:
    _check_role(user, voucher, Role.OFFICER, "edit vouchers")
    if voucher.status not in EDITABLE:
        raise Refused(
            f"Voucher {voucher.number} is {voucher.get_status_display()}: "
            "only a draft or a returned voucher can be edited."
        )


def check_can_submit(user: User, voucher: Voucher) -> None:
    _check_role(user, voucher, Role.OFFICER, "submit vouchers")
    if voucher.status == VoucherStatus.SUBMITTED:
        raise Refused(f"Voucher {voucher.number} is submitted already and waits for approval.")
    check_transition(VOUCHER_TRANSITIONS, voucher.status, VoucherStatus.SUBMITTED)
    check_has_no_interest(user, voucher, "submit")


def check_can_withdraw(user: User, voucher: Voucher) -> None:
    _check_role(user, voucher, Role.OFFICER, "withdraw vouchers")
    if voucher.status == VoucherStatus.SUBMITTED:
        raise Refused(
            f"Voucher {voucher.number} waits for approval: ask the approver to return it first."
        )
    check_transition(VOUCHER_TRANSITIONS, voucher.status, VoucherStatus.WITHDRAWN)


def check_can_decide(user: User, version: VoucherVersion) -> None:
    """What approving and returning have in common."""
    voucher = version.voucher
    check_is_approver(user, voucher)
    if voucher.status == VoucherStatus.POSTED:
        raise Refused(f"Voucher {voucher.number} is posted already: nothing is left to decide.")
    newest = voucher.versions.order_by("-number").values_list("number", flat=True).first()
    if newest != version.number:
        raise Refused(
            f"Version {version.number} of voucher {voucher.number} was replaced by version {newest}: "
            "read and decide on the newest one."
        )
    if voucher.status != VoucherStatus.SUBMITTED:
        raise Refused(
            f"Voucher {voucher.number} is {voucher.get_status_display()}: it has to be submitted first."
        )


def check_can_approve(user: User, version: VoucherVersion) -> Signature:
    """An approver who had no hand in any version, for the newest version, of unchanged content, with what it needs."""
    check_is_approver(user, version.voucher)
    if version.voucher.edits.filter(person=user).exists():
        raise NotAllowed(
            f"You had a hand in voucher {version.voucher.number}: another approver has to approve it."
        )
    check_has_no_interest(user, version, "approve")
    check_can_decide(user, version)
    check_is_as_submitted(version)
    return check_can_sign(user, version)


def check_is_as_submitted(version: VoucherVersion) -> None:
    if content.hash_as_stored(version) != version.content_hash:
        raise Refused(
            f"Voucher {version.voucher.number} no longer says what was submitted "
            "(its content does not match its hash): do not approve it, and tell an auditor."
        )


def check_is_signed(version: VoucherVersion) -> None:
    """Nothing is posted before every signature is there that the last one asked for."""
    given = list(version.approvals.order_by("pk"))
    if given and getattr(version, "emergency", None) is not None:
        return
    if not given:
        raise Refused("Nothing is posted that nobody approved.")
    if not are_complete(given):
        raise Refused(
            f"Voucher {version.voucher.number} waits for another signature: nothing is posted before it is there."
        )


def check_can_return(user: User, version: VoucherVersion) -> None:
    check_can_decide(user, version)


def check_can_reverse(user: User, transaction: Transaction) -> None:
    """May this person draft the reversal, and can the row be reversed at all?"""
    check_can_draft(user, transaction.program)
    check_is_reversible(transaction)
    open_one = (
        Voucher.objects.filter(reverses=transaction)
        .exclude(status__in=[VoucherStatus.WITHDRAWN, VoucherStatus.POSTED])
        .first()
    )
    if open_one is not None:
        raise Refused(
            f"Voucher {open_one.number} already asks to reverse this transaction: "
            "continue or withdraw that one."
        )


def check_fits(voucher: Voucher) -> None:
    """What is filled in has to fit together. Nothing has to be filled in yet."""
    _check_signs(voucher)
    for name in ("value_date", "valuation_date", "booked_on"):
        day = getattr(voucher, name)
        if day and not EARLIEST <= day <= LATEST:
            raise Refused({name: f"{day} cannot be right: check the year."})
    if voucher.authority and voucher.authority.organisation_id != voucher.organisation_id:
        raise Refused({"authority": "This authority belongs to another organisation: choose ours."})
    if voucher.draws_on is not None and voucher.kind != VoucherKind.REVERSAL:
        check_can_be_drawn_on(voucher, voucher.draws_on)
    if voucher.kind != VoucherKind.REVERSAL:
        check_value_fits_form(voucher)
    check_fits_its_authority(voucher)


def _check_signs(voucher: Voucher) -> None:
    if voucher.kind == VoucherKind.REVERSAL:
        return
    if voucher.amount is not None and voucher.amount.minor == 0:
        raise Refused({"amount": "The amount is zero: state what is committed or paid."})
    if voucher.amount is not None and voucher.amount.minor < 0:
        raise Refused({"amount": "The amount is below zero: to take something back, reverse it."})
    if voucher.quantity is not None and voucher.quantity <= 0:
        raise Refused({"quantity": "State a quantity above zero, or leave it empty."})


def check_value_fits_form(voucher: Voucher) -> None:
    """Money is its own value; goods and services say how they were valued, or that they are unvalued, which is not 0."""
    basis, unvalued = voucher.valuation_basis, voucher.valuation_basis == ValuationBasis.UNVALUED
    if voucher.form == Form.MONEY:
        if basis != ValuationBasis.MONEY:
            raise Refused(
                {
                    "valuation_basis": "Money is its own value: choose “money” here, or goods or services above."
                }
            )
        if voucher.quantity is not None or voucher.unit:
            raise Refused({"quantity": "Money has no quantity: leave it empty."})
    elif basis == ValuationBasis.MONEY:
        raise Refused(
            {"valuation_basis": "Goods and services are not money: say how they were valued."}
        )
    if unvalued and (voucher.amount is not None or voucher.currency):
        raise Refused(
            {
                "amount": "What is unvalued has no amount and no currency: clear them, or state the basis."
            }
        )


def check_complete(voucher: Voucher) -> None:
    """Ready to be submitted: everything that a transaction must state is there, and the money suffices."""
    missing = _missing_facts(voucher) | _missing_value(voucher)
    if missing:
        raise Refused(missing)
    check_fits(voucher)
    check_can_be_posted(voucher)


def _missing_facts(voucher: Voucher) -> dict[str, str]:
    missing: dict[str, str] = {}
    if voucher.value_date is None:
        missing["value_date"] = "State the value date, or the fiscal year if no more is known."
    if voucher.kind in MUST_DRAW and voucher.draws_on is None:
        what = f"A {voucher.get_kind_display()} draws on a {parents_of(voucher.kind)}: choose it."
        missing["draws_on"] = what
    if voucher.kind == VoucherKind.REFUND and voucher.draws_on is None:
        missing["draws_on"] = (
            "Choose the payment, receipt or commitment that the money came back from."
        )
    if voucher.kind == VoucherKind.DISBURSEMENT and not voucher.payee:
        missing["payee"] = "State who was paid, or who took the goods over."
    has_a_point = voucher.kind in (VoucherKind.DISBURSEMENT, VoucherKind.RECEIPT)
    if voucher.form != Form.MONEY and has_a_point and not voucher.delivery_point:
        what = "arrival" if voucher.kind == VoucherKind.RECEIPT else "dispatch"
        missing["delivery_point"] = (
            f"Say which point the {what} is recorded at: “delivered” means one of them."
        )
    return missing


def _missing_value(voucher: Voucher) -> dict[str, str]:
    if voucher.valuation_basis == ValuationBasis.UNVALUED and voucher.form != Form.MONEY:
        return {}
    missing: dict[str, str] = {}
    if voucher.amount is None:
        missing["amount"] = "State the amount."
    if not voucher.currency:
        missing["currency"] = "State the currency, such as USD."
    if voucher.form == Form.MONEY or voucher.kind == VoucherKind.REVERSAL:
        return missing
    if voucher.valuation_basis == ValuationBasis.NOT_STATED:
        missing["valuation_basis"] = (
            "Say how it was valued, or that it is unvalued: an amount means nothing without."
        )
    if voucher.valuation_date is None:
        missing["valuation_date"] = "State the day of the valuation."
    return missing


def check_can_be_posted(asked: "Voucher | VoucherVersion") -> None:
    """The part that can change between submission and approval: what is left, what is reversed, the calendar."""
    assert asked.booking_day is not None and asked.value_date is not None
    assert asked.program is not None
    fiscal_year = fiscal_year_of(asked.program, asked.booking_day)
    check_booking_day(asked)
    if asked.reverses is not None:
        check_is_reversible(asked.reverses)
        return
    if asked.draws_on is not None:
        check_can_be_drawn_on(asked, asked.draws_on)
        if asked.kind not in REPORTED:
            check_enough_left(asked.draws_on, asked.amount)
    check_fits_its_authority(asked)
    if asked.authority is not None and asked.kind == VoucherKind.COMMITMENT:
        check_can_commit_under(
            asked.authority,
            amount=asked.amount,
            day=asked.value_date,
            fiscal_year=fiscal_year,
        )
