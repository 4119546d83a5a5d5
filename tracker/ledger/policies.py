"""Who may do what with vouchers, and what can be done with them at all."""

from datetime import date

from tracker.accounts.models import Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger import content
from tracker.ledger.models import (
    CHANGE_TRANSITIONS,
    EDITABLE,
    LADDERS,
    VOUCHER_TRANSITIONS,
    Authority,
    AuthorityChange,
    AuthorityKind,
    AuthorityYear,
    Balance,
    ChangeKind,
    ChangeStatus,
    Purpose,
    Transaction,
    TransactionKind,
    Voucher,
    VoucherKind,
    VoucherStatus,
    VoucherVersion,
)
from tracker.programs.models import Program
from tracker.shared.dates import say_date
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money
from tracker.shared.states import check_transition

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
SHOWN = 5  # rows that a sentence lists before it says how many more there are


# --- Persons ---------------------------------------------------------------


def _check_role(user: User, voucher: Voucher, role: str, to: str) -> None:
    if voucher.program is not None:
        check_holds(user, role, program=voucher.program, to=to)
    else:
        check_holds(user, role, organisation=voucher.organisation, to=to)


def check_can_draft(user: User, program: Program) -> None:
    check_holds(user, Role.OFFICER, program=program, to="draft vouchers")


def check_can_draft_batch(user: User, organisation: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=organisation, to="draft batches")


def check_can_record_authority(user: User, organisation: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=organisation, to="record legal authorities")


def check_can_store_file(user: User) -> None:
    roles = (Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.DISCLOSURE)
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
    _check_role(user, voucher, Role.APPROVER, "approve or return vouchers")
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


def check_is_approver(user: User, voucher: Voucher) -> None:
    _check_role(user, voucher, Role.APPROVER, "approve or return vouchers")


def check_can_approve(user: User, version: VoucherVersion) -> None:
    """An approver who had no hand in any version, for the newest version, of unchanged content."""
    check_is_approver(user, version.voucher)
    if version.voucher.edits.filter(person=user).exists():
        raise NotAllowed(
            f"You had a hand in voucher {version.voucher.number}: another approver has to approve it."
        )
    check_can_decide(user, version)
    if content.hash_as_stored(version) != version.content_hash:
        raise Refused(
            f"Voucher {version.voucher.number} no longer says what was submitted "
            "(its content does not match its hash): do not approve it, and tell an auditor."
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


# --- Things ----------------------------------------------------------------


def check_is_reversible(transaction: Transaction) -> None:
    if transaction.is_reversal:
        raise Refused(
            "A reversal cannot be reversed: draft a new voucher with the amount that is right."
        )
    if Transaction.objects.filter(reverses=transaction).exists():
        raise Refused("This transaction is reversed already; that happens at most once.")
    if transaction.kind == TransactionKind.COMMITMENT:
        _check_not_drawn_on(transaction)
    elif transaction.kind == TransactionKind.DISBURSEMENT:
        _check_not_refunded(transaction)
    else:
        _check_refund_can_go(transaction)


def _check_not_drawn_on(commitment: Transaction) -> None:
    drawn = Transaction.objects.filter(draws_on=commitment).in_force().order_by("value_date", "pk")
    rows = list(drawn[: SHOWN + 1])
    if not rows:
        return
    more = drawn.count() - SHOWN
    listed = "; ".join(say_transaction(row) for row in rows[:SHOWN])
    raise Refused(
        f"This commitment is drawn on. Reverse first: {listed}{f'; and {more} more' if more > 0 else ''}."
    )


def _check_not_refunded(disbursement: Transaction) -> None:
    balance = Balance.objects.get(transaction=disbursement.draws_on_id)
    if balance.drawn < disbursement.amount:
        raise Refused(
            f"Only {balance.drawn} is still drawn from the commitment, because refunds came back to it: "
            "reverse those refunds first."
        )


def _check_refund_can_go(refund: Transaction) -> None:
    if refund.draws_on is not None:
        check_enough_left(refund.draws_on, refund.amount)


def say_transaction(row: Transaction) -> str:
    day = say_date(row.value_date, row.date_precision, row.fiscal_year)
    name = row.text.reference or row.version.voucher.number
    return f"{row.kind} {name} of {row.amount}, {day}"


def left_on(commitment: Transaction) -> Money:
    """What can still be drawn from a commitment."""
    balance = Balance.objects.get(transaction=commitment)
    return balance.committed - balance.drawn


def check_enough_left(commitment: Transaction, amount: Money) -> None:
    left = left_on(commitment)
    if amount > left:
        raise Refused(
            {
                "amount": f"Only {left} of the commitment is left, and {amount} was asked for: "
                "lower the amount or choose another commitment."
            }
        )


def check_fits(voucher: Voucher) -> None:
    """What is filled in has to fit together. Nothing has to be filled in yet."""
    if voucher.amount is not None and voucher.amount.minor == 0:
        raise Refused({"amount": "The amount is zero: state what is committed or paid."})
    if voucher.amount is not None and voucher.amount.minor < 0 and voucher.kind != "reversal":
        raise Refused({"amount": "The amount is below zero: to take something back, reverse it."})
    if voucher.value_date and not EARLIEST <= voucher.value_date <= LATEST:
        raise Refused({"value_date": f"{voucher.value_date} cannot be right: check the year."})
    if voucher.authority and voucher.authority.organisation_id != voucher.organisation_id:
        raise Refused({"authority": "This authority belongs to another organisation: choose ours."})
    if voucher.draws_on is not None and voucher.kind != VoucherKind.REVERSAL:
        check_can_be_drawn_on(voucher, voucher.draws_on)
    check_fits_its_authority(voucher)


def check_can_be_drawn_on(voucher: Voucher, commitment: Transaction) -> None:
    if voucher.kind != VoucherKind.DISBURSEMENT:
        raise Refused({"draws_on": "Only a disbursement draws on a commitment: leave it empty."})
    if commitment.kind != TransactionKind.COMMITMENT or commitment.is_reversal:
        raise Refused({"draws_on": "This is no commitment: choose the commitment that pays it."})
    if commitment.program_id != voucher.program_id:
        raise Refused(
            {"draws_on": "This commitment belongs to another program: choose one of this program."}
        )
    if voucher.currency and commitment.currency != voucher.currency:
        raise Refused(
            {
                "currency": f"The commitment is in {commitment.currency}, the voucher in {voucher.currency}: "
                f"pay in {commitment.currency} or choose a commitment in {voucher.currency}."
            }
        )
    if Transaction.objects.filter(reverses=commitment).exists():
        raise Refused({"draws_on": "This commitment was reversed: choose one that is in force."})


def check_complete(voucher: Voucher) -> None:
    """Ready to be submitted: everything that a transaction must state is there, and the money suffices."""
    missing: dict[str, str] = {}
    if voucher.amount is None:
        missing["amount"] = "State the amount."
    if not voucher.currency:
        missing["currency"] = "State the currency, such as USD."
    if voucher.value_date is None:
        missing["value_date"] = "State the value date, or the fiscal year if no more is known."
    if voucher.kind == VoucherKind.DISBURSEMENT:
        if voucher.draws_on is None:
            missing["draws_on"] = "A disbursement draws on a commitment: choose it."
        if not voucher.payee:
            missing["payee"] = "State who was paid."
    if missing:
        raise Refused(missing)
    check_fits(voucher)
    check_can_be_posted(voucher)


def check_can_be_posted(asked: "Voucher | VoucherVersion") -> None:
    """The part that can change between submission and approval: what is left, what is reversed, the calendar."""
    assert asked.amount is not None and asked.value_date is not None and asked.program is not None
    fiscal_year_of(asked.program, asked.value_date)
    if asked.reverses is not None:
        check_is_reversible(asked.reverses)
    elif asked.draws_on is not None:
        check_can_be_drawn_on(asked, asked.draws_on)  # type: ignore[arg-type]
        check_enough_left(asked.draws_on, asked.amount)
        check_fits_its_authority(asked)
    elif asked.authority is not None:
        check_fits_its_authority(asked)
        check_can_commit_under(
            asked.authority,
            amount=asked.amount,
            day=asked.value_date,
            fiscal_year=fiscal_year_of(asked.program, asked.value_date),
        )


def fiscal_year_of(program: Program, day: date) -> int:
    """The fiscal year of a day by the calendar of the program's owner."""
    try:
        return program.owner.calendar().period_of(day).year
    except Refused as refusal:
        raise Refused({"value_date": refusal.sentence}) from refusal


# --- Authorities -----------------------------------------------------------


def check_can_change_authority(user: User, authority: Authority) -> None:
    to = "propose changes of an authority and record its stages"
    check_holds(user, Role.OFFICER, organisation=authority.organisation, to=to)


def check_can_decide_change(user: User, change: AuthorityChange) -> None:
    """An approver of the organisation who did not propose it; once."""
    to = "confirm or decline changes of an authority"
    check_holds(user, Role.APPROVER, organisation=change.authority.organisation, to=to)
    if change.status != ChangeStatus.PROPOSED:
        raise Refused(f"This change is {change.status} already: nothing is left to decide.")
    check_transition(CHANGE_TRANSITIONS, change.status, ChangeStatus.CONFIRMED)
    if change.proposed_by_id == user.pk:
        raise NotAllowed("You proposed this change: another person confirms or declines it.")


def check_ceiling_can_change(
    authority: Authority, kind: str, fiscal_year: int, amount: Money
) -> None:
    """What a ceiling needs, now and again when it is confirmed. `amount` is signed: a lowering is negative."""
    if not authority.currency:
        raise Refused(
            "This authority states no currency, so it can have no ceiling: "
            "record an authority that states it."
        )
    if amount.currency != authority.currency:
        raise Refused(
            {"amount": f"The authority is in {authority.currency}: state its ceiling in that."}
        )
    check_is_fiscal_year(authority, fiscal_year)
    year = year_of(authority, fiscal_year, authority.currency)
    ceiling = year.ceiling if year is not None else None
    if kind == ChangeKind.SET:
        _check_can_be_set(year, fiscal_year, amount)
    elif ceiling is None:
        raise Refused({"kind": f"No ceiling is set for FY{fiscal_year}: set it first."})
    elif year is not None and ceiling + amount < year.committed:
        raise Refused(
            {
                "amount": f"{year.committed} is committed under this authority in FY{fiscal_year}: its ceiling "
                f"cannot be lowered from {ceiling} to {ceiling + amount}. Reverse commitments first."
            }
        )


def _check_can_be_set(year: AuthorityYear | None, fiscal_year: int, amount: Money) -> None:
    if year is None:
        return
    if year.ceiling is not None:
        raise Refused(
            {"kind": f"The ceiling of FY{fiscal_year} is set to {year.ceiling}: raise or lower it."}
        )
    if amount < year.committed:
        raise Refused(
            {
                "amount": f"{year.committed} is committed under this authority in FY{fiscal_year} already: "
                f"a ceiling of {amount} would be broken at once. Reverse commitments first."
            }
        )


def check_is_fiscal_year(authority: Authority, fiscal_year: int) -> None:
    """A year that the calendar of the authority's owner knows."""
    if not EARLIEST.year <= fiscal_year <= LATEST.year:
        raise Refused({"fiscal_year": f"FY{fiscal_year} cannot be right: check the year."})
    try:
        authority.organisation.calendar().period_of_year(fiscal_year)
    except Refused as refusal:
        raise Refused({"fiscal_year": refusal.sentence}) from refusal


def check_has_stage(authority: Authority, stage: str) -> None:
    ladder = LADDERS[AuthorityKind(authority.kind)]
    if stage not in ladder:
        kind = authority.get_kind_display()
        known = ", ".join(one.label for one in ladder)
        raise Refused(
            {"stage": f"The ladder of this kind ({kind}) has no such rung: choose one of {known}."}
        )


def year_of(authority: Authority, fiscal_year: int, currency: str) -> AuthorityYear | None:
    """The kept sums of an authority's fiscal year; None where nothing was set or committed."""
    return AuthorityYear.objects.filter(
        authority=authority, fiscal_year=fiscal_year, currency=currency
    ).first()


def check_fits_its_authority(asked: "Voucher | VoucherVersion") -> None:
    """Currency and purpose: a ceiling bounds its own currency, and replenishment stays with replenishment."""
    if asked.reverses_id is not None or asked.authority is None:
        return
    authority, parent = asked.authority, asked.draws_on
    if parent is not None:
        if parent.authority_id is not None and parent.authority_id != authority.pk:
            raise Refused(
                {
                    "authority": f"The commitment stands under “{parent.authority}”: "
                    "leave the authority empty or choose that one."
                }
            )
        if parent.purpose != authority.purpose:
            raise Refused(
                {
                    "authority": f"This authority is for {authority.get_purpose_display()}, the commitment is for "
                    f"{parent.get_purpose_display()}: one never counts as the other."
                }
            )
    elif authority.currency and asked.currency and authority.currency != asked.currency:
        raise Refused(
            {
                "currency": f"The authority “{authority.title}” is in {authority.currency}: "
                f"commit in {authority.currency}, or choose an authority in {asked.currency}."
            }
        )


def check_can_commit_under(
    authority: Authority, *, amount: Money, day: date, fiscal_year: int
) -> None:
    """A new commitment: the authority is available on its day, and its year's ceiling bears it."""
    if authority.available_to is not None and day > authority.available_to:
        ended = say_date(authority.available_to, "day")
        raise Refused(
            {
                "authority": f"“{authority.title}” ended on {ended}: it takes no commitment of a later "
                "day. Choose an authority that is available."
            }
        )
    if authority.available_from is not None and day < authority.available_from:
        begins = say_date(authority.available_from, "day")
        raise Refused(
            {
                "authority": f"“{authority.title}” is available from {begins} on: "
                "it takes no commitment of an earlier day."
            }
        )
    year = year_of(authority, fiscal_year, amount.currency)
    if year is None or year.ceiling is None:
        return
    left = year.ceiling - year.committed
    if amount > left:
        raise Refused(
            {
                "amount": f"Only {left} is left under the ceiling of “{authority.title}” for FY{fiscal_year} "
                f"({year.ceiling}), and {amount} was asked for: lower the amount, or have the ceiling raised."
            }
        )


def purpose_of(authority: Authority | None, draws_on: Transaction | None) -> str:
    """Aid or replenishment: what draws on a commitment has the commitment's, else the authority says it."""
    if draws_on is not None:
        return draws_on.purpose
    return Purpose.AID if authority is None else authority.purpose
