"""Who may sign for the illustrative ministry: the table, one of two signatures, an emergency, delegations, interests."""

from datetime import date, timedelta

from tracker.demo.illustrative_money import Desk, Payments
from tracker.demo.people import Cast
from tracker.ledger import actions
from tracker.ledger.models import InterestKind, SigningLevel, VoucherKind
from tracker.programs.models import Program
from tracker.shared.money import Money

ORDER = "Order on signatures 2026, section 3 (illustrative)"
TABLE = (
    (SigningLevel.ONE, "250000.00"),
    (SigningLevel.TWO, "1500000.00"),
    (SigningLevel.WITH_SENIOR, "10000000.00"),
)


def sign(cast: Cast, program: Program, payments: Payments) -> None:
    """Put the table in force and leave something for every signer."""
    _table(cast)
    desk = Desk(cast, program, number=100)
    equipment = payments["simulator"].draws_on
    pay, day = VoucherKind.DISBURSEMENT, date(2026, 11, 12)
    desk.submit(
        desk.draft(pay, "38600.00", day, "Radios for two evacuation teams", draws_on=equipment)
    )
    waiting = desk.submit(
        desk.draft(pay, "612000.00", day, "Upkeep of the simulators", draws_on=equipment)
    )
    actions.approve_voucher(version=waiting, by=cast.approver)
    urgent = desk.submit(
        desk.draft(pay, "431000.00", day, "Generators for the field hospital", draws_on=equipment)
    )
    actions.approve_in_emergency(
        version=urgent,
        reason="The ship leaves tonight, and the second approver cannot be reached before tomorrow.",
        by=cast.senior,
    )
    _delegations(cast)
    _interests(cast)


def _table(cast: Cast) -> None:
    """Two administrators stand behind each limit; one more waits for the second of them."""
    first, second = cast.administrators
    for currency in ("USD", "EUR"):
        for level, up_to in TABLE:
            limit = actions.propose_limit(
                organisation=cast.ministry,
                level=level,
                currency=currency,
                up_to=Money.of(up_to, currency),
                valid_from=cast.ministry.today(),
                legal_reference=ORDER,
                by=first,
            )
            actions.decide_limit(limit=limit, confirm=True, by=second)
    actions.propose_limit(
        organisation=cast.ministry,
        level=SigningLevel.ONE,
        kind=VoucherKind.REVERSAL,
        currency="USD",
        up_to=Money.of("50000.00", "USD"),
        valid_from=cast.ministry.today(),
        legal_reference="Order on signatures 2026, section 4 (illustrative)",
        by=second,
    )


def _delegations(cast: Cast) -> None:
    """One confirmed for a leave that lies ahead, one that waits for a third person."""
    leave = cast.ministry.today() + timedelta(days=14)
    confirmed = actions.propose_delegation(
        organisation=cast.ministry,
        delegate=cast.second_officer,
        valid_from=leave,
        valid_until=leave + timedelta(days=13),
        by=cast.approver,
    )
    actions.decide_delegation(delegation=confirmed, confirm=True, by=cast.administrators[0])
    actions.propose_delegation(
        organisation=cast.ministry,
        delegate=cast.approver,
        valid_from=leave + timedelta(days=30),
        valid_until=leave + timedelta(days=40),
        by=cast.senior,
    )


def _interests(cast: Cast) -> None:
    """One in a payee, one declaration that there is nothing, and one that is said to be over."""
    actions.declare_interest(
        kind=InterestKind.PAYEE,
        payee="Rotor Service (illustrative)",
        note="A relative works there.",
        by=cast.second_officer,
    )
    actions.declare_interest(kind=InterestKind.NOTHING, by=cast.approver)
    over = actions.declare_interest(
        kind=InterestKind.ORGANISATION,
        concerns=cast.training_command,
        note="Taught there until last year.",
        by=cast.second_disclosure,
    )
    reason = "The contract as a teacher has ended."
    actions.end_interest(declaration=over, reason=reason, by=cast.second_disclosure)
