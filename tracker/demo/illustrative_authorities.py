"""The illustrative program's authorities: ceilings of two persons, a ladder, and a change that waits."""

from datetime import date

from tracker.demo.people import Cast
from tracker.ledger import actions
from tracker.ledger.models import Authority, AuthorityKind, ChangeKind, Purpose, Stage
from tracker.shared.money import Money

LAW = "Aid Act 2024, section 12 (illustrative)"


def record(cast: Cast) -> Authority:
    """An appropriation with a ceiling for two years, one raised, one lowering that waits for its second person."""
    act = actions.create_authority(
        organisation=cast.ministry,
        title="Medical evacuation appropriation (illustrative)",
        legal_basis=LAW,
        kind=AuthorityKind.APPROPRIATION,
        currency="USD",
        dates=actions.Dates("dated", date(2025, 1, 1), date(2027, 12, 31)),
        by=cast.officer,
    )
    _ceiling(cast, act, ChangeKind.SET, 2025, "7000000.00", date(2024, 12, 12), "As enacted.")
    _ceiling(
        cast, act, ChangeKind.RAISE, 2025, "2500000.00", date(2025, 1, 15), "Six more teams train."
    )
    _ceiling(cast, act, ChangeKind.SET, 2026, "3000000.00", date(2025, 12, 10), "As enacted.")
    why = "The second half of the simulators moves to 2027."
    _ceiling(
        cast, act, ChangeKind.LOWER, 2026, "500000.00", date(2026, 9, 30), why, confirmed=False
    )
    for stage, amount, day in (
        (Stage.REQUESTED, "10000000.00", date(2024, 6, 3)),
        (Stage.APPROPRIATED, "9500000.00", date(2025, 1, 15)),
        (Stage.ALLOTTED, "9000000.00", date(2025, 2, 1)),
    ):
        actions.state_stage(
            authority=act,
            fiscal_year=2025,
            stage=stage,
            amount=Money.of(amount, "USD"),
            stated_on=day,
            citation="Budget report 2025, page 12 (illustrative)",
            by=cast.officer,
        )
    return act


def record_replenishment(cast: Cast) -> Authority:
    """Money that buys back the donor's own stock: it stands apart from aid."""
    stock = actions.create_authority(
        organisation=cast.ministry,
        title="Replenishment of depots (illustrative)",
        legal_basis="Budget Act 2026, title 3 (illustrative)",
        kind=AuthorityKind.APPROPRIATION,
        purpose=Purpose.REPLENISHMENT,
        currency="USD",
        dates=actions.Dates("no_year"),
        by=cast.officer,
    )
    _ceiling(cast, stock, ChangeKind.SET, 2026, "1000000.00", date(2025, 12, 10), "As enacted.")
    return stock


def _ceiling(
    cast: Cast,
    authority: Authority,
    kind: str,
    fiscal_year: int,
    amount: str,
    day: date,
    reason: str,
    *,
    confirmed: bool = True,
) -> None:
    change = actions.propose_ceiling(
        authority=authority,
        kind=kind,
        fiscal_year=fiscal_year,
        amount=Money.of(amount, "USD"),
        legal_reference=authority.legal_basis,
        reason=reason,
        stated_on=day,
        by=cast.officer,
    )
    if confirmed:
        actions.decide_change(change=change, confirm=True, by=cast.approver)
