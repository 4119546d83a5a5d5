"""Limits in force, and approving that was handed over."""

from datetime import date, timedelta

from tests.factories.accounts import administrators_of, make_person
from tests.factories.ledger import money
from tracker.accounts.models import Organisation, Role, User
from tracker.ledger import actions
from tracker.ledger.models import Delegation, SigningLevel, SigningLimit

ONE, TWO, WITH_SENIOR = SigningLevel


def propose_limit(organisation: Organisation, level: str = ONE, up_to="100.00", **says):
    """A limit in USD that waits for the second administrator; from today on, for every kind."""
    currency = says.pop("currency", "USD")
    defaults = {
        "valid_from": organisation.today(),
        "legal_reference": "Order on signatures, section 3",
        "by": administrators_of(organisation)[0],
    }
    return actions.propose_limit(
        organisation=organisation,
        level=level,
        currency=currency,
        up_to=None if up_to is None else money(up_to, currency),
        **defaults | says,
    )


def confirm_limit(limit: SigningLimit, by: User | None = None) -> SigningLimit:
    by = by or administrators_of(limit.organisation)[1]
    actions.decide_limit(limit=limit, confirm=True, by=by)
    return SigningLimit.objects.select_related("organisation", "decision").get(pk=limit.pk)


def set_limit(organisation: Organisation, level: str = ONE, up_to="100.00", **says) -> SigningLimit:
    """In force: proposed by one administrator, confirmed by the other."""
    return confirm_limit(propose_limit(organisation, level, up_to, **says))


def set_table(organisation: Organisation, one="100.00", two="500.00", senior="9000.00", **says):
    """The whole table in USD: one approver, two, two of whom one senior; above the last nobody."""
    for level, up_to in ((ONE, one), (TWO, two), (WITH_SENIOR, senior)):
        set_limit(organisation, level, up_to, **says)


def make_approver(organisation: Organisation, **fields) -> User:
    return make_person(Role.APPROVER, organisation=organisation, **fields)


def make_senior(organisation: Organisation, **fields) -> User:
    return make_person(Role.SENIOR_APPROVER, organisation=organisation, **fields)


def propose_delegation(delegator: User, delegate: User, organisation: Organisation, **says):
    """From today for a week, waiting for a third person."""
    today = organisation.today()
    days = {"valid_from": today, "valid_until": today + timedelta(days=7)}
    return actions.propose_delegation(
        organisation=organisation, delegate=delegate, by=delegator, **days | says
    )


def delegate(delegator: User, to: User, organisation: Organisation, **says) -> Delegation:
    """In force: confirmed by an administrator."""
    made = propose_delegation(delegator, to, organisation, **says)
    by = administrators_of(organisation)[0]
    actions.decide_delegation(delegation=made, confirm=True, by=by)
    return Delegation.objects.select_related("organisation").get(pk=made.pk)


def days_later(monkeypatch, days: int) -> date:
    """The calendar moves on for every organisation; nothing else does."""
    later = Organisation.today
    monkeypatch.setattr(Organisation, "today", lambda self: later(self) + timedelta(days=days))
    return Organisation().today()
