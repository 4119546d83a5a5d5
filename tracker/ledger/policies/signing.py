"""Who may sign a version: by which role, on whose behalf, and whether the signature is of use."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from django.db.models import Q

from tracker.accounts.models import SIGNERS, Membership, Role, User
from tracker.accounts.policies import check_holds
from tracker.ledger.models import (
    Approval,
    ChangeStatus,
    Delegation,
    Voucher,
    VoucherVersion,
)
from tracker.ledger.policies.interests import Interests, parties_of, payee_of
from tracker.ledger.policies.table import Asked, check_signatures_asked, has_senior
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused

TO = "approve or return vouchers"


@dataclass(frozen=True)
class Power:
    """By what somebody may sign: a role of their own, or one that was handed to them."""

    role: str
    delegation: Delegation | None = None

    @property
    def senior(self) -> bool:
        return self.role == Role.SENIOR_APPROVER


@dataclass(frozen=True)
class Powers:
    """By what somebody may sign on a day; never empty."""

    day: date
    held: Sequence[Power]


@dataclass(frozen=True)
class Signature:
    """A signature that may be given now: what was asked for, by which power, and whether it is the last one."""

    asked: Asked
    power: Power
    completes: bool
    day: date


def delegations_on(day: date, **of: object) -> list[Delegation]:
    """Confirmed delegations in force on a day, the oldest first. `of` narrows them down."""
    rows = Delegation.objects.filter(decision__verdict=ChangeStatus.CONFIRMED, ending=None, **of)
    rows = rows.filter(valid_from__lte=day, valid_until__gte=day)
    return list(rows.select_related("delegator", "delegate").order_by("pk"))


def _roles(person: User, voucher: Voucher) -> list[str]:
    """The signing roles that a person holds over a voucher, the senior one first."""
    over = Q(organisation=voucher.organisation_id)
    if voucher.program_id is not None:
        over |= Q(program=voucher.program_id)
    held = Membership.objects.in_force().filter(over, person=person, role__in=SIGNERS)
    found = set(held.values_list("role", flat=True))
    return [role for role in reversed(SIGNERS) if role in found]


def powers_of(user: User, voucher: Voucher, day: date) -> list[Power]:
    """By what the person may sign on a day: their own roles, then those of whom they stand in for."""
    if not user.is_authenticated or not user.is_active:
        return []
    own = [Power(role) for role in _roles(user, voucher)]
    handed = delegations_on(day, delegate=user, organisation=voucher.organisation_id)
    return [*own, *(Power(role, d) for d in handed for role in _roles(d.delegator, voucher))]


def check_is_approver(user: User, voucher: Voucher) -> Powers:
    """Somebody with a signing role of their own, or with one that is handed to them today."""
    day = voucher.organisation.today()
    if not (held := powers_of(user, voucher, day)):
        _refuse_who_holds_nothing(user, voucher, day)
    return Powers(day, held)


def _refuse_who_holds_nothing(user: User, voucher: Voucher, day: date) -> NoReturn:
    ended = (
        Delegation.objects.filter(
            delegate=user,
            organisation=voucher.organisation_id,
            decision__verdict=ChangeStatus.CONFIRMED,
        )
        .filter(Q(valid_until__lt=day) | Q(ending__isnull=False))
        .select_related("delegator", "ending")
        .order_by("-valid_until")
        .first()
    )
    if ended is not None:
        raise NotAllowed(_say_ended(ended))
    if voucher.program is not None:
        check_holds(user, *SIGNERS, program=voucher.program, to=TO)
    check_holds(user, *SIGNERS, organisation=voucher.organisation, to=TO)
    raise NotAllowed(f"You hold no role that lets you {TO}: ask an administrator.")


def _say_ended(delegation: Delegation) -> str:
    ending = getattr(delegation, "ending", None)
    last = delegation.valid_until if ending is None else ending.ended_on
    return (
        f"{delegation.delegator} handed you the approving until {say_day(last)}: that delegation has ended. "
        "Leave this voucher to an approver, or have a new delegation confirmed."
    )


def check_can_sign(user: User, version: VoucherVersion, may: Powers) -> Signature:
    """A signature that has not been given, by a power that has not been used, and that is of use.

    The rest (role, hand in the voucher, state, content) is asked before.
    """
    given = list(
        version.approvals.select_related("approver", "delegation__delegator").order_by("pk")
    )
    _check_signs_once(user, version, given, may.day)
    asked = check_signatures_asked(version, may.day)
    powers = _usable(may.held, version, given)
    wanted = asked.senior and not has_senior(given)
    power = min(powers, key=lambda p: (wanted and not p.senior, bool(p.delegation)), default=None)
    if power is None:
        raise NotAllowed(
            "You could sign on behalf of others only, and each of them has signed this version, had a hand in it or "
            "has an interest in it: another approver has to sign."
        )
    enough = len(given) + 1 >= asked.signatures
    if enough and wanted and not power.senior:
        raise NotAllowed(
            "What this version still needs is the signature of a senior approver: yours would not complete it. "
            f"{asked.why}"
        )
    return Signature(asked, power, enough, may.day)


def _check_signs_once(
    user: User, version: VoucherVersion, given: Sequence[Approval], day: date
) -> None:
    """Nobody signs twice, neither by their own hand nor by that of a stand-in."""
    if any(row.approver_id == user.pk for row in given):
        raise Refused(
            f"You have signed version {version.number} of voucher {version.voucher.number} already: "
            "the other signature has to be somebody else's."
        )
    for row in given:
        if row.delegation is not None and row.delegation.delegator_id == user.pk:
            raise NotAllowed(
                f"{row.approver} has signed this version on your behalf: another approver has to sign."
            )
    if not given:
        return
    signers = [row.approver_id for row in given]
    organisation = version.voucher.organisation_id
    for one in delegations_on(day, organisation=organisation, delegator=user, delegate__in=signers):
        raise NotAllowed(
            f"You handed your approving to {one.delegate} until {say_day(one.valid_until)}, who has signed this "
            "version: another approver has to sign."
        )
    for one in delegations_on(day, organisation=organisation, delegate=user, delegator__in=signers):
        raise NotAllowed(
            f"You stand in for {one.delegator} until {say_day(one.valid_until)}, who has signed this version: "
            "another approver has to sign."
        )


def _usable(
    powers: Sequence[Power], version: VoucherVersion, given: Sequence[Approval]
) -> list[Power]:
    """Without those of people who had a hand in the voucher or an interest in it, or for whom somebody has signed."""
    used = {row.delegation.delegator_id for row in given if row.delegation is not None}
    used |= {row.approver_id for row in given}
    if any(power.delegation for power in powers):
        used |= set(version.voucher.edits.values_list("person", flat=True))
    return [p for p in powers if p.delegation is None or _lends(p.delegation, version, used)]


def _lends(delegation: Delegation, version: VoucherVersion, used: AbstractSet[int]) -> bool:
    """Could the one who handed it over sign this version in person?"""
    if delegation.delegator_id in used:
        return False
    interests = Interests.of(delegation.delegator)
    return not (interests and interests.touch(parties_of(version), [payee_of(version)]))
