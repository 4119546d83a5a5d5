"""Limits in force, approving that was handed over, declared interests, and postings in an emergency."""

from datetime import date, timedelta

from tests.factories.accounts import administrators_of, make_person
from tests.factories.ledger import make_voucher, money, submit
from tracker.accounts.models import Organisation, Role, User
from tracker.ledger import actions
from tracker.ledger.models import (
    Delegation,
    EmergencyPosting,
    InterestDeclaration,
    InterestEnd,
    SigningLevel,
    SigningLimit,
    VoucherVersion,
)
from tracker.programs.models import Program

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


# --- Interests -------------------------------------------------------------


def declare(person: User, **says) -> InterestDeclaration:
    """An interest in an organisation (`concerns`) or a payee, or that there is nothing."""
    kind = "organisation" if "concerns" in says else "payee" if "payee" in says else "nothing"
    return actions.declare_interest(kind=kind, by=person, **says)


def end_interest(declaration: InterestDeclaration, by: User | None = None) -> InterestDeclaration:
    """Over: said by the person, confirmed by an administrator of their office (`by` if given)."""
    end = propose_end(declaration)
    by = by or administrators_of(declaration.person.organisation)[0]
    actions.decide_interest_end(end=end, confirm=True, by=by)
    return InterestDeclaration.objects.get(pk=declaration.pk)


def propose_end(declaration: InterestDeclaration) -> InterestEnd:
    return actions.end_interest(
        declaration=declaration, reason="The shares were sold.", by=declaration.person
    )


# --- Emergencies -----------------------------------------------------------


def post_in_emergency(version: VoucherVersion, by: User, reason="The road closes today."):
    posting = actions.approve_in_emergency(version=version, reason=reason, by=by)
    return EmergencyPosting.objects.select_related("version__voucher").get(pk=posting.pk)


def make_emergency(program: Program, amount="300.00") -> EmergencyPosting:
    """A commitment that needed two signatures and was posted with one; the office has a table."""
    if not program.owner.signing_limits.exists():
        set_table(program.owner)
    version = submit(make_voucher(program, amount=money(amount)))
    return post_in_emergency(version, make_senior(program.owner))


def review(posting: EmergencyPosting, ratify=True, words="The road was closed.", by=None):
    by = by or make_approver(posting.version.program.owner)
    return actions.review_emergency(posting=posting, ratify=ratify, words=words, by=by)
