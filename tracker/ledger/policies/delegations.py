"""Who may put limits in force and hand approving over, and when that fits."""

from datetime import date

from django.db.models import Q

from tracker.accounts.models import SIGNERS, Membership, Organisation, Role, User
from tracker.accounts.policies import check_holds, holds
from tracker.ledger.models import (
    CHANGE_TRANSITIONS,
    DELEGATION_TRANSITIONS,
    ChangeStatus,
    Delegation,
    DelegationStatus,
    SigningLimit,
)
from tracker.shared.dates import say_day
from tracker.shared.errors import NotAllowed, Refused
from tracker.shared.states import check_transition

STANDS_IN = (Role.OFFICER, *SIGNERS, Role.DISCLOSURE)


def _held_within(person: User, organisation: Organisation, *roles: str) -> bool:
    """Does the person hold one of the roles over the organisation or over one of its programs?"""
    over = Q(organisation=organisation) | Q(program__owner=organisation)
    return Membership.objects.in_force().filter(over, person=person, role__in=roles).exists()


# --- Limits ----------------------------------------------------------------


def check_can_propose_limit(user: User, organisation: Organisation) -> None:
    """An administrator: nobody who signs says how much they may sign, and administrators sign nothing."""
    to = "propose or decide on its delegation of authority"
    check_holds(user, Role.ADMINISTRATOR, organisation=organisation, to=to)


def check_limit_days_fit(organisation: Organisation, first: date, last: date | None) -> None:
    today = organisation.today()
    if first < today:
        raise Refused(
            {
                "valid_from": f"A limit begins today ({say_day(today)}) or later: what was signed before was "
                "signed under what held then."
            }
        )
    if last is not None and last < first:
        raise Refused({"valid_until": "The last day lies before the first one."})


def check_can_decide_limit(user: User, limit: SigningLimit) -> None:
    """A second administrator, once."""
    check_can_propose_limit(user, limit.organisation)
    if limit.status != ChangeStatus.PROPOSED:
        raise Refused(f"This limit is {limit.status} already: nothing is left to decide.")
    check_transition(CHANGE_TRANSITIONS, limit.status, ChangeStatus.CONFIRMED)
    if limit.proposed_by_id == user.pk:
        raise NotAllowed("You proposed this limit: another administrator confirms or declines it.")


# --- Delegations -----------------------------------------------------------


def check_can_delegate(user: User, organisation: Organisation) -> None:
    if not _held_within(user, organisation, *SIGNERS):
        check_holds(user, *SIGNERS, organisation=organisation, to="hand their approving over")


def check_delegation_fits(
    delegator: User, delegate: User, organisation: Organisation, first: date, last: date
) -> None:
    """To somebody of the organisation's staff who sees vouchers, for days that lie ahead, to one person at a time."""
    if delegate.pk == delegator.pk:
        raise Refused({"delegate": "Choose somebody else: you sign for yourself anyway."})
    if not delegate.is_active or not _held_within(delegate, organisation, *STANDS_IN):
        raise Refused(
            {
                "delegate": f"{delegate} holds no role of {organisation.label} in which vouchers are read (officer, "
                "approver or disclosure officer): choose somebody who does."
            }
        )
    if _held_within(delegate, organisation, Role.AUDITOR, Role.ADMINISTRATOR):
        raise Refused(
            {
                "delegate": f"{delegate} is an auditor or an administrator here, who never approves: "
                "choose somebody else."
            }
        )
    _check_delegation_days_fit(delegator, organisation, first, last)


def _check_delegation_days_fit(
    delegator: User, organisation: Organisation, first: date, last: date
) -> None:
    today = organisation.today()
    if first < today:
        raise Refused(
            {"valid_from": f"A delegation begins today ({say_day(today)}) or later, never before."}
        )
    if last < first:
        raise Refused({"valid_until": "The last day lies before the first one."})
    others = Delegation.objects.filter(delegator=delegator, organisation=organisation, ending=None)
    others = others.exclude(decision__verdict=DelegationStatus.DECLINED)
    other = others.filter(valid_from__lte=last, valid_until__gte=first).first()
    if other is not None:
        raise Refused(
            {
                "valid_from": f"From {say_day(other.valid_from)} to {say_day(other.valid_until)} your approving is "
                f"handed to {other.delegate} already: end that first, or choose other days."
            }
        )


def check_can_decide_delegation(user: User, delegation: Delegation) -> None:
    """An approver or administrator of the organisation who is neither of the two, before its last day is over."""
    organisation = delegation.organisation
    roles = (*SIGNERS, Role.ADMINISTRATOR)
    check_holds(user, *roles, organisation=organisation, to="confirm or decline delegations")
    if delegation.status != DelegationStatus.PROPOSED:
        label = DelegationStatus(delegation.status).label
        raise Refused(f"This delegation is {label} already: nothing is left to decide.")
    if user.pk in (delegation.delegator_id, delegation.delegate_id):
        raise NotAllowed("This delegation is from you or to you: a third person decides on it.")
    if delegation.valid_until < organisation.today():
        raise Refused(
            f"Its last day was {say_day(delegation.valid_until)}: nothing is left to confirm. Propose a new one."
        )


def check_can_end_delegation(user: User, delegation: Delegation) -> None:
    """Either of the two, or an administrator: taking power away needs no second person."""
    involved = user.pk in (delegation.delegator_id, delegation.delegate_id)
    if not involved and not holds(user, Role.ADMINISTRATOR, organisation=delegation.organisation):
        raise NotAllowed(
            "Only the two persons of a delegation or an administrator of the organisation may end it."
        )
    check_transition(DELEGATION_TRANSITIONS, delegation.status, DelegationStatus.ENDED)
    if delegation.valid_until < delegation.organisation.today():
        raise Refused(
            f"It ended on {say_day(delegation.valid_until)} by itself: nothing is left to end."
        )
