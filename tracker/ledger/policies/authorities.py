"""Who may record and change authorities, and what their ceilings and dates allow."""

from datetime import date

from tracker.accounts.models import SIGNERS, Organisation, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import (
    CHANGE_TRANSITIONS,
    LADDERS,
    Authority,
    AuthorityChange,
    AuthorityKind,
    AuthorityYear,
    ChangeKind,
    ChangeStatus,
    Purpose,
    Transaction,
    Voucher,
    VoucherVersion,
)
from tracker.ledger.policies.transactions import EARLIEST, LATEST
from tracker.shared.dates import say_date
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.money import Money
from tracker.shared.states import check_transition


def check_can_record_authority(user: User, organisation: Organisation) -> None:
    check_holds(user, Role.OFFICER, organisation=organisation, to="record legal authorities")


def check_can_change_authority(user: User, authority: Authority) -> None:
    to = "propose changes of an authority and record its stages"
    check_holds(user, Role.OFFICER, organisation=authority.organisation, to=to)


def check_can_decide_change(user: User, change: AuthorityChange) -> None:
    """An approver of the organisation who did not propose it; once."""
    to = "confirm or decline changes of an authority"
    check_holds(user, *SIGNERS, organisation=change.authority.organisation, to=to)
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
    authority: Authority, *, amount: Money | None, day: date, fiscal_year: int
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
    year = year_of(authority, fiscal_year, amount.currency if amount else authority.currency)
    if year is None or year.ceiling is None:
        return
    if amount is None:
        raise Refused(
            {
                "valuation_basis": f"“{authority.title}” has a ceiling for FY{fiscal_year}, and what is unvalued "
                "cannot be held under it: have it valued first, or choose another authority."
            }
        )
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
